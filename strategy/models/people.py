from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from strategy.changes import changes

from .bound import StrategyBound
from .unit import OrganisationalUnit, ValidityQuerySet


class User(AbstractUser):
    """A person with an account: name, function, duty e-mail and nothing else (data minimisation)."""

    function = models.CharField(_("function"), max_length=150, blank=True)
    language = models.CharField(
        _("language"),
        max_length=5,
        choices=[("de", "Deutsch"), ("en", "English")],
        default="de",
    )

    class Meta(AbstractUser.Meta):
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self):
        return self.function or self.get_full_name() or self.username


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


class Membership(StrategyBound):
    """A person's role in a strategy, for a unit where the role needs one, for a period."""

    user = models.ForeignKey(
        User, models.PROTECT, related_name="memberships", verbose_name=_("person")
    )
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

    objects = ValidityQuerySet.as_manager()
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
            ),
            models.UniqueConstraint(
                "user",
                "strategy",
                "role",
                condition=Q(unit__isnull=True),
                name="one_membership_per_role_without_unit",
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
    def usable_by(self, user, on=None):
        """Deputyships this person may take up on that day: both memberships hold, the deputy is a member too."""
        members = Membership.objects.valid(on)
        return (
            self.valid(on)
            .filter(
                deputy=user, membership__in=members, membership__user__is_active=True
            )
            .filter(
                models.Exists(
                    members.filter(user=user, strategy=models.OuterRef("strategy"))
                )
            )
            .select_related(
                "membership__user", "membership__unit", "membership__strategy"
            )
        )


class Deputyship(StrategyBound):
    """Who stands in for a member, and when. A deputy's deputy stands in for nobody: no chains."""

    membership = models.ForeignKey(
        Membership,
        models.CASCADE,
        related_name="deputyships",
        verbose_name=_("stands in for"),
    )
    deputy = models.ForeignKey(
        User, models.PROTECT, related_name="deputyships", verbose_name=_("deputy")
    )
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
        colleagues = Membership.objects.filter(
            user=self.deputy_id, strategy=self.membership.strategy_id
        )
        if not colleagues.exists():
            raise ValidationError(
                {"deputy": _("A deputy is a member of the same strategy.")}
            )
