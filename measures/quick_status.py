"""Links in mails with which a status is reported without signing in: signed, for one person, measure and status."""

from datetime import date, timedelta

from django.core import signing
from django.urls import reverse
from django.utils import timezone

PURPOSE = "measures.quick_status"
PERIOD = timedelta(days=14)


class DeadLink(Exception):
    """The link was not made here, or its time is over; ``is_old`` says which."""

    def __init__(self, *, is_old):
        super().__init__("old" if is_old else "wrong")
        self.is_old = is_old


def quick_url(user, measure, last_update, due_on, on):
    """The link for this person, dead as soon as the measure has another status or state.

    The same for days together, or the planner would see a change in its reminders every day.
    """
    content = [user.pk, measure.pk, measure.state, last_update or 0, last_day(due_on, on).isoformat()]
    return reverse("quick-status", args=[signing.Signer(salt=PURPOSE).sign_object(content)])


def last_day(due_on, on):
    """Two to four weeks from now, in steps of two weeks from the deadline."""
    return due_on + PERIOD * ((on - due_on) // PERIOD + 2)


def read(key):
    """(id of the person, id of the measure, its state, id of its last update) of a link. Raises DeadLink."""
    try:
        *content, until = signing.Signer(salt=PURPOSE).unsign_object(key)
    except (signing.BadSignature, ValueError) as forged:  # ValueError: letters that are no UTF-8
        raise DeadLink(is_old=False) from forged
    if date.fromisoformat(until) < timezone.localdate():
        raise DeadLink(is_old=True)
    return content
