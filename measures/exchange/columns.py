"""The columns in which measures leave and come back: those of the form, and some that are only shown.

A column that can be typed is a field of the measure's form, so that file and page know the same fields, call them
the same and ask the same of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from measures.forms.edit import MeasureForm
from measures.forms.fields import PartialDateField
from measures.models import Measure
from strategy.models import DatePrecision

CODE, VERSION, PRECISION = "code", "version", "date_precision"
DAYS = ("starts_on", "ends_on")
NOT_IN_A_CELL = (forms.FileField, forms.MultiValueField)


@dataclass(frozen=True)
class Column:
    """``field`` is the form's one; without it, what stands in the file is only shown and never taken over."""

    name: str
    heading: str | Promise
    value: Callable
    field: forms.Field | None = None


def columns_of(strategy) -> list[Column]:
    typed = [
        Column(name, field.label, value_of(name, field), field)
        for name, field in MeasureForm(strategy=strategy).fields.items()
        if name in MeasureForm.names and not isinstance(field, NOT_IN_A_CELL)
    ]
    after_days = 1 + max(place for place, column in enumerate(typed) if column.name in DAYS)
    precision = forms.ChoiceField(label=_("Dates are exact to the"), choices=DatePrecision.choices)
    typed.insert(after_days, Column(PRECISION, precision.label, Measure.get_date_precision_display, precision))
    return [Column(CODE, _("Code"), lambda measure: measure.code), *typed, *shown_only()]


def shown_only():
    days = ("status_on", "submitted_on", "decided_on", "started_on", "completed_on")
    plain = ("light", "progress", "priority", *days)
    return [
        Column("state", _("State"), Measure.get_state_display),
        *(Column(name, heading_of(name), plain_value(name)) for name in plain),
        Column("examples", _("Example values"), examples),
        Column(VERSION, _("Row version (please leave)"), lambda measure: measure.version),
    ]


def heading_of(name):
    return capfirst(Measure._meta.get_field(name).verbose_name)


def plain_value(name):
    def value(measure):
        stored = getattr(measure, name)
        return str(stored) if hasattr(stored, "pk") else stored

    return value


def value_of(name, field):
    """How a cell gets what it holds from a measure: rows by their names, days as days."""
    if name in Measure.MANY:
        between = "\n" if isinstance(field, forms.ModelMultipleChoiceField) else ", "
        return lambda measure: between.join(map(str, getattr(measure, name).all()))
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        return lambda measure: dict(field.choices)[getattr(measure, name)] if getattr(measure, name) else ""
    return plain_value(name)


def examples(measure):
    """Which values are none of the city's: the demo says so wherever it is read."""
    labels = {field.name: label_of(field) for field in Measure._meta.get_fields()}
    return ", ".join(labels[name] for name, kind in measure.provenance.items() if kind == "example" and name in labels)


def label_of(field):
    """A field's name, or that of the rows at the other end."""
    return str(capfirst(getattr(field, "verbose_name", None) or field.related_model._meta.verbose_name_plural))


def is_day(column):
    return isinstance(column.field, PartialDateField)
