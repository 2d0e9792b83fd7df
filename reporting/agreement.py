"""The agreement of the last ranking round that was published, for whom its results are."""

from measures.findings import Findings
from measures.models import RankingRound
from strategy.as_of import end_of


def last_agreement(actor, strategy, day):
    """(round, its ``Findings``) of the last one published up to that day, or None; asks one query."""
    last = RankingRound.objects.filter(published_at__lt=end_of(day)).last_published(strategy)
    if last is None or not actor.has_perm("measures.view_results_rankinground", last):
        return None
    return last, Findings(last, ())
