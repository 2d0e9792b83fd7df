"""Steps within a review: remind, extend, withdraw, answer, settle an objection."""

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from measures.forms.review import ExtendForm, RemindForm, RespondForm, SettleForm, WithdrawForm
from measures.models import Review, ReviewResponse, ReviewSlot, TextVersion
from strategy.templatetags.portal import shown_date

from .step import Step, Words
from .texts import text_changes


class ReviewStep(Step):
    """A step within a review; leads back to it."""

    def get_review(self):
        return self.subject

    def get_back_url(self):
        if self.subject is None or not self.request.actor.has_perm("measures.view_review", self.get_review()):
            return self.get_list_url()
        return self.get_review().get_absolute_url()

    def get_label(self):
        return str(self.get_review().measure)

    def get_list_url(self):
        return reverse("measures:reviews", args=[self.request.strategy.slug])

    def get_context_data(self, **context):
        review = self.get_review()
        return super().get_context_data(
            review=review, measure=review.measure, version=review.text_version, list_url=self.get_list_url(), **context
        )


class StepOfReview(ReviewStep):
    """A step the project group takes on the review as such."""

    template_name = "measures/review/step.html"

    def get_subject(self):
        reviews = Review.objects.visible_to(self.request.actor).filter(strategy=self.request.strategy)
        return get_object_or_404(reviews.for_list(), pk=self.kwargs["pk"])


class Remind(StepOfReview):
    """Remind those who have not answered; ``?slot=`` has one of them chosen."""

    verb = "remind"
    form_class = RemindForm
    words = {
        "remind": Words(
            _("Remind those who have not answered: %(object)s"),
            _("Send reminder"),
            _("Reminded: %(object)s"),
            _("They are told at once, each at most once a day. The planned reminders before the deadline go on."),
        )
    }

    def get_permission(self):
        return ReviewSlot.permission("remind")

    def is_possible(self):
        return self.subject.is_open and self.subject.slots.remindable().exists()

    def why_not(self):
        if not self.subject.is_open:
            return _("This review is closed; statements can no longer be given.")
        return _("Everyone who has not answered has been reminded today already.")

    def get_initial(self):
        slots = self.subject.slots.remindable()
        asked = self.request.GET.get("slot", "")
        return {"slots": [slot.pk for slot in slots if str(slot.pk) == asked] or [slot.pk for slot in slots]}

    def take(self, form):
        for slot in form.cleaned_data["slots"]:
            slot.remind(by=self.request.actor)
        names = ", ".join(slot.asked for slot in form.cleaned_data["slots"])
        messages.success(self.request, self.done_words() % {"object": names})
        return self.get_success_url()


class Extend(StepOfReview):
    verb = "extend"
    form_class = ExtendForm
    words = {
        "extend": Words(
            _("Give more time for statements: %(object)s"),
            _("Extend deadline"),
            _("Deadline extended. Everyone asked is told."),
            _("The reminders follow the new deadline."),
        )
    }

    def consequences(self):
        yield _("So far the deadline is %(day)s.") % {"day": shown_date(self.subject.due_on)}


class Withdraw(StepOfReview):
    verb = "withdraw"
    form_class = WithdrawForm
    words = {
        "withdraw": Words(
            _("Withdraw the review: %(object)s"),
            _("Withdraw review"),
            _("Review withdrawn. Everyone asked is told."),
            is_final=True,
        )
    }

    def consequences(self):
        yield _("Nobody can give a statement any more; those given stay on record.")
        if self.subject.text_version.state in TextVersion.OPEN:
            yield _("The amendment ends with it; the text in force stays.")
        else:
            yield _("The measure goes back to the project group as a draft and can be submitted again.")


class Respond(ReviewStep):
    verb = "respond"
    form_class = RespondForm
    template_name = "measures/review/respond.html"
    words = {
        "respond": Words(
            _("Give your statement on %(object)s"),
            _("Give statement"),
            _("Statement given. You can change it until the review is closed."),
        )
    }

    def get_subject(self):
        slots = ReviewSlot.objects.filter(
            strategy=self.request.strategy, review__in=Review.objects.visible_to(self.request.actor)
        )
        return get_object_or_404(
            slots.select_related(
                "unit",
                "review__measure__strategy",
                "review__text_version__field",
                "review__text_version__stage",
                "review__text_version__lead_unit",
            ),
            pk=self.kwargs["pk"],
        )

    def get_review(self):
        return self.subject.review

    def is_possible(self):
        return super().is_possible() and self.subject.review.is_open

    def why_not(self):
        return _("This review is closed; statements can no longer be given.")

    def get_context_data(self, **context):
        answers = self.subject.responses.select_related("given_by", "in_place_of")
        version = self.subject.review.text_version
        before = version.text_before()
        changes = text_changes(before, version) if before else []
        return super().get_context_data(slot=self.subject, answers=answers, changes=changes, **context)


class Settle(ReviewStep):
    verb = "settle"
    form_class = SettleForm
    template_name = "measures/review/settle.html"
    words = {
        "settle": Words(
            _("Settle an objection to %(object)s"),
            _("Settle objection"),
            _("Objection settled; those who raised it have been told."),
        )
    }

    def get_subject(self):
        responses = ReviewResponse.objects.visible_to(self.request.actor).filter(strategy=self.request.strategy)
        return get_object_or_404(
            responses.select_related("slot__unit", "slot__review__measure__strategy", "slot__review__text_version"),
            pk=self.kwargs["pk"],
        )

    def get_review(self):
        return self.subject.slot.review

    def is_possible(self):
        return self.subject.is_unsettled and self.get_review().is_open

    def why_not(self):
        return _("Only an objection that still stands in an open review can be settled.")
