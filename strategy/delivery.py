"""Brings the outbox to the mail server: leased batches, one connection each, every mail sent and committed by itself.

A crash loses nothing: what was leased is free again when the lease ends. It can repeat the one mail between the
server's OK and the commit, and the repeat bears the same Message-ID.
"""

import smtplib
import time

import structlog
from django.core import mail
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from strategy.models import OutgoingMail

log = structlog.get_logger(__name__)

LONGEST_RUN = 45  # seconds; the next wake-up goes on
CLOSING = 421  # the server's word before it ends the connection
MOST_BREAKS = 3  # lost connections after which a batch is given back: then the trouble is the server's, not a mail's


def deliver(at=None):
    """Send what is due until nothing is left, or a while has passed. Returns how many mails the server has taken."""
    end, sent, faults = time.monotonic() + LONGEST_RUN, 0, []
    OutgoingMail.objects.expire(at)
    while time.monotonic() < end and (leased := OutgoingMail.objects.lease(at)):
        batch = Batch(leased, at)
        batch.send(end)
        sent += batch.sent
        faults += batch.faults
        if batch.server_is_gone:
            break
    if faults:
        raise faults[0]  # the mails are marked and the others on their way: now somebody has to read the log
    return sent


class Batch:
    """Mails in hand and the connection they share."""

    def __init__(self, mails, at=None):
        self.mails, self.fixed_at = mails, at
        self.connection = mail.get_connection()
        self.sent, self.breaks, self.server_is_gone = 0, 0, False
        self.faults = []

    @property
    def at(self):
        return self.fixed_at or timezone.now()

    def send(self, end):
        rest = iter(self.mails)
        if self.connect():
            for row in rest:
                self.send_one(row)
                if self.server_is_gone or time.monotonic() > end:
                    break
            self.connection.close()
        OutgoingMail.objects.filter(lease=self.mails[0].lease).release()

    def connect(self):
        """A server that cannot be reached is no fault of the mails: they lose nothing but time."""
        try:
            self.connection.open()
        except OSError as problem:  # smtplib's errors are OSErrors as well
            self.server_is_gone = True
            log.warning("mail_server_unreachable", problem=str(problem), waiting=len(self.mails))
            OutgoingMail.objects.filter(lease=self.mails[0].lease).release(reached_nobody(problem))
            return False
        return True

    def send_one(self, row):
        with row.held() as is_ours:
            if not is_ours:
                return
            if not row.can_be_delivered:
                row.withdraw(_("The account is closed or has no e-mail address."))
                return
            self.hand_over(row)

    def hand_over(self, row):
        try:
            self.connection.send_messages([row.message(self.connection)])
        except smtplib.SMTPException as problem:
            self.refused(row, problem)
        except OSError as problem:
            self.broken(row, problem)
        except DatabaseError:
            raise
        except Exception as fault:  # the mail cannot even be written: it must not stand in the way of the others
            row.fail(f"{type(fault).__name__}: {fault}")
            self.faults.append(fault)
        else:
            row.sent(self.at)
            self.sent += 1

    def refused(self, row, problem):
        code, text = answer_of(problem)
        if is_final(problem, code):
            row.fail(text)
            log.warning("mail_refused", mail=row.pk, code=code)
        elif code in (None, CLOSING):
            self.broken(row, problem)
        else:
            row.postpone(text, self.at)

    def broken(self, row, problem):
        """The connection is lost, perhaps because of this mail: it waits, the others get a new one."""
        row.postpone(reached_nobody(problem), self.at)
        self.breaks += 1
        self.connection.close()
        if self.breaks >= MOST_BREAKS:
            self.server_is_gone = True
        else:
            self.connect()


def answer_of(problem):
    """(code, words) of the server's answer; no code where it gave none."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(problem.recipients.values()))
    elif isinstance(problem, smtplib.SMTPResponseException):
        code, words = problem.smtp_code, problem.smtp_error
    else:
        return None, str(problem)
    words = words.decode(errors="replace") if isinstance(words, bytes) else words
    return code, f"{code} {words}"


def is_final(problem, code):
    """Whether the server will never take this mail. That it refuses us as the sender is for the operator to mend."""
    if isinstance(problem, smtplib.SMTPNotSupportedError):
        return True  # an address in letters this server does not know
    return code is not None and code >= 500 and not isinstance(problem, smtplib.SMTPSenderRefused)


def reached_nobody(problem):
    return _("The mail server did not answer: %(problem)s") % {"problem": problem}
