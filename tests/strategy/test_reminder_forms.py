"""The administrator sets the ladder, each person their mails: what is saved, what is refused, what follows from it."""

from datetime import date

import pytest
from django.urls import reverse

from strategy.models import Channel, MailPreferences, Notification, OutgoingMail, Reminder, ReminderRules
from tests.factories import Cast
from tests.pages import browser_of, typed_on
from tests.strategy.test_reminders import MONDAY, both, milestone, on, remind

pytestmark = pytest.mark.django_db

PREFERENCES = "/accounts/me/mails/"


@pytest.fixture
def cast(db):
    with on(MONDAY):
        yield Cast()


def ladder_url(cast):
    return reverse("strategy:settings-reminders", args=[cast.strategy.slug])


def set_ladder(cast, who="administrator", **typed):
    browser = browser_of(getattr(cast, who))
    return browser.post(ladder_url(cast), typed_on(browser.get(ladder_url(cast)), **typed))


def choose(user, /, **typed):
    browser = browser_of(user)
    return browser.post(PREFERENCES, typed_on(browser.get(PREFERENCES), **typed))


def planned():
    return sorted(Reminder.objects.planned().values_list("recipient__username", "step", "send_on"))


def steps_ahead():
    return sorted({(step, send_on) for _name, step, send_on in planned()})


# The ladder


def test_the_ladder_is_saved_as_typed_and_its_history_kept(cast):
    answer = set_ladder(cast, days_before="3, 10;3", on_the_day=None, overdue_every="", escalate_after="30", hour="9")

    assert answer.headers["Location"] == f"/{cast.strategy.slug}/settings/"
    rules = ReminderRules.objects.get(strategy=cast.strategy)
    assert (rules.days_before, rules.on_the_day, rules.overdue_every) == ([10, 3], False, None)
    assert (rules.escalate_after, rules.hour) == (30, 9)
    assert rules.changes.get().history_user == cast.administrator
    assert 'value="10, 3"' in browser_of(cast.administrator).get(ladder_url(cast)).content.decode()


def test_what_has_not_gone_out_is_planned_by_the_new_ladder(cast):
    milestone(cast)
    remind(cast)
    assert steps_ahead() == [
        ("+0", date(2026, 11, 26)),
        ("-1", date(2026, 11, 25)),
        ("-14", date(2026, 11, 12)),
        ("-7", date(2026, 11, 19)),
    ]

    set_ladder(cast, days_before="3", on_the_day=None)
    remind(cast)

    assert steps_ahead() == [("-3", date(2026, 11, 23))]
    withdrawn = Reminder.objects.filter(state="withdrawn").values_list("step", "withdrawn_because").distinct()
    assert {step for step, _why in withdrawn} == {"-14", "-7", "-1", "+0"}
    with on(date(2026, 11, 23)):
        assert remind(cast) == both("-3")


def test_the_new_hour_is_the_hour_from_now_on(cast):
    milestone(cast)
    for user in (cast.department_head, cast.administrative_head):
        choose(user, deadline=Channel.AT_ONCE)
    with on(date(2026, 11, 12), hour=6):
        set_ladder(cast, hour="10")

    with on(date(2026, 11, 12), hour=9):
        assert remind(cast) == []
    with on(date(2026, 11, 12), hour=10):
        assert remind(cast) == both("-14")


def test_an_empty_ladder_reminds_nobody(cast):
    milestone(cast, due_on=date(2026, 10, 1))
    set_ladder(cast, days_before="", on_the_day=None, overdue_every="", escalate_after="")

    assert remind(cast) == []
    assert planned() == []


WRONG = [
    ("days_before", "zwei"),
    ("days_before", "-1"),
    ("days_before", "1.5"),
    ("days_before", "0"),
    ("days_before", "366"),
    ("days_before", "99999"),
    ("days_before", "１４"),  # full-width digits
    ("days_before", "1\x00"),
    ("days_before", ", ".join(map(str, range(1, 12)))),
    ("overdue_every", "0"),
    ("overdue_every", "366"),
    ("overdue_every", "x"),
    ("overdue_every", str(2**63)),
    ("escalate_after", "0"),
    ("escalate_after", "-3"),
    ("hour", "24"),
    ("hour", ""),
    ("hour", "7\x00"),
]


@pytest.mark.parametrize(("field", "typed"), WRONG)
def test_what_is_no_ladder_is_refused_at_its_field_and_stays_typed(cast, field, typed):
    answer = set_ladder(cast, **{field: typed})

    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {field}
    assert answer.context["form"][field].value() == typed
    assert not ReminderRules.objects.exists()


def test_only_the_administrator_sets_the_ladder(cast):
    for who in ("project_group", "department_head", "staff_council", "steering_team", "reader"):
        browser = browser_of(getattr(cast, who))
        assert [browser.get(ladder_url(cast)).status_code, browser.post(ladder_url(cast)).status_code] == [403, 403]
    assert not ReminderRules.objects.exists()


# The choice of each


def test_the_usual_choice_is_stored_for_nobody_until_they_choose(cast):
    page = browser_of(cast.department_head).get(PREFERENCES)

    assert typed_on(page)["deadline"] == [Channel.DIGEST]
    assert not MailPreferences.objects.exists()


def test_a_choice_is_saved_for_oneself_alone(cast):
    answer = choose(cast.department_head, request="portal", news="digest", deadline="at_once", digest_hour="16")

    assert answer.headers["Location"] == "/accounts/me/"
    (row,) = MailPreferences.objects.all()
    assert (row.user, row.request, row.news, row.deadline) == (cast.department_head, "portal", "digest", "at_once")
    assert (row.escalation, row.digest_hour) == ("digest", 16)


def test_whose_choice_it_is_cannot_be_typed(cast):
    choose(cast.department_head, user=cast.administrative_head.pk, user_id=cast.administrative_head.pk, news="portal")

    assert MailPreferences.objects.get().user == cast.department_head


def test_the_choice_holds_for_the_next_reminder(cast):
    milestone(cast)
    choose(cast.department_head, deadline="at_once")
    choose(cast.administrative_head, deadline="portal")

    with on(date(2026, 11, 12)):
        assert remind(cast) == both("-14")

    mail = OutgoingMail.objects.get()
    assert (mail.recipient, mail.occasion.partition(":")[0]) == (cast.department_head, "reminder")
    note = Notification.objects.get(recipient=cast.administrative_head, kind="deadline")
    assert (note.channel, note.mail) == ("portal", None)


def test_the_daily_mail_comes_at_the_hour_of_choice(cast):
    milestone(cast)
    choose(cast.department_head, digest_hour="16")
    choose(cast.administrative_head, deadline="portal")

    with on(date(2026, 11, 12), hour=15):
        remind(cast, hour=15)
        assert not OutgoingMail.objects.exists()
    with on(date(2026, 11, 12), hour=16):
        remind(cast, hour=16)
        assert OutgoingMail.objects.get().recipient == cast.department_head


@pytest.mark.parametrize(
    ("field", "typed"),
    [("news", "by_pigeon"), ("news", ""), ("request", "portal\x00"), ("digest_hour", "24"), ("digest_hour", "７")],
)
def test_what_is_no_choice_is_refused_at_its_field(cast, field, typed):
    answer = choose(cast.department_head, **{field: typed, "escalation": "portal"})

    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {field}
    assert answer.context["form"]["escalation"].value() == "portal"
    assert not MailPreferences.objects.exists()
