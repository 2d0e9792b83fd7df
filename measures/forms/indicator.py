"""Indicators and their values as people type them."""

from django import forms
from django.utils.translation import gettext_lazy as _

from measures.models import Indicator, IndicatorValue, Measure
from strategy.models import FieldOfAction

from .fields import FigureField, LineField, PartialDate, PartialDateField, TextField
from .resource import YearField
from .versioned import VersionedForm

Direction = Indicator.Direction
MOST_PEOPLE = 10_000_000
PLACES = [("", _("as typed")), *((str(number), str(number)) for number in range(5))]


def longest(model, field):
    return model._meta.get_field(field).max_length


def any_figure(**options):
    return FigureField(max_digits=16, decimal_places=4, **options)


class PeopleField(forms.IntegerField):
    """How many people a figure rests on: a number, never names."""

    widget = forms.TextInput

    def __init__(self, **options):
        super().__init__(min_value=0, max_value=MOST_PEOPLE, required=False, **options)
        self.widget.attrs |= {"size": 10, "inputmode": "numeric", "autocomplete": "off"}

    def to_python(self, value):
        text = str("" if value is None else value).strip()
        if text and not (text.isascii() and text.isdigit() and len(text) < 12):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return int(text) if text else None


class SourcedForm(VersionedForm):
    """Dates are stored as a day and how exactly it is known: {name of the day: name of the precision}."""

    precisions = {}

    @classmethod
    def values_of(cls, row):
        values = {name: getattr(row, name) for name in cls.names}
        for day, precision in cls.precisions.items():
            values[day] = PartialDate.of(values[day], getattr(row, precision))
        return values

    def changed_values(self):
        values = super().changed_values()
        for day, precision in self.precisions.items():
            if day in values:
                typed = values[day]
                values |= {day: typed and typed.day, precision: typed.precision if typed else self.unknown_precision}
        return values


class IndicatorForm(SourcedForm):
    names = (
        "name",
        "definition",
        "unit",
        "decimals",
        "direction",
        "baseline",
        "baseline_on",
        "baseline_people",
        "target",
        "target_year",
        "source",
    )
    precisions = {"baseline_on": "baseline_precision"}
    unknown_precision = "day"

    name = LineField(label=_("Name"), max_length=longest(Indicator, "name"))
    definition = TextField(
        label=_("Definition"),
        help_text=_("What is counted, of whom, how? So that others come to the same figure."),
        max_length=longest(Indicator, "definition"),
        rows=3,
        required=False,
    )
    unit = LineField(
        label=_("Unit of measurement"),
        help_text=_("For example %, people, days."),
        max_length=longest(Indicator, "unit"),
    )
    decimals = forms.TypedChoiceField(
        label=_("Decimal places"), choices=PLACES, coerce=int, empty_value=None, required=False
    )
    direction = forms.ChoiceField(
        label=_("Direction"), choices=Direction.choices, widget=forms.RadioSelect, required=False, initial=""
    )
    baseline = any_figure(label=_("Baseline"), help_text=_("The figure it all starts from."), required=False)
    baseline_on = PartialDateField(
        label=_("Date of the baseline"),
        help_text=_("For example 31.12.2025, 12.2025 or 2025."),
        at_end=True,
        required=False,
    )
    baseline_people = PeopleField(
        label=_("People the baseline rests on"), help_text=_("Only where it is a figure about people.")
    )
    target = any_figure(label=_("Target"), required=False)
    target_year = YearField(label=_("Target year"), required=False)
    source = LineField(
        label=_("Source"),
        help_text=_("Where baseline and target come from."),
        max_length=longest(Indicator, "source"),
        required=False,
    )

    def clean(self):
        typed = self.cleaned_data
        dated = typed.get("baseline_on") or typed.get("baseline_people") is not None
        if "baseline" in typed and typed["baseline"] is None and dated:
            self.add_error("baseline", _("Please give the value of the baseline."))
        if "target" in typed and typed["target"] is None and typed.get("target_year"):
            self.add_error("target", _("Please give the target that belongs to the year."))
        return typed


class NewIndicatorForm(IndicatorForm):
    """Of one of the measures the person sees, or of the strategy itself."""

    names = ("measure", *IndicatorForm.names)
    links = {"measure": Measure}

    measure = forms.ModelChoiceField(
        Measure.objects.none(),
        label=_("Measure"),
        help_text=_("Without one it is an indicator of the whole strategy."),
        empty_label=_("of the whole strategy"),
        required=False,
    )
    field_order = ["measure"]

    def __init__(self, data=None, *, strategy, measures, measure=None):
        super().__init__(data, strategy=strategy)
        self.fields["measure"].queryset = measures
        self.fields["measure"].initial = measure and measure.pk

    def changed_values(self):
        return super().changed_values() | {"measure": self.cleaned_data["measure"]}


class ValueForm(SourcedForm):
    names = ("value", "qualifier", "as_of", "scope", "people", "source")
    precisions = {"as_of": "date_precision"}
    unknown_precision = IndicatorValue.DatePrecision.UNKNOWN

    value = any_figure(label=_("Value"))
    qualifier = forms.ChoiceField(
        label=_("Qualifier"),
        choices=IndicatorValue.Qualifier.choices,
        widget=forms.RadioSelect,
        required=False,
        initial="",
    )
    as_of = PartialDateField(
        label=_("Date"),
        help_text=_("The day the figure stands for, for example 31.12.2025, 12.2025 or 2025."),
        at_end=True,
        required=False,
    )
    scope = LineField(
        label=_("Scope"),
        help_text=_("Whom or what it covers, for example “Jugendamt”. Empty: everything."),
        max_length=longest(IndicatorValue, "scope"),
        required=False,
    )
    people = PeopleField(
        label=_("People it rests on"),
        help_text=_(
            "A number, never names. Values of fewer than 5 people stay inside: no report and no file shows them."
        ),
    )
    source = LineField(
        label=_("Source"),
        help_text=_("Where the figure comes from: an address, a paper, an evaluation."),
        max_length=longest(IndicatorValue, "source"),
        required=False,
    )


class IndicatorFilterForm(forms.Form):
    """What the overview can be asked."""

    q = forms.CharField(label=_("Search"), max_length=100, required=False)
    field = forms.ChoiceField(label=_("Field of action"), required=False)
    state = forms.ChoiceField(label=_("State of the measure"), required=False)
    stale = forms.BooleanField(label=_("Out of date only"), required=False)

    OWN = "strategy"

    def __init__(self, data, *, strategy):
        super().__init__(data)
        fields = FieldOfAction.objects.filter(strategy=strategy)
        self.fields["field"].choices = [
            ("", _("All")),
            (self.OWN, _("of the whole strategy")),
            *((field.letter, str(field)) for field in fields),
        ]
        self.fields["state"].choices = [("", _("All")), *Measure.State.choices]

    @property
    def is_asked(self):
        return any(self.data.get(name) for name in self.fields)

    def found_in(self, indicators):
        """The indicators that answer; none where the question cannot be understood."""
        if not self.is_valid():
            return indicators.none()
        asked = self.cleaned_data
        if asked["q"]:
            indicators = indicators.search(asked["q"])
        if asked["field"] == self.OWN:
            indicators = indicators.filter(measure=None)
        elif asked["field"]:
            indicators = indicators.filter(measure__field__letter=asked["field"])
        if asked["state"]:
            indicators = indicators.filter(measure__state=asked["state"])
        return indicators.stale() if asked["stale"] else indicators
