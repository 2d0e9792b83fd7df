"""What the frame of a page counts: measures this person sees, open reviews and needs, rounds that wait for the person,
and what the bell has to tell.
"""

from measures.models import Measure, Need, RankingRound, Review
from strategy.counting import count_all
from strategy.models import Notification
from strategy.navigation import counts_entries


@counts_entries
def counts_of_the_work(actor, strategy):
    """What the person's menu leads to; what it does not offer is not counted."""
    rows = {
        "measures:list": Measure.objects.visible_to(actor),
        "strategy:notifications": Notification.objects.visible_to(actor).unread(),
    }
    if actor.has_perm("measures.view_reviews", strategy):
        rows["measures:reviews"] = Review.objects.visible_to(actor).open()
    if actor.has_perm("measures.view_rankings", strategy):
        rows["measures:rankings"] = RankingRound.objects.waiting_for(actor)
    if actor.has_perm("measures.view_needs", strategy):
        rows["measures:needs"] = Need.objects.visible_to(actor).open()
    return count_all(strategy, {name: found.filter(strategy=strategy) for name, found in rows.items()})
