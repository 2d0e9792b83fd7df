"""Which values may leave the house: none that rests on fewer than five people, and none from which such a one follows.

The rules, for the values of one indicator that bear the same date:

1. A value that rests on fewer than five people is withheld.
2. Where a total and other parts stand beside it, it would be the total less the parts. So the part that rests on the
   fewest people is withheld as well, until what is withheld together rests on five people at least and is more than one
   value. The total is the value that rests on most people, or else the largest.
3. A part, or all parts together, that rest on one to four people fewer than the total tell of those by the difference;
   the smallest part is withheld.
4. The baseline is a value like any other: it is withheld with the values of its date, and where it repeats one.

On a past day, what is withheld today is withheld as well.

Who takes part sees withheld values marked on the pages; reports, files and whoever only looks on never see them.
"""

from decimal import Decimal
from itertools import groupby

from django.utils.translation import gettext_lazy as _

from measures.models import FEWEST_PEOPLE, Indicator
from strategy.as_of import past_day, present

SMALL = _("fewer than 5 people")
FOLLOWS = _("not shown, because a figure of fewer than 5 people would follow from it")


def withheld(indicator, values) -> dict:
    """{id of the value: why it is withheld} of an indicator's values; ``None`` stands for the baseline."""
    values = list(values)
    found = {}
    for _day, of_day in groupby(sorted(values, key=_by_date), key=_by_date):
        found |= _withheld_of_one_date(list(of_day))
    if indicator.baseline is not None:
        _add_baseline(found, indicator, values)
    return getattr(indicator, "withheld_today", {}) | found


def with_values(indicators):
    """Takes a queryset; returns the indicators with their ``values``, on a past day with what is withheld today."""
    rows = list(indicators.prefetch_related("values"))
    if past_day():
        with present():
            of_today = Indicator.objects.filter(pk__in=[row.pk for row in rows]).prefetch_related("values")
            found = {one.pk: withheld(one, one.values.all()) for one in of_today}
        for row in rows:
            row.withheld_today = found.get(row.pk, {})
    return rows


def disclosed(indicator) -> list:
    """The values that may leave the house, in their order; takes ``values`` as they have been prefetched."""
    values = list(indicator.values.all())
    kept_back = withheld(indicator, values)
    return [value for value in values if value.pk not in kept_back]


def _by_date(value):
    return value.as_of.toordinal() if value.as_of else 0


def _size(value):
    """Order of values by the people they rest on; where nobody counted them, by the figure."""
    return (value.people is not None, value.people or 0, abs(Decimal(value.value)))


def _withheld_of_one_date(values):
    found = {value.pk: SMALL for value in values if value.is_small}
    shown = sorted((value for value in values if not value.is_small), key=_size)
    if found:
        people = sum(value.people for value in values if value.is_small)
        count = len(found)
        while len(shown) > 1 and (count < 2 or people < FEWEST_PEOPLE):
            part = shown.pop(0)
            found[part.pk] = FOLLOWS
            count, people = count + 1, people + (FEWEST_PEOPLE if part.people is None else part.people)
    while (part := _part_that_tells(shown)) is not None:
        shown.remove(part)
        found[part.pk] = FOLLOWS
    return found


def _part_that_tells(shown):
    """A part by which, with the total, one to four people could be told; values nobody counted say nothing."""
    counted = [value for value in shown if value.people is not None]
    if len(counted) < 2:
        return None
    *parts, total = counted
    rests = [total.people - part.people for part in parts]
    telling = [part for part, rest in zip(parts, rests, strict=True) if 0 < rest < FEWEST_PEOPLE]
    together = total.people - sum(part.people for part in parts)
    return telling[0] if telling else parts[0] if 0 < together < FEWEST_PEOPLE else None


def _add_baseline(found, indicator, values):
    kept_back = [value for value in values if value.pk in found]
    repeats = any(value.value == indicator.baseline for value in kept_back)
    same_date = indicator.baseline_on and any(value.as_of == indicator.baseline_on for value in kept_back)
    if indicator.has_small_baseline:
        found[None] = SMALL
        for value in values:
            if value.as_of == indicator.baseline_on and value.value == indicator.baseline:
                found.setdefault(value.pk, SMALL)
    elif repeats or same_date:
        found[None] = FOLLOWS
