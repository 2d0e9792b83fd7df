"""The texts of a measure's sheet beside its core fields: they change as work goes on and need no amendment."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from strategy.models import CouncilPaper

LONGEST_TEXT = 5000


class SheetTexts(models.Model):
    class Origin(models.TextChoices):
        PROJECT_GROUP = "project_group", _("project group")
        COUNCIL_PAPER = "council_paper", _("council paper")
        STAFF_COUNCIL = "staff_council", _("need of the staff council")
        COUNCIL_MOTION = "council_motion", _("motion of the council")
        EXISTING_OFFER = "existing_offer", _("existing offer")

    initial_situation = models.TextField(_("initial situation"), blank=True, max_length=LONGEST_TEXT)
    target_group = models.TextField(_("target group"), blank=True, max_length=1000)
    risks = models.TextField(_("risks"), blank=True, max_length=LONGEST_TEXT)
    experience = models.TextField(_("experience and results"), blank=True, max_length=LONGEST_TEXT)
    origin = models.CharField(_("origin"), max_length=20, choices=Origin.choices, blank=True)
    origin_paper = models.ForeignKey(
        CouncilPaper,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss_begun",
        verbose_name=_("paper it came from"),
    )
    origin_note = models.CharField(_("note on the origin"), max_length=300, blank=True)

    class Meta:
        abstract = True
