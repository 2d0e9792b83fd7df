"""What the list of needs can be asked: its query parameters as links with their counts."""

from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_
from urllib.parse import urlencode

from django.db.models import Case, Count, F, IntegerField, Q, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from measures.models import Need
from measures.search import NEEDS
from strategy.search import LONGEST, Words

State = Need.State
IN_ORDER = {  # what waits for somebody comes first
    **dict.fromkeys(Need.UNANSWERED, 0),
    State.OBJECTED: 1,
    State.ANSWERED: 2,
    State.SETTLED: 3,
    State.WITHDRAWN: 3,
}
FACETS = {
    "state": (_("State"), [choice for choice in State.choices if choice[0] != State.DRAFT]),
    "kind": (_("Kind"), Need.Kind.choices),
    "urgency": (_("Urgency"), Need.Urgency.choices),
    "outcome": (_("Outcome"), Need.Outcome.choices),
}
VIEWS = {
    "all": (_("All"), ()),
    "unanswered": (_("Answer outstanding"), Need.UNANSWERED),
    "objected": (_("Objection"), (State.OBJECTED,)),
    "answered": (_("To settle"), (State.ANSWERED,)),
    "done": (_("Done"), (State.SETTLED, State.WITHDRAWN)),
}


@dataclass(frozen=True)
class Option:
    """A link that asks for one value more, or for one less where it holds."""

    value: str
    label: str | Promise
    count: int
    query: str
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    name: str
    label: str | Promise
    options: list[Option]


@dataclass
class NeedFilter:
    """Takes the query of an address and the needs the actor may see, drafts left out."""

    data: object
    needs: object
    asked: dict = field(init=False)

    def __post_init__(self):
        self.asked = {name: [value for value in self.data.getlist(name) if value] for name in FACETS}
        self.text = self.data.get("q", "").replace("\x00", "")[:LONGEST].strip()

    @property
    def found(self):
        """Nothing where the question cannot be understood: half an answer would be taken for a whole one."""
        return self.needs.none() if self.unknown else in_order(self.searched.filter(self._condition()))

    @property
    def unknown(self):
        """[(label, value)] of what was asked for and is no word of its scale."""
        return [
            (FACETS[name][0], value)
            for name, values in self.asked.items()
            for value in values
            if value not in dict(FACETS[name][1])
        ]

    @property
    def searched(self):
        return NEEDS.search(self.needs, Words(self.text)) if self.text else self.needs

    @property
    def is_active(self):
        return bool(self.text or any(self.asked.values()))

    @property
    def active(self):
        """[(parameter, value, label)] of every filter that holds."""
        held = [
            (name, value, f"{FACETS[name][0]}: {dict(FACETS[name][1]).get(value, value)}")
            for name, values in self.asked.items()
            for value in values
        ]
        return [*([("q", self.text, f"{_('Search')}: {self.text}")] if self.text else []), *held]

    def _condition(self, *, without=""):
        held = [Q(**{f"{name}__in": values}) for name, values in self.asked.items() if values and name != without]
        return Q(pk=None) if self.unknown else reduce(and_, held, Q())

    def counted(self):
        """(views, facets), each with the number of needs it finds; one query."""
        counts = {f"view_{key}": self._count(states) for key, (_label, states) in VIEWS.items()}
        for name, (_label, choices) in FACETS.items():
            rest = self._condition(without=name)
            counts |= {f"{name}_{value}": Count("pk", filter=rest & Q(**{name: value})) for value, _word in choices}
        numbers = self.searched.order_by().aggregate(**counts)
        return self._views(numbers), self._facets(numbers)

    def _count(self, states):
        return Count("pk", filter=reduce(or_, (Q(state=state) for state in states))) if states else Count("pk")

    def _views(self, numbers):
        views = []
        for key, (label, states) in VIEWS.items():
            is_asked = set(self.asked["state"]) == set(states) and not any(
                values for name, values in self.asked.items() if name != "state"
            )
            kept = {"state": list(states), "q": [self.text] if self.text else [], "on": self.data.getlist("on")}
            query = urlencode(kept, doseq=True)
            if numbers[f"view_{key}"] or key == "all" or is_asked:
                views.append(Option(key, label, numbers[f"view_{key}"], f"?{query}", is_asked))
        return views

    def _facets(self, numbers):
        facets = []
        for name, (label, choices) in FACETS.items():
            options = [
                Option(value, word, numbers[f"{name}_{value}"], self._toggled(name, value), value in self.asked[name])
                for value, word in choices
                if numbers[f"{name}_{value}"] or value in self.asked[name]
            ]
            facets.append(Facet(name, label, options))
        return [facet for facet in facets if len(facet.options) > 1 or any(one.is_chosen for one in facet.options)]

    def _toggled(self, name, value):
        query = self.data.copy()
        values = [one for one in self.asked[name] if one != value]
        query.setlist(name, values if value in self.asked[name] else [*values, value])
        query.pop("page", None)
        return f"?{query.urlencode()}"


def in_order(needs):
    """What waits for an answer by its deadline, then objections, then the rest, the newest first."""
    place = Case(
        *[When(state=state, then=Value(rank)) for state, rank in IN_ORDER.items()],
        default=Value(9),
        output_field=IntegerField(),
    )
    due = Case(When(state__in=Need.UNANSWERED, then=F("due_on")))
    ordered = needs.annotate(place=place, waits_until=due)
    return ordered.order_by("place", F("waits_until").asc(nulls_last=True), "-number")
