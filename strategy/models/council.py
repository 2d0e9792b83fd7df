from django.db import models
from django.utils.translation import gettext_lazy as _

from strategy.changes import changes

from .bound import Sourced, StrategyBound
from .unit import OrganisationalUnit


class CouncilSession(StrategyBound, Sourced):
    """A meeting of the council or one of its committees."""

    body = models.ForeignKey(
        OrganisationalUnit,
        models.PROTECT,
        related_name="sessions",
        verbose_name=_("body"),
    )
    held_on = models.DateField(_("date"))
    is_public = models.BooleanField(_("public"), default=True)

    changes = changes()

    class Meta:
        verbose_name = _("council session")
        verbose_name_plural = _("council sessions")
        ordering = ["-held_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                "body",
                "held_on",
                "is_public",
                name="one_session_per_body_day_and_publicity",
                violation_error_message=_("This session is on record already."),
            ),
        ]

    def __str__(self):
        return f"{self.body.name}, {self.held_on:%d.%m.%Y}"


class CouncilPaper(StrategyBound, Sourced):
    """A paper of the council (GRDrs) to which measures and decisions refer."""

    number = models.CharField(_("number"), max_length=40, blank=True, help_text=_("For example 972/2023."))
    supplement = models.CharField(_("supplement"), max_length=40, blank=True)
    title = models.CharField(_("title"), max_length=300)
    kind = models.CharField(_("kind"), max_length=80, blank=True)
    dated_on = models.DateField(_("date"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    changes = changes()

    class Meta:
        verbose_name = _("council paper")
        verbose_name_plural = _("council papers")
        ordering = ["-dated_on", "number"]

    def __str__(self):
        return f"{self.reference} {self.title}".strip()

    @property
    def reference(self):
        return f"GRDrs {self.number}" if self.number else ""
