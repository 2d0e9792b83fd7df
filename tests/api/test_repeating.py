"""``Idempotency-Key``: the same sent twice happens once, whatever comes between."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from measures.models import Measure
from strategy.models import KeptAnswer, RequestCount
from strategy.tasks import tidy_api
from tests.world import World

from .conftest import Program

pytestmark = pytest.mark.django_db
KEY = "3f7a8a52-7f2e-4a87-9d4c-8d7e0f3c2b11"


def new(world, **more):
    return {"title": "Neu", "field": world.field.letter, "goal": "Ziel"} | more


def test_the_same_sent_twice_happens_once_and_is_answered_alike(world, program):
    group = program()

    first, second = (group.ask("post", "measures/", new(world), Idempotency_Key=KEY) for _time in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert (first["ETag"], first["Location"]) == (second["ETag"], second["Location"])
    assert (first.get("Idempotent-Replayed"), second["Idempotent-Replayed"]) == (None, "true")
    assert Measure.objects.filter(title="Neu").count() == 1


def test_without_a_key_it_happens_twice(world, program):
    """The negative control."""
    for _time in range(2):
        program().ask("post", "measures/", new(world))

    assert Measure.objects.filter(title="Neu").count() == 2


def test_another_body_or_address_under_the_same_key_is_refused(world, program):
    group = program()
    group.ask("post", "measures/", new(world), Idempotency_Key=KEY)

    body = group.ask("post", "measures/", new(world, title="Anders"), Idempotency_Key=KEY)
    address = group.ask("post", f"resources/{world.resource.pk}/register/", {}, Idempotency_Key=KEY)

    assert [answer.status_code for answer in (body, address)] == [422, 422]
    assert [one["header"] for one in body.json()["errors"]] == ["Idempotency-Key"]
    assert not Measure.objects.filter(title="Anders").exists()


def test_a_key_belongs_to_the_person(world, program):
    for who in ("project_group", world.member("project_group", name="second")):
        answer = program(who).ask("post", "measures/", new(world), Idempotency_Key=KEY)
        assert answer.status_code == 201

    assert Measure.objects.filter(title="Neu").count() == 2


def test_what_was_refused_may_be_mended_under_the_same_key(world, program):
    group = program()

    refused = group.ask("post", "measures/", new(world, field="?"), Idempotency_Key=KEY)
    mended = group.ask("post", "measures/", new(world), Idempotency_Key=KEY)

    assert (refused.status_code, mended.status_code) == (422, 201)


def test_a_step_is_repeated_without_a_second_transition(world, program):
    group, address = program(), f"resources/{world.resource.pk}/register/"

    codes = [group.ask("post", address, {}, Idempotency_Key=KEY).status_code for _time in range(2)]

    assert codes == [200, 200]
    assert world.resource.transitions.filter(verb="register").count() == 1
    assert group.ask("post", address, {}).status_code == 409


def test_who_has_lost_the_role_gets_no_kept_answer(world, program):
    group = program()
    group.ask("post", "measures/", new(world), Idempotency_Key=KEY)
    world.project_group.memberships.all().delete()

    assert group.ask("post", "measures/", new(world), Idempotency_Key=KEY).status_code == 404


@pytest.mark.parametrize("key", ["", "x" * 256, "Schlüssel".encode().decode("latin-1")])
def test_a_key_of_no_use_is_told_so(key, world, program):
    assert program().ask("post", "measures/", new(world), Idempotency_Key=key).status_code == 400


def test_after_a_day_the_key_is_free_and_the_answer_forgotten(world, program):
    group = program()
    group.ask("post", "measures/", new(world), Idempotency_Key=KEY)
    KeptAnswer.objects.update(made_at=timezone.now() - timedelta(hours=25))

    assert group.ask("post", "measures/", new(world, title="Anders"), Idempotency_Key=KEY).status_code == 201
    KeptAnswer.objects.update(made_at=timezone.now() - timedelta(hours=25))
    RequestCount.objects.count_one("user:1", 7)
    tidy_api()
    assert not KeptAnswer.objects.exists()
    assert not RequestCount.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_make_one_measure():
    world = World()
    group, start, codes = Program(world, "project_group"), threading.Barrier(8), []
    body = new(world)

    def ask():
        start.wait()
        codes.append(group.ask("post", "measures/", body, Idempotency_Key=KEY).status_code)
        connections.close_all()

    threads = [threading.Thread(target=ask) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert codes == [201] * 8
    assert Measure.objects.filter(title="Neu").count() == 1
