"""Add, edit and remove what a measure rests on: works agreements, surveys, literature."""

from dataclasses import dataclass

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from measures.forms.background import ReferenceForm, SurveyForm, WorksAgreementForm
from measures.models import Reference, Survey, WorksAgreement

from .edit import EditRow
from .step import MeasureStep, Words, measure_of
from .typed import EnterRow


@dataclass(frozen=True)
class Kind:
    """One of the lists beside a measure: its model and form, and what its pages say."""

    name: str
    model: type
    form_class: type
    add: Promise
    edit: Promise
    save: Promise
    remove: Words

    def permission(self, verb):
        return f"measures.{verb}_{self.model._meta.model_name}"


TEXT = _("It goes from the sheet. That it existed stays in the history of the measure.")
DONE = _("Removed: %(object)s")

AGREEMENT = Kind(
    "agreement",
    WorksAgreement,
    WorksAgreementForm,
    _("Add works agreement"),
    _("Edit works agreement"),
    _("Save works agreement"),
    Words(_("Remove the works agreement: %(object)s"), _("Remove works agreement"), DONE, TEXT, is_final=True),
)
SURVEY = Kind(
    "survey",
    Survey,
    SurveyForm,
    _("Add survey"),
    _("Edit survey"),
    _("Save survey"),
    Words(_("Remove the survey: %(object)s"), _("Remove survey"), DONE, TEXT, is_final=True),
)
REFERENCE = Kind(
    "reference",
    Reference,
    ReferenceForm,
    _("Add literature or link"),
    _("Edit literature or link"),
    _("Save literature or link"),
    Words(_("Remove from literature and links: %(object)s"), _("Remove entry"), DONE, TEXT, is_final=True),
)
KINDS = (AGREEMENT, SURVEY, REFERENCE)


def row_of(request, kind, code, pk):
    """The row of that measure, if this actor may see it; else 404."""
    rows = kind.model.objects.visible_to(request.actor).filter(measure__code=code, strategy=request.strategy)
    return get_object_or_404(rows.select_related("measure__strategy"), pk=pk)


class Add(EnterRow):
    kind = None
    template_name = "measures/background/add.html"

    @property
    def permission(self):
        return self.kind.permission("add")

    @property
    def form_class(self):
        return self.kind.form_class

    def get_row(self):
        measure = measure_of(self.request, self.kwargs["code"])
        return self.kind.model(measure=measure, strategy=measure.strategy)

    def get_back_url(self):
        return self.row.measure.get_absolute_url()

    def context(self):
        return {"measure": self.row.measure, "kind": self.kind}


class Edit(EditRow):
    kind = None
    template_name = "measures/background/edit.html"
    conflict_template_name = "measures/background/conflict.html"

    @property
    def permission(self):
        return self.kind.permission("change")

    @property
    def form_class(self):
        return self.kind.form_class

    def get_row(self):
        return row_of(self.request, self.kind, self.kwargs["code"], self.kwargs["pk"])

    def is_editable(self):
        return not self.row.measure.is_ended

    def why_ended(self):
        return _("This measure has ended and is no longer edited.")

    def context(self):
        return {"measure": self.row.measure, "kind": self.kind}


class Remove(MeasureStep):
    """Like a step of the measure; what goes is one of its rows."""

    kind = None
    verb = "remove"

    @property
    def words(self):
        return {"remove": self.kind.remove}

    def get_subject(self):
        measure = super().get_subject()
        self.row = row_of(self.request, self.kind, measure.code, self.kwargs["pk"])
        return measure

    def get_label(self):
        return str(self.row)

    def get_permission(self):
        return "measures.change_measure"

    def is_possible(self):
        return not self.subject.is_ended

    def why_not(self):
        return _("This measure has ended and is no longer edited.")

    def take(self, form):
        self.row.remove(by=self.request.actor)
        messages.success(self.request, self.done_words() % {"object": self.get_label()})
        return self.get_success_url()
