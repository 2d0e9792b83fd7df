"""The project group sees what goes out, to whom and why, and what has not arrived; and sends it again."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from measures.models import Measure
from strategy import planner
from strategy.delivery import deliver
from strategy.models import Deputyship, OutgoingMail
from tests.factories import Cast, MilestoneFactory
from tests.pages import browser_of, text_of, typed_on

BERLIN = ZoneInfo("Europe/Berlin")
WEDNESDAY = date(2026, 11, 18)
DUE = date(2026, 11, 26)  # a Thursday: the step a week before is the next working day
QUERIES = 12

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    with time_machine.travel(datetime(2026, 11, 18, 8, tzinfo=BERLIN), tick=False):
        yield Cast()


def url_of(cast, name="dispatch", *args):
    return reverse(f"strategy:{name}", args=[cast.strategy.slug, *args])


def milestone(cast, due_on=DUE):
    return MilestoneFactory(measure=cast.measure(Measure.State.RUNNING), due_on=due_on, title="Kick-off")


def plan(cast):
    planner.remind(cast.strategy)


def seen(browser, cast):
    """{day: [(title, step, functions)]} of the page."""
    days = browser.get(url_of(cast)).context["days"]
    return {
        day.day: [(batch.first.title, batch.first.shown_step, batch.recipients) for batch in day.batches]
        for day in days
    }


def failed(cast, person="department_head", occasion="test:1", **values):
    mail = OutgoingMail.objects.queue(
        strategy_id=cast.strategy.pk,
        recipient=getattr(cast, person),
        occasion=occasion,
        subject="Milestone reached – by 26 Nov 2026",
        body="Please",
        **values,
    )
    mail.fail("550 5.1.1 nobody of that name")
    return mail


def resend(cast, mail, role="project_group"):
    return OutgoingMail.objects.filter(pk=mail.pk).resend(cast.strategy, by=cast.actor(role))


def test_what_goes_out_this_week_stands_under_its_day_with_functions_and_no_names(cast):
    stone = milestone(cast)
    plan(cast)
    browser = browser_of(cast.project_group)

    shown = seen(browser, cast)

    title = f"Milestone: {stone.title}"
    heads = {(f"Department head, {cast.unit}", ""): 1, (f"Administrative head, {cast.unit}", ""): 1}
    assert shown == {
        date(2026, 11, 19): [(title, "7 days before the deadline", heads)],
        date(2026, 11, 25): [(title, "1 day before the deadline", heads)],
    }
    said = text_of(browser.get(url_of(cast)))
    assert "4 reminders go out within seven days. Planned last: 18 Nov 2026, 08:00." in said
    assert "Next working day, Thursday, 19. November 2026 2 reminders" in said
    assert cast.department_head.username not in said


def test_what_has_been_done_does_not_go_out(cast):
    stone = milestone(cast)
    plan(cast)
    stone.reached_on = timezone.localdate()
    stone.save()
    plan(cast)

    browser = browser_of(cast.project_group)
    assert seen(browser, cast) == {}
    assert "No reminder goes out this week" in text_of(browser.get(url_of(cast)))


def test_people_of_the_same_function_are_counted(cast):
    cast.member("project_group", name="another")
    milestone(cast, due_on=WEDNESDAY - timedelta(days=1))
    with time_machine.travel(datetime(2026, 11, 18, 6, tzinfo=BERLIN), tick=False):
        plan(cast)
    with time_machine.travel(datetime(2026, 11, 21, 9, tzinfo=BERLIN), tick=False):  # a Saturday
        browser = browser_of(cast.project_group)
        days = browser.get(url_of(cast)).context["days"]
        said = text_of(browser.get(url_of(cast)))

    assert days[0].day == date(2026, 11, 23)
    assert "Project group (2 people)" in said


def test_a_deputy_is_shown_with_whom_they_stand_in_for(cast):
    membership = cast.department_head.memberships.get()
    Deputyship.objects.create(
        membership=membership, deputy=cast.reader, valid_from=WEDNESDAY, valid_to=date(2026, 11, 20)
    )
    milestone(cast)
    plan(cast)

    rows = seen(browser_of(cast.project_group), cast)[date(2026, 11, 19)]

    assert [pair for _title, _step, who in rows for pair in who if pair[1]] == [
        (str(cast.reader.memberships.get()), str(membership))
    ]


def test_reminders_of_another_strategy_are_not_shown(cast):
    other = Cast()
    milestone(other)
    plan(other)
    failed(other)

    answer = browser_of(cast.project_group).get(url_of(cast))

    assert (answer.context["days"], answer.context["mails"]) == ([], [])
    assert len(browser_of(other.project_group).get(url_of(other)).context["mails"]) == 1


def test_a_failed_mail_stands_there_with_the_words_of_the_server_and_goes_out_again_as_the_same(cast, mail_server):
    mail = failed(cast)
    browser = browser_of(cast.project_group)
    said = text_of(browser.get(url_of(cast)))
    assert "1 mail has not arrived" in said
    assert "550 5.1.1 nobody of that name" in said

    with mail_server() as server:
        first = browser.post(url_of(cast, "mail-resend", mail.pk), follow=True)
        second = browser.post(url_of(cast, "mail-resend", mail.pk), follow=True)
        assert deliver() == 1
        assert deliver() == 0
        [sent] = server.taken()

    assert "The mail waits to be sent again" in text_of(first)
    assert "This mail has not failed, or not any more." in text_of(second)
    assert str(mail.message_id) in sent["id"]
    assert "has not arrived" not in text_of(browser.get(url_of(cast)))


def test_a_failed_reminder_is_not_sent_again_when_it_has_been_done_meanwhile(cast, mail_server):
    stone = milestone(cast, due_on=date(2026, 11, 25))
    OutgoingMail.objects.all().delete()
    with mail_server() as server, time_machine.travel(datetime(2026, 11, 18, 9, tzinfo=BERLIN), tick=False):
        plan(cast)
        mails = list(OutgoingMail.objects.all())
        OutgoingMail.objects.update(state="failed", problem="550 no")
        stone.reached_on = WEDNESDAY
        stone.save()
        for mail in mails:
            assert resend(cast, mail) == 1
        plan(cast)
        deliver()

        assert server.taken() == []
    assert len(mails) == 2
    assert set(OutgoingMail.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_a_mail_that_is_tried_again_by_itself_cannot_be_sent_again_by_hand(cast):
    mail = OutgoingMail.objects.queue(
        strategy_id=cast.strategy.pk, recipient=cast.reader, occasion="x", subject="S", body="B"
    )
    mail.postpone("451 later", timezone.now())
    browser = browser_of(cast.project_group)

    said = text_of(browser.get(url_of(cast)))

    assert "451 later" in said
    assert "Is tried again by itself" in said
    assert "Send again" not in said
    assert resend(cast, mail) == 0


def test_what_others_are_told_beside_reminders_stays_with_them(cast):
    failed(cast)
    failed_reminder = failed(cast, "other_head", confirmed_at=timezone.now())

    said = text_of(browser_of(cast.project_group).get(url_of(cast)))

    assert said.count(failed_reminder.subject) == 1
    assert said.count("A notification for this person alone") == 1


@pytest.mark.parametrize("role", ["steering_team", "administrator", "reader"])
def test_only_the_project_group_sends_again(cast, role):
    mail = failed(cast)

    with pytest.raises(PermissionDenied):
        resend(cast, mail, role)

    mail.refresh_from_db()
    assert mail.state == "failed"


@pytest.mark.parametrize("count", [1, 6])
def test_the_page_asks_a_constant_number_of_questions(cast, django_assert_num_queries, count):
    for _number in range(count):
        milestone(cast)
    plan(cast)
    for number in range(count):
        mail = OutgoingMail.objects.queue(
            strategy_id=cast.strategy.pk, recipient=cast.reader, occasion=f"t:{number}", subject="S", body="B"
        )
        mail.fail("550 no")
    browser = browser_of(cast.project_group)
    browser.get(url_of(cast))

    with django_assert_num_queries(QUERIES):
        browser.get(url_of(cast))


# All that has not arrived


def failed_many(cast, count):
    return [failed(cast, occasion=f"test:{number}") for number in range(count)]


def test_many_mails_in_trouble_are_counted_above_and_stand_on_pages_of_their_own(cast):
    failed_many(cast, 51)
    browser = browser_of(cast.project_group)

    above = browser.get(url_of(cast))
    first, second = (browser.get(url_of(cast, "mails"), {"page": number}) for number in (1, 2))

    assert "51 mails have not arrived" in text_of(above)
    assert "Look through all 51" in text_of(above)
    assert [len(answer.context["mails"]) for answer in (above, first, second)] == [5, 50, 1]


def test_mails_in_trouble_are_found_by_kind_state_and_function(cast):
    reminder = failed(cast, confirmed_at=timezone.now())
    news = failed(cast, "other_head")
    again = OutgoingMail.objects.queue(
        strategy_id=cast.strategy.pk, recipient=cast.other_head, occasion="x", subject="S", body="B"
    )
    again.postpone("451 later", timezone.now())
    browser = browser_of(cast.project_group)

    def found(**query):
        return {mail.pk for mail in browser.get(url_of(cast, "mails"), query).context["mails"]}

    assert found() == {reminder.pk, news.pk, again.pk}
    assert found(kind="reminder") == {reminder.pk}
    assert found(kind="notification", state="failed") == {news.pk}
    assert found(state="waiting") == {again.pk}
    assert found(recipient=f"department_head-{cast.unit.pk}") == {reminder.pk}
    assert found(recipient="none") == set()
    assert found(recipient="department_head-999999") == found(kind="x") == set()


def test_all_failed_mails_of_a_filter_go_out_again_once_their_number_is_confirmed(cast):
    meant = [failed(cast, occasion=f"test:{number}", confirmed_at=timezone.now()) for number in range(2)]
    other = failed(cast, "other_head")
    browser = browser_of(cast.project_group)
    url = url_of(cast, "mails-resend") + "?kind=reminder"

    asked = browser.get(url)
    assert "Send 2 mails again" in text_of(asked)
    assert OutgoingMail.objects.failed().count() == 3
    meant.append(failed(cast, occasion="test:2", confirmed_at=timezone.now()))
    refused = browser.post(url, typed_on(asked))
    assert "The number has changed since you opened this page." in text_of(refused)
    assert OutgoingMail.objects.failed().count() == 4
    done = browser.post(url, typed_on(refused), follow=True)

    assert "3 mails wait to be sent again" in text_of(done)
    assert list(OutgoingMail.objects.failed()) == [other]
    assert set(OutgoingMail.objects.due()) == set(meant)
    again = browser.post(url, typed_on(refused), follow=True)
    assert "None of these mails has failed, or none any more." in text_of(again)


@pytest.mark.parametrize("count", [1, 6])
def test_the_list_of_mails_asks_a_constant_number_of_questions(cast, django_assert_num_queries, count):
    failed_many(cast, count)
    browser = browser_of(cast.project_group)
    browser.get(url_of(cast, "mails"))

    with django_assert_num_queries(9):
        browser.get(url_of(cast, "mails"))


# The log of a measure


def test_the_log_of_a_measure_tells_who_was_reminded_and_who_will_be(cast):
    stone = milestone(cast, due_on=date(2026, 11, 25))
    milestone(cast)  # of another measure
    plan(cast)
    browser = browser_of(cast.project_group)
    url = reverse("measures:reminders", args=[cast.strategy.slug, stone.measure.code])

    rows = browser.get(url).context["page"].object_list

    steps = {(row.step, row.state) for row in rows if row.object_id == str(stone.pk)}
    assert steps == {("-7", "sent"), ("-1", "planned"), ("+0", "planned"), ("+7", "planned"), ("+14", "planned")} | {
        ("+21", "planned"),
        ("escalation", "planned"),
    }
    assert {row.due_on for row in rows} == {date(2026, 11, 25)}
    assert url in browser.get(stone.measure.get_absolute_url()).content.decode()
    assert url not in browser_of(cast.department_head).get(stone.measure.get_absolute_url()).content.decode()


@pytest.mark.parametrize("due_on", [DUE, DUE + timedelta(days=200)])
def test_the_log_asks_a_constant_number_of_questions(cast, django_assert_num_queries, due_on):
    stone = milestone(cast, due_on)
    plan(cast)
    browser = browser_of(cast.project_group)
    url = reverse("measures:reminders", args=[cast.strategy.slug, stone.measure.code])
    browser.get(url)

    with django_assert_num_queries(8 if due_on == DUE else 6):
        browser.get(url)
