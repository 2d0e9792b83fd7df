from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from strategy.as_of import present
from strategy.changes import changes

from .bound import Sourced, StrategyBound


class ValidityQuerySet(models.QuerySet):
    def valid(self, on=None):
        """Rows in force on that day; both ends belong to the period."""
        on = on or timezone.localdate()
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=on),
            Q(valid_to__isnull=True) | Q(valid_to__gte=on),
        )


class UnitQuerySet(ValidityQuerySet):
    def as_tree(self):
        """A list in which each unit follows the one it belongs to; ``depth`` tells how far below the top it stands."""
        units = list(self)
        known, below = {unit.pk for unit in units}, {}
        for unit in units:
            below.setdefault(unit.parent_id if unit.parent_id in known else None, []).append(unit)
        return list(_walk(below, None, 0))


def _walk(below, parent, depth):
    for unit in below.get(parent, ()):
        unit.depth = depth
        yield unit
        yield from _walk(below, unit.pk, depth + 1)


class OrganisationalUnit(StrategyBound, Sourced):
    """A Referat, Amt, Eigenbetrieb or body, as of a period: units are renamed and merged."""

    class Kind(models.TextChoices):
        CITY = "city", _("city")
        REFERAT = "referat", _("Referat")
        AMT = "amt", _("Amt")
        EIGENBETRIEB = "eigenbetrieb", _("Eigenbetrieb")
        BODY = "body", _("body")
        OTHER = "other", _("other unit")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    number = models.CharField(_("number"), max_length=10, blank=True)
    abbreviation = models.CharField(_("abbreviation"), max_length=20, blank=True)
    name = models.CharField(_("name"), max_length=200)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("belongs to"),
    )
    predecessor = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="successors",
        verbose_name=_("predecessor"),
    )
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    objects = UnitQuerySet.as_manager()
    changes = changes()

    class Meta:
        verbose_name = _("organisational unit")
        verbose_name_plural = _("organisational units")
        ordering = ["number", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=models.F("valid_from")),
                name="unit_ends_after_it_starts",
                violation_error_message=_("The end lies before the beginning."),
            ),
        ]

    def __str__(self):
        return f"{self.number} {self.name}".strip()

    def clean(self):
        super().clean()
        if self.pk and self.parent_id and self.parent_id in subtree({self.pk}, parents_of(self.strategy_id)):
            raise ValidationError({"parent": _("A unit cannot belong to itself or to one below it.")})


@present()
def parents_of(*strategy_ids):
    """{unit id: parent id} of all units of these strategies, in one query; rights are those of the present."""
    rows = OrganisationalUnit.objects.filter(strategy__in=strategy_ids).order_by()
    return dict(rows.values_list("pk", "parent"))


def subtree(roots, parents):
    """The units given and all those below them.

    Takes the roots' ids and {unit id: parent id}; returns a set of ids.
    """
    found = set(roots)
    while grown := {unit for unit, parent in parents.items() if parent in found} - found:
        found |= grown
    return found
