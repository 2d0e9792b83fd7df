"""The measures of a strategy as they stood at the end of a past day, under today's rights."""

from contextlib import contextmanager

from django.db.models import Q

from measures.models import (
    Attachment,
    Condition,
    Indicator,
    IndicatorValue,
    Measure,
    MeasureLink,
    Milestone,
    Need,
    Reference,
    ResourceRequest,
    Review,
    ReviewResponse,
    ReviewSlot,
    StaffParticipation,
    StatusUpdate,
    Survey,
    TextVersion,
    WorksAgreement,
)
from measures.models.measure import visible_since
from measures.models.need import visible_since as needs_visible_since
from strategy.as_of import Kind, end_of, standing_on
from strategy.models import (
    CouncilPaper,
    FieldOfAction,
    Light,
    OrganisationalUnit,
    Phase,
    Priority,
    Role,
    Stage,
    Strategy,
)

FRAME = (Strategy, FieldOfAction, Stage, Phase, Priority, Light, OrganisationalUnit, CouncilPaper)
OF_MEASURES = (
    TextVersion,
    StatusUpdate,
    Milestone,
    Indicator,
    IndicatorValue,
    ResourceRequest,
    WorksAgreement,
    Survey,
    Reference,
    Attachment,
    MeasureLink,
    Review,
    ReviewSlot,
    ReviewResponse,
    Condition,
    StaffParticipation,
)


@contextmanager
def standing(strategy, actor, day=None, *, needs=False):
    """The measures of a strategy that this actor may see, as they stood at the end of a past day.

    Takes the ``Strategy``, the ``Actor`` and the day; without a day, or with the present one, nothing is special.
    With ``needs`` those of the staff council are read as of that day, too.
    Yields a queryset of measures. As long as the block lasts, every query for measures, for what belongs to them and
    for the frame (fields, stages, scales, units, papers) reads that day's rows, whoever asks it, and
    ``strategy.as_of.today()`` is that day: so ``overview(measures, strategy)`` or a filter works as it does today.
    What is lazy has to be read within the block; writing such rows there raises RuntimeError.

    There are the measures the actor may see today, on days from which they may read the history, and what has been
    deleted since where that trace is theirs. Asks two queries, and for needs two more; what is read in the block asks
    as many as always.

        with standing(strategy, actor, date(2026, 10, 31)) as measures:
            by_state = dict(measures.values_list("state").annotate(Count("pk")))
    """
    if day is None:
        yield Measure.objects.visible_to(actor).filter(strategy=strategy)
        return
    ids = told_of(strategy, actor, end_of(day))
    kinds = [Kind(Measure, Q(id__in=ids)), *map(Kind, (*FRAME, *OF_MEASURES))]
    if needs:
        kinds.append(Kind(Need, Q(id__in=needs_told_of(strategy, actor, end_of(day)))))
    with standing_on(strategy, day, kinds):
        yield Measure.objects.visible_to(actor).filter(strategy=strategy)


def told_of(strategy, actor, moment):
    """Ids of the measures that may be shown to the actor as they stood at that moment."""
    rows = Measure.objects.visible_to(actor).filter(strategy=strategy)
    rows = list(rows.order_by().only("pk", "strategy_id", "submitted_on", "decided_on"))
    ids = [pk for pk, since in visible_since(rows, actor).items() if since is None or since < moment]
    if actor.holds_any([Role.PROJECT_GROUP], strategy.pk):
        gone = Measure.changes.filter(strategy=strategy, history_type="-", history_date__gte=moment)
        ids += gone.order_by().values_list("id", flat=True)
    return ids


def needs_told_of(strategy, actor, moment):
    """The same of needs: to all but the staff council they are told from their submission on."""
    rows = list(Need.objects.visible_to(actor).filter(strategy=strategy).order_by().only("pk", "strategy_id"))
    ids = [pk for pk, since in needs_visible_since(rows, actor).items() if since is None or since < moment]
    if strategy.pk in actor.strategies_in_person(Role.STAFF_COUNCIL):
        gone = Need.changes.filter(strategy=strategy, history_type="-", history_date__gte=moment)
        ids += gone.order_by().values_list("id", flat=True)
    return ids
