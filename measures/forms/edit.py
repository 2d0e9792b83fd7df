"""The form of a measure: what may be typed in its state, its milestones, and what submission still needs."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from measures.models import CORE_FIELDS, Measure, Milestone
from strategy.forms.rows import RowsField
from strategy.models import CouncilPaper, FieldOfAction, OrganisationalUnit, Phase, Stage
from strategy.prose import plain_of

from .core import NEEDED_TO_SUBMIT, core_fields, valid_units
from .fields import FoldedBoxes, LineField, PartialDate, PartialDateField, ProseField
from .sheet import FOLDED, SHEET_FIELDS, sheet_fields
from .tags import TagsField
from .versioned import VersionedForm, comparable, papers_of, tags_of, units_of

PREFIX = "milestones"


class UnitBoxes(FoldedBoxes):
    template_name = "measures/edit/units.html"


FIELDS = (
    *CORE_FIELDS,
    "responsible_function",
    "phase",
    "starts_on",
    "ends_on",
    "is_permanent",
    "involved_units",
    "tags",
    "status_known",
    *SHEET_FIELDS,
)
DAYS = ("starts_on", "ends_on")


class MeasureForm(VersionedForm):
    """A measure's fields and milestones; the core fields only as long as they may be typed over.

    Core fields that arrive although they are fixed by now are kept in the form, so that the words are not lost when
    the measure refuses them.
    """

    names = FIELDS
    links = {
        "field": FieldOfAction,
        "stage": Stage,
        "lead_unit": OrganisationalUnit,
        "phase": Phase,
        "origin_paper": CouncilPaper,
    }

    responsible_function = LineField(
        label=_("Responsible function"),
        max_length=150,
        required=False,
        help_text=_("A function, not a name: for example “Head of HR development”."),
    )
    phase = forms.ModelChoiceField(Phase.objects.none(), label=_("Phase"), required=False)
    starts_on = PartialDateField(label=_("Begin"), required=False)
    ends_on = PartialDateField(label=_("End"), required=False, at_end=True)
    is_permanent = forms.BooleanField(label=_("Permanent task without an end"), required=False)
    involved_units = RowsField(valid_units(None), label=_("Involved units"), required=False, widget=UnitBoxes)
    tags = TagsField(label=_("Tags"), required=False)
    status_known = ProseField(
        label=_("State on record"),
        help_text=_("What public sources say about where this stands."),
        rows=2,
        required=False,
        max_length=2000,
    )

    def __init__(self, data=None, *, strategy, row=None):
        super().__init__(data, strategy=strategy, row=row)
        self.measure = measure = row
        self._narrow_choices()
        self.fields["responsible_function"].needed_for = NEEDED_TO_SUBMIT
        if measure is None or measure.core_is_open or any(name in self.data for name in CORE_FIELDS):
            self.fields |= core_fields(strategy, keep=measure)
        self.fields |= sheet_fields(strategy)
        self.order_fields(FIELDS)
        self._mark_examples()
        self.milestones = MilestoneFormSet.of(data, measure)

    def _narrow_choices(self):
        chosen = {self.measure.phase_id} if self.measure else set()
        self.fields["phase"].queryset = Phase.objects.filter(Q(strategy=self.strategy) | Q(pk__in=chosen - {None}))
        self.fields["tags"].offer(self.strategy)
        self.fields["involved_units"].queryset = valid_units(self.strategy, self.initial.get("involved_units", ()))

    def _mark_examples(self):
        """Say at the field that its value is an example or derived, until somebody types another one."""
        for name, kind in (self.measure.marks() if self.measure else {}).items():
            if name in self.fields:
                self.fields[name].mark = kind

    def is_valid(self):
        return all([super().is_valid(), self.milestones.is_valid()])

    @property
    def has_errors(self):
        return self.is_bound and not self.is_valid()

    @property
    def has_sheet_errors(self):
        """Whether something that is folded away has to be corrected."""
        return any(name in self.errors for name in FOLDED)

    def clean(self):
        begin, end = self.cleaned_data.get("starts_on"), self.cleaned_data.get("ends_on")
        if end and self.cleaned_data.get("is_permanent"):
            self.add_error("ends_on", _("A permanent task has no end: please clear one of the two."))
        elif begin and end and begin.precision != end.precision:
            self.add_error("ends_on", _("Please give begin and end equally exactly: both as day, month or year."))
        elif begin and end and end.day < begin.day:
            self.add_error("ends_on", _("The end lies before the begin (%(begin)s).") % {"begin": begin})
        return self.cleaned_data

    # What was typed, as the measure stores it

    def changed_values(self):
        return as_stored(super().changed_values(), self.cleaned_data)

    def has_anything_changed(self):
        return super().has_anything_changed() or self.milestones.has_anything_changed()

    @classmethod
    def values_of(cls, row):
        links = {name: getattr(row, f"{name}_id") for name in cls.links}
        days = {name: PartialDate.of(getattr(row, name), row.date_precision) for name in DAYS}
        many = {
            "involved_units": units_of(row.involved_units.all()),
            "tags": tags_of(row.tags.all()),
            "council_papers": papers_of(row.council_papers.all()),
        }
        rest = {name: getattr(row, name) for name in FIELDS if name not in (*links, *days, *many)}
        return rest | links | days | many

    # What the page shows beside the fields

    def locked(self):
        """[(label, value)] of the core fields that are fixed."""
        if self.measure is None or "title" in self.fields:
            return []
        labels = [capfirst(Measure._meta.get_field(name).verbose_name) for name in CORE_FIELDS]
        values = self.measure.core() | {"description": plain_of(self.measure.description)}
        return [(label, values[name]) for label, name in zip(labels, CORE_FIELDS, strict=True)]

    def checklist(self):
        """What submission needs: [{label, state}], state being done, open or wrong."""
        needed = [
            (_("Title and goal"), ("title", "goal")),
            (_("Field of action and stage"), ("field", "stage")),
            (_("Lead unit"), ("lead_unit",)),
            (_("Responsible function"), ("responsible_function",)),
        ]
        rows = [{"label": label, "state": self.state_of(names)} for label, names in needed]
        if self.state_of(("starts_on", "ends_on")) == "wrong":
            rows.append({"label": _("Period, please correct"), "state": "wrong"})
        return rows


def as_stored(changed, typed):
    """The dates with their common precision, as the measure has them."""
    stored = {name: value for name, value in changed.items() if not isinstance(value, PartialDate)}
    if {"starts_on", "ends_on"} & set(changed):
        begin, end = typed.get("starts_on"), typed.get("ends_on")
        stored |= {"starts_on": begin and begin.day, "ends_on": end and end.day}
        if begin or end:
            stored["date_precision"] = (begin or end).precision
    return stored


class MilestoneForm(forms.Form):
    """One milestone. The hidden initial values tell what its editor saw, whatever has happened since."""

    id = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    title = LineField(label=_("Milestone"), max_length=300, show_hidden_initial=True)
    due_on = PartialDateField(label=_("Due"), at_end=True, show_hidden_initial=True)
    reached_on = PartialDateField(label=_("Reached on"), required=False, show_hidden_initial=True)

    def clean_reached_on(self):
        reached = self.cleaned_data["reached_on"]
        if reached and reached.precision != "day":
            raise ValidationError(_("Please give the day, for example 20.11.2026."))
        if reached and reached.day > timezone.localdate():
            raise ValidationError(_("This day lies in the future."))
        return reached

    @property
    def is_deleted(self):
        return bool(self.cleaned_data.get("DELETE"))

    def row(self):
        """What was typed, to be compared with what is stored."""
        names = ("title", "due_on", "reached_on")
        return None if self.is_deleted else tuple(comparable(self.cleaned_data.get(name) or None) for name in names)

    def values(self):
        due, reached = self.cleaned_data["due_on"], self.cleaned_data["reached_on"]
        return {
            "title": self.cleaned_data["title"],
            "due_on": due.day,
            "date_precision": due.precision,
            "reached_on": reached and reached.day,
        }


class BaseMilestoneFormSet(forms.BaseFormSet):
    measure = None

    @classmethod
    def of(cls, data, measure):
        rows = [milestone_values(row) for row in measure.milestones.all()] if measure and data is None else None
        if data is not None and f"{PREFIX}-TOTAL_FORMS" not in data:
            data = {f"{PREFIX}-TOTAL_FORMS": 0, f"{PREFIX}-INITIAL_FORMS": 0}
        formset = cls(data, initial=rows, prefix=PREFIX)
        formset.measure = measure
        return formset

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("Remove this milestone")

    def clean(self):
        known = set(self.measure.milestones.values_list("pk", flat=True)) if self.measure else set()
        for form in self.rows():
            pk = form.cleaned_data.get("id")
            if pk and pk not in known and not self.was_ours(pk):
                raise ValidationError(_("One of the milestones does not belong to this measure."))

    def was_ours(self, pk):
        """It may have been deleted in the meantime; what never was ours is refused."""
        return self.measure is not None and Milestone.changes.filter(id=pk, measure_id=self.measure.pk).exists()

    def rows(self):
        """The forms somebody has filled in or found filled in."""
        return [form for form in self.forms if hasattr(form, "cleaned_data") and form.cleaned_data]

    def changed_rows(self):
        typed = {"title", "due_on", "reached_on", "DELETE"}
        return [
            form
            for form in self.rows()
            if typed & set(form.changed_data) and (form.cleaned_data.get("id") or not form.is_deleted)
        ]

    def has_anything_changed(self):
        return bool(self.changed_rows())

    def save(self, measure, actor):
        """Write the changed rows; a row deleted in the meantime but kept by its editor is made again."""
        stored = {row.pk: row for row in measure.milestones.all()}
        for form in self.changed_rows():
            milestone = stored.get(form.cleaned_data.get("id")) or Milestone(measure=measure)
            milestone._changed_by = actor
            if not form.is_deleted:
                for name, value in form.values().items():
                    setattr(milestone, name, value)
                milestone.own(*form.values())
                milestone.save()
            elif milestone.pk:
                milestone.delete()


def milestone_values(row):
    return {
        "id": row.pk,
        "title": row.title,
        "due_on": PartialDate.of(row.due_on, row.date_precision),
        "reached_on": PartialDate.of(row.reached_on, "day"),
    }


MilestoneFormSet = forms.formset_factory(
    MilestoneForm, formset=BaseMilestoneFormSet, extra=2, can_delete=True, max_num=100, absolute_max=200
)
