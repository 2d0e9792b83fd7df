"""The agreement of the last ranking round that was published, for whom its results are."""

from measures.findings import Findings
from measures.models import RankingRound


def last_agreement(actor, strategy):
    """(round, its ``Findings``) or None; asks one query, the stored results alone are read."""
    last = RankingRound.objects.last_published(strategy)
    if last is None or not actor.has_perm("measures.view_results_rankinground", last):
        return None
    return last, Findings(last, ())
