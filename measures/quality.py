"""How complete a measure is, by stated rules: each says what is missing, why it matters and where it is mended.

A rule is asked of the measures under way it has to do with; ``broken`` is a condition of the database, so that
lists and counts ask it of all at once. Nothing is weighed: a measure meets n of the m rules asked of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from operator import or_

from django.db import models
from django.db.models import BooleanField, Case, Exists, OuterRef, Q, Value, When
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from measures.models import Condition, Indicator, IndicatorValue, Measure, Milestone, ResourceRequest, ReviewResponse
from measures.models.measure import WITHOUT_OWNER, stale_on
from strategy.as_of import past_day, today

State = Measure.State
DECIDED = Q(state__in=[State.DECIDED, State.RUNNING, State.PAUSED])
A_YEAR = r"(19|20|21)[0-9][0-9]"
EDIT = "measures.change_measure"


@dataclass(frozen=True)
class Rule:
    """``broken`` takes today and returns a ``Q``; ``place`` takes the measure and returns where it is mended."""

    key: str
    title: str | Promise  # of a measure that breaks it
    why: str | Promise
    how: str | Promise
    broken: Callable
    place: Callable
    asked: Q = field(default_factory=Q)
    permission: str = EDIT  # of whom the place is open to
    of_statements: bool = False  # it tells of statements that only the project group may know of

    @property
    def applies(self):
        """The condition under which it is asked of a measure."""
        return ~Q(state__in=Measure.ENDED) & self.asked

    def breaks(self, on):
        """The condition under which a measure breaks it."""
        return self.applies & self.broken(on)


def of_measure(name, anchor=""):
    return lambda measure: reverse(f"measures:{name}", args=[measure.strategy.slug, measure.code]) + anchor


def edit_of_core(anchor):
    """The form while the text is a draft, then that of an amendment, where one is possible."""

    def place(measure):
        if measure.core_is_open:
            return of_measure("edit", anchor)(measure)
        can_amend = measure.state in Measure.amend.sources
        return of_measure("amend", anchor)(measure) if can_amend else measure.get_absolute_url()

    return place


def has(rows):
    return Q(Exists(rows.filter(measure=OuterRef("pk"))))


def review_of(measure):
    review = measure.reviews.first()
    return review.get_absolute_url() if review else measure.get_absolute_url()


def no_smart_goal(on):
    indicators = Indicator.objects.all()
    dated = Q(ends_on__isnull=False) | Q(goal__regex=A_YEAR) | has(indicators.filter(target_year__isnull=False))
    return Q(goal="") | ~has(indicators.filter(target__isnull=False)) | ~dated


def indicator_with_gaps(on):
    measured = Exists(IndicatorValue.objects.filter(indicator=OuterRef("pk")))
    gaps = Indicator.objects.filter(Q(baseline__isnull=True) | Q(target__isnull=True) | ~measured)
    return has(gaps)


def objections():
    standing = ReviewResponse.objects.objecting().filter(slot__review__state="open")
    return Q(Exists(standing.filter(slot__review__measure=OuterRef("pk"))))


def late_conditions(on):
    late = Condition.objects.to_be_met().filter(due_on__lt=on)
    return Q(Exists(late.filter(response__slot__review__measure=OuterRef("pk"))))


RULES = (
    Rule(
        "stale",
        _("Status out of date"),
        _("A light without a current status says nothing about today."),
        _("Report the status, or remind the lead unit."),
        broken=stale_on,
        asked=Q(state=State.RUNNING),
        place=of_measure("report-status"),
        permission="measures.report_status_measure",
    ),
    Rule(
        "ownerless",
        _("Nobody responsible"),
        _("Without a lead unit and a responsible function nobody is asked, and nobody answers."),
        _("Name the lead unit and the function that is responsible."),
        broken=lambda on: WITHOUT_OWNER,
        place=of_measure("edit", "#id_responsible_function"),
    ),
    Rule(
        "objection",
        _("Objection not settled"),
        _("As long as an objection stands, the agreement cannot be recorded."),
        _("Talk to those who object; the steering team settles it with a reason."),
        broken=lambda on: objections(),
        asked=Q(state__in=[State.IN_REVIEW, State.DECIDED, State.RUNNING]),
        place=review_of,
        of_statements=True,
    ),
    Rule(
        "condition",
        _("Condition overdue"),
        _("A unit has agreed because something was promised by a day, and the day has passed."),
        _("Say how the condition has been met, or agree on another day with the unit."),
        broken=late_conditions,
        place=review_of,
        of_statements=True,
    ),
    Rule(
        "overdue",
        _("Milestone overdue"),
        _("A milestone whose day has passed is either reached or has to be planned anew."),
        _("Enter when it was reached, or give it a new day."),
        broken=lambda on: has(Milestone.objects.overdue(on)),
        asked=DECIDED,
        place=of_measure("edit", "#milestones"),
    ),
    Rule(
        "milestone",
        _("No milestone ahead"),
        _("Without a next milestone nobody sees whether the measure keeps to its plan."),
        _("Add the next milestone with its day."),
        broken=lambda on: ~has(Milestone.objects.open().filter(due_on__gte=on)),
        asked=Q(state__in=[State.DECIDED, State.RUNNING], is_permanent=False),
        place=of_measure("edit", "#milestones"),
    ),
    Rule(
        "goal",
        _("Goal not measurable"),
        _("Whether a goal is reached can only be said where it has a target value and a date."),
        _("Give an indicator a target and a target year; name in the goal by when."),
        broken=no_smart_goal,
        place=edit_of_core("#id_goal"),
    ),
    Rule(
        "indicator",
        _("No indicator"),
        _("Without a figure the report can only tell of what was done, not of what came of it."),
        _("Add an indicator with its unit and its definition."),
        broken=lambda on: ~has(Indicator.objects.all()),
        place=lambda measure: measure.get_absolute_url(),
    ),
    Rule(
        "values",
        _("Indicator without baseline, target or value"),
        _("A trend needs three points: where it began, where it stands, where it is to go."),
        _("Add what is missing to each indicator of the measure."),
        broken=indicator_with_gaps,
        asked=has(Indicator.objects.all()),
        place=lambda measure: f"{measure.get_absolute_url()}#indicators",
    ),
    Rule(
        "resources",
        _("No resources noted"),
        _("What is not noted in time is missing in the next budget."),
        _("Note positions and funds by budget year."),
        broken=lambda on: ~has(ResourceRequest.objects.all()),
        place=lambda measure: measure.get_absolute_url(),
    ),
    Rule(
        "dates",
        _("Beginning or end missing"),
        _("Without dates the measure has no place on the timeline; a permanent task needs its beginning alone."),
        _("Enter the dates as exactly as they are known, a year is enough."),
        broken=lambda on: Q(starts_on__isnull=True) | Q(ends_on__isnull=True, is_permanent=False),
        place=of_measure("edit", "#id_starts_on"),
    ),
    Rule(
        "source",
        _("No source"),
        _("What stands in the report has to be traceable."),
        _("Name the paper or the record that the measure rests on."),
        broken=lambda on: Q(source=""),
        place=of_measure("edit", "#id_source"),
    ),
)
WORDS = [(rule.key, rule.title) for rule in RULES]


@lru_cache(maxsize=4)  # to state them anew for each page of the list would cost a thirtieth of it
def breaks(on):
    """{key: the condition under which a measure breaks that rule on that day}"""
    return {rule.key: rule.breaks(on) for rule in RULES}


def breaking(measures, keys, on=None):
    """The measures that break one of these rules."""
    broken = breaks(on or today())
    return measures.filter(reduce(or_, (broken[key] for key in keys)))


def _sum(conditions):
    return sum((Case(When(one, then=1), default=0) for one in conditions), Value(0))


def with_quality(measures, on=None):
    """Annotate ``rules_asked`` and ``rules_broken``, the numbers of rules."""
    asked = _sum(rule.applies for rule in RULES)
    return measures.annotate(rules_asked=asked, rules_broken=_sum(breaks(on or today()).values()))


@dataclass(frozen=True)
class Count:
    """How many measures break a rule, of how many it is asked of."""

    rule: Rule
    broken: int
    asked: int


def counts(measures, on=None):
    """The ``Count`` of each rule over the measures under way; one query."""
    on = on or today()
    broken = {f"broken_{rule.key}": models.Count("pk", filter=rule.breaks(on)) for rule in RULES}
    asked = {f"asked_{rule.key}": models.Count("pk", filter=rule.applies) for rule in RULES}
    found = measures.under_way().order_by().aggregate(**broken, **asked)
    return [Count(rule, found[f"broken_{rule.key}"], found[f"asked_{rule.key}"]) for rule in RULES]


@dataclass(frozen=True)
class Gap:
    """A rule a measure breaks, and where it is mended by whoever may; else without ``url``."""

    rule: Rule
    url: str


@dataclass(frozen=True)
class Quality:
    """Of one measure: the rules asked of it, and those it breaks."""

    asked: list[Rule]
    broken: list[Gap]

    @property
    def met(self):
        return len(self.asked) - len(self.broken)


def quality_of(measure, actor, on=None):
    """What a measure under way lacks; queries once, and for the places of what it lacks."""
    on = on or today()
    truth = {}
    for rule in RULES:
        truth[f"asked_{rule.key}"] = _as_column(rule.applies)
        truth[f"broken_{rule.key}"] = _as_column(rule.breaks(on))
    found = Measure.objects.filter(pk=measure.pk).annotate(**truth).values(*truth).get()
    sees_statements = actor.has_perm("measures.view_quality", measure)
    told = [rule for rule in RULES if sees_statements or not rule.of_statements]
    asked = [rule for rule in told if found[f"asked_{rule.key}"]]
    broken = [rule for rule in asked if found[f"broken_{rule.key}"]]
    return Quality(asked, [Gap(rule, url_for(rule, measure, actor)) for rule in broken])


def _as_column(condition):
    return Case(When(condition, then=True), default=False, output_field=BooleanField())


def url_for(rule, measure, actor):
    return rule.place(measure) if not past_day() and actor.has_perm(rule.permission, measure) else ""
