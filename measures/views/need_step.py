"""The steps of a need: submitted, acknowledged, answered, settled or objected to, withdrawn, discarded."""

from django.contrib import messages
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from measures.forms.need import AnswerForm
from measures.models import Need, NeedNote
from strategy.templatetags.portal import shown_date

from .need import need_of, show_measure, similar_to
from .step import Step, Words

NEED_WORDS = {
    "submit": Words(
        _("Submit the need “%(object)s”"),
        _("Submit need"),
        _("Submitted: %(object)s. The project group has been told, the clock for the answer runs."),
        _("The need gets its number and can no longer be changed."),
        is_final=True,
    ),
    "acknowledge": Words(
        _("Confirm receipt of %(object)s"),
        _("Confirm receipt"),
        _("Receipt confirmed: %(object)s. The staff council has been told."),
        _("The staff council is told. The clock has been running since receipt."),
    ),
    "extend": Words(
        _("Give an interim notice on %(object)s"),
        _("Give interim notice"),
        _("Interim notice sent: %(object)s"),
        _("The answer takes longer: the staff council reads why, and until when."),
    ),
    "answer": Words(
        _("Answer %(object)s"),
        _("Send answer"),
        _("Answer sent. The staff council can object once."),
        _("The answer cannot be changed afterwards."),
        is_final=True,
    ),
    "settle": Words(
        _("Settle %(object)s"),
        _("Settle need"),
        _("Settled: %(object)s"),
        _("The staff council leaves it at the answer. What has become of the need stays visible here."),
        is_final=True,
    ),
    "object": Words(
        _("Object to the answer to %(object)s"),
        _("Make objection"),
        _("Objection made: %(object)s. The steering team has been told."),
        _("An objection is possible once. The steering team answers it; then the need can only be settled."),
        is_final=True,
    ),
    "answer_objection": Words(
        _("Answer the objection to %(object)s"),
        _("Answer objection"),
        _("Objection answered: %(object)s. The staff council has been told."),
    ),
    "withdraw": Words(
        _("Withdraw %(object)s"),
        _("Withdraw need"),
        _("Withdrawn: %(object)s"),
        _("Nobody answers it any more. Number and text remain, with its history."),
        is_final=True,
    ),
    "discard": Words(
        _("Discard the draft “%(object)s”"),
        _("Discard draft"),
        _("Discarded: %(object)s"),
        _(
            "The draft is deleted with its notes and attachments. "
            "That it existed stays on record, for the council alone."
        ),
        is_final=True,
    ),
    "note": Words(_("Write an internal note on %(object)s"), _("Save note"), _("Note saved.")),
}


class NeedStep(Step):
    """A step of a need; leads back to it."""

    words = NEED_WORDS

    def get_template_names(self):
        return [self.template_name or f"measures/need/{self.verb}.html", "measures/need/step.html"]

    def get_subject(self):
        return need_of(self.request, self.kwargs["pk"])

    def get_back_url(self):
        """The need, or the list where it is gone."""
        if self.subject is None or self.subject.pk is None:
            return reverse("measures:needs", args=[self.request.strategy.slug])
        return self.subject.get_absolute_url()

    def is_possible(self):
        return self.subject.may(self.verb, self.request.actor)

    def why_not(self):
        if self.verb == "object" and self.subject.objected_on:
            return _("An objection has been made already; only one is possible.")
        return super().why_not()

    def get_context_data(self, **context):
        show_measure(self.subject, self.request.actor)
        more = getattr(self, f"context_of_{self.verb}", dict)()
        return super().get_context_data(need=self.subject, **more, **context)

    def context_of_submit(self):
        names = self.subject.missing_for_submission()
        return {"missing": [(name, Need._meta.get_field(name).verbose_name) for name in names]}

    def consequences(self):
        return [*getattr(self, f"consequences_of_{self.verb}", list)()]

    def consequences_of_submit(self):
        yield _(
            "From then on project group, heads of offices, administrative heads and steering team read the need "
            "with its attachments."
        )
        yield _("Readers and administration never see it; internal notes and the history so far stay with the council.")
        if self.subject.is_confidential:
            yield _("It is marked as confidential: it appears in nothing that is public.")
        days = self.request.strategy.need_answer_days
        yield _("The answer is due within %(days)d days from today.") % {"days": days}

    def consequences_of_extend(self):
        yield _("So far the answer is due on %(day)s.") % {"day": shown_date(self.subject.due_on)}


class AnswerNeed(NeedStep):
    """The same form as on the page of the need; the address may carry a suggestion that was picked there."""

    verb = "answer"
    form_class = AnswerForm
    SUGGESTED = ("outcome", "measure", "merged_into")

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"actor": self.request.actor}

    def get_initial(self):
        return {name: self.request.GET[name] for name in self.SUGGESTED if name in self.request.GET}

    def context_of_answer(self):
        return similar_to(self.subject, self.request.actor, {"submit": False, "answer": True})

    def take(self, form):
        location = super().take(form)
        if self.subject.outcome == Need.Outcome.ADOPTED:
            made = {"measure": self.subject.measure}
            messages.success(self.request, _("Draft created: %(measure)s. Please complete it and submit it.") % made)
        return location


class WriteNote(NeedStep):
    """An internal note; no transition, for it changes nothing about the need."""

    verb = "note"

    def get_permission(self):
        return "measures.add_neednote"

    def is_possible(self):
        return True

    def take(self, form):
        NeedNote.objects.write(self.subject, by=self.request.actor, text=form.cleaned_data["text"])
        messages.success(self.request, self.words[self.verb].done)
        return f"{self.subject.get_absolute_url()}#notes"
