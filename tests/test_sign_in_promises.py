"""Promises P20 and P21: forms need their token, nothing leads off the site, nobody hears who has an account, and what
has been taken away is gone at the next request.
"""

import re

import pytest
import time_machine
from django.contrib.auth import hashers
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from measures.models import Measure
from measures.quick_status import quick_url
from strategy.models import ApiToken, CalendarFeed, HistoryFeed, Membership, Role, Session, User
from tests.factories import UserFactory
from tests.test_access_matrix import TABLE, URLS, furnish
from tests.world import INSIDE, World, undone

pytestmark = pytest.mark.django_db

PASSWORD = "Ein langes Kennwort 7"
ELSEWHERE = ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "javascript:alert(1)"]
READ_ONLY = (404, 405)


@pytest.fixture(autouse=True)
def no_earlier_attempts():
    cache.clear()


@pytest.fixture
def person(cast):
    return with_password(cast.project_group)


def with_password(user):
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client, login, password=PASSWORD, address="192.0.2.1", **more):
    return client.post("/accounts/login/", {"login": login, "password": password, **more}, REMOTE_ADDR=address)


def forgot(client, email, address="192.0.2.1"):
    return client.post("/accounts/password/reset/", {"email": email}, REMOTE_ADDR=address)


# P20


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), undone():
        yield furnish(World())


def who_may_post(page):
    """Somebody who is not refused there; nobody where an address takes no form."""
    takers = [people for status, people in page.post.items() if status not in READ_ONLY]
    return next((who for who in INSIDE for people in takers if who in people), None)


@pytest.mark.parametrize("name", sorted(n for n in URLS if not n.startswith("api") and who_may_post(TABLE[n])))
def test_no_address_takes_a_form_without_its_token(world, name):
    """Of everything the resolver knows; whoever may post there is refused, and only for the token."""
    page = TABLE[name]
    who = who_may_post(page)
    url = reverse(name, kwargs=page.kwargs(world, URLS[name]))
    client = Client(enforce_csrf_checks=True)
    client.force_login(getattr(world, who))

    with undone():
        answer = client.post(url)

    assert (answer.status_code, answer.templates[0].name) == (403, "403_csrf.html")


def test_a_browser_s_session_writes_by_the_api_only_with_the_token(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.project_group)

    answer = client.post(f"/api/v1/strategies/{cast.strategy.slug}/measures/", {}, content_type="application/json")

    assert answer.status_code == 403
    assert "CSRF" in answer.json()["detail"]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nothing_leads_off_the_site(cast, person, target):
    here = Client()
    here.force_login(person)
    answers = [
        sign_in(Client(), person.username, next=target),
        Client().post(f"/accounts/login/?next={target}", {"login": person.username, "password": PASSWORD}),
        here.get("/accounts/login/", {"next": target}),
        here.post("/language/", {"language": "de", "next": target}),
        here.post("/act-as/", {"deputyship": "", "next": target}),
        here.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": target}),
        here.post("/accounts/logout/", {"next": target}),
    ]

    led = [answer.headers["Location"] for answer in answers if answer.status_code == 302]
    assert len(led) == len(answers)
    assert [address for address in led if not re.match(r"/(?![/\\])", address)] == []


def test_there_is_no_admin_and_no_superuser(cast):
    """Django's admin is left out wholly: it would ask ``has_perm``, which lets a superuser pass, and no predicate."""
    superuser = UserFactory(is_superuser=True, is_staff=True)
    client = Client()
    client.force_login(superuser)

    assert not User.objects.exclude(pk=superuser.pk).filter(is_superuser=True).exists()
    assert client.get("/admin/").status_code == 404
    with pytest.raises(Resolver404):
        resolve("/admin/login/")
    assert client.get(f"/{cast.strategy.slug}/").status_code == 404


# P21: nobody hears who has an account


class Counting(MD5PasswordHasher):
    """Counts how often a password is worked on."""

    algorithm, count = "counting", 0

    def encode(self, password, salt):
        type(self).count += 1
        return super().encode(password, salt)


@pytest.fixture
def counting(settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
    hashers.get_hashers.cache_clear()
    Counting.count = 0
    yield Counting
    hashers.get_hashers.cache_clear()


def work_of(deed):
    """(status, address led to, number of hashes, kinds of queries) of a request."""
    Counting.count = 0
    with CaptureQueriesContext(connection) as queries:
        answer = deed()
    kinds = [re.sub(r"'[^']*'|\d+|NULL", "?", query["sql"]).split(" WHERE ")[0] for query in queries]
    return answer.status_code, answer.headers.get("Location"), Counting.count, kinds


@pytest.mark.parametrize("login", ["{}", "{}@example.org"])
@pytest.mark.usefixtures("counting")
def test_a_wrong_password_is_the_same_work_for_known_and_unknown(login):
    for name, is_active in (("anna", True), ("emil", False)):
        with_password(UserFactory(username=name, is_active=is_active))
    without = UserFactory(username="uwe")
    without.set_unusable_password()
    without.save()
    sign_in(Client(), "warm", "falsch")

    known, closed, unset, unknown = (
        work_of(lambda name=name, number=number: sign_in(Client(), login.format(name), "falsch", f"192.0.2.{number}"))
        for number, name in enumerate(("anna", "emil", "uwe", "otto"), 10)
    )

    assert known[2] > 0
    assert known == closed == unset == unknown


@pytest.mark.usefixtures("counting")
def test_a_forgotten_password_is_the_same_work_for_known_and_unknown():
    for name, is_active in (("anna", True), ("emil", False)):
        with_password(UserFactory(username=name, is_active=is_active))
    forgot(Client(), "warm@example.org")
    mail.outbox.clear()

    known, closed, unknown = (
        work_of(lambda name=name, number=number: forgot(Client(), f"{name}@example.org", f"192.0.2.{number}"))
        for number, name in enumerate(("anna", "emil", "otto"), 10)
    )

    assert known[3]
    assert known == closed == unknown
    assert [message.to for message in mail.outbox] == [[f"{name}@example.org"] for name in ("anna", "emil", "otto")]


def test_a_forgotten_password_is_answered_alike():
    with_password(UserFactory(username="anna"))
    addresses = ("anna@example.org", "otto@example.org")

    pages = [Client().post("/accounts/password/reset/", {"email": address}, follow=True) for address in addresses]

    assert [page.redirect_chain for page in pages] == [[("/accounts/password/reset/done/", 302)]] * 2
    assert len({re.sub(r'"X-CSRFToken": "\w+"|value="[^"]*"', "", page.content.decode()) for page in pages}) == 1
    assert [message.to for message in mail.outbox] == [[address] for address in addresses]


# Guessing


def test_who_attacks_from_elsewhere_locks_nobody_out(person):
    for number in range(18):
        sign_in(Client(), person.username, "falsch", f"203.0.113.{number % 3}")
    attacker, owner = Client(), Client()

    refused = sign_in(attacker, person.username, PASSWORD, "203.0.113.1")
    sign_in(owner, person.username, PASSWORD, "192.0.2.7")

    assert refused.context["form"].errors
    assert "_auth_user_id" not in attacker.session
    assert owner.session["_auth_user_id"] == str(person.pk)


def test_one_address_tries_no_list_of_people(person):
    tries = [sign_in(Client(), f"person-{number}", "falsch", "203.0.113.9") for number in range(31)]

    errors = {str(answer.context["form"].non_field_errors()) for answer in tries[:30]}
    assert len(errors) == 1
    assert str(tries[30].context["form"].non_field_errors()) not in errors


# Sessions


def test_the_key_of_a_session_changes_with_the_sign_in_and_dies_with_the_sign_out(person):
    client = Client()
    session = client.session
    session["seen"] = True
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before

    sign_in(client, person.username)
    during = client.session.session_key
    client.post("/accounts/logout/")

    assert before != during
    assert not Session.objects.filter(session_key__in=[before, during]).exists()


def test_a_session_ends_after_its_time_however_much_it_is_used(person):
    client = Client()
    with time_machine.travel("2026-11-27 08:00 +0100", tick=False) as clock:
        sign_in(client, person.username)
        for _hour in range(11):
            clock.shift(3600)
            assert client.get("/accounts/me/").status_code == 200
        clock.shift(3600 + 1)
        assert client.get("/accounts/me/").status_code == 302


def test_one_sees_and_ends_one_s_own_sessions_and_nobody_else_s(cast, person):
    stranger, here, there = Client(), Client(), Client()
    with_password(cast.reader)
    sign_in(stranger, cast.reader.username)
    for client, agent in (
        (here, "Mozilla/5.0 (Windows NT 10.0) Firefox/140"),
        (there, "Mozilla/5.0 (iPhone) Safari/1"),
    ):
        client.post("/accounts/login/", {"login": person.username, "password": PASSWORD}, headers={"user-agent": agent})

    page = here.get("/accounts/me/security/")
    devices = {session.device for session in page.context["sessions"]}
    foreign = Session.objects.get(user=cast.reader)
    refused = here.post("/accounts/me/security/end/", {"started_at": foreign.started_at.isoformat()})
    other = Session.objects.get(user=person, device="Safari, iPhone")
    here.post("/accounts/me/security/end/", {"started_at": other.started_at.isoformat()})

    assert devices == {"Firefox, Windows", "Safari, iPhone"}
    assert not any(key in page.content.decode() for key in Session.objects.values_list("session_key", flat=True))
    assert refused.status_code == 404
    assert [client.get("/accounts/me/").status_code for client in (stranger, here, there)] == [200, 200, 302]


def test_signing_out_everywhere_ends_every_session(person):
    here, there = Client(), Client()
    for client in (here, there):
        sign_in(client, person.username)

    here.post("/accounts/me/security/end-all/")

    assert [client.get("/accounts/me/").status_code for client in (here, there)] == [302, 302]
    assert not Session.objects.filter(user=person).exists()


def test_a_new_password_ends_the_other_sessions(person):
    here, there = Client(), Client()
    for client in (here, there):
        sign_in(client, person.username)
    new = "Ein anderes Kennwort 8"

    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})

    assert [client.get("/accounts/me/").status_code for client in (here, there)] == [200, 302]


# Rights are asked at each request


def doors_of(cast, user):
    """Every way in that a person has: {way: a request}."""
    measure = cast.measure(Measure.State.RUNNING)
    _token, key = ApiToken.objects.issue(user, name="Programm", scope="read", days=9)
    calendar, history = CalendarFeed.objects.issue(user), HistoryFeed.objects.issue(user)
    today = timezone.localdate()
    link, browser, slug = quick_url(user, measure, None, today, today), Client(), cast.strategy.slug
    browser.force_login(user)
    return {
        "page": lambda: browser.get(f"/{slug}/"),
        "token": lambda: Client().get(
            f"/api/v1/strategies/{slug}/measures/", headers={"Authorization": f"Bearer {key}"}
        ),
        "feed": lambda: Client().get(f"/calendar/{history}/{slug}.atom"),
        "calendar": lambda: Client().get(f"/calendar/{calendar}.ics"),
        "link": lambda: Client().get(link),
    }


def test_deactivation_bites_at_once_everywhere(cast):
    user = cast.project_group
    doors = doors_of(cast, user)
    before = {way: knock().status_code for way, knock in doors.items()}

    User.objects.filter(pk=user.pk).update(is_active=False)

    assert before == dict.fromkeys(doors, 200)
    after = {way: knock().status_code for way, knock in doors.items()}
    assert after == {"page": 302, "token": 401, "feed": 404, "calendar": 404, "link": 410}
    Client().post("/accounts/password/reset/", {"email": user.email})
    assert "/password/reset/key/" not in mail.outbox[-1].body


def test_a_role_that_has_ended_opens_nothing_from_the_next_request_on(cast):
    doors = doors_of(cast, cast.project_group)
    doors.pop("calendar")  # stays, empty
    before = {way: knock().status_code for way, knock in doors.items()}

    Membership.objects.filter(user=cast.project_group, role=Role.PROJECT_GROUP).delete()

    assert before == dict.fromkeys(doors, 200)
    after = {way: knock().status_code for way, knock in doors.items()}
    assert after == {"page": 404, "token": 404, "feed": 404, "link": 410}
