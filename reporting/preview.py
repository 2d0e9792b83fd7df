"""What the preview shows: the paper's own pages, and how many measures of each field have which light."""

from dataclasses import dataclass

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import override

from reporting.models import Projection, Variant
from reporting.print import projection as printed
from reporting.projection import paper_of
from strategy.models import FieldOfAction, Light


@dataclass(frozen=True)
class Preview:
    """A paper, and the table [(field, [count of each light])] with its heads and the day it is true of."""

    variant: Variant
    paper: printed.Paper
    lights: list
    rows: list
    as_of: str = ""

    @property
    def is_public(self):
        return self.variant == Variant.PUBLIC


def preview_of(report, variant):
    """Of a final report what was sealed, else what stands in the database now."""
    if report.is_published and (stored := Projection.objects.filter(report=report, variant=variant).first()):
        return _stored(variant, printed.read(bytes(stored.content)))
    with override(report.strategy.lang):
        paper = paper_of(report, variant, generated=3 if report.predecessor_id else 2)
    if report.paper_only:
        return Preview(variant, paper, [], [], timezone.localdate().isoformat())
    lights = list(Light.objects.filter(strategy=report.strategy_id))
    return Preview(variant, paper, lights, _rows(report, variant, lights), timezone.localdate().isoformat())


def _rows(report, variant, lights):
    measures = report.measures_in_scope()
    if variant == Variant.PUBLIC:
        measures = measures.filter(decided_on__isnull=False)
    fields = FieldOfAction.objects.filter(strategy=report.strategy_id, pk__in=measures.values("field"))
    counted = measures.order_by().values_list("field", "light").annotate(found=Count("pk"))
    counts = {(field, light): found for field, light, found in counted}
    return [(str(field), [counts.get((field.pk, light.pk), 0) for light in lights]) for field in fields]


def _stored(variant, projection):
    if not projection.with_annexes:
        return Preview(variant, projection.paper, [], [], projection.as_of)
    rows = [
        (
            f"{field.letter} {field.title}",
            [sum(measure.light == light.code for measure in field.measures) for light in projection.lights],
        )
        for field in projection.fields
    ]
    return Preview(variant, projection.paper, list(projection.lights), rows, projection.as_of)
