"""The words of mails: what, by when, why, and where to go; as text and as HTML. Takes notifications, asks nothing."""

from datetime import date
from typing import NamedTuple

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from strategy.templatetags.portal import shown_date, until

LONGEST_TITLE = 120  # of a subject, so that the day behind it is read as well


class Letter(NamedTuple):
    subject: str
    text: str
    html: str


class Item(NamedTuple):
    """One thing a letter tells, as the templates show it."""

    when: str
    day: str
    is_late: bool
    title: str
    text: str
    reason: str
    whose: str
    act: str
    url: str
    quick_url: str


def write(person, notifications, on=None) -> Letter:
    """One letter about these notifications (one at least, of one strategy), in the person's language.

    What is due comes first, by its day; the days are counted from ``on``.
    """
    on = on or timezone.localdate()
    ordered = sorted(notifications, key=lambda told: (told.due_on or date.max, told.title))
    with override(person.language):
        items = [item(told, on) for told in ordered]
        context = {
            "subject": subject(ordered, on),
            "items": items,
            "reasons": list(dict.fromkeys(one.reason for one in items if one.reason)),
            "strategy": notifications[0].strategy,
            "language": person.language,
            "tasks_url": absolute(reverse("reporting:tasks", args=[notifications[0].strategy.slug])),
            "preferences_url": preferences_url(),
        }
        text = render_to_string("strategy/mail/letter.txt", context)
        return Letter(context["subject"], text, render_to_string("strategy/mail/letter.html", context))


def item(told, on):
    return Item(
        when=until(told.due_on, on) if told.due_on else "",
        day=shown_date(told.due_on),
        is_late=told.due_on is not None and told.due_on < on,
        title=told.title,
        text=told.text,
        reason=told.reason,
        whose=told.reason if told.says_whose else "",
        act=told.act or _("Open in the portal"),
        url=absolute(told.url),
        quick_url=absolute(told.quick_url) if told.quick_url else "",
    )


def subject(ordered, on):
    """What and by when: of several the number and the nearest day."""
    first = ordered[0]
    title = Truncator(first.title).chars(LONGEST_TITLE)
    if len(ordered) == 1:
        words = {"title": title, "day": shown_date(first.due_on)}
        return one_line(by_when(first.due_on, on) % words)
    due = [told for told in ordered if told.due_on]
    late = sum(told.due_on < on for told in due)
    words = {"count": len(ordered), "late": late, "day": shown_date(first.due_on), "title": title}
    if late:
        return one_line(
            ngettext(
                "%(count)d messages, %(late)d deadline has passed – %(title)s, overdue since %(day)s",
                "%(count)d messages, %(late)d deadlines have passed – %(title)s, overdue since %(day)s",
                late,
            )
            % words
        )
    if due:
        return one_line(_("%(count)d messages, next deadline %(day)s – %(title)s") % words)
    return one_line(_("%(count)d messages – %(title)s") % words)


def by_when(due_on, on):
    if due_on is None:
        return "%(title)s"
    if due_on < on:
        return _("%(title)s – overdue since %(day)s")
    if due_on == on:
        return _("%(title)s – today, %(day)s")
    return _("%(title)s – by %(day)s")


def one_line(text):
    """A subject with a line break would be a second header."""
    return " ".join(str(text).split())


def absolute(path):
    return f"{settings.BASE_URL}{path}"


def preferences_url():
    return absolute(reverse("strategy:mail-preferences"))
