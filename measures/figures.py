"""Figures as people read them: numbers in words of the page's language, findings, tables by budget year."""

from collections import Counter
from decimal import Decimal
from itertools import groupby
from urllib.parse import urlsplit

from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from measures.models import ResourceRequest

from .charts import SMALL, WIDE, Reading, line_chart


def figure(value, *, grouped=True) -> str:
    """1234.5000 as 1.234,5 in German: no empty decimals, thousands grouped."""
    if value is None:
        return ""
    value = Decimal(str(value)).normalize()
    places = max(0, -value.as_tuple().exponent)
    return number_format(value, decimal_pos=places, use_l10n=True, force_grouping=grouped and abs(value) >= 1000)


def source_name(source: str) -> str:
    """Who published it: the site of an address, else the words themselves."""
    host = urlsplit(source).hostname if source.startswith(("http://", "https://")) else None
    return (host or source).removeprefix("www.")


class IndicatorShown:
    """An indicator with its values in order of time: what it says, as sentence, chart and table."""

    def __init__(self, indicator):
        self.indicator = indicator
        self.values = list(indicator.values.all())
        self.dated = [value for value in self.values if value.as_of]

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
        return [
            Reading(value.as_of, float(value.value), shown_value(value), source_name(value.source) != self.main_source)
            for value in self.dated
        ]


def shown_value(value) -> str:
    """“about 50”: the qualifier belongs to the figure."""
    qualifier = value.get_qualifier_display() if value.qualifier else ""
    return f"{qualifier} {figure(value.value)}".strip()


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
        """[(kind, [amount or None of each year], [(state, years in words or "")])]."""
        for _kind, of_kind in groupby(self.requests, key=lambda request: request.kind):
            requests = list(of_kind)
            by_year = {year: [r for r in requests if r.year == year] for year in self.years}
            cells = [sum(r.amount for r in rows) if rows else None for rows in by_year.values()]
            yield requests[0].get_kind_display(), cells, states_in_words(requests)

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
