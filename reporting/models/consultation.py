"""What stands on the paper in rows: the bodies it goes to, who signs it, what is attached to it."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from strategy.changes import changes
from strategy.models import CouncilSession, OrganisationalUnit, StrategyBound


class PaperRow(StrategyBound):
    report = models.ForeignKey("reporting.CouncilReport", models.CASCADE)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        abstract = True
        ordering = ["position", "pk"]


class Consultation(PaperRow):
    """One line of the table “Vorlage an / zur / Sitzungsart / Sitzungstermin”."""

    class Purpose(models.TextChoices):
        INFORMATION = "information", pgettext_lazy("consultation", "for information")
        INTRODUCTION = "introduction", pgettext_lazy("consultation", "introduction")
        CONSULTATION = "consultation", pgettext_lazy("consultation", "consultation")
        PRELIMINARY = "preliminary", pgettext_lazy("consultation", "preliminary consultation")
        DECISION = "decision", pgettext_lazy("consultation", "decision")

    session = models.ForeignKey(
        CouncilSession, models.PROTECT, null=True, blank=True, related_name="consultations", verbose_name=_("session")
    )
    body = models.ForeignKey(
        OrganisationalUnit,
        models.PROTECT,
        blank=True,
        related_name="+",
        verbose_name=_("body"),
        help_text=_("Only while there is no session yet."),
    )
    purpose = models.CharField(
        pgettext_lazy("consultation", "for the purpose of"), max_length=20, choices=Purpose.choices
    )
    is_public = models.BooleanField(_("public"), default=True)

    changes = changes()

    class Meta(PaperRow.Meta):
        verbose_name = _("consultation")
        verbose_name_plural = _("consultations")
        default_related_name = "consultations"

    def __str__(self):
        return f"{self.body.name}: {self.get_purpose_display()}"

    @property
    def held_on(self):
        return self.session.held_on if self.session_id else None

    def clean(self):
        super().clean()
        self.follow_session()
        if not self.body_id:
            raise ValidationError({"session": _("Choose the session, or the body while there is no session yet.")})

    def follow_session(self):
        """A session knows its body and whether it is public."""
        if self.session_id:
            self.body, self.is_public = self.session.body, self.session.is_public

    def save(self, *args, **kwargs):
        self.follow_session()
        super().save(*args, **kwargs)


class Signature(PaperRow):
    """A line below the paper: who answers for it, printed as typed in every variant."""

    name = models.CharField(_("name"), max_length=150, blank=True)
    function = models.CharField(_("function"), max_length=150)

    changes = changes()

    class Meta(PaperRow.Meta):
        verbose_name = _("signature line")
        verbose_name_plural = _("signature lines")
        default_related_name = "signatures"

    def __str__(self):
        return self.name or self.function


class Annex(PaperRow):
    """Something attached to the paper that the portal does not make itself."""

    title = models.CharField(_("title"), max_length=300)

    changes = changes()

    class Meta(PaperRow.Meta):
        verbose_name = _("annex")
        verbose_name_plural = _("annexes")
        default_related_name = "annexes"

    def __str__(self):
        return self.title
