"""What programs write: through the forms and verbs of the pages, never over somebody else's work."""

import pytest

from measures.models import Indicator, IndicatorValue, Measure, ResourceRequest, StatusUpdate
from tests.world import everything_stored

pytestmark = pytest.mark.django_db


def pointers(answer):
    return {error["pointer"]: error["detail"] for error in answer.json()["errors"]}


def test_a_new_draft_gets_the_next_code_of_its_field(world, program):
    group = program()

    answer = group.ask("post", "measures/", {"title": "Neu", "field": world.field.letter, "tags": ["Homeoffice"]})

    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["title"], told["state"], told["tags"]) == ("Neu", "draft", ["Homeoffice"])
    assert answer["Location"].endswith(f"/measures/{told['code']}/")
    assert group.get(f"measures/{told['code']}/") == told
    assert (
        Measure.objects.get(code=told["code"], strategy=world.strategy).changes.first().history_user
        == world.project_group
    )


EVERYTHING = {
    "goal": "Alle, die es wollen",
    "responsible_function": "Abteilungsleitung",
    "starts_on": "2027-01-01",
    "ends_on": "2028-12-31",
    "date_precision": "year",
    "is_permanent": False,
    "description": "**Fett** und mehr",
    "initial_situation": "Wenig",
    "target_group": "Alle",
    "risks": "Keine",
    "experience": "Gute",
    "status_known": "Bekannt",
    "origin": "project_group",
    "origin_note": "Notiz",
    "tags": ["eins", "zwei"],
}


def test_everything_that_can_be_typed_can_be_written(world, program):
    group, measure = program(), world.draft
    links = {
        "stage": world.stage.number,
        "phase": world.phase.code,
        "lead_unit": world.other_unit.pk,
        "involved_units": [world.unit.pk],
        "council_papers": [world.paper.pk],
        "origin_paper": world.paper.pk,
        "field": world.field.letter,
        "title": "Anders",
    }

    answer = group.ask("patch", f"measures/{measure.code}/", EVERYTHING | links, If_Match='"1"')

    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert {name: told[name] for name in EVERYTHING | links} == EVERYTHING | links
    assert (told["version"], answer["ETag"]) == (2, '"2"')


def test_what_is_left_out_stays_and_what_is_null_is_emptied(world, program):
    world.draft.edit(by=world.actor("project_group"), version=1, changes={"goal": "Ziel", "stage": world.stage})
    group = program()

    answer = group.ask("patch", f"measures/{world.draft.code}/", {"stage": None}, If_Match='"2"')

    assert (answer.json()["goal"], answer.json()["stage"]) == ("Ziel", None)


def test_writing_what_is_stored_already_changes_nothing(world, program):
    group, before = program(), world.draft.changes.count()
    told = group.get(f"measures/{world.draft.code}/")
    same = {name: told[name] for name in ("title", "goal", "starts_on", "ends_on", "date_precision", "tags", "phase")}

    answer = group.ask("patch", f"measures/{world.draft.code}/", same, If_Match='"1"')

    assert answer.json()["version"] == 1
    assert world.draft.changes.count() == before


@pytest.mark.parametrize("tag", ["Bau, Verkehr", "Bau;Verkehr"])
def test_a_tag_that_would_become_two_is_refused(world, program, tag):
    body = {"tags": ["Klima", tag]}

    answer = program().ask("patch", f"measures/{world.draft.code}/", body, If_Match='"1"')

    assert answer.status_code == 422
    assert list(pointers(answer)) == ["/tags/1"]
    assert not world.draft.tags.exists()


def test_who_has_not_read_cannot_write(world, program):
    answers = [
        program().ask("patch", f"measures/{world.draft.code}/", {"goal": "X"}, **headers)
        for headers in ({}, {"If_Match": "*"}, {"If_Match": '"7"'}, {"If_Match": '"x"'})
    ]

    assert [answer.status_code for answer in answers] == [428, 428, 412, 412]
    assert answers[2].json()["current"]["version"] == 1
    assert Measure.objects.get(pk=world.draft.pk).goal != "X"


def test_who_saves_second_gets_what_is_stored_now(world, program):
    first, second = program(), program()
    first.ask("patch", f"measures/{world.draft.code}/", {"goal": "Erste"}, If_Match='"1"')

    answer = second.ask("patch", f"measures/{world.draft.code}/", {"goal": "Zweite"}, If_Match='"1"')

    assert (answer.status_code, answer.json()["current"]["goal"]) == (412, "Erste")


def test_core_fields_of_what_is_decided_ask_for_an_amendment(world, program):
    answer = program().ask("patch", f"measures/{world.running.code}/", {"title": "Neu"}, If_Match='"1"')

    assert answer.status_code == 422
    assert "/title" in pointers(answer)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"field": "ZZ"}, "/field"),
        ({"stage": 9999}, "/stage"),
        ({"lead_unit": 2**40}, "/lead_unit"),
        ({"lead_unit": "zehn"}, "/lead_unit"),
        ({"involved_units": [2**40]}, "/involved_units"),
        ({"title": ""}, "/title"),
        ({"title": "x" * 201}, "/title"),
        ({"goal": "a\x00b"}, "/goal"),
        ({"starts_on": "2027-13-01"}, "/starts_on"),
        ({"starts_on": "2027-05-01", "ends_on": "2026-05-01"}, "/ends_on"),
        ({"tags": ["x" * 61]}, "/tags/0"),
        ({"state": "decided"}, "/state"),
        ({"code": "A99"}, "/code"),
        ({"version": 9}, "/version"),
        ({"strategy": 1}, "/strategy"),
        ({"progress": 100}, "/progress"),
        ({"priority": "hoch"}, "/priority"),
        ({"goal": "\ud800"}, "/goal"),
        ({"origin": "\ud800"}, "/origin"),
        ({"\ud800": 1}, "/\\ud800"),
    ],
)
def test_what_is_wrong_or_not_to_be_written_is_named_and_nothing_written(body, named, world, program):
    group, draft = program(), world.draft
    group.get(f"measures/{draft.code}/")
    before = everything_stored()

    answer = group.ask("patch", f"measures/{draft.code}/", {"goal": "Neu"} | body, If_Match='"1"')

    assert answer.status_code == 422, answer.content
    assert named in pointers(answer)
    assert everything_stored() == before


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "null", "1", "[" * 9999 + "]" * 9999])
def test_what_is_no_object_in_json_is_refused(text, world, program):
    group = program()
    answer = group.client.post(
        group.url("measures/"), text, "application/json", headers={"Authorization": f"Bearer {group.key}"}
    )

    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"


def test_status_is_reported_by_the_project_group_and_the_unit_that_leads(world, program):
    body = {"measure": world.running.code, "light": world.light("triangle").code, "progress": 40, "text": "Es hakt"}

    statuses = {who: program(who).ask("post", "status-updates/", body).status_code for who in ROLES}

    assert statuses == {
        "project_group": 201,
        "lead_head": 201,
        "involved_head": 403,
        "staff_council": 403,
        "steering_team": 403,
        "reader": 403,
    }
    assert StatusUpdate.objects.filter(measure=world.running).latest().text == "Es hakt"


ROLES = ("project_group", "lead_head", "involved_head", "staff_council", "steering_team", "reader")


def test_a_warning_light_asks_for_words(world, program):
    body = {"measure": world.running.code, "light": world.light("triangle").code, "progress": 40}

    answer = program().ask("post", "status-updates/", body)

    assert (answer.status_code, list(pointers(answer))) == (422, ["/text"])


def test_a_milestone_is_made_edited_reached_and_removed(world, program):
    group, code = program(), world.running.code
    body = {"measure": code, "title": "Pilot", "due_on": "2027-06-30", "date_precision": "month"}

    made = group.ask("post", "milestones/", body).json()
    address = f"milestones/{made['id']}/"
    edited = group.ask("patch", address, {"reached_on": "2026-11-02"}, If_Match=f'"{made["version"]}"')
    stale = group.ask("patch", address, {"title": "Alt"}, If_Match=f'"{made["version"]}"')
    gone = group.ask("delete", address, If_Match=edited["ETag"])

    assert (made["due_on"], made["date_precision"], made["reached_on"]) == ("2027-06-30", "month", None)
    assert (edited.json()["reached_on"], edited.json()["title"]) == ("2026-11-02", "Pilot")
    assert stale.status_code == 412
    assert gone.status_code == 204
    assert world.running.milestones.count() == 0


def test_an_indicator_and_its_values_are_made_corrected_and_removed(world, program):
    group = program()
    body = {
        "measure": world.running.code,
        "name": "Quote",
        "unit": "%",
        "baseline": "40.5",
        "baseline_on": "2025-12-31",
    }

    made = group.ask("post", "indicators/", body | {"baseline_precision": "year"}).json()
    value = {"indicator": made["id"], "value": "52.25", "as_of": "2026-09-30", "people": 120}
    told = group.ask("post", "indicator-values/", value).json()
    corrected = group.ask("patch", f"indicator-values/{told['id']}/", {"value": "53"}, If_Match='"1"')
    gone = group.ask("delete", f"indicators/{made['id']}/", If_Match='"1"')

    assert (made["baseline"], made["baseline_precision"]) == ("40.5000", "year")
    assert (told["value"], told["date_precision"]) == ("52.2500", "day")
    assert corrected.json()["value"] == "53.0000"
    assert (gone.status_code, Indicator.objects.count(), IndicatorValue.objects.count()) == (204, 0, 0)


def test_resources_go_from_noted_to_the_councils_answer(world, program):
    group = program()
    body = {"measure": world.running.code, "kind": "positions", "year": 2027, "amount": "2.5", "term": "permanent"}

    made = group.ask("post", "resources/", body).json()
    address = f"resources/{made['id']}"
    edited = group.ask("patch", f"{address}/", {"amount": "3"}, If_Match='"1"').json()
    early = group.ask("post", f"{address}/grant/", {"council_paper": world.paper.pk})
    registered = group.ask("post", f"{address}/register/", {}).json()
    too_much = group.ask("post", f"{address}/grant-partly/", {"council_paper": world.paper.pk, "granted_amount": "4"})
    partly = group.ask("post", f"{address}/grant-partly/", {"council_paper": world.paper.pk, "granted_amount": "1.5"})

    assert (made["amount"], edited["amount"], registered["state"]) == ("2.50", "3.00", "registered")
    assert (early.status_code, too_much.status_code) == (409, 422)
    assert (partly.json()["state"], partly.json()["granted_amount"]) == ("partly_granted", "1.50")
    assert ResourceRequest.objects.get(pk=made["id"]).transitions.count() == 2


def test_a_request_stays_with_its_measure(world, program):
    answer = program().ask("patch", f"resources/{world.resource.pk}/", {"measure": world.draft.code}, If_Match='"1"')

    assert (answer.status_code, list(pointers(answer))) == (422, ["/measure"])


WRITES = [
    ("post", "measures/", lambda world: {"title": "Neu", "field": world.field.letter}),
    ("patch", "measures/{running.code}/", lambda world: {"risks": "Neu"}),
    ("post", "milestones/", lambda world: {"measure": world.running.code, "title": "Neu", "due_on": "2027-01-31"}),
    ("post", "indicators/", lambda world: {"name": "Neu", "unit": "%"}),
    ("patch", "indicators/{indicator.pk}/", lambda world: {"name": "Neu"}),
    ("delete", "indicators/{indicator.pk}/", lambda world: None),
    ("post", "indicator-values/", lambda world: {"indicator": world.indicator.pk, "value": "7"}),
    ("patch", "indicator-values/{indicator_value.pk}/", lambda world: {"scope": "Neu"}),
    ("delete", "indicator-values/{indicator_value.pk}/", lambda world: None),
    (
        "post",
        "resources/",
        lambda world: {"measure": world.running.code, "kind": "capital", "year": 2027, "amount": "7"},
    ),
    ("patch", "resources/{resource.pk}/", lambda world: {"amount": "7"}),
    ("post", "resources/{resource.pk}/register/", lambda world: {}),
    ("post", "resources/{resource.pk}/discard/", lambda world: {}),
]


@pytest.mark.parametrize("write", WRITES, ids=lambda write: f"{write[0]} {write[1]}")
def test_only_the_project_group_writes(write, world, program):
    method, address, body = write
    sent, at = body(world), address.format_map(vars(world) | {name: getattr(world, name) for name in ROWS})
    others = [who for who in ROLES if who != "project_group"]
    before = everything_stored()

    refused = {who: program(who).ask(method, at, sent, If_Match='"1"').status_code for who in others}
    reading = program(scope="read").ask(method, at, sent, If_Match='"1"').status_code
    done = {name: rows for name, rows in everything_stored().items() if name != "strategy.ApiToken"}
    allowed = program().ask(method, at, sent, If_Match='"1"')

    assert set(refused.values()) == {403}
    assert reading == 403
    assert done == {name: rows for name, rows in before.items() if name != "strategy.ApiToken"}
    assert allowed.status_code in (200, 201, 204), allowed.content


ROWS = ("running", "indicator", "indicator_value", "resource")


def test_rows_of_another_strategy_cannot_be_named(world, program):
    there = type(world)("X", "Z")
    bodies = {
        "measures/": {"title": "Neu", "field": there.field.letter},
        "milestones/": {"measure": there.running.code, "title": "Neu", "due_on": "2027-01-31"},
        "resources/": {"measure": there.running.code, "kind": "capital", "year": 2027, "amount": "7"},
        "indicator-values/": {"indicator": there.indicator.pk, "value": "7"},
        "indicators/": {"measure": there.running.code, "name": "Neu", "unit": "%"},
    }

    answers = {address: program().ask("post", address, body).status_code for address, body in bodies.items()}

    assert set(answers.values()) == {422}
    assert program().ask("get", f"measures/{there.running.code}/").status_code == 404
