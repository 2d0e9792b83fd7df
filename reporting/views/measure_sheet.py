"""The sheet of one measure on paper."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from measures.as_of import standing
from measures.forms.as_of import AsOfForm
from measures.views.step import measure_of


@require_safe
def measure_sheet(request, strategy, code):
    """Made anew for each reader, of what this one may see now; of a past day, too, or the page says why not."""
    as_of = AsOfForm(request.GET, request.strategy)
    from reporting.measure_sheet import read  # loads WeasyPrint, which nothing else in a page needs
    from reporting.print.measure_sheet import render

    with standing(request.strategy, request.actor, as_of.day) as measures:
        measure = measures.for_list().filter(code=code).first() if as_of.is_valid() else None
        pdf = measure and render(read(measure, request.actor))
    if pdf is None:
        return redirect(f"{measure_of(request, code).get_absolute_url()}?{request.GET.urlencode()}")
    answer = HttpResponse(pdf, content_type="application/pdf")
    day = f" {as_of.day:%d.%m.%Y}" if as_of.day else ""
    answer["Content-Disposition"] = content_disposition_header(False, f"Maßnahmenblatt {code}{day}.pdf")
    patch_cache_control(answer, private=True, no_cache=True)
    return answer
