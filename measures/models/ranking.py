from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from measures import announcements
from strategy.changes import changes
from strategy.models import EditConflict, FieldOfAction, Role, StrategyBound, Versioned
from strategy.workflow import RuleViolation, Workflow, transition

from .ballot import Ballot
from .electorate import Elector, Group, RoundGroup
from .measure import Measure
from .priority import PriorityDecision

SMALLEST_GROUP_SHOWN = 5  # below this, a figure would give single ballots away; the database holds it
FEWEST_MEASURES = 2


class ClockTime(Now):
    """The database's clock at this very moment, not when the statement or the transaction began."""

    def as_postgresql(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="CLOCK_TIMESTAMP()", **context)


def number_of(rows):
    """How many rows of a round there are, as a subquery."""
    counted = rows.order_by().values("round").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


class State(models.TextChoices):
    PLANNED = "planned", _("Planned")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")
    PUBLISHED = "published", _("Published")
    CANCELLED = "cancelled", _("Cancelled")


class RankingRoundQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """A planned round is for those who prepare and decide; once opened it is for all who take part."""
        prepares = Q(strategy__in=actor.strategies(Role.PROJECT_GROUP, Role.STEERING_TEAM))
        takes_part = Q(strategy__in=actor.strategies(*Role.TAKING_PART), opened_at__isnull=False)
        return self.filter(prepares | takes_part)

    def results_visible_to(self, actor):
        """Results of closed rounds for those who prepare and decide, published ones for all who take part."""
        prepares = Q(
            strategy__in=actor.strategies(Role.PROJECT_GROUP, Role.STEERING_TEAM),
            state__in=RankingRound.WITH_RESULTS,
        )
        takes_part = Q(strategy__in=actor.strategies(*Role.TAKING_PART), state=State.PUBLISHED)
        return self.filter(prepares | takes_part)

    def open(self):
        return self.filter(state=State.OPEN)

    def due_to_open(self):
        return self.filter(state=State.PLANNED, opens_at__lte=ClockTime())

    def due_to_close(self):
        return self.filter(state=State.OPEN, closes_at__lte=ClockTime())

    def over_since(self, moment):
        """Nobody has voted in them since then: ended, or cancelled and past the end they had."""
        ended = Coalesce("closed_at", "closes_at")
        return self.exclude(state__in=(State.PLANNED, State.OPEN)).annotate(ended=ended).filter(ended__lt=moment)

    def to_decide(self):
        """Published rounds on which the steering team has decided nothing yet; a trial leads to nothing."""
        decided = PriorityDecision.objects.filter(round_measure__round=OuterRef("pk"))
        return self.filter(~Exists(decided), state=State.PUBLISHED, is_trial=False)

    def last_published(self, strategy):
        """The round whose agreement a report tells, or None; never a trial."""
        return self.filter(strategy=strategy, state=State.PUBLISHED, is_trial=False).order_by("-published_at").first()

    def waiting_for(self, actor):
        """Open rounds in which this person has a ballot that has not been handed in."""
        drafts = Ballot.objects.visible_to(actor).filter(round=OuterRef("pk"), state=Ballot.State.DRAFT)
        return self.open().filter(Exists(drafts))

    def for_list(self, actor):
        """Everything one row of the list shows; ``my_state`` is that of the actor's own ballot."""
        mine = Ballot.objects.visible_to(actor).filter(round=OuterRef("pk"))
        of_round = {"round": OuterRef("pk")}
        return self.select_related("strategy").annotate(
            measure_count=number_of(RoundMeasure.objects.filter(**of_round)),
            elector_count=number_of(Elector.objects.filter(**of_round)),
            ballot_count=number_of(Ballot.objects.counting().filter(**of_round)),
            my_state=Subquery(mine.values("state")[:1]),
        )

    def create_planned(self, *, by, strategy, measures=(), groups=None, **values):
        """A new round with these measures and {group: weight}. Raises PermissionDenied and RuleViolation."""
        with transaction.atomic():
            planned = self.model(strategy=strategy, **values)
            if not by.has_perm("measures.add_rankinground", planned):
                raise PermissionDenied("measures.add_rankinground")
            planned._changed_by = by
            planned.save()
            planned._choose(measures, by)
            planned._weigh(groups or {}, by)
            return planned

    def copy(self, original, *, by, follows=False):
        """A new planned round with question, method, groups and those measures that can still be ranked.

        With ``follows`` it is the next round of a Delphi: what moved between the two can be told.
        Raises PermissionDenied, and RuleViolation where there is nothing yet to follow.
        """
        if not by.has_perm("measures.copy_rankinground", original):
            raise PermissionDenied("measures.copy_rankinground")
        if follows and not original.has_results:
            raise RuleViolation(_("A second round can follow when the first one is closed."))
        with override(original.strategy.lang):
            title = _("%(title)s (second round)") if follows else _("%(title)s (copy)")
            title = str(title) % {"title": original.title}
        return self.create_planned(
            by=by,
            strategy=original.strategy,
            measures=Measure.objects.rankable().filter(round_measures__round=original),
            groups=dict(original.groups.values_list("group", "weight")),
            title=title[:200],
            follows=original if follows else None,
            **{name: getattr(original, name) for name in RankingRound.COPIED},
        )


class RankingRound(Workflow, StrategyBound, Versioned):
    """A question to those who lead: which measures come first? Everybody answers alone, and nobody sees how."""

    State, Group = State, Group
    WITH_RESULTS = (State.CLOSED, State.PUBLISHED)
    COPIED = ("question", "method", "top_n", "smallest_group")

    class Method(models.TextChoices):
        FULL = "full", _("order of all measures")
        TOP = "top", _("the first places only")

    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PLANNED, editable=False)
    title = models.CharField(_("title"), max_length=200)
    question = models.TextField(
        _("question"),
        max_length=1000,
        help_text=_("What the order is about, for example: Which measures should be taken up first?"),
    )
    method = models.CharField(_("method"), max_length=4, choices=Method.choices, default=Method.FULL)
    top_n = models.PositiveSmallIntegerField(
        _("number of places"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(500)]
    )
    opens_at = models.DateTimeField(_("opens at"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes at"), null=True, blank=True)
    smallest_group = models.PositiveSmallIntegerField(
        _("fewest ballots behind a figure"),
        default=SMALLEST_GROUP_SHOWN,
        validators=[MinValueValidator(SMALLEST_GROUP_SHOWN), MaxValueValidator(1000)],
        help_text=_("Figures that rest on fewer ballots are not shown; at least five."),
    )
    is_trial = models.BooleanField(
        _("trial round"), default=False, help_text=_("Its results lead to no priority and enter no report.")
    )
    follows = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="followers",
        verbose_name=_("follows"),
        editable=False,
    )
    results = models.JSONField(null=True, editable=False)
    opened_at = models.DateTimeField(_("opened at"), null=True, editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, editable=False)
    published_at = models.DateTimeField(_("published at"), null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = RankingRoundQuerySet.as_manager()
    changes = changes(excluded_fields=["results"])

    class Meta:
        verbose_name = _("ranking round")
        verbose_name_plural = _("ranking rounds")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(smallest_group__gte=SMALLEST_GROUP_SHOWN), name="no_figure_rests_on_fewer_than_five"
            ),
            models.CheckConstraint(
                condition=Q(method="full", top_n__isnull=True) | Q(method="top", top_n__isnull=False, top_n__gte=1),
                name="a_number_of_places_where_places_are_limited",
                violation_error_message=_("Please say how many places there are."),
            ),
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="round_closes_after_it_opens",
                violation_error_message=_("The end lies before the beginning."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["open", "closed", "published"])
                | Q(opened_at__isnull=False, closes_at__isnull=False),
                name="what_was_opened_knows_when_it_closes",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["closed", "published"], results__isnull=False)
                | (~Q(state__in=["closed", "published"]) & Q(results__isnull=True)),
                name="results_come_with_closing",
            ),
            models.CheckConstraint(condition=~Q(follows=F("pk")), name="no_round_follows_itself"),
        ]
        indexes = [models.Index(fields=["strategy", "state"], name="ranking_by_state")]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("measures:ranking", args=[self.strategy.slug, self.pk])

    def visible_since(self, actor):
        """The moment from which the actor may read the history, or None for all of it."""
        if actor.holds_any([Role.PROJECT_GROUP, Role.STEERING_TEAM], self.strategy_id):
            return None
        return self.opened_at or timezone.now()

    @property
    def is_open(self):
        return self.state == State.OPEN

    @property
    def has_results(self):
        return self.state in self.WITH_RESULTS

    @property
    def waits_for_me(self):
        """Whether the person of ``for_list`` has a ballot here and has not handed it in."""
        return self.is_open and self.my_state == Ballot.State.DRAFT

    @property
    def leads_to_priorities(self):
        """Whether the steering team may decide beside its results: a trial leads to nothing."""
        return self.state == State.PUBLISHED and not self.is_trial

    @property
    def closes_on(self):
        """The last day on which one may vote: what closes when a day begins has ended the evening before."""
        return self.closes_at and timezone.localdate(self.closes_at - timedelta(microseconds=1))

    def places(self, measures):
        """How many places there are for so many measures."""
        return measures if self.method == self.Method.FULL else min(self.top_n, measures)

    def is_over(self):
        """Whether the moment of closing has come, by the database's clock. Asked under the round's lock."""
        return RankingRound.objects.filter(pk=self.pk, closes_at__lte=ClockTime()).exists()

    def announce(self, entry):
        announcements.announce_round(self, entry)

    # Who votes, and who has

    def voters(self):
        """[(group, membership)] of everybody who would vote if it opened now, each person once; deputies never."""
        return Elector.objects.entitled(self)

    def turnout(self):
        """[{group, electors, ballots}]: how many may vote, and how many have handed in."""
        return self.electors.turnout()

    def still_to_vote(self):
        """[(group, unit, count)] of those who have not handed in: units, never names."""
        return self.electors.still_to_vote()

    # Editing

    def edit(self, *, by, version, changes, measures=None, groups=None):
        """Save what somebody typed, if nobody else has saved since.

        Takes the version the editor opened, {field: value}, and optionally the measures to rank, in order, and
        {group: weight} of those who vote.

        Raises:
            PermissionDenied: the actor may not edit rounds.
            EditConflict: the stored version is another one; nothing has been saved.
            RuleViolation: the round has been opened, or a measure cannot be ranked.
        """
        with transaction.atomic():
            self.reread_locked()
            if not by.has_perm("measures.change_rankinground", self):
                raise PermissionDenied("measures.change_rankinground")
            if self.version != version:
                raise EditConflict(self)
            if self.state != State.PLANNED:
                raise RuleViolation(_("A round that has been opened stays as it is."))
            self._changed_by = by
            for name, value in changes.items():
                setattr(self, name, value)
            self.version += 1
            self.save()
            if measures is not None:
                self._choose(measures, by)
            if groups is not None:
                self._weigh(groups, by)

    def _choose(self, measures, by):
        """Let exactly these measures be ranked, in this order."""
        wanted = {measure.pk: measure for measure in measures}
        rankable = Measure.objects.rankable().filter(strategy=self.strategy_id, pk__in=wanted).count()
        if rankable < len(wanted):
            raise RuleViolation({"measures": _("Only measures that have been handed over and not ended are ranked.")})
        chosen = {row.measure_id: row for row in self.measures.all()}
        for measure_id in chosen.keys() - wanted.keys():
            chosen[measure_id]._changed_by = by
            chosen[measure_id].delete()
        for position, measure in enumerate(wanted.values()):
            row = chosen.get(measure.pk) or RoundMeasure(round=self, measure=measure)
            if row.pk is None or row.position != position:
                row.position = position
                row.take_over(measure)
                row._changed_by = by
                row.save()

    def _weigh(self, groups, by):
        """Let exactly these groups vote, with these weights."""
        voting = {row.group: row for row in self.groups.all()}
        for group in voting.keys() - groups.keys():
            voting[group]._changed_by = by
            voting[group].delete()
        for group, weight in groups.items():
            row = voting.get(group) or RoundGroup(round=self, group=group)
            if row.pk is None or row.weight != weight:
                row.weight, row._changed_by = weight, by
                row.save()

    # Transitions

    @transition(State.PLANNED, to=State.OPEN)
    def open(self, *, by, reason=""):
        """Freeze who votes and what is ranked, and give everybody an empty ballot."""
        if obstacles := list(self.obstacles()):
            raise RuleViolation(obstacles)
        self.opened_at = timezone.now()
        for row in self.measures.select_related("measure"):
            row.freeze()
        Elector.objects.freeze(self)

    def obstacles(self):
        """What stands in the way of opening, as violations of the rule; asks the database."""
        chosen = self.measures.all()
        if chosen.count() < FEWEST_MEASURES:
            yield RuleViolation(_("Please choose at least two measures."))
        rankable = Measure.objects.rankable()
        gone = chosen.exclude(Exists(rankable.filter(pk=OuterRef("measure")))).values_list("code", flat=True)
        if gone:
            yield RuleViolation(
                _("Not handed over any more, or ended; please take them out: %(codes)s."),
                params={"codes": ", ".join(gone)},
            )
        if not self.voters():
            yield RuleViolation(_("Please choose a group in which somebody may vote."))
        if self.closes_at is None:
            yield RuleViolation(_("Please say when the round closes."))
        elif self.is_over():
            yield RuleViolation(_("The moment of closing has passed; please choose a later one."))

    @transition(State.OPEN, to=State.CLOSED)
    def close(self, *, by, reason=""):
        """End the vote and compute the results once and for all; before its time only with a reason."""
        if not self.is_over() and (by.is_system or not reason.strip()):
            raise RuleViolation({"reason": _("The time has not come yet; please give a reason for closing earlier.")})
        self.closed_at = timezone.now()
        self.results = self._evaluated()

    def _evaluated(self):
        from measures.results import evaluate  # loads NumPy and SciPy, which nothing else here needs

        ballots = self.ballots.counting().select_related("elector")
        found = evaluate(
            [(ballot.elector.group, ballot.order) for ballot in ballots],
            list(self.measures.values_list("pk", flat=True)),
            {row.group: float(row.weight) for row in self.groups.all()},
            smallest=self.smallest_group,
            seed=self.pk,
        )
        counted = [ballot for ballot in ballots if ballot.elector.group in found["overall"]["groups"]]
        return found | {
            "receipts": sorted(ballot.receipt for ballot in counted),
            "electors": {row["group"]: row["electors"] for row in self.turnout()},
        }

    @transition(State.OPEN, reason=True)
    def extend(self, *, by, reason, closes_at):
        """Give more time, as long as there is time."""
        if self.is_over():
            raise RuleViolation(_("The round has ended; more time cannot be given any more."))
        if closes_at <= self.closes_at:
            raise RuleViolation({"closes_at": _("Please choose a later moment than the present one.")})
        self.closes_at = closes_at

    @transition(State.CLOSED, to=State.PUBLISHED)
    def publish(self, *, by, reason=""):
        """Show the results to all who take part."""
        self.published_at = timezone.now()

    @transition(State.PUBLISHED)
    def decide(self, *, by, reason="", decisions):
        """Set priorities beside what was proposed: all of them or none.

        Takes [(measure of this round, priority, reason of its own or "" for the common one)].
        """
        if self.is_trial:
            raise RuleViolation(_("A trial round leads to no priorities."))
        if not decisions:
            raise RuleViolation(_("Please choose a priority for at least one measure."))
        if any(row.round_id != self.pk for row, _priority, _reason in decisions):
            raise RuleViolation(_("This ranking round proposes nothing for this measure."))
        for row, priority, own_reason in sorted(decisions, key=lambda decision: decision[0].measure_id):
            row.prioritise(by=by, reason=own_reason or reason, priority=priority)

    def may(self, verb, actor):
        """A trial leads to no priorities."""
        return super().may(verb, actor) and (verb != "decide" or not self.is_trial)

    @transition(State.PLANNED, State.OPEN, State.CLOSED, to=State.CANCELLED, reason=True)
    def cancel(self, *, by, reason):
        """Stop it for good; results already computed are thrown away."""
        self.results = None


class RoundMeasure(StrategyBound):
    """A measure that is ranked in the round, with the text it had when the round opened."""

    round = models.ForeignKey(RankingRound, models.CASCADE, related_name="measures")
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="round_measures")
    position = models.PositiveSmallIntegerField(_("position"))
    text_version = models.ForeignKey("measures.TextVersion", models.PROTECT, null=True, related_name="+")
    code = models.CharField(_("code"), max_length=10)
    title = models.CharField(_("title"), max_length=200)
    field = models.ForeignKey(
        FieldOfAction, models.PROTECT, related_name="round_measures", verbose_name=_("field of action")
    )

    changes = changes()

    class Meta:
        verbose_name = _("measure of a ranking round")
        verbose_name_plural = _("measures of ranking rounds")
        ordering = ["round", "position", "pk"]
        constraints = [models.UniqueConstraint("round", "measure", name="one_place_per_measure")]

    def __str__(self):
        return f"{self.code} {self.title}"

    def proposes_for(self, measure):
        """Whether the round's results may stand beside a decision on that measure."""
        return self.measure_id == measure.pk and self.round.leads_to_priorities

    def prioritise(self, *, by, reason, priority):
        """Set the measure's priority beside this proposal. Raises RuleViolation, naming the measure."""
        try:
            self.measure.prioritise(by=by, reason=reason, priority=priority, round_measure=self)
        except RuleViolation as problem:
            raise RuleViolation([f"{self}: {message}" for message in problem.messages]) from problem

    def take_over(self, measure):
        self.code, self.title, self.field_id = measure.code, measure.title, measure.field_id

    def freeze(self):
        """Keep the text as it is now; whatever becomes of the measure, this is what was ranked."""
        self.take_over(self.measure)
        self.text_version = self.measure.text_versions.holding().first()
        self.save()
