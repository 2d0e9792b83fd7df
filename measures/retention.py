"""What the measures keep for a while only."""

from django.utils.translation import gettext_lazy as _

from measures.models import Ballot, BulkEdit, ImportRun, RankingRound
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


def forget_orders(strategy, before):
    over = RankingRound.objects.filter(strategy=strategy).over_since(before)
    return Ballot.objects.filter(round__in=over).forget_what_does_not_count()


keeps(
    Kind("imports", _("Uploaded tables"), _("The file and what was planned with it."), 14, forget_imports),
    Kind("bulk", _("Changes of several measures"), _("What was wanted, and the way back."), 365, forget_bulk_edits),
    Kind(
        "orders",
        _("Orders not handed in"),
        _("What somebody had ordered and not handed in when the round ended, and earlier orders of those who did."),
        30,
        forget_orders,
    ),
)
