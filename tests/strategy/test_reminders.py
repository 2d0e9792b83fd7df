"""Deadlines are recalled once, on the right day, to those for whom they wait, whatever breaks meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from measures.models import Measure, Milestone, StaffParticipation
from strategy import deadlines, planner
from strategy.delivery import deliver
from strategy.models import (
    Channel,
    Deputyship,
    MailPreferences,
    Membership,
    Notification,
    OutgoingMail,
    Reminder,
    ReminderRules,
)
from tests.factories import Cast, CouncilSessionFactory, MilestoneFactory
from tests.reporting import reports

BERLIN = ZoneInfo("Europe/Berlin")
STATE = Measure.State
MONDAY = date(2026, 11, 2)
DUE = date(2026, 11, 26)  # a Thursday
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


def moment(day, hour=8, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BERLIN)


@contextmanager
def on(day, hour=8, minute=0):
    with time_machine.travel(moment(day, hour, minute), tick=False):
        yield


@pytest.fixture
def cast(db):
    with on(MONDAY):
        yield Cast()


def remind(cast, day=None, hour=8, minute=0):
    """Plan and tell as beat does at that hour; returns what went out: [(user name without number, step)]."""
    at = moment(day, hour, minute) if day else None
    outcome = planner.remind(cast.strategy, at=at)
    assert outcome.faults == []
    return sorted((name_of(row.recipient), row.step) for row, _channel in outcome.told)


def name_of(user):
    return user.username.rpartition("-")[0]


def told_until(cast, last, first=MONDAY):
    """{day: what went out} of a planner that runs every morning."""
    days = [first + number * DAY for number in range((last - first).days + 1)]
    found = {}
    for day in days:
        with on(day):
            if told := remind(cast):
                found[day] = told
    return found


def milestone(cast, due_on=DUE, **values):
    """A deadline of the department head and the administrative head of the lead unit; nothing else is told."""
    stone = MilestoneFactory(measure=cast.measure(STATE.RUNNING), due_on=due_on, **values)
    Notification.objects.exclude(kind="deadline").delete()
    OutgoingMail.objects.filter(occasion__startswith="transition").delete()
    return stone


def both(step):
    return [("administrative_head", step), ("department_head", step)]


def prefer(user, **values):
    MailPreferences.objects.update_or_create(user=user, defaults=values)


# The ladder climbed


def test_a_deadline_is_recalled_on_the_days_of_the_ladder_and_then_to_those_above(cast):
    milestone(cast)
    cast.measure(STATE.RUNNING)  # its status is due in ninety days: nobody hears of it

    told = told_until(cast, date(2026, 12, 10), first=date(2026, 11, 11))

    assert told == {
        date(2026, 11, 12): both("-14"),
        date(2026, 11, 19): both("-7"),
        date(2026, 11, 25): both("-1"),
        date(2026, 11, 26): both("+0"),
        date(2026, 12, 3): [*both("+7"), ("project_group", "+7")],  # a milestone that has passed waits for them, too
        date(2026, 12, 10): [*both("+14"), ("project_group", "+14"), ("steering_team", "escalation")],
    }


def test_planning_again_changes_nothing(cast):
    milestone(cast)
    with on(date(2026, 11, 12)):
        remind(cast)
        before = list(Reminder.objects.order_by("pk").values())

        assert [remind(cast), remind(cast, hour=23)] == [[], []]

        assert list(Reminder.objects.order_by("pk").values()) == before
    assert OutgoingMail.objects.count() == Notification.objects.filter(kind="deadline").count() == 2


def test_who_has_answered_is_not_reminded(cast):
    measure = cast.measure(STATE.IN_REVIEW)  # until the 23rd
    slots = {slot.unit: slot for slot in measure.open_review().slots.all()}
    assert remind(cast, date(2026, 11, 9)) == [
        ("administrative_head", "-14"),
        ("department_head", "-14"),
        ("other_head", "-14"),
        ("staff_council", "-14"),
    ]

    slots[cast.unit].respond(by=cast.actor("department_head"), vote="agree")
    slots[None].respond(by=cast.actor("staff_council"), vote="agree")

    assert remind(cast, date(2026, 11, 16)) == [("other_head", "-7")]
    left = Reminder.objects.filter(recipient=cast.department_head).exclude(state="sent")
    assert set(left.values_list("state", "withdrawn_because")) == {("withdrawn", "settled")}


def test_a_moved_deadline_withdraws_and_plans_anew_and_moved_back_revives_the_row(cast):
    stone = milestone(cast)
    remind(cast)
    first = Reminder.objects.filter(recipient=cast.department_head, due_on=DUE)
    rows = set(first.values_list("pk", flat=True))

    Milestone.objects.filter(pk=stone.pk).update(due_on=DUE + 7 * DAY)
    remind(cast)
    assert set(first.values_list("state", "withdrawn_because")) == {("withdrawn", "moved")}
    assert remind(cast, date(2026, 11, 19)) == both("-14")

    Milestone.objects.filter(pk=stone.pk).update(due_on=DUE)
    assert remind(cast, date(2026, 11, 20)) == both("-7")
    assert rows == set(first.exclude(step__in=["+7", "+14", "+21"]).values_list("pk", flat=True))
    assert first.get(step="-7").state == "sent"


def test_a_deadline_moved_back_recalls_nothing_a_second_time(cast):
    stone = milestone(cast)
    assert remind(cast, date(2026, 11, 12)) == both("-14")
    Milestone.objects.filter(pk=stone.pk).update(due_on=DUE + 30 * DAY)
    assert remind(cast, date(2026, 11, 13)) == []

    Milestone.objects.filter(pk=stone.pk).update(due_on=DUE)

    assert remind(cast, date(2026, 11, 13)) == []
    assert remind(cast, date(2026, 11, 19)) == both("-7")


def test_nothing_goes_out_on_weekends_and_holidays_and_steps_that_meet_go_out_once(cast):
    milestone(cast, due_on=date(2026, 12, 27))  # a Sunday behind Christmas

    assert told_until(cast, date(2027, 1, 4), first=date(2026, 12, 18)) == {
        date(2026, 12, 18): both("-7"),
        date(2026, 12, 24): both("+0"),  # the day before and the day itself
        date(2027, 1, 4): [*both("+7"), ("project_group", "+7")],
    }


def test_a_worker_that_was_gone_makes_up_for_the_latest_step_on_the_next_working_day(cast):
    milestone(cast)
    remind(cast, date(2026, 11, 11))

    with on(date(2026, 11, 21)):  # a Saturday
        assert remind(cast) == []
    with on(date(2026, 11, 23)):
        assert remind(cast) == both("-7")
    overtaken = Reminder.objects.filter(step="-14").values_list("state", "withdrawn_because")
    assert set(overtaken) == {("withdrawn", "overtaken")}


def test_nothing_goes_out_before_the_hour_of_the_strategy(cast):
    ReminderRules.objects.create(strategy=cast.strategy, hour=10)
    prefer(cast.department_head, deadline=Channel.PORTAL)
    prefer(cast.administrative_head, deadline=Channel.AT_ONCE)
    milestone(cast)

    assert remind(cast, date(2026, 11, 12), hour=9, minute=59) == []
    assert remind(cast, date(2026, 11, 12), hour=10) == both("-14")


def test_a_strategy_climbs_its_own_ladder(cast):
    ReminderRules.objects.create(
        strategy=cast.strategy, days_before=[3], on_the_day=False, overdue_every=2, escalate_after=3
    )
    milestone(cast)

    assert told_until(cast, date(2026, 11, 30), first=date(2026, 11, 20)) == {
        date(2026, 11, 23): both("-3"),
        date(2026, 11, 30): [*both("+4"), ("project_group", "+4"), ("steering_team", "escalation")],
    }


# Whom


def test_during_a_deputyship_both_are_reminded_and_afterwards_the_member_alone(cast):
    milestone(cast)
    deputy = cast.member("reader", name="deputy")
    Deputyship.objects.create(
        membership=Membership.objects.get(user=cast.department_head),
        deputy=deputy,
        valid_from=date(2026, 11, 16),
        valid_to=date(2026, 11, 20),
    )

    told = told_until(cast, date(2026, 11, 25), first=date(2026, 11, 12))

    assert told == {
        date(2026, 11, 12): both("-14"),
        date(2026, 11, 19): [*both("-7"), ("deputy", "-7")],
        date(2026, 11, 25): both("-1"),
    }
    row = Reminder.objects.get(recipient=deputy)
    assert row.in_place_of == cast.department_head
    assert row.reason == f"You stand in for Department head, {cast.unit} until 20 Nov 2026."


def test_who_left_is_not_reminded_and_the_successor_is(cast):
    milestone(cast)
    remind(cast, date(2026, 11, 12))
    Membership.objects.filter(user=cast.department_head).update(valid_to=date(2026, 11, 15))
    type(cast.other_head).objects.filter(pk=cast.administrative_head.pk).update(is_active=False)
    cast.member("department_head", cast.unit, "successor")

    assert remind(cast, date(2026, 11, 16)) == [("successor", "-14")]
    assert remind(cast, date(2026, 11, 19)) == [("successor", "-7")]


def test_what_waits_for_the_steering_team_itself_is_not_escalated_to_it(cast):
    object_to(cast)

    told = told_until(cast, date(2026, 12, 8), first=date(2026, 12, 7))

    assert told == {date(2026, 12, 7): [("steering_team", "+14")]}


def test_those_above_read_for_whom_it_waits_and_get_a_page_they_may_open(cast, client):
    cast.measure(STATE.IN_REVIEW)
    with on(date(2026, 12, 7)):
        remind(cast)

        note = Notification.objects.filter(recipient=cast.steering_team).get(text__contains="51 Jugendamt")
        client.force_login(cast.steering_team)
        assert client.get(note.url).status_code == 200
    assert note.text == "Waits for: Department head, 51 Jugendamt"
    assert note.reason.startswith("The steering team is told once when a deadline has passed by 14 days")


REVIEW_ENDS = MONDAY + 21 * DAY
HEADS = {"administrative_head", "department_head"}
EVERY_KIND = {
    "statement": (
        lambda cast: cast.measure(STATE.IN_REVIEW),
        REVIEW_ENDS,
        {*HEADS, "other_head", "staff_council"},
    ),
    "review": (lambda cast: cast.answer_all(cast.measure(STATE.IN_REVIEW)), REVIEW_ENDS, {"project_group"}),
    "objection": (lambda cast: object_to(cast), REVIEW_ENDS, {"steering_team"}),
    "status": (lambda cast: cast.measure(STATE.RUNNING), MONDAY + 91 * DAY, HEADS),
    "milestone": (lambda cast: milestone(cast), DUE, HEADS),
    "participation": (lambda cast: participation(cast), REVIEW_ENDS, {"staff_council"}),
    "cosignature": (lambda cast: cosign(cast), DUE, {*HEADS, "other_head"}),
    "session": (lambda cast: CouncilSessionFactory(strategy=cast.strategy, held_on=DUE), DUE, {"project_group"}),
}


def object_to(cast):
    """All have answered, one with an objection."""
    measure = cast.measure(STATE.IN_REVIEW)
    cast.answer_all(measure)
    slot = measure.open_review().slots.get(unit=cast.unit)
    slot.respond(by=cast.actor("department_head"), vote="object", text="So nicht")


def participation(cast):
    measure = cast.measure(STATE.RUNNING)
    StaffParticipation.objects.start(measure, by=cast.actor("project_group"), kind="hearing", informed_on=MONDAY)


def cosign(cast):
    report = reports.asked(cast, subject="Stand")
    type(report).objects.filter(pk=report.pk).update(cosign_due_on=DUE)


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_kind_of_deadline_is_recalled_to_those_it_waits_for(cast, kind):
    make, due_on, people = EVERY_KIND[kind]
    make(cast)

    told = planner.remind(cast.strategy, at=moment(due_on)).told

    recalled = [(name_of(row.recipient), row.step) for row, _channel in told if row.kind == kind]
    assert sorted(recalled) == sorted((name, "+0") for name in people)


def test_nothing_of_one_strategy_reaches_people_of_another(cast):
    other = Cast()
    milestone(cast)

    assert remind(other, DUE) == []
    assert not Reminder.objects.exists()
    assert remind(cast, DUE) == both("+0")
    assert not Reminder.objects.filter(recipient__memberships__strategy=other.strategy).exists()


# Ways of being told


def test_one_mail_a_day_holds_all_that_is_due(cast, mailoutbox):
    for due_on in (DUE, DUE + 7 * DAY):
        milestone(cast, due_on)
    with on(date(2026, 11, 19)):
        remind(cast)
        deliver()

    assert sorted(mail.to[0] for mail in mailoutbox) == [cast.administrative_head.email, cast.department_head.email]
    assert mailoutbox[0].subject.startswith("2 messages, next deadline 26 Nov 2026 – Milestone: Meilenstein")


def test_at_once_means_a_mail_each_and_portal_only_means_none(cast, mailoutbox):
    prefer(cast.department_head, deadline=Channel.AT_ONCE)
    prefer(cast.administrative_head, deadline=Channel.PORTAL)
    for due_on in (DUE, DUE + 7 * DAY):
        milestone(cast, due_on)
    with on(date(2026, 11, 19)):
        remind(cast)
        deliver()

        assert sorted(mail.subject.rpartition("–")[2] for mail in mailoutbox) == [" by 26 Nov 2026", " by 3 Dec 2026"]
        assert {mail.to[0] for mail in mailoutbox} == {cast.department_head.email}
        assert Notification.objects.filter(kind="deadline").unread().count() == 4


def test_without_an_address_there_is_the_bell(cast):
    cast.department_head.email = ""
    cast.department_head.save()
    milestone(cast)

    assert remind(cast, date(2026, 11, 19)) == both("-7")

    assert Notification.objects.get(recipient=cast.department_head, kind="deadline").channel == Channel.PORTAL
    assert not OutgoingMail.objects.filter(recipient=cast.department_head).exists()


def test_the_daily_mail_comes_at_its_hour_and_once_a_day(cast):
    prefer(cast.department_head, deadline=Channel.DIGEST, digest_hour=16)
    milestone(cast)

    assert remind(cast, date(2026, 11, 19), hour=15, minute=59) == [("administrative_head", "-7")]
    assert remind(cast, date(2026, 11, 19), hour=16) == [("department_head", "-7")]
    milestone(cast, DUE)  # a second deadline, known too late for today
    assert remind(cast, date(2026, 11, 19), hour=17) == []
    assert remind(cast, date(2026, 11, 20)) == [("administrative_head", "-7")]
    assert remind(cast, date(2026, 11, 20), hour=16) == [("department_head", "-7")]


def test_the_daily_mail_collects_what_has_moved_until_its_hour(cast, mailoutbox):
    prefer(cast.department_head, news=Channel.DIGEST, digest_hour=7)
    measure = cast.measure(STATE.RUNNING)
    Notification.objects.all().delete(), OutgoingMail.objects.all().delete()
    with on(date(2026, 11, 19), hour=6):
        measure.pause(by=cast.actor("steering_team"), reason="Haushalt")
    with on(date(2026, 11, 19), hour=9):
        measure.resume(by=cast.actor("steering_team"), reason="Doch")
        remind(cast)
        deliver()
    assert [mail.subject for mail in mailoutbox if mail.to == [cast.department_head.email]] == [f"Paused: {measure}"]
    with on(date(2026, 11, 20), hour=7):
        remind(cast)
        deliver()

    subjects = [mail.subject for mail in mailoutbox if mail.to == [cast.department_head.email]]
    assert subjects == [f"Paused: {measure}", f"Resumed: {measure}"]


def test_a_mail_says_what_until_when_why_and_where_in_the_persons_language(cast, mailoutbox):
    cast.department_head.language = "de"
    cast.department_head.save()
    stone = milestone(cast, title="Pilot <beginnt> & läuft")
    with on(date(2026, 11, 19)):
        remind(cast)
        deliver()

    german, english = sorted(mailoutbox, key=lambda mail: mail.to != [cast.department_head.email])
    assert english.subject == "Milestone: Pilot <beginnt> & läuft – by 26 Nov 2026"
    assert english.body.splitlines()[:4] == [
        "Milestone: Pilot <beginnt> & läuft",
        "Deadline: 26 Nov 2026, in 7 days",
        str(stone.measure),
        f"Open measure: http://127.0.0.1:8000{stone.measure.get_absolute_url()}",
    ]
    assert "It waits for you as: Administrative head, 10 Haupt- und Personalamt." in english.body
    assert german.subject == "Meilenstein: Pilot <beginnt> & läuft – bis 26.11.2026"
    assert "Warum bekomme ich das?" in german.body
    html = german.alternatives[0].content
    assert "Pilot &lt;beginnt&gt; &amp; läuft" in html
    assert '<html lang="de">' in html


def test_the_link_of_a_mail_leads_to_the_task_after_the_sign_in(cast, client):
    stone = milestone(cast)
    remind(cast, date(2026, 11, 19))
    url = Notification.objects.filter(recipient=cast.department_head).first().url
    cast.department_head.set_password("geheim")
    cast.department_head.save()

    asked = client.get(url)
    answer = client.post(asked.url, {"login": cast.department_head.username, "password": "geheim"})

    assert (asked.status_code, answer.url) == (302, stone.measure.get_absolute_url())


def test_a_mail_marks_what_waits_for_the_person_as_a_deputy(cast, mailoutbox):
    elsewhere = cast.measure(STATE.RUNNING, lead_unit=cast.other_unit)
    own = [MilestoneFactory(measure=elsewhere, due_on=DUE) for _number in range(2)]
    others = milestone(cast, title="Vertreten")
    Deputyship.objects.create(
        membership=cast.department_head.memberships.get(),
        deputy=cast.other_head,
        valid_from=date(2026, 11, 1),
        valid_to=DUE,
    )
    with on(date(2026, 11, 19)):
        remind(cast)
        deliver()

    (mail,) = [mail for mail in mailoutbox if mail.to == [cast.other_head.email]]
    items = mail.body.partition("All my tasks")[0].split("\n\n")
    words = f"You stand in for Department head, {cast.unit} until 26 Nov 2026."
    assert [f"Milestone: {others.title}" in item for item in items if words in item] == [True]
    assert sum("It waits for you as: Department head, 51 Jugendamt." in item for item in items) == len(own)


# Said and done meanwhile


def test_what_has_been_done_before_the_mail_could_leave_is_not_recalled(cast, mailoutbox):
    stones = [milestone(cast, due_on) for due_on in (DUE, DUE + 7 * DAY)]
    with on(date(2026, 11, 19)):
        remind(cast)  # the mail server is down
        Milestone.objects.filter(pk=stones[0].pk).update(reached_on=date(2026, 11, 19))
    with on(date(2026, 11, 19), hour=12):
        assert deliver() == 0  # nobody has looked again whether it still holds
        remind(cast)
        assert deliver() == 2

    assert {mail.subject for mail in mailoutbox} == {f"Milestone: {stones[1]} – by 3 Dec 2026"}
    assert stones[0].title not in mailoutbox[0].body + str(mailoutbox[0].alternatives)
    assert {note.title for note in Notification.objects.filter(kind="deadline").unread()} == {f"Milestone: {stones[1]}"}


def test_a_mail_with_nothing_left_to_recall_is_withdrawn(cast, mailoutbox):
    stone = milestone(cast)
    with on(date(2026, 11, 19)):
        remind(cast)
        Milestone.objects.filter(pk=stone.pk).update(reached_on=date(2026, 11, 19))
        remind(cast)
        assert deliver() == 0

    assert list(OutgoingMail.objects.values_list("state", flat=True)) == [OutgoingMail.State.WITHDRAWN] * 2


def test_a_mail_that_waited_over_night_counts_the_days_anew(cast, mailoutbox):
    milestone(cast)
    with on(date(2026, 11, 19)):
        remind(cast)
    with on(date(2026, 11, 20)):
        remind(cast)
        deliver()

    assert mailoutbox[0].body.splitlines()[1] == "Deadline: 26 Nov 2026, in 6 days"
    assert len(mailoutbox) == 2


# Troubles


def test_one_persons_trouble_is_not_everybodys(cast, monkeypatch):
    def broken(actor, strategy, on):
        if actor.user == cast.department_head:
            raise LookupError("one bad row")
        return ()

    milestone(cast)
    remind(cast)
    planned = list(Reminder.objects.filter(recipient=cast.department_head).values())
    monkeypatch.setattr(deadlines, "_offers", [*deadlines._offers, broken])

    outcome = planner.remind(cast.strategy, at=moment(date(2026, 11, 19)))

    assert [name_of(row.recipient) for row, _channel in outcome.told] == ["administrative_head"]
    assert [str(fault) for fault in outcome.faults] == ["one bad row"]
    assert list(Reminder.objects.filter(recipient=cast.department_head).values()) == planned
    monkeypatch.undo()
    assert remind(cast, date(2026, 11, 19)) == [("department_head", "-7")]


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_planners_side_by_side_tell_everybody_once(cast):
    cast.measure(STATE.IN_REVIEW)
    at = moment(date(2026, 11, 16))

    def run(_number):
        try:
            return planner.remind(cast.strategy, at=at)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(filter(None, pool.map(run, range(12))))

    assert sum(len(outcome.told) for outcome in outcomes) == Reminder.objects.filter(state="sent").count() == 4
    assert Notification.objects.filter(kind="deadline").count() == 4
    assert OutgoingMail.objects.filter(occasion__startswith="digest").count() == 4


def test_planning_asks_as_much_for_many_deadlines_as_for_few(cast, django_assert_max_num_queries):
    counts = []
    for _round in range(2):
        for _number in range(3):
            milestone(cast)
        with django_assert_max_num_queries(500) as asked:
            remind(cast, date(2026, 11, 3 + len(counts)))  # nothing is due
        counts.append(len(asked))

    assert counts[1] <= counts[0]


# By hand


def printed(capsys, **options):
    call_command("send_reminders", **options)
    return capsys.readouterr().out.splitlines()


def test_the_command_prints_what_goes_out_and_in_the_last_line_the_numbers(cast, capsys, mailoutbox):
    stone = milestone(cast)
    prefer(cast.administrative_head, deadline=Channel.PORTAL)

    lines = printed(capsys, today=date(2026, 11, 19), username="")

    assert lines == [
        f"{cast.department_head.username}\t2026-11-26\t-7\tdigest\t{cast.department_head.email}\tMilestone: {stone}",
        f"{cast.administrative_head.username}\t2026-11-26\t-7\tportal\tportal\tMilestone: {stone}",
        "2026-11-19: 2 reminders to 2 people, 1 mails, 1 in the portal only; 1 mails sent",
    ]
    assert len(mailoutbox) == 1


def test_a_dry_run_prints_the_same_and_leaves_no_trace(cast, capsys, mailoutbox):
    milestone(cast)
    rehearsed = printed(capsys, today=date(2026, 11, 19), dry_run=True)

    assert not Reminder.objects.exists()
    assert not ReminderRules.objects.exists()
    assert not Notification.objects.filter(kind="deadline").exists()
    assert not OutgoingMail.objects.filter(occasion__startswith="digest").exists()
    assert mailoutbox == []
    assert printed(capsys, today=date(2026, 11, 19))[:-1] == rehearsed[:-1]


def test_who_sends_reminders_by_hand_needs_the_right(cast, capsys):
    milestone(cast)

    with pytest.raises(CommandError, match="may not send"):
        call_command("send_reminders", username=cast.reader.username, strategy=cast.strategy.slug)
    with pytest.raises(CommandError, match="nobody active called"):
        call_command("send_reminders", username="nobody")
    with pytest.raises(CommandError, match="no strategy"):
        call_command("send_reminders", strategy="nowhere")
    last = printed(capsys, today=DUE, username=cast.project_group.username, strategy=cast.strategy.slug)[-1]
    assert last.startswith("2026-11-26: 2 reminders to 2 people")


# P22: what the calendar of five years says of each day (see test_ladder.py) holds for rows and mails as well


@pytest.mark.parametrize("sunday", [date(2026, 3, 29), date(2026, 10, 25)], ids=str)
def test_over_a_change_of_the_clocks_each_step_goes_out_once_on_its_day(cast, sunday):
    friday, monday = sunday - 2 * DAY, sunday + DAY
    prefer(cast.department_head, deadline=Channel.AT_ONCE)
    prefer(cast.administrative_head, deadline=Channel.DIGEST, digest_hour=2)  # an hour that is missing or comes twice
    ReminderRules.objects.create(strategy=cast.strategy, hour=0, days_before=[3, 2, 1])
    milestone(cast, due_on=monday)

    told = [
        (row.recipient.email.partition("-")[0], row.step, at.astimezone(BERLIN).date())
        for at in hours_around(friday, sunday, monday)
        for row, _channel in planner.remind(cast.strategy, at=at).told
        if row.kind == "milestone"
    ]

    assert told == [
        ("department_head", "-1", friday),
        ("administrative_head", "-1", friday),
        ("department_head", "+0", monday),
        ("administrative_head", "+0", monday),
    ]


def hours_around(*days):
    """The hours before and after each midnight, as moments go by and not as clocks show."""
    for day in days:
        begin = moment(day, 0).astimezone(UTC)
        yield from (begin + number * timedelta(hours=1) for number in range(-2, 5))


@pytest.mark.parametrize("last_day", [date(2026, 10, 31), date(2026, 3, 29), date(2026, 10, 25), date(2028, 2, 29)])
def test_a_deadline_ends_when_the_next_day_begins_in_berlin(cast, last_day):
    measure = cast.measure(STATE.IN_REVIEW)
    review = measure.open_review()
    review.due_on = last_day
    midnight = moment(last_day + DAY, 0)

    with time_machine.travel(midnight - timedelta(seconds=1), tick=False):
        assert not review.is_overdue()
        assert not deadlines.Task("", review, "", "", "", "", due_on=last_day).is_overdue()
    with time_machine.travel(midnight, tick=False):
        assert review.is_overdue()
        assert deadlines.Task("", review, "", "", "", "", due_on=last_day).is_overdue()
