"""The rows of the list of measures, in words.

Long tables are read as plain values and worded once a page: model instances and template filters would cost more
than everything else on it together.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from measures.list_columns import met_of
from measures.models import Measure, Milestone
from measures.quality import with_quality
from strategy.as_of import past_day

ALWAYS_READ = ("pk", "code", "title", "state", "status_on", "lead_unit__number", "lead_unit__name")


@dataclass(slots=True)
class Row:
    code: str
    title: str
    url: str
    unit: str
    select: str
    cells: SafeString
    completeness: str = ""


def rows_of(measures, columns, choices, today):
    """Takes a page's part of a queryset of measures and the ``ChosenColumns``; returns its rows, in one query."""
    if columns.has_completeness:
        measures = with_quality(measures, today)
    if columns.has_milestones:
        measures = measures.annotate(next_milestone=next_milestone())
    reads = dict.fromkeys((*ALWAYS_READ, *(name for column in columns.shown for name in column.reads)))
    words = Wording(choices, today, columns.shown)
    return [words.row(values) for values in measures.values(*reads)]


def next_milestone():
    """The milestone not reached yet that is due next, as {title, due_on, date_precision}."""
    ahead = Milestone.objects.open().filter(measure=OuterRef("pk")).order_by("due_on", "pk")
    told = JSONObject(title="title", due_on="due_on", date_precision="date_precision")
    return Subquery(ahead.values(told=told)[:1])


class Wording:
    """Words, marks and days of one page; what several rows share is made once."""

    def __init__(self, choices, today, columns):
        strategy = choices.strategy
        self.slug, self.lang, self.tags = strategy.slug, strategy.lang, choices.tags
        self.columns, self.today = columns, today
        self.fresh_since = today - timedelta(days=strategy.status_rhythm_days)
        self.states = {state: str(label) for state, label in Measure.State.choices}
        self.select, self.overdue = gettext("Select %(code)s"), gettext("overdue")
        self.as_of = f"?on={today:%Y-%m-%d}" if past_day() else ""
        self.nothing = mark_safe('<span class="muted">–</span>')
        self.made = {}

    def once(self, make, *values):
        key = (make, *values)
        if key not in self.made:
            self.made[key] = make(*values)
        return self.made[key]

    def day(self, text):
        return self.once(date.fromisoformat, text)

    def has_ended(self, values):
        return values["state"] in Measure.ENDED

    def is_stale(self, values):
        status_on = values["status_on"]
        return values["state"] == Measure.State.RUNNING and (status_on is None or status_on < self.fresh_since)

    def row(self, values):
        code = values["code"]
        return Row(
            code=code,
            title=values["title"],
            url=reverse("measures:detail", args=[self.slug, code]) + self.as_of,
            unit=f"{values['lead_unit__number'] or ''} {values['lead_unit__name'] or ''}".strip(),
            select=self.select % {"code": code},
            cells=self.cells(values),
            completeness=met_of(values["rules_asked"], values["rules_broken"]) if "rules_asked" in values else "",
        )

    def cells(self, values):
        made = [self.once(td, column.css, column.cell(values, self)) for column in self.columns]
        return mark_safe("".join(made))  # noqa: S308  each one has been escaped


def td(css, content):
    return format_html('<td role="cell" class="{}">{}</td>', css, content)
