"""Amendments: propose another text, look at the difference, agree, decide, reject or withdraw."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from measures.forms.amendment import AmendmentForm
from measures.models import ReviewResponse, TextVersion
from measures.next_step import next_step

from .statements import reviews_with_answers, texts_since
from .step import MeasureStep, Step, Words, measure_of, steps_taken, why_blocked
from .texts import text_changes

AMENDMENT_VERBS = ("agree", "decide", "reject", "withdraw")


class Amend(MeasureStep):
    """Propose another text; the button "Show difference" only looks."""

    verb = "amend"
    form_class = AmendmentForm
    template_name = "measures/amendment/amend.html"
    words = {
        "amend": Words(
            _("Propose an amendment to %(object)s"),
            _("Propose amendment"),
            _("Amendment proposed: %(object)s. Everyone concerned has been asked for a statement."),
            _("The text in force holds until the steering team has decided."),
        )
    }

    def is_possible(self):
        return super().is_possible() and not self.subject.open_amendment()

    def why_not(self):
        if self.subject.open_amendment():
            return _("There is an open amendment already; only one at a time.")
        return super().why_not()

    def form_valid(self, form):
        if "preview" in self.request.POST:
            proposed = TextVersion(**{**self.subject.core(), **form.core()})
            return self.render_to_response(
                self.get_context_data(form=form, changes=text_changes(self.subject, proposed), is_preview=True)
            )
        return super().form_valid(form)

    def get_success_url(self):
        amendment = self.subject.open_amendment()
        return reverse("measures:amendment", args=[self.request.strategy.slug, self.subject.code, amendment.number])


@require_safe
def amendment(request, strategy, code, number):
    """One amendment beside the text it would replace, or replaced."""
    version = amendment_of(request, code, number)
    measure, before = version.measure, version.amended_text()
    takes_part = request.actor.has_perm("measures.view_review", version)
    reviews = reviews_with_answers(request.actor, version.reviews.for_list()) if takes_part else []
    context = {
        "measure": measure,
        "version": version,
        "before": before,
        "changes": text_changes(before or measure, version),
        "reviews": texts_since(reviews, measure),
        "next": next_of(version, reviews) if takes_part else None,
        "steps": [step for step in steps_taken(version, version.number) if takes_part or step.verb == "decide"],
        "may": {verb: version.may(verb, request.actor) for verb in AMENDMENT_VERBS},
    }
    return render(request, "measures/amendment/amendment.html", context)


def next_of(version, reviews):
    """What happens next, as far as its statements may be read."""
    review = next((review for review in reviews if review.is_open), None)
    objections = [slot for slot in review.slots_shown if slot.current and slot.current.is_unsettled] if review else []
    return next_step(version, review, objections)


def amendments_under_way(request):
    """The amendments that are proposed or agreed, each with what it changes and what is next, in constant queries."""
    versions = TextVersion.objects.visible_to(request.actor).filter(strategy=request.strategy).under_way()
    versions = list(versions.for_list())
    reviews = {review.text_version_id: review for version in versions for review in version.reviews.all()}
    standing = ReviewResponse.objects.visible_to(request.actor).objecting().filter(slot__review__in=reviews.values())
    objected = set(standing.values_list("slot__review", flat=True)) if versions else set()
    for version in versions:
        review = reviews.get(version.pk)
        version.open_now = review if review and review.is_open else None
        version.changed = text_changes(version.measure, version)
        version.next = next_step(version, version.open_now, review is not None and review.pk in objected)
    return versions


def amendment_of(request, code, number):
    measure = measure_of(request, code)
    versions = TextVersion.objects.visible_to(request.actor).amendments()
    return get_object_or_404(
        versions.select_related("measure__strategy", "measure__field", "field", "stage", "lead_unit"),
        measure=measure,
        number=number,
    )


class AmendmentStep(Step):
    """A step of an amendment."""

    template_name = "measures/amendment/step.html"
    words = {
        "agree": Words(
            _("Record the agreement on %(object)s"),
            _("Record agreement"),
            _("Agreed: %(object)s. The steering team can decide now."),
            _("The review is closed; nobody can answer any more. Silence is recorded as silence."),
        ),
        "decide": Words(
            _("Put %(object)s into force"),
            _("Put amendment into force"),
            _("In force: %(object)s"),
            _("This text takes the place of the one in force."),
        ),
        "reject": Words(
            _("Reject %(object)s"),
            _("Reject amendment"),
            _("Rejected: %(object)s"),
            _("The text in force stays."),
            is_final=True,
        ),
        "withdraw": Words(
            _("Withdraw %(object)s"),
            _("Withdraw amendment"),
            _("Withdrawn: %(object)s"),
            _("The text in force stays; an open review ends."),
            is_final=True,
        ),
    }

    def get_subject(self):
        return amendment_of(self.request, self.kwargs["code"], self.kwargs["number"])

    def get_back_url(self):
        return reverse(
            "measures:amendment", args=[self.request.strategy.slug, self.kwargs["code"], self.kwargs["number"]]
        )

    def get_context_data(self, **context):
        measure, open_review = self.subject.measure, self.subject.open_review()
        return super().get_context_data(
            measure=measure,
            changes=text_changes(self.subject.amended_text() or measure, self.subject),
            blocked=why_blocked(open_review) if self.verb == "agree" else [],
            **context,
        )
