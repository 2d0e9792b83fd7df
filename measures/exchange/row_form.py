"""A row of a file as the measure's form: what was typed over, against what is stored and what was exported."""

from uuid import uuid4

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _

from measures.forms.edit import MeasureForm
from measures.forms.versioned import comparable
from measures.models import CORE_FIELDS, Measure

from .columns import DAYS, PRECISION, VERSION
from .plan import clipped
from .reader import Fault, shown
from .words import Words, as_exact, days_typed
from .writer import yes_or_no

CORE = frozenset(CORE_FIELDS)
OF_A_PERIOD = frozenset((*DAYS, PRECISION))


class Refused(Exception):
    """The row cannot be taken: [(column, what was typed, messages)]."""

    def __init__(self, reasons):
        super().__init__(reasons)
        self.reasons = reasons

    @classmethod
    def at(cls, name, typed, message):
        return cls([(name, typed, [message])])


class RowForms:
    """Takes the columns and the strategy."""

    def __init__(self, columns, strategy):
        self.columns = {column.name: column for column in columns if column.field}
        self.words, self.strategy = Words(columns, strategy), strategy
        self.fields = MeasureForm(strategy=strategy).fields

    def new(self, cells):
        """The valid form of a new measure. Raises Refused."""
        typed = self.typed(cells)
        data = self.data_of(typed, dict.fromkeys(DAYS) | {PRECISION: "day"})
        return self.checked(MeasureForm(data, strategy=self.strategy), typed)

    def edited(self, measure, cells, milestones):
        """The valid form of the measure with these cells typed over, or nothing where none is. Raises Refused.

        ``milestones`` is the form data of the rows of its milestones that are changed.
        """
        typed = self.typed(cells)
        edited = {name: value for name, value in typed.items() if not is_same(value, self.columns[name].value(measure))}
        base = exported(measure, cells)
        if not edited and not milestones:
            return None
        form = self.form_of(measure, edited, milestones)
        if base is None:
            return form
        if milestones:
            message = _("Somebody else has changed the measure since the export. Please export it again.")
            raise Refused.at(VERSION, shown(cells[VERSION]), message)
        old = self.old_words(form, base, measure)
        rest = {name: value for name, value in edited.items() if name not in old}
        return self.form_of(measure, rest, {}) if rest else None

    def typed(self, cells):
        """The cells that can be typed; how exactly a day is known says nothing where it is left out."""
        typed = {name: value for name, value in cells.items() if name in self.columns}
        if not shown(typed.get(PRECISION)):
            typed.pop(PRECISION, None)
        return typed

    def form_of(self, measure, typed, milestones):
        data = self.data_of(typed, {name: getattr(measure, name) for name in OF_A_PERIOD})
        kept = MeasureForm.values_of(measure)
        if not measure.core_is_open and not CORE.intersection(typed):
            kept = {name: value for name, value in kept.items() if name not in CORE}
        sent = {name: as_sent(self.fields[name], value) for name, value in kept.items()}
        return self.checked(MeasureForm(sent | data | milestones, strategy=self.strategy, row=measure), typed)

    def data_of(self, typed, stored):
        """The cells as a browser would send them. Raises Refused where one is not understood."""
        data, reasons = {"token": str(uuid4())}, []
        for name, value in typed.items():
            try:
                data[name] = self.words.typed(name, value)
            except ValidationError as problem:
                reasons.append((name, shown(value), problem.messages))
        if reasons:
            raise Refused(reasons)
        if OF_A_PERIOD.intersection(typed):
            precision = data.pop(PRECISION, stored[PRECISION])
            data |= days_typed(typed, stored, precision)
        return data

    def checked(self, form, typed):
        if form.is_valid():
            return form
        reasons = [
            ("" if name == NON_FIELD_ERRORS else name, shown(typed.get(name)), messages)
            for name, messages in form.errors.items()
        ]
        raise Refused([*reasons, *wrong_milestones(form.milestones)])

    def old_words(self, form, base, measure):
        """Names of cells that only say what was true at the export. Raises Refused for what both have changed."""
        mine, theirs = form.values(), comparables(measure)
        changed = [name for name in form.changed_data if name in mine]
        both = [name for name in changed if mine[name] != base[name] and theirs[name] != base[name]]
        if both:
            message = _("Somebody else has changed this since the export; it is now: %(now)s. Please export again.")
            now = {name: {"now": clipped(self.before(measure, name)) or "–"} for name in both}
            raise Refused([(name, self.after(form, name), [message % now[name]]) for name in both])
        return {name for name in changed if mine[name] == base[name]}

    # In words

    def before(self, measure, name):
        if name in DAYS:
            return as_exact(getattr(measure, name), measure.date_precision)
        if name in Measure.MANY:
            return ", ".join(map(str, getattr(measure, name).all()))
        return in_words(self.columns[name].value(measure))

    def after(self, form, name):
        value, field = form.cleaned_data[name], form.fields[name]
        if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
            return str(dict(field.choices).get(value, value))
        return ", ".join(map(str, value)) if name in Measure.MANY else in_words(value)


def as_sent(field, value):
    """A stored value as a browser would send it back untouched."""
    sent = field.prepare_value(value)
    if isinstance(sent, bool):
        return "on" if sent else ""
    return sent if isinstance(sent, list) else "" if sent is None else str(sent)


def wrong_milestones(formset):
    """Reasons, each with the milestone's own words, for its row in the other sheet is found by them."""
    for form in formset.forms:
        title = form.data.get(form["title"].html_name, "")
        for name, messages in form.errors.items():
            label = f"{_('Milestone')}: {form.fields[name].label}"
            yield label, f"{title}: {form.data.get(form[name].html_name, '')}", messages
    if problems := formset.non_form_errors():
        yield _("Milestone"), "", problems


def exported(measure, cells):
    """The values when the row was exported; nothing where the measure has not changed since, or the file does not tell.

    Raises:
        Refused: the cell that tells is empty or makes no sense.
    """
    if VERSION not in cells:
        return None
    text = shown(cells[VERSION])
    version = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if not 0 < version <= measure.version:
        message = _("This tells whether the row has been changed since the export. Please leave it as it was.")
        raise Refused.at(VERSION, text, message)
    if version == measure.version:
        return None
    record = measure.changes.filter(version=version).order_by("-history_id").first()
    if record is None:
        raise Refused.at(VERSION, text, _("This state of the measure is not on record. Please export it again."))
    return comparables(record)


def comparables(row):
    return {name: comparable(value) for name, value in MeasureForm.values_of(row).items()}


def is_same(cell, stored):
    """Whether the cell says what the export would say now."""
    return not isinstance(cell, Fault) and plain(shown(cell)) == plain(in_words(stored))


def in_words(value):
    return yes_or_no(value) if isinstance(value, bool) else shown(value)


def plain(text):
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
