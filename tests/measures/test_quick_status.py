"""A status reported from a mail: one link, one person, one measure, one time."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as portal
from django.core import signing
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from measures.models import Measure, StatusUpdate
from measures.quick_status import PURPOSE, last_day, quick_url
from strategy.actor import Actor
from strategy.deadlines import deadlines_of
from strategy.models import Deputyship, MailPreferences, Membership, Notification, OutgoingMail, Reminder, Transition
from strategy.planner import remind
from tests.pages import text_of, typed_on
from tests.world import everything_stored

State = Measure.State

pytestmark = pytest.mark.django_db


@pytest.fixture
def measure(cast):
    type(cast.department_head).objects.update(language="en")
    cast.department_head.refresh_from_db()
    return cast.measure(State.RUNNING, title="Mobiles Arbeiten", goal="Ein vertrauliches Ziel")


@pytest.fixture
def link(cast, measure):
    return link_of(cast, Actor.of(cast.department_head))


def link_of(cast, actor):
    (task,) = (task for task in deadlines_of(actor, cast.strategy) if task.kind == "status")
    return task.quick_url


def send(link, **typed):
    """What somebody without a session sends from the page."""
    browser = Client()
    return browser.post(link, typed_on(browser.get(link), **typed))


def dead(answer):
    return answer.status_code == 410 and "This link is not valid any more" in text_of(answer)


# The act


def test_a_status_is_reported_without_signing_in(cast, measure, link):
    answer = send(link, light=cast.light("triangle").pk, progress=40, text="Es fehlt Personal.")

    assert (answer.status_code, "The status of A1 Mobiles Arbeiten has been reported" in text_of(answer)) == (200, True)
    update = StatusUpdate.objects.get()
    assert (update.light, update.progress, update.text) == (cast.light("triangle"), 40, "Es fehlt Personal.")
    assert (update.reported_by, update.in_place_of) == (cast.department_head, None)
    step = Transition.objects.of(measure).get(verb="report_status")
    assert (step.user, step.role) == (cast.department_head, "department_head")


def test_the_page_shows_code_title_and_three_fields_and_nothing_else_of_the_measure(measure, link):
    page = Client().get(link)

    assert [name for name in page.context["form"].fields if name != "token"] == ["light", "progress", "text"]
    assert "Report the status of A1 Mobiles Arbeiten" in text_of(page)
    assert not any(words in page.content.decode() for words in (measure.goal, measure.lead_unit.name))
    assert page.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_changes_nothing(link, method):
    before = everything_stored()

    getattr(Client(), method)(link)

    assert everything_stored() == before


def test_errors_stand_at_the_field_and_use_up_nothing(cast, link):
    answer = send(link, light=cast.light("octagon").pk, progress=40, text=" ")

    assert "Please say in one sentence what the reason is." in text_of(answer)
    assert not StatusUpdate.objects.exists()
    assert send(link, light=cast.light("octagon").pk, progress=40, text="Doch").status_code == 200


def test_no_session_begins_with_it(link):
    browser = Client()

    browser.get(link)

    assert set(browser.cookies) == {portal.CSRF_COOKIE_NAME}
    assert browser.get("/accounts/me/").status_code == 302


def test_it_counts_for_its_recipient_whoever_is_signed_in(cast, link):
    browser = Client()
    browser.force_login(cast.stranger)

    browser.post(link, typed_on(browser.get(link), light=cast.light("disc").pk, progress=10))

    assert StatusUpdate.objects.get().reported_by == cast.department_head


def test_a_page_elsewhere_cannot_send_it(link):
    assert Client(enforce_csrf_checks=True).post(link, {"progress": 1}).status_code == 403


# Its end


def test_a_link_works_once(cast, link):
    send(link, light=cast.light("disc").pk, progress=40)

    assert dead(Client().get(link))
    assert dead(Client().post(link, {"light": cast.light("disc").pk, "progress": 50}))
    assert StatusUpdate.objects.get().progress == 40


def test_a_link_dies_with_a_status_reported_in_the_portal_even_on_the_same_day(cast, measure, link):
    for progress in (10, 20):
        measure.report_status(by=cast.actor("project_group"), light=cast.light("disc"), progress=progress)
        later = link_of(cast, cast.actor("department_head"))
        assert dead(Client().get(link))
        link = later

    assert Client().get(link).status_code == 200


def test_a_link_dies_when_the_measure_moves_on(cast, measure, link):
    cast.pause(measure)

    assert dead(Client().get(link))


def test_a_link_grows_old(cast, measure, link):
    # the deadline lies a rhythm ahead, the link lives until the next fortnight after two weeks
    for days, status in ((14, 200), (29, 410)):
        with time_machine.travel(timezone.now() + timedelta(days=days)):
            assert Client().get(link).status_code == status


@given(ahead=st.integers(-400, 400))
def test_a_link_lives_for_two_to_four_weeks_and_stays_the_same_for_two(ahead):
    due_on = timezone.localdate()
    ends = [last_day(due_on, due_on + timedelta(days=ahead + day)) for day in range(14)]

    lives = [(end - due_on).days - ahead - day for day, end in enumerate(ends)]
    assert all(15 <= life <= 28 for life in lives)
    assert len(set(ends)) <= 2


# Rights of this moment


def close_account(cast):
    type(cast.department_head).objects.filter(pk=cast.department_head.pk).update(is_active=False)


def end_role(cast):
    yesterday = timezone.localdate() - timedelta(days=1)
    Membership.objects.filter(user=cast.department_head).update(valid_to=yesterday)


@pytest.mark.parametrize("lose", [close_account, end_role])
def test_who_has_lost_the_right_since_reports_nothing(cast, measure, link, lose):
    browser = Client()
    typed = typed_on(browser.get(link), light=cast.light("disc").pk, progress=40)
    lose(cast)

    assert dead(browser.get(link))
    assert dead(browser.post(link, typed))
    assert not StatusUpdate.objects.exists()
    assert measure.title not in browser.get(link).content.decode()


def test_a_link_signed_for_somebody_without_the_right_is_no_right(cast, measure):
    today = timezone.localdate()

    for user in (cast.reader, cast.stranger, cast.other_head, cast.staff_council):
        assert Client().get(quick_url(user, measure, None, today, today)).status_code == 410


def test_who_stands_in_gets_no_link(cast, measure):
    today = timezone.localdate()
    deputyship = Deputyship.objects.create(
        membership=Membership.objects.get(user=cast.department_head),
        deputy=cast.reader,
        valid_from=today,
        valid_to=today + timedelta(days=7),
    )

    assert link_of(cast, Actor.deputising(cast.reader, deputyship)) == ""


# Hostile keys


@pytest.mark.parametrize("key", ["x", "x:y", "%00", "%ff", "%ED%A0%80", ":", "W10:x", "x" * 9000])
def test_what_was_not_signed_here_is_no_link(key):
    for answer in (
        Client().get(f"/accounts/status/{key}/"),
        Client().post(f"/accounts/status/{key}/", {"progress": "\0"}),
    ):
        assert answer.status_code == 410


def test_a_link_cannot_be_bent_to_another_measure_person_or_purpose(cast, measure, link):
    key = link.removeprefix("/accounts/status/").rstrip("/")
    content = signing.Signer(salt=PURPOSE).unsign_object(key)
    other = signing.Signer(salt="something.else").sign_object(content)
    bent = signing.Signer(salt=PURPOSE).sign_object([2**70, *content[1:]])

    assert Client().get(f"/accounts/status/{other}/").status_code == 410
    assert Client().get(f"/accounts/status/{key[1:]}/").status_code == 410
    assert content[:2] == [cast.department_head.pk, measure.pk]
    assert bent != key


@pytest.mark.parametrize("typed", [{"progress": "1\0"}, {"light": 2**70}, {"text": "x" * 9000}])
def test_hostile_input_is_an_error_at_a_field(cast, link, typed):
    answer = send(link, **({"light": cast.light("disc").pk, "progress": 40} | typed))

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not StatusUpdate.objects.exists()


def test_half_a_letter_is_a_bad_form_and_no_fault(link):
    answer = Client().post(link, b"progress=%ED%A0%80&text=%FF", content_type="application/x-www-form-urlencoded")

    assert (answer.status_code, StatusUpdate.objects.exists()) == (200, False)


# The mail


def overdue(cast, measure, days):
    since = timezone.localdate() - timedelta(days=cast.strategy.status_rhythm_days + days)
    Measure.objects.filter(pk=measure.pk).update(started_on=since)


def morning(cast):
    """What is told at 8 o'clock of a Tuesday."""
    return timezone.localtime().replace(year=2027, month=6, day=15, hour=8)


def test_the_reminder_carries_the_link_and_planning_again_changes_nothing(cast, measure):
    MailPreferences.objects.create(user=cast.department_head, deadline="at_once")
    with time_machine.travel(morning(cast), tick=False):
        overdue(cast, measure, 0)
        remind(cast.strategy)
        link = link_of(cast, cast.actor("department_head"))
        mail = OutgoingMail.objects.get(recipient=cast.department_head, subject__contains="Report the status")
        planned = sorted(map(str, Reminder.objects.values_list()))
        remind(cast.strategy)

        assert f"At once, without signing in: {portal.BASE_URL}{link}\n" in mail.body
        assert f'href="{portal.BASE_URL}{link}"' in mail.html
        assert Client().get(link).status_code == 200
        assert sorted(map(str, Reminder.objects.values_list())) == planned


def test_nobody_else_is_told_the_link(cast, measure):
    with time_machine.travel(morning(cast), tick=False):
        overdue(cast, measure, 20)
        remind(cast.strategy)

    told = Notification.objects.filter(title__contains="status").values_list("recipient__username", "kind", "quick_url")
    links = {(name.rsplit("-", 1)[0], kind): url for name, kind, url in told}
    assert {who for who, url in links.items() if url} == {
        ("department_head", "deadline"),
        ("administrative_head", "deadline"),
    }
    assert links["steering_team", "escalation"] == ""
    assert links["department_head", "deadline"] != links["administrative_head", "deadline"]
