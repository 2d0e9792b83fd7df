"""What a report is built into: builds with their progress, projections, documents, and who took them away."""

import hashlib
import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from strategy.models import Role, StrategyBound


class Variant(models.TextChoices):
    PUBLIC = "public", _("public")
    NONPUBLIC = "nonpublic", _("not public")


class DamagedError(Exception):
    """Stored bytes are not those that were stored."""


class BuildStoppedError(Exception):
    """Nobody waits for this build any more: it was cancelled, given up or replaced."""


class ReportBuildQuerySet(models.QuerySet):
    def alive(self):
        return self.filter(state__in=ReportBuild.ALIVE)

    def waiting_too_long(self, at=None):
        """Nobody took them from the queue: the broker was gone, or it forgot them."""
        since = (at or timezone.now()) - ReportBuild.WAKE_AFTER
        return self.filter(state=ReportBuild.State.WAITING, asked_at__lt=since)

    def lost(self, at=None):
        """Begun, and without a sign of life for longer than a task may run."""
        since = (at or timezone.now()) - ReportBuild.LOST_AFTER
        return self.filter(state=ReportBuild.State.RUNNING, seen_at__lt=since)


class ReportBuild(StrategyBound):
    """One attempt to build a report. Its progress is written outside the transactions of the build itself."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class Phase(models.TextChoices):
        DATA = "data", _("Data are frozen")
        PUBLIC = "public", _("Public version is set")
        NONPUBLIC = "nonpublic", _("Non-public version is set")
        CHECK = "check", _("Accessibility is checked")
        STORE = "store", _("Documents are stored")

    ALIVE = (State.WAITING, State.RUNNING)
    WAKE_AFTER = timedelta(minutes=1)
    LOST_AFTER = timedelta(minutes=5)  # above the task's hard time limit: what is silent for longer has been killed

    report = models.ForeignKey("reporting.CouncilReport", models.CASCADE, related_name="builds")
    number = models.PositiveIntegerField(_("build"))
    token = models.UUIDField(default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    phase = models.CharField(max_length=10, choices=Phase.choices, default=Phase.DATA)
    share = models.PositiveSmallIntegerField(_("share in percent"), default=0)
    facts = models.JSONField(default=dict)
    problem = models.TextField(_("problem"), blank=True)
    paper_hash = models.CharField(max_length=64, blank=True)
    plans = models.JSONField(default=dict)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = ReportBuildQuerySet.as_manager()

    class Meta:
        verbose_name = _("build")
        verbose_name_plural = _("builds")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint("report", "number", name="one_build_per_number"),
            models.UniqueConstraint(
                "report",
                condition=models.Q(state__in=["waiting", "running"]),
                name="one_living_build_per_report",
            ),
        ]

    def __str__(self):
        return f"{self.report}, {self.number}"

    @property
    def is_alive(self):
        return self.state in self.ALIVE

    @property
    def step(self):
        """Which of the phases it is in, counted from one."""
        return self.Phase.values.index(self.phase) + 1

    def claim(self, at=None):
        """Take a waiting build for this process. False: another one has it, or nobody wants it any more."""
        at = at or timezone.now()
        return bool(self._rows(self.State.WAITING).update(state=self.State.RUNNING, started_at=at, seen_at=at))

    def advance(self, phase, share, **facts):
        """Note how far it is, as a sign of life.

        Raises:
            BuildStoppedError: the build has been cancelled or given up in the meantime.
        """
        self.phase, self.share, self.facts = phase, share, {**self.facts, **facts}
        noted = {"phase": phase, "share": share, "facts": self.facts, "seen_at": timezone.now()}
        if not self._rows(self.State.RUNNING).update(**noted):
            raise BuildStoppedError

    def end(self, state, problem=""):
        """Close it, whatever it was doing."""
        self.state, self.problem, self.ended_at = state, problem, timezone.now()
        self.save(update_fields=["state", "problem", "ended_at"])

    def _rows(self, state):
        return type(self).objects.filter(pk=self.pk, token=self.token, state=state)


class StoredBytes(StrategyBound):
    """Bytes with their hash; written once, never changed."""

    report = models.ForeignKey("reporting.CouncilReport", models.CASCADE, related_name="%(class)ss")
    build = models.ForeignKey(ReportBuild, models.CASCADE, related_name="%(class)ss")
    variant = models.CharField(_("variant"), max_length=10, choices=Variant.choices)
    content = models.BinaryField()
    sha256 = models.CharField(_("checksum (SHA-256)"), max_length=64, editable=False)
    size = models.PositiveIntegerField(_("size"), editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if self.pk:
            raise TypeError("Stored bytes are written once.")
        self.sha256 = hashlib.sha256(self.content).hexdigest()
        self.size = len(self.content)
        super().save(*args, **kwargs)

    def is_intact(self):
        return hashlib.sha256(self.content).hexdigest() == self.sha256

    def checked_bytes(self):
        """The bytes as stored.

        Raises:
            DamagedError: they are not those that were stored or, of a final report, sealed.
        """
        content = bytes(self.content)
        if hashlib.sha256(content).hexdigest() != self.sha256 or not self.report.seals(self):
            raise DamagedError(f"{type(self).__name__} {self.pk} of report {self.report_id}")
        return content


class Projection(StoredBytes):
    """Everything one variant shows, as canonical JSON; documents are rendered from it alone."""

    class Meta:
        verbose_name = _("projection")
        verbose_name_plural = _("projections")
        constraints = [models.UniqueConstraint("build", "variant", name="one_projection_per_build_and_variant")]

    def __str__(self):
        return f"{self.report} ({self.get_variant_display()})"

    @property
    def seal_name(self):
        return f"{self.variant}/projection"


class ReportDocumentQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Of reports the actor sees: the public variant; the other one for those who take part."""
        from reporting.models.report import CouncilReport  # the report's module imports this one

        seen = self.filter(report__in=CouncilReport.objects.visible_to(actor))
        takes_part = models.Q(strategy__in=actor.strategies(*Role.TAKING_PART))
        return seen.filter(models.Q(variant=Variant.PUBLIC) | takes_part)

    def without_bytes(self):
        return self.defer("content")

    def in_order(self):
        """What everyone may read first, and of each variant the PDF first."""
        formats = ReportDocument.Format.values
        return sorted(self, key=lambda row: (row.variant != Variant.PUBLIC, formats.index(row.format)))


class ReportDocument(StoredBytes):
    """One variant of a report in one format."""

    class Format(models.TextChoices):
        PDF = "pdf", "PDF"
        WORD = "docx", _("Word file")
        SHEET = "xlsx", _("Spreadsheet")
        OPARL = "oparl", "OParl"

    MIME = {
        Format.PDF: "application/pdf",
        Format.WORD: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        Format.SHEET: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Format.OPARL: "application/json",
    }
    ENDINGS = {Format.OPARL: "json"}

    format = models.CharField(_("format"), max_length=10, choices=Format.choices, default=Format.PDF)
    pages = models.PositiveIntegerField(_("pages"), default=0)

    objects = ReportDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-variant", "format"]
        constraints = [
            models.UniqueConstraint("build", "variant", "format", name="one_document_per_variant_and_format")
        ]

    def __str__(self):
        return f"{self.report} ({self.get_variant_display()}, {self.get_format_display()})"

    def projection(self):
        """What it was rendered from. Raises Projection.DoesNotExist where that is gone."""
        return self.build.projections.select_related("report").get(variant=self.variant)

    @property
    def mime(self):
        return self.MIME[self.format]

    @property
    def seal_name(self):
        return f"{self.variant}/{self.format}"

    @property
    def filename(self):
        """For example ``GRDrs-972-2023-public.pdf``; a report without number goes by its own."""
        return file_name(self.report.reference or f"report {self.report_id}", self.variant, self.format)

    def get_absolute_url(self):
        page = reverse(f"reporting:report-{self.format}", args=[self.strategy.slug, self.report_id])
        return f"{page}?variant={self.variant}"


def file_name(title, variant, kind):
    words = f"{title} {variant}".replace("/", "-").split()
    return f"{'-'.join(words)}.{ReportDocument.ENDINGS.get(kind, kind)}"


class ReportDownload(StrategyBound):
    """Who took which document away, and whether its bytes were sound. Outlives the document of a draft."""

    report = models.ForeignKey("reporting.CouncilReport", models.CASCADE, related_name="downloads")
    document = models.ForeignKey(ReportDocument, models.SET_NULL, null=True, related_name="downloads")
    variant = models.CharField(max_length=10, choices=Variant.choices)
    format = models.CharField(max_length=10, choices=ReportDocument.Format.choices)
    sha256 = models.CharField(max_length=64)
    was_intact = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    in_place_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("download")
        verbose_name_plural = _("downloads")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.report}: {self.variant}"
