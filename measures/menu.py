"""What the frame of a page counts: measures this person sees, open reviews and needs, rounds that wait for the person,
and what the bell has to tell.
"""

from django.db.models import Count, IntegerField
from django.db.models.expressions import Subquery, Value

from measures.models import Measure, Need, RankingRound, Review
from strategy.models import Notification, Strategy
from strategy.navigation import counts_entries


@counts_entries
def counts_of_the_work(actor, strategy):
    measures = Measure.objects.visible_to(actor).filter(strategy=strategy)
    reviews = Review.objects.visible_to(actor).open().filter(strategy=strategy)
    rankings = RankingRound.objects.waiting_for(actor).filter(strategy=strategy)
    needs = Need.objects.visible_to(actor).open().filter(strategy=strategy)
    unread = Notification.objects.visible_to(actor).unread().filter(strategy=strategy)
    return Strategy.objects.filter(pk=strategy.pk).values(
        **{
            "measures:list": number_of(measures),
            "measures:reviews": number_of(reviews),
            "measures:rankings": number_of(rankings),
            "measures:needs": number_of(needs),
            "strategy:notifications": number_of(unread),
        }
    )[0]


def number_of(rows):
    """The count of these rows as a subquery."""
    counted = rows.order_by().annotate(everything=Value(1)).values("everything").annotate(number=Count("pk"))
    return Subquery(counted.values("number"), output_field=IntegerField())
