"""The brochure as a page and on paper: the same for everyone with a role in the strategy."""

from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.utils.translation import override
from django.views.decorators.http import require_safe

from reporting.brochure import digest, read

KEPT = 24 * 60 * 60  # seconds: it names its day, and what has changed since has another digest


@require_safe
def brochure(request, strategy):
    return render(request, "reporting/brochure/brochure.html", {"brochure": read(request.strategy)})


@require_safe
def brochure_pdf(request, strategy):
    with override("de"):  # the words of the house's papers
        answer = HttpResponse(printed(read(request.strategy)), content_type="application/pdf")
    answer["Content-Disposition"] = content_disposition_header(False, f"Broschüre {request.strategy.title}.pdf")
    patch_cache_control(answer, private=True, no_cache=True)
    return answer


def printed(brochure):
    """Its PDF, made once for the same contents; whoever may ask for it has been asked before."""
    name = f"brochure-{digest(brochure)}"
    if not (pdf := cache.get(name)):
        from reporting.print.brochure import render  # loads WeasyPrint, which nothing else in a page needs

        cache.set(name, pdf := render(brochure), KEPT)
    return pdf
