"""Which objects have a history of their own, and whose steps belong to it."""

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from measures.models import (
    FEWEST_PEOPLE,
    Condition,
    Indicator,
    IndicatorValue,
    Measure,
    Need,
    RankingRound,
    ResourceRequest,
    Review,
    ReviewResponse,
    ReviewSlot,
    StaffParticipation,
    TextVersion,
)
from measures.models.measure import visible_since
from measures.models.need import visible_since as needs_visible_since
from strategy.history import Root, Steps
from strategy.models import Role

from .told import TOLD, takes_part

FIGURES = {Indicator: ("baseline", "baseline_people"), IndicatorValue: ("value", "qualifier", "people")}


def with_measure(rows, actor):
    """The story of a part begins where that of its measure does; a figure of the whole strategy is everybody's."""
    moments = visible_since([row.measure for row in rows if row.measure_id], actor)
    return {row.pk: moments.get(row.measure_id) for row in rows}


def slots_told(actor):
    """Those of the statements that may be read, and those without an answer: who was reminded is no secret."""
    answered = Q(pk__in=ReviewResponse.objects.visible_to(actor).values("slot"))
    unanswered = Q(state=ReviewSlot.State.OPEN, review__in=Review.objects.visible_to(actor))
    return ReviewSlot.objects.filter(answered | unanswered)


def proposals(actor, strategy_id):
    """What is told of an amendment before it is in force: for those who take part."""
    if takes_part(actor, strategy_id):
        return Q(pk__in=[])
    measure, version = (ContentType.objects.get_for_model(model) for model in (Measure, TextVersion))
    return Q(content_type=measure, verb="amend") | (Q(content_type=version) & ~Q(verb="decide"))


def names_in_measures(measures):
    """Numbers of versions, and who is asked, for slots and statements."""
    versions = TextVersion.objects.filter(measure__in=measures).values_list("pk", "number")
    return {("textversion", str(pk)): number for pk, number in versions} | names_in_reviews(
        Review.objects.filter(measure__in=measures)
    )


def names_in_reviews(reviews):
    slots = ReviewSlot.objects.filter(review__in=reviews).select_related("unit").prefetch_related("responses")
    return {
        key: slot.asked
        for slot in slots
        for key in (
            ("reviewslot", str(slot.pk)),
            *(("reviewresponse", str(response.pk)) for response in slot.responses.all()),
        )
    }


def small_figures(roots, actor):
    """deed -> names of the figures this actor may not read here: one of their indicator rests, or rested, on few."""
    if not roots or actor.has_perm("measures.view_small_values", roots[0]):
        return lambda deed: ()
    ids = [root.pk for root in roots]
    own = Q(measure_id__in=ids) if type(roots[0]) is Measure else Q(id__in=ids)
    rows = Indicator.changes.filter(own)
    small = rows.filter(baseline_people__lt=FEWEST_PEOPLE).values_list("id", flat=True)
    values = IndicatorValue.changes.filter(indicator_id__in=rows.values("id"), people__lt=FEWEST_PEOPLE)
    small = {*small, *values.values_list("indicator_id", flat=True)}
    return lambda deed: FIGURES[deed.model] if deed.model in FIGURES and indicator_of(deed) in small else ()


def indicator_of(deed):
    return deed.row["indicator_id" if deed.model is IndicatorValue else "id"]


def listed(model):
    return lambda actor, strategy: model.objects.visible_to(actor).filter(strategy=strategy)


ROOTS = {
    Measure: Root(
        steps={
            Measure: Steps(),
            TextVersion: Steps("measure", TextVersion.objects.visible_to),
            Review: Steps("measure", Review.objects.visible_to),
            ReviewSlot: Steps("review__measure", slots_told),
            ReviewResponse: Steps("slot__review__measure", ReviewResponse.objects.visible_to),
            Condition: Steps("response__slot__review__measure", Condition.objects.visible_to),
            StaffParticipation: Steps("measure", StaffParticipation.objects.visible_to),
            ResourceRequest: Steps("measure"),
            Need: Steps("measure", Need.objects.visible_to),
        },
        words={
            Need: {"answer": _("Taken up from a need: %(object)s")},
            Review: {verb: TOLD[Review].steps[verb] for verb in ("extend", "withdraw")},  # closing is a step of others
        },
        names=names_in_measures,
        left_out=proposals,
        since=visible_since,
        kept_back=small_figures,
        section=("measures", _("Measures")),
        listed=listed(Measure),
        gone_to=lambda actor, strategy_id: actor.holds_any([Role.PROJECT_GROUP], strategy_id),
    ),
    Need: Root(
        steps={Need: Steps()},
        since=needs_visible_since,
        section=("needs", _("Needs")),
        listed=listed(Need),
        gone_to=lambda actor, strategy_id: strategy_id in actor.strategies_in_person(Role.STAFF_COUNCIL),
    ),
    Review: Root(
        steps={
            Review: Steps(),
            ReviewSlot: Steps("review", slots_told),
            ReviewResponse: Steps("slot__review", ReviewResponse.objects.visible_to),
            Condition: Steps("response__slot__review", Condition.objects.visible_to),
        },
        names=names_in_reviews,
        since=with_measure,
    ),
    TextVersion: Root(steps={TextVersion: Steps()}, left_out=proposals, since=with_measure),
    StaffParticipation: Root(steps={StaffParticipation: Steps()}, since=with_measure),
    ResourceRequest: Root(steps={ResourceRequest: Steps()}, since=with_measure),
    Indicator: Root(
        since=with_measure,
        kept_back=small_figures,
        section=("indicators", _("Indicators")),
        listed=listed(Indicator),
        gone_to=lambda actor, strategy_id: True,
        only=Q(measure=None),  # the others are told with their measure
    ),
    RankingRound: Root(
        steps={RankingRound: Steps()},
        section=("rankings", _("Prioritisation")),
        listed=listed(RankingRound),
    ),
}
