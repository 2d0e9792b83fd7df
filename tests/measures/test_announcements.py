"""What the work asks of people says by when, or since when it waits, and leads to where it is done."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from measures.models import Measure, Need, StaffParticipation
from strategy.models import Notification, OutgoingMail
from tests.measures import rankings
from tests.pages import FormReader

State = Measure.State
PASSWORD = "Ein langes Kennwort 7"

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def spoken():
    return "en"


def day(ahead=0):
    """So many days from today as a mail says it."""
    shown = timezone.localdate() + timedelta(days=ahead)
    return f"{shown.day} {shown:%b %Y}"


def told(person):
    """The subject of the newest mail to that person."""
    return OutgoingMail.objects.filter(recipient=person).latest("pk").subject


def object_to(cast, measure):
    slot = measure.open_review().slots.get(unit=cast.unit)
    slot.respond(by=cast.actor("department_head"), vote="object", text="Zu teuer")


# By when, or since when


def test_a_statement_is_asked_for_by_its_day(cast):
    measure = cast.measure(State.IN_REVIEW)

    by = day(cast.strategy.review_days)
    assert told(cast.staff_council) == f"Please give your statement: {measure} – by {by}"


def test_an_objection_is_to_be_settled_by_the_end_of_the_review(cast):
    measure = cast.measure(State.IN_REVIEW)
    later = timezone.localdate() + timedelta(days=40)
    measure.open_review().extend(by=cast.actor("project_group"), due_on=later, reason="Ferien")

    object_to(cast, measure)

    assert told(cast.steering_team) == f"Objection to settle: {measure} – by {day(40)}"


def test_what_is_agreed_says_since_when_it_waits_for_the_decision(cast):
    measure = cast.measure(State.AGREED)

    assert told(cast.steering_team) == f"To be decided since {day()}: {measure}"


def test_an_agreed_amendment_asks_for_a_decision_and_its_end_is_told(cast):
    measure = cast.measure(State.RUNNING, goal="Alle wissen Bescheid.")
    measure.amend(by=cast.actor("project_group"), core={"goal": "Alle wissen früh Bescheid."})
    version = measure.open_amendment()
    for slot in version.open_review().slots.all():
        slot.respond(by=cast.who_answers(slot), vote="agree")

    version.agree(by=cast.actor("project_group"))
    assert told(cast.steering_team) == f"Amendment to be decided since {day()}: {measure}"
    version.decide(by=cast.actor("steering_team"), reason="Besser")

    assert told(cast.department_head) == f"Amendment in force: {measure}"
    assert Notification.objects.latest("pk").text == "Reason: Besser"


def test_a_rejected_amendment_is_told_to_those_who_proposed_it(cast):
    measure = cast.measure(State.RUNNING)
    measure.amend(by=cast.actor("project_group"), core={"goal": "Weniger."})

    measure.open_amendment().reject(by=cast.actor("steering_team"), reason="Zu wenig")

    assert told(cast.project_group) == f"Amendment rejected: {measure}"


def test_a_round_asks_for_its_results_since_it_closed_and_for_priorities_since_they_were_published(cast):
    another = cast.member("project_group", name="another")
    ranking = rankings.closed(cast)
    assert told(another) == f"Closed on {day()}, please publish the results: {ranking}"

    ranking.publish(by=cast.actor("project_group"))

    words = f"Please decide on priorities, results of the ranking published on {day()}: {ranking}"
    assert told(cast.steering_team) == words


def test_what_waits_between_council_and_steering_team_says_since_when(cast):
    need = cast.need(Need.State.ANSWERED)
    assert told(cast.staff_council) == f"Your need was answered on {day()}: {need}"

    need.object(by=cast.actor("staff_council"), reason="Doch")
    assert told(cast.steering_team) == f"Objection of the staff council to answer, made on {day()}: {need}"

    need.answer_objection(by=cast.actor("steering_team"), reason="Es bleibt dabei")
    assert told(cast.staff_council) == f"Your objection was answered on {day()}: {need}"


def test_a_need_is_to_be_answered_by_its_day(cast):
    need = cast.need(Need.State.SUBMITTED)

    by = day((need.due_on - timezone.localdate()).days)
    assert told(cast.project_group) == f"New need of the staff council: {need} – by {by}"


def test_what_the_council_has_stated_is_to_be_concluded_by_the_end_of_the_period(cast):
    measure = cast.measure(State.IN_REVIEW)
    informed_on = timezone.localdate() - timedelta(days=1)
    participation = StaffParticipation.objects.start(
        measure, by=cast.actor("project_group"), kind="codetermination", informed_on=informed_on
    )

    participation.state_view(by=cast.actor("staff_council"), vote="consents")

    by = day((participation.due_on - timezone.localdate()).days)
    assert told(cast.project_group) == f"The staff council has stated its view: {measure} – by {by}"


# Where it leads


def open_from_mail(person):
    """What the person sees who follows the mail's link, is asked to sign in, and does."""
    cache.clear()  # of earlier attempts
    person.set_password(PASSWORD)
    person.save()
    mail = OutgoingMail.objects.filter(recipient=person).latest("pk")
    url = urlsplit(next(word for word in mail.body.split() if word.startswith("http"))).path
    browser = Client()
    sign_in = browser.get(url, follow=True)
    return url, browser.post(*sign_in_form(sign_in, person), follow=True)


def sign_in_form(page, person):
    """Where the page's form goes to, and what it sends."""
    reader = FormReader()
    reader.feed(page.content.decode())
    action, fields = next(form for form in reader.forms if any(name == "password" for name, _value in form[1]))
    return action, dict(fields) | {"login": person.username, "password": PASSWORD}


@pytest.mark.parametrize("name", ["department_head", "administrative_head", "other_head", "staff_council"])
def test_the_request_for_a_statement_leads_through_the_sign_in_to_its_form(cast, name):
    measure = cast.measure(State.IN_REVIEW)
    unit = {"other_head": cast.other_unit, "staff_council": None}.get(name, cast.unit)
    slot = measure.open_review().slots.get(unit=unit)

    url, page = open_from_mail(getattr(cast, name))

    assert url == reverse("measures:respond", args=[cast.strategy.slug, slot.pk])
    assert page.redirect_chain[-1][0] == url
    assert page.status_code == 200
    assert "vote" in page.context["form"].fields


def test_the_request_to_answer_in_several_places_leads_to_all_of_them(cast):
    above = cast.member("department_head", cast.unit, "above")
    above.memberships.create(strategy=cast.strategy, role="department_head", unit=cast.other_unit)
    review = cast.measure(State.IN_REVIEW).open_review()

    url, page = open_from_mail(above)

    assert url == review.get_absolute_url()
    answers = page.content.decode()
    for slot in review.slots.filter(unit__isnull=False):
        assert reverse("measures:respond", args=[cast.strategy.slug, slot.pk]) in answers
