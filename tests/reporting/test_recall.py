"""“Remind all”: who leads a stale measure hears of it on the next working day, unless it is taken back or done."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from measures.models import Measure
from strategy import planner
from strategy.models import Channel, MailPreferences, Notification, OutgoingMail, Recall, Reminder, ReminderRules
from tests.factories import Cast, UnitFactory
from tests.pages import browser_of, text_of, typed_on

BERLIN = ZoneInfo("Europe/Berlin")
THURSDAY, FRIDAY, MONDAY = date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 30)
BOTH = ["administrative_head", "department_head"]

pytestmark = pytest.mark.django_db


def at(day, hour=9, minute=0):
    return time_machine.travel(datetime(day.year, day.month, day.day, hour, minute, tzinfo=BERLIN), tick=False)


@pytest.fixture
def cast(db):
    with at(THURSDAY):
        yield Cast()


def stale_measure(cast, days=92, **values):
    """A measure whose last status is so old; the ladder has said what it has to say by now."""
    measure = cast.measure(Measure.State.RUNNING)
    Measure.objects.filter(pk=measure.pk).update(status_on=THURSDAY - timedelta(days=days), **values)
    planner.remind(cast.strategy)
    OutgoingMail.objects.all().delete()
    Notification.objects.all().delete()
    measure.refresh_from_db()
    return measure


def url_of(cast, name="recall", *args):
    return reverse(f"reporting:{name}", args=[cast.strategy.slug, *args])


def ask(cast):
    browser = browser_of(cast.project_group)
    return browser.post(url_of(cast), typed_on(browser.get(url_of(cast))), follow=True)


def told(cast):
    """Who hears now what was asked for, by name without number."""
    outcome = planner.remind(cast.strategy)
    assert outcome.faults == []
    return sorted(row.recipient.username.rpartition("-")[0] for row, _ in outcome.told if row.is_asked_for)


def test_the_page_says_how_many_units_are_reminded_and_when(cast):
    stale_measure(cast), stale_measure(cast)
    stale_measure(cast, lead_unit=cast.other_unit)
    lonely = stale_measure(cast, lead_unit=UnitFactory(strategy=cast.strategy, number="61", name="Amt"))

    answer = browser_of(cast.project_group).get(url_of(cast))

    said = text_of(answer)
    assert "Remind all 2 units" in said
    assert "It goes out on the next working day, 27 Nov 2026, at 7:00." in said
    assert "3 measures without a current status" in said
    assert [measure.pk for measure in answer.context["stale"].unreached] == [lonely.pk]
    assert Recall.objects.count() == 0


def test_all_are_reminded_once_on_the_next_working_day_at_seven(cast):
    stale_measure(cast)
    said = text_of(ask(cast))
    assert "Reminder planned for 1 unit." in said
    assert "It goes out at 27 Nov 2026, 07:00" in said
    assert told(cast) == []

    with at(FRIDAY, 6, 59):
        assert told(cast) == []
    with at(FRIDAY, 7):
        assert told(cast) == BOTH
        assert told(cast) == []
    with at(MONDAY):
        assert told(cast) == []
    assert OutgoingMail.objects.count() == 2


def test_over_a_weekend_it_waits_for_monday(cast):
    with at(FRIDAY):
        stale_measure(cast)
        ask(cast)
    with at(date(2026, 11, 28)):
        assert told(cast) == []
    with at(MONDAY, 7):
        assert told(cast) == BOTH


def test_a_daily_mail_before_the_hour_does_not_take_along_what_may_still_be_taken_back(cast):
    stale_measure(cast)
    MailPreferences.objects.create(user=cast.department_head, digest_hour=5)
    ask(cast)

    with at(FRIDAY, 5):
        assert told(cast) == []
    with at(FRIDAY, 7):
        assert told(cast) == BOTH


def test_who_reports_meanwhile_is_not_reminded(cast):
    done, open_ = stale_measure(cast), stale_measure(cast)
    ask(cast)
    planner.remind(cast.strategy)
    assert Reminder.objects.about(done).planned().filter(step="@2026-11-27").count() == 2
    done.report_status(by=cast.actor("department_head"), light=cast.light("disc"), progress=40, text="Läuft.")

    with at(FRIDAY, 7):
        assert told(cast) == BOTH

    assert set(Reminder.objects.filter(step="@2026-11-27", state="sent").values_list("object_id", flat=True)) == {
        str(open_.pk)
    }


def test_a_double_click_and_two_people_ask_once(cast):
    stale_measure(cast)
    browser = browser_of(cast.project_group)
    page = typed_on(browser.get(url_of(cast)))

    first, second = browser.post(url_of(cast), page), browser.post(url_of(cast), page)
    ask(cast)

    assert (first.status_code, second.status_code) == (302, 302)
    assert Recall.objects.count() == 1


def test_some_are_chosen_in_the_list_and_those_asked_before_stay(cast):
    first, second, third = (stale_measure(cast) for _ in range(3))
    browser = browser_of(cast.project_group)

    with at(THURSDAY):
        for chosen in ([first], [second, cast.measure(Measure.State.DECIDED)]):
            url = f"{url_of(cast)}?{'&'.join(f'm={measure.code}' for measure in chosen)}&m=%00"
            browser.post(url, typed_on(browser.get(url)))

    assert sorted(Recall.objects.get().object_ids) == sorted([str(first.pk), str(second.pk)])
    assert str(third.pk) not in Recall.objects.get().object_ids


def test_it_can_be_taken_back_until_it_goes_out(cast):
    stale_measure(cast)
    ask(cast)
    planner.remind(cast.strategy)
    recall = Recall.objects.get()
    with at(FRIDAY, 6, 59):
        browser = browser_of(cast.project_group)
        assert "Take back" in text_of(browser.get(cast.strategy.get_absolute_url()))
        answer = browser.post(url_of(cast, "recall-withdraw", recall.pk), follow=True)
        again = browser.post(url_of(cast, "recall-withdraw", recall.pk), follow=True)

    assert "Taken back. Nobody is reminded." in text_of(answer)
    assert "This has been taken back already." in text_of(again)
    rows = Reminder.objects.filter(step="@2026-11-27").values_list("state", "withdrawn_because")
    assert list(rows) == [("withdrawn", "taken_back")] * 2
    with at(FRIDAY, 7):
        assert told(cast) == []


def test_what_was_taken_back_can_be_asked_for_again(cast):
    stale_measure(cast)
    ask(cast)
    Recall.objects.get().withdraw(by=cast.actor("project_group"))
    ask(cast)

    with at(FRIDAY, 7):
        assert told(cast) == BOTH


def test_what_has_gone_out_cannot_be_taken_back(cast):
    stale_measure(cast)
    ask(cast)
    recall = Recall.objects.get()

    with at(FRIDAY, 7):
        told(cast)
        browser = browser_of(cast.project_group)
        answer = browser.post(url_of(cast, "recall-withdraw", recall.pk), follow=True)
        said = text_of(answer)

    assert "It has gone out already and cannot be taken back." in said
    assert "Take back" not in said
    recall.refresh_from_db()
    assert recall.withdrawn_at is None


def test_it_goes_out_at_the_hour_of_the_strategy(cast):
    ReminderRules.objects.create(strategy=cast.strategy, hour=10)
    for head in (cast.department_head, cast.administrative_head):
        MailPreferences.objects.create(user=head, deadline=Channel.AT_ONCE)
    stale_measure(cast)

    assert "at 10:00" in text_of(browser_of(cast.project_group).get(url_of(cast)))
    ask(cast)

    with at(FRIDAY, 9, 59):
        assert told(cast) == []
    with at(FRIDAY, 10):
        assert told(cast) == BOTH


def test_a_worker_that_was_gone_makes_up_for_it(cast):
    stale_measure(cast)
    ask(cast)

    with at(MONDAY, 8):
        assert told(cast) == BOTH


def test_where_the_ladder_reminds_on_the_same_day_nobody_hears_of_it_twice(cast):
    stale_measure(cast, days=90 + 6)  # seven days overdue on Friday
    ask(cast)

    with at(FRIDAY, 7):
        outcome = planner.remind(cast.strategy)

    steps = [(row.recipient, row.step) for row, _ in outcome.told if row.recipient == cast.department_head]
    assert steps == [(cast.department_head, "+7")]


def test_where_nothing_is_stale_there_is_nobody_to_remind(cast):
    measure = stale_measure(cast, days=3)
    browser = browser_of(cast.project_group)

    assert "There is nobody to remind" in text_of(browser.get(url_of(cast)))
    assert "Remind all" not in text_of(browser.get(cast.strategy.get_absolute_url()))
    assert measure.is_stale() is False


@pytest.mark.parametrize("role", ["steering_team", "department_head", "reader"])
def test_only_the_project_group_reminds_all_and_takes_it_back(cast, role):
    measure = stale_measure(cast)
    values = {"kind": "status", "rows": [measure], "addressees": 1}
    recall = Recall.objects.ask(cast.strategy, by=cast.actor("project_group"), **values)

    with pytest.raises(PermissionDenied):
        Recall.objects.ask(cast.strategy, by=cast.actor(role), **values)
    with pytest.raises(PermissionDenied):
        recall.withdraw(by=cast.actor(role))
    assert "Remind all" not in text_of(browser_of(getattr(cast, role)).get(cast.strategy.get_absolute_url()))


@pytest.mark.parametrize("count", [1, 8])
def test_the_page_asks_a_constant_number_of_questions(cast, django_assert_num_queries, count):
    for _number in range(count):
        stale_measure(cast)
    browser = browser_of(cast.project_group)
    browser.get(url_of(cast))

    with django_assert_num_queries(8):
        browser.get(url_of(cast))
