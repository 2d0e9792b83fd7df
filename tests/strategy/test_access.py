"""What the audit trail keeps of accesses: sign-ins, refusals, what leaves as a file, keys of programs. No contents."""

import pytest
from django.core.cache import cache
from django.db import DatabaseError
from django.test import Client

from measures.models import Measure
from strategy.models import AccessEvent, ApiToken
from tests.pages import browser_of, typed_on
from tests.world import World

pytestmark = pytest.mark.django_db

PASSWORD = "Ein langes Kennwort 7"
KIND = AccessEvent.Kind


@pytest.fixture(autouse=True)
def no_earlier_attempts():
    cache.clear()


def noted(*names):
    return list(AccessEvent.objects.values_list(*(names or ("kind", "user_id", "address", "reference"))))


def test_who_signs_in_and_out_is_noted(cast, client):
    cast.reader.set_password(PASSWORD)
    cast.reader.save()

    for password in ("falsch", PASSWORD):
        client.post("/accounts/login/", {"login": cast.reader.username, "password": password})
    client.post("/accounts/logout/")

    assert noted("kind", "user_id", "because") == [
        (KIND.SIGN_IN_REFUSED, cast.reader.pk, "wrong name or password"),
        (KIND.SIGNED_IN, cast.reader.pk, ""),
        (KIND.SIGNED_OUT, cast.reader.pk, ""),
    ]


def test_what_was_typed_at_the_sign_in_is_not_kept(client):
    client.post("/accounts/login/", {"login": "Kanarienvogel", "password": PASSWORD})

    (event,) = AccessEvent.objects.values()
    assert event["user_id"] is None
    assert "Kanarienvogel" not in str(event)


def test_a_refusal_is_noted_with_its_page(cast):
    measure = cast.measure(Measure.State.DECIDED)

    browser_of(cast.reader).get(f"/{cast.strategy.slug}/measures/{measure.code}/edit/?q=Kanarienvogel")

    assert noted("kind", "user_id", "address", "reference", "strategy_id") == [
        (KIND.REFUSED, cast.reader.pk, "measures:edit", measure.code, cast.strategy.pk)
    ]


def test_what_is_not_there_is_no_refusal(cast):
    browser_of(cast.reader).get(f"/{cast.strategy.slug}/measures/Z99/")

    assert noted() == []


@pytest.mark.parametrize(
    ("path", "kind", "address"),
    [
        ("measures/?export=csv&q=Kanarienvogel", KIND.EXPORTED, "measures:list"),
        ("measures/{code}/sheet.pdf", KIND.DOWNLOADED, ""),
        ("brochure.pdf", KIND.DOWNLOADED, "reporting:brochure-pdf"),
    ],
)
def test_what_leaves_as_a_file_is_noted(cast, path, kind, address):
    measure = cast.measure(Measure.State.DECIDED)

    answer = browser_of(cast.reader).get(f"/{cast.strategy.slug}/{path.format(code=measure.code)}")

    assert answer.status_code == 200
    (event,) = AccessEvent.objects.all()
    assert (event.kind, event.user, event.strategy) == (kind, cast.reader, cast.strategy)
    assert event.address == address or not address
    assert "Kanarienvogel" not in str(AccessEvent.objects.values().get())


def test_a_deputy_is_noted_with_whom_they_stand_in_for(db):
    world = World()
    browser = browser_of(world.deputy_of_lead_head)
    browser.post("/act-as/", {"deputyship": world.deputyship.pk})

    browser.get(f"/{world.strategy.slug}/measures/new/")

    event = AccessEvent.objects.get()
    assert (event.kind, event.user, event.in_place_of) == (KIND.REFUSED, world.deputy_of_lead_head, world.lead_head)


def test_keys_of_programs_are_noted_without_the_key(cast):
    browser = browser_of(cast.reader)
    page = browser.get("/accounts/me/tokens/")
    browser.post("/accounts/me/tokens/", typed_on(page, name="Auswertung", scope="read", days="30"))
    browser.post(f"/accounts/me/tokens/{ApiToken.objects.get().pk}/revoke/")

    assert noted("kind", "user_id") == [(KIND.TOKEN_CREATED, cast.reader.pk), (KIND.TOKEN_REVOKED, cast.reader.pk)]


def test_a_program_that_is_refused_is_noted(cast):
    measure = cast.measure(Measure.State.DECIDED)
    _token, key = ApiToken.objects.issue(cast.reader, name="Auswertung", scope=ApiToken.Scope.READ, days=1)
    url = f"/api/v1/strategies/{cast.strategy.slug}/measures/{measure.code}/"

    answer = Client().patch(url, "{}", "application/json", headers={"authorization": f"Bearer {key}"})

    assert answer.status_code == 403
    assert noted("kind", "user_id") == [(KIND.REFUSED, cast.reader.pk)]


def test_that_nothing_can_be_noted_keeps_nobody_from_their_answer(cast, monkeypatch, log):
    def fail(*args, **kwargs):
        raise DatabaseError

    monkeypatch.setattr(type(AccessEvent.objects), "create", fail)

    assert browser_of(cast.reader).get(f"/{cast.strategy.slug}/measures/new/").status_code == 403
    assert len(log.of("access_not_noted")) == 1
