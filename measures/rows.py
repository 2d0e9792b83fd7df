"""The rows of the list of measures, in words.

Long tables are read as plain values and worded once a page: model instances and template filters would cost more
than everything else on it together.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext

from measures.models import Measure, Milestone
from measures.quality import with_quality
from strategy.templatetags.portal import ago, light_mark, progress, shown_date

COLUMNS = (
    "pk",
    "code",
    "title",
    "state",
    "progress",
    "status_on",
    "lead_unit__number",
    "lead_unit__name",
    "light__shape",
    "light__title",
    "priority__title",
)


@dataclass(slots=True)
class Row:
    code: str
    title: str
    url: str
    unit: str
    light: str
    state: str
    priority: str
    progress: str
    age: str
    is_stale: bool
    next_title: str = ""
    next_due: str = ""
    is_late: bool = False
    completeness: str = ""


def rows_of(measures, strategy, today, with_completeness=False):
    """Takes a page's part of a queryset of measures of the strategy; returns its rows, in two queries."""
    rules = ("rules_asked", "rules_broken") if with_completeness else ()
    found = list((with_quality(measures, today) if rules else measures).values(*COLUMNS, *rules))
    ahead = next_milestones([values["pk"] for values in found])
    words = Wording(strategy, today)
    return [words.row(values, ahead.get(values["pk"])) for values in found]


def met_of(asked, broken):
    return gettext("%(met)d of %(asked)d") % {"met": asked - broken, "asked": asked} if asked else ""


def next_milestones(measure_ids):
    """{measure: the milestone not reached yet that is due next}."""
    milestones = Milestone.objects.open().filter(measure__in=measure_ids).order_by("-due_on", "-pk")
    columns = ("measure", "title", "due_on", "date_precision")
    return {values["measure"]: values for values in milestones.values(*columns)}  # the earliest comes last and stays


class Wording:
    """Words, marks and days of one page; what several rows share is made once."""

    def __init__(self, strategy, today):
        self.slug, self.today = strategy.slug, today
        self.fresh_since = today - timedelta(days=strategy.status_rhythm_days)
        self.states = {state: str(label) for state, label in Measure.State.choices}
        self.made = {}

    def once(self, make, *values):
        key = (make, *values)
        if key not in self.made:
            self.made[key] = make(*values)
        return self.made[key]

    def row(self, values, milestone):
        state, status_on = values["state"], values["status_on"]
        is_stale = state == Measure.State.RUNNING and (status_on is None or status_on < self.fresh_since)
        row = Row(
            code=values["code"],
            title=values["title"],
            url=reverse("measures:detail", args=[self.slug, values["code"]]),
            unit=f"{values['lead_unit__number'] or ''} {values['lead_unit__name'] or ''}".strip(),
            light=self.once(light_mark, values["light__shape"], values["light__title"])
            if values["light__shape"]
            else "",
            state=self.states[state],
            priority=values["priority__title"] or "",
            progress=self.once(progress, values["progress"]),
            age=self.once(ago, status_on) if status_on or is_stale else "",
            is_stale=is_stale,
            completeness=self.once(met_of, values["rules_asked"], values["rules_broken"])
            if "rules_asked" in values
            else "",
        )
        if milestone and state not in Measure.ENDED:
            row.next_title = milestone["title"]
            row.next_due = self.once(shown_date, milestone["due_on"], milestone["date_precision"])
            row.is_late = milestone["due_on"] < self.today
        return row
