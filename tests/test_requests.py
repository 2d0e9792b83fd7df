"""Requests that no view can answer: too large, too late, not signed in."""

import pytest
from django.test import Client

from tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(client):
    user = MembershipFactory().user
    client.force_login(user)
    return user


def test_a_stranger_is_asked_to_sign_in_and_led_back(client):
    assert client.get("/some-strategy/").headers["Location"] == "/accounts/login/?next=/some-strategy/"


def test_the_sign_in_page_offers_no_account(client):
    page = client.get("/accounts/login/")

    assert page.status_code == 200
    assert b'name="login"' in page.content
    assert b'name="password"' in page.content
    assert b"signup" not in page.content
    assert client.get("/accounts/signup/").status_code == 404


def test_a_list_that_outlives_its_session_is_loaded_anew(client):
    response = client.get("/some-strategy/", headers={"HX-Request": "true"})

    assert response.headers["HX-Refresh"] == "true"


def test_what_was_typed_outlives_the_session(client):
    response = client.post("/some-strategy/", {"title": "Mobiles Arbeiten", "password": "geheim", "next": "/"})

    assert response.status_code == 403
    assert response.context["typed"] == [("title", "Mobiles Arbeiten")]
    assert "Mobiles Arbeiten" in response.content.decode()


def test_what_was_typed_outlives_the_token_of_its_form():
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory())

    response = client.post("/some-strategy/", {"title": "Mobiles Arbeiten", "csrfmiddlewaretoken": "old"})

    assert response.status_code == 403
    assert response.context["typed"] == [("title", "Mobiles Arbeiten")]


@pytest.mark.usefixtures("member")
def test_a_body_above_the_limit_is_refused_before_it_is_read(client, settings):
    settings.LARGEST_BODY = 1000

    response = client.post("/", {"text": "x" * 1000})

    assert response.status_code == 413
    assert response.templates[0].name == "413.html"


@pytest.mark.usefixtures("member")
def test_a_form_above_the_limit_gets_the_same_page(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "x" * 1000})

    assert response.status_code == 413
    assert response.templates[0].name == "413.html"


def test_more_fields_than_a_form_can_have_are_a_bad_request(client, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3

    response = Client(enforce_csrf_checks=True).post("/accounts/login/", dict.fromkeys("abcd", "x"))

    assert response.status_code == 400


@pytest.mark.parametrize(
    ("came_from", "way"),
    [
        ("http://testserver/accounts/me/security/?a=1", "/accounts/login/?next=/accounts/me/security/%3Fa%3D1"),
        ("http://evil.example/accounts/me/security/", "/accounts/login/"),
        ("", "/accounts/login/"),
    ],
)
def test_an_ended_session_leads_back_to_the_page_of_the_form(client, came_from, way):
    """Not to the address of its button, where nothing is to be read."""
    answer = client.post("/accounts/me/security/end-all/", headers={"referer": came_from})

    assert answer.status_code == 403
    assert f'href="{way}"' in answer.content.decode()


def test_pages_run_no_script_but_ours(client):
    policy = client.get("/accounts/login/")["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy  # so that default-src rules


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example"])
def test_a_foreign_host_is_a_bad_request(client, host):
    assert client.get("/accounts/login/", headers={"host": host}).status_code == 400


def logged(caplog):
    return [record.msg["request"] for record in caplog.records if record.name.startswith("django_structlog")]


def test_a_request_is_logged_without_what_was_searched_for(client, caplog):
    client.get("/accounts/login/", {"q": "geheim"})

    assert logged(caplog) == ["GET /accounts/login/"]


def test_the_key_of_a_new_password_is_in_no_log(client, caplog):
    client.get("/accounts/password/reset/key/1-abcdef-0123456789/")

    assert logged(caplog) == ["GET /accounts/password/reset/key/1-…/"]
    assert "0123456789" not in caplog.text


@pytest.mark.usefixtures("member")
def test_the_pages_of_a_person_are_kept_by_no_browser(client):
    """Or the back button would show them to whoever sits down after the sign-out."""
    kept = {path: client.get(path).headers["Cache-Control"] for path in ("/strategies/", "/accounts/me/", "/no/page/")}

    assert kept == dict.fromkeys(kept, "private, no-store")


def test_pages_for_everybody_may_be_kept(client):
    assert not client.get("/pages/help/").has_header("Cache-Control")


@pytest.mark.parametrize(
    "path", ["/", "/strategies/", "/accounts/me/", "/pages/help/", "/{0}/", "/{0}/tasks/", "/{0}/reports/"]
)
def test_what_can_be_read_can_be_asked_for_its_head(client, member, path):
    address = path.format(member.memberships.get().strategy.slug)

    answers = client.get(address), client.head(address)

    assert [answer.status_code for answer in answers] == [answers[0].status_code] * 2
    assert answers[1].content == b""
