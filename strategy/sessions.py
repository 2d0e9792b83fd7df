"""Sessions in the database that know whose they are, so that a person can see and end their own."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone
from django.utils.translation import pgettext


class SessionStore(DatabaseStore):
    """A session ends so many hours after the sign-in, however much it is used."""

    @classmethod
    def get_model_class(cls):
        from strategy.models import Session  # loaded with the apps, later than this module

        return Session

    def create_model_instance(self, data):
        row = super().create_model_instance(data)
        row.describe(data)
        return row

    def get_expiry_date(self, **kwargs):
        started_at = self.get("started_at")
        if started_at is None:
            return super().get_expiry_date(**kwargs)
        return datetime.fromisoformat(started_at) + timedelta(seconds=settings.SESSION_COOKIE_AGE)

    def get_expiry_age(self, **kwargs):
        if self.get("started_at") is None:
            return super().get_expiry_age(**kwargs)
        return max(0, int((self.get_expiry_date() - timezone.now()).total_seconds()))


def begin(session, user_agent):
    """Somebody has signed in."""
    now = timezone.now()
    session.update({"device": device_of(user_agent), "started_at": now.isoformat(), "used_at": hour_of(now)})


def note_use(session):
    """The hour is all that is kept, and written once an hour."""
    if "used_at" in session and session["used_at"] != (hour := hour_of(timezone.now())):
        session["used_at"] = hour


def hour_of(moment):
    return moment.replace(minute=0, second=0, microsecond=0).isoformat()


def device_of(user_agent):
    """“Firefox, Windows”: enough to know one's own devices apart, and no more."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), pgettext("browser", "unknown"))
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return f"{browser}, {system}" if system else browser


BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
