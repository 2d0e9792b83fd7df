"""Two people have edited the same row: what has to be asked, what merges by itself, what the answers give."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from measures.figures import figure
from measures.merging import UNKNOWN, Merge, merge

from .edit import milestone_values
from .versioned import VersionedForm, comparable

MINE, THEIRS = "mine", "theirs"
NOT_CARRIED = {"csrfmiddlewaretoken", "version", "base", "answered"}


@dataclass
class Question:
    """What both have changed: one text beside the other."""

    key: str
    label: str
    mine: str
    theirs: str
    choice: str
    is_missing: bool

    @property
    def name(self):
        return f"keep-{self.key}"


class Conflict:
    """A valid form whose version is not the stored one, against the row as it is stored now."""

    def __init__(self, form: VersionedForm, row):
        self.form, self.row, self.data = form, row, form.data
        self.mine, self.theirs, self.base = self._typed(), self._stored(), self._base()
        self.merge: Merge = merge(self.base, self.mine, self.theirs)

    def _typed(self):
        return self.form.values()

    def _stored(self):
        stored = {name: comparable(value) for name, value in self.form.values_of(self.row).items()}
        return {name: value for name, value in stored.items() if name in self._typed()}

    def _base(self):
        """What the editor saw: the history's row of that version."""
        record = self.opened()
        if record is None:
            return dict.fromkeys(self.form.names, UNKNOWN)
        return {name: comparable(value) for name, value in self.form.values_of(record).items()}

    def opened(self):
        if self.form.opened_version is None:
            return None
        return self.row.changes.filter(version=self.form.opened_version).order_by("-history_id").first()

    def last_saved(self):
        """The row of history with which the stored version came: who, and when."""
        return (
            self.row.changes.filter(version=self.row.version)
            .select_related("history_user", "in_place_of")
            .order_by("history_id")
            .first()
        )

    # The page

    def questions(self):
        return [self._question(key) for key in self.merge.asked]

    def _question(self, key):
        choice = self.data.get(f"keep-{key}", "")
        return Question(
            key=key,
            label=self.label(key),
            mine=self.shown(key, self.mine.get(key)),
            theirs=self.shown(key, self.theirs.get(key)),
            choice=choice if choice in (MINE, THEIRS) else "",
            is_missing="answered" in self.data and choice not in (MINE, THEIRS),
        )

    def unanswered(self):
        return [question for question in self.questions() if not question.choice]

    def taken_from_me(self):
        return [f"{self.label(key)}: {self._taken(key, self.mine)}" for key in self.merge.from_me]

    def taken_from_them(self):
        return [f"{self.label(key)}: {self._taken(key, self.theirs)}" for key in self.merge.from_them]

    def _taken(self, key, side):
        return self.shown(key, side.get(key)) or "–"

    def label(self, key):
        return str(self.form.fields[key].label)

    def shown(self, key, value):
        if value is None or value == "":
            return _("(empty)")
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if key in self.form.links:
            return str(self.form.links[key].objects.filter(pk=value).first() or "")
        if isinstance(value, frozenset):
            return ", ".join(names_of(self.form.fields[key], value)) or _("(empty)")
        if isinstance(self.form.fields[key], forms.ChoiceField):
            return str(dict(self.form.fields[key].choices).get(value, value))
        return form_text(value)

    def carried(self):
        """[(name, value)] of everything typed, to be sent along unseen until the questions are answered."""
        names = [name for name in self.data if name not in NOT_CARRIED and not name.startswith("keep-")]
        return [(name, value) for name in names for value in self.data.getlist(name)]

    def base_version(self):
        return self.form.opened_version or ""

    def is_version_known(self):
        return self.opened() is not None

    # The answers

    def resolved(self):
        """What was typed, with the stored value wherever that was chosen or only the other one changed."""
        data = self.data.copy()
        for key in ("base", "answered"):
            data.pop(key, None)
        data["version"] = str(self.row.version)
        for name in self.form.values():
            if self._takes_theirs(name):
                put(data, name, self.theirs[name], self.form.fields[name])
            elif isinstance(self.merge.result.get(name), frozenset):
                put(data, name, self.merge.result[name], self.form.fields[name])
        return data

    def _takes_theirs(self, key):
        if key in self.merge.asked:
            return self.data.get(f"keep-{key}") == THEIRS
        return key in self.merge.from_them and key not in self.merge.from_me


class MeasureConflict(Conflict):
    """Beside the fields the milestones, each as a whole."""

    def __init__(self, form, row):
        self.rows = {f"milestone-{milestone.pk}": milestone for milestone in row.milestones.all()}
        self.row_forms = {
            f"milestone-{one.cleaned_data.get('id') or one.prefix}": one for one in typed_rows(form.milestones)
        }
        super().__init__(form, row)

    def _typed(self):
        return super()._typed() | {key: form.row() for key, form in self.row_forms.items()}

    def _stored(self):
        return super()._stored() | {key: _row(row) for key, row in self.rows.items()}

    def _base(self):
        """Each milestone as its form began."""
        return super()._base() | {key: _seen(form) for key, form in self.row_forms.items()}

    def label(self, key):
        return super().label(key) if key in self.form.fields else _("Milestone")

    def shown(self, key, value):
        return super().shown(key, value) if key in self.form.fields else _shown_row(value)

    def resolved(self):
        data = super().resolved()
        for key, form in self.row_forms.items():
            self._put_row(data, form, key)
        return data

    def _put_row(self, data, form, key):
        """From now on the row starts from what is stored; it is changed where this editor's version was kept."""
        stored = milestone_values(self.rows[key]) if key in self.rows else {}
        for name in ("title", "due_on", "reached_on"):
            before = form_text(stored.get(name))
            data[form[name].html_initial_name] = before
            if self._takes_theirs(key):
                data[form[name].html_name] = before
        if self._takes_theirs(key):
            data.pop(form["DELETE"].html_name, None)
            if not stored:
                data[form["DELETE"].html_name] = "on"
        elif not stored:
            data[form["id"].html_name] = ""


def typed_rows(formset):
    changed = formset.changed_rows()
    return [row for row in formset.rows() if row in changed or row.cleaned_data.get("id")]


def names_of(field, members):
    """What the members of a set are called: rows by their names, tags are names themselves."""
    if not hasattr(field, "queryset"):
        return sorted(members)
    return [str(row) for row in field.queryset.model.objects.filter(pk__in=members)]


def put(data, name, value, field):
    """Write a value into form data as a browser would send it."""
    if isinstance(value, frozenset):
        shown = field.prepare_value(sorted(value))
        data.setlist(name, [shown] if isinstance(shown, str) else [str(pk) for pk in shown])
    elif value is None or value is False or value == "":
        data.pop(name, None)
    else:
        data[name] = form_text(value)


def form_text(value):
    if isinstance(value, date):
        return value.strftime("%d.%m.%Y")
    if isinstance(value, Decimal):
        return figure(value)
    return "" if value is None else "on" if value is True else str(value)


def _row(milestone):
    values = milestone_values(milestone)
    return (values["title"], values["due_on"], values["reached_on"])


def _seen(form):
    """The milestone as its editor found it, or None for a new one."""
    if not form.cleaned_data.get("id"):
        return None
    return (_seen_text(form, "title"), _seen_date(form, "due_on"), _seen_date(form, "reached_on"))


def _seen_text(form, name):
    return form.data.get(form[name].html_initial_name, "")


def _seen_date(form, name):
    try:
        return form.fields[name].clean(_seen_text(form, name))
    except ValidationError:
        return None


def _shown_row(row):
    if row is None:
        return _("(removed)")
    title, due, reached = row
    words = {"title": title, "due": due, "reached": reached}
    return _("%(title)s, due %(due)s, reached %(reached)s") % words if reached else _("%(title)s, due %(due)s") % words
