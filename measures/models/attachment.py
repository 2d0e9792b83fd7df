import hashlib
import uuid
from pathlib import PurePosixPath
from unicodedata import category, normalize

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from measures.file_types import content_type_of, fits
from strategy import storage
from strategy.changes import changes
from strategy.models import StrategyBound
from strategy.workflow import RuleViolation

from .measure import Measure
from .need import Need

LARGEST = 10 * 1024 * 1024
MOST_OF_ONE = 10  # need or measure
LONGEST_NAME = 150


def own_name(attachment, typed):
    """Files lie under a name of their own: what somebody typed never becomes a path."""
    return f"attachments/{uuid.uuid4()}"


class AttachmentQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Who sees the need or the measure sees what is attached to it."""
        of_needs = Exists(Need.objects.visible_to(actor).filter(pk=OuterRef("need")))
        of_measures = Exists(Measure.objects.visible_to(actor).filter(pk=OuterRef("measure")))
        return self.filter(of_needs | of_measures)

    def attach(self, owner, *, by, file):
        """Keep an uploaded file with a draft need or a measure. Raises PermissionDenied and RuleViolation."""
        with transaction.atomic():
            owner.reread_locked()
            _check_may_change(owner, "add", by)
            if owner.attachments.count() >= MOST_OF_ONE:
                raise _refusal(_("No more than %(most)d files."), most=MOST_OF_ONE)
            attachment = self.model(name=shown_name(file.name), added_by=by.user)
            attachment.owner = owner
            attachment._take_in(file)
            attachment._changed_by = by
            attachment.save()
            return attachment


class Attachment(StrategyBound):
    """A file that belongs to a need or to a measure; what it is, its content says."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    need = models.ForeignKey(Need, models.CASCADE, null=True, blank=True, related_name="attachments")
    measure = models.ForeignKey(Measure, models.CASCADE, null=True, blank=True, related_name="attachments")
    file = models.FileField(_("file"), upload_to=own_name)
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    size = models.PositiveIntegerField(_("size"))
    content_type = models.CharField(_("file type"), max_length=100)
    sha256 = models.CharField(max_length=64)
    added_by = models.ForeignKey("strategy.User", models.PROTECT, related_name="+", verbose_name=_("added by"))
    added_at = models.DateTimeField(_("added at"), default=timezone.now)

    objects = AttachmentQuerySet.as_manager()
    changes = changes()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["added_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(need__isnull=True, measure__isnull=False) | Q(need__isnull=False, measure__isnull=True),
                name="an_attachment_belongs_to_a_need_or_a_measure",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        if self.need_id:
            return reverse("measures:need-attachment", args=[self.need.strategy.slug, self.need_id, self.pk])
        return reverse("measures:attachment", args=[self.measure.strategy.slug, self.measure.code, self.pk])

    @property
    def owner(self):
        return self.need or self.measure

    @owner.setter
    def owner(self, row):
        setattr(self, row._meta.model_name, row)

    def _take_in(self, file):
        if file.size > LARGEST:
            raise _refusal(_("The file is larger than %(most)d MB."), most=LARGEST // 1024**2)
        self.content_type = content_type_of(file) or ""
        if not self.content_type:
            raise _refusal(
                _("Only PDF, PNG, JPEG, DOCX, XLSX, ODT, ODS and plain text; this is none of them, or damaged.")
            )
        if not fits(self.name, self.content_type):
            raise _refusal(
                _("The name of the file does not say what is in it: %(content)s."), content=self.content_type
            )
        file.seek(0)
        self.file, self.size, self.sha256 = file, file.size, hashlib.file_digest(file, "sha256").hexdigest()

    def remove(self, *, by):
        """Take it away, the file too. Raises PermissionDenied and RuleViolation."""
        with transaction.atomic():
            self.owner.reread_locked()
            _check_may_change(self.owner, "delete", by)
            self._changed_by = by
            self.forget_file()
            self.delete()

    def forget_file(self):
        """Delete the file once the database no longer knows it."""
        storage.delete_later(self.file.name)


def _check_may_change(owner, verb, by):
    if not by.has_perm(f"measures.{verb}_attachment", owner):
        raise PermissionDenied(f"measures.{verb}_attachment")
    if isinstance(owner, Measure):
        owner.check_not_ended()
    elif owner.state != Need.State.DRAFT:
        raise _refusal(_("The need has been submitted; its files remain as they are."))


def _refusal(message, **params):
    return RuleViolation({"file": ValidationError(message, params=params)})


def shown_name(typed):
    """The last part of what was typed, without control characters, not too long, its ending kept."""
    name = normalize("NFC", PurePosixPath(typed.replace("\\", "/")).name)
    name = "".join(letter for letter in name if category(letter)[0] != "C").strip()
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}{dot}{ending}"[-LONGEST_NAME:]
