from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from strategy.changes import changes

from .bound import StrategyBound
from .people import Role
from .unit import OrganisationalUnit


class GroupRole(StrategyBound):
    """Who belongs to a group of the city's directory holds a role: given and withdrawn at each single sign-on."""

    group = models.CharField(
        _("group in the directory"), max_length=200, help_text=_("As the sign-in service names it, letter by letter.")
    )
    role = models.CharField(_("role"), max_length=30, choices=Role.choices)
    unit = models.ForeignKey(
        OrganisationalUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="group_roles",
        verbose_name=_("unit"),
    )

    changes = changes()

    class Meta:
        verbose_name = _("role of a group")
        verbose_name_plural = _("roles of groups")
        ordering = ["group", "role", "pk"]
        constraints = [
            models.UniqueConstraint(
                "strategy",
                "group",
                "role",
                "unit",
                name="one_role_per_group_and_unit",
                violation_error_message=_("This group gives the role already."),
            ),
            models.UniqueConstraint(
                "strategy",
                "group",
                "role",
                condition=models.Q(unit__isnull=True),
                name="one_role_per_group_without_unit",
                violation_error_message=_("This group gives the role already."),
            ),
        ]

    def __str__(self):
        return self.group

    def clean(self):
        super().clean()
        if self.role in Role.HEADS and not self.unit_id:
            raise ValidationError({"unit": _("A head leads a unit: please choose it.")})
