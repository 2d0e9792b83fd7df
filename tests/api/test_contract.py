"""Promise P14: what the schema says is what is answered, for every role; nothing sent makes the portal fault."""

from collections import Counter

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.world import undone
from worksttogether.wsgi import application

from .test_reading import furnish

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ROLES = ("project_group", "lead_head", "staff_council", "steering_team", "reader", "administrator")
CASES = 10  # of each operation and role
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture
def one_connection():
    """Requests through WSGI share the test's transaction, and so must not close its connection."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def addresses(world):
    """{kind: what leads to a row of it}"""
    return {
        "fields": {"letter": world.field.letter},
        "stages": {"number": world.stage.number},
        "units": {"id": world.unit.pk},
        "measures": {"code": world.draft.code},
        "milestones": {"id": world.milestone.pk},
        "status-updates": {"id": world.status_update.pk},
        "indicators": {"id": world.indicator.pk},
        "indicator-values": {"id": world.indicator_value.pk},
        "resources": {"id": world.resource.pk},
        "reviews": {"id": world.review.pk},
        "needs": {"id": str(world.need_submitted.pk)},
        "rankings": {"id": world.ranking_published.pk},
        "reports": {"id": world.report_final.pk},
        "oparl/papers": {"id": world.report_final.pk},
        "oparl/consultations": {"id": world.report_final.pk, "number": 1},
        "oparl/files": {"id": world.report_final.reportdocuments.get(variant="public", format="pdf").pk},
    }


def sendable(world):
    """Bodies that are right, for every third case: made-up ones are refused nearly always."""
    code, paper = world.running.code, world.paper.pk
    return {
        "measures": {"title": "Neu", "field": world.field.letter, "goal": "Ziel"},
        "milestones": {"measure": code, "title": "Neu", "due_on": "2027-01-31"},
        "status-updates": {"measure": code, "light": world.light("disc").code, "progress": 7},
        "indicators": {"name": "Neu", "unit": "%"},
        "indicator-values": {"indicator": world.indicator.pk, "value": "7.5"},
        "resources": {"measure": code, "kind": "capital", "year": 2027, "amount": "7"},
        "grant": {"council_paper": paper},
        "refuse": {"council_paper": paper},
        "grant-partly": {"council_paper": paper, "granted_amount": "0.5"},
        "register": {},
        "discard": {},
    }


def test_what_the_schema_says_is_what_is_answered(world, program, one_connection):
    load_all_checks()
    furnish(world)
    world.report_final.release(by=world.actor("project_group"))
    schema = schemathesis.openapi.from_wsgi("/api/schema/", application)
    operations = [found.ok() for found in schema.get_all_operations() if hasattr(found.ok(), "path")]
    places, bodies = addresses(world), sendable(world)
    asked, reached, faults = Counter(), set(), []

    for operation in operations:
        kind = kind_of(operation.path)
        step = operation.path.rstrip("/").rsplit("/", 1)[1]
        for who in ROLES:
            with undone():
                if step in ("grant", "grant-partly", "refuse"):
                    world.resource.register(by=world.actor("project_group"))
                key = program(who).key
                ask_all(
                    operation,
                    world,
                    key,
                    places.get(kind, {}),
                    bodies.get(step, bodies.get(kind)),
                    asked,
                    reached,
                    faults,
                )
            world.resource.refresh_from_db()

    print(f"{sum(asked.values())} cases of {len(operations)} operations, {len(reached)} of them answered with 2xx")
    assert sorted(set(faults)) == []
    never = {f"{one.method} {one.path}" for one in operations} - reached
    assert sum(asked.values()) >= 2000
    assert len(never) <= 0.2 * len(operations), sorted(never)


def kind_of(path):
    if path.startswith("/oparl/"):
        return "/".join(path.strip("/").split("/")[:2])
    return path.removeprefix("/api/v1/strategies/{slug}/").split("/")[0]


def ask_all(operation, world, key, place, body, asked, reached, faults):
    number = iter(range(10**6))

    @seed(1)
    @settings(
        max_examples=CASES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case):
        turn = next(number)
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {key}", "If-Match": '"1"'}
        if turn % 3 != 1:
            case.path_parameters = {**(case.path_parameters or {}), "slug": world.strategy.slug, **place}
        if turn % 3 == 0:
            case.query = {}
            if body is not None and operation.method in ("post", "patch"):
                partly = {name: body[name] for name in body if name not in ("measure", "indicator", "field")}
                case.body = body if operation.method == "post" else partly
        with undone():
            answer = case.call()
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as problem:
            faults.append(f"{operation.label} {answer.status_code}: {'; '.join(map(str, problem.exceptions))}")
        asked[operation.label] += 1
        if 200 <= answer.status_code < 300:
            reached.add(f"{operation.method} {operation.path}")

    ask()
