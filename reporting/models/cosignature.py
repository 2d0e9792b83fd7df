from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy

from reporting import announcements
from strategy.changes import changes
from strategy.models import OrganisationalUnit, Role, StrategyBound, Transition
from strategy.workflow import RuleViolation, Workflow, transition


class CoSignatureQuerySet(models.QuerySet):
    def asked_of(self, actor):
        """Asked of a unit this actor heads; ``Actor.units`` has those below it."""
        heads = self.filter(strategy__in=actor.strategies(*Role.HEADS), unit__in=actor.units(*Role.HEADS))
        return heads.exclude(state=CoSignature.State.PLANNED)

    def outstanding(self):
        return self.exclude(state=CoSignature.State.SIGNED)

    def with_asked_at(self):
        """``asked_at``: when the unit last heard that its word is wanted."""
        told = Transition.objects.filter(
            content_type=ContentType.objects.get_for_model(CoSignature),
            object_id=Cast(OuterRef("pk"), models.CharField()),
            verb__in=["ask", "lapse"],
        )
        return self.annotate(asked_at=Subquery(told.order_by("-at", "-pk").values("at")[:1]))

    def on_open_reports(self):
        """Of reports whose text may still change."""
        return self.filter(report__state__in=CoSignature.SIGNABLE)


class CoSignature(Workflow, StrategyBound):
    """A unit's word on the typed text of a report; it lapses when that text changes."""

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("co-signature", "noted, not asked yet")
        ASKED = "asked", _("outstanding")
        SIGNED = "signed", _("co-signed")
        LAPSED = "lapsed", _("lapsed, the text has changed")

    SIGNABLE = ("draft", "building", "ready")  # states of the report

    report = models.ForeignKey("reporting.CouncilReport", models.CASCADE, related_name="cosignatures")
    unit = models.ForeignKey(OrganisationalUnit, models.PROTECT, related_name="cosignatures", verbose_name=_("unit"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ASKED, editable=False)
    remark = models.TextField(_("remark"), blank=True, max_length=1000)
    text_hash = models.CharField(max_length=64, blank=True, editable=False)
    signed_on = models.DateField(_("co-signed on"), null=True, editable=False)
    signed_as = models.CharField(_("co-signed as"), max_length=150, blank=True, editable=False)

    objects = CoSignatureQuerySet.as_manager()
    changes = changes()

    class Meta:
        verbose_name = _("co-signature")
        verbose_name_plural = _("co-signatures")
        ordering = ["unit__number", "unit__name", "pk"]
        constraints = [
            models.UniqueConstraint("report", "unit", name="one_cosignature_per_unit"),
            models.CheckConstraint(
                condition=~Q(state="signed") | (Q(signed_on__isnull=False) & ~Q(text_hash="")),
                name="a_cosignature_knows_its_text_and_day",
            ),
        ]

    def __str__(self):
        return f"{self.report}: {self.unit}"

    def get_absolute_url(self):
        return self.report.get_absolute_url()

    def lock_first(self):
        return (self.report,)

    def announce(self, entry):
        announcements.announce_cosignature(self, entry)

    def may(self, verb, actor):
        return self.report.state in self.SIGNABLE and super().may(verb, actor)

    @property
    def is_outstanding(self):
        return self.state != self.State.SIGNED

    @transition(State.PLANNED, State.ASKED, to=State.ASKED)
    def ask(self, *, by, reason=""):
        """The unit hears that its word is wanted; from now on it sees the report."""

    @transition(State.ASKED, State.SIGNED, State.LAPSED, to=State.SIGNED)
    def sign(self, *, by, text_hash, remark="", reason=""):
        """Co-sign the text that was read: takes its hash, so that nobody signs a text changed meanwhile."""
        if self.report.state not in self.SIGNABLE:
            raise RuleViolation(_("The report has been submitted, co-signing is over."))
        if text_hash != self.report.text_hash():
            raise RuleViolation(_("The text has changed since you opened this page. Please read it again."))
        self.text_hash, self.remark = text_hash, remark
        self.signed_on = timezone.localdate()
        membership = by.granting(self.permission("sign"), self)
        with override(self.strategy.lang):
            self.signed_as = membership.get_role_display() if membership else ""

    @transition(State.SIGNED, to=State.LAPSED)
    def lapse(self, *, by, reason=""):
        """The text is not the one that was signed any more."""
