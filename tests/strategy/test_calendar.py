"""Promise P23: the calendar at a secret address tells own and current deadlines, and nothing once it is revoked."""

import logging
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings as portal
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from measures.models import Measure, Milestone
from strategy.actor import Actor
from strategy.deadlines import deadlines_of
from strategy.models import CalendarEntry, CalendarFeed, Deputyship, Membership
from tests.factories import Cast, CouncilSessionFactory, MembershipFactory, StrategyFactory, UnitFactory
from tests.measures import rankings
from tests.pages import browser_of, text_of
from tests.world import undone
from worksttogether.logs import without_secrets

BERLIN = ZoneInfo("Europe/Berlin")
PAGE = "/accounts/me/calendar/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def head(cast):
    """A department head with a milestone and a status ahead, and the address of their calendar."""
    cast.milestone = milestone(cast.measure(Measure.State.RUNNING), 5, "Konzept")
    return Subscriber(cast.department_head)


class Subscriber:
    """A calendar program: no session, no cookie, only the address."""

    def __init__(self, user):
        self.user, self.key = user, CalendarFeed.objects.issue(user)

    @property
    def address(self):
        return f"/calendar/{self.key}.ics"

    def fetch(self):
        return Client().get(self.address)

    def events(self):
        """{summary: event}, parsed by the library; every calendar must at least be one."""
        return {str(event["summary"]): event for event in self.all_events()}

    def all_events(self):
        answer = self.fetch()
        assert answer.status_code == 200
        calendar = Calendar.from_ical(answer.content)
        assert not calendar.errors
        return list(calendar.walk("VEVENT"))

    def event(self, words):
        (found,) = (event for title, event in self.events().items() if words in title)
        return found


def milestone(measure, days, title="Meilenstein"):
    due_on = timezone.localdate() + timedelta(days=days)
    return Milestone.objects.create(strategy=measure.strategy, measure=measure, title=title, due_on=due_on)


def told(events):
    return sorted((str(event["summary"]), event["dtstart"].dt, str(event["url"])) for event in events)


def deadlines(user, *strategies):
    tasks = [task for strategy in strategies for task in deadlines_of(Actor.of(user), strategy)]
    return sorted((task.title, task.due_on, f"{portal.BASE_URL}{task.url}") for task in tasks)


# What it tells


@pytest.mark.parametrize("role", ["project_group", "department_head", "other_head", "staff_council", "steering_team"])
def test_the_events_are_the_deadlines_of_the_person(cast, role):
    cast.measure(Measure.State.IN_REVIEW).open_review()
    milestone(cast.measure(Measure.State.RUNNING), 5)
    cast.need("submitted")
    CouncilSessionFactory(strategy=cast.strategy, held_on=timezone.localdate() + timedelta(days=9))
    user = getattr(cast, role)

    events = Subscriber(user).all_events()

    expected = deadlines(user, cast.strategy)
    assert told(events) == expected
    assert expected or role == "steering_team"


def test_each_strategy_the_person_belongs_to_is_in_it(cast, head):
    second = StrategyFactory(title="Zweite Strategie")
    membership = MembershipFactory(user=head.user, strategy=second)
    CouncilSessionFactory(strategy=second, held_on=timezone.localdate() + timedelta(days=9))

    assert {str(event["categories"].cats[0]) for event in head.all_events()} == {
        cast.strategy.title,
        membership.strategy.title,
    }


def test_a_day_is_a_whole_day_and_a_known_moment_a_moment_in_berlin(cast, head):
    ends = datetime(2027, 7, 1, 18, 30, tzinfo=BERLIN)
    midnight = datetime(2027, 7, 2, 0, 0, tzinfo=BERLIN)
    with time_machine.travel(datetime(2027, 6, 20, 9, tzinfo=BERLIN), tick=False):
        rankings.open_(cast, title="Abends", closes_at=ends)
        rankings.open_(cast, title="Nachts", closes_at=midnight)
        evening, night, day = head.event("Abends"), head.event("Nachts"), head.event("Konzept")

    assert (evening["dtstart"].dt, evening["dtstart"].params["TZID"]) == (ends, "Europe/Berlin")
    assert "dtend" not in evening
    assert [night[name].dt for name in ("dtstart", "dtend")] == [date(2027, 7, 1), date(2027, 7, 2)]
    due_on = cast.milestone.due_on
    assert [day[name].dt for name in ("dtstart", "dtend")] == [due_on, due_on + timedelta(days=1)]


def test_the_time_zone_is_told_and_no_alarm_is(cast, head):
    rankings.open_(cast)

    calendar = Calendar.from_ical(head.fetch().content)

    assert [str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Berlin"]
    assert calendar.walk("VALARM") == []


def test_it_speaks_the_language_of_the_person(head):
    assert "Milestone: Konzept" in head.events()

    type(head.user).objects.filter(pk=head.user.pk).update(language="de")

    assert "Meilenstein: Konzept" in head.events()
    assert head.fetch().headers["Content-Language"] == "de"


def test_a_title_cannot_add_a_line_of_its_own(cast, head):
    Milestone.objects.filter(pk=cast.milestone.pk).update(title="A\r\nATTENDEE:x\x07, \u2028;ß" + "🎉" * 60)

    event = head.event("ATTENDEE")

    assert str(event["summary"]).startswith("Milestone: A ATTENDEE:x, ;ß🎉")
    assert "attendee" not in event


# What changes


def test_fetching_again_changes_nothing(head):
    assert head.fetch().content == head.fetch().content


def test_another_day_or_title_is_a_newer_version_of_the_same_event(cast, head):
    first = head.event("Konzept")
    Milestone.objects.filter(pk=cast.milestone.pk).update(due_on=cast.milestone.due_on + timedelta(days=3))
    second = head.event("Konzept")
    Milestone.objects.filter(pk=cast.milestone.pk).update(title="Feinkonzept")
    third = head.event("Feinkonzept")

    assert first["uid"] == second["uid"] == third["uid"]
    assert [event["sequence"] for event in (first, second, third)] == [0, 1, 2]
    assert second["dtstart"].dt == cast.milestone.due_on + timedelta(days=3)


def test_what_is_done_is_cancelled_without_its_words_for_six_weeks(cast, head):
    before = head.event("Konzept")
    Milestone.objects.filter(pk=cast.milestone.pk).update(reached_on=timezone.localdate())
    today = timezone.localdate()

    answers = {}
    for days in (0, 42, 43):
        with time_machine.travel(datetime.combine(today + timedelta(days=days), datetime.min.time(), BERLIN)):
            answers[days] = [event for event in head.all_events() if event["uid"] == before["uid"]]

    (cancelled,) = answers[0]
    assert (str(cancelled["status"]), cancelled["sequence"]) == ("CANCELLED", 1)
    assert str(cancelled["summary"]) == "Done or no longer due"
    assert {"url", "description"} & {name.lower() for name in cancelled} == set()
    assert [len(answers[days]) for days in (42, 43)] == [1, 0]


def test_what_comes_back_is_the_same_event_again(cast, head):
    before = head.event("Konzept")
    Milestone.objects.filter(pk=cast.milestone.pk).update(reached_on=timezone.localdate())
    head.fetch()
    Milestone.objects.filter(pk=cast.milestone.pk).update(reached_on=None)

    after = head.event("Konzept")

    assert (after["uid"], str(after["status"]), after["sequence"]) == (before["uid"], "CONFIRMED", 2)


def test_a_session_that_has_taken_place_is_not_cancelled(cast):
    team, held_on = Subscriber(cast.project_group), timezone.localdate() + timedelta(days=2)
    CouncilSessionFactory(strategy=cast.strategy, held_on=held_on)
    assert [event["dtstart"].dt for event in team.all_events()] == [held_on]

    with time_machine.travel(datetime.combine(held_on + timedelta(days=1), datetime.min.time(), BERLIN)):
        assert team.all_events() == []


@settings(max_examples=10, deadline=None)
@given(days=st.lists(st.none() | st.integers(1, 400), min_size=1, max_size=8))
def test_the_sequence_counts_the_changes_whatever_happens(days):
    """``days`` are the deadlines as they stand at each fetch; None means there is none."""
    with undone():
        cast = Cast()
        program = Subscriber(cast.department_head)
        point = milestone(cast.measure(Measure.State.RUNNING), 500, "Konzept")
        program.fetch()
        expected, last, uid = 0, 500, str(CalendarEntry.objects.get(kind="milestone").pk)
        for ahead in days:
            today = timezone.localdate()
            Milestone.objects.filter(pk=point.pk).update(
                reached_on=None if ahead else today, due_on=today + timedelta(days=ahead or last or 500)
            )
            expected += ahead != last
            last = ahead
            (event,) = (event for event in program.all_events() if str(event["uid"]).startswith(uid))
            assert (event["sequence"], str(event["status"])) == (expected, "CONFIRMED" if ahead else "CANCELLED")


def test_many_deadlines_ask_as_much_as_few(cast, head, django_assert_num_queries):
    measure = Measure.objects.get()

    def asked():
        head.fetch()
        with django_assert_num_queries(13):
            head.fetch()

    asked()
    for number in range(20):
        milestone(measure, number + 1)
        cast.measure(Measure.State.IN_REVIEW).open_review()
    asked()


# Whose and how long


def test_the_address_is_shown_once_and_stored_as_a_hash(cast):
    browser = browser_of(cast.department_head)

    made = browser.post(PAGE)
    key = (
        dict(made.context["addresses"])["Your calendar address"]
        .removeprefix(f"{portal.BASE_URL}/calendar/")
        .removesuffix(".ics")
    )

    assert Client().get(f"/calendar/{key}.ics").status_code == 200
    assert key in made.content.decode()
    assert key not in browser.get(PAGE).content.decode()
    assert made.headers["Cache-Control"] == "private, no-store"
    assert key not in str(list(CalendarFeed.objects.values_list()))
    assert len(key) >= 43


def test_only_the_day_of_the_last_use_is_kept(cast, head):
    assert "not yet" in text_of(browser_of(head.user).get(PAGE))

    head.fetch()

    assert CalendarFeed.objects.get().used_on == timezone.localdate()
    assert {field.name for field in CalendarFeed._meta.fields} == {"user", "key_hash", "made_at", "used_on"}


def test_a_renewed_address_ends_the_old_one_at_once_and_keeps_the_events(head):
    old, before = head.address, head.event("Konzept")

    head.key = CalendarFeed.objects.issue(head.user)

    assert Client().get(old).status_code == 404
    assert head.event("Konzept")["uid"] == before["uid"]


def test_a_revoked_address_is_gone_at_once_with_all_it_has_told(head):
    head.fetch()
    browser = browser_of(head.user)
    assert "Revoke your calendar address?" in text_of(browser.get(f"{PAGE}revoke/"))

    browser.post(f"{PAGE}revoke/")

    assert head.fetch().status_code == 404
    assert not CalendarFeed.objects.exists()
    assert not CalendarEntry.objects.exists()


def test_unknown_revoked_replaced_and_deactivated_get_the_same_answer_for_the_same_work(
    cast, head, django_assert_num_queries
):
    revoked, closed = Subscriber(cast.other_head), Subscriber(cast.staff_council)
    replaced = Subscriber(cast.steering_team)
    gone = [revoked.address, replaced.address, closed.address]
    CalendarFeed.objects.get(user=revoked.user).delete()
    CalendarFeed.objects.issue(replaced.user)
    type(closed.user).objects.filter(pk=closed.user.pk).update(is_active=False)
    answers = []
    hostile = [f"/calendar/{key}.ics" for key in ("unknown", "%00", "%ff", "%ED%A0%80", "x" * 9000)]
    for address in [*gone, *hostile]:
        with django_assert_num_queries(3):  # one, in a transaction of its own (the test's savepoint is two)
            answer = Client().get(address)
        answers.append((answer.status_code, answer.content, sorted(answer.headers.items()), dict(answer.cookies)))

    assert answers == [answers[0]] * len(answers)
    assert answers[0][0] == 404
    assert answers[0][1].decode() == "There is no calendar at this address."


def test_who_leaves_a_strategy_hears_nothing_of_it_any_more(cast, head):
    other = StrategyFactory()
    MembershipFactory(user=head.user, strategy=other)
    CouncilSessionFactory(strategy=other, held_on=timezone.localdate() + timedelta(days=9))
    here = [event for event in head.all_events() if "Konzept" in str(event["summary"])]
    assert len(here) == 1

    Membership.objects.filter(user=head.user, strategy=cast.strategy).update(
        valid_to=timezone.localdate() - timedelta(days=1)
    )

    assert {str(event["categories"].cats[0]) for event in head.all_events()} == {other.title}
    assert not CalendarEntry.objects.filter(strategy=cast.strategy).exists()


def test_who_loses_a_unit_keeps_no_word_of_its_deadlines(cast, head):
    assert head.event("Konzept")
    unit = UnitFactory(strategy=cast.strategy)

    Membership.objects.filter(user=head.user).update(unit=unit)

    assert {str(event["summary"]) for event in head.all_events()} == {"Done or no longer due"}
    assert b"Konzept" not in head.fetch().content


def test_what_one_stands_in_for_is_not_in_ones_own_calendar(cast, head):
    today = timezone.localdate()
    membership = Membership.objects.get(user=head.user)
    Deputyship.objects.create(
        membership=membership, deputy=cast.reader, valid_from=today, valid_to=today + timedelta(days=7)
    )

    assert Subscriber(cast.reader).all_events() == []


def test_a_session_of_somebody_else_changes_nothing(cast, head):
    browser = browser_of(cast.stranger)

    assert browser.get(head.address).content == head.fetch().content


def test_it_sets_no_cookie_and_no_one_between_keeps_it(head):
    answer = head.fetch()

    assert dict(answer.cookies) == {}
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"


def test_two_addresses_for_one_person_there_are_not(head):
    with pytest.raises(ValidationError):
        CalendarFeed(user=head.user, key_hash="x", made_at=timezone.now()).validate_unique()


# The logs


def test_no_line_of_the_log_holds_a_key(head, log):
    head.fetch()
    old = head.key
    head.key = CalendarFeed.objects.issue(head.user)
    Client().get(f"/calendar/{old}.ics")  # Django itself tells of every 404
    logging.getLogger("other").warning("Fault at %s", head.address)

    assert {"GET /calendar/…"} == {line["request"] for line in log.of("request_finished")}
    assert {"Not Found: /calendar/…", "Fault at /calendar/…"} <= {line["event"] for line in log.lines}
    assert not any(key in log.text for key in (old, head.key))


def test_other_addresses_stay_readable_in_the_log():
    line = {"event": "request_finished", "request": "GET /hr/measures/D1/", "code": 200}

    assert without_secrets(None, "info", line) == line
