"""What the list of measures can be asked: its query parameters, one set for page, export and API."""

from collections import defaultdict
from dataclasses import dataclass, field

from django import forms
from django.db.models import Case, CharField, F, IntegerField, Value, When
from django.db.models.functions import Cast, Concat, Length
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, Filter, MultipleChoiceFilter

from measures import quality
from measures.models import Measure
from measures.search import SHEETS
from strategy.filters import StrictFilterSet
from strategy.models import FieldOfAction, Light, OrganisationalUnit, Priority, Stage, Strategy
from strategy.models.unit import subtree
from strategy.search import LONGEST, Words

WARNINGS = (Light.Shape.TRIANGLE, Light.Shape.OCTAGON)
IN_ORDER_OF_STATES = Case(
    *[When(state=state, then=place) for place, state in enumerate(Measure.State)], output_field=IntegerField()
)
ORDERINGS = {
    "care": [F("care")],
    "code": ["field__position", Length("code"), F("code")],
    "title": [F("title")],
    "light": [F("urgency")],
    "state": [IN_ORDER_OF_STATES],
    "priority": [F("priority__position")],
    "stage": [F("stage__number")],
    "begin": [F("starts_on")],
    "end": [F("ends_on")],
    "progress": [F("progress")],
    "milestone": [F("next_due_on")],
    "age": [F("status_on")],
    "completeness": [Value(0) - F("rules_broken")],  # the least complete first
}


@dataclass
class Choices:
    """What the measures of a strategy can be filtered by: {filter: [(value, label)]}; its units as a tree."""

    strategy: Strategy
    words: dict = field(default_factory=lambda: defaultdict(list))
    parents: dict = field(default_factory=dict)
    warnings: list = field(default_factory=list)
    tags: dict = field(default_factory=lambda: defaultdict(list))  # {measure: [names]}

    def label(self, name, value):
        return dict(self.words.get(name, ())).get(value, value)

    def units_below(self, values):
        return subtree({int(value) for value in values}, self.parents)

    def units_above(self, unit):
        """The unit and those it belongs to."""
        while unit is not None:
            yield unit
            unit = self.parents.get(unit)


def choices_of(strategy, measures) -> Choices:
    """All words of the strategy's scales and units, and the tags of these measures, in one query.

    A tag that stands at a hidden draft alone is not told.
    """
    text, nothing = CharField(), Value("")

    def rows(name, found, value, label, position=None, extra=nothing):
        columns = {
            "c_name": Value(name, text),
            "c_value": Cast(value, text),
            "c_label": Cast(label, text),
            "c_place": Cast(position or Value(0), IntegerField()),
            "c_extra": Cast(extra, text),
        }
        return found.order_by().annotate(**columns).values_list(*columns)

    def of(model):
        return model.objects.filter(strategy=strategy)

    def titled(first):
        return Concat(F(first), Value(" "), F("title" if first == "letter" else "name"), output_field=text)

    tagged = Measure.tags.through.objects.filter(measure__in=measures.order_by().values("pk"))
    found = rows("light", of(Light), "code", "title", "position", F("shape")).union(
        rows("field", of(FieldOfAction), "letter", titled("letter"), "position"),
        rows("stage", of(Stage), "number", "title", "number"),
        rows("priority", of(Priority), "code", "title", "position"),
        rows("unit", of(OrganisationalUnit), "pk", titled("number"), extra=F("parent")),
        rows("tag", tagged, "tag__name", "tag__name", extra=F("measure")),
        all=True,
    )
    choices = Choices(strategy)
    for name, value, label, _place, extra in sorted(found, key=lambda row: (row[0], row[3], row[2])):
        if name == "tag":
            choices.tags[int(extra)].append(value)
            if choices.words[name][-1:] == [(value, label)]:
                continue
        choices.words[name].append((value, label.strip()))
        if name == "unit":
            choices.parents[int(value)] = int(extra) if extra else None
        elif name == "light" and extra in WARNINGS:
            choices.warnings.append(value)
    choices.words["state"] = list(Measure.State.choices)
    return choices


@dataclass(frozen=True)
class Picker:
    """A filter with words to choose from: [(value, word)], the values chosen, {value: measures it would find}."""

    name: str
    label: str | Promise
    words: list
    values: list
    counts: dict

    @property
    def options(self):
        """[(value, word, whether it is chosen, how many measures it would find or None)]"""
        return [(value, word, value in self.values, self.counts.get(value)) for value, word in self.words]

    @property
    def chosen(self):
        return [word for value, word in self.words if value in self.values]


class WordsFilter(MultipleChoiceFilter):
    """One or more words of a scale; a value that is not among them is an error, never a guess."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, distinct=False, widget=forms.CheckboxSelectMultiple, **kwargs)


def without_empty(data):
    """A parameter without a value asks nothing."""
    asked = data.copy()
    for name, values in data.lists():
        asked.setlist(name, [value for value in values if value])
    return asked


class FlagFilter(Filter):
    """``?name=on`` asks the queryset method of that name."""

    field_class = forms.BooleanField

    def filter(self, qs, value):
        return getattr(qs, self.field_name)() if value else qs


class MeasureFilter(StrictFilterSet):
    """Takes the query, a queryset of measures the actor may see, the actor and the strategy's ``Choices``."""

    q = CharFilter(method="search", label=_("Search"), max_length=LONGEST)
    light = WordsFilter("light__code", label=_("Light"))
    field = WordsFilter("field__letter", label=_("Field of action"))
    state = WordsFilter("state", label=_("State"))
    unit = WordsFilter(method="of_unit", label=_("Unit"))
    stage = WordsFilter("stage__number", label=_("Stage"))
    priority = WordsFilter("priority__code", label=_("Priority"))
    tag = WordsFilter(method="tagged", label=_("Tag"))
    mine = FlagFilter(method="led_by_actor", label=_("Led by my unit"))
    stale = FlagFilter("stale", label=_("Status out of date"))
    ownerless = FlagFilter("ownerless", label=_("Nobody responsible"))

    rule = WordsFilter(method="breaking", label=_("Gap"))

    FLAGS = ("mine", "stale", "ownerless")

    class Meta:
        model = Measure
        fields = []

    def __init__(self, data, queryset, *, actor, choices):
        super().__init__(without_empty(data), queryset)
        self.actor, self.choices = actor, choices
        if actor.has_perm("measures.view_quality", choices.strategy):
            choices.words["rule"] = quality.WORDS
        for name, words in choices.words.items():
            self.filters[name].extra["choices"] = words

    def search(self, measures, name, text):
        return SHEETS.search(measures, Words(text))

    def of_unit(self, measures, name, values):
        return measures.of_unit(self.choices.units_below(values)) if values else measures

    def tagged(self, measures, name, values):
        return measures.tagged(values) if values else measures

    def breaking(self, measures, name, keys):
        return quality.breaking(measures, keys) if keys else measures

    def led_by_actor(self, measures, name, wanted):
        return measures.of_unit(self.actor.led_units) if wanted else measures

    @cached_property
    def question(self):
        """{filter: [values]} of what holds; None where it cannot be understood."""
        if not self.is_valid():
            return None
        held = {name: value for name, value in self.form.cleaned_data.items() if value}
        return {name: ["on"] if name in self.FLAGS else as_list(value) for name, value in held.items()}

    def asking(self, query):
        """The same measures, asked another question."""
        return MeasureFilter(query, self.queryset, actor=self.actor, choices=self.choices)

    def narrowed(self, name, values):
        """The measures that this filter alone would find."""
        one = self.filters[name]
        return one.filter(self.queryset, list(values) if isinstance(one, WordsFilter) else values[0])

    def pickers(self, census):
        return [
            Picker(name, one.label, self.choices.words[name], self.data.getlist(name), census.options(name))
            for name, one in self.filters.items()
            if name in self.choices.words
        ]

    @property
    def problems(self):
        """[(label, message)] of every parameter that cannot be understood."""
        return [
            (self.filters[name].label, message) for name, messages in self.form.errors.items() for message in messages
        ]

    @property
    def active(self):
        """[(parameter, value, label)] of every filter that holds."""
        held = []
        for name, one in self.filters.items():
            for value in filter(None, self.data.getlist(name)):
                word = "" if name in self.FLAGS else f": {self.choices.label(name, value)}"
                held.append((name, value, f"{one.label}{word}"))
        return held


def as_list(value):
    return value if isinstance(value, list) else [value]


def in_order(measures, ordering, sees_quality=False):
    """Sort as the parameter says, else what is stale or without an owner first, then by light and age of the status."""
    name = ordering.removeprefix("-")
    falling = ordering.startswith("-")
    if name not in ORDERINGS or (name == "completeness" and not sees_quality):
        name, falling = "care", False
    if name == "completeness":
        measures = quality.with_quality(measures)
    if name == "milestone":
        measures = measures.with_next_due()
    keys = [F(key) if isinstance(key, str) else key for key in ORDERINGS[name]]
    if name == "age":
        falling = not falling  # the younger status is the smaller age
    sorted_keys = [key.desc(nulls_last=True) if falling else key.asc(nulls_last=True) for key in keys]
    return (
        measures.with_care()
        .with_urgency()
        .order_by(*sorted_keys, "care", "urgency", F("status_on").asc(nulls_first=True), "pk")
    )
