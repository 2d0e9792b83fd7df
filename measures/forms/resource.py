"""Positions and funds a measure needs, and the council's answer."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from measures.models import ResourceRequest
from strategy.models import CouncilPaper

from .fields import DayField, FigureField, HintedRadios, LineField
from .step import StepForm
from .versioned import VersionedForm

Kind, Term = ResourceRequest.Kind, ResourceRequest.Term
FIRST_YEAR, LAST_YEAR = 2000, 2099
KINDS = {
    Kind.POSITIONS: _("In full-time equivalents, two half positions are 1."),
    Kind.OPERATING: _("Current expenditure, for example training, campaigns, allowances."),
    Kind.CAPITAL: _("Investments, for example building, vehicles, equipment."),
}


def longest(field):
    return ResourceRequest._meta.get_field(field).max_length


def amount_field(**options):
    return FigureField(max_digits=14, decimal_places=2, min_value=Decimal("0.01"), **options)


class YearField(forms.IntegerField):
    """A year in four digits."""

    widget = forms.TextInput
    default_error_messages = {
        "invalid": _("Please write the year in four digits."),
        "min_value": _("Please choose a year from %(first)d to %(last)d."),
    }

    def __init__(self, **options):
        super().__init__(localize=False, **options)
        self.widget.attrs |= {"size": 6, "inputmode": "numeric", "autocomplete": "off"}

    def to_python(self, value):
        text = str(value or "").strip()
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) == 4):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return int(text)

    def validate(self, value):
        super().validate(value)
        if value is not None and not FIRST_YEAR <= value <= LAST_YEAR:
            years = {"first": FIRST_YEAR, "last": LAST_YEAR}
            raise forms.ValidationError(self.error_messages["min_value"] % years, code="min_value")


class ResourceForm(VersionedForm):
    """What only positions have is refused elsewhere, not dropped: perhaps the kind is what is wrong."""

    names = ("kind", "year", "amount", "term", "until", "pay_grade", "purpose", "source")

    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices, widget=HintedRadios(KINDS))
    year = YearField(label=_("Budget year"), help_text=_("Each year of a double budget on its own, for example 2026."))
    amount = amount_field(label=_("Amount a year"), help_text=_("For example 40,000 or 1.5."))
    term = forms.ChoiceField(
        label=_("Term"), choices=Term.choices, widget=forms.RadioSelect, required=False, initial=""
    )
    until = DayField(
        label=_("Until"), help_text=_("Only for fixed-term positions, for example 31.12.2027."), required=False
    )
    pay_grade = LineField(
        label=_("Pay grade"), help_text=_("For example E 9b or A 11."), max_length=longest("pay_grade"), required=False
    )
    purpose = LineField(
        label=_("Needed for"),
        help_text=_("In a few words, for example “project management”."),
        max_length=longest("purpose"),
        required=False,
    )
    source = LineField(
        label=_("Source"),
        help_text=_("Where the figure comes from: an address, a paper, an estimate."),
        max_length=longest("source"),
        required=False,
    )

    @classmethod
    def values_of(cls, row):
        return {name: getattr(row, name) for name in cls.names}

    def clean(self):
        typed = self.cleaned_data
        if typed.get("kind") and typed["kind"] != Kind.POSITIONS:
            for name in ("term", "until", "pay_grade"):
                if typed.get(name):
                    self.add_error(name, _("Only positions have this; please leave it empty."))
        elif typed.get("until") and typed.get("term") != Term.FIXED:
            self.add_error("until", _("Only fixed-term positions have an end."))
        return typed


class AnswerForm(StepForm):
    """The council's answer: with which paper it came."""

    council_paper = forms.ModelChoiceField(
        CouncilPaper.objects.none(),
        label=_("Council paper"),
        help_text=_("The paper with which the council decided. One that is missing is added under “Council papers”."),
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["council_paper"].queryset = CouncilPaper.objects.filter(strategy=self.subject.strategy_id)


class PartlyForm(AnswerForm):
    granted_amount = amount_field(label=_("Granted"))
    field_order = ["granted_amount", "council_paper"]
