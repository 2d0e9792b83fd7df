"""The bell: everybody reads what they have been told, and nobody what others have been."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from strategy.models import Deputyship, Notification
from tests import factories
from tests.factories import Cast, MembershipFactory
from tests.pages import browser_of, text_of

QUERIES = 6

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    return Cast()


def tell(cast, person, number=1, strategy=None, **values):
    strategy = strategy or cast.strategy
    return factories.tell(
        person,
        occasion=f"test:{strategy.pk}:{number}",
        strategy=strategy,
        **{"title": f"News {number}", "url": f"/{strategy.slug}/tasks/"} | values,
    )


def url_of(cast, name="notifications", *args):
    return reverse(f"strategy:{name}", args=[cast.strategy.slug, *args])


def bell(browser, cast):
    """What the bell says: its words, and the number beside it."""
    page = browser.get(reverse("reporting:tasks", args=[cast.strategy.slug])).content.decode()
    words, inside = re.search(r'class="wt-bell"[^>]*aria-label="([^"]*)">(.*?)</a>', page, re.DOTALL).groups()
    return words, re.sub(r"<[^>]*>", "", inside).strip()


def titles(answer):
    return [told.title for told in answer.context["page"]]


def test_the_bell_counts_what_is_unread_in_this_strategy(cast):
    elsewhere = MembershipFactory(user=cast.reader).strategy
    browser = browser_of(cast.reader)
    assert bell(browser, cast) == ("Notifications, nothing unread", "")

    rows = [tell(cast, cast.reader, number) for number in range(3)]
    tell(cast, cast.reader, strategy=elsewhere)
    tell(cast, cast.staff_council)
    Notification.objects.filter(pk=rows[0].pk).mark_as_read()

    assert bell(browser, cast) == ("2 unread notifications", "2")


def test_the_bell_keeps_its_form_when_there_is_much_to_read(cast):
    for number in range(100):
        tell(cast, cast.reader, number)

    assert bell(browser_of(cast.reader), cast) == ("100 unread notifications", "99+")


def test_the_newest_comes_first_with_why_one_gets_it(cast):
    tell(cast, cast.reader, 1, created_at=timezone.now() - timedelta(days=1))
    tell(cast, cast.reader, 2, reason="You take part in it.", due_on=timezone.localdate(), text="Two have answered.")

    answer = browser_of(cast.reader).get(url_of(cast))

    assert titles(answer) == ["News 2", "News 1"]
    said = text_of(answer)
    assert said.count("Why do I get this? You take part in it.") == 1
    assert "Two have answered." in said
    assert reverse("strategy:mail-preferences") in answer.content.decode()


def test_there_are_pages_of_notifications(cast):
    for number in range(26):
        tell(cast, cast.reader, number)
    browser = browser_of(cast.reader)

    assert len(titles(browser.get(url_of(cast)))) == 25
    assert titles(browser.get(url_of(cast) + "?page=2")) == ["News 0"]


def test_who_has_been_told_nothing_is_told_what_the_page_is_for(cast):
    tell(cast, cast.staff_council)

    answer = browser_of(cast.reader).get(url_of(cast))

    assert titles(answer) == []
    assert "Nothing has been told to you yet" in text_of(answer)
    assert "Mark all as read" not in text_of(answer)


def test_to_open_a_notification_leads_on_and_marks_it_as_read_once(cast):
    row, other = tell(cast, cast.reader, 1), tell(cast, cast.reader, 2)
    browser = browser_of(cast.reader)

    answer = browser.get(row.get_absolute_url())

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/{cast.strategy.slug}/tasks/")
    row.refresh_from_db(), other.refresh_from_db()
    assert (row.is_unread, other.is_unread) == (False, True)
    first_time = row.read_at
    browser.get(row.get_absolute_url())
    row.refresh_from_db()
    assert row.read_at == first_time


def test_nobody_opens_what_others_have_been_told_not_even_in_their_place(cast):
    row = tell(cast, cast.department_head)
    today = timezone.localdate()
    membership = cast.department_head.memberships.get()
    deputyship = Deputyship.objects.create(
        membership=membership, deputy=cast.reader, valid_from=today, valid_to=today + timedelta(days=3)
    )
    mine = tell(cast, cast.reader, 2)
    browser = browser_of(cast.reader)
    browser.post(reverse("strategy:act-as"), {"deputyship": deputyship.pk})

    assert titles(browser.get(url_of(cast))) == [mine.title]
    assert browser.get(row.get_absolute_url()).status_code == 404
    assert browser.get(url_of(cast, "notification", 2**63 - 1)).status_code == 404
    assert browser.get(url_of(cast) + f"{2**70}/").status_code == 404
    row.refresh_from_db()
    assert row.is_unread


def test_all_are_marked_as_read_in_this_strategy_and_for_this_person_alone(cast):
    elsewhere = MembershipFactory(user=cast.reader).strategy
    mine, theirs = tell(cast, cast.reader), tell(cast, cast.staff_council)
    other = tell(cast, cast.reader, strategy=elsewhere)
    browser = browser_of(cast.reader)

    answer = browser.post(url_of(cast, "notifications-read"), follow=True)

    assert "You have read everything." in text_of(answer)
    unread = Notification.objects.unread().filter(pk__in=[mine.pk, theirs.pk, other.pk]).values_list("pk", flat=True)
    assert set(unread) == {theirs.pk, other.pk}


@pytest.mark.parametrize("count", [2, 20])
def test_the_page_asks_a_constant_number_of_questions(cast, django_assert_num_queries, count):
    for number in range(count):
        tell(cast, cast.reader, number)
    browser = browser_of(cast.reader)
    browser.get(url_of(cast))

    with django_assert_num_queries(QUERIES):
        browser.get(url_of(cast))
