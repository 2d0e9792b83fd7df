"""The brochure: what a strategy says of itself to everyone, read once for the page and the paper.

It holds measures that have been decided, in the text in force, and figures that may leave the house: the same for
whoever opens it. Words come in the language of the moment.
"""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from itertools import groupby

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from measures.figures import IndicatorShown, figure, shown_value
from measures.models import Indicator, IndicatorValue, Measure
from measures.period import period_of
from reporting.charts import Mark, decimal_year, line_chart, strip
from reporting.print.projection import Part, iso_day
from strategy.models import FieldOfAction, Stage
from strategy.prose import plain_of
from strategy.templatetags.portal import shown_date

GIST = 420  # letters: what a reader takes in of one measure among fifty
FEWEST_POINTS = 3  # two values are told in words; a course needs more
AHEAD, UNDER_WAY, DONE = "ahead", "running", "completed"
STEPS = {Measure.State.COMPLETED: DONE, Measure.State.RUNNING: UNDER_WAY, Measure.State.PAUSED: UNDER_WAY}


@dataclass(frozen=True, kw_only=True)
class Figure(Part):
    """An indicator as one large number; with its course where enough has been measured."""

    name: str
    value: str
    unit: str
    facts: tuple[str, ...] = ()
    description: str = ""
    marks: tuple[Mark, ...] = ()

    @property
    def chart(self):
        if self.marks:
            return line_chart(self.description, self.marks, width=214, height=58, room=40)


@dataclass(frozen=True, kw_only=True)
class Entry(Part):
    """A measure in a few words."""

    code: str
    title: str
    text: str
    facts: tuple[str, ...]
    figure: Figure | None = None


@dataclass(frozen=True, kw_only=True)
class Counts(Part):
    """Measures by how far they are: the bar, and the words beside it in the order of its parts."""

    completed: int = 0
    running: int = 0
    ahead: int = 0

    @property
    def total(self):
        return self.completed + self.running + self.ahead

    @property
    def parts(self):
        """[(kind, count, words)] of what there is."""
        parts = [
            (DONE, self.completed, _("%(count)d completed")),
            (UNDER_WAY, self.running, _("%(count)d under way")),
            (AHEAD, self.ahead, _("%(count)d decided")),
        ]
        return [(kind, count, words % {"count": count}) for kind, count, words in parts if count]

    @property
    def words(self):
        return ", ".join(words for _kind, _count, words in self.parts)

    @property
    def chart(self):
        """Unlabelled: the words stand beside it."""
        if self.total:
            return strip(
                f"{measures_in_words(self.total)}: {self.words}", [(k, n, "") for k, n, _w in self.parts], width=460
            )


@dataclass(frozen=True, kw_only=True)
class Chapter(Part):
    """A field of action with its measures."""

    letter: str
    title: str
    summary: str
    entries: tuple[Entry, ...]

    @property
    def anchor(self):
        return f"field-{self.letter}"

    @property
    def size(self):
        return measures_in_words(len(self.entries))


@dataclass(frozen=True, kw_only=True)
class StageShown(Part):
    title: str
    summary: str
    when: str
    counts: Counts


@dataclass(frozen=True, kw_only=True)
class Brochure(Part):
    title: str
    subtitle: str
    vision: str
    as_of: str
    is_demo: bool
    figures: tuple[Figure, ...]
    chapters: tuple[Chapter, ...]
    stages: tuple[StageShown, ...]
    counts: Counts

    @property
    def filled(self):
        """The fields that have something to tell."""
        return [chapter for chapter in self.chapters if chapter.entries]

    @property
    def in_numbers(self):
        """“36 measures in 8 fields of action”."""
        fields = ngettext("%(count)d field of action", "%(count)d fields of action", len(self.filled))
        return _("%(measures)s in %(fields)s") % {
            "measures": measures_in_words(self.counts.total),
            "fields": fields % {"count": len(self.filled)},
        }


def measures_in_words(count):
    return ngettext("%(count)d measure", "%(count)d measures", count) % {"count": count}


def read(strategy):
    """The ``Brochure`` of a strategy as of today, in eight queries whatever it holds."""
    measures = list(_measures(strategy))
    stages = Stage.objects.filter(strategy=strategy)
    return Brochure(
        title=strategy.title,
        subtitle=strategy.subtitle,
        vision=strategy.vision,
        as_of=shown_date(timezone.localdate()),
        is_demo=strategy.is_demo,
        figures=tuple(filter(None, map(_figure, _indicators(strategy)))),
        chapters=tuple(_chapters(FieldOfAction.objects.filter(strategy=strategy), measures)),
        stages=tuple(_stage(stage, [m for m in measures if m.stage_id == stage.pk]) for stage in stages),
        counts=_counts(measures),
    )


def digest(brochure):
    """A name for what it tells: of two that tell the same."""
    return hashlib.sha256(json.dumps(asdict(brochure), sort_keys=True, default=str).encode()).hexdigest()


def _measures(strategy):
    """Decided and not dropped; what has no field of action yet is no part of a strategy."""
    return (
        Measure.objects.filter(strategy=strategy, decided_on__isnull=False, field__isnull=False)
        .exclude(state=Measure.State.DROPPED)
        .prefetch_related(Prefetch("indicators", Indicator.objects.order_by("pk").prefetch_related(_values())))
        .order_by("field__position", "field__letter", "pk")
    )


def _indicators(strategy):
    return Indicator.objects.filter(strategy=strategy, measure=None).order_by("pk").prefetch_related(_values())


def _values():
    return Prefetch("values", IndicatorValue.objects.order_by("as_of", "pk"))


def _chapters(fields, measures):
    by_field = {field: list(of_field) for field, of_field in groupby(measures, key=lambda measure: measure.field_id)}
    for field in fields:
        entries = tuple(map(_entry, by_field.get(field.pk, ())))
        yield Chapter(letter=field.letter, title=field.title, summary=field.summary, entries=entries)


def _entry(measure):
    period = period_of(measure) if measure.starts_on or measure.ends_on else ""
    return Entry(
        code=measure.code,
        title=measure.title,
        text=gist(plain_of(measure.description) or measure.goal),
        facts=tuple(filter(None, [str(measure.get_state_display()), period])),
        figure=_best_figure(measure.indicators.all()),
    )


def _best_figure(indicators):
    """A measure has room for one: that with a target, else with most values, of two the earlier."""
    return next(filter(None, map(_figure, sorted(indicators, key=_weight, reverse=True))), None)


def _weight(indicator):
    return indicator.target is not None, len(indicator.values.all())


def _figure(indicator):
    shown = IndicatorShown(indicator, sees_small=False)
    if not shown.current:
        return None
    points = shown.measured if len(shown.measured) >= FEWEST_POINTS else []
    return Figure(
        name=indicator.name,
        value=shown_value(shown.current, indicator.decimals),
        unit=indicator.unit,
        facts=tuple(filter(None, [_when(shown.current), shown.current.scope, _aim(indicator), *_marks_of(shown)])),
        description=_description(indicator, points),
        marks=tuple(_mark(value, indicator) for value in points),
    )


def _when(value):
    return shown_date(value.as_of, value.date_precision) if value.as_of else ""


def _aim(indicator):
    if indicator.target is None:
        return ""
    words = {"target": figure(indicator.target), "year": indicator.target_year}
    return _("target %(target)s by %(year)s") % words if indicator.target_year else _("target %(target)s") % words


def _marks_of(shown):
    """That it is an example, or derived."""
    marks = shown.current.marks()
    return [marks["value"]] if "value" in marks else []


def _mark(value, indicator):
    year = decimal_year(iso_day(value.as_of, value.date_precision))
    return Mark(year, float(value.value), shown_value(value, indicator.decimals))


def _description(indicator, points):
    values = "; ".join(f"{_when(value)}: {shown_value(value, indicator.decimals)}" for value in points)
    return f"{indicator.name} ({indicator.unit}): {values}" if indicator.unit else f"{indicator.name}: {values}"


def _stage(stage, measures):
    begins, ends = (f"{day.year}" if day else "" for day in (stage.starts_on, stage.ends_on))
    when = "–".join(dict.fromkeys(filter(None, [begins, ends])))
    return StageShown(title=stage.title, summary=stage.summary, when=when, counts=_counts(measures))


def _counts(measures):
    steps = [STEPS.get(measure.state, AHEAD) for measure in measures]
    return Counts(completed=steps.count(DONE), running=steps.count(UNDER_WAY), ahead=steps.count(AHEAD))


def gist(text, length=GIST):
    """The first paragraph, as far as whole sentences fit; of one endless sentence as many words as do."""
    first = text.strip().partition("\n")[0].strip()
    if len(first) <= length:
        return first
    cut = first[:length]
    sentences = [match.end(1) for match in re.finditer(r"(?<=\w\w)([.!?])\s", cut)]
    return cut[: sentences[-1]] if sentences else f"{cut.rpartition(' ')[0] or cut} …"
