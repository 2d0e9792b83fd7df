"""Signing in, and getting a password, tell nobody who has an account."""

import re

import pytest
from django.core import mail
from django.core.cache import cache

from strategy.models import User
from tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "Ein langes Kennwort 7"


@pytest.fixture(autouse=True)
def no_earlier_attempts():
    cache.clear()


@pytest.fixture
def person():
    user = MembershipFactory(user=UserFactory(username="anna", email="anna@example.org")).user
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client, login, password):
    return client.post("/accounts/login/", {"login": login, "password": password})


def without_secrets(page):
    """The page without what differs each time: the form's token and what was typed."""
    return re.sub(r'value="[^"]*"|"X-CSRFToken": "\w+"', "", page.content.decode())


@pytest.mark.parametrize("login", ["anna", "anna@example.org"])
def test_user_name_and_address_lead_to_the_start_page(client, person, login):
    response = sign_in(client, login, PASSWORD)

    assert response.headers["Location"] == "/"
    assert client.get("/").headers["Location"] == f"/{person.memberships.get().strategy.slug}/"


@pytest.mark.parametrize("login", ["{}", "{}@example.org"])
def test_a_known_and_an_unknown_name_get_the_same_answer(client, person, login):
    known, unknown = (sign_in(client, login.format(name), "falsch") for name in ("anna", "otto"))

    assert (known.status_code, unknown.status_code) == (200, 200)
    assert known.context["form"].non_field_errors() == ["User name or password is wrong."]
    assert without_secrets(known) == without_secrets(unknown)


def test_a_deactivated_person_is_refused_like_a_stranger(client, person):
    person.is_active = False
    person.save()

    assert sign_in(client, "anna", "falsch").status_code == 200
    assert "_auth_user_id" not in client.session
    sign_in(client, "anna", PASSWORD)
    assert "_auth_user_id" not in client.session


def test_after_five_wrong_passwords_even_the_right_one_has_to_wait(client, person):
    for _attempt in range(5):
        sign_in(client, "anna", "falsch")

    response = sign_in(client, "anna", PASSWORD)

    assert response.context["form"].non_field_errors() == ["Please wait a little before you try again."]
    assert "_auth_user_id" not in client.session


def test_signing_in_leads_to_no_other_site(client, person):
    response = client.post(
        "/accounts/login/", {"login": "anna", "password": PASSWORD, "next": "https://elsewhere.example/"}
    )

    assert response.headers["Location"] == "/"


def test_the_session_key_changes_with_the_sign_in(client, person):
    client.get("/accounts/login/")
    client.post("/language/", {"language": "en"})
    session = client.session
    session["seen"] = True
    session.save()
    before = session.session_key

    sign_in(client, "anna", PASSWORD)

    assert client.session.session_key != before


def test_reset_answers_a_known_and_an_unknown_address_alike(client, person):
    known, unknown = (
        client.post("/accounts/password/reset/", {"email": address}) for address in ("anna@example.org", "otto@x.org")
    )

    assert (known.status_code, known.headers["Location"]) == (302, "/accounts/password/reset/done/")
    assert (unknown.status_code, unknown.headers["Location"]) == (302, "/accounts/password/reset/done/")
    assert [message.to for message in mail.outbox] == [["anna@example.org"], ["otto@x.org"]]


def test_a_new_person_gets_a_first_password_by_mail(client, settings):
    settings.BASE_URL = "https://portal.example"
    person = MembershipFactory(user=UserFactory(username="neu", email="neu@example.org")).user
    person.set_unusable_password()
    person.save()

    client.post("/accounts/password/reset/", {"email": "neu@example.org"}, headers={"host": "127.0.0.1"})
    link = re.search(r"https://portal\.example(/accounts/password/reset/key/\S+)", mail.outbox[0].body)[1]
    form_page = client.get(link).headers["Location"]
    client.post(form_page, {"password1": PASSWORD, "password2": PASSWORD})

    assert sign_in(client, "neu", PASSWORD).headers["Location"] == "/"
    assert client.get(link).context["token_fail"]


def test_nobody_signs_up(client):
    assert client.get("/accounts/signup/").status_code == 404


# In the words of the portal


NOT_OURS = re.compile(r"[Pp]asswor(?!d)|\b[Dd]ein|\b[Dd]u\b|Authentifizier")  # the libraries' words; fields have names


def said(page):
    """What stands there for people to read."""
    return re.sub(r"<script.*?</script>|<[^>]*>", " ", page.content.decode(), flags=re.DOTALL)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"oldpassword": "falsch"}, "Jetziges Kennwort: Das ist nicht Ihr jetziges Kennwort."),
        (
            {"password1": "kurz"},
            "Neues Kennwort: Dieses Kennwort ist zu kurz. Es muss mindestens 12 Zeichen lang sein.",
        ),
        (
            {"password1": "anna@example.org"},
            "Neues Kennwort: Das Kennwort ist zu ähnlich zu: E-Mail-Adresse.",
        ),
        ({"password1": "kartoffelpuffer"}, "Neues Kennwort: Dieses Kennwort ist allgemein bekannt."),
        ({"password2": "anders"}, "Neues Kennwort, noch einmal: Bitte geben Sie zweimal dasselbe Kennwort ein."),
    ],
)
def test_a_password_that_cannot_be_is_refused_in_our_words(client, person, typed, told):
    User.objects.update(language="de")
    client.force_login(person)
    right = {"oldpassword": PASSWORD, "password1": "Ein ganz anderes 8", "password2": "Ein ganz anderes 8"}
    both = {"password2": typed["password1"]} if "password1" in typed else {}

    page = client.post("/accounts/password/change/", right | typed | both)

    assert told in said(page)
    assert not NOT_OURS.search(said(page))
    assert "ist noch da" not in said(page)


def test_who_confirms_with_a_wrong_password_is_told_so_in_our_words(client, person):
    User.objects.update(language="de")
    client.force_login(person)

    page = client.post("/accounts/reauthenticate/", {"password": "falsch"})

    assert "Kennwort: Dieses Kennwort stimmt nicht." in said(page)


def test_no_library_says_du(client):
    """Catalogues of several libraries know these sentences; ours comes first."""
    page = client.post("/accounts/password/reset/", {"email": "nix@"}, headers={"accept-language": "de"})

    assert "E-Mail-Adresse: Bitte eine gültige E-Mail-Adresse eingeben." in said(page)


def test_who_has_no_password_is_led_to_what_they_have(client, person):
    person.set_unusable_password()
    person.save()
    client.force_login(person)

    answer = client.get("/accounts/password/change/", follow=True)

    assert answer.redirect_chain[-1][0] == "/accounts/me/security/"
