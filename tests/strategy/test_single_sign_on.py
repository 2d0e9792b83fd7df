"""Signing in with the office account, at a real OpenID provider: npm's ``oidc-provider`` as a process.

Nothing here has been tried with Keycloak or ADFS.
"""

import json
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urljoin

import psycopg
import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.db import connection
from django.test import Client
from playwright.sync_api import expect

from strategy.models import AccessEvent, GroupRole, Membership, Role, User
from tests.factories import Cast
from tests.processes import environment
from tests.services import free_port

GROUP = "HR-Projektgruppe"
ANNA = {
    "preferred_username": "Anna.Beispiel@stadt.example",
    "email": "anna@stadt.example",
    "email_verified": True,
    "groups": [GROUP, "Alle"],
}


@pytest.fixture
def cast(transactional_db):
    cache.clear()
    return Cast()


@pytest.fixture
def mapped(cast):
    return GroupRole.objects.create(strategy=cast.strategy, group=GROUP, role=Role.PROJECT_GROUP)


class Directory:
    """The city's people, as the provider reads them at each sign-in."""

    def __init__(self, path):
        self.path = path
        self.tell(anna=ANNA)

    def tell(self, **people):
        self.path.write_text(json.dumps(people))


@pytest.fixture
def service(settings, live_server):
    """The portal's settings for a provider; it does not run yet."""
    port = free_port()
    app = {
        "provider_id": "oidc-test",
        "name": "Dienstkonto",
        "client_id": "portal",
        "secret": "a secret of the portal",
        "settings": {"server_url": f"http://127.0.0.1:{port}", "oauth_pkce_enabled": True},
    }
    settings.OIDC = app
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    return port


@contextmanager
def provider(port, live_server, people):
    callback = f"{live_server.url}/accounts/single-sign-on/oidc-test/login/callback/"
    node = shutil.which("node") or Path(sys.executable).with_name("node")  # where ./run has brought one along
    command = [node, "tests/oidc_provider.mjs", str(port), callback, str(people)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as program:
        try:
            assert program.stdout.readline() == "ready\n"
            yield
        finally:
            program.kill()


@pytest.fixture
def directory(service, live_server, tmp_path):
    directory = Directory(tmp_path / "people.json")
    with provider(service, live_server, directory.path):
        yield directory


def come_in(page, name="anna"):
    """With a fresh browser: to the provider, its own two pages, and back."""
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    page.get_by_role("link", name="Mit Dienstkonto anmelden").click()
    page.locator("[name=login]").fill(name)
    page.locator("[name=password]").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile(r"^(?!.*/(auth|interaction)/)"))


def roles_of(user):
    return {(m.role, m.unit_id) for m in Membership.objects.valid().filter(user=user)}


def test_a_group_gives_the_role_and_takes_it(page, axe, cast, mapped, directory):
    page.goto("/accounts/login/")
    axe(page)
    come_in(page)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.url.endswith(f"/{cast.strategy.slug}/")
    anna = User.objects.get(username="annabeispiel")
    assert roles_of(anna) == {(Role.PROJECT_GROUP, None)}
    assert (anna.email, anna.has_usable_password(), anna.is_superuser) == ("anna@stadt.example", False, False)
    account = SocialAccount.objects.get()
    assert (account.uid, account.extra_data) == ("anna", {})

    GroupRole.objects.create(strategy=cast.strategy, group="Amt 10", role=Role.DEPARTMENT_HEAD, unit=cast.unit)
    directory.tell(anna=ANNA | {"groups": "Amt 10"})
    come_in(page)
    assert roles_of(anna) == {(Role.DEPARTMENT_HEAD, cast.unit.pk)}

    directory.tell(anna=ANNA | {"groups": []})
    come_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ihr Dienstkonto hat hier keinen Zugang")
    axe(page)
    assert roles_of(anna) == set()
    page.goto("/")
    expect(page.get_by_label("Kennwort", exact=True)).to_be_visible()

    directory.tell(anna=ANNA)
    come_in(page)
    assert roles_of(anna) == {(Role.PROJECT_GROUP, None)}
    assert User.objects.filter(username__startswith="anna").count() == 1


@pytest.mark.usefixtures("mapped")
def test_an_unknown_group_is_refused_and_leaves_no_account(page, directory):
    directory.tell(anna=ANNA | {"groups": ["Alle"]})
    people = User.objects.count()

    come_in(page)

    expect(page.get_by_role("heading", level=1)).to_have_text("Ihr Dienstkonto hat hier keinen Zugang")
    assert (User.objects.count(), SocialAccount.objects.count()) == (people, 0)


@pytest.mark.parametrize(
    ("match", "verified", "gets_in"), [(True, True, True), (False, True, False), (True, False, None)]
)
@pytest.mark.usefixtures("mapped")
def test_an_existing_account_is_found_by_its_address_only_where_allowed(
    page, cast, directory, settings, match, verified, gets_in
):
    """Where the address does not count, it is no reason to enter: refused if it is another's, new without it else."""
    settings.OIDC_MATCH_EMAIL = match
    User.objects.filter(pk=cast.reader.pk).update(email="Anna@stadt.example")
    directory.tell(anna=ANNA | {"email_verified": verified})

    come_in(page)

    account = SocialAccount.objects.filter(user=cast.reader)
    assert account.exists() is (gets_in is True)
    if gets_in is False:
        expect(page.get_by_role("heading", level=1)).to_have_text("Ihr Dienstkonto hat hier keinen Zugang")
    if gets_in is None:
        assert SocialAccount.objects.get().user.email == ""
    if gets_in:
        assert roles_of(cast.reader) == {(Role.READER, None), (Role.PROJECT_GROUP, None)}
        directory.tell(anna=ANNA | {"groups": []})
        come_in(page)
        assert roles_of(cast.reader) == {(Role.READER, None)}  # what was entered by hand stays


@pytest.mark.usefixtures("mapped")
def test_who_is_deactivated_stays_out(page, directory):
    come_in(page)
    User.objects.filter(username="annabeispiel").update(is_active=False)

    come_in(page)

    expect(page.get_by_role("heading", level=1)).to_have_text("Dieser Zugang ist abgeschaltet")


def test_leaving_the_provider_leads_back_with_a_word(page, live_server, service):
    page.goto("/accounts/single-sign-on/oidc-test/login/callback/?error=access_denied&state=unknown")

    expect(page.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.usefixtures("service")
def test_a_provider_that_is_down_gives_a_page_and_no_fault(page, axe, transactional_db):
    answer = page.goto("/accounts/single-sign-on/oidc-test/login/")

    assert answer.status == 503
    expect(page.get_by_role("heading", level=1)).to_have_text("Der Anmeldedienst antwortet nicht")
    axe(page)


@pytest.mark.usefixtures("mapped")
def test_the_provider_asks_for_proof_of_who_began(directory, live_server):
    """PKCE: the way there carries the digest of a secret that only this session knows."""
    location = Client().get("/accounts/single-sign-on/oidc-test/login/").headers["Location"]

    assert "code_challenge_method=S256" in location
    assert re.search(r"code_challenge=[\w-]{43}", location)


def test_nobody_adds_an_office_account_to_the_one_they_are_in(cast, service):
    """Only a sign-in is understood; an address a person is lured to must not tie a stranger's account to theirs."""
    browser = Client()
    browser.force_login(cast.reader)

    answer = browser.get("/accounts/single-sign-on/oidc-test/login/callback/", {"code": "x", "state": "unknown"})

    assert answer.status_code in (403, 502, 503)
    assert not SocialAccount.objects.exists()


# Without a browser: what happens between two answers


@pytest.fixture
def to_and_fro(directory, live_server):
    """``to_and_fro(name)``: a client that has been to the provider and its two pages, and the address back in."""

    def went(name="anna"):
        client = Client(raise_request_exception=False, HTTP_HOST=live_server.url.removeprefix("http://"))
        there = requests.Session()
        page = there.get(client.get("/accounts/single-sign-on/oidc-test/login/").headers["Location"])
        for typed in ({"prompt": "login", "login": name, "password": "any"}, {"prompt": "consent"}):
            page = there.post(re.search(r'action="([^"]+)"', page.text)[1], typed, allow_redirects=False)
            while "/login/callback/" not in (location := page.headers.get("Location", "")) and location:
                page = there.get(urljoin(page.url, location), allow_redirects=False)
        return client, location

    return went


def at_once(*doors, table="socialaccount_socialaccount"):
    """Let them in while somebody else keeps that table, so that nothing is written to it before all have looked."""

    def enter(door):
        client, address = door
        try:
            return client.get(address).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(doors)) as pool, closing(psycopg.connect(environment()["DATABASE_URL"])) as keeper:
        keeper.execute(f"LOCK TABLE {table} IN SHARE MODE")
        answers = [pool.submit(enter, door) for door in doors]
        until_they_wait(keeper, len(doors))
        keeper.commit()
        return [answer.result() for answer in answers]


def until_they_wait(keeper, number):
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    for _look in range(50_000):
        keeper.execute("SELECT pg_stat_clear_snapshot()")
        if keeper.execute(waiting).fetchone()[0] == number:
            return
    pytest.fail("They do not come to the table together.")


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.usefixtures("mapped")
def test_two_first_sign_ins_at_once_lead_to_one_account(cast, to_and_fro, settings, known):
    settings.OIDC_MATCH_EMAIL = True
    if known:
        User.objects.filter(pk=cast.reader.pk).update(email=ANNA["email"])
    doors = [to_and_fro() for _window in range(2)]

    assert at_once(*doors) == [302, 302]

    account = SocialAccount.objects.get()
    assert (account.uid, account.user == cast.reader) == ("anna", known)
    assert User.objects.filter(email=ANNA["email"]).count() == 1
    assert {client.session["_auth_user_id"] for client, _address in doors} == {str(account.user_id)}
    assert (Role.PROJECT_GROUP, None) in roles_of(account.user)


@pytest.mark.usefixtures("mapped")
def test_two_people_of_one_name_at_once_get_an_account_each(directory, to_and_fro):
    directory.tell(anna=ANNA, anne=ANNA | {"email": "anne@stadt.example"})

    assert at_once(to_and_fro("anna"), to_and_fro("anne")) == [302, 302]

    found = SocialAccount.objects.values_list("uid", "user__email")
    assert set(found) == {("anna", "anna@stadt.example"), ("anne", "anne@stadt.example")}
    assert set(User.objects.filter(username__startswith="anna").values_list("username", flat=True)) == {
        "annabeispiel",
        "annabeispiel-2",
    }


@pytest.mark.usefixtures("mapped")
def test_two_sign_ins_at_once_give_a_new_role_once(cast, directory, to_and_fro):
    client, address = to_and_fro()
    client.get(address)
    anna = SocialAccount.objects.get().user
    GroupRole.objects.create(strategy=cast.strategy, group="Alle", role=Role.STAFF_COUNCIL)

    assert at_once(to_and_fro(), to_and_fro(), table="strategy_membership") == [302, 302]

    assert roles_of(anna) == {(Role.PROJECT_GROUP, None), (Role.STAFF_COUNCIL, None)}


@pytest.mark.usefixtures("mapped")
def test_nobody_lies_in_wait_at_somebody_elses_address(cast, to_and_fro, settings):
    """Whoever enters an address for themselves does not get its owner as a guest, roles and all."""
    settings.OIDC_MATCH_EMAIL = True
    cast.reader.set_password("Ein langes Kennwort 7")
    cast.reader.save()
    waiting = Client()
    waiting.force_login(cast.reader)
    typed = {"email": ANNA["email"], "password": "Ein langes Kennwort 7"}
    assert waiting.post("/accounts/me/email/", typed).status_code == 302
    person = User.objects.get(pk=cast.reader.pk)
    person.function = "Amt 10"
    person.save()  # by somebody else; the address is still of the person's own making

    client, address = to_and_fro()

    assert client.get(address).status_code == 403
    assert not SocialAccount.objects.exists()


@pytest.mark.usefixtures("mapped")
def test_an_address_that_an_administrator_entered_counts(cast, to_and_fro, settings):
    settings.OIDC_MATCH_EMAIL = True
    cast.reader.email = ANNA["email"]
    cast.reader._history_user = cast.administrator
    cast.reader.save()
    client, address = to_and_fro()

    assert client.get(address).status_code == 302
    assert SocialAccount.objects.get().user == cast.reader


@pytest.mark.usefixtures("mapped")
def test_a_refusal_stands_in_the_audit_trail(directory, to_and_fro):
    directory.tell(anna=ANNA | {"groups": ["Alle"]})
    client, address = to_and_fro()

    assert client.get(address).status_code == 403

    refused = AccessEvent.objects.get(kind="sign_in_refused")
    assert (refused.because, refused.user) == ("single sign-on: no group", None)
