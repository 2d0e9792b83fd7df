"""P9: however often one clicks, a round opens and closes once, and a ballot is handed in once."""

import pytest
from django.db import transaction

from measures.models import Ballot, Elector, RankingRound
from strategy.models import OutgoingMail, Transition
from strategy.workflow import RuleViolation
from tests.measures import rankings
from tests.measures.test_races import CLICKS, at_once, click_often
from tests.pages import browser_of, typed_on

pytestmark = pytest.mark.django_db(transaction=True)


def steps(verb, model):
    return Transition.objects.filter(verb=verb, content_type__model=model).count()


@pytest.mark.sqlite
def test_fifty_clicks_open_and_close_a_round_once_and_hand_a_ballot_in_once(cast):
    with transaction.atomic():
        others = rankings.heads(cast, 5)  # so that figures are shown
        ranking = rankings.planned(cast)
    OutgoingMail.objects.all().delete()
    browser = browser_of(cast.project_group)

    opening = f"{ranking.get_absolute_url()}open/"
    assert click_often(browser, opening, typed_on(browser.get(opening))) == {ranking.get_absolute_url()}
    electors = list(Elector.objects.values_list("user", flat=True))
    assert (steps("open", "rankinground"), len(electors), len(set(electors))) == (1, 9, 9)
    assert OutgoingMail.objects.count() == 8
    assert Ballot.objects.count() == 9

    ballot = rankings.arrange(ranking, cast.department_head)
    outcomes = at_once(CLICKS, lambda _number: handed_in(ballot.pk, cast.actor("department_head")))
    assert (outcomes.count(True), outcomes.count(False), steps("submit", "ballot")) == (1, CLICKS - 1, 1)
    for head in others:
        rankings.vote(ranking, head)

    closing = f"{ranking.get_absolute_url()}close/"
    click_often(browser, closing, typed_on(browser.get(closing), reason="Alle haben abgegeben"))
    assert steps("close", "rankinground") == 1
    receipts = RankingRound.objects.get().results["receipts"]
    assert (len(receipts), receipts.count(Ballot.objects.get(pk=ballot.pk).receipt)) == (6, 1)


def handed_in(pk, by):
    try:
        Ballot.objects.get(pk=pk).submit(by=by)
    except RuleViolation:
        return False
    return True
