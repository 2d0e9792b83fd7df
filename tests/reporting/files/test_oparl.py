"""The OParl paper keeps the rules of OParl 1.1 and says what the report says."""

import dataclasses
import hashlib
import json
from datetime import date, datetime
from urllib.parse import urlsplit

import pytest

from reporting.files import oparl
from reporting.print.projection import canonical, digest, read
from tests.reporting.print import samples
from tests.reporting.print.hostile import HOSTILE, soiled

HOME = "https://strategie.stuttgart.example/personalstrategie-2030/reports/7/"
FILES = [
    oparl.File(f"{HOME}pdf/?variant=public", "Vorlage mit Anlagen", "vorlage.pdf", "application/pdf", b"%PDF"),
    oparl.File(f"{HOME}xlsx/?variant=public", "Tabellen", "vorlage.xlsx", "application/octet-stream", b"PK"),
]
PUBLISHER = oparl.Publisher("https://ris.stuttgart.example/body/1", "https://www.govdata.de/dl-de/by-2-0")
WHOLE = samples.real_strategy(**samples.later_parts())


# The rules of OParl 1.1 for the three kinds of objects: what must be there, and of which kind everything is.


def is_url(value):
    return isinstance(value, str) and urlsplit(value).scheme in ("http", "https") and bool(urlsplit(value).hostname)


def is_text(value):
    return isinstance(value, str) and value != ""


def is_day(value):
    return date.fromisoformat(value).isoformat() == value


def is_moment(value):
    """With its time zone, or it would be another moment elsewhere."""
    return datetime.fromisoformat(value).tzinfo is not None


def is_yes_or_no(value):
    return isinstance(value, bool)


def is_size(value):
    return type(value) is int and value >= 0


def is_list(of):
    return lambda value: isinstance(value, list) and all(map(of, value))


def is_hash(value):
    return len(value) == 128 and int(value, 16) >= 0


COMMON = {
    "id": is_url, "type": is_text, "license": is_url, "keyword": is_list(is_text), "created": is_moment,
    "modified": is_moment, "web": is_url, "deleted": is_yes_or_no,
}  # fmt: skip
FILE = COMMON | {
    "name": is_text, "fileName": is_text, "mimeType": is_text, "date": is_moment, "size": is_size,
    "sha1Checksum": is_text, "sha512Checksum": is_hash, "text": is_text, "accessUrl": is_url, "downloadUrl": is_url,
    "externalServiceUrl": is_url, "masterFile": is_url, "derivativeFile": is_list(is_url), "fileLicense": is_url,
    "meeting": is_list(is_url), "agendaItem": is_list(is_url), "paper": is_list(is_url),
}  # fmt: skip
CONSULTATION = COMMON | {
    "paper": is_url, "agendaItem": is_url, "meeting": is_url, "organization": is_list(is_url),
    "authoritative": is_yes_or_no, "role": is_text,
}  # fmt: skip
PAPER = COMMON | {
    "body": is_url, "name": is_text, "reference": is_text, "date": is_day, "paperType": is_text,
    "relatedPaper": is_list(is_url), "superordinatedPaper": is_list(is_url), "subordinatedPaper": is_list(is_url),
    "mainFile": lambda value: wrong(value, "File") == [],
    "auxiliaryFile": is_list(lambda value: wrong(value, "File") == []), "location": is_list(is_text),
    "originatorPerson": is_list(is_url), "underDirectionOf": is_list(is_url), "originatorOrganization": is_list(is_url),
    "consultation": is_list(lambda value: wrong(value, "Consultation") == []),
}  # fmt: skip
KINDS = {"File": FILE, "Consultation": CONSULTATION, "Paper": PAPER}
REQUIRED = {"File": {"id", "type", "accessUrl"}, "Consultation": {"id", "type"}, "Paper": {"id", "type"}}


def wrong(said, kind):
    """Names of what is missing or not of its kind; a maker's own names have a prefix and may hold anything."""
    own = {name for name in said if ":" in name}
    found = [name for name in REQUIRED[kind] if name not in said]
    found += [name for name in said.keys() - own if name not in KINDS[kind] or not KINDS[kind][name](said[name])]
    return found + (["type"] if said.get("type") != f"https://schema.oparl.org/1.1/{kind}" else [])


def made(projection=WHOLE, publisher=PUBLISHER):
    return json.loads(oparl.render(projection, HOME, FILES, publisher))


@pytest.mark.parametrize("publisher", [PUBLISHER, oparl.Publisher()], ids=["known", "unknown"])
@pytest.mark.parametrize("projection", [WHOLE, samples.grdrs_972_2023(), samples.projection()])
def test_it_keeps_the_rules_of_oparl(projection, publisher):
    assert wrong(made(projection, publisher), "Paper") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "7"),
        ("date", "12.10.2026"),
        ("created", "2026-09-30T00:00:00"),
        ("keyword", "workSTUgether"),
        ("pages", 3),
    ],
)
def test_the_rules_find_what_breaks_them(name, value):
    """The negative control."""
    if name == "date":
        with pytest.raises(ValueError, match="isoformat"):
            wrong(made() | {name: value}, "Paper")
    else:
        assert wrong(made() | {name: value}, "Paper") == [name]


def test_it_says_what_the_head_of_the_paper_says():
    paper = samples.paper(
        supplement="1. Ergänzung",
        kind="Beschlussvorlage",
        consultations=(
            samples.Consultation(
                body="Verwaltungsausschuss", purpose="Vorberatung", is_public=False, held_on="2026-10-21"
            ),
            samples.Consultation(body="Gemeinderat", purpose="Beschlussfassung", is_public=True, held_on="2026-10-22"),
        ),
    )
    said = made(dataclasses.replace(WHOLE, paper=paper))

    assert (said["reference"], said["date"], said["paperType"]) == (
        "123/2026 1. Ergänzung",
        "2026-10-12",
        "Beschlussvorlage",
    )
    assert (said["name"], said["web"], said["id"]) == (paper.subject, HOME, f"{HOME}oparl/?variant=public")
    assert (said["body"], said["license"]) == (PUBLISHER.body, PUBLISHER.licence)
    assert [
        (row["role"], row["authoritative"], row["worksttogether:organization"]) for row in said["consultation"]
    ] == [
        ("Vorberatung", False, "Verwaltungsausschuss"),
        ("Beschlussfassung", True, "Gemeinderat"),
    ]
    assert [row["worksttogether:public"] for row in said["consultation"]] == [False, True]
    assert said["worksttogether:originator"] == list(paper.referate)
    assert said["keyword"][0] == "workSTUgether"
    assert "Wohnen und Mobilität für Mitarbeitende" in said["keyword"]


def test_each_file_is_named_with_its_size_its_checksum_and_two_addresses():
    said = made()

    for file, told in zip(FILES, [said["mainFile"], *said["auxiliaryFile"]], strict=True):
        assert (told["fileName"], told["mimeType"], told["size"]) == (file.name, file.mime, len(file.content))
        assert told["sha512Checksum"] == hashlib.sha512(file.content).hexdigest()
        assert (told["downloadUrl"], told["accessUrl"]) == (file.address, f"{file.address}&inline=1")
    assert len({told["id"] for told in [said["mainFile"], *said["auxiliaryFile"]]}) == len(FILES)


def test_what_has_no_value_is_left_out():
    said = made(samples.projection(paper=samples.paper(reference="", dated_on="", consultations=())), oparl.Publisher())

    assert said.keys().isdisjoint({"body", "license", "reference", "date", "consultation"})


def test_a_paper_without_annexes_says_nothing_of_the_fields_it_does_not_print():
    assert made(dataclasses.replace(WHOLE, with_annexes=False))["keyword"] == ["workSTUgether"]


def test_no_person_is_named():
    """Signatures stand on the paper; what harvesters collect has offices alone."""
    assert "Mayer" not in oparl.render(samples.grdrs_972_2023(), HOME, FILES, PUBLISHER).decode()


def test_it_says_what_it_was_made_from_and_equal_data_give_equal_bytes():
    first = oparl.render(WHOLE, HOME, FILES, PUBLISHER)

    assert oparl.render(read(canonical(WHOLE)), HOME, FILES, PUBLISHER) == first
    assert oparl.checksum_in(first) == digest(canonical(WHOLE))


@pytest.mark.parametrize("content", [b"%PDF", b"[]", b"\xff", b""])
def test_other_bytes_are_no_paper(content):
    with pytest.raises(ValueError):  # noqa: PT011 - JSON's own words
        oparl.checksum_in(content)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_breaks_the_rules(text):
    said = made(dataclasses.replace(WHOLE, paper=soiled(WHOLE.paper, text)))

    assert wrong(said, "Paper") == []
