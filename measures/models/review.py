from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from measures import announcements
from strategy.as_of import today
from strategy.changes import changes
from strategy.models import OrganisationalUnit, Role, StrategyBound
from strategy.workflow import RuleViolation, Workflow, transition


class ReviewQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Who sees a measure that has been handed over and takes part, sees who is asked about it."""
        return self.filter(
            strategy__in=actor.strategies(*Role.TAKING_PART),
            measure__submitted_on__isnull=False,
        ) | self.filter(strategy__in=actor.strategies(Role.PROJECT_GROUP))

    def open(self):
        return self.filter(state=Review.State.OPEN)

    def open_for(self, measure, text_version, *, by):
        """Ask the lead and involved units and the staff council for a statement on that text."""
        review = self.model(
            measure=measure,
            text_version=text_version,
            due_on=timezone.localdate() + timedelta(days=measure.strategy.review_days),
        )
        review._changed_by = by
        review.save()
        for unit in [*measure.units_concerned(), None]:
            ReviewSlot(review=review, unit=unit).save()
        return review

    def for_list(self):
        return self.select_related("measure__strategy", "measure__field", "text_version").prefetch_related(
            models.Prefetch("slots", ReviewSlot.objects.select_related("unit"))
        )


class Review(Workflow, StrategyBound):
    """A question to everyone concerned, on one text of a measure, until a day."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    measure = models.ForeignKey("measures.Measure", models.CASCADE, related_name="reviews")
    text_version = models.ForeignKey("measures.TextVersion", models.CASCADE, related_name="reviews")
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.OPEN)
    opened_on = models.DateField(_("opened on"), default=timezone.localdate)
    due_on = models.DateField(_("due on"))
    closed_on = models.DateField(_("closed on"), null=True)

    objects = ReviewQuerySet.as_manager()
    changes = changes()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-opened_on", "-pk"]
        constraints = [
            models.UniqueConstraint("measure", condition=Q(state="open"), name="one_open_review_per_measure"),
        ]

    def __str__(self):
        return str(self.text_version)

    def get_absolute_url(self):
        return reverse("measures:review", args=[self.measure.strategy.slug, self.pk])

    def lock_first(self):
        return (self.measure,)

    @property
    def is_open(self):
        return self.state == self.State.OPEN

    def is_overdue(self, on=None):
        return self.is_open and self.due_on < (on or today())

    def unanswered(self):
        return self.slots.filter(state=ReviewSlot.State.OPEN)

    def unsettled(self):
        return self.responses().objecting()

    def responses(self):
        """The statements that count: the last one of each slot."""
        return ReviewResponse.objects.filter(slot__review=self).exclude(state=ReviewResponse.State.REPLACED)

    def check_settled(self, on=None):
        """Raises RuleViolation while somebody still has time to answer, or an objection stands."""
        if obstacles := list(self.obstacles(on)):
            raise RuleViolation(obstacles)

    def obstacles(self, on=None):
        """What the review still waits for, as violations of the rule."""
        missing = self.unanswered().count()
        if missing and (on or timezone.localdate()) <= self.due_on:
            yield RuleViolation(
                ngettext(
                    "%(count)d statement is missing, and there is time until %(due_on)s.",
                    "%(count)d statements are missing, and there is time until %(due_on)s.",
                    missing,
                ),
                params={"count": missing, "due_on": date_format(self.due_on)},
            )
        if objections := self.unsettled().count():
            yield RuleViolation(
                ngettext(
                    "%(count)d objection has to be settled first.",
                    "%(count)d objections have to be settled first.",
                    objections,
                ),
                params={"count": objections},
            )

    @transition(State.OPEN, to=State.CLOSED)
    def close(self, *, by, reason=""):
        """Nobody answers any more; a slot without an answer stays so: silence is recorded as silence."""
        self.closed_on = timezone.localdate()

    @transition(State.OPEN, reason=True)
    def extend(self, *, by, reason, due_on):
        """Give everyone asked more time; the ladder of reminders follows the new day."""
        if due_on < timezone.localdate():
            raise RuleViolation({"due_on": _("This day has passed; please give one that is still ahead.")})
        if due_on <= self.due_on:
            raise RuleViolation({"due_on": _("The new deadline has to lie after the one on record.")})
        self.due_on = due_on

    @transition(State.OPEN, to=State.WITHDRAWN, reason=True)
    def withdraw(self, *, by, reason):
        """Take the question back, and with it what it was about: the measure becomes a draft, the amendment ends."""
        self.state, self.closed_on = self.State.WITHDRAWN, timezone.localdate()
        self.save()  # before the text goes back, which would end an open review by itself
        if self.text_version.state in self.text_version.OPEN:
            self.text_version.withdraw(by=by, reason=reason)
        else:
            self.measure.send_back(by=by, reason=reason)

    @transition(State.OPEN, to=State.WITHDRAWN)
    def lapse(self, *, by, reason=""):
        """The amendment it asked about has ended."""
        self.closed_on = timezone.localdate()

    def announce(self, entry):
        announcements.announce_review(self, entry)


class ReviewSlotQuerySet(models.QuerySet):
    def answerable_by(self, actor):
        """Slots of open reviews this actor may fill."""
        mine = Q(
            unit__in=actor.units(*Role.HEADS),
            strategy__in=actor.strategies(*Role.HEADS),
        )
        council = Q(unit__isnull=True, strategy__in=actor.strategies(Role.STAFF_COUNCIL))
        return self.filter(mine | council, review__state=Review.State.OPEN)

    def remindable(self, on=None):
        """Nobody has answered, and nobody has been reminded that day."""
        open_ones = self.filter(state=ReviewSlot.State.OPEN, review__state=Review.State.OPEN)
        return open_ones.exclude(reminded_on=on or timezone.localdate())


class ReviewSlot(Workflow, StrategyBound):
    """One place for one answer: of a unit, or of the staff council where there is no unit."""

    class State(models.TextChoices):
        OPEN = "open", _("no answer")
        ANSWERED = "answered", _("answered")

    review = models.ForeignKey(Review, models.CASCADE, related_name="slots")
    unit = models.ForeignKey(
        OrganisationalUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="review_slots",
    )
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.OPEN)
    reminded_on = models.DateField(_("last reminded on"), null=True)

    objects = ReviewSlotQuerySet.as_manager()
    changes = changes()

    class Meta:
        verbose_name = _("review slot")
        verbose_name_plural = _("review slots")
        ordering = ["review", models.F("unit__number").asc(nulls_last=True), "pk"]
        constraints = [
            models.UniqueConstraint("review", "unit", name="one_slot_per_unit"),
            models.UniqueConstraint(
                "review",
                condition=Q(unit__isnull=True),
                name="one_slot_for_the_staff_council",
            ),
        ]

    def __str__(self):
        return f"{self.review}: {self.asked}"

    @property
    def asked(self):
        """Who is asked: the unit, or the staff council."""
        return str(self.unit) if self.unit_id else str(Role.STAFF_COUNCIL.label)

    def lock_first(self):
        return (self.review.measure, self.review)

    def answer(self):
        """The statement that counts, or None."""
        return self.responses.exclude(state=ReviewResponse.State.REPLACED).first()

    @transition(State.OPEN)
    def remind(self, *, by, reason=""):
        """Ask once more whoever may answer; at most once a day."""
        if not self.review.is_open:
            raise RuleViolation(_("This review is closed; statements can no longer be given."))
        if self.reminded_on == timezone.localdate():
            raise RuleViolation(_("%(asked)s has been reminded today already."), params={"asked": self.asked})
        self.reminded_on = timezone.localdate()

    @transition(State.OPEN, State.ANSWERED, to=State.ANSWERED)
    def respond(self, *, by, vote, text="", due_on=None, reason=""):
        """State the unit's view; an earlier answer is kept and replaced. A condition may have a day."""
        if not self.review.is_open:
            raise RuleViolation(_("This review is closed; statements can no longer be given."))
        if vote in ReviewResponse.VOTES_WITH_TEXT and not text.strip():
            raise RuleViolation({"text": _("Conditions and objections need a text.")})
        if due_on and vote != ReviewResponse.Vote.CONDITIONS:
            raise RuleViolation({"due_on": _("Only conditions are to be met by a day.")})
        for earlier in self.responses.exclude(state=ReviewResponse.State.REPLACED):
            earlier.state = ReviewResponse.State.REPLACED
            earlier.save()
        response = ReviewResponse.objects.create(
            slot=self,
            text_version=self.review.text_version,
            vote=vote,
            text=text,
            given_by=by.user,
            in_place_of=by.in_place_of,
        )
        if vote == ReviewResponse.Vote.CONDITIONS:
            response.conditions.create(text=text, due_on=due_on)

    def announce(self, entry):
        announcements.announce_slot(self, entry)


class ReviewResponseQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """While the review is open: who may answer the slot, project group, steering team; then all who take part."""
        team = Q(strategy__in=actor.strategies(Role.PROJECT_GROUP, Role.STEERING_TEAM))
        own = Q(slot__unit__in=actor.units(*Role.HEADS)) | Q(
            slot__unit__isnull=True, strategy__in=actor.strategies(Role.STAFF_COUNCIL)
        )
        closed = Q(strategy__in=actor.strategies(*Role.TAKING_PART)) & ~Q(slot__review__state=Review.State.OPEN)
        handed_over = Q(slot__review__measure__submitted_on__isnull=False)
        return self.filter(team | own | (closed & handed_over))

    def counting(self):
        return self.exclude(state=ReviewResponse.State.REPLACED)

    def objecting(self):
        """Objections nobody has settled."""
        return self.filter(vote=ReviewResponse.Vote.OBJECT, state=ReviewResponse.State.GIVEN)

    def of_measure(self, measure):
        return self.filter(slot__review__measure=measure)


class ReviewResponse(Workflow, StrategyBound):
    """A statement on the text version it saw; never changed, only replaced by a later one."""

    class State(models.TextChoices):
        GIVEN = "given", _("given")
        REPLACED = "replaced", _("replaced")
        SETTLED = "settled", _("settled")

    class Vote(models.TextChoices):
        AGREE = "agree", _("agrees")
        CONDITIONS = "conditions", _("agrees with conditions")
        OBJECT = "object", _("objects")
        NO_COMMENT = "no_comment", _("no comment")

    VOTES_WITH_TEXT = (Vote.CONDITIONS, Vote.OBJECT)

    slot = models.ForeignKey(ReviewSlot, models.CASCADE, related_name="responses")
    text_version = models.ForeignKey("measures.TextVersion", models.CASCADE, related_name="responses")
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.GIVEN)
    vote = models.CharField(_("vote"), max_length=20, choices=Vote.choices)
    text = models.TextField(_("text"), blank=True, max_length=5000)
    given_at = models.DateTimeField(_("given at"), default=timezone.now)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    in_place_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    settled_on = models.DateField(_("settled on"), null=True)
    settlement = models.TextField(_("how it was settled"), blank=True)

    objects = ReviewResponseQuerySet.as_manager()
    changes = changes()

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["-given_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                "slot",
                condition=~Q(state="replaced"),
                name="one_counting_statement_per_slot",
            ),
            models.CheckConstraint(
                condition=~Q(vote__in=["conditions", "object"]) | ~Q(text=""),
                name="conditions_and_objections_have_a_text",
            ),
        ]

    def __str__(self):
        return f"{self.slot}: {self.get_vote_display()}"

    def lock_first(self):
        return (self.slot.review.measure, self.slot.review, self.slot)

    @property
    def is_unsettled(self):
        return self.vote == self.Vote.OBJECT and self.state == self.State.GIVEN

    @transition(State.GIVEN, to=State.SETTLED, reason=True)
    def settle(self, *, by, reason):
        """Settle an objection with a written reason; it no longer stands in the way."""
        if self.vote != self.Vote.OBJECT:
            raise RuleViolation(_("Only an objection can be settled."))
        self.settled_on = timezone.localdate()
        self.settlement = reason

    def announce(self, entry):
        announcements.announce_settlement(self, entry)
