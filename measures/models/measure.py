from datetime import datetime, time

from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from measures import announcements
from strategy.as_of import today
from strategy.changes import changes
from strategy.models import (
    CouncilPaper,
    DatePrecision,
    EditConflict,
    FieldOfAction,
    Light,
    Membership,
    OrganisationalUnit,
    Phase,
    Priority,
    Role,
    Sourced,
    StrategyBound,
    Transition,
    Versioned,
)
from strategy.workflow import RuleViolation, Workflow, transition

from .milestone import Milestone
from .priority import PriorityDecision
from .review import Review
from .sheet import SheetTexts
from .status import Baseline, StatusUpdate
from .tag import Tag
from .text_version import CORE_FIELDS, CoreText, TextVersion


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    AGREED = "agreed", _("Agreed")
    DECIDED = "decided", _("Decided")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    COMPLETED = "completed", _("Completed")
    DROPPED = "dropped", _("Dropped")


class DaysBefore(models.Func):
    """The day that lies so many days before a day: takes the day and their number."""

    output_field = models.DateField()
    arity = 2

    def as_postgresql(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=" - ", **context)

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(
            compiler, connection, template="DATE(%(expressions)s || ' days')", arg_joiner=", '-' || ", **context
        )


def stale_on(on):
    """Running without a status update within the strategy's rhythm, as a condition."""
    fresh_since = DaysBefore(models.Value(on, output_field=models.DateField()), F("strategy__status_rhythm_days"))
    return Q(state=State.RUNNING) & (Q(status_on__isnull=True) | Q(status_on__lt=fresh_since))


WITHOUT_OWNER = Q(lead_unit__isnull=True) | Q(responsible_function="")


class MeasureQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Drafts are for those who write them; who only looks on sees what has been decided."""
        writes = Q(strategy__in=actor.strategies(Role.PROJECT_GROUP))
        takes_part = Q(strategy__in=actor.strategies(*Role.TAKING_PART), submitted_on__isnull=False)
        looks_on = Q(strategy__in=actor.strategies(*Role.LOOKING_ON), decided_on__isnull=False)
        return self.filter(writes | takes_part | looks_on)

    def of_unit(self, unit_ids):
        """Led by one of these units; ``Actor.units`` has those below them."""
        return self.filter(lead_unit__in=unit_ids)

    def tagged(self, names):
        """Under one of these tags."""
        under = Measure.tags.through.objects.filter(tag__name__in=names)
        return self.filter(pk__in=under.values("measure"))

    def under_way(self):
        return self.exclude(state__in=Measure.ENDED)

    def rankable(self):
        """What may stand in a ranking round: handed over and not ended."""
        return self.under_way().filter(submitted_on__isnull=False)

    def ownerless(self):
        return self.under_way().filter(WITHOUT_OWNER)

    def stale(self, on=None):
        return self.filter(stale_on(on or today()))

    def by_addressee(self, strategy):
        """([those whose lead unit somebody heads today], [those that reach nobody]), in the order asked for."""
        headed = Membership.objects.headed_units(strategy)
        reached, unreached = [], []
        for measure in self.filter(strategy=strategy).for_list():
            (reached if measure.lead_unit_id in headed else unreached).append(measure)
        return reached, unreached

    def needing_attention(self):
        return self.filter(light__shape__in=[Light.Shape.TRIANGLE, Light.Shape.OCTAGON])

    def with_care(self, on=None):
        """``care``: 0 for what is stale or without an owner, which comes first everywhere, else 1."""
        ended = Q(state__in=Measure.ENDED)
        first = stale_on(on or today()) | (WITHOUT_OWNER & ~ended)
        return self.annotate(care=models.Case(models.When(first, then=0), default=1))

    def stalest_first(self):
        """What has never been reported on, then the oldest status."""
        return self.order_by(F("status_on").asc(nulls_first=True), "pk")

    def with_urgency(self):
        """``urgency``: 0 for the light that needs most attention; what was dropped needs none."""
        shapes = [
            Light.Shape.OCTAGON,
            Light.Shape.TRIANGLE,
            Light.Shape.RING,
            Light.Shape.DISC,
            Light.Shape.SQUARE,
        ]
        ranks = [models.When(light__shape=shape, then=rank) for rank, shape in enumerate(shapes)]
        dropped = models.When(state=State.DROPPED, then=len(shapes))
        return self.annotate(urgency=models.Case(dropped, *ranks, default=len(shapes) + 1))

    def with_next_due(self):
        """``next_due_on``: the day of the next milestone that has not been reached."""
        ahead = Milestone.objects.open().filter(measure=models.OuterRef("pk"))
        return self.annotate(next_due_on=models.Subquery(ahead.order_by("due_on").values("due_on")[:1]))

    def for_list(self):
        """Everything one row of the list shows, in a constant number of queries."""
        return self.select_related("field", "lead_unit", "light", "priority", "stage", "phase", "strategy")

    def for_export(self):
        """Everything a row of an exported sheet holds, in three queries."""
        return self.for_list().prefetch_related(*Measure.MANY)

    def create_draft(self, *, by, field, **values):
        """A new draft with the field's next code.

        Takes the actor, the ``FieldOfAction`` and values of editable fields. Raises PermissionDenied.
        """
        with transaction.atomic():
            if not by.has_perm("measures.add_measure", field):
                raise PermissionDenied("measures.add_measure")
            many = take_out(values, Measure.MANY)
            measure = self.model(strategy_id=field.strategy_id, field=field, **values)
            measure.code = FieldOfAction.next_code(field.pk)
            measure.light = measure.light_of_shape(Light.Shape.RING)
            measure._changed_by = by
            measure.save()
            measure._set_many(many, by)
            return measure


class Measure(Workflow, CoreText, SheetTexts, Sourced, Versioned):
    """A measure of the strategy, from its first draft to its completion."""

    State = State
    ENDED = (State.COMPLETED, State.DROPPED)
    EDITABLE = (
        State.DRAFT,
        State.IN_REVIEW,
        State.AGREED,
        State.DECIDED,
        State.RUNNING,
        State.PAUSED,
    )

    MANY = ("involved_units", "tags", "council_papers")  # fields of several rows

    NEEDED_FOR_SUBMISSION = (
        "title",
        "goal",
        "field",
        "stage",
        "lead_unit",
        "responsible_function",
    )

    code = models.CharField(_("code"), max_length=10, editable=False)
    state = models.CharField(
        _("state"),
        max_length=20,
        choices=State.choices,
        default=State.DRAFT,
        editable=False,
    )
    paused_from = models.CharField(max_length=20, choices=State.choices, blank=True, editable=False)
    involved_units = models.ManyToManyField(
        OrganisationalUnit,
        blank=True,
        related_name="involved_in",
        verbose_name=_("involved units"),
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="measures", verbose_name=_("tags"))
    council_papers = models.ManyToManyField(
        CouncilPaper,
        blank=True,
        related_name="measures",
        verbose_name=_("decisions and council papers"),
    )
    responsible_function = models.CharField(
        _("responsible function"),
        max_length=150,
        blank=True,
        help_text=_("A function, not a name: for example “Head of HR development”."),
    )
    phase = models.ForeignKey(
        Phase,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="measures",
        verbose_name=_("phase"),
    )
    priority = models.ForeignKey(
        Priority,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="measures",
        verbose_name=_("priority"),
        editable=False,
    )
    starts_on = models.DateField(_("begins"), null=True, blank=True)
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    date_precision = models.CharField(
        _("dates are exact to the"),
        max_length=5,
        choices=DatePrecision.choices,
        default=DatePrecision.DAY,
    )
    is_permanent = models.BooleanField(_("permanent task"), default=False)
    status_known = models.TextField(_("state on record"), blank=True)

    light = models.ForeignKey(
        Light,
        models.PROTECT,
        null=True,
        related_name="measures",
        verbose_name=_("light"),
        editable=False,
    )
    progress = models.PositiveSmallIntegerField(
        _("progress"), default=0, validators=[MaxValueValidator(100)], editable=False
    )
    status_on = models.DateField(_("last status update"), null=True, editable=False)

    submitted_on = models.DateField(_("submitted on"), null=True, editable=False)
    decided_on = models.DateField(_("decided on"), null=True, editable=False)
    started_on = models.DateField(_("started on"), null=True, editable=False)
    completed_on = models.DateField(_("completed on"), null=True, editable=False)

    created_at = models.DateTimeField(auto_now_add=True)

    objects = MeasureQuerySet.as_manager()
    changes = changes(m2m_fields=MANY)

    class Meta:
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        ordering = ["field__position", "pk"]
        constraints = [
            models.UniqueConstraint("strategy", "code", name="one_measure_per_code"),
            models.CheckConstraint(condition=Q(progress__lte=100), name="progress_is_a_percentage"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="measure_ends_after_it_begins",
                violation_error_message=_("The end lies before the beginning."),
            ),
            models.CheckConstraint(
                condition=~Q(state=State.DRAFT) | Q(submitted_on__isnull=True),
                name="a_draft_is_not_handed_over",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.DECIDED, State.RUNNING, State.COMPLETED]) | Q(decided_on__isnull=False),
                name="what_runs_has_been_decided",
            ),
        ]
        indexes = [models.Index(fields=["strategy", "state"], name="measure_by_state")]

    def __str__(self):
        return f"{self.code} {self.title}"

    def get_absolute_url(self):
        return reverse("measures:detail", args=[self.strategy.slug, self.code])

    @property
    def is_ended(self):
        return self.state in self.ENDED

    @property
    def core_is_open(self):
        """Whether the core fields may be typed over; later they change by an amendment alone."""
        return self.state == State.DRAFT

    def status_age(self, on=None):
        """Days since the last status update, or None."""
        return ((on or today()) - self.status_on).days if self.status_on else None

    def is_stale(self, on=None):
        """Whether ``stale()`` would find it."""
        if self.state != State.RUNNING:
            return False
        age = self.status_age(on)
        return age is None or age > self.strategy.status_rhythm_days

    def visible_since(self, actor):
        """The moment from which the actor may read the history, or None for all of it; asks the database.

        Whoever takes part sees it from the last submission on, whoever looks on from the decision.
        """
        return visible_since([self], actor)[self.pk]

    def open_review(self):
        return self.reviews.filter(state=Review.State.OPEN).first()

    def open_amendment(self):
        return self.text_versions.filter(state__in=TextVersion.OPEN).first()

    def units_concerned(self):
        """The lead unit and the involved ones, each once."""
        units = [self.lead_unit] if self.lead_unit_id else []
        return units + [unit for unit in self.involved_units.all() if unit.pk != self.lead_unit_id]

    def announce(self, entry):
        announcements.announce_measure(self, entry)

    # Editing

    def edit(self, *, by, version, changes, milestones=None):
        """Save what somebody typed, if nobody else has saved since.

        Takes the version the editor opened, {field: value} of what they changed (tags by their names), and
        optionally a callable that saves the milestones within the same transaction.

        Raises:
            PermissionDenied: the actor may not edit measures.
            EditConflict: the stored version is another one; nothing has been saved.
            RuleViolation: a core field outside drafts, or the measure has ended; {field: message}.
        """
        with transaction.atomic():
            self.reread_locked()
            if not by.has_perm("measures.change_measure", self):
                raise PermissionDenied("measures.change_measure")
            if self.version != version:
                raise EditConflict(self)
            self._check_editable(changes)
            self._changed_by = by
            many = take_out(changes, self.MANY)
            for name, value in changes.items():
                setattr(self, name, value)
            self.own(*changes, *many)
            self.version += 1
            self._set_many(many, by)
            self.save()
            if milestones is not None:
                milestones()

    def _set_many(self, many, by):
        if "tags" in many:
            many |= {"tags": Tag.objects.of_names(self.strategy_id, many["tags"], by=by)}
        for name, rows in many.items():
            if any(row.strategy_id != self.strategy_id for row in rows):
                raise RuleViolation({name: _("This belongs to another strategy.")})
            getattr(self, name).set(rows)

    def check_not_ended(self):
        if self.state not in self.EDITABLE:
            raise RuleViolation(_("This measure has ended and is no longer edited."))

    def _check_editable(self, changes):
        self.check_not_ended()
        locked = set(changes) & set(CORE_FIELDS) if not self.core_is_open else ()
        if locked:
            message = _("Fixed since the submission; please propose an amendment.")
            raise RuleViolation(dict.fromkeys(locked, message))

    # Transitions

    @transition(State.DRAFT, to=State.IN_REVIEW)
    def submit(self, *, by, reason=""):
        """Freeze the core fields as the next text version and ask everyone concerned for a statement."""
        self._check_complete()
        self.submitted_on = timezone.localdate()
        version = TextVersion.objects.freeze(self, by=by, state=TextVersion.State.SUBMITTED)
        Review.objects.open_for(self, version, by=by)

    def missing_for_submission(self):
        """Names of the fields that still have to be filled in."""
        return [name for name in self.NEEDED_FOR_SUBMISSION if not getattr(self, name)]

    def _check_complete(self):
        if missing := self.missing_for_submission():
            raise RuleViolation(dict.fromkeys(missing, _("Needed before the measure can be submitted.")))

    @transition(State.IN_REVIEW, State.AGREED, to=State.DRAFT, reason=True)
    def send_back(self, *, by, reason):
        """Return it to the authors; the statements given remain with those who gave them."""
        self._close_review(by)
        self.submitted_on = None

    @transition(State.IN_REVIEW, to=State.AGREED)
    def agree(self, *, by, reason=""):
        """Everyone has answered or had the time to, and no objection stands in the way."""
        review = self.open_review()
        if review:
            review.check_settled()
        self._close_review(by)

    @transition(State.AGREED, to=State.DECIDED, reason=True)
    def decide(self, *, by, reason, priority, council_paper=None, round_measure=None):
        """Put the text into force, with a priority, and keep the plan as decided."""
        self.decided_on = timezone.localdate()
        self._set_priority(priority, by=by, reason=reason, council_paper=council_paper, round_measure=round_measure)
        TextVersion.objects.put_into_force(self)
        Baseline.objects.take(self, Baseline.Kind.DECIDED)

    @transition(State.AGREED, State.DECIDED, State.RUNNING, reason=True)
    def prioritise(self, *, by, reason, priority, round_measure=None):
        """Set the final priority beside what the ranking proposed."""
        self._set_priority(priority, by=by, reason=reason, round_measure=round_measure)

    @transition(State.DECIDED, to=State.RUNNING)
    def start(self, *, by, reason=""):
        self.started_on = timezone.localdate()
        self.light = self.light_of_shape(Light.Shape.DISC)

    @transition(State.RUNNING, to=State.COMPLETED)
    def complete(self, *, by, text, next_steps="", reason=""):
        """End it with a final status update: all done, and what came of it."""
        self.completed_on = timezone.localdate()
        StatusUpdate.objects.report(
            self,
            by=by,
            light=self.light_of_shape(Light.Shape.SQUARE),
            progress=100,
            text=text,
            next_steps=next_steps,
        )
        self._lapse_amendment(by)

    @transition(State.DECIDED, State.RUNNING, to=State.PAUSED, reason=True)
    def pause(self, *, by, reason):
        self.paused_from = self.state

    @transition(State.PAUSED, to=lambda measure: measure.paused_from, reason=True)
    def resume(self, *, by, reason):
        self.paused_from = ""

    @transition(
        State.IN_REVIEW,
        State.AGREED,
        State.DECIDED,
        State.RUNNING,
        State.PAUSED,
        to=State.DROPPED,
        reason=True,
    )
    def drop(self, *, by, reason):
        self._close_review(by)
        self._lapse_amendment(by)

    @transition(State.DRAFT)
    def discard(self, *, by, reason=""):
        """Delete a draft; its history and this step remain as its trace. Statements once given forbid it."""
        if self.reviews.exists():
            raise RuleViolation(
                _("Statements have been given on this measure: please submit it again and have it dropped.")
            )
        if self.needs.exists():
            raise RuleViolation(
                _("This measure came from a need of the staff council: please submit it and have it dropped.")
            )
        for attachment in self.attachments.all():
            attachment.forget_file()
        self.delete()

    @transition(State.RUNNING, State.PAUSED)
    def report_status(self, *, by, light, progress, text="", next_steps="", reason=""):
        """Say how it goes: light, progress in percent, a sentence, the next steps."""
        if light.is_warning and not text.strip():
            raise RuleViolation({"text": _("Please say in one sentence what the reason is.")})
        if not light.is_reportable:
            raise RuleViolation({"light": _("Choose one of the lights of a running measure.")})
        StatusUpdate.objects.report(
            self,
            by=by,
            light=light,
            progress=progress,
            text=text,
            next_steps=next_steps,
        )

    @transition(State.DECIDED, State.RUNNING)
    def amend(self, *, by, core, reason=""):
        """Propose another text: {core field: value}. The one in force holds until the steering team decides."""
        if self.open_amendment():
            raise RuleViolation(_("There is an open amendment already; only one at a time."))
        if all(getattr(self, name) == value for name, value in core.items()):
            raise RuleViolation(_("Nothing has been changed."))
        proposal = TextVersion.objects.freeze(self, by=by, state=TextVersion.State.PROPOSED, changed=core)
        Review.objects.open_for(self, proposal, by=by)

    # What several steps share

    def light_of_shape(self, shape):
        return Light.objects.filter(strategy=self.strategy_id, shape=shape).first()

    def _set_priority(self, priority, *, by, reason, council_paper=None, round_measure=None):
        if priority.strategy_id != self.strategy_id:
            raise RuleViolation({"priority": _("This belongs to another strategy.")})
        if round_measure is not None and not round_measure.proposes_for(self):
            raise RuleViolation(_("This ranking round proposes nothing for this measure."))
        self.priority = priority
        PriorityDecision.objects.create(
            strategy_id=self.strategy_id,
            measure=self,
            priority=priority,
            reason=reason,
            council_paper=council_paper,
            round_measure=round_measure,
            decided_on=timezone.localdate(),
        )

    def _close_review(self, by):
        if review := self.open_review():
            review.close(by=by)

    def _lapse_amendment(self, by):
        if amendment := self.open_amendment():
            amendment.lapse(by=by)


def visible_since(measures, actor):
    """{id: moment from which the actor may read the history}, of measures of one strategy; at most one query."""
    if not measures or actor.holds_any([Role.PROJECT_GROUP], measures[0].strategy_id):
        return {measure.pk: None for measure in measures}
    takes_part = actor.holds_any(Role.TAKING_PART, measures[0].strategy_id)
    verb, day = ("submit", "submitted_on") if takes_part else ("decide", "decided_on")
    steps = Transition.objects.of(*measures).filter(verb=verb).moments()
    return {row.pk: steps.get(str(row.pk)) or since_day(getattr(row, day)) for row in measures}


def since_day(day):
    """Where no step is on record: loaded from elsewhere."""
    return midnight(day) if day else timezone.now()


def take_out(values, names):
    """Those of the values that have these names; they are taken out of the others."""
    return {name: values.pop(name) for name in names if name in values}


def midnight(day):
    """The moment a day begins in Berlin."""
    return timezone.make_aware(datetime.combine(day, time.min))


class MeasureLinkQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Those of whose ends the actor may see both; until it is decided, a merge is for those who take part."""
        visible = Measure.objects.visible_to(actor)
        takes_part = Q(strategy__in=actor.strategies(*Role.TAKING_PART))
        decided = ~Q(kind=MeasureLink.Kind.MERGED_INTO) | Q(source_measure__state=State.DROPPED)
        return self.filter(takes_part | decided, source_measure__in=visible, target_measure__in=visible)

    def of(self, measure):
        """From and to it, with the lights of both, by kind."""
        either = self.filter(Q(source_measure=measure) | Q(target_measure=measure))
        return either.select_related("source_measure__light", "target_measure__light").order_by("kind", "pk")

    def connect(self, source, target, kind, *, by, reason=""):
        """Link two measures; “merged into” proposes to the steering team to drop the source, and needs a sentence.

        Raises PermissionDenied, and RuleViolation where they are linked in that way already.
        """
        with transaction.atomic():
            source.reread_locked()
            if not by.has_perm("measures.change_measure", source):
                raise PermissionDenied("measures.change_measure")
            if source.links.filter(target_measure=target, kind=kind).exists():
                raise RuleViolation({"target_measure": _("These two are linked in this way already.")})
            if kind == MeasureLink.Kind.MERGED_INTO:
                self._check_merge(source, target, reason)
            link = self.model(source_measure=source, target_measure=target, kind=kind, reason=reason)
            link._changed_by = by
            link.save()
            return link

    def _check_merge(self, source, target, reason):
        if source.is_ended or target.is_ended:
            raise RuleViolation({"target_measure": _("One of the two has ended; nothing is merged any more.")})
        if source.links.filter(kind=MeasureLink.Kind.MERGED_INTO).exists():
            raise RuleViolation({"kind": _("It is proposed already to merge this measure into another.")})
        if target.links.filter(kind=MeasureLink.Kind.MERGED_INTO).exists():
            raise RuleViolation(
                {"target_measure": _("The other measure is to be merged itself; please choose its aim.")}
            )
        if not reason.strip():
            raise RuleViolation({"reason": _("Please say in a sentence why the two are merged.")})


class MeasureLink(StrategyBound):
    """Two measures that have to do with each other."""

    class Kind(models.TextChoices):
        RELATED = "related", _("related to")
        DEPENDS_ON = "depends_on", _("depends on")
        MERGED_INTO = "merged_into", _("merged into")
        SUCCESSOR = "successor", _("continued by")

    FROM_THERE = {
        Kind.RELATED: Kind.RELATED.label,
        Kind.DEPENDS_ON: _("needed by"),
        Kind.MERGED_INTO: _("takes in"),
        Kind.SUCCESSOR: _("continues"),
    }

    source_measure = models.ForeignKey(Measure, models.CASCADE, related_name="links", verbose_name=_("measure"))
    target_measure = models.ForeignKey(
        Measure,
        models.CASCADE,
        related_name="links_to_here",
        verbose_name=_("other measure"),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.RELATED)
    reason = models.TextField(_("reason"), blank=True, max_length=1000)

    objects = MeasureLinkQuerySet.as_manager()
    changes = changes()

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        constraints = [
            models.UniqueConstraint("source_measure", "target_measure", "kind", name="one_link_of_a_kind"),
            models.CheckConstraint(
                condition=~Q(source_measure=F("target_measure")),
                name="no_measure_is_linked_to_itself",
            ),
        ]

    def __str__(self):
        return f"{self.source_measure.code} {self.get_kind_display()} {self.target_measure.code}"

    @property
    def is_kept(self):
        """Whether it tells how a measure ended, and therefore stays."""
        return self.kind == self.Kind.MERGED_INTO and self.source_measure.state == State.DROPPED

    def seen_from(self, measure):
        """(kind of link in words, the other measure) as this one of the two would say it."""
        if self.source_measure_id == measure.pk:
            return self.get_kind_display(), self.target_measure
        return self.FROM_THERE[self.kind], self.source_measure
