"""Reports that come again: planned for a session, prefilled from the last one, measures brought up to date first."""

from calendar import monthrange
from datetime import date, timedelta

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Exists, ExpressionWrapper, OuterRef, Q
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from measures.models import Measure
from strategy.ladder import BEFORE, working_day
from strategy.models import CouncilSession, OrganisationalUnit, Transition
from strategy.workflow import RuleViolation

from .consultation import Consultation
from .cosignature import CoSignature

UP_TO_DATE_BEFORE = timedelta(days=28)  # the session: time to write, co-sign, approve and send

# What the next report of a strategy takes over from the last one …
PREFILLED = (
    "subject",
    "about",
    "kind",
    "is_summary",
    "originators",
    "file_reference",
    "motion",
    "text",
    "financial_effects",
    "foreword",
    "deviations",
    "participation",
    "outlook",
    "scope_states",
)
# … and what of it has to be read again, because it tells how things stood then.
TO_READ_AGAIN = (
    "subject",
    "about",
    "consultations",
    "motion",
    "text",
    "financial_effects",
    "foreword",
    "deviations",
    "participation",
    "outlook",
    "cosigning_units",
)

SESSION_TAKEN = _("A report is planned for this session already.")


def months_after(day, months):
    """The same day so many months later, or the last day of a month that has fewer."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def up_to_date_by(session, on=None):
    """By when the measures of a report for this session are best up to date; never a day that has passed."""
    wanted = working_day(session.held_on - UP_TO_DATE_BEFORE, BEFORE)
    return max(wanted, min(on or timezone.localdate(), session.held_on))


class SeriesQuerySet(models.QuerySet):
    def planned(self, strategy):
        """Not yet laid before the steering team, for a session ahead: the next one first."""
        ahead = self.filter(strategy=strategy, planned_for__isnull=False).exclude(state__in=self.model.HANDED_IN)
        return ahead.select_related("strategy", "planned_for__body", "predecessor").order_by(
            "planned_for__held_on", "pk"
        )

    def waiting_for_updates(self, strategy):
        """Drafts whose measures are to be brought up to date first, the most urgent one first."""
        waiting = self.filter(strategy=strategy, state=self.model.State.DRAFT, updates_due_on__isnull=False)
        return waiting.select_related("strategy", "planned_for__body", "predecessor").order_by("updates_due_on", "pk")

    def last_told_on(self, strategy):
        """The day of the last session that had a final report of this strategy, or None."""
        told = Consultation.objects.filter(report__in=self.filter(strategy=strategy, state=self.model.State.FINAL))
        return told.aggregate(last=models.Max("session__held_on"))["last"]

    def free_sessions(self, strategy, on=None):
        """Sessions ahead for which no report is planned yet."""
        taken = self.filter(strategy=strategy, planned_for__isnull=False).exclude(state=self.model.State.SUPERSEDED)
        ahead = CouncilSession.objects.filter(strategy=strategy, held_on__gte=on or timezone.localdate())
        return ahead.exclude(pk__in=taken.values("planned_for")).select_related("body").order_by("held_on", "pk")

    def wanted_on(self, strategy):
        """When the strategy's rhythm asks for the next report, or None where there has been none."""
        last = self.last_told_on(strategy)
        return months_after(last, strategy.report_rhythm_months) if last else None

    def take_session(self, session):
        """Lock a session for a report within the transaction that plans it: of two who do so the second waits.

        Raises:
            RuleViolation: another report is planned for this session.
        """
        CouncilSession.objects.select_for_update().get(pk=session.pk)
        if not self.free_sessions(session.strategy).filter(pk=session.pk).exists():
            raise RuleViolation({"planned_for": SESSION_TAKEN})

    def plan(self, *, by, session, updates_due_on=None, **values):
        """A draft for this session, prefilled from the last final report; units that co-signed it are noted.

        Raises:
            PermissionDenied: the actor may not add reports.
            RuleViolation: another report is planned for this session, or a day does not fit.
        """
        check_updates_day(session, updates_due_on)
        with transaction.atomic():
            self.take_session(session)
            report = self.create_draft(
                by=by, strategy=session.strategy, planned_for=session, updates_due_on=updates_due_on, **values
            )
            report.hold_session()
            return report

    def draft_supplement(self, *, by, to):
        """A paper that goes with a final one under its number, for example “1. Ergänzung”; its text is still empty.

        Raises:
            PermissionDenied: the actor may not add reports.
            RuleViolation: the paper it goes with is not final.
        """
        with transaction.atomic():
            to.reread_locked()
            report = self.model(strategy=to.strategy, supplement_to=to, paper_only=True)
            if not by.has_perm("reporting.add_councilreport", report):
                raise PermissionDenied("reporting.add_councilreport")
            if to.state != to.State.FINAL:
                raise RuleViolation(_("Only a final report gets a supplement."))
            for name in ("number", "subject", "about", "kind", "originators", "file_reference", "banner"):
                setattr(report, name, getattr(to, name))
            report.supplement = f"{1 + to.supplements.count()}. Ergänzung"
            report._changed_by = by
            report.save()
            report.copy_rows(to)
            return report


class InSeries(models.Model):
    """The part of a report that follows from the one before it."""

    planned_for = models.ForeignKey(
        CouncilSession,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="planned_reports",
        verbose_name=_("planned for"),
        help_text=_("The session at which the council is to have it."),
    )
    updates_due_on = models.DateField(
        _("measures up to date by"),
        null=True,
        blank=True,
        help_text=_("Whoever leads a running measure is reminded until then to report its status."),
    )
    to_revise = models.JSONField(default=list, blank=True, editable=False)
    supplement_to = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="supplements",
        verbose_name=_("supplement to"),
        editable=False,
    )

    class Meta:
        abstract = True

    @property
    def waits_for_updates(self):
        return self.state == self.State.DRAFT and self.updates_due_on is not None

    @property
    def updates_asked_on(self):
        """Since when there has been such a day; steps of the ladder before it are nobody's."""
        return timezone.localdate(self.created_at)

    def frozen_at(self):
        """The moment of the last report's data, or None: what was reported after it is new to the council."""
        build = self.predecessor.latest_done_build() if self.predecessor_id else None
        return build.started_at if build else None

    def measures_to_update(self):
        """The running measures of its scope with ``is_updated``: reported on since the last report's data."""
        since = self.frozen_at()
        is_updated = Exists(_reported_after(since)) if since else Q(status_on__isnull=False)
        running = self.measures_in_scope().filter(state=Measure.State.RUNNING)
        return running.annotate(is_updated=ExpressionWrapper(is_updated, output_field=models.BooleanField()))

    def prefill(self, last, values):
        """Take over the texts of the last report, save those that are given, and mark what is to be read again."""
        for name in PREFILLED:
            setattr(self, name, values.get(name, getattr(last, name)))
        texts = [name for name in TO_READ_AGAIN if name in PREFILLED and name not in values and getattr(last, name)]
        rows = {"consultations": last.consultations, "cosigning_units": last.cosignatures}
        marked = {*texts, *(name for name, found in rows.items() if found.exists())}
        self.to_revise = [name for name in TO_READ_AGAIN if name in marked]

    def copy_rows(self, other):
        """Take over scope, bodies, signatures and the units to be asked from another report of the strategy."""
        self.scope_fields.set(other.scope_fields.all())
        self.scope_stages.set(other.scope_stages.all())
        for row in other.consultations.all():
            self.consultations.create(
                strategy_id=self.strategy_id,
                position=row.position,
                body_id=row.body_id,
                purpose=row.purpose,
                is_public=row.is_public,
            )
        for row in other.signatures.all():
            self.signatures.create(
                strategy_id=self.strategy_id, position=row.position, name=row.name, function=row.function
            )
        for unit in OrganisationalUnit.objects.valid().filter(cosignatures__report=other):
            self.cosignatures.create(strategy_id=self.strategy_id, unit=unit, state=CoSignature.State.PLANNED)

    def hold_session(self):
        """The body of the session it is planned for gets this session, at the end where it was not among them."""
        session = self.planned_for
        row = self.consultations.filter(body=session.body).first() or Consultation(
            report=self,
            strategy_id=self.strategy_id,
            purpose=Consultation.Purpose.INFORMATION,
            position=self.consultations.count(),
        )
        row.session = session
        row.save()


def _reported_after(moment):
    """The steps by which the status of a measure was reported, for a subquery of measures."""
    return Transition.objects.filter(
        content_type=ContentType.objects.get_for_model(Measure),
        object_id=Cast(OuterRef("pk"), models.CharField()),
        verb="report_status",
        at__gt=moment,
    )


def check_updates_day(session, day, on=None):
    """Raise RuleViolation where measures cannot be brought up to date between today and the session."""
    if day and day < (on or timezone.localdate()):
        raise RuleViolation({"updates_due_on": _("This day has passed.")})
    if day and session and day > session.held_on:
        raise RuleViolation({"updates_due_on": _("This day lies after the session.")})
