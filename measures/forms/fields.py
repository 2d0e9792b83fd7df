"""What people type: texts with line breaks, days known to the day, month or year alone."""

import re
from calendar import monthrange
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import get_format
from django.utils.translation import gettext_lazy as _

from measures.figures import figure
from strategy.models import Light


class TextField(forms.CharField):
    """A text of several lines. Browsers send CR LF; without it two equal texts are equal."""

    widget = forms.Textarea

    def __init__(self, *, rows=4, advice=None, **options):
        super().__init__(**options)
        self.widget.attrs["rows"] = rows
        if advice:
            self.widget.attrs["data-advice"] = advice

    def to_python(self, text):
        return super().to_python(text).replace("\r\n", "\n").replace("\r", "\n")


class Prose(forms.Textarea):
    """A text in prose, with a bar for its signs and a preview."""

    template_name = "components/prose.html"

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        described = context["widget"]["attrs"]
        signs = f"{described.get('id', '')}_signs"
        described["aria-describedby"] = f"{described.get('aria-describedby', '')} {signs}".strip()
        return context


class ProseField(TextField):
    """A text in which paragraphs, lists, bold, italic and links are understood; stored as it was typed."""

    widget = Prose


class LineField(forms.CharField):
    """A text of one line; line breaks, which no browser sends from there, become spaces."""

    def to_python(self, text):
        return " ".join(super().to_python(text).split())


class PartialDate(NamedTuple):
    """A day and how exactly it is known."""

    day: date
    precision: str

    def __str__(self):
        formats = {"day": "%d.%m.%Y", "month": "%m.%Y", "year": "%Y"}
        return self.day.strftime(formats[self.precision])

    @classmethod
    def of(cls, day, precision):
        return cls(day, precision) if day else None


class PartialDateField(forms.CharField):
    """A date as exactly as it is known: 31.12.2026, 12.2026 or 2026; ``at_end`` takes the period's last day.

    ``until`` is the last day that can be meant, a function of no arguments.
    """

    default_error_messages = {
        "invalid": _("Please write a date like 31.12.2026, 12.2026 or 2026."),
        "unknown_day": _("There is no such day in the calendar."),
        "out_of_range": _("Please choose a year from 1900 to 2199."),
        "too_late": _("This day lies in the future."),
    }
    PATTERNS = (
        r"(?P<day>[0-9]{1,2})\.\s?(?P<month>[0-9]{1,2})\.\s?(?P<year>[0-9]{4})",
        r"(?P<month>[0-9]{1,2})\s?[./]\s?(?P<year>[0-9]{4})",
        r"(?P<year>[0-9]{4})",
        r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})",
    )

    def __init__(self, *, at_end=False, until=None, **options):
        super().__init__(max_length=20, **options)
        self.at_end, self.until = at_end, until
        self.widget.attrs["size"] = 12
        self.widget.attrs["autocomplete"] = "off"

    def prepare_value(self, value):
        return str(value) if isinstance(value, PartialDate) else value

    def clean(self, text):
        text = super().clean(text)
        if not text:
            return None
        typed = self.parse(text)
        if self.until and typed.day > self.until():
            raise ValidationError(self.error_messages["too_late"], code="too_late")
        return typed

    def parse(self, text):
        typed = next((found for p in self.PATTERNS if (found := re.fullmatch(p, text))), None)
        if typed is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        parts = {name: int(number) for name, number in typed.groupdict().items()}
        if not 1900 <= parts["year"] <= 2199:
            raise ValidationError(self.error_messages["out_of_range"], code="out_of_range")
        try:
            return PartialDate(self.edge(**parts), precision_of(parts))
        except ValueError as unknown:
            raise ValidationError(self.error_messages["unknown_day"], code="unknown_day") from unknown

    def edge(self, year, month=None, day=None):
        if day is not None:
            return date(year, month, day)
        if not self.at_end:
            return date(year, month or 1, 1)
        last_month = 12 if month is None else month
        return date(year, last_month, monthrange(year, last_month)[1]) if 1 <= last_month <= 12 else date(year, 13, 1)

    def has_changed(self, initial, typed):
        """What is shown counts: 2026 stays 2026, whichever day of the year is stored."""
        return self.prepare_value(initial or "") != (typed or "").strip()


def precision_of(parts):
    return "day" if "day" in parts else "month" if "month" in parts else "year"


class DayField(PartialDateField):
    """A day known as such: 31.12.2026."""

    default_error_messages = {"inexact": _("Please give the day, for example 20.11.2026.")}

    def clean(self, text):
        typed = super().clean(text)
        if typed is None:
            return None
        if typed.precision != "day":
            raise ValidationError(self.error_messages["inexact"], code="inexact")
        return typed.day

    def prepare_value(self, value):
        return value.strftime("%d.%m.%Y") if isinstance(value, date) else super().prepare_value(value)


class FigureField(forms.DecimalField):
    """An exact figure as people write it: 40.000 or 1.234,56 in German, 40,000 or 1,234.56 in English.

    A euro sign and spaces between thousands do no harm; a point with one, two or more than three digits behind it can
    only be meant as the decimal sign, in any language.
    """

    widget = forms.TextInput
    default_error_messages = {"invalid": _("Please write a figure like %(example)s.")}

    def __init__(self, **options):
        super().__init__(**options)
        self.widget.attrs |= {"size": 16, "inputmode": "decimal", "autocomplete": "off"}

    def to_python(self, value):
        if value in self.empty_values:
            return None
        if isinstance(value, Decimal):
            return value
        text = re.sub(r"[ \u00a0\u2009\u202f€]", "", str(value)).replace("\u2212", "-")
        decimal, group = get_format("DECIMAL_SEPARATOR"), get_format("THOUSAND_SEPARATOR")
        grouped = rf"-?[0-9]{{1,3}}(?:{re.escape(group)}[0-9]{{3}})+(?:{re.escape(decimal)}[0-9]+)?"
        plain = rf"-?[0-9]+(?:{re.escape(decimal)}[0-9]+)?"
        if len(text) <= 40 and re.fullmatch(f"{grouped}|{plain}", text):
            return Decimal(text.replace(group, "").replace(decimal, "."))
        if len(text) <= 40 and re.fullmatch(r"-?[0-9]+\.(?:[0-9]{1,2}|[0-9]{4,})", text):
            return Decimal(text)
        example = figure(Decimal("1234.5"))
        raise ValidationError(self.error_messages["invalid"], code="invalid", params={"example": example})

    def prepare_value(self, value):
        return figure(value) if isinstance(value, Decimal) else value


class FoldedBoxes(forms.CheckboxSelectMultiple):
    """Boxes of which the ticked ones come first and the others fold away."""

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        options = [option for _group, options, _index in context["widget"]["optgroups"] for option in options]
        context["chosen"] = [option for option in options if option["selected"]]
        context["others"] = [option for option in options if not option["selected"]]
        return context


class HintedRadios(forms.RadioSelect):
    """Each choice with a sentence about what it means: {value: sentence}."""

    template_name = "measures/edit/hinted_radios.html"

    def __init__(self, hints, **options):
        super().__init__(**options)
        self.hints = hints

    def create_option(self, name, value, *args, **options):
        option = super().create_option(name, value, *args, **options)
        return option | {"hint": self.hints.get(value, ""), "wrap_label": False}


class LightRadios(forms.RadioSelect):
    """Each light with its shape and its word."""

    template_name = "measures/status/lights.html"


class LightField(forms.ModelChoiceField):
    """One of the lights somebody may report."""

    widget = LightRadios

    def __init__(self, strategy, **options):
        reportable = [shape for shape in Light.Shape if Light(shape=shape).is_reportable]
        super().__init__(Light.objects.filter(strategy=strategy, shape__in=reportable), empty_label=None, **options)
