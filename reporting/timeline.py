"""The timeline: where the periods of measures lie between the first and the last year of a strategy.

Geometry in plain numbers and words ready to be read; ``templates/reporting/charts/timeline.html`` draws it, on the page
and on paper.
"""

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from textwrap import wrap

from django.db.models import Prefetch
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from measures.models import Baseline, Measure, Milestone
from measures.period import period_of
from strategy.models import Stage

WIDTH, LEFT, LIGHT, RIGHT = 1160, 452, 426, 1152  # what the row says, its light, the years
HEAD, ROW, LINE, FIELD = 34, 22, 17, 40  # the years, a row of one line, each further line, the name of a field
FOOT = 24  # the word below the line of today
STAGES = 22  # the names of the stages above the years
EDGES = STAGES + HEAD + 4 + FOOT
BAR, POINT, DIAMOND = 8, 8, 5  # height of a bar; point of one without an end; half a milestone
RHOMBUS = f"l{DIAMOND} {DIAMOND}l-{DIAMOND} {DIAMOND}l-{DIAMOND} -{DIAMOND}z"
BEGUN = (Measure.State.RUNNING, Measure.State.PAUSED)
LETTER = 7.4  # width of a letter of a stage's name
LETTERS = 56  # of a title in one line
LONGEST = 11  # years on the axis; what began before stands at its edge


@dataclass(frozen=True)
class Scale:
    """The axis from the beginning of year ``first`` to the end of year ``last``."""

    first: int
    last: int

    @classmethod
    def of(cls, strategy, measures, today):
        """Up to the strategy's last year, back to what began first if ``LONGEST`` allows; today in any case."""
        begins = [measure.starts_on.year for measure in measures if measure.starts_on]
        ends = [measure.ends_on.year for measure in measures if measure.ends_on]
        begins += [strategy.starts_on.year] if strategy.starts_on else []
        last = strategy.ends_on.year if strategy.ends_on else max([today.year + 1, *ends])
        last = max(last, today.year)
        return cls(max(min([today.year, *begins]), min(last - LONGEST + 1, today.year)), last)

    @property
    def years(self):
        return range(self.first, self.last + 1)

    def shows(self, stage):
        """Whether some of its time lies on the axis."""
        begins, ends = stage.starts_on, stage.ends_on
        within = (not begins or begins.year <= self.last) and (not ends or ends.year >= self.first)
        return within and bool(begins or ends)

    def x(self, day, *, end=False):
        """Where a day begins, or where it ends; what lies outside stands at the edge."""
        length = (date(day.year + 1, 1, 1) - date(day.year, 1, 1)).days
        place = day.year + (day.timetuple().tm_yday - (0 if end else 1)) / length
        share = (place - self.first) / (self.last + 1 - self.first)
        return LEFT + max(0, min(1, share)) * (RIGHT - LEFT)


@dataclass(frozen=True)
class Text:
    x: str
    y: str
    words: str
    is_bold: bool = False


@dataclass(frozen=True)
class Band:
    """A stage behind the bars: its ground, its name above the years, and both in words."""

    ground: str
    name: Text
    sentence: str


@dataclass(frozen=True)
class Row:
    """A measure: what stands where, and all of it in one sentence."""

    measure: Measure
    top: str
    height: int
    lines: list[Text]
    light_top: str
    kind: str  # running, waiting, completed, unknown
    bar: str
    over: str
    plan: str
    milestones: dict[str, str]  # outlines by kind: reached, open, late
    sentence: str


@dataclass(frozen=True)
class Chart:
    """Everything as ready text: a number in a template would get the reader's decimal comma."""

    title: str
    width: int
    height: int
    light: int
    years: list[Text]
    grid: str
    stages: list[Band]
    band: str
    fields: list[Text]
    rules: str
    rows: list[Row]
    today: str
    today_word: Text


@dataclass(frozen=True)
class Entry:
    """A measure in the table of the timeline: its period, the plan it is held against, and how far it is off."""

    measure: Measure
    period: str
    plan: str
    deviation: str
    milestones: list


class Timeline:
    """The measures of a queryset in their order by field, held against the plans of ``kind`` where one is asked for."""

    def __init__(self, strategy, measures, today, kind=""):
        self.strategy, self.today, self.kind = strategy, today, kind
        milestones = Prefetch("milestones", Milestone.objects.order_by("due_on", "pk"))
        self.measures = list(
            measures.select_related("field", "light", "lead_unit", "strategy")
            .prefetch_related(milestones)
            .order_by("field__position", "field__letter", "pk")
        )
        self.plans = plans_of(self.measures, kind) if kind else {}
        self.scale = Scale.of(strategy, self.measures, today)

    @cached_property
    def stages(self):
        """Those of which some time lies on the axis."""
        stages = Stage.objects.filter(strategy=self.strategy).order_by("number")
        return [stage for stage in stages if self.scale.shows(stage)]

    @property
    def fields(self):
        """[(field, its entries)] for the table and for small screens."""
        by_field = groupby(self.measures, key=lambda measure: measure.field)
        return [(field, [self.entry(measure) for measure in measures]) for field, measures in by_field]

    def entry(self, measure):
        plan = self.plans.get(measure.pk)
        return Entry(
            measure=measure,
            period=period_of(measure),
            plan=period_of(plan) if plan else "",
            deviation=deviation(measure, plan) if plan else "",
            milestones=list(measure.milestones.all()),
        )

    def chart(self):
        return _Drawing(self, self.measures).chart()

    def charts(self, room):
        """The same in pieces no higher than ``room``, for paper."""
        pieces, left = [], 0
        for _field, measures in groupby(self.measures, key=lambda measure: measure.field):
            for number, measure in enumerate(measures):
                needed = height_of(measure) + (0 if number else FIELD)
                if needed > left:
                    pieces.append([])
                    left, needed = room - EDGES, height_of(measure) + FIELD
                pieces[-1].append(measure)
                left -= needed
        return [_Drawing(self, piece).chart() for piece in pieces]


@dataclass(frozen=True)
class Plan:
    """A period as it was planned."""

    starts_on: date | None
    ends_on: date | None
    date_precision: str
    is_permanent: bool


def plans_of(measures, kind):
    """{measure's id: its latest plan of that kind}, in one query."""
    by_id = {measure.pk: measure for measure in measures}
    plans = {}
    for baseline in Baseline.objects.filter(measure__in=by_id, kind=kind):
        begins, ends = (baseline.plan.get(name) for name in ("starts_on", "ends_on"))
        measure = by_id[baseline.measure_id]
        plans[measure.pk] = Plan(
            date.fromisoformat(begins) if begins else None,
            date.fromisoformat(ends) if ends else None,
            measure.date_precision,
            measure.is_permanent,
        )
    return plans


def deviation(measure, plan):
    """How far the end lies from the planned one, in months; nothing where one of them has no end."""
    if not (measure.ends_on and plan.ends_on):
        return "" if measure.ends_on == plan.ends_on else _("end changed")
    months = (measure.ends_on.year - plan.ends_on.year) * 12 + measure.ends_on.month - plan.ends_on.month
    if not months:
        return _("as planned")
    return ngettext("%(months)+d month", "%(months)+d months", abs(months)) % {"months": months}


class _Drawing:
    """One picture of some of the measures."""

    def __init__(self, timeline, measures):
        self.timeline, self.scale, self.today = timeline, timeline.scale, timeline.today
        self.head = HEAD + (STAGES if timeline.stages else 0)
        self.fields, self.rules, self.rows, top = [], "", [], self.head
        for field, measures_of_field in groupby(measures, key=lambda measure: measure.field):
            self.fields.append(Text("0", f"{top + 24}", str(field)))
            self.rules += f"M0 {top + 31}H{RIGHT}"
            top += FIELD
            for measure in measures_of_field:
                row = self.row(measure, top)
                self.rows.append(row)
                top += row.height
        self.bottom = top + 4

    def chart(self):
        scale, bottom, year = self.scale, self.bottom, self.today.year
        begin, end = scale.x(date(year, 1, 1)), scale.x(date(year, 12, 31), end=True)
        today = scale.x(self.today)
        stages = [self.band(stage) for stage in self.timeline.stages]
        title = _("Periods of the measures from %(first)d to %(last)d") % {"first": scale.first, "last": scale.last}
        return Chart(
            title="; ".join([title, *(band.sentence for band in stages)]),
            width=WIDTH,
            height=bottom + FOOT,
            light=LIGHT,
            years=[
                Text(f"{scale.x(date(one, 7, 2)):.1f}", f"{self.head - 10}", str(one), one == year)
                for one in scale.years
            ],
            grid="".join(f"M{scale.x(date(one, 1, 1)):.1f} {self.head}V{bottom}" for one in scale.years),
            stages=stages,
            band=f"M{begin:.1f} {self.head}H{end:.1f}V{bottom}H{begin:.1f}z",
            fields=self.fields,
            rules=self.rules,
            rows=self.rows,
            today=f"M{today:.1f} {self.head}V{bottom}",
            today_word=Text(f"{today:.1f}", f"{bottom + 16}", _("today"), is_bold=True),
        )

    def band(self, stage):
        """From its first to its last day; one without an end goes on to the edge."""
        begin = self.scale.x(stage.starts_on) if stage.starts_on else LEFT
        end = self.scale.x(stage.ends_on, end=True) if stage.ends_on else RIGHT
        letters = int((end - begin - 8) / LETTER)
        name = stage.title if len(stage.title) <= letters else f"{stage.title[: max(0, letters - 1)]}…"
        words = ", ".join(filter(None, [stage.title, _years_of(stage)]))
        return Band(
            f"M{begin + 1:.1f} 0H{end - 1:.1f}V{self.bottom}H{begin + 1:.1f}z",
            Text(f"{begin + 6:.1f}", "16", name),
            words,
        )

    def row(self, measure, top):
        height = height_of(measure)
        middle = top + height / 2
        plan = self.timeline.plans.get(measure.pk)
        return Row(
            measure=measure,
            top=str(top),
            height=height,
            lines=[
                Text("0", f"{top + 15.5 + LINE * number:.1f}", line) for number, line in enumerate(lines_of(measure))
            ],
            light_top=f"{middle - 7:.1f}",
            kind=kind_of(measure),
            bar=self.outline(measure, middle - BAR / 2, BAR),
            over=self.overrun(measure, middle),
            plan=self.outline(plan, middle + BAR / 2 + 2, 2) if plan else "",
            milestones=self.milestones(measure, middle),
            sentence=", ".join(filter(None, [str(measure), period_of(measure), measure.light and measure.light.title])),
        )

    def outline(self, planned, top, height):
        """A bar; one without an end has a point."""
        begin = self.scale.x(planned.starts_on) if planned.starts_on else LEFT
        bottom = top + height
        if planned.ends_on:
            end = max(self.scale.x(planned.ends_on, end=True), begin + 2)
            return f"M{begin:.1f} {top:.1f}H{end:.1f}V{bottom:.1f}H{begin:.1f}z"
        edge, middle = RIGHT - POINT, top + height / 2
        return f"M{begin:.1f} {top:.1f}H{edge}L{RIGHT} {middle:.1f}L{edge} {bottom:.1f}H{begin:.1f}z"

    def overrun(self, measure, middle):
        """From the end to today, where the work goes on."""
        if not (measure.state in BEGUN and measure.ends_on and measure.ends_on < self.today):
            return ""
        begin, end = self.scale.x(measure.ends_on, end=True), self.scale.x(self.today)
        return f"M{begin + 1:.1f} {middle:.1f}H{end:.1f}" if end > begin + 1 else ""

    def milestones(self, measure, middle):
        outlines = {}
        for milestone in measure.milestones.all():
            if self.scale.first <= milestone.due_on.year <= self.scale.last:
                kind = "reached" if milestone.is_reached else "late" if milestone.is_overdue(self.today) else "open"
                corner = f"M{self.scale.x(milestone.due_on):.1f} {middle - DIAMOND:.1f}"
                outlines[kind] = outlines.get(kind, "") + corner + RHOMBUS
        return outlines


def _years_of(stage):
    return "–".join(dict.fromkeys(f"{day.year}" for day in (stage.starts_on, stage.ends_on) if day))


def lines_of(measure):
    return wrap(measure.title, LETTERS) or [""]


def height_of(measure):
    return ROW + LINE * (len(lines_of(measure)) - 1)


def kind_of(measure):
    """How the bar is drawn."""
    if measure.starts_on is None and measure.ends_on is None:
        return "unknown"
    if measure.state == Measure.State.COMPLETED:
        return "completed"
    return "running" if measure.state in BEGUN else "waiting"
