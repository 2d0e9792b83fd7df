"""What the operation of the portal itself has to remember; none of it belongs to a strategy."""

from django.db import models
from django.utils import timezone


class FileToDelete(models.Model):
    """A file no row names any more, see ``strategy.storage``."""

    name = models.CharField(max_length=255)
    noted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "file to delete"
        verbose_name_plural = "files to delete"

    def __str__(self):
        return self.name


class Restoration(models.Model):
    """The portal was restored from a backup: what was due before may have been told, see ``strategy.planner``."""

    backup_at = models.DateTimeField()
    restored_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "restoration"
        verbose_name_plural = "restorations"
        get_latest_by = "restored_at"

    def __str__(self):
        return f"{self.backup_at:%Y-%m-%d %H:%M}"

    @classmethod
    def latest_moment(cls):
        """When the portal was last restored, or None."""
        return cls.objects.aggregate(latest=models.Max("restored_at"))["latest"]
