"""Create and edit a measure; what to do when two people did so at once."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from measures.forms.conflict import Conflict
from measures.forms.edit import MeasureForm
from measures.forms.step import words_typed
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


class Edit(View):
    """Save what was changed, unless somebody else has saved since: then ask, field by field."""

    def dispatch(self, request, *args, **kwargs):
        self.measure = measure_of(request, kwargs["code"])
        if not request.actor.has_perm("measures.change_measure", self.measure):
            raise PermissionDenied("measures.change_measure")
        if self.measure.state not in Measure.EDITABLE:
            return self.ended()
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, strategy, code):
        return self.show(MeasureForm(strategy=request.strategy, measure=self.measure))

    def post(self, request, strategy, code):
        if location := led_before(request):
            return redirect(location)
        form = self.form_of(request.POST)
        if not form.is_valid():
            return self.show(self.form_of(as_opened(request.POST)))
        if not self.is_current(request.POST):
            return self.ask(form)
        return self.save(form) if "base" not in request.POST else self.answer(form)

    def is_current(self, post):
        return post.get("version") == str(self.measure.version)

    def answer(self, form):
        """The questions of the conflict page have been answered, and nobody has saved since it was shown."""
        conflict = Conflict(form, self.measure)
        if conflict.unanswered():
            return self.show_conflict(conflict)
        resolved = self.form_of(conflict.resolved())
        return self.save(resolved, asked=form) if resolved.is_valid() else self.show(resolved)

    def save(self, form, asked=None):
        if not form.has_anything_changed():
            messages.info(self.request, _("Nothing was changed."))
            return redirect(self.measure)
        try:
            return redirect(form.once(self.request.user, lambda: self.edit(form)))
        except EditConflict:
            return self.ask(asked or form)
        except RuleViolation as refusal:
            return self.refused(form, refusal)

    def edit(self, form):
        self.measure.edit(
            by=self.request.actor,
            version=form.opened_version,
            changes=form.changed_values(),
            milestones=lambda: form.milestones.save(self.measure, self.request.actor),
        )
        messages.success(self.request, _("Saved: %(measure)s") % {"measure": self.measure})
        return self.measure.get_absolute_url()

    def refused(self, form, refusal):
        """It has been submitted or has ended in the meantime."""
        if self.measure.state not in Measure.EDITABLE:
            return self.ended()
        form.add_error(None, refusal)
        return self.show(form)

    def ask(self, form):
        """Read again what is stored now, and compare with what was typed."""
        self.measure = measure_of(self.request, self.measure.code)
        return self.show_conflict(Conflict(form, self.measure))

    def form_of(self, data):
        return MeasureForm(data, strategy=self.request.strategy, measure=self.measure)

    def show(self, form):
        context = {
            "form": form,
            "measure": self.measure,
            "version": self.measure.text_versions.last(),
            "last_change": self.measure.changes.select_related("history_user").first(),
            "indicators": self.measure.indicators.all(),
            "links": self.measure.links.select_related("target_measure"),
            "may_amend": self.measure.may("amend", self.request.actor),
            "may_submit": self.measure.may("submit", self.request.actor),
        }
        return render(self.request, "measures/edit/edit.html", context)

    def show_conflict(self, conflict):
        questions = conflict.questions()
        context = {
            "conflict": conflict,
            "questions": questions,
            "missing": [question for question in questions if question.is_missing],
            "decided": sum(bool(question.choice) for question in questions),
            "measure": self.measure,
            "saved": conflict.last_saved(),
        }
        return render(self.request, "measures/edit/conflict.html", context, status=409)

    def ended(self):
        context = {
            "reasons": [_("This measure has ended and is no longer edited.")],
            "typed": words_typed(self.form_of(self.request.POST or None)),
            "back_url": self.measure.get_absolute_url(),
        }
        return render(self.request, "measures/step/not_possible.html", context, status=409)


def as_opened(post):
    """Form data that goes back to the edit form: from the conflict page it takes along the version first opened."""
    if "base" not in post:
        return post
    data = post.copy()
    data["version"] = data["base"]
    del data["base"]
    return data
