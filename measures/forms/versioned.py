"""Forms of rows that two people may edit at once."""

from datetime import date
from decimal import Decimal

from django import forms

from measures.models import Tag
from strategy.forms.once import Once

from .fields import PartialDate


class VersionedForm(Once, forms.Form):
    """The form of a row, or of one to be made.

    ``version`` is the one the editor opened, ``names`` are the fields that are compared when somebody else has saved
    in the meantime, ``links`` says which of them lead to one row of which model.
    """

    names = ()
    links = {}

    def __init__(self, data=None, *, strategy, row=None):
        super().__init__(data, initial=self.values_of(row) if row else None)
        self.strategy, self.row = strategy, row
        if row is not None:
            self.fields["version"] = forms.Field(widget=forms.HiddenInput, required=False, initial=row.version)

    @classmethod
    def values_of(cls, row):
        """What the form begins with; also of a row of the history."""
        raise NotImplementedError

    def values(self):
        """{field: value} of everything typed, in the form in which values can be compared."""
        return {name: comparable(self.cleaned_data[name]) for name in self.cleaned_data if name in self.names}

    def changed_values(self):
        return {name: self.cleaned_data[name] for name in self.changed_data if name in self.names}

    def has_anything_changed(self):
        return bool(self.changed_values())

    @property
    def opened_version(self):
        """The version the editor opened, or None where none or none of ours was sent."""
        text = self.data.get("base") or self.data.get("version") or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    def state_of(self, names):
        """How far these fields are filled in, for a checklist: done, open or wrong."""
        if self.is_bound and any(self.errors.get(name) for name in names):
            return "wrong"
        filled = [self[name].value() if name in self.fields else getattr(self.row, name) for name in names]
        return "done" if all(filled) else "open"


def comparable(value):
    """Equal values are equal: rows by their id, several rows as a set."""
    if hasattr(value, "pk"):
        return value.pk
    if value is None or isinstance(value, (str, bool, int, Decimal, date, PartialDate)):
        return value
    return frozenset(getattr(row, "pk", row) for row in value)


def tags_of(rows):
    """Names of the tags that a row or a row of its history has."""
    ids = [getattr(row, "tag_id", row.pk) for row in rows]
    return list(Tag.objects.filter(pk__in=ids).values_list("name", flat=True)) if ids else []


def papers_of(rows):
    """Ids of the council papers that a row or a row of its history names."""
    return sorted(getattr(row, "councilpaper_id", row.pk) for row in rows)


def units_of(rows):
    """Ids of the units that a row or a row of its history names."""
    return sorted(getattr(row, "organisationalunit_id", row.pk) for row in rows)
