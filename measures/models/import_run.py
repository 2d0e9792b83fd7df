"""Uploaded tables on their way into the measures, and what the headings of a city's own tables stand for."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from strategy import storage
from strategy.models import Role, StrategyBound
from strategy.workflow import RuleViolation, Workflow, transition

from .attachment import shown_name


def own_import_name(run, typed):
    """Files lie under a name of their own: what somebody typed never becomes a path."""
    return f"imports/{uuid.uuid4()}"


class RunStoppedError(Exception):
    """Nobody waits for this import any more: it was cancelled or given up."""


class ImportRunQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self.filter(strategy__in=actor.strategies(Role.PROJECT_GROUP))

    def upload(self, strategy, *, by, file, language):
        """Keep an uploaded table until it has been read. Raises PermissionDenied."""
        if not by.has_perm("measures.add_importrun", strategy):
            raise PermissionDenied("measures.add_importrun")
        run = self.model(strategy=strategy, name=shown_name(file.name), file=file, size=file.size, language=language)
        run.belongs_to(by)
        run.save()
        return run

    def waiting_too_long(self, at=None):
        """Nobody took them from the queue: the broker was gone, or it forgot them."""
        since = (at or timezone.now()) - ImportRun.WAKE_AFTER
        return self.filter(state__in=ImportRun.FOR_A_WORKER, seen_at__lt=since)

    def lost(self, at=None):
        """Begun, and without a sign of life for longer than a task may run."""
        since = (at or timezone.now()) - ImportRun.LOST_AFTER
        return self.filter(state__in=ImportRun.AT_WORK, seen_at__lt=since)

    def outlived(self, before):
        """What nobody needs any more: the measures have it, or nobody has come back for it."""
        return self.exclude(state__in=ImportRun.AT_WORK).filter(seen_at__lt=before)


class ImportRun(Workflow, StrategyBound):
    """One uploaded table: read, its columns named, its changes shown and, on confirmation, taken over or not at all.

    It is machinery: what it changes stands in the history of the measures, who confirmed it in ``transitions``.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        READING = "reading", _("being read")
        MAPPING = "mapping", _("columns to be named")
        READY = "ready", _("checked")
        CONFIRMED = "confirmed", _("confirmed")
        TAKING = "taking", _("being taken over")
        DONE = "done", _("taken over")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    FOR_A_WORKER = (State.WAITING, State.CONFIRMED)
    AT_WORK = (State.READING, State.TAKING)
    MOVING = (*FOR_A_WORKER, *AT_WORK)
    WAKE_AFTER = timedelta(minutes=1)
    LOST_AFTER = timedelta(minutes=10)  # above the task's time limit: what is silent for longer has been killed

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    file = models.FileField(_("file"), upload_to=own_import_name)
    name = models.CharField(_("name"), max_length=150)
    size = models.PositiveIntegerField(_("size"))
    language = models.CharField(max_length=10)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by"))
    in_place_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    columns = models.JSONField(null=True)
    headings = models.JSONField(default=list)
    samples = models.JSONField(default=list)
    preview = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)
    with_amendments = models.BooleanField(default=False)
    result = models.JSONField(default=dict)
    problem = models.TextField(_("problem"), blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField(_("uploaded at"), default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["state", "seen_at"], name="import_by_state")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("measures:import", args=[self.strategy.slug, self.pk])

    @property
    def is_moving(self):
        return self.state in self.MOVING

    @property
    def share(self):
        return round(100 * self.done / self.total) if self.total else 0

    @property
    def can_be_taken(self):
        """Nothing stands in the way, and there is something to take over."""
        told = self.preview
        return bool(told) and not told["problems"] and bool(told["new"] or told["changed"] or told["amendments"])

    def belongs_to(self, actor):
        """From now on it acts for this person, and for whom they stand in."""
        self.owner, self.in_place_of = actor.user, actor.in_place_of

    # What people do with it

    @transition(State.MAPPING, State.READY, to=State.WAITING)
    def name_columns(self, *, by, columns, reason=""):
        """Say what each heading stands for, and remember it for the next table: {heading: column or ""}."""
        if len(columns) != len(self.headings):
            raise RuleViolation(_("This table has other columns by now; please open the page again."))
        self.columns, self.seen_at = columns, timezone.now()
        ColumnMapping.objects.remember(self.strategy_id, dict(zip(self.headings, columns, strict=True)))

    @transition(State.READY, to=State.CONFIRMED)
    def confirm(self, *, by, with_amendments=False, reason=""):
        """Have it taken over as shown, in one piece."""
        if not self.can_be_taken:
            raise RuleViolation(_("There is nothing that could be taken over."))
        self.belongs_to(by)
        self.with_amendments, self.problem, self.seen_at = with_amendments, "", timezone.now()
        self.done, self.total = 0, 0

    @transition(State.WAITING, State.READING, State.MAPPING, State.READY, State.CONFIRMED, to=State.CANCELLED)
    def cancel(self, *, by, reason=""):
        """Nothing has been changed, and nothing will be; the file is deleted."""
        self.forget_file()

    # What a worker does with it; each step says so only if the run still is where it was

    def claim(self, before, after):
        """Take it for this process. False: another one has it, or nobody wants it any more."""
        return self._move(before, state=after)

    def advance(self, done, total):
        """Note how far it is, as a sign of life. Raises RunStoppedError."""
        if not self._move(self.state, done=done, total=total):
            raise RunStoppedError

    def go_on(self, state, **noted):
        """Raises RunStoppedError."""
        if not self._move(self.state, state=state, **noted):
            raise RunStoppedError

    def give_up(self, problem):
        """End it, saying why; the file is of no more use."""
        if self._move(self.state, state=self.State.FAILED, problem=problem):
            self.forget_file()

    def _move(self, before, **noted):
        noted["seen_at"] = timezone.now()
        moved = type(self).objects.filter(pk=self.pk, state=before).update(**noted)
        if moved:
            for name, value in noted.items():
                setattr(self, name, value)
        return bool(moved)

    def forget_file(self):
        """Delete the file once the database no longer needs it."""
        storage.delete_later(self.file.name)


class ColumnMappingQuerySet(models.QuerySet):
    def remember(self, strategy_id, columns):
        """Keep what these headings stand for: {heading: column or ""}."""
        rows = [self.model(strategy_id=strategy_id, heading=h[:200], column=c) for h, c in columns.items() if h]
        self.bulk_create(rows, update_conflicts=True, unique_fields=["strategy", "heading"], update_fields=["column"])


class ColumnMapping(StrategyBound):
    """What a heading of the city's own tables stands for, as somebody has said once; an empty column is left out."""

    heading = models.CharField(_("heading"), max_length=200)
    column = models.CharField(_("column"), max_length=40, blank=True)

    objects = ColumnMappingQuerySet.as_manager()

    class Meta:
        verbose_name = _("column name")
        verbose_name_plural = _("column names")
        constraints = [models.UniqueConstraint("strategy", "heading", name="one_meaning_per_heading")]

    def __str__(self):
        return f"{self.heading}: {self.column}"
