import uuid
from datetime import timedelta

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from measures import announcements
from measures.clock import Clock
from measures.similarity import similar
from strategy.as_of import past_day, today
from strategy.changes import changes
from strategy.models import (
    EditConflict,
    OrganisationalUnit,
    Role,
    Stage,
    Strategy,
    StrategyBound,
    Transition,
    Versioned,
)
from strategy.workflow import RuleViolation, Workflow, transition

from .measure import Measure


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    ANSWERED = "answered", _("Answered")
    OBJECTED = "objected", _("Objected")
    SETTLED = "settled", _("Settled")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Kind(models.TextChoices):
    INFORMAL = "informal", _("Informal need")
    APPLICATION = "application", _("Application, LPVG § 84")


class Outcome(models.TextChoices):
    ADOPTED = "adopted", _("adopted")
    MERGED = "merged", _("merged")
    DEFERRED = "deferred", _("deferred")
    DECLINED = "declined", _("declined")


class NeedQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Until submission the staff council alone, a deputy only as one of its members; then all who take part."""
        council = Q(strategy__in=actor.strategies_in_person(Role.STAFF_COUNCIL))
        takes_part = Q(strategy__in=actor.strategies(*Role.TAKING_PART), submitted_on__isnull=False)
        return self.filter(council | takes_part)

    def drafts(self):
        return self.filter(state=State.DRAFT)

    def open(self):
        """Handed over and not yet settled."""
        return self.filter(state__in=Need.OPEN)

    def unanswered(self):
        return self.filter(state__in=Need.UNANSWERED)

    def reportable(self):
        """What a report tells of: handed over and not withdrawn. Confidential ones stay out of everything public."""
        return self.filter(submitted_on__isnull=False).exclude(state=State.WITHDRAWN)

    def behind(self, measure):
        """Those it came from or took in; on a past day, those that had been answered by then."""
        found = self.filter(measure=measure).select_related("strategy").order_by("number")
        return found.filter(answered_on__lte=past_day()) if past_day() else found

    def for_list(self):
        return self.select_related("strategy", "measure__strategy", "merged_into", "deferred_to")

    def discarded(self, actor):
        """The steps by which drafts were discarded: the trace they left, for the staff council alone."""
        return Transition.objects.filter(
            content_type=ContentType.objects.get_for_model(self.model),
            verb="discard",
            strategy__in=actor.strategies_in_person(Role.STAFF_COUNCIL),
        )

    def create_draft(self, *, by, strategy, **values):
        """A new draft of the staff council; without a number until it is submitted. Raises PermissionDenied."""
        with transaction.atomic():
            if not by.has_perm("measures.add_need", strategy):
                raise PermissionDenied("measures.add_need")
            need = self.model(strategy=strategy)
            need._take_over(by, values)
            return need


class Need(Workflow, Versioned, StrategyBound):
    """What the staff council asks for beyond the measures there are, and what has become of it."""

    State, Kind, Outcome = State, Kind, Outcome
    UNANSWERED = (State.SUBMITTED, State.ACKNOWLEDGED)
    OPEN = (*UNANSWERED, State.ANSWERED, State.OBJECTED)

    class Urgency(models.TextChoices):
        LOW = "low", _("low")
        MEDIUM = "medium", _("medium")
        HIGH = "high", _("high")

    class Origin(models.TextChoices):
        PORTAL = "portal", _("entered in the portal")
        PAPER = "paper", _("received on paper or in conversation")

    class LegalBasis(models.TextChoices):
        """What an application under § 84 can rest on."""

        FULL_CODETERMINATION = "74", _("LPVG § 74")
        CODETERMINATION = "75", _("LPVG § 75 (4)")
        COOPERATION = "81", _("LPVG § 81 (1)")

    LEADS_TO = {
        Outcome.ADOPTED: (),
        Outcome.MERGED: ("measure", "merged_into"),
        Outcome.DEFERRED: ("deferred_to",),
        Outcome.DECLINED: (),
    }

    TEXTS = ("title", "text", "reasons")
    NEEDED_FOR_SUBMISSION = ("title", "text")
    NEEDED_OF_AN_APPLICATION = ("reasons", "legal_basis", "resolved_on")  # § 84 asks for reasons

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveIntegerField(_("number"), null=True, editable=False)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.DRAFT, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.INFORMAL)
    legal_basis = models.CharField(
        _("legal basis of the application"), max_length=2, choices=LegalBasis.choices, blank=True
    )
    resolved_on = models.DateField(_("day of the staff council's resolution"), null=True, blank=True)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("what is needed"), blank=True, max_length=10000)
    reasons = models.TextField(_("reasons"), blank=True, max_length=10000)
    affected_units = models.ManyToManyField(
        OrganisationalUnit, blank=True, related_name="needs", verbose_name=_("affected units")
    )
    affected_groups = models.CharField(_("affected groups of employees"), max_length=300, blank=True)
    employees_behind = models.PositiveIntegerField(
        _("employees behind it"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("A number, never names."),
    )
    urgency = models.CharField(_("urgency"), max_length=10, choices=Urgency.choices, default=Urgency.MEDIUM)
    wished_stage = models.ForeignKey(
        Stage, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("wished stage")
    )
    origin = models.CharField(_("origin"), max_length=10, choices=Origin.choices, default=Origin.PORTAL)
    is_confidential = models.BooleanField(
        _("confidential"),
        default=False,
        help_text=_("Keeps the need out of everything that is public."),
    )

    submitted_on = models.DateField(_("received on"), null=True, editable=False)
    acknowledged_on = models.DateField(_("acknowledged on"), null=True, editable=False)
    due_on = models.DateField(_("answer due on"), null=True, editable=False)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome.choices, blank=True, editable=False)
    answer_text = models.TextField(_("answer"), blank=True, editable=False)
    answered_on = models.DateField(_("answered on"), null=True, editable=False)
    measure = models.ForeignKey(
        Measure,
        models.PROTECT,
        null=True,
        related_name="needs",
        verbose_name=_("measure"),
        editable=False,
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="merged_needs",
        verbose_name=_("merged into the need"),
        editable=False,
    )
    deferred_to = models.ForeignKey(
        Stage, models.PROTECT, null=True, related_name="+", verbose_name=_("deferred to"), editable=False
    )
    objection = models.TextField(_("objection"), blank=True, editable=False)
    objected_on = models.DateField(_("objected on"), null=True, editable=False)
    objection_answer = models.TextField(_("answer to the objection"), blank=True, editable=False)
    objection_answered_on = models.DateField(_("objection answered on"), null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = NeedQuerySet.as_manager()
    changes = changes(m2m_fields=[affected_units])

    class Meta:
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        ordering = [models.F("number").desc(nulls_first=True), "-created_at"]
        constraints = [
            models.UniqueConstraint("strategy", "number", name="one_need_per_number"),
            models.CheckConstraint(
                condition=Q(state=State.DRAFT, number=None, submitted_on=None, due_on=None)
                | ~Q(state=State.DRAFT) & Q(number__isnull=False, submitted_on__isnull=False, due_on__isnull=False),
                name="a_need_has_a_number_once_it_is_submitted",
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.APPLICATION) | Q(kind=Kind.INFORMAL, legal_basis="", resolved_on=None),
                name="an_informal_need_is_no_application",
                violation_error_message=_("Only an application names a legal basis and a resolution."),
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.INFORMAL)
                | Q(state=State.DRAFT)
                | ~Q(legal_basis="") & ~Q(reasons="") & Q(resolved_on__isnull=False),
                name="a_submitted_application_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[State.ANSWERED, State.OBJECTED, State.SETTLED], answered_on__isnull=False)
                | ~Q(state__in=[State.ANSWERED, State.OBJECTED, State.SETTLED]) & Q(outcome="", answered_on=None),
                name="what_is_answered_has_an_answer",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["", Outcome.DECLINED], measure=None, merged_into=None, deferred_to=None)
                | Q(outcome=Outcome.ADOPTED, measure__isnull=False, merged_into=None, deferred_to=None)
                | Q(outcome=Outcome.MERGED, measure__isnull=False, merged_into=None, deferred_to=None)
                | Q(outcome=Outcome.MERGED, measure=None, merged_into__isnull=False, deferred_to=None)
                | Q(outcome=Outcome.DEFERRED, measure=None, merged_into=None, deferred_to__isnull=False),
                name="an_outcome_says_where_the_need_went",
            ),
            models.CheckConstraint(condition=~Q(merged_into=models.F("id")), name="no_need_is_merged_into_itself"),
        ]
        indexes = [models.Index(fields=["strategy", "state"], name="need_by_state")]

    @classmethod
    def told_of(cls, rows):
        """A draft is the staff council's alone, and so is that there is one."""
        return rows.exclude(state=cls.State.DRAFT)

    def __str__(self):
        return f"{self.code} {self.title}" if self.number else self.title

    def get_absolute_url(self):
        return reverse("measures:need", args=[self.strategy.slug, self.pk])

    @property
    def code(self):
        """“N4”, or nothing before submission."""
        return f"N{self.number}" if self.number else ""

    @property
    def is_open(self):
        return self.state in self.OPEN

    def is_overdue(self, on=None):
        return self.state in self.UNANSWERED and self.due_on < (on or today())

    def clock(self, on=None):
        """Runs from receipt until the answer."""
        until = self.answered_on or on or today()
        return Clock(self.submitted_on, self.due_on, until, is_running=self.state in self.UNANSWERED)

    def may(self, verb, actor):
        """An objection is made once."""
        return super().may(verb, actor) and not (verb == "object" and self.objected_on)

    def visible_since(self, actor):
        """The moment from which the actor may read the history, or None for all of it; asks the database."""
        return visible_since([self], actor)[self.pk]

    # What resembles it

    def similar_measures(self, actor):
        """[(measure, share)] of the measures that resemble it most, of those the actor sees; two queries."""
        measures = Measure.objects.visible_to(actor).filter(strategy=self.strategy_id)
        return self._similar(measures.exclude(state=Measure.State.DROPPED), ("title", "goal", "description"))

    def similar_needs(self, actor):
        """[(need, share)] of the other needs that resemble it most, of those the actor sees; two queries."""
        needs = Need.objects.visible_to(actor).filter(strategy=self.strategy_id)
        return self._similar(needs.exclude(pk=self.pk), self.TEXTS)

    def _similar(self, rows, texts):
        own = " ".join(getattr(self, name) for name in self.TEXTS)
        candidates = ((pk, " ".join(words)) for pk, *words in rows.order_by("pk").values_list("pk", *texts))
        found = similar(own, candidates)
        known = rows.for_list().in_bulk([pk for pk, _share in found])
        return [(known[pk], share) for pk, share in found]

    def announce(self, entry):
        announcements.announce_need(self, entry)

    # Editing

    def edit(self, *, by, version, changes):
        """Save what somebody typed into a draft, if nobody else has saved since.

        Raises:
            PermissionDenied: the actor may not edit needs.
            EditConflict: the stored version is another one; nothing has been saved.
            RuleViolation: it has been submitted, or kind and legal basis do not go together.
        """
        with transaction.atomic():
            self.reread_locked()
            if not by.has_perm("measures.change_need", self):
                raise PermissionDenied("measures.change_need")
            if self.version != version:
                raise EditConflict(self)
            if self.state != State.DRAFT:
                raise RuleViolation(_("This need has been submitted and is no longer edited."))
            self.version += 1
            self._take_over(by, changes)

    def _take_over(self, by, values):
        self._changed_by = by
        units = values.pop("affected_units", None)
        for name, value in values.items():
            setattr(self, name, value)
        self._check_kind()
        if units is not None and any(unit.strategy_id != self.strategy_id for unit in units):
            raise RuleViolation({"affected_units": _("This belongs to another strategy.")})
        is_new = self._state.adding
        if is_new:
            self.save()
        if units is not None:
            self.affected_units.set(units)
        if not is_new:
            self.save()

    def _check_kind(self):
        """An application under § 84 and an informal need are never mixed."""
        given = [name for name in ("legal_basis", "resolved_on") if getattr(self, name)]
        if self.kind == Kind.INFORMAL and given:
            raise RuleViolation(dict.fromkeys(given, _("Only an application has this; please leave it empty.")))

    # Transitions

    @transition(State.DRAFT, to=State.SUBMITTED)
    def submit(self, *, by, reason=""):
        """Hand it over: it gets its number, receipt is today, and the clock for the answer starts."""
        self._check_complete()
        self.number = Strategy.next_need_number(self.strategy_id)
        self.submitted_on = timezone.localdate()
        self.due_on = self.submitted_on + timedelta(days=self.strategy.need_answer_days)

    def missing_for_submission(self):
        """Names of the fields that still have to be filled in."""
        is_application = self.kind == Kind.APPLICATION
        needed = self.NEEDED_FOR_SUBMISSION + is_application * self.NEEDED_OF_AN_APPLICATION
        return [name for name in needed if not str(getattr(self, name) or "").strip()]

    def _check_complete(self):
        if missing := self.missing_for_submission():
            raise RuleViolation(dict.fromkeys(missing, _("Needed before the need can be submitted.")))
        if self.resolved_on and self.resolved_on > timezone.localdate():
            raise RuleViolation({"resolved_on": _("The resolution lies in the future.")})

    @transition(State.SUBMITTED, to=State.ACKNOWLEDGED)
    def acknowledge(self, *, by, reason=""):
        """Confirm receipt; the clock has been running since submission."""
        self.acknowledged_on = timezone.localdate()

    @transition(*UNANSWERED, reason=True)
    def extend(self, *, by, reason, due_on):
        """Set a later day for the answer; the reason is the interim notice to the staff council."""
        if due_on <= max(self.due_on, timezone.localdate()):
            raise RuleViolation({"due_on": _("The new day lies after the day promised so far, and ahead.")})
        self.due_on = due_on

    @transition(*UNANSWERED, to=State.ANSWERED, reason=True)
    def answer(self, *, by, reason, outcome, draft=None, measure=None, merged_into=None, deferred_to=None):
        """Say what becomes of the need, always with reasons.

        Adopted: ``draft`` holds the values of the measure that is made within this step, its ``field`` among
        them; what is missing is taken from ``measure_draft``. Merged: into a ``measure``, or as ``merged_into``
        another need. Deferred: ``deferred_to`` a stage.
        """
        self._check_answer(outcome, measure=measure, merged_into=merged_into, deferred_to=deferred_to)
        if outcome == Outcome.ADOPTED:
            self.measure = self._adopt(by, draft or {})
        elif outcome == Outcome.MERGED:
            self._merge(measure, merged_into)
        elif outcome == Outcome.DEFERRED:
            self.deferred_to = self._needed("deferred_to", deferred_to)
        self.outcome, self.answer_text, self.answered_on = outcome, reason, timezone.localdate()

    def _check_answer(self, outcome, **given):
        """An outcome there is, and nothing chosen beside it that it has no use for."""
        if outcome not in self.LEADS_TO:
            raise RuleViolation({"outcome": _("Please choose what becomes of the need.")})
        left_over = [name for name, row in given.items() if row is not None and name not in self.LEADS_TO[outcome]]
        if left_over:
            raise RuleViolation(dict.fromkeys(left_over, _("Does not go with this answer; please leave it empty.")))

    def measure_draft(self):
        """What an adopted need hands on to its measure; a confidential one only its stage, as a measure gets public."""
        draft = {"stage": self.wished_stage}
        return draft if self.is_confidential else draft | {"title": self.title, "description": self.text}

    def _adopt(self, by, draft):
        field = self._needed("field", draft.get("field"))
        values = self.measure_draft() | draft | {"field": field}
        if not values.get("title", "").strip():
            raise RuleViolation({"title": _("Please give the measure a title of its own: the need is confidential.")})
        return Measure.objects.create_draft(by=by, **values)

    def _merge(self, measure, need):
        if (measure is None) == (need is None):
            raise RuleViolation({"measure": _("Please choose the measure or the need that takes this one in.")})
        if measure is not None:
            self.measure = self._needed("measure", measure)
            measure.reread_locked()
            if measure.state == Measure.State.DROPPED:
                raise RuleViolation({"measure": _("This measure has been dropped.")})
        else:
            self.merged_into = self._free_to_take_in(self._needed("merged_into", need))

    def _free_to_take_in(self, need):
        """The other need, locked without waiting: of two that are merged into each other at once neither hangs."""
        if need.pk == self.pk:
            raise RuleViolation({"merged_into": _("A need cannot be merged into itself.")})
        other = Need.objects.select_for_update(skip_locked=True).filter(pk=need.pk).first()
        if other is None:
            message = _("Somebody is working on that need at this moment; please try again.")
        elif other.state in (State.DRAFT, State.WITHDRAWN) or other.merged_into_id:
            message = _("Only a submitted need that has not been merged itself can take this one in.")
        else:
            return other
        raise RuleViolation({"merged_into": message})

    def _needed(self, name, row):
        if row is None:
            raise RuleViolation({name: _("Needed for this answer.")})
        if row.strategy_id != self.strategy_id:
            raise RuleViolation({name: _("This belongs to another strategy.")})
        return row

    @transition(State.ANSWERED, to=State.SETTLED)
    def settle(self, *, by, reason=""):
        """The staff council leaves it at the answer."""

    @transition(State.ANSWERED, to=State.OBJECTED, reason=True)
    def object(self, *, by, reason):
        """Disagree with the answer, once; the steering team answers."""
        if self.objected_on:
            raise RuleViolation(_("An objection has been made already; only one is possible."))
        self.objection, self.objected_on = reason, timezone.localdate()

    @transition(State.OBJECTED, to=State.ANSWERED, reason=True)
    def answer_objection(self, *, by, reason):
        """The steering team's word on the objection; then the staff council can only settle."""
        self.objection_answer, self.objection_answered_on = reason, timezone.localdate()

    @transition(*UNANSWERED, to=State.WITHDRAWN)
    def withdraw(self, *, by, reason=""):
        """Take it back before there is an answer; number and text remain."""

    @transition(State.DRAFT)
    def discard(self, *, by, reason=""):
        """Delete a draft with its notes and attachments; the trace of this step is the staff council's alone."""
        for attachment in self.attachments.all():
            attachment.forget_file()
        self.delete()


def visible_since(needs, actor):
    """{id: moment from which the actor may read the history}, of needs of one strategy; at most two queries."""
    if not needs or needs[0].strategy_id in actor.strategies_in_person(Role.STAFF_COUNCIL):
        return {need.pk: None for need in needs}
    steps = Transition.objects.of(*needs).filter(verb="submit").reverse().moments()
    return {need.pk: steps.get(str(need.pk)) or timezone.now() for need in needs}


class NeedNoteQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """The staff council alone, for ever; a deputy only as one of its members."""
        return self.filter(strategy__in=actor.strategies_in_person(Role.STAFF_COUNCIL))

    def write(self, need, *, by, text):
        """Add a note to a need. Raises PermissionDenied and RuleViolation."""
        if not by.has_perm("measures.add_neednote", need):
            raise PermissionDenied("measures.add_neednote")
        if not text.strip():
            raise RuleViolation({"text": _("Please write the note.")})
        return self.create(need=need, text=text, written_by=by.user)


class NeedNote(StrategyBound):
    """An internal note of the staff council, never for anybody else, not even after submission."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    need = models.ForeignKey(Need, models.CASCADE, related_name="notes")
    text = models.TextField(_("internal note"), max_length=5000)
    written_by = models.ForeignKey("strategy.User", models.PROTECT, related_name="+", verbose_name=_("written by"))
    written_at = models.DateTimeField(_("written at"), default=timezone.now)

    objects = NeedNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("internal note")
        verbose_name_plural = _("internal notes")
        ordering = ["-written_at"]

    def __str__(self):
        return f"{self.need}: {self.written_at:%Y-%m-%d}"
