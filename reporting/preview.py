"""What the preview shows: the paper's own pages, and of annex 1 the lights of each field, the ranking and the needs."""

from dataclasses import dataclass

from django.db.models import Count, Prefetch
from django.utils import timezone
from django.utils.translation import override

from measures.models import ResourceRequest
from reporting import need, ranking
from reporting.models import CouncilReport, Projection, Variant
from reporting.print import need as printed_need
from reporting.print import projection as printed
from reporting.print import ranking as printed_ranking
from reporting.print import resources
from reporting.projection import Rows, paper_of, printed_resource
from strategy.models import FieldOfAction, Light


@dataclass(frozen=True)
class Preview:
    """A paper, and of annex 1 the table [(field, [count of each light])], the last round and the needs, of one day."""

    variant: Variant
    paper: printed.Paper
    as_of: str
    lights: list = ()
    rows: list = ()
    last_round: printed.Ranking | None = None
    needs: tuple = ()
    effects: list = ()

    @property
    def is_public(self):
        return self.variant == Variant.PUBLIC

    @property
    def ranking(self):
        return printed_ranking.shown(self.last_round)

    @property
    def needs_tables(self):
        return printed_need.tables_of(self.needs, self.as_of)


def preview_of(report, variant):
    """Of a final report what was sealed, else what stands in the database now."""
    if report.is_published and (stored := Projection.objects.filter(report=report, variant=variant).first()):
        return _stored(variant, printed.read(bytes(stored.content)))
    return preview_now(report, variant, report.measures_in_scope())


def preview_typed(form, variant):
    """Of a draft what stands in the form, saved or not; fields with errors stand as they were stored."""
    typed, report = form.cleaned_data, form.instance
    texts = {field.name for field in report._meta.concrete_fields}
    if wrong := texts & form.errors.keys():
        stored = CouncilReport.objects.get(pk=report.pk)
        for name in wrong:
            setattr(report, name, getattr(stored, name))
    measures = report.measures_in_scope(typed.get("scope_fields"), typed.get("scope_stages"))
    return preview_now(report, variant, measures, Rows(*(rows.typed() for rows in form.rows)))


def preview_now(report, variant, measures, rows=None):
    with override(report.strategy.lang):
        if variant == Variant.PUBLIC:
            measures = measures.filter(decided_on__isnull=False)
        return _of_now(report, variant, timezone.localdate().isoformat(), measures, rows)


def _of_now(report, variant, today, measures, rows):
    paper = paper_of(report, variant, generated=3 if report.predecessor_id else 2, rows=rows)
    if report.paper_only:
        return Preview(variant, paper, today)
    lights = list(Light.objects.filter(strategy=report.strategy_id))
    last_round = ranking.LastRound.read(report.strategy)
    return Preview(
        variant,
        paper,
        today,
        lights,
        _rows(report, measures, lights),
        last_round and last_round.shown_in(variant),
        need.shown_in(need.read(report.strategy), variant),
        _effects(measures, paper.finance_years),
    )


def _effects(measures, years):
    """The tables of the financial effects, from the requests of these years alone."""
    if not years:
        return []
    asked = ResourceRequest.objects.filter(year__in=years)
    rows = measures.prefetch_related(Prefetch("resource_requests", asked)).order_by("field__position", "pk")
    shown = [
        printed.Measure(code=row.code, title=row.title, resources=map(printed_resource, row.resource_requests.all()))
        for row in rows
    ]
    return resources.effects(shown, years)


def _rows(report, measures, lights):
    fields = FieldOfAction.objects.filter(strategy=report.strategy_id, pk__in=measures.values("field"))
    counted = measures.order_by().values_list("field", "light").annotate(found=Count("pk"))
    counts = {(field, light): found for field, light, found in counted}
    return [(str(field), [counts.get((field.pk, light.pk), 0) for light in lights]) for field in fields]


def _stored(variant, projection):
    if not projection.with_annexes:
        return Preview(variant, projection.paper, projection.as_of)
    rows = [
        (
            f"{field.letter} {field.title}",
            [sum(measure.light == light.code for measure in field.measures) for light in projection.lights],
        )
        for field in projection.fields
    ]
    effects = resources.effects(projection.measures, projection.paper.finance_years)
    sealed = projection.ranking, projection.needs, effects
    return Preview(variant, projection.paper, projection.as_of, list(projection.lights), rows, *sealed)
