"""What a measure rests on beside its text: works agreements, surveys, literature."""

from django.core.validators import MinValueValidator, URLValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from strategy.changes import changes
from strategy.models import DatePrecision
from strategy.workflow import RuleViolation

from .typed import Typed

FEWEST_RESPONDENTS = 5  # below this, findings would tell what single people said

web_address = URLValidator(
    schemes=["http", "https"], message=_("Please give a web address that begins with https:// or http://.")
)


enough_answers = MinValueValidator(
    FEWEST_RESPONDENTS, _("A survey with fewer than five answers would tell what single people said.")
)


class WebAddressField(models.CharField):
    """An address in the web; files on a disk and mail addresses are none."""

    default_validators = [web_address]

    def __init__(self, *args, max_length=1000, **options):
        super().__init__(*args, max_length=max_length, **options)


class BackgroundQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Who sees the measure sees what it rests on."""
        from .measure import Measure  # which imports this module

        return self.filter(Exists(Measure.objects.visible_to(actor).filter(pk=OuterRef("measure"))))


class Background(Typed):
    """A row of its own beside the measure, typed in by the project group as long as the measure has not ended."""

    measure = models.ForeignKey("measures.Measure", models.CASCADE, related_name="%(class)ss")

    objects = BackgroundQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return f"{self.measure.get_absolute_url()}#{self.ANCHOR}"

    def lock_first(self):
        return (self.measure,)

    def check_editable(self):
        """Raises RuleViolation where the measure has ended."""
        self.measure.check_not_ended()

    def check_values(self):
        """Raises RuleViolation where it tells of a day that is still to come."""
        day = getattr(self, self.HAPPENED_ON)
        if day and day > timezone.localdate():
            raise RuleViolation({self.HAPPENED_ON: _("This day lies in the future.")})


class WorksAgreement(Background):
    """An agreement with the staff council, from its first plan to its end."""

    ANCHOR, HAPPENED_ON = "agreements", "concluded_on"

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        NEGOTIATING = "negotiating", _("under negotiation")
        CONCLUDED = "concluded", _("concluded")
        ENDED = "ended", _("ended")

    title = models.CharField(_("title"), max_length=300)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.PLANNED)
    concluded_on = models.DateField(_("concluded on"), null=True, blank=True)
    date_precision = models.CharField(
        _("exact to the"), max_length=5, choices=DatePrecision.choices, default=DatePrecision.DAY
    )
    note = models.TextField(_("note"), blank=True, max_length=2000)
    url = WebAddressField(_("web address"), blank=True)

    changes = changes()

    class Meta:
        verbose_name = _("works agreement")
        verbose_name_plural = _("works agreements")
        ordering = [models.F("concluded_on").desc(nulls_first=True), "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(concluded_on__isnull=True) | Q(state__in=["concluded", "ended"]),
                name="what_is_not_concluded_has_no_day",
                violation_error_message=_("Only what has been concluded has a day of conclusion."),
            ),
        ]


class Survey(Background):
    """What employees were asked about, and what they said."""

    ANCHOR, HAPPENED_ON = "surveys", "held_on"

    title = models.CharField(_("title"), max_length=300)
    held_on = models.DateField(_("held on"), null=True, blank=True)
    date_precision = models.CharField(
        _("exact to the"), max_length=5, choices=DatePrecision.choices, default=DatePrecision.DAY
    )
    population = models.CharField(_("who was asked"), max_length=300, blank=True)
    respondents = models.PositiveIntegerField(
        _("answers (n)"),
        null=True,
        blank=True,
        validators=[enough_answers],
    )
    findings = models.TextField(_("findings"), blank=True, max_length=5000)
    url = WebAddressField(_("web address"), blank=True)

    changes = changes()

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = [models.F("held_on").desc(nulls_last=True), "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(respondents__isnull=True) | Q(respondents__gte=FEWEST_RESPONDENTS),
                name="a_survey_rests_on_five_answers",
                violation_error_message=_("A survey with fewer than five answers would tell what single people said."),
            ),
        ]


class Reference(Background):
    """Literature, or a page in the web, that says more."""

    ANCHOR, HAPPENED_ON = "references", "accessed_on"

    title = models.CharField(_("title"), max_length=500)
    url = WebAddressField(_("web address"), blank=True)
    accessed_on = models.DateField(_("accessed on"), null=True, blank=True)

    changes = changes()

    class Meta:
        verbose_name = _("reference")
        verbose_name_plural = _("literature and links")
        ordering = ["title", "pk"]
