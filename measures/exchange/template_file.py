"""A file to start from: the headings of the export, empty rows, and beside them what may be written where."""

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from measures.models import Measure

from .columns import CODE, VERSION, columns_of, is_day
from .words import Words
from .writer import Sheet


def template_sheets(strategy):
    columns = [column for column in columns_of(strategy) if column.field or column.name in (CODE, VERSION)]
    headings = [str(column.heading) for column in columns]
    words = Words(columns, strategy)
    told = [[str(column.heading), what_belongs(column), possible(column, words)] for column in columns]
    guide = [[_("Column"), _("What belongs there"), _("Possible values")], *told]
    return [Sheet(capfirst(Measure._meta.verbose_name_plural), [headings]), Sheet(_("Guide"), guide)]


def what_belongs(column):
    if column.name == CODE:
        return _("The code of a measure that is to be changed. Empty for a new one: the portal gives the code.")
    if column.name == VERSION:
        return _(
            "Comes with the export and shows whether somebody else has changed the measure since. Empty for new ones."
        )
    if is_day(column):
        return _("A day like 31.12.2026, a month like 12.2026 or a year like 2026.")
    if isinstance(column.field, forms.ModelMultipleChoiceField):
        return _("One or more, parted by semicolons.")
    return str(column.field.help_text)


def possible(column, words):
    field = column.field
    if isinstance(field, (forms.ModelChoiceField, forms.ModelMultipleChoiceField)):
        return "\n".join(words.names_of(field).labels)
    if isinstance(field, forms.ChoiceField):
        return "\n".join(str(label) for value, label in field.choices if value)
    if isinstance(field, forms.BooleanField):
        return f"{_('yes')}\n{_('no')}"
    return ""
