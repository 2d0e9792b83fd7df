"""The sheet of one measure on paper."""

from django.http import HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from measures.views.step import measure_of


@require_safe
def measure_sheet(request, strategy, code):
    """Made anew for each reader, of what this one may see now."""
    measure = measure_of(request, code)
    from reporting.measure_sheet import read  # loads WeasyPrint, which nothing else in a page needs
    from reporting.print.measure_sheet import render

    answer = HttpResponse(render(read(measure, request.actor)), content_type="application/pdf")
    answer["Content-Disposition"] = content_disposition_header(False, f"Maßnahmenblatt {code}.pdf")
    patch_cache_control(answer, private=True, no_cache=True)
    return answer
