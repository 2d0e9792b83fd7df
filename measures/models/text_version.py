from django.db import models
from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from measures import announcements
from strategy.changes import changes
from strategy.models import FieldOfAction, OrganisationalUnit, Role, Stage, StrategyBound
from strategy.workflow import RuleViolation, Workflow, transition

CORE_FIELDS = ("title", "goal", "description", "field", "stage", "lead_unit")


class CoreText(StrategyBound):
    """The core fields: what is submitted, reviewed, decided and amended."""

    title = models.CharField(_("title"), max_length=200)
    goal = models.TextField(_("goal"), blank=True, max_length=5000)
    description = models.TextField(_("description"), blank=True, max_length=5000)
    field = models.ForeignKey(
        FieldOfAction,
        models.PROTECT,
        related_name="%(class)ss",
        verbose_name=_("field of action"),
    )
    stage = models.ForeignKey(
        Stage,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
        verbose_name=_("stage"),
    )
    lead_unit = models.ForeignKey(
        OrganisationalUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
        verbose_name=_("lead unit"),
    )

    class Meta:
        abstract = True

    def core(self):
        return {name: getattr(self, name) for name in CORE_FIELDS}

    def differing(self, other):
        """Names of the core fields that another text says otherwise."""
        columns = {name: self._meta.get_field(name).attname for name in CORE_FIELDS}
        return [name for name, column in columns.items() if getattr(self, column) != getattr(other, column)]


class TextVersionQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Texts of measures handed over for all who take part; who looks on sees those that were in force."""
        writes = Q(strategy__in=actor.strategies(Role.PROJECT_GROUP))
        takes_part = Q(strategy__in=actor.strategies(*Role.TAKING_PART), measure__submitted_on__isnull=False)
        looks_on = Q(
            strategy__in=actor.strategies(*Role.LOOKING_ON),
            measure__decided_on__isnull=False,
            in_force_on__isnull=False,
        )
        return self.filter(writes | takes_part | looks_on)

    def amendments(self):
        """What was proposed for a measure after its first text had come into force."""
        earlier = TextVersion.objects.filter(
            measure=OuterRef("measure"), number__lt=OuterRef("number"), in_force_on__isnull=False
        )
        return self.filter(Exists(earlier))

    def under_way(self):
        """Amendments proposed or agreed and not decided yet."""
        return self.filter(state__in=TextVersion.OPEN)

    def for_list(self):
        """What a list of amendments shows: the text, the one in force, who has been asked and has answered."""
        texts = [f"{whose}{name}" for whose in ("", "measure__") for name in ("field", "stage", "lead_unit")]
        slots = ("reviews__slots__unit", "reviews__measure__strategy")
        return self.select_related(*texts, "measure__strategy").prefetch_related(*slots).order_by("made_at", "pk")

    def holding(self):
        """The text a measure has: as last submitted or in force, newest first; amendments are not yet it."""
        return self.filter(state__in=[TextVersion.State.SUBMITTED, TextVersion.State.IN_FORCE]).order_by("-number")

    def freeze(self, measure, *, by, state, changed=None):
        """The next numbered version of the measure's text, with what an amendment changes in it."""
        last = measure.text_versions.aggregate(last=Max("number"))["last"] or 0
        version = self.model(
            measure=measure,
            number=last + 1,
            state=state,
            **{**measure.core(), **(changed or {})},
        )
        version._changed_by = by
        version.save()
        return version

    def put_into_force(self, measure):
        """The last submitted version holds from now on, earlier ones do not."""
        submitted = measure.text_versions.filter(state=TextVersion.State.SUBMITTED).order_by("-number").first()
        for version in measure.text_versions.filter(
            state__in=[TextVersion.State.SUBMITTED, TextVersion.State.IN_FORCE]
        ):
            version.state = TextVersion.State.IN_FORCE if version == submitted else TextVersion.State.REPLACED
            version.in_force_on = timezone.localdate() if version == submitted else version.in_force_on
            version.save()


class TextVersion(Workflow, CoreText):
    """A numbered text of the core fields: as submitted, or proposed as an amendment."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("Submitted")
        PROPOSED = "proposed", _("Proposed")
        AGREED = "agreed", _("Agreed")
        IN_FORCE = "in_force", _("In force")
        REPLACED = "replaced", _("Replaced")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    OPEN = (State.PROPOSED, State.AGREED)

    measure = models.ForeignKey("measures.Measure", models.CASCADE, related_name="text_versions")
    number = models.PositiveSmallIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=20, choices=State.choices)
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    in_force_on = models.DateField(_("in force since"), null=True)

    objects = TextVersionQuerySet.as_manager()
    changes = changes()

    class Meta:
        verbose_name = _("text version")
        verbose_name_plural = _("text versions")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint("measure", "number", name="one_version_per_number"),
            models.UniqueConstraint(
                "measure",
                condition=Q(state__in=["proposed", "agreed"]),
                name="one_open_amendment_per_measure",
            ),
        ]

    def __str__(self):
        return _("%(measure)s, version %(number)s") % {
            "measure": self.measure,
            "number": self.number,
        }

    @property
    def submitted_on(self):
        return self.measure.submitted_on

    def lock_first(self):
        return (self.measure,)

    def announce(self, entry):
        announcements.announce_amendment(self, entry)

    def open_review(self):
        return self.reviews.filter(state="open").first()

    def amended_text(self):
        """The version that was in force before this one, or None."""
        earlier = self.measure.text_versions.filter(number__lt=self.number, in_force_on__isnull=False)
        return earlier.select_related("field", "stage", "lead_unit").last()

    def text_before(self):
        """What those asked may have read before: the text it amends, or the one submitted last time, or None."""
        earlier = self.measure.text_versions.filter(number__lt=self.number)
        return self.amended_text() or earlier.select_related("field", "stage", "lead_unit").last()

    @transition(State.PROPOSED, to=State.AGREED)
    def agree(self, *, by, reason=""):
        """Everyone has answered or had the time to, and no objection stands in the way."""
        if review := self.open_review():
            review.check_settled()
            review.close(by=by)

    @transition(State.AGREED, to=State.IN_FORCE, reason=True)
    def decide(self, *, by, reason):
        """The amended text takes the place of the one in force."""
        if self.measure.is_ended:
            raise RuleViolation(_("This measure has ended and is no longer edited."))
        for earlier in self.measure.text_versions.filter(state=self.State.IN_FORCE):
            earlier.state = self.State.REPLACED
            earlier.save()
        self.in_force_on = timezone.localdate()
        for name, value in self.core().items():
            setattr(self.measure, name, value)
        self.measure.own(*CORE_FIELDS)
        self.measure.version += 1
        self.measure._changed_by = by
        self.measure.save()

    @transition(State.PROPOSED, State.AGREED, to=State.REJECTED, reason=True)
    def reject(self, *, by, reason):
        self._end_review(by)

    @transition(State.PROPOSED, State.AGREED, to=State.WITHDRAWN)
    def withdraw(self, *, by, reason=""):
        self._end_review(by)

    @transition(State.PROPOSED, State.AGREED, to=State.WITHDRAWN)
    def lapse(self, *, by, reason=""):
        """The measure ends, and with it what was proposed for it."""
        self._end_review(by)

    def _end_review(self, by):
        if review := self.open_review():
            review.lapse(by=by)
