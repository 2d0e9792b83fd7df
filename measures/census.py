"""How many measures each question finds: one query reads what they are filtered by, the rest is counted in memory.

The measures of an option are kept as the bits of a number; a filter is the union of its options, a question the
intersection of its filters. So the numbers beside all options, views and ways out cost no query more. What only the
database can tell (rules broken, words found) are columns of that query; words once for each different question.
"""

from collections import defaultdict
from functools import reduce
from operator import or_

from django.db.models import BooleanField, Case, Q, When

from measures import quality
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


class Census:
    """Takes the ``MeasureFilter`` of an address, and what else will be asked: questions as {filter: [values]}."""

    def __init__(self, filters, questions=()):
        self.filters, self.choices = filters, filters.choices
        self.truths = self._truths(searches_in([filters.question, *questions]))
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
            found &= reduce(or_, (self.members[name, option] for option in values))
        return found

    def _truths(self, searches):
        """{(filter, option): condition} of what the database is asked of each measure."""
        rules = quality.breaks(today()) if "rule" in self.choices.words else {}  # nobody else is told of them
        return {
            ("stale", "on"): stale_on(today()),
            ("ownerless", "on"): WITHOUT_OWNER & ~Q(state__in=Measure.ENDED),
            **{("rule", key): condition for key, condition in rules.items()},
            **{("q", text): Q(pk__in=self._hits(text)) for text in searches},
        }

    def _hits(self, text):
        return self.filters.narrowed("q", [text]).order_by().values("pk")

    def _rows(self):
        columns = {f"truth_{place}": as_column(one) for place, one in enumerate(self.truths.values())}
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
        held += [option for option, is_true in zip(self.truths, truths, strict=True) if is_true]
        if unit in self.filters.actor.led_units:
            held.append(("mine", "on"))
        self.everything |= measure
        for option in held:
            self.members[option] |= measure


def searches_in(questions):
    """The different words that are searched for."""
    return list(dict.fromkeys(text for one in questions if one for text in one.get("q", ())))


def as_column(condition):
    return Case(When(condition, then=True), default=False, output_field=BooleanField())
