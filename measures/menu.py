"""What the frame of a page counts: measures this person sees, open reviews and needs, rounds that wait for the person,
and what the bell has to tell.
"""

from measures.models import Measure, Need, RankingRound, Review
from strategy.counting import count_all
from strategy.models import Notification
from strategy.navigation import counts_entries


@counts_entries
def counts_of_the_work(actor, strategy):
    measures = Measure.objects.visible_to(actor).filter(strategy=strategy)
    reviews = Review.objects.visible_to(actor).open().filter(strategy=strategy)
    rankings = RankingRound.objects.waiting_for(actor).filter(strategy=strategy)
    needs = Need.objects.visible_to(actor).open().filter(strategy=strategy)
    unread = Notification.objects.visible_to(actor).unread().filter(strategy=strategy)
    return count_all(
        strategy,
        {
            "measures:list": measures,
            "measures:reviews": reviews,
            "measures:rankings": rankings,
            "measures:needs": needs,
            "strategy:notifications": unread,
        },
    )
