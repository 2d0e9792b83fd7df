"""What the measures keep for a while only."""

from django.utils.translation import gettext_lazy as _

from measures.models import BulkEdit, ImportRun
from strategy.retention import Kind, deleted, keeps


def forget_imports(strategy, before):
    """With the tables that were uploaded: the measures have what was taken over."""
    runs = ImportRun.objects.filter(strategy=strategy).outlived(before)
    for run in runs:
        run.forget_file()
        run.delete()
    return len(runs)


def forget_bulk_edits(strategy, before):
    return deleted(BulkEdit.objects.filter(strategy=strategy, made_at__lt=before))


keeps(
    Kind("imports", _("Uploaded tables"), _("The file and what was planned with it."), 14, forget_imports),
    Kind("bulk", _("Changes of several measures"), _("What was wanted, and the way back."), 365, forget_bulk_edits),
)
