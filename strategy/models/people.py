from contextlib import contextmanager

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from strategy.changes import changes

from .bound import StrategyBound
from .strategy import Strategy
from .unit import OrganisationalUnit, ValidityQuerySet, parents_of, subtree


class User(AbstractUser):
    """A person with an account: name, function, duty e-mail and nothing else (data minimisation)."""

    function = models.CharField(_("function"), max_length=150, blank=True)
    language = models.CharField(
        _("language"),
        max_length=5,
        choices=[("de", "Deutsch"), ("en", "English")],
        default="de",
    )

    changes = changes(excluded_fields=["password", "last_login"])

    class Meta(AbstractUser.Meta):
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self):
        return self.function or self.get_full_name() or self.username

    def save(self, *args, **kwargs):
        """A sign-in is no change: it writes no row of history."""
        if kwargs.get("update_fields") and set(kwargs["update_fields"]) <= {"last_login", "password"}:
            self.skip_history_when_saving = True
        try:
            super().save(*args, **kwargs)
        finally:
            self.__dict__.pop("skip_history_when_saving", None)

    def belongs_only_to(self, strategy):
        """Whether no other strategy knows this person: then its administrator maintains the person's data. Queries."""
        strategies = set(self.memberships.values_list("strategy", flat=True))
        return strategies <= {strategy.pk}


class Role(models.TextChoices):
    PROJECT_GROUP = "project_group", _("Project group")
    DEPARTMENT_HEAD = "department_head", _("Department head")
    ADMINISTRATIVE_HEAD = "administrative_head", _("Administrative head")
    STAFF_COUNCIL = "staff_council", _("Staff council")
    STEERING_TEAM = "steering_team", _("Steering team")
    READER = "reader", _("Reader")
    ADMINISTRATOR = "administrator", _("Administrator")


Role.HEADS = (Role.DEPARTMENT_HEAD, Role.ADMINISTRATIVE_HEAD)
Role.LOOKING_ON = (Role.READER, Role.ADMINISTRATOR)
Role.TAKING_PART = (
    Role.PROJECT_GROUP,
    *Role.HEADS,
    Role.STAFF_COUNCIL,
    Role.STEERING_TEAM,
)


class MembershipQuerySet(ValidityQuerySet):
    def administering(self, strategy, on=None):
        """Those who can maintain the strategy today and are not about to go."""
        return self.valid(on).filter(
            strategy=strategy, role=Role.ADMINISTRATOR, user__is_active=True, valid_to__isnull=True
        )

    def headed_units(self, strategy, on=None):
        """Ids of the units that somebody with an account in use heads today, with those below them."""
        heads = self.valid(on).filter(strategy=strategy, role__in=Role.HEADS, user__is_active=True)
        return subtree(heads.values_list("unit", flat=True), parents_of(strategy.pk))

    @contextmanager
    def keeping_an_administrator(self, strategy):
        """Let nothing within leave the strategy without an administrator.

        The strategy is locked, so that two administrators cannot take each other's role at the same moment.
        Raises ValidationError.
        """
        with transaction.atomic():
            Strategy.objects.select_for_update(no_key=True).get(pk=strategy.pk)
            had_one = self.administering(strategy).exists()
            yield
            if had_one and not self.administering(strategy).exists():
                raise ValidationError(
                    _(
                        "Then nobody could maintain this strategy any more: "
                        "please give somebody else the role of administrator first, without an end."
                    )
                )


class Membership(StrategyBound):
    """A person's role in a strategy, for a unit where the role needs one, for a period."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=30, choices=Role.choices)
    unit = models.ForeignKey(
        OrganisationalUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("unit"),
    )
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("to"), null=True, blank=True)
    by_group = models.BooleanField(_("by a group of the directory"), default=False, db_default=False, editable=False)

    objects = MembershipQuerySet.as_manager()
    changes = changes()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["role", "unit", "pk"]
        constraints = [
            models.UniqueConstraint(
                "user",
                "strategy",
                "role",
                "unit",
                name="one_membership_per_role_and_unit",
                violation_error_message=_("This person holds the role for this unit already."),
            ),
            models.UniqueConstraint(
                "user",
                "strategy",
                "role",
                condition=Q(unit__isnull=True),
                name="one_membership_per_role_without_unit",
                violation_error_message=_("This person holds the role already."),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=models.F("valid_from")),
                name="membership_ends_after_it_starts",
                violation_error_message=_("The end lies before the beginning."),
            ),
        ]

    def __str__(self):
        unit = f", {self.unit}" if self.unit_id else ""
        return f"{self.get_role_display()}{unit}"

    def clean(self):
        super().clean()
        if self.role in Role.HEADS and not self.unit_id:
            raise ValidationError({"unit": _("A head leads a unit: please choose it.")})


class DeputyshipQuerySet(ValidityQuerySet):
    def current(self, on=None):
        """Those that hold or are still to come."""
        return self.filter(valid_to__gte=on or timezone.localdate())

    def usable_by(self, user, on=None):
        """Deputyships this person may take up on that day: both memberships hold, the deputy is a member too."""
        members = Membership.objects.valid(on)
        return (
            self.valid(on)
            .filter(deputy=user, membership__in=members, membership__user__is_active=True)
            .filter(models.Exists(members.filter(user=user, strategy=models.OuterRef("strategy"))))
            .select_related("membership__user", "membership__unit", "membership__strategy")
        )


class Deputyship(StrategyBound):
    """Who stands in for a member, and when. A deputy's deputy stands in for nobody: no chains."""

    membership = models.ForeignKey(
        Membership,
        models.CASCADE,
        related_name="deputyships",
        verbose_name=_("stands in for"),
    )
    deputy = models.ForeignKey(User, models.PROTECT, related_name="deputyships", verbose_name=_("deputy"))
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"))

    objects = DeputyshipQuerySet.as_manager()
    changes = changes()

    class Meta:
        verbose_name = _("deputyship")
        verbose_name_plural = _("deputyships")
        ordering = ["-valid_from", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__gte=models.F("valid_from")),
                name="deputyship_ends_after_it_starts",
                violation_error_message=_("The end lies before the beginning."),
            ),
        ]

    def __str__(self):
        return f"{self.deputy} → {self.membership}"

    def clean(self):
        super().clean()
        if not self.membership_id or not self.deputy_id:
            return
        if self.membership.user_id == self.deputy_id:
            raise ValidationError({"deputy": _("Nobody is their own deputy.")})
        colleagues = Membership.objects.filter(user=self.deputy_id, strategy=self.membership.strategy_id)
        if not colleagues.exists():
            raise ValidationError({"deputy": _("A deputy is a member of the same strategy.")})
