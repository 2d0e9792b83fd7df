import hashlib
import json
import secrets
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from strategy.models import EditConflict, Role, StrategyBound
from strategy.workflow import RuleViolation, Workflow, transition

UNDO_STEPS = 50
RECEIPT_DIGITS = 20


class BallotQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """A ballot is for its owner alone: nobody sees it in anybody's place, and no machine does."""
        if not actor.is_active or actor.in_place_of is not None:
            return self.none()
        return self.filter(elector__user=actor.user, strategy__in=actor.strategies(*Role.TAKING_PART))

    def counting(self):
        return self.filter(state=Ballot.State.SUBMITTED)

    def forget_what_does_not_count(self):
        """Orders not handed in, and what one has come from on the way. Returns of how many ballots.

        The rows stay: by them it is counted who could have voted.
        """
        drafts = self.filter(state=Ballot.State.DRAFT, saved_at__isnull=False)
        ways = self.counting().exclude(undo=[])
        return drafts.update(order=[], undo=[], saved_at=None) + ways.update(undo=[])


class Ballot(Workflow, StrategyBound):
    """How one person orders the measures. Secret: kept in no history, told in no log, mail or step."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Handed in")

    round = models.ForeignKey("measures.RankingRound", models.CASCADE, related_name="ballots")
    elector = models.OneToOneField("measures.Elector", models.CASCADE, related_name="ballot")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    order = models.JSONField(default=list)
    undo = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(_("saved at"), null=True)
    submitted_at = models.DateTimeField(_("handed in at"), null=True)
    nonce = models.CharField(max_length=32, blank=True)
    receipt = models.CharField(_("receipt"), max_length=RECEIPT_DIGITS, blank=True)

    objects = BallotQuerySet.as_manager()

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        ordering = ["round", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft", submitted_at__isnull=True, receipt="")
                | (Q(state="submitted", submitted_at__isnull=False) & ~Q(receipt="")),
                name="what_is_handed_in_has_a_receipt",
            ),
        ]

    def __str__(self):
        return f"{self._meta.verbose_name}: {self.round}"

    def lock_first(self):
        return (self.round,)

    # Ordering

    def arrange(self, *, by, order, version):
        """Save the whole order, best first, if nobody has changed it since that version.

        Raises:
            PermissionDenied: it is somebody else's.
            RuleViolation: the round is not open, the ballot is handed in, or this is no order of its measures.
            EditConflict: the stored version is another one; nothing has been saved.
        """
        with self._being_changed(by, version):
            self._check_order(order)
            if order != self.order:
                self._put(order, [*self.undo, self.order][-UNDO_STEPS:])

    def undo_last(self, *, by, version):
        """Take the last change back. Raises like ``arrange``, and RuleViolation where there is nothing to take back."""
        with self._being_changed(by, version):
            if not self.undo:
                raise RuleViolation(_("There is nothing to take back."))
            self._put(self.undo[-1], self.undo[:-1])

    @contextmanager
    def _being_changed(self, by, version):
        with transaction.atomic():
            self.reread_locked()
            if not by.has_perm("measures.arrange_ballot", self):
                raise PermissionDenied("measures.arrange_ballot")
            self.check_open()
            if self.state != self.State.DRAFT:
                raise RuleViolation(_("This ballot has been handed in; please withdraw it to change it."))
            if self.version != version:
                raise EditConflict(self)
            yield

    def _put(self, order, undo):
        self.order, self.undo, self.saved_at = order, undo, timezone.now()
        self.version += 1
        self.save(update_fields=["order", "undo", "saved_at", "version"])

    def _check_order(self, order):
        known = set(self.round.measures.values_list("pk", flat=True))
        if any(type(item) is not int for item in order) or not known.issuperset(order):
            raise RuleViolation({"order": _("This order holds something that is not ranked in this round.")})
        if len(set(order)) != len(order):
            raise RuleViolation({"order": _("This order holds a measure twice.")})
        if len(order) > (places := self.round.places(len(known))):
            raise RuleViolation({"order": _("There are only %(places)d places.") % {"places": places}})

    def check_open(self):
        """Raises RuleViolation where nobody votes any more, or not yet; what was saved stays."""
        if not self.round.is_open:
            raise RuleViolation(_("This round is not open. Your draft is kept, but does not count."))
        if self.round.is_over():
            raise RuleViolation(TOO_LATE[self.state])

    # Transitions

    @transition(State.DRAFT, to=State.SUBMITTED)
    def submit(self, *, by, reason=""):
        """Hand it in; it counts unless it is withdrawn before the round closes."""
        self.check_open()
        if not self.order:
            raise RuleViolation(_("Please place at least one measure first."))
        self.submitted_at = timezone.now()
        self.nonce = secrets.token_hex(16)
        self.receipt = receipt_of(self.round_id, self.order, self.nonce)

    @transition(State.SUBMITTED, to=State.DRAFT)
    def withdraw(self, *, by, reason=""):
        """Take it back to go on ordering; the receipt is void."""
        self.check_open()
        self.submitted_at, self.nonce, self.receipt = None, "", ""


TOO_LATE = {
    Ballot.State.DRAFT: _("This round has ended. Your draft is kept, but does not count."),
    Ballot.State.SUBMITTED: _("This round has ended. Your ballot has been handed in and counts."),
}


def receipt_of(round_id, order, nonce):
    """What the owner finds again among the counted ballots; without the nonce it tells nothing.

    The first 20 hexadecimal digits of SHA-256 over the canonical JSON of round, order and nonce.
    """
    kept = {"round": round_id, "order": order, "nonce": nonce}
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:RECEIPT_DIGITS]
