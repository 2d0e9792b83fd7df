"""Figures as people read them: numbers in words of the page's language, findings, tables by budget year."""

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from urllib.parse import urlsplit

from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from measures.models import STALE_AFTER, ResourceRequest
from strategy.as_of import today

from .charts import SMALL, WIDE, Reading, line_chart
from .disclosure import withheld


def figure(value, *, grouped=True, places=None) -> str:
    """1234.5000 as 1.234,5 in German: no empty decimals unless so many ``places`` are asked for, thousands grouped."""
    if value is None:
        return ""
    value = Decimal(str(value)).normalize()
    if places is None:
        places = max(0, -value.as_tuple().exponent)
    value = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return number_format(value, decimal_pos=places, use_l10n=True, force_grouping=grouped and abs(value) >= 1000)


def amount_shown(value, kind) -> str:
    """An amount of resources: positions as they are, euros whole or to the cent."""
    if value is None:
        return ""
    value = Decimal(value)
    if kind == ResourceRequest.Kind.POSITIONS or value == value.to_integral_value():
        return figure(value)
    return number_format(value, decimal_pos=2, use_l10n=True, force_grouping=abs(value) >= 1000)


def source_name(source: str) -> str:
    """Who published it: the site of an address, else the words themselves."""
    host = urlsplit(source).hostname if source.startswith(("http://", "https://")) else None
    return (host or source).removeprefix("www.")


STEADY = Decimal("0.02")  # less than this share of the earlier value is no change


class IndicatorShown:
    """An indicator with its values in order of time: what it says, as sentence, chart and table.

    Whoever takes part also sees what is withheld, marked; for the others (``sees_small`` False) it is not there.
    """

    def __init__(self, indicator, *, sees_small=True):
        self.indicator = indicator
        self.all_values = list(indicator.values.all())
        self.withheld = withheld(indicator, self.all_values)
        for value in self.all_values:
            value.reason_withheld = self.withheld.get(value.pk, "")
            value.is_hidden = bool(value.reason_withheld) and not sees_small
        self.values = [value for value in self.all_values if not value.is_hidden]
        self.dated = [value for value in self.values if value.as_of]
        self.reason_baseline_withheld = self.withheld.get(None, "")
        self.shows_baseline = indicator.baseline is not None and (sees_small or not self.reason_baseline_withheld)

    @cached_property
    def main_source(self):
        names = Counter(source_name(value.source) for value in self.dated)
        return names.most_common(1)[0][0] if names else ""

    @property
    def other_sources(self):
        return sorted({source_name(value.source) for value in self.dated} - {self.main_source})

    @property
    def first(self):
        return self.dated[0] if len(self.dated) > 1 else None

    @property
    def latest(self):
        return self.values[-1] if self.values else None

    @property
    def measured(self):
        """The dated values up to today, without forecasts, of the scope of the newest of them."""
        until_now = [value for value in self.dated if value.begins_on <= today()]
        return [value for value in until_now if value.scope == until_now[-1].scope]

    @property
    def current(self):
        """The newest value that has been measured, or else the newest there is."""
        return self.measured[-1] if self.measured else self.latest

    @property
    def is_stale(self):
        until_now = [value.as_of for value in self.all_values if value.as_of and value.begins_on <= today()]
        return bool(until_now) and max(until_now) < today() - STALE_AFTER

    # What it means

    @property
    def trend(self):
        """How the newest value compares with the one before of the same scope, in words; nothing without two."""
        if len(self.measured) < 2:
            return ""
        before, now = self.measured[-2].value, self.measured[-1].value
        if abs(now - before) < STEADY * abs(before) or now == before:
            return _("steady")
        word = _("rising") if now > before else _("falling")
        direction = self.indicator.direction
        if not direction:
            return word
        is_better = (now > before) == (direction == self.indicator.Direction.MORE)
        return (
            _("%(trend)s, that is better") % {"trend": word}
            if is_better
            else _("%(trend)s, that is worse") % {"trend": word}
        )

    @property
    def distance(self):
        """How far the newest value is from the target, in words."""
        target = self.indicator.target
        if target is None or self.current is None:
            return ""
        missing = target - self.current.value
        if not missing or self.is_reached(missing):
            return _("target reached")
        amount = figure(abs(missing), places=self.indicator.decimals)
        return (
            _("%(amount)s below the target") % {"amount": amount}
            if missing > 0
            else _("%(amount)s above the target") % {"amount": amount}
        )

    def is_reached(self, missing):
        direction = self.indicator.direction
        if not direction and self.shows_baseline:
            direction = "more" if self.indicator.target >= self.indicator.baseline else "less"
        return (direction == "more" and missing < 0) or (direction == "less" and missing > 0)

    @cached_property
    def charts(self):
        """The same chart for wide and for small screens, or nothing where there is no line to draw."""
        drawn = [self._chart(size) for size in (WIDE, SMALL)]
        return drawn if all(drawn) else []

    def _chart(self, size):
        target = self.indicator.target
        words = _("target %(target)s") % {"target": figure(target)} if target is not None else ""
        return line_chart(
            self.readings, size, show=figure, target=float(target) if target is not None else None, target_words=words
        )

    @cached_property
    def readings(self):
        places = self.indicator.decimals
        return [
            Reading(
                value.begins_on + (value.as_of - value.begins_on) / 2,
                float(value.value),
                shown_value(value, places),
                source_name(value.source) != self.main_source,
            )
            for value in self.dated
        ]


def shown_value(value, places=None) -> str:
    """“about 50”: the qualifier belongs to the figure."""
    qualifier = value.get_qualifier_display() if value.qualifier else ""
    return f"{qualifier} {figure(value.value, places=places)}".strip()


class ResourceTable:
    """Resource requests by kind and budget year, with the state of registration in words."""

    def __init__(self, requests):
        kinds = list(ResourceRequest.Kind)
        self.requests = sorted(requests, key=lambda request: (kinds.index(request.kind), request.year))
        self.years = sorted({request.year for request in self.requests})

    def __bool__(self):
        return bool(self.requests)

    @property
    def rows(self):
        """[(kind, its words, [amount or None of each year], [(state, years in words or "")])]."""
        for kind, of_kind in groupby(self.requests, key=lambda request: request.kind):
            requests = list(of_kind)
            by_year = {year: [r for r in requests if r.year == year] for year in self.years}
            cells = [sum(r.amount for r in rows) if rows else None for rows in by_year.values()]
            yield kind, requests[0].get_kind_display(), cells, states_in_words(requests)

    @property
    def papers(self):
        return {request.council_paper for request in self.requests if request.council_paper_id}


def states_in_words(requests):
    """[(state, years)]: without years where all years stand alike."""
    years = {}
    for request in requests:
        years.setdefault(request.get_state_display(), []).append(request.year)
    if len(years) == 1:
        return [(next(iter(years)), "")]
    return [(state, span(of_state)) for state, of_state in years.items()]


def span(years) -> str:
    first, last = min(years), max(years)
    return str(first) if first == last else f"{first}–{last}"
