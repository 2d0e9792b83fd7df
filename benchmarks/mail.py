"""10,000 reminders from the outbox to a mail server, each locked, sent and committed, against a bare SMTP loop.

The bare loop sends the same mails, written before the clock starts, into one connection and notes nothing down.
"""

import smtplib
import subprocess
import sys
import time
from contextlib import contextmanager
from statistics import median

from django.conf import settings
from django.test import override_settings

from strategy.delivery import deliver
from strategy.letters import write
from strategy.models import Notification, OutgoingMail
from tests.factories import MembershipFactory, UserFactory
from tests.services import free_port, wait_for

ROUNDS, MAILS, PEOPLE = 5, 2000, 50


def measure():
    """(what, against what, ratio of the times, target)"""
    with sink() as port, override_settings(**smtp(port)):
        people = [UserFactory() for _number in range(PEOPLE)]
        pairs = [(ours(people, number), bare(people, port)) for number in range(ROUNDS + 1)][1:]  # one to warm up
    ratio = median(outbox for outbox, _loop in pairs) / median(loop for _outbox, loop in pairs)
    yield f"{ROUNDS * MAILS} reminders sent", "one connection, no outbox", ratio, 2.0  # at least half as fast


@contextmanager
def sink():
    """A mail server that throws everything away."""
    port = free_port()
    command = ["-m", "aiosmtpd", "-n", "-c", "aiosmtpd.handlers.Sink", "-l", f"127.0.0.1:{port}"]
    with subprocess.Popen([sys.executable, *command], stderr=subprocess.DEVNULL) as program:
        try:
            wait_for(lambda: smtplib.SMTP("127.0.0.1", port).quit(), OSError)
            yield port
        finally:
            program.terminate()


def smtp(port):
    backend = "django.core.mail.backends.smtp.EmailBackend"
    return {"EMAIL_BACKEND": backend, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": port}


def queue(people, number):
    """Reminders as the planner words them, so many for each of the people."""
    strategy = MembershipFactory().strategy
    told = Notification(
        strategy=strategy,
        kind="deadline",
        title="Stellung nehmen: E5 Strukturiertes Onboarding",
        text="Für 51 Jugendamt, zu Fassung 2 des Textes.",
        reason="Es wartet auf Sie als: Amtsleitung, 51 Jugendamt.",
        url="/personalstrategie-2030/reviews/slots/1/respond/",
    )
    letters = [write(person, [told]) for person in people]
    mails = [
        OutgoingMail(
            strategy=strategy,
            recipient=people[place % PEOPLE],
            occasion=f"reminder:{number}-{place}",
            subject=letters[place % PEOPLE].subject,
            body=letters[place % PEOPLE].text,
            html=letters[place % PEOPLE].html,
        )
        for place in range(MAILS)
    ]
    for mail in mails:
        mail.write()
    return mails


def ours(people, number):
    OutgoingMail.objects.bulk_create(queue(people, number))
    begin, sent = time.perf_counter(), 0
    while sent < MAILS:
        sent += deliver()
    return time.perf_counter() - begin


def bare(people, port):
    messages = [(mail.recipient.email, mail.message().message().as_bytes(linesep="\r\n")) for mail in queue(people, 0)]
    begin = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as connection:
        for address, message in messages:
            connection.sendmail(settings.DEFAULT_FROM_EMAIL, [address], message)
    return time.perf_counter() - begin
