"""Projections are plain, clean and read back as they were written."""

import dataclasses
import json
from datetime import date

import pytest
from django.utils.html import escape

from reporting.print.projection import (
    Change,
    Light,
    Measure,
    Milestone,
    Paper,
    Projection,
    Resource,
    Strategy,
    canonical,
    digest,
    iso_day,
    read,
)
from strategy.prose import html_of

from . import samples


@pytest.mark.parametrize(
    "projection",
    [samples.grdrs_972_2023(), samples.projection(), samples.real_strategy(**samples.later_parts())],
    ids=["paper", "empty", "whole"],
)
def test_what_was_written_is_read_back(projection):
    assert read(canonical(projection)) == projection


def test_equal_projections_have_equal_bytes():
    first, second = (canonical(samples.projection(made_with=versions)) for versions in [{"b": "2", "a": "1"}] * 2)
    other = canonical(samples.projection(made_with={"a": "1", "b": "2"}))

    assert first == second == other
    assert digest(first) != digest(canonical(samples.projection(made_with={"a": "1"})))


def test_canonical_bytes_are_sorted_compact_utf8():
    written = canonical(samples.projection(mark="Muster ○"))

    assert written.decode() == json.dumps(
        json.loads(written), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    assert "Muster ○" in written.decode()


def test_unprintable_characters_never_enter():
    measure = Measure(code="A1", title="a\x00b\x07\x1bc\u202ed\u2066e\ufffef\ud800g\r\nh\ti")

    assert measure.title == "abcdefg\nh\ti"


def test_lists_become_tuples_with_clean_texts():
    assert Paper(subject="", motion=["eins\x00", "zwei"]).motion == ("eins", "zwei")


def test_a_measure_cannot_show_a_light_that_is_not_on_the_scale():
    light = Light(code="plan", word="planmäßig", meaning="", shape="disc")
    fields = [samples.field("A", samples.measure(light="blue"))]

    with pytest.raises(ValueError, match="no such light: blue"):
        Projection(
            as_of="2026-09-30", strategy=Strategy(name="w"), paper=Paper(subject=""), lights=[light], fields=fields
        )


@pytest.mark.parametrize(
    ("place", "change"),
    [
        ("projection: ['colour']", lambda data: data.update(colour="blue")),
        ("projection: ['mark']", lambda data: data.pop("mark")),
        ("projection.schema: 5", lambda data: data.update(schema=5)),
        ("projection: ['agreement']", lambda data: data.update(agreement=[])),
        ("projection.variant: 'secret'", lambda data: data.update(variant="secret")),
        ("projection.with_annexes: 1", lambda data: data.update(with_annexes=1)),
        ("projection.fields: None", lambda data: data.update(fields=None)),
        ("projection.notes[0]: 'text'", lambda data: data.update(notes=["text"])),
        ("projection.paper.subject: None", lambda data: data["paper"].update(subject=None)),
    ],
)
def test_foreign_data_is_refused_with_its_place(place, change):
    data = json.loads(canonical(samples.projection()))
    change(data)

    with pytest.raises(ValueError, match=r"^projection") as refusal:
        read(json.dumps(data).encode())

    assert str(refusal.value) == place


def test_a_projection_of_the_first_schema_is_still_read():
    """As reports were stored before they told of needs and rankings."""
    now = samples.projection(samples.field("A", samples.measure()))
    then = in_paragraphs(json.loads(canonical(now)))
    del then["ranking"]
    then |= {"schema": 1, "agreement": []}

    assert read(json.dumps(then).encode()) == now


def test_a_projection_of_the_second_schema_is_still_read():
    """As reports were stored before they told planned days, granted amounts and single differences."""
    resource = Resource(kind="positions", year=2026, amount="1", state="bewilligt")
    milestone = Milestone(due="2026-06-30", title="Konzept", state="moved")
    now = samples.projection(
        samples.field("A", samples.measure(resources=(resource,), milestones=(milestone,))),
        changes=(Change(code="A1", title="Marke", light_before=None, light_after=None),),
    )
    then = in_paragraphs(json.loads(canonical(now))) | {"schema": 2}
    (measure,) = then["fields"][0]["measures"]
    del then["next_budget"], then["paper"]["banner"], then["paper"]["finance_years"]
    del measure["milestones"][0]["planned"], measure["resources"][0]["step"], measure["resources"][0]["granted"]
    del then["changes"][0]["kind"], then["changes"][0]["differences"]

    assert read(json.dumps(then).encode()) == now


def test_a_projection_of_the_third_schema_shows_its_plain_paragraphs_as_they_were():
    """As reports were stored while their texts were plain: what is a sign in prose was a character then."""
    paragraphs = [
        "Das *eine* und_das_andere [x](https://a.de) <https://b.de> \\*",
        "- Punkt\n2. Punkt\n+ Punkt",
        "5 - 3 = 2.",
    ]
    then = in_paragraphs(json.loads(canonical(samples.projection()))) | {"schema": 3}
    then["paper"]["text"] = then["outlook"] = paragraphs

    found = read(json.dumps(then).encode())

    shown = (
        "".join(f"<p>{escape(words)}</p>\n" for words in paragraphs).replace("\n2", "<br>\n2").replace("\n+", "<br>\n+")
    )
    assert html_of(found.paper.text) == html_of(found.outlook) == shown
    assert (found.schema, found.preface) == (4, "")


def in_paragraphs(plain):
    """Its texts as lists of paragraphs, as they were up to the third schema."""
    for part, names in (
        (plain, ("preface", "deviations", "participation", "outlook")),
        (plain["paper"], ("text", "finances")),
    ):
        part |= {name: part[name].split("\n\n") if part[name] else [] for name in names}
    return plain


def test_a_need_cannot_show_a_light_that_is_not_on_the_scale():
    with pytest.raises(ValueError, match="no such light: blue"):
        samples.projection(needs=(samples.need(light="blue"),))


@pytest.mark.parametrize(
    ("precision", "text"), [("day", "2026-06-30"), ("month", "2026-06"), ("year", "2026"), ("unknown", "")]
)
def test_days_are_as_exact_as_they_are_known(precision, text):
    assert iso_day(date(2026, 6, 30), precision) == text
    assert iso_day(None, precision) == ""


def test_a_part_does_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        samples.measure().title = "anders"
