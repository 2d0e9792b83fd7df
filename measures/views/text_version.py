"""The numbered texts of a measure, and what differs between two of them, word by word."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from measures.models import TextVersion

from .step import measure_of
from .texts import text_changes


def versions_of(request, measure):
    versions = TextVersion.objects.visible_to(request.actor).filter(measure=measure)
    return versions.select_related("field", "stage", "lead_unit")


@require_safe
def version_list(request, strategy, code):
    """All versions the person may read, the newest first, each with what it changed."""
    measure = measure_of(request, code)
    versions = list(versions_of(request, measure).order_by("number"))
    for before, version in zip([None, *versions], versions, strict=False):
        version.changed = text_changes(before, version) if before else []
    return render(request, "measures/version_list.html", {"measure": measure, "versions": versions[::-1]})


@require_safe
def version(request, strategy, code, number):
    """One version; beside it another one (``?against=``), or the one before, with the words that differ."""
    measure = measure_of(request, code)
    versions = {row.number: row for row in versions_of(request, measure)}
    shown = get_object_or_404(versions_of(request, measure), number=number)
    others = [other for other in sorted(versions) if other != number]
    earlier = [other for other in others if other < number]
    asked = request.GET.get("against", "")
    against = next((other for other in others if str(other) == asked), earlier[-1] if earlier else None)
    context = {
        "measure": measure,
        "version": shown,
        "others": others,
        "against": versions.get(against),
        "changes": text_changes(versions[against], shown) if against else [],
    }
    return render(request, "measures/version.html", context)
