from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from measures import announcements
from measures.clock import Clock
from strategy.as_of import today
from strategy.changes import changes
from strategy.models import CouncilPaper, Role, StrategyBound
from strategy.workflow import RuleViolation, Workflow, transition


class StaffParticipationQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """All who take part see that it runs; the council's words once it has stated them."""
        return self.filter(
            strategy__in=actor.strategies(*Role.TAKING_PART),
            measure__submitted_on__isnull=False,
        ) | self.filter(strategy__in=actor.strategies(Role.PROJECT_GROUP))

    def concluded(self):
        return self.filter(state=StaffParticipation.State.CONCLUDED)

    def under_way(self):
        return self.exclude(state=StaffParticipation.State.CONCLUDED)

    def for_list(self):
        return self.select_related("measure__strategy", "measure__field")

    @transaction.atomic
    def start(self, measure, *, by, kind, informed_on, paragraph="", council_papers=()):
        """Open the formal participation on a measure handed over; its clock starts when fully informed.

        Raises PermissionDenied and RuleViolation.
        """
        measure.reread_locked()
        participation = self.model(measure=measure, strategy_id=measure.strategy_id, kind=kind, paragraph=paragraph)
        permission = "measures.add_staffparticipation"
        if not by.has_perm(permission, participation):
            raise PermissionDenied(permission)
        if measure.submitted_on is None:
            raise RuleViolation(_("The staff council does not see a draft; please submit the measure first."))
        if measure.is_ended:
            raise RuleViolation(_("This measure has ended; there is nothing left to participate in."))
        participation.run_from(informed_on)
        participation._changed_by = by
        participation.save()
        participation.take_papers(council_papers)
        participation.record_start(by, by.granting(permission, participation))
        return participation


class StaffParticipation(Workflow, StrategyBound):
    """Formal participation of the staff council; blocks nothing by itself, and draws no consequence of the law."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        STATED = "stated", _("stated")
        CONCLUDED = "concluded", _("concluded")

    class Kind(models.TextChoices):
        CODETERMINATION = "codetermination", _("Co-determination, LPVG §§ 74/75")
        COOPERATION = "cooperation", _("Cooperation, LPVG § 81")
        HEARING = "hearing", _("Hearing, LPVG § 87")

    class Vote(models.TextChoices):
        CONSENTS = "consents", _("consents")
        REFUSES = "refuses", _("refuses its consent")
        NO_OBJECTION = "no_objection", _("has no objections")
        OBJECTS = "objects", _("raises objections")
        COMMENTS = "comments", _("gives a statement")
        NO_COMMENT = "no_comment", _("gives no statement")
        INCOMPLETE = "incomplete", _("regards the information as incomplete")

    VOTES = {
        Kind.CODETERMINATION: (Vote.CONSENTS, Vote.REFUSES, Vote.INCOMPLETE),
        Kind.COOPERATION: (Vote.NO_OBJECTION, Vote.OBJECTS, Vote.INCOMPLETE),
        Kind.HEARING: (Vote.COMMENTS, Vote.NO_COMMENT, Vote.INCOMPLETE),
    }
    VOTES_WITH_TEXT = (Vote.REFUSES, Vote.OBJECTS, Vote.COMMENTS, Vote.INCOMPLETE)

    measure = models.ForeignKey("measures.Measure", models.CASCADE, related_name="staff_participations")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    paragraph = models.CharField(_("provision"), max_length=120, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.OPEN)
    informed_on = models.DateField(_("fully informed on"))
    due_on = models.DateField(_("due on"))
    vote = models.CharField(_("vote"), max_length=20, choices=Vote.choices, blank=True)
    statement = models.TextField(_("statement"), blank=True, max_length=5000)
    stated_on = models.DateField(_("stated on"), null=True)
    outcome = models.TextField(_("outcome"), blank=True, max_length=2000)
    concluded_on = models.DateField(_("concluded on"), null=True)
    council_papers = models.ManyToManyField(
        CouncilPaper, blank=True, related_name="staff_participations", verbose_name=_("council papers")
    )

    objects = StaffParticipationQuerySet.as_manager()
    changes = changes(m2m_fields=[council_papers])

    class Meta:
        verbose_name = _("formal participation")
        verbose_name_plural = _("formal participations")
        ordering = ["-informed_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_on__gte=F("informed_on")), name="participation_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(vote="", statement="", stated_on__isnull=True) | Q(stated_on__isnull=False) & ~Q(vote=""),
                name="a_stated_view_has_a_vote_and_a_day",
            ),
        ]

    def __str__(self):
        return f"{self.measure.code}: {self.get_kind_display()}"

    def get_absolute_url(self):
        return reverse("measures:participation", args=[self.measure.strategy.slug, self.measure.code, self.pk])

    def lock_first(self):
        return (self.measure,)

    @property
    def basis(self):
        """Kind and provision, as exactly as it is on record."""
        return f"{self.get_kind_display()}: {self.paragraph}" if self.paragraph else self.get_kind_display()

    @property
    def is_silent(self):
        """Concluded without the council having stated its view."""
        return self.state == self.State.CONCLUDED and self.stated_on is None

    def is_overdue(self, on=None):
        return self.state == self.State.OPEN and self.due_on < (on or today())

    def clock(self, on=None):
        """Runs until the council states its view or the outcome is recorded."""
        stopped_on = self.stated_on or self.concluded_on
        return Clock(self.informed_on, self.due_on, stopped_on or on or today(), stopped_on is None)

    def earlier_statements(self):
        """Rows of history with what the council stated before the view that counts, newest first. Queries."""
        told, current = [], (self.vote, self.statement, self.informed_on)
        rows = self.changes.exclude(stated_on=None).select_related("history_user", "in_place_of")
        for row in rows.order_by("-history_date", "-history_id"):
            if (row.vote, row.statement, row.informed_on) != current:
                told.append(row)
                current = (row.vote, row.statement, row.informed_on)
            elif told:
                told[-1] = row  # the same words saved again by a later step: the row in which they were stated
        return told

    def run_from(self, informed_on):
        """The period does not run before the information is complete (BVerwG, 8 November 1989, 6 P 7/87)."""
        if informed_on > timezone.localdate():
            raise RuleViolation(
                {"informed_on": _("This day lies in the future; the clock starts when the council has been informed.")}
            )
        self.informed_on = informed_on
        self.due_on = informed_on + timedelta(days=self.measure.strategy.formal_participation_days)

    def take_papers(self, papers):
        """Refer to these council papers and to no others."""
        if any(paper.strategy_id != self.strategy_id for paper in papers):
            raise RuleViolation({"council_papers": _("This belongs to another strategy.")})
        self.council_papers.set(papers)

    def record_start(self, by, membership):
        """The first step; the council hears of it."""
        about = {"label": str(self), "object_id": str(self.pk)}
        entry = self.record("start", by=by, membership=membership, before="", after=self.state, reason="", **about)
        self.announce(entry)

    def announce(self, entry):
        announcements.announce_participation(self, entry)

    # Transitions

    @transition(State.OPEN, State.STATED, to=State.OPEN, reason=True)
    def inform_again(self, *, by, reason, informed_on):
        """Documents were missing: the clock starts anew on the day on which the council had all of them.

        What the council has stated so far was said without them; it stays on record as an earlier statement.
        """
        if informed_on <= self.informed_on:
            raise RuleViolation({"informed_on": _("Please give a later day than the one on record.")})
        self.run_from(informed_on)
        self.vote, self.statement, self.stated_on = "", "", None

    @transition(State.OPEN, reason=True)
    def extend(self, *, by, reason, due_on):
        """Give the council more time than the law or the strategy asks for."""
        if due_on <= max(self.due_on, timezone.localdate() - timedelta(days=1)):
            raise RuleViolation({"due_on": _("Please give a later day than the one on record, and none of the past.")})
        self.due_on = due_on

    @transition(State.OPEN, State.STATED, to=State.STATED)
    def state_view(self, *, by, vote, text="", reason=""):
        """The council states its view; changeable until the outcome is recorded, earlier views stay on record."""
        if vote not in self.VOTES[self.Kind(self.kind)]:
            raise RuleViolation({"vote": _("Please choose one of the answers that this kind of participation knows.")})
        if vote in self.VOTES_WITH_TEXT and not text.strip():
            raise RuleViolation({"text": _("Please give the reasons; they go on record with the vote.")})
        self.vote, self.statement, self.stated_on = vote, text, timezone.localdate()

    @transition(State.OPEN, State.STATED, to=State.CONCLUDED, reason=True)
    def conclude(self, *, by, reason):
        """Record the outcome; silence is recorded as silence."""
        self.outcome, self.concluded_on = reason, timezone.localdate()

    @transition(State.OPEN, State.STATED, State.CONCLUDED)
    def specify(self, *, by, paragraph, council_papers, reason=""):
        """Name the exact provision and the council papers that go with it; some come afterwards."""
        self.paragraph = paragraph
        self.take_papers(council_papers)
