from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from strategy.changes import changes

from .bound import Sourced, StrategyBound

RESERVED_SLUGS = frozenset(
    [
        "accounts",
        "admin",
        "api",
        "calendar",
        "healthz",
        "i18n",
        "media",
        "metrics",
        "new",
        "oparl",
        "readyz",
        "static",
        "act-as",
        "language",
        "pages",
        "strategies",
    ]
)


def validate_slug_is_free(slug):
    if slug in RESERVED_SLUGS:
        raise ValidationError(
            _("“%(slug)s” is reserved, please choose another word."),
            params={"slug": slug},
        )


class StrategyQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self.filter(pk__in=actor.strategies())


class Strategy(Sourced):
    """A programme and the boundary of everything in it."""

    slug = models.SlugField(_("short name in the address"), unique=True, validators=[validate_slug_is_free])
    title = models.CharField(_("title"), max_length=200)
    subtitle = models.CharField(_("subtitle"), max_length=300, blank=True)
    vision = models.TextField(_("vision"), blank=True)
    lang = models.CharField(_("language of the contents"), max_length=10, default="de")
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    status_rhythm_days = models.PositiveSmallIntegerField(
        _("status update every … days"), default=90, validators=[MinValueValidator(1)]
    )
    review_days = models.PositiveSmallIntegerField(
        _("days to answer a review"), default=21, validators=[MinValueValidator(1)]
    )
    formal_participation_days = models.PositiveSmallIntegerField(
        _("days for formal participation"),
        default=21,
        validators=[MinValueValidator(1)],
        help_text=_("Three weeks, LPVG Baden-Württemberg § 82."),
    )
    need_answer_days = models.PositiveSmallIntegerField(
        _("days to answer a need"),
        default=21,
        validators=[MinValueValidator(1)],
        help_text=_("Counted from receipt; § 84 of the LPVG itself sets no deadline."),
    )
    report_rhythm_months = models.PositiveSmallIntegerField(
        _("council report every … months"), default=6, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    second_factor_roles = models.JSONField(
        _("roles that need a second factor"), default=list, db_default=[], blank=True
    )
    last_need_number = models.PositiveIntegerField(default=0, editable=False)
    is_demo = models.BooleanField(_("demo data"), default=False)

    objects = StrategyQuerySet.as_manager()
    changes = changes(excluded_fields=["last_need_number"])

    class Meta:
        verbose_name = _("strategy")
        verbose_name_plural = _("strategies")
        ordering = ["title"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("reporting:dashboard", args=[self.slug])

    @property
    def strategy_id(self):
        """So that predicates can ask a strategy like anything that belongs to one."""
        return self.pk

    @classmethod
    def next_need_number(cls, strategy_id):
        """The next number of a need, never given before and without gaps. Needs a transaction."""
        strategy = cls.objects.select_for_update(no_key=True).only("last_need_number").get(pk=strategy_id)
        number = strategy.last_need_number + 1
        cls.objects.filter(pk=strategy_id).update(last_need_number=number)
        return number


class FieldOfAction(StrategyBound, Sourced):
    letter = models.CharField(_("letter"), max_length=3)
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("summary"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    last_number = models.PositiveIntegerField(_("last number given"), default=0, editable=False)

    changes = changes()

    class Meta:
        verbose_name = _("field of action")
        verbose_name_plural = _("fields of action")
        ordering = ["position", "letter"]
        constraints = [
            models.UniqueConstraint(
                "strategy",
                "letter",
                name="one_field_per_letter",
                violation_error_message=_("This letter is taken; please choose another."),
            ),
        ]

    def __str__(self):
        return f"{self.letter} {self.title}"

    @classmethod
    def next_code(cls, field_id):
        """The next code of the field, never given before: letter and running number. Needs a transaction."""
        field = cls.objects.select_for_update().get(pk=field_id)
        field.last_number += 1
        field.save(update_fields=["last_number"])
        return f"{field.letter}{field.last_number}"


class Stage(StrategyBound, Sourced):
    number = models.PositiveSmallIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("summary"), blank=True)
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)

    changes = changes()

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                "strategy",
                "number",
                name="one_stage_per_number",
                violation_error_message=_("This number is taken; please choose another."),
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True)
                | models.Q(starts_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="stage_ends_after_it_starts",
                violation_error_message=_("The end lies before the beginning."),
            ),
        ]

    def __str__(self):
        return self.title
