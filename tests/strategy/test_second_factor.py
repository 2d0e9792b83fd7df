"""The second factor: set up, asked for, demanded by role, recovered, and of no use to who steals the database."""

import re
import time
from urllib.parse import unquote

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from measures.models import Measure
from measures.quick_status import quick_url
from strategy.models import AccessEvent, ApiToken, CalendarFeed, HistoryFeed, Role, Session, User
from strategy.second_factor import SecondFactorAdapter
from tests.pages import browser_of, text_of, typed_on

pytestmark = pytest.mark.django_db

PASSWORD = "Ein langes Kennwort 7"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def no_earlier_attempts():
    cache.clear()


@pytest.fixture
def person(cast):
    cast.project_group.set_password(PASSWORD)
    cast.project_group.save()
    return cast.project_group


def code_now(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def sign_in(client, user):
    return client.post("/accounts/login/", {"login": user.username, "password": PASSWORD})


def confirm(client, path):
    """Opens a page that asks for the password first."""
    answer = client.get(path)
    return client.post(answer.headers["Location"], {"password": PASSWORD, "next": path}, follow=True)


def set_up(client):
    """The app, through the pages. Returns its secret and the page with the recovery codes."""
    page = confirm(client, "/accounts/second-factor/app/activate/")
    secret = page.context["form"].secret
    return secret, client.post("/accounts/second-factor/app/activate/", {"code": code_now(secret)}, follow=True)


def addresses(page):
    main = page.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.findall(r'<a [^>]*href="([^"]*)"', main)


def demand(cast, *roles):
    cast.strategy.second_factor_roles = list(roles)
    cast.strategy.save()


# Set up and asked for


def test_each_page_of_it_leads_back(person):
    client, back = Client(), "/accounts/me/security/"
    sign_in(client, person)
    _secret, codes = set_up(client)
    pages = ["app/deactivate/", "codes/", "codes/generate/", "passkeys/add/"]

    for page in [
        codes,
        client.get("/accounts/password/change/"),
        *(client.get(f"/accounts/second-factor/{p}") for p in pages),
    ]:
        assert page.status_code == 200
        assert addresses(page).count(back) == 1, page.request["PATH_INFO"]


def test_the_recovery_codes_can_be_kept_as_a_file(person):
    """Once, and without the server: the file is part of the page that shows them."""
    client = Client()
    sign_in(client, person)
    _secret, page = set_up(client)

    link = page.content.decode().partition('download="worksttogether-codes.txt" href="')[2].partition('"')[0]

    kind, _comma, text = unquote(link).partition(",")
    assert kind == "data:text/plain;charset=utf-8"
    assert text.splitlines() == page.context["unused_codes"]
    assert "data:text" not in client.get("/accounts/second-factor/codes/").content.decode()


def test_the_app_is_set_up_and_its_code_is_asked_for(person):
    client = Client()
    sign_in(client, person)
    secret, _codes = set_up(client)
    client.post("/accounts/logout/")
    cache.clear()  # the code of this half minute may be used once

    answer = sign_in(client, person)
    assert answer.headers["Location"] == "/accounts/second-factor/authenticate/"
    assert "_auth_user_id" not in client.session

    wrong = client.post("/accounts/second-factor/authenticate/", {"code": "000000"})
    assert wrong.context["form"].errors["code"]
    assert client.post("/accounts/second-factor/authenticate/", {"code": code_now(secret)}).status_code == 302
    assert client.session["_auth_user_id"] == str(person.pk)


def test_a_code_works_once(person):
    TOTP.activate(person, SECRET)
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client, person)
        client.post("/accounts/second-factor/authenticate/", {"code": code_now(SECRET)})

    assert "_auth_user_id" in first.session
    assert "_auth_user_id" not in second.session


def test_who_guesses_codes_is_noted_and_stopped(person):
    """From whatever address: whoever guesses has the password already."""
    TOTP.activate(person, SECRET)
    guesses = [f"{int(code_now(SECRET)) + number:06}"[-6:] for number in range(3, 11)]
    for number, guess in enumerate(guesses):
        client = Client(REMOTE_ADDR=f"192.0.2.{number}")
        sign_in(client, person)
        client.post("/accounts/second-factor/authenticate/", {"code": guess})

    client.post("/accounts/second-factor/authenticate/", {"code": code_now(SECRET)})

    assert "_auth_user_id" not in client.session
    refused = AccessEvent.objects.filter(kind="sign_in_refused", user=person, because="wrong second factor")
    assert refused.count() == 5


def test_recovery_codes_are_shown_once_and_each_lets_in_once(person):
    client = Client()
    sign_in(client, person)
    _secret, page = set_up(client)
    codes = page.context["unused_codes"]
    assert len(codes) == 10
    assert codes[0] in page.content.decode()
    again = client.get("/accounts/second-factor/codes/")
    assert not any(code in again.content.decode() for code in codes)

    entered = []
    for _time in range(2):
        other = Client()
        sign_in(other, person)
        other.post("/accounts/second-factor/authenticate/", {"code": codes[3]})
        entered.append("_auth_user_id" in other.session)
    assert entered == [True, False]


def test_setting_it_up_ends_what_came_in_by_the_password_alone(person, django_capture_on_commit_callbacks):
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        sign_in(client, person)
    with django_capture_on_commit_callbacks(execute=True):
        set_up(here)

    assert here.get("/accounts/me/").status_code == 200
    assert elsewhere.get("/accounts/me/").status_code == 302


@pytest.mark.parametrize("path", ["app/deactivate/", "codes/generate/", "passkeys/add/"])
def test_nobody_changes_it_without_showing_who_they_are_once_more(person, path):
    client = Client()
    TOTP.activate(person, SECRET)
    client.force_login(person)

    answer = client.post(f"/accounts/second-factor/{path}")

    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    assert Authenticator.objects.filter(user=person, type="totp").exists()


# Of no use to who steals the database


def test_nothing_in_the_database_gives_a_code(person):
    client = Client()
    sign_in(client, person)
    secret, page = set_up(client)

    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    stored += str([session.get_decoded() for session in Session.objects.all()])
    assert secret not in stored
    assert not any(code in stored for code in page.context["unused_codes"])


def test_a_replaced_key_still_opens_what_an_earlier_one_locked(settings):
    adapter = SecondFactorAdapter()
    locked = adapter.encrypt(SECRET)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another-key-" * 6

    settings.SECRET_KEY_FALLBACKS = [old]
    assert adapter.decrypt(locked) == SECRET
    settings.SECRET_KEY_FALLBACKS = []
    assert adapter.decrypt(locked) not in (SECRET, "")
    assert adapter.decrypt(locked) != adapter.decrypt(locked)  # fits no code, not even a known one


# Demanded by role


def test_the_administrator_says_of_whom_it_is_asked(cast):
    browser = browser_of(cast.administrator)
    path = f"/{cast.strategy.slug}/settings/sign-in/"

    browser.post(path, typed_on(browser.get(path), second_factor_roles=[Role.STEERING_TEAM]))

    cast.strategy.refresh_from_db()
    assert cast.strategy.second_factor_roles == [Role.STEERING_TEAM]
    refused = browser.post(path, {"second_factor_roles": ["emperor"]})
    assert refused.status_code == 200
    assert refused.context["form"].errors["second_factor_roles"]


def test_who_lacks_it_is_led_to_it_from_the_next_request_on(cast):
    browser, slug = browser_of(cast.project_group), cast.strategy.slug
    assert browser.get(f"/{slug}/").status_code == 200
    demand(cast, Role.PROJECT_GROUP)

    for path in (f"/{slug}/", "/", "/accounts/me/", "/accounts/me/tokens/", "/accounts/password/change/"):
        assert browser.get(path).headers["Location"] == "/accounts/me/security/", path
    page = browser.get("/accounts/me/security/")
    assert "Your role needs a second factor" in text_of(page)
    assert "/accounts/password/change/" not in page.content.decode()
    assert "/accounts/me/tokens/" not in page.content.decode()
    assert browser.get(f"/{slug}/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/accounts/me/security/"
    assert browser_of(cast.reader).get(f"/{slug}/").status_code == 200
    assert browser.post("/accounts/logout/").status_code == 302


def test_what_was_typed_meanwhile_is_shown(cast):
    browser = browser_of(cast.project_group)
    demand(cast, Role.PROJECT_GROUP)

    answer = browser.post(f"/{cast.strategy.slug}/measures/new/", {"title": "Mobiles Arbeiten"})

    assert answer.status_code == 403
    assert "Mobiles Arbeiten" in text_of(answer)
    assert not Measure.objects.exists()


def test_a_deputy_needs_it_for_both_roles(cast):
    deputy = browser_of(cast.reader)
    demand(cast, Role.READER)

    assert deputy.get("/accounts/me/").headers["Location"] == "/accounts/me/security/"


def test_after_it_is_set_up_everything_is_open(cast, person):
    demand(cast, Role.PROJECT_GROUP)
    client = Client()
    sign_in(client, person)

    set_up(client)

    assert client.get(f"/{cast.strategy.slug}/").status_code == 200


def test_recovery_codes_alone_are_no_second_factor(cast):
    demand(cast, Role.PROJECT_GROUP)
    Authenticator.objects.create(user=cast.project_group, type="recovery_codes", data={"seed": "x", "used_mask": 0})

    assert browser_of(cast.project_group).get("/").headers["Location"] == "/accounts/me/security/"


def test_keys_feeds_and_links_rest_meanwhile(cast):
    user, measure = cast.project_group, cast.measure(Measure.State.RUNNING)
    _token, key = ApiToken.objects.issue(user, name="Programm", scope="read", days=9)
    calendar, history = CalendarFeed.objects.issue(user), HistoryFeed.objects.issue(user)
    link = quick_url(user, measure, None, timezone.localdate(), timezone.localdate())
    api = f"/api/v1/strategies/{cast.strategy.slug}/measures/"
    headers = {"Authorization": f"Bearer {key}"}

    def answers():
        return (
            Client().get(api, headers=headers).status_code,
            Client().get(f"/calendar/{history}/{cast.strategy.slug}.atom").status_code,
            Client().get(link).status_code,
            b"VEVENT" in Client().get(f"/calendar/{calendar}.ics").content,
            browser_of(user).get(api).status_code,
        )

    before = answers()
    demand(cast, Role.PROJECT_GROUP)
    during = answers()
    TOTP.activate(User.objects.get(pk=user.pk), SECRET)

    assert before[:3] == (200, 200, 200)
    assert (during[:3], during[4]) == ((403, 404, 410), 403)
    assert answers() == before


# Lost


def test_the_operator_resets_it(person, capsys):
    client = Client()
    sign_in(client, person)
    set_up(client)

    call_command("reset_second_factor", person.username)

    assert "Removed 2 factors and 1 sessions" in capsys.readouterr().out
    assert client.get("/accounts/me/").status_code == 302
    assert sign_in(Client(), person).headers["Location"] == "/"
