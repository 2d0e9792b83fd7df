"""The brochure as a page and on paper: the same for everyone with a role in the strategy."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.utils.translation import override
from django.views.decorators.http import require_safe

from reporting.brochure import read


@require_safe
def brochure(request, strategy):
    return render(request, "reporting/brochure/brochure.html", {"brochure": read(request.strategy)})


@require_safe
def brochure_pdf(request, strategy):
    from reporting.print.brochure import render as printed  # loads WeasyPrint, which nothing else in a page needs

    with override("de"):  # the words of the house's papers
        answer = HttpResponse(printed(read(request.strategy)), content_type="application/pdf")
    answer["Content-Disposition"] = content_disposition_header(False, f"Broschüre {request.strategy.title}.pdf")
    patch_cache_control(answer, private=True, no_cache=True)
    return answer
