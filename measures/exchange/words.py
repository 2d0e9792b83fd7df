"""What people write in cells, as the measure's form would be sent it: rows by their names, days, yes and no."""

import re
from datetime import date
from unicodedata import normalize

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from measures.forms.fields import PartialDate

from .columns import DAYS
from .reader import Fault, shown

YES, NO = {"ja", "yes", "j", "y", "x", "1", "true", "wahr"}, {"", "nein", "no", "n", "0", "false", "falsch"}
NAMES = ("letter", "number", "code", "abbreviation", "title", "name")
MOST_NAMED = 12
LANGUAGES = ("de", "en")
WHOLE_DAY = re.compile(
    r"(?P<day>[0-9]{1,2})\.\s?(?P<month>[0-9]{1,2})\.\s?(?P<year>[0-9]{4})"
    r"|(?P<iso>[0-9]{4}-[0-9]{2}-[0-9]{2})"
)


def folded(text) -> str:
    """Equal words are equal, however they are cased, spaced and composed."""
    return " ".join(normalize("NFC", str(text)).casefold().split())


class Names:
    """Rows of one kind by what people call them; only those of the strategy are known."""

    def __init__(self, rows):
        self.whole, self.parts, self.labels = {}, {}, []
        for row in rows:
            self.labels.append(str(row))
            self.whole.setdefault(folded(row), set()).add(row.pk)
            for name in NAMES:
                if part := getattr(row, name, ""):
                    self.parts.setdefault(folded(part), set()).add(row.pk)

    def find(self, text):
        """The id of the row. Raises ValidationError where there is none, or more than one."""
        found = self.whole.get(folded(text)) or self.parts.get(folded(text), set())
        if len(found) > 1:
            raise ValidationError(_("Several are called that. Please write the whole name."))
        if not found:
            if len(self.labels) > MOST_NAMED:
                raise ValidationError(_("There is none of that name here."))
            known = {"names": ", ".join(self.labels) or "–"}
            raise ValidationError(_("There is none of that name here. Possible: %(names)s"), params=known)
        (pk,) = found
        return pk

    def find_all(self, text):
        """Ids of several, one a line or parted by semicolons."""
        lines = [line for line in text.split("\n") if line.strip()]
        names = [[line] if folded(line) in self.whole else line.split(";") for line in lines]
        return [self.find(name) for line in names for name in line if name.strip()]


class Words:
    """Takes the columns and the strategy; asks for each kind of row once."""

    def __init__(self, columns, strategy):
        self.fields = {column.name: column.field for column in columns if column.field}
        self.strategy, self.names, self.choices = strategy, {}, {}

    def typed(self, name, value):
        """The cell as form data.

        Raises:
            ValidationError: the word is not known.
        """
        if isinstance(value, Fault):
            raise ValidationError(value.why)
        field, text = self.fields[name], shown(value)
        if isinstance(field, forms.ModelMultipleChoiceField):
            return self.names_of(field).find_all(text)
        if isinstance(field, forms.ModelChoiceField):
            return self.names_of(field).find(text) if text.strip() else ""
        if isinstance(field, forms.ChoiceField):
            return self.choice(name, text) if text.strip() else ""
        if isinstance(field, forms.BooleanField):
            return self.yes_or_no(value)
        return text

    def names_of(self, field):
        model = field.queryset.model
        if model not in self.names:
            self.names[model] = Names(model.objects.filter(strategy=self.strategy))
        return self.names[model]

    def choice(self, name, text):
        if name not in self.choices:
            self.choices[name] = {folded(value): value for value, _label in self.fields[name].choices}
            for language in LANGUAGES:
                with override(language):
                    self.choices[name] |= {folded(label): value for value, label in self.fields[name].choices}
        if folded(text) not in self.choices[name]:
            possible = {"names": ", ".join(str(label) for _value, label in self.fields[name].choices)}
            raise ValidationError(_("There is none of that name here. Possible: %(names)s"), params=possible)
        return self.choices[name][folded(text)]

    def yes_or_no(self, value):
        word = folded(shown(value))
        if word not in YES | NO:
            raise ValidationError(_("Please write yes or no."))
        return "on" if word in YES else ""


def days_typed(cells, stored, precision):
    """{field: form data} of both days, no more exactly than the precision says.

    Takes {column: cell} as far as the file has them, and {column: value} as stored.
    """
    return {name: as_exact(cells.get(name, stored[name]), precision) for name in DAYS}


def as_exact(value, precision):
    """A whole day as its month or year, if it is known no better; what is written less exactly stays as it is."""
    day = value if isinstance(value, date) else whole_day(shown(value).strip())
    return str(PartialDate(day, precision)) if day else shown(value).strip()


def whole_day(text):
    found = WHOLE_DAY.fullmatch(text)
    try:
        if found and found["iso"]:
            return date.fromisoformat(found["iso"])
        return date(*(int(found[part]) for part in ("year", "month", "day"))) if found else None
    except ValueError:
        return None  # the form says that there is no such day
