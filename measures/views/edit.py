"""Create and edit a measure; what to do when two people edited the same row at once."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from measures.forms.conflict import Conflict, MeasureConflict
from measures.forms.edit import MeasureForm
from measures.forms.step import words_typed
from measures.forms.versioned import VersionedForm
from measures.models import EditConflict, Measure
from strategy.forms.once import led_before
from strategy.workflow import RuleViolation

from .step import measure_of


class Create(View):
    """A new draft with the field's next code."""

    def dispatch(self, request, *args, **kwargs):
        if not request.actor.has_perm("measures.add_measure", request.strategy):
            raise PermissionDenied("measures.add_measure")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, strategy):
        return self.show(MeasureForm(strategy=request.strategy))

    def post(self, request, strategy):
        if location := led_before(request):
            return redirect(location)
        form = MeasureForm(request.POST, strategy=request.strategy)
        if not form.is_valid():
            return self.show(form)
        try:
            return redirect(form.once(request.user, lambda: self.create(form)))
        except RuleViolation as refusal:
            form.add_error(None, refusal)
            return self.show(form)

    def create(self, form):
        measure = Measure.objects.create_draft(by=self.request.actor, **form.changed_values())
        form.milestones.save(measure, self.request.actor)
        messages.success(self.request, _("Draft created: %(measure)s") % {"measure": measure})
        return measure.get_absolute_url()

    def show(self, form):
        return render(self.request, "measures/edit/create.html", {"form": form})


class EditRow(View):
    """Save what was changed, unless somebody else has saved since: then ask, field by field."""

    permission = ""
    form_class: type[VersionedForm]
    conflict_class = Conflict
    template_name = ""
    conflict_template_name = "measures/edit/conflict.html"

    def dispatch(self, request, *args, **kwargs):
        self.row = self.get_row()
        if not request.actor.has_perm(self.permission, self.row):
            raise PermissionDenied(self.permission)
        if not self.is_editable():
            return self.ended()
        return super().dispatch(request, *args, **kwargs)

    def get_row(self):
        """The row as it is stored now, if this actor may see it."""
        raise NotImplementedError

    def is_editable(self):
        raise NotImplementedError

    def why_ended(self):
        """The sentence that says why it is no longer edited."""
        raise NotImplementedError

    def get(self, request, *args, **kwargs):
        return self.show(self.form_class(strategy=request.strategy, row=self.row))

    def post(self, request, *args, **kwargs):
        if location := led_before(request):
            return redirect(location)
        form = self.form_of(request.POST)
        if not form.is_valid():
            return self.show(self.form_of(as_opened(request.POST)))
        if not self.is_current(request.POST):
            return self.ask(form)
        return self.save(form) if "base" not in request.POST else self.answer(form)

    def is_current(self, post):
        return post.get("version") == str(self.row.version)

    def answer(self, form):
        """The questions of the conflict page have been answered, and nobody has saved since it was shown."""
        conflict = self.conflict_class(form, self.row)
        if conflict.unanswered():
            return self.show_conflict(conflict)
        resolved = self.form_of(conflict.resolved())
        return self.save(resolved, asked=form) if resolved.is_valid() else self.show(resolved)

    def save(self, form, asked=None):
        if not form.has_anything_changed():
            messages.info(self.request, _("Nothing was changed."))
            return redirect(self.row)
        try:
            return redirect(form.once(self.request.user, lambda: self.edit(form)))
        except EditConflict:
            return self.ask(asked or form)
        except RuleViolation as refusal:
            return self.refused(form, refusal)

    def edit(self, form):
        self.row.edit(by=self.request.actor, version=form.opened_version, **self.what_was_typed(form))
        messages.success(self.request, _("Saved: %(object)s") % {"object": self.row})
        return self.row.get_absolute_url()

    def what_was_typed(self, form):
        return {"changes": form.changed_values()}

    def refused(self, form, refusal):
        """It has been submitted or has ended in the meantime."""
        if not self.is_editable():
            return self.ended()
        form.add_error(None, refusal)
        return self.show(form)

    def ask(self, form):
        """Read again what is stored now, and compare with what was typed."""
        self.row = self.get_row()
        return self.show_conflict(self.conflict_class(form, self.row))

    def form_of(self, data):
        return self.form_class(data, strategy=self.request.strategy, row=self.row)

    def show(self, form):
        return render(self.request, self.template_name, {"form": form, **self.context()})

    def context(self):
        """What the page shows beside the form."""
        return {}

    def show_conflict(self, conflict):
        questions = conflict.questions()
        context = {
            "conflict": conflict,
            "questions": questions,
            "missing": [question for question in questions if question.is_missing],
            "decided": sum(bool(question.choice) for question in questions),
            "row": self.row,
            "saved": conflict.last_saved(),
        }
        return render(self.request, self.conflict_template_name, context, status=409)

    def ended(self):
        context = {
            "reasons": [self.why_ended()],
            "typed": words_typed(self.form_of(self.request.POST or None)),
            "back_url": self.row.get_absolute_url(),
        }
        return render(self.request, "measures/step/not_possible.html", context, status=409)


class Edit(EditRow):
    permission = "measures.change_measure"
    form_class = MeasureForm
    conflict_class = MeasureConflict
    template_name = "measures/edit/edit.html"

    def get_row(self):
        return measure_of(self.request, self.kwargs["code"])

    def is_editable(self):
        return self.row.state in Measure.EDITABLE

    def why_ended(self):
        return _("This measure has ended and is no longer edited.")

    def what_was_typed(self, form):
        save_milestones = partial(form.milestones.save, self.row, self.request.actor)
        return super().what_was_typed(form) | {"milestones": save_milestones}

    def context(self):
        measure = self.row
        return {
            "measure": measure,
            "version": measure.text_versions.last(),
            "last_change": measure.changes.select_related("history_user").first(),
            "indicators": measure.indicators.all(),
            "links": measure.links.select_related("target_measure"),
            "may_amend": measure.may("amend", self.request.actor),
            "may_submit": measure.may("submit", self.request.actor),
        }


def as_opened(post):
    """Form data that goes back to the edit form: from the conflict page it takes along the version first opened."""
    if "base" not in post:
        return post
    data = post.copy()
    data["version"] = data["base"]
    del data["base"]
    return data
