"""P10: at the deadline no ballot is accepted past it, and none that was accepted goes uncounted.

Sixty people hand in, withdraw and hand in again, each over a database connection of their own, while the moment of
closing passes and the clock closes the round. PostgreSQL's ``clock_timestamp()`` decides, after the round's lock.
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import wraps

import pytest
from django.db import connection, transaction

from measures import tasks
from measures.models import Ballot, RankingRound
from measures.models.ranking import ClockTime
from strategy.actor import Actor
from strategy.models import Strategy, Transition
from strategy.workflow import RuleViolation
from tests.measures import rankings

VOTERS = 60
LAST_MOMENTS = timedelta(milliseconds=200)  # from when half of the people are through until the end
GIVE_UP = 120  # seconds, against hanging

pytestmark = pytest.mark.django_db(transaction=True)


def database_clock():
    """What the database's clock says, in a transaction of its own."""
    return Strategy.objects.annotate(now=ClockTime()).values_list("now", flat=True)[0]


def on_a_connection_of_its_own(act):
    """What a thread does with the database, and gives its connection back."""

    @wraps(act)
    def alone(*args):
        try:
            return act(*args)
        finally:
            connection.close()

    return alone


class Crowd:
    """Voters of one round; ``accepted`` has a moment under the round's lock for each step that was let through."""

    def __init__(self, cast, voters):
        with transaction.atomic():
            people = rankings.heads(cast, voters)
            self.ranking = rankings.open_(cast, measures=4, groups={"department_heads": 1})
            self.ballots = [rankings.arrange(self.ranking, user) for user in people]
        self.actors = [Actor.of(user) for user in people]
        self.accepted, self.refused, self.closes_at = [], 0, None
        self.lock, self.is_done = threading.Lock(), threading.Event()

    def run(self):
        with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(len(self.actors) + 1) as pool:
            patch.setattr(Ballot, "check_open", self.noting_when(Ballot.check_open))
            clock = pool.submit(self.close_when_due)
            votes = [pool.submit(self.vote_until_too_late, number) for number in range(len(self.actors))]
            for vote in votes:
                vote.result(GIVE_UP)
            self.is_done.set()
            clock.result(GIVE_UP)

    def noting_when(self, check_open):
        """The same question, and what the database's clock said just before it."""

        def check(ballot):
            moment = database_clock()
            check_open(ballot)
            with self.lock:
                self.accepted.append(moment)

        return check

    @on_a_connection_of_its_own
    def vote_until_too_late(self, number):
        """Hand in, withdraw, hand in … until it is refused; every third keeps what was handed in."""
        ballot, by = self.ballots[number], self.actors[number]
        give_up = time.monotonic() + GIVE_UP
        while time.monotonic() < give_up:
            if number % 3 == 0 and ballot.state == Ballot.State.SUBMITTED:
                return
            try:
                (ballot.submit if ballot.state == Ballot.State.DRAFT else ballot.withdraw)(by=by)
            except RuleViolation:
                with self.lock:
                    self.refused += 1
                return
        raise AssertionError("nobody said that it was too late")

    @on_a_connection_of_its_own
    def close_when_due(self):
        """Let the end come when half of the people are through, then do as beat does until the round is closed."""
        give_up = time.monotonic() + GIVE_UP
        while len(self.accepted) < len(self.actors) / 2 and time.monotonic() < give_up:
            time.sleep(0.01)
        with transaction.atomic():
            RankingRound.objects.select_for_update().get(pk=self.ranking.pk)
            self.closes_at = database_clock() + LAST_MOMENTS
            RankingRound.objects.filter(pk=self.ranking.pk).update(closes_at=self.closes_at)
        while RankingRound.objects.open().exists() and time.monotonic() < give_up:
            tasks.close_ranking(self.ranking.pk)
            time.sleep(0.01)

    def judge(self):
        """Lists of what must not be: accepted after the end, handed in but not counted, counted but not handed in."""
        ranking = RankingRound.objects.get(pk=self.ranking.pk)
        handed_in = sorted(ranking.ballots.counting().values_list("receipt", flat=True))
        counted = ranking.results["receipts"]
        assert ranking.state == RankingRound.State.CLOSED
        assert Transition.objects.filter(content_type__model="ballot").count() == len(self.accepted)
        return {
            "late": [moment for moment in self.accepted if moment >= self.closes_at],
            "uncounted": [receipt for receipt in handed_in if receipt not in counted],
            "miscounted": [receipt for receipt in counted if receipt not in handed_in],
            "numbers": {len(counted), len(handed_in), ranking.results["overall"]["n"] or len(counted)} - {len(counted)},
        }


NOTHING = {"late": [], "uncounted": [], "miscounted": [], "numbers": set()}


def run_of(cast, voters):
    crowd = Crowd(cast, voters)
    crowd.run()
    assert crowd.refused > 0  # the end did come while people were voting
    return crowd.judge()


def test_at_the_deadline_no_ballot_is_late_and_none_is_lost(cast):
    assert run_of(cast, 18)  # so many that a third of them are enough to be shown == NOTHING


@pytest.mark.slow
@pytest.mark.parametrize("run", range(20))
def test_at_the_deadline_sixty_at_once_lose_nothing(cast, run):
    assert run_of(cast, VOTERS) == NOTHING


# Negative controls: what each guard is for


def test_the_clock_of_the_transaction_would_let_late_ballots_in(cast):
    """Whoever waited for the lock until after the end is refused, although the transaction began in time."""
    with transaction.atomic():
        ranking = rankings.open_(cast)
        ballot = rankings.arrange(ranking, cast.department_head)
    outcomes = {}
    for clock in ("clock_timestamp()", "now()"):
        RankingRound.objects.filter(pk=ranking.pk).update(closes_at=database_clock() + timedelta(seconds=0.5))
        outcomes[clock] = submitted_while_locked(ranking, ballot, cast.actor("department_head"), clock)

    assert outcomes == {"clock_timestamp()": "refused", "now()": "accepted"}


def submitted_while_locked(ranking, ballot, by, clock):
    """Somebody else holds the round's lock past the end; meanwhile the ballot is handed in."""
    began = threading.Event()

    def hand_in():
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(RankingRound, "is_over", lambda self: is_over_by(self, clock))
                with transaction.atomic():
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT now()")
                    began.set()
                    Ballot.objects.get(pk=ballot.pk).submit(by=by)
            return "accepted"
        except RuleViolation:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            RankingRound.objects.select_for_update().get(pk=ranking.pk)
            attempt = pool.submit(hand_in)
            assert began.wait(GIVE_UP)
            time.sleep(0.8)
        return attempt.result(GIVE_UP)


def is_over_by(ranking, clock):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT closes_at <= {clock} FROM measures_rankinground WHERE id = %s", [ranking.pk])  # noqa: S608
        return cursor.fetchone()[0]


def test_without_the_lock_of_the_round_ballots_are_lost(cast, monkeypatch):
    """The round closes between a voter's question and the voter's answer: accepted, but not counted."""
    with transaction.atomic():
        others = rankings.heads(cast, 5)
        ranking = rankings.open_(cast)
        ballot = rankings.arrange(ranking, cast.department_head)
        for head in others:
            rankings.vote(ranking, head)
    lost = {}
    for guard in ("on", "off"):
        with pytest.MonkeyPatch.context() as patch:
            if guard == "off":
                patch.setattr(Ballot, "lock_first", lambda self: ())
            lost[guard] = closed_in_between(ranking, ballot, cast, patch)
        reopen(ranking, ballot)

    assert lost == {"on": False, "off": True}


def closed_in_between(ranking, ballot, cast, patch):
    """Whether a ballot that was accepted is missing among the counted ones."""
    asked, go_on = threading.Event(), threading.Event()
    ask = Ballot.check_open

    def ask_and_wait(self):
        ask(self)
        asked.set()
        go_on.wait(2)

    patch.setattr(Ballot, "check_open", ask_and_wait)

    def hand_in():
        try:
            Ballot.objects.get(pk=ballot.pk).submit(by=cast.actor("department_head"))
        finally:
            connection.close()

    def close():
        try:
            RankingRound.objects.get(pk=ranking.pk).close(by=cast.actor("project_group"), reason="Schluss")
        finally:
            connection.close()
            go_on.set()

    with ThreadPoolExecutor(2) as pool:
        voting = pool.submit(hand_in)
        assert asked.wait(GIVE_UP)
        closing = pool.submit(close)
        for attempt in (voting, closing):
            attempt.result(GIVE_UP)
    accepted = Ballot.objects.get(pk=ballot.pk)
    return accepted.receipt not in RankingRound.objects.get(pk=ranking.pk).results["receipts"]


def reopen(ranking, ballot):
    RankingRound.objects.filter(pk=ranking.pk).update(state="open", results=None, closed_at=None)
    Ballot.objects.filter(pk=ballot.pk).update(state="draft", submitted_at=None, receipt="", nonce="")
