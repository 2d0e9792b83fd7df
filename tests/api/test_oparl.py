"""The OParl interface: what is released can be fetched by anybody, and nothing else by any way."""

import hashlib
import json
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from reporting.models import CouncilReport, ReportDocument, Variant
from strategy.workflow import RuleViolation
from tests.reporting import reports
from tests.reporting.files.test_oparl import COMMON, KINDS, REQUIRED, is_list, is_text, is_url, wrong
from tests.world import World

pytestmark = pytest.mark.django_db

LISTS = {
    "agendaItem", "consultation", "file", "legislativeTermList", "locationList", "meeting", "membership",
    "organization", "paper", "person",
}  # fmt: skip
#: The standard's other kinds of objects, as far as they are given out here.
KINDS |= {
    "System": COMMON | dict.fromkeys(("oparlVersion", "body", "website", "vendor", "product"), is_url)
    | dict.fromkeys(("name", "contactEmail", "contactName"), is_text) | {"otherOparlVersions": is_list(is_url)},
    "Body": COMMON | dict.fromkeys((*LISTS, "system", "website"), is_url)
    | dict.fromkeys(("name", "shortName", "ags", "rgs", "contactEmail", "contactName", "classification"), is_text)
    | {"equivalent": is_list(is_url), "legislativeTerm": lambda value: isinstance(value, list)},
}  # fmt: skip
REQUIRED |= {
    "System": {"id", "type", "oparlVersion", "body"},
    "Body": {"id", "type", "name", "legislativeTerm", *LISTS},
}


@pytest.fixture
def world(db):
    return World()


@pytest.fixture
def released(world):
    report = reports.final(world)
    report.release(by=world.actor("project_group"))
    return report


def ask(url, **options):
    parts = urlsplit(url)
    return Client().get(f"{parts.path}?{parts.query}" if parts.query else parts.path, **options)


def said(url, **query):
    answer = ask(url, data=query) if query else ask(url)
    assert answer.status_code == 200, answer.content
    return answer.json()


def paper_of(report):
    return reverse("oparl:paper", args=[report.pk])


def listed(kind="papers", **query):
    return said(f"/oparl/{kind}/", **query)["data"]


def walk(url="/oparl/"):
    """{address: object} of everything that can be reached from the beginning, as a harvester goes."""
    found, waiting = {}, [url]
    while waiting:
        url = waiting.pop()
        if url in found:
            continue
        answer = ask(url)
        is_json = answer["Content-Type"] == "application/json"
        found[url] = answer.json() if is_json else answer.content
        waiting += [one for one in addresses_in(found[url]) if urlsplit(one).path.startswith("/oparl/")]
    return found


def addresses_in(value):
    if isinstance(value, dict):
        return [one for part in value.values() for one in addresses_in(part)]
    if isinstance(value, list):
        return [one for part in value for one in addresses_in(part)]
    return [value] if is_url(value) else []


def test_a_harvester_finds_the_paper_and_every_object_keeps_the_rules(released):
    found = walk()

    objects = [one for one in found.values() if isinstance(one, dict) and "type" in one]
    objects += [one for page in found.values() if isinstance(page, dict) for one in page.get("data", [])]
    kinds = {one["type"].rsplit("/", 1)[1] for one in objects}
    assert kinds == {"System", "Body", "Paper", "File", "Consultation"}
    assert [(one["id"], wrong(one, one["type"].rsplit("/", 1)[1])) for one in objects] == [
        (one["id"], []) for one in objects
    ]
    assert all(said(one["id"]) == one for one in objects)


def test_a_harvester_gets_the_stored_bytes_as_their_checksums_say(released):
    files = listed("files")

    stored = ReportDocument.objects.filter(report=released, variant=Variant.PUBLIC).exclude(format="oparl")
    taken = {name: [ask(file[f"{name}Url"]) for file in files] for name in ("access", "download")}
    for answers in taken.values():
        assert [hashlib.sha512(answer.content).hexdigest() for answer in answers] == [
            file["sha512Checksum"] for file in files
        ]
        assert {answer.content for answer in answers} == {bytes(one.content) for one in stored}
    assert {answer["Content-Disposition"].split(";")[0] for answer in taken["access"]} == {"inline"}
    assert {answer["Content-Disposition"].split(";")[0] for answer in taken["download"]} == {"attachment"}


def test_the_rules_find_a_body_without_its_lists():
    """The negative control."""
    body = {"id": "https://x.example/", "type": "https://schema.oparl.org/1.1/Body", "name": "X"}

    assert set(wrong(body, "Body")) == LISTS | {"legislativeTerm"}


@pytest.mark.parametrize("state", list(CouncilReport.State))
def test_what_is_not_released_is_not_there(state, world):
    report = reports.IN_STATE[state](world)

    documents = ReportDocument.objects.filter(report=report)
    answers = [ask(paper_of(report)), ask(f"/oparl/consultations/{report.pk}/1/")]
    answers += [ask(f"/oparl/files/{one.pk}/{way}") for one in documents for way in ("", "access/", "download/")]

    assert {answer.status_code for answer in answers} == {404}
    assert [listed(kind, modified_since="2000-01-01T00:00:00Z") for kind in ("papers", "files", "consultations")] == [
        [], [], [],
    ]  # fmt: skip


def test_the_other_variant_and_older_builds_are_out_of_reach(released):
    hidden = ReportDocument.objects.filter(report=released, variant=Variant.NONPUBLIC)
    words = [bytes(one.content) for one in hidden]

    answers = [ask(f"/oparl/files/{one.pk}/{way}") for one in hidden for way in ("", "access/", "download/")]
    reached = [json.dumps(one).encode() if isinstance(one, dict) else one for one in walk().values()]

    assert len(words) == 3
    assert {answer.status_code for answer in answers} == {404}
    assert [text for text in reached if any(word in text for word in words) or b"nonpublic" in text] == []


def test_what_is_withdrawn_is_told_as_deleted_to_who_asks_what_has_changed(world, released):
    before, files = said(paper_of(released)), listed("files")
    released.withdraw_release(by=world.actor("project_group"), reason="Zahlendreher")

    deleted = said(paper_of(released))
    assert set(deleted) == {"id", "type", "created", "modified", "deleted"}
    assert (deleted["id"], deleted["created"], deleted["deleted"]) == (before["id"], before["created"], True)
    assert listed() == listed("files") == listed(created_since=before["created"]) == []
    assert listed(modified_since=deleted["modified"]) == [deleted]
    assert [one["deleted"] for one in listed("files", modified_since=deleted["modified"])] == [True] * len(files)
    assert {ask(one["downloadUrl"]).status_code for one in files} == {410}
    assert ask(files[0]["accessUrl"]).json()["type"] == "https://schema.oparl.org/1.1/Error"


def test_a_superseded_report_is_deleted_and_its_replacement_stands_in_its_place(world, released):
    released.supersede(by=world.actor("steering_team"), reason="Zahlendreher")
    second = reports.final(world)
    second.release(by=world.actor("project_group"))

    assert said(paper_of(released))["deleted"] is True
    assert [one["id"] for one in listed()] == [said(paper_of(second))["id"]]


def test_released_again_it_is_back_under_the_address_it_had(world, released):
    first = said(paper_of(released))
    released.withdraw_release(by=world.actor("project_group"), reason="Irrtum")
    released.release(by=world.actor("project_group"))

    again = said(paper_of(released))
    assert {name for name in first if first[name] != again.get(name)} <= {
        "modified",
        "mainFile",
        "auxiliaryFile",
        "consultation",
    }
    assert listed() == [again]


def test_a_paper_for_sessions_behind_closed_doors_cannot_be_released(world):
    report = reports.final(world)
    report.consultations.update(is_public=False)

    with pytest.raises(RuleViolation, match=r"No session|Keine Sitzung"):
        report.release(by=world.actor("project_group"))


def test_only_the_project_group_releases(world):
    report = reports.final(world)

    for who in ("steering_team", "lead_head", "staff_council", "reader", "administrator"):
        with pytest.raises(PermissionDenied):
            report.release(by=world.actor(who))


def test_lists_are_filtered_by_moments(released):
    moment = said(paper_of(released))["created"]

    assert len(listed(created_since=moment)) == len(listed(modified_until=moment)) == 1
    assert listed(created_until="2000-01-01T00:00:00+01:00") == []
    assert listed(created_since="2999-01-01T00:00:00+01:00") == []
    assert "auxiliaryFile" in listed()[0]
    assert "auxiliaryFile" not in listed(omit_internal="true")[0]


def test_pages_lead_on_and_keep_the_filters(released):
    page = said("/oparl/files/", limit=1, modified_since="2000-01-01T00:00:00+01:00")
    seen = []
    while True:
        assert "modified_since=2000" in page["links"]["self"]
        seen += [one["id"] for one in page["data"]]
        if "next" not in page["links"]:
            break
        page = said(page["links"]["next"])

    assert seen == [one["id"] for one in listed("files")]
    assert page["pagination"] == {"totalElements": 3, "elementsPerPage": 1, "currentPage": 3, "totalPages": 3}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"modified_since": "gestern"}, 400),
        ({"modified_since": "2026-10-31T12:00:00"}, 400),
        ({"created_until": "2026-99-31T12:00:00Z"}, 400),
        ({"page": "0"}, 400),
        ({"page": "２"}, 400),
        ({"page": "9" * 30}, 400),
        ({"limit": "x"}, 400),
        ({"page": "2"}, 404),
    ],
)
def test_a_question_that_is_not_understood_gets_the_standards_error(query, status, released):
    answer = ask("/oparl/papers/", data=query)

    assert answer.status_code == status
    assert set(answer.json()) == {"type", "message", "debug"}


@pytest.mark.parametrize(
    "url", ["/oparl/papers/99999999999999999999/", "/oparl/files/0/", "/oparl/x", "/oparl/bodies/2/"]
)
def test_what_is_not_there_is_told_so(url, db):
    assert ask(url).status_code == 404


def test_who_has_it_already_is_told_so(released):
    file = listed("files")[0]["downloadUrl"]
    for url in (paper_of(released), "/oparl/", "/oparl/papers/", file):
        first = ask(url)
        again = ask(url, headers={"If-None-Match": first["ETag"]})

        assert (again.status_code, again.content) == (304, b"")
        assert first["Cache-Control"] == again["Cache-Control"] == "public, max-age=300"
        assert first["Access-Control-Allow-Origin"] == "*"
    since = ask(paper_of(released))["Last-Modified"]
    assert ask(paper_of(released), headers={"If-Modified-Since": since}).status_code == 304


def test_damaged_bytes_are_not_handed_out(released):
    file = listed("files")[0]
    ReportDocument.objects.filter(report=released, format="pdf").update(content=b"%PDF other")

    answer = ask(file["downloadUrl"])

    assert answer.status_code == 500
    assert b"other" not in answer.content


def test_nothing_can_be_written(released):
    for method in ("post", "put", "patch", "delete", "options"):
        assert getattr(Client(), method)(paper_of(released)).status_code == 405


def test_moments_are_written_as_the_standard_wants_them(released):
    for name in ("created", "modified"):
        text = said(paper_of(released))[name]
        assert datetime.fromisoformat(text).isoformat(timespec="seconds") == text
