"""How many measures each question finds: one query reads what they are filtered by, the rest is counted in memory.

The measures of an option are kept as the bits of a number; a filter is the union of its options, a question the
intersection of its filters. So the numbers beside all options, views and ways out cost no query more. What only the
database can tell (words found, rules broken) it is asked once for each different question.
"""

from collections import defaultdict
from functools import reduce
from operator import or_

from django.db.models import BooleanField, Case, Q, When

from measures.models import Measure
from measures.models.measure import WITHOUT_OWNER, stale_on
from strategy.as_of import today

COLUMNS = {
    "light": "light__code",
    "field": "field__letter",
    "state": "state",
    "stage": "stage__number",
    "priority": "priority__code",
    "unit": "lead_unit",
}
FOR_THE_DATABASE = ("q", "rule")


class Census:
    """Takes the ``MeasureFilter`` of an address, and what else will be asked: questions as {filter: [values]}."""

    def __init__(self, filters, questions=()):
        self.filters, self.choices = filters, filters.choices
        self.searches = searches_in([filters.question, *questions])
        self.members = defaultdict(int)  # {(filter, option): measures}
        self.everything = 0
        for place, row in enumerate(self._rows()):
            self._enter(1 << place, row)

    def count(self, question):
        """How many measures it finds; none where it cannot be understood (None)."""
        return 0 if question is None else self._found(question).bit_count()

    def options(self, name):
        """{option: number of measures it would find with all the other filters kept}."""
        others = {key: values for key, values in (self.filters.question or {}).items() if key != name}
        found = self._found(others)
        return {value: (self.members[name, value] & found).bit_count() for value, _word in self.choices.words[name]}

    def _found(self, question):
        found = self.everything
        for name, values in question.items():
            options = [tuple(values)] if name in FOR_THE_DATABASE else values
            found &= reduce(or_, (self.members[name, option] for option in options))
        return found

    def _rows(self):
        truths = {
            "stale": stale_on(today()),
            "ownerless": WITHOUT_OWNER & ~Q(state__in=Measure.ENDED),
        }
        for place, (name, values) in enumerate(self.searches):
            hits = self.filters.narrowed(name, values)
            truths[f"search_{place}"] = Q(pk__in=hits.order_by().values("pk"))
        columns = {f"is_{name}": as_column(condition) for name, condition in truths.items()}
        rows = self.filters.queryset.order_by().annotate(**columns)
        return rows.values_list("pk", *COLUMNS.values(), *columns)

    def _enter(self, measure, row):
        """Note the measure, given as its bit, under each of its options."""
        pk, *values = row
        options = dict(zip(COLUMNS, values, strict=False))
        unit = options.pop("unit")
        truths = values[len(COLUMNS) :]
        held = [(name, str(value)) for name, value in options.items() if value is not None]
        held += [("unit", str(above)) for above in self.choices.units_above(unit)]
        held += [("tag", tag) for tag in self.choices.tags[pk]]
        held += [(name, "on") for name, is_true in zip(("stale", "ownerless"), truths, strict=False) if is_true]
        held += [search for search, is_true in zip(self.searches, truths[2:], strict=True) if is_true]
        if unit in self.filters.actor.led_units:
            held.append(("mine", "on"))
        self.everything |= measure
        for option in held:
            self.members[option] |= measure


def searches_in(questions):
    """The different parts of questions that only the database can answer: [(filter, values)]."""
    parts = ((name, tuple(one[name])) for one in questions if one for name in FOR_THE_DATABASE if name in one)
    return list(dict.fromkeys(parts))


def as_column(condition):
    return Case(When(condition, then=True), default=False, output_field=BooleanField())
