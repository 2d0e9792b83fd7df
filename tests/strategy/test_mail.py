"""The outbox and a real mail server that fails: nothing is lost, nothing stands in the way of the rest."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes

import pytest
from django.db import connection
from django.utils import timezone

from strategy.delivery import MOST_BREAKS, deliver
from strategy.models import OutgoingMail
from tests.factories import MembershipFactory, UserFactory

State = OutgoingMail.State
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db


def queue(address="somebody", number=1, **values):
    """A mail to that address of a made-up domain."""
    user = UserFactory(username=f"{address}-{number}", email=f"{address}-{number}@example.org")
    strategy_id = values.pop("strategy_id", None) or MembershipFactory().strategy_id
    return OutgoingMail.objects.queue(
        strategy_id=strategy_id,
        recipient=user,
        occasion=f"test:{number}",
        **{"subject": f"Frist {number}", "body": "Bis Freitag."} | values,
    )


def queue_many(count, address="somebody"):
    strategy_id = MembershipFactory().strategy_id
    return [queue(address, number, strategy_id=strategy_id) for number in range(count)]


def states():
    return dict(OutgoingMail.objects.order_by("pk").values_list("recipient__username", "state"))


def subjects(server):
    return sorted(mail["subject"] for mail in server.taken())


@pytest.mark.sqlite
def test_what_is_due_is_sent_over_one_connection_and_never_again(mail_server):
    with mail_server() as server:
        queue_many(3)

        assert [deliver(), deliver()] == [3, 0]

    assert subjects(server) == ["Frist 0", "Frist 1", "Frist 2"]
    assert set(states().values()) == {State.SENT}


@pytest.mark.sqlite
def test_a_mail_says_who_it_is_and_where_to_choose(mail_server, mailoutbox, settings):
    mail = queue(html="<p>Bis Freitag.</p>")

    message = message_from_bytes(mail.message().message().as_bytes())

    assert (message["To"], message["Subject"]) == (mail.recipient.email, "Frist 1")
    assert message["Message-ID"] == f"<{mail.message_id}@example.org>"
    assert message["List-Unsubscribe"] == f"<{settings.BASE_URL}/accounts/me/mails/>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in message.get_payload()] == ["text/plain", "text/html"]


@pytest.mark.sqlite
def test_a_mail_is_written_once_and_goes_out_as_it_would_have_been_written_now(mail_server):
    mail = queue(body="Über Gänse", html="<p>Über Gänse – ärgerlich</p>")
    stored = mail.message().message().as_bytes()
    mail.source = b""

    afresh = mail.message().message().as_bytes()

    assert parts(stored) == parts(afresh)
    assert parts(stored)[-1] == ("text/html", "<p>Über Gänse – ärgerlich</p>")


def parts(written):
    """The headers, without what differs from one minute to the next, and the contents."""
    message = message_from_bytes(written)
    told = sorted((name, text) for name, text in message.items() if name not in ("Date", "Content-Type"))
    contents = [(part.get_content_type(), part.get_payload(decode=True).decode()) for part in message.get_payload()]
    return [*told, *contents]


def test_a_mail_goes_to_the_address_its_recipient_has_now(mail_server):
    mail = queue("before")
    type(mail.recipient).objects.filter(pk=mail.recipient_id).update(email="after@example.org")
    with mail_server() as server:
        assert deliver() == 1

    (taken,) = server.taken()
    assert (taken["to"], taken["shown"]) == (["after@example.org"], "after@example.org")


def test_a_mail_from_before_mails_were_written_in_advance_goes_out_too(mail_server):
    queue()
    OutgoingMail.objects.update(source=b"")
    with mail_server() as server:
        assert deliver() == 1

    assert subjects(server) == ["Frist 1"]


@pytest.mark.sqlite
def test_a_refused_recipient_is_recorded_and_the_others_are_served(mail_server):
    with mail_server() as server:
        queue("refused", 1), queue("somebody", 2)

        assert deliver() == 1

    refused = OutgoingMail.objects.get(recipient__username="refused-1")
    assert (refused.state, refused.problem) == (State.FAILED, "550 5.1.1 nobody of that name")
    assert subjects(server) == ["Frist 2"]


@pytest.mark.sqlite
def test_a_temporary_refusal_is_tried_again_with_growing_pauses(mail_server):
    mail, at, pauses = queue("later"), timezone.now(), []
    with mail_server() as server:
        with server.trouble("greylisting"):
            for _attempt in range(9):
                assert deliver(at) == 0
                mail.refresh_from_db()
                pauses.append((mail.not_before - at) // MINUTE)
                assert deliver(mail.not_before - MINUTE / 2) == 0
                at = mail.not_before

        assert deliver(at) == 1

    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert len(server.taken()) == 1


def test_a_mail_server_that_is_gone_for_an_hour_gets_everything_once_when_it_is_back(mail_server):
    queue_many(250)
    start, server = timezone.now(), mail_server()
    for minute in range(60):
        assert deliver(start + minute * MINUTE) == 0
    assert set(OutgoingMail.objects.values_list("state", "attempts")) == {(State.WAITING, 0)}
    assert "did not answer" in OutgoingMail.objects.first().problem

    with server:
        assert deliver(start + 61 * MINUTE) == 250
        assert deliver(start + 62 * MINUTE) == 0

    assert len({mail["id"] for mail in server.taken()}) == len(server.taken()) == 250


def test_a_server_that_closes_for_a_while_is_asked_again(mail_server):
    queue_many(2)
    with mail_server() as server:
        with server.trouble("closed"):
            assert deliver() == 0
        assert set(states().values()) == {State.WAITING}

        assert deliver(timezone.now() + 2 * MINUTE) == 2


@pytest.mark.sqlite
def test_a_mail_at_which_the_server_hangs_up_waits_and_the_others_go_out(mail_server):
    with mail_server() as server:
        queue("hang-up", 0), queue_many(3)

        assert deliver() == 3

    waiting = OutgoingMail.objects.get(state=State.WAITING)
    assert (waiting.recipient.username, waiting.attempts) == ("hang-up-0", 1)
    assert [mail["to"][0] for mail in server.taken()].count("hang-up-0@example.org") == 1


def test_a_server_that_hangs_up_again_and_again_is_left_alone_for_a_while(mail_server):
    with mail_server() as server:
        queue_many(10, "hang-up")

        assert deliver() == 0

    assert len(server.taken()) == MOST_BREAKS
    assert OutgoingMail.objects.filter(attempts=0, lease=None).count() == 10 - MOST_BREAKS


@pytest.mark.sqlite
def test_a_mail_that_cannot_be_written_fails_alone_and_somebody_hears_of_it(mail_server):
    with mail_server() as server:
        broken = queue("somebody", 1)
        OutgoingMail.objects.filter(pk=broken.pk).update(subject="Frist\nBcc: all@example.org", source=b"")
        queue("somebody", 2)

        with pytest.raises(ValueError, match="newlines"):
            deliver()
        assert deliver() == 0

    assert states() == {"somebody-1": State.FAILED, "somebody-2": State.SENT}
    assert subjects(server) == ["Frist 2"]


@pytest.mark.parametrize("field", ["is_active", "email"])
def test_a_closed_account_gets_nothing_any_more(mailoutbox, field):
    mail = queue()
    type(mail.recipient).objects.update(**{field: False if field == "is_active" else ""})

    assert deliver() == 0

    mail.refresh_from_db()
    assert (mail.state, mailoutbox) == (State.WITHDRAWN, [])


def test_a_restored_outbox_sends_nothing_old(mailoutbox):
    old, young = queue("old", 1), queue("young", 2)
    OutgoingMail.objects.filter(pk=old.pk).update(queued_at=timezone.now() - OutgoingMail.OLDEST - MINUTE)
    OutgoingMail.objects.filter(pk=young.pk).update(queued_at=timezone.now() - OutgoingMail.OLDEST + MINUTE)

    assert deliver() == 1

    assert states() == {"old-1": State.FAILED, "young-2": State.SENT}


def test_a_reminder_nobody_has_confirmed_lately_waits(mailoutbox):
    at = timezone.now() + MINUTE
    queue("stale", 1, confirmed_at=at - OutgoingMail.TRUE_FOR), queue("fresh", 2, confirmed_at=at - MINUTE)

    assert deliver(at) == 1

    assert states() == {"stale-1": State.WAITING, "fresh-2": State.SENT}


# Leases


@pytest.mark.sqlite
def test_what_one_sender_has_in_hand_no_other_gets_until_the_lease_ends():
    at = timezone.now() + MINUTE
    mails = queue_many(3)

    first = OutgoingMail.objects.lease(at, size=2)

    assert [mail.pk for mail in first] == [mail.pk for mail in mails[:2]]
    assert [mail.pk for mail in OutgoingMail.objects.lease(at)] == [mails[2].pk]
    assert OutgoingMail.objects.lease(at) == []
    later = at + OutgoingMail.LEASE + MINUTE
    assert [mail.pk for mail in OutgoingMail.objects.lease(later)] == [mail.pk for mail in mails]


@pytest.mark.sqlite
def test_a_sender_that_wakes_after_its_lease_sends_nothing_that_another_has_taken(mailoutbox):
    at = timezone.now() + MINUTE
    queue()
    (late,) = OutgoingMail.objects.lease(at)
    deliver(at + OutgoingMail.LEASE + MINUTE)

    with late.held() as is_ours:
        assert not is_ours
    assert len(mailoutbox) == 1


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_senders_side_by_side_send_each_mail_once(mail_server):
    queue_many(300)

    def send(_number):
        try:
            return deliver()
        finally:
            connection.close()

    with mail_server() as server, ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(send, range(4)))

    assert sum(sent) == len(server.taken()) == len({mail["id"] for mail in server.taken()}) == 300
