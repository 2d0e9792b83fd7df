"""One page per transition: what will happen, what is asked, one button that names the act."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView

from measures.forms.step import StepForm, words_typed
from measures.history import STEPS
from measures.models import Measure, StaffParticipation
from strategy.forms.once import led_before
from strategy.navigation import page_asked_for
from strategy.workflow import RuleViolation

from .statements import reviews_with_answers


@dataclass(frozen=True)
class Words:
    """What a step's page says; ``%(object)s`` stands for what takes the step."""

    title: Promise
    button: Promise
    done: Promise
    text: Promise | str = ""
    is_final: bool = False


class Step(FormView):
    """Show and process the form of one transition; ``verb`` names it in every layer.

    Subclasses say which row takes the step (``get_subject``) and in which words. Who may not see the row gets
    404, who may not take the step 403; where its state does not allow it any more, a page says so.
    """

    http_method_names = ["get", "head", "post", "options"]
    verb = ""
    form_class = StepForm
    words = {}

    def dispatch(self, request, *args, **kwargs):
        if request.method == "POST" and (location := led_before(request)):
            return redirect(location)
        self.subject = self.get_subject()
        if not request.actor.has_perm(self.get_permission(), self.subject):
            raise PermissionDenied(self.get_permission())
        if not self.is_possible():
            if location := led_before(request):  # the first click has come through since we asked
                return redirect(location)
            return self.not_possible([self.why_not()], self.get_form())
        return super().dispatch(request, *args, **kwargs)

    def get_subject(self):
        raise NotImplementedError

    def get_label(self):
        """How the page's words call what takes the step."""
        return str(self.subject)

    def get_permission(self):
        return self.subject.permission(self.verb)

    def is_possible(self):
        return self.subject.state in getattr(type(self.subject), self.verb).sources

    def why_not(self):
        return _("Not possible while the state is “%(state)s”.") % {"state": self.subject.get_state_display()}

    def get_template_names(self):
        return [self.template_name or f"measures/step/{self.verb}.html", "measures/step/step.html"]

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"subject": self.subject}

    def form_valid(self, form):
        try:
            location = form.once(self.request.user, lambda: self.take(form))
        except RuleViolation as problem:
            return self.refused(form, problem)
        return HttpResponseRedirect(location)

    def take(self, form):
        """Call the verb and say what has been done; returns the address to go on with."""
        label = self.get_label()
        getattr(self.subject, self.verb)(by=self.request.actor, **form.details())
        messages.success(self.request, self.done_words() % {"object": label})
        return self.get_success_url()

    def done_words(self):
        return self.words[self.verb].done

    def refused(self, form, problem):
        self.subject = type(self.subject)._base_manager.filter(pk=self.subject.pk).first()
        if self.subject is None or not self.is_possible():
            return self.not_possible(problem.messages, form)
        form.add_problem(problem)
        return self.form_invalid(form)

    def not_possible(self, reasons, form):
        """Somebody was quicker, or the link is old: why it does not go, what was typed, and the way back."""
        context = {"reasons": reasons, "typed": words_typed(form), "back_url": self.get_back_url()}
        return render(self.request, "measures/step/not_possible.html", context, status=409)

    def get_success_url(self):
        return page_asked_for(self.request) or self.get_back_url()

    def get_back_url(self):
        raise NotImplementedError

    def get_context_data(self, **context):
        words = self.words[self.verb]
        label = {"object": self.get_label()}
        step = {
            "title": words.title % label,
            "text": words.text and words.text % label,
            "button": words.button,
            "danger": words.is_final,
            "consequences": list(self.consequences()),
        }
        return super().get_context_data(
            subject=self.subject, verb=self.verb, step=step, back_url=self.get_back_url(), **context
        )

    def consequences(self):
        """Sentences about what this step brings with it, beyond its text."""
        return []


MEASURE_WORDS = {
    "submit": Words(
        _("Submit %(object)s"),
        _("Submit measure"),
        _("Submitted: %(object)s. Everyone concerned has been asked for a statement."),
        _("The review begins. Title, goal, description, field of action, stage and lead unit are fixed from then on."),
    ),
    "send_back": Words(
        _("Send back %(object)s"),
        _("Send measure back"),
        _("Sent back to the project group: %(object)s"),
        _("The measure becomes a draft again and the review ends. Statements given stay with those who gave them."),
    ),
    "agree": Words(
        _("Record the agreement on %(object)s"),
        _("Record agreement"),
        _("Agreed: %(object)s. The steering team can decide now."),
        _("The review is closed; nobody can answer any more. Silence is recorded as silence."),
    ),
    "decide": Words(
        _("Decide %(object)s"),
        _("Decide measure"),
        _("Decided: %(object)s"),
        _("The text comes into force and the plan is kept as decided."),
    ),
    "prioritise": Words(
        _("Set the priority of %(object)s"),
        _("Set priority"),
        _("Priority set: %(object)s"),
        _("The decision is kept with its date and reason and cannot be changed afterwards, only followed by another."),
    ),
    "start": Words(
        _("Start %(object)s"),
        _("Start measure"),
        _("Running: %(object)s"),
        _("From now on the lead unit reports the status regularly."),
    ),
    "complete": Words(
        _("Complete %(object)s"),
        _("Complete measure"),
        _("Completed: %(object)s"),
        _("The measure ends with a last status update and is no longer edited."),
        is_final=True,
    ),
    "pause": Words(
        _("Pause %(object)s"),
        _("Pause measure"),
        _("Paused: %(object)s"),
        _("The measure rests until it is resumed."),
    ),
    "resume": Words(
        _("Resume %(object)s"),
        _("Resume measure"),
        _("Resumed: %(object)s"),
        _("The measure goes on where it stood."),
    ),
    "drop": Words(
        _("Drop %(object)s"),
        _("Drop measure for good"),
        _("Dropped: %(object)s"),
        _("The measure ends and is no longer edited. It stays readable with its history."),
        is_final=True,
    ),
    "discard": Words(
        _("Discard the draft %(object)s"),
        _("Discard draft"),
        _("Discarded: %(object)s"),
        _("The draft is deleted. Its code is not given again; that it existed stays on record."),
        is_final=True,
    ),
}


def steps_taken(row, name):
    """The row's transitions with their ``words``, oldest first; ``name`` is how the words call it."""
    words = STEPS[row._meta.model_name]
    steps = list(row.transitions.select_related("user", "in_place_of"))
    for step in steps:
        step.words = words[step.verb] % {"object": name}
    return steps


def why_blocked(review):
    """Sentences about what stands in the way of an agreement; none where nothing does."""
    try:
        if review is not None:
            review.check_settled()
    except RuleViolation as problem:
        return problem.messages
    return []


def measure_of(request, code):
    """The measure of that code, if this actor may see it; else 404."""
    measures = Measure.objects.visible_to(request.actor).filter(strategy=request.strategy)
    return get_object_or_404(measures.for_list(), code=code)


class MeasureStep(Step):
    """A step of a measure."""

    words = MEASURE_WORDS

    def get_subject(self):
        return measure_of(self.request, self.kwargs["code"])

    def get_back_url(self):
        """The measure, or the list where it is gone or (sent back) hidden from who took the step."""
        gone = self.subject is None or self.subject.pk is None
        if gone or not self.request.actor.has_perm("measures.view_measure", self.subject):
            return reverse("measures:list", args=[self.request.strategy.slug])
        return self.subject.get_absolute_url()

    def get_context_data(self, **context):
        more = getattr(self, f"context_of_{self.verb}", dict)()
        return super().get_context_data(measure=self.subject, **more, **context)

    def context_of_submit(self):
        due_on = timezone.localdate() + timedelta(days=self.request.strategy.review_days)
        missing = [(name, Measure._meta.get_field(name).verbose_name) for name in self.subject.missing_for_submission()]
        return {"missing": missing, "asked": self.subject.units_concerned(), "due_on": due_on}

    def context_of_agree(self):
        return self._heard() | {"blocked": why_blocked(self.subject.open_review())}

    def context_of_decide(self):
        return self._heard()

    def _heard(self):
        """How the last review went, and which formal participations still run."""
        latest = self.subject.reviews.for_list()[:1]
        open_ones = self.subject.staff_participations.exclude(state=StaffParticipation.State.CONCLUDED)
        return {"reviews": reviews_with_answers(self.request.actor, latest), "participations": open_ones}

    def consequences(self):
        return [*getattr(self, f"consequences_of_{self.verb}", list)()]

    def consequences_of_drop(self):
        return self._ends_amendment()

    def consequences_of_complete(self):
        return self._ends_amendment()

    def _ends_amendment(self):
        if self.subject.open_amendment():
            yield _("The open amendment ends with it.")
