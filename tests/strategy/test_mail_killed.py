"""Promise P5: senders killed −9 lose no mail, and repeat no more than the one they had in hand, recognisably."""

import random
from collections import Counter

import pytest
from django.utils import timezone

from strategy.models import OutgoingMail
from strategy.tasks import send_mail
from tests.factories import MembershipFactory, UserFactory
from tests.processes import kill, running, wait_until, worker

pytestmark = pytest.mark.django_db(transaction=True)


def queue(count, people=20):
    """Reminders for so many people, each of an occasion of its own; returns their Message-IDs."""
    strategy_id = MembershipFactory().strategy_id
    users = [UserFactory() for _number in range(people)]
    mails = [
        OutgoingMail(
            strategy_id=strategy_id,
            recipient=users[number % people],
            occasion=f"reminder:{number}",
            subject=f"Frist {number}",
            body="Bis Freitag.",
        )
        for number in range(count)
    ]
    for mail in mails:
        mail.write()
    OutgoingMail.objects.bulk_create(mails)
    return {f"<{mail.message_id}@example.org>" for mail in mails}


def leases_end():
    """A few minutes later what the dead had in hand is free again."""
    OutgoingMail.objects.waiting().update(leased_until=timezone.now())


def send_and_kill(server, start, count, kills):
    """Start a sender again and again, kill it at its work, let the last one finish."""
    targets = sorted(random.sample(range(1, count), kills))
    for target in targets:
        with start() as program:
            wait_until(lambda target=target: len(server.taken()) >= target, pause=0.002)
            kill(program)
        leases_end()
    with start():
        wait_until(lambda: not OutgoingMail.objects.waiting().exists(), pause=0.2)


def assert_nothing_lost_and_repeats_known(server, wanted, kills):
    taken = Counter(mail["id"] for mail in server.taken())
    assert set(taken) == wanted
    assert sum(taken.values()) - len(wanted) <= kills
    assert max(taken.values()) <= 1 + kills
    assert len({(mail["id"], tuple(mail["to"]), mail["subject"]) for mail in server.taken()}) == len(wanted)
    assert set(OutgoingMail.objects.values_list("state", flat=True)) == {OutgoingMail.State.SENT}


def test_a_sender_killed_three_times_loses_nothing(mail_server):
    wanted = queue(90)
    with mail_server() as server, server.trouble("slow"):
        send_and_kill(server, lambda: running("tests.strategy.sender", EMAIL_URL=server.url), 90, kills=3)

    assert_nothing_lost_and_repeats_known(server, wanted, kills=3)


@pytest.mark.slow
def test_a_worker_killed_twenty_times_while_it_sends_a_thousand_reminders_loses_none(mail_server):
    wanted = queue(1000)

    def start():
        send_mail.delay()  # beat's wake-up; those that die with their worker come back by Redis's own clock
        return worker("--queues", "mail", EMAIL_URL=server.url)

    with mail_server() as server, server.trouble("slow"):
        send_and_kill(server, start, 1000, kills=20)

    assert_nothing_lost_and_repeats_known(server, wanted, kills=20)


@pytest.mark.slow
def test_a_careless_sender_would_be_noticed(mail_server):
    """The negative control: who notes a whole batch at its end repeats all of it."""
    wanted = queue(90)
    with mail_server() as server, server.trouble("slow"):
        start = lambda: running("tests.strategy.sender", "careless", EMAIL_URL=server.url)  # noqa: E731
        send_and_kill(server, start, 90, kills=3)

    with pytest.raises(AssertionError):
        assert_nothing_lost_and_repeats_known(server, wanted, kills=3)
