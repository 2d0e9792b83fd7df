"""Keys for programs: made and shown once, bound to the person's rights, revoked at once."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from strategy import audit
from strategy.api import limits
from strategy.models import AccessEvent, ApiToken, Membership

pytestmark = pytest.mark.django_db
URL = "/accounts/me/tokens/"


@pytest.fixture
def browser(world):
    client = Client()
    client.force_login(world.project_group)
    return client


def made(browser, **values):
    token = browser.get(URL).context["form"]["token"].value()
    return browser.post(URL, {"token": token, "name": "Haushalt", "scope": "read", "days": "30"} | values)


def test_a_key_is_shown_once_and_stored_as_a_hash(browser, world):
    page = made(browser)

    key = page.context["key"]
    assert key.startswith("wst_")
    assert key in page.content.decode()
    assert key not in browser.get(URL).content.decode()
    assert key not in str(list(ApiToken.objects.values_list()))


def test_a_form_sent_twice_makes_one_key(browser):
    token = browser.get(URL).context["form"]["token"].value()

    made(browser, token=token)
    again = made(browser, token=token)

    assert again.status_code == 302
    assert ApiToken.objects.count() == 1


def test_a_form_that_is_wrong_says_so_and_makes_nothing(browser):
    page = made(browser, name="", days="9999")

    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"name", "days"}
    assert not ApiToken.objects.exists()


def test_a_revoked_key_opens_nothing_at_once(browser, world, program):
    group = program()
    assert group.ask("get", "measures/").status_code == 200

    browser.post(reverse("strategy:token-revoke", args=[group.token.pk]))

    assert group.ask("get", "measures/").status_code == 401


def test_nobody_revokes_or_sees_the_key_of_another(browser, world, program):
    theirs = program("lead_head").token

    assert browser.post(reverse("strategy:token-revoke", args=[theirs.pk])).status_code == 404
    assert "Test" not in browser.get(URL).content.decode()
    assert ApiToken.objects.filter(pk=theirs.pk).exists()


@pytest.mark.parametrize("key", ["", "x", "wst_", "wst_x\x00", "Ü"])
def test_what_is_no_key_is_refused_and_says_how_to_sign_in(key, world, program):
    group = program()
    group.key = key

    answer = group.ask("get", "measures/")

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer["Content-Type"] == "application/problem+json"


def test_an_expired_key_opens_nothing(world, program):
    group = program()
    ApiToken.objects.update(expires_on=timezone.localdate() - timedelta(days=1))

    assert group.ask("get", "measures/").status_code == 401


# What the audit trail keeps of keys that open nothing


def refusals():
    return list(AccessEvent.objects.filter(kind="refused").values_list("user", "because", "address"))


def knock(key, address="192.0.2.1"):
    headers = {"Authorization": f"Bearer {key}"}
    return Client().get("/api/v1/strategies/", headers=headers, REMOTE_ADDR=address).status_code


HERE = "api:strategy-list"


def test_a_key_that_opens_nothing_is_noted_and_sealed(world, program):
    expired, closed, revoked = program(), program("reader"), program("lead_head")
    ApiToken.objects.filter(pk=expired.token.pk).update(expires_on=timezone.localdate() - timedelta(days=1))
    type(world.reader).objects.filter(pk=world.reader.pk).update(is_active=False)
    revoked.token.delete()

    assert [knock(each.key) for each in (expired, closed, revoked)] == [401] * 3

    assert refusals() == [
        (world.project_group.pk, "key of a program: no longer valid", HERE),
        (world.reader.pk, "key of a program: no longer valid", HERE),
        (None, "key of a program: unknown", HERE),
    ]
    assert revoked.key not in str(list(AccessEvent.objects.values()))
    audit.seal()
    assert audit.verify().broken == []


@time_machine.travel("2026-10-05T10:00:20+02:00", tick=False)
def test_who_guesses_keys_cannot_fill_the_trail(world, monkeypatch):
    for number in range(20):
        knock(f"wst_{number}")
    assert len(refusals()) == 1

    monkeypatch.setattr(limits, "MOST_REFUSALS", 5)
    for number in range(20):
        knock("wst_x", f"198.51.100.{number}")
    assert len(refusals()) == 5

    with time_machine.travel("2026-10-05T11:00:00+02:00", tick=False):
        knock("wst_x")
    assert len(refusals()) == 6


def test_a_key_that_holds_is_no_refusal(program):
    assert knock(program().key) == 200
    assert refusals() == []


def test_a_key_loses_its_rights_with_the_role_and_opens_nothing_for_a_closed_account(world, program):
    group = program()

    Membership.objects.filter(user=world.project_group).update(valid_to=timezone.localdate() - timedelta(days=1))
    without_role = group.ask("get", "measures/").status_code
    type(world.project_group).objects.filter(pk=world.project_group.pk).update(is_active=False)
    closed = group.ask("get", "measures/").status_code

    assert (without_role, closed) == (404, 401)


def test_the_day_of_the_last_use_is_noted(program):
    group = program()

    group.get("measures/")

    group.token.refresh_from_db()
    assert group.token.used_on == timezone.localdate()


def test_a_browser_writes_with_its_csrf_token_alone(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.project_group)
    url = f"/api/v1/strategies/{world.strategy.slug}/measures/"

    answer = client.post(url, {"title": "Neu", "field": world.field.letter}, "application/json")

    assert client.get(url).status_code == 200
    assert answer.status_code == 403


def test_a_deputy_writes_in_the_browser_with_the_rights_chosen_there(world):
    """A key has the person's own rights alone."""
    from tests.world import Door

    door = Door(world, ("deputy_of_lead_head",))
    url = f"/api/v1/strategies/{world.strategy.slug}/needs/"

    assert door.knock("deputy_of_lead_head", "get", url).status_code == 200


@pytest.mark.parametrize("address", ["/api/", "/api/v1/", "/api/v1/nothing/", "/api/v2/strategies/"])
def test_an_address_that_leads_nowhere_is_a_problem_and_no_page(address, program):
    answer = program().ask("get", address)

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_schema_and_its_page_tell_of_every_address(client):
    schema, page = client.get("/api/schema/"), client.get("/api/docs/")

    assert schema.status_code == 200
    text = page.content.decode()
    assert page.status_code == 200
    for name in ("measures", "milestones", "status-updates", "indicators", "resources", "reviews", "needs", "rankings"):
        assert f"/api/v1/strategies/{{slug}}/{name}/" in text
