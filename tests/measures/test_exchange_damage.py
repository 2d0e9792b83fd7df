"""Promises P15 to P17: damaged files write nothing and say where, bombs are refused, exports come back unchanged."""

import io
import random
import resource
import time
import zipfile
from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from measures.exchange.export import sheets_of
from measures.exchange.mapping import mapped
from measures.exchange.planning import plan_of
from measures.exchange.reader import UnreadableError, decoded, read
from measures.exchange.running import SHEETS, apply
from measures.exchange.writer import csv_text, workbook
from measures.models import ImportRun, Measure
from tests.factories import Cast, MeasureFactory
from tests.measures.sheets import Desk, saved, sheet
from tests.pages import text_of
from tests.world import everything_stored, undone

State = Measure.State


def exported(cast, kind="xlsx"):
    sheets = sheets_of(Measure.objects.filter(strategy=cast.strategy), cast.strategy)
    return workbook(sheets) if kind == "xlsx" else csv_text(sheets[0].rows).encode()


def planned(cast, content):
    """The plan of a file as the project group would see it. Raises UnreadableError."""
    table = read(content, SHEETS)
    names = mapped(table.headings, cast.strategy)
    return plan_of(table, names, cast.strategy, cast.actor("project_group"))


# P15


@pytest.fixture(scope="module")
def filled(django_db_setup, django_db_blocker):
    """A strategy with measures in several states, and its export in both kinds; undone at the end."""
    with django_db_blocker.unblock(), undone(), override("en"):
        cast = Cast()
        days = {"starts_on": date(2026, 1, 1), "ends_on": date(2027, 12, 31)}
        for state in (State.DRAFT, State.IN_REVIEW, State.RUNNING, State.DRAFT, State.DROPPED):
            cast.measure(state, description="Eine; “Beschreibung”\nin zwei Zeilen", **days)
        stranger = Cast()
        stranger.measure(field=stranger.field)
        Measure.objects.filter(strategy=stranger.strategy).update(code="Z1")
        cast.foreign_code = "Z1"
        cast.files = {kind: exported(cast, kind) for kind in ("xlsx", "csv")}
        yield cast


def typed_over(page, chance, value):
    row, column = chance.randint(2, page.max_row), chance.randint(2, 10)
    page.cell(row, column).value = value
    return row


def wrong_type(page, chance, cast):
    places = {cell.value: cell.column for cell in page[1]}
    name, value = chance.choice(
        [
            ("Begin", "irgendwann"),
            ("End", "31.02.2027"),
            ("End", 1e300),
            ("Stage", 99.5),
            ("Field of action", True),
            ("Lead unit", datetime(2026, 1, 1)),  # noqa: DTZ001
            ("Title", None),
            ("Title", "x" * 500),
            ("Phase", timedelta(hours=3)),
            ("Permanent task without an end", "vielleicht"),
            ("Dates are exact to the", "Woche"),
            ("Row version (please leave)", -1),
            ("Row version (please leave)", "１"),
        ]
    )
    row = chance.choice([2, 5])  # the drafts
    page.cell(row, places[name]).value = value
    return row


def formula(page, chance, cast):
    return typed_over(page, chance, chance.choice(["=1+1", "=HYPERLINK(A1)", "=A2&A3", "#REF!"]))


def merged_cells(page, chance, cast):
    row = chance.randint(2, page.max_row - 1)
    page.merge_cells(start_row=row, end_row=row + 1, start_column=3, end_column=chance.randint(3, 6))
    return row


def doubled_code(page, chance, cast):
    page.append([cell.value for cell in page[chance.randint(2, page.max_row)]])
    return page.max_row


def foreign_code(page, chance, cast):
    row = chance.randint(2, page.max_row)
    page.cell(row, 1).value = chance.choice([cast.foreign_code, "A999", "'A1", "１", "\u0660", 10**30])
    return row


def foreign_unit(page, chance, cast):
    row = chance.choice([2, 5])
    page.cell(row, 7).value = "Fremdes Amt"
    return row


def no_heading(page, chance, cast):
    column = chance.randint(2, 6)
    page.cell(1, column).value = None
    return 2


def doubled_heading(page, chance, cast):
    page.cell(1, 3).value = page.cell(1, 2).value


DAMAGES = [wrong_type, formula, merged_cells, doubled_code, foreign_code, foreign_unit, no_heading, doubled_heading]


def damaged_workbook(cast, chance):
    """(the file, the row that is to be named or nothing)"""
    book = load_workbook(io.BytesIO(cast.files["xlsx"]))
    page = book.worksheets[0]
    row = chance.choice(DAMAGES)(page, chance, cast)
    return saved(book), row


def damaged_bytes(cast, chance):
    """Cut off, or bytes flipped: it may still be read, as nothing or as what it was."""
    content = bytearray(cast.files[chance.choice(["xlsx", "csv"])])
    if chance.random() < 0.5:
        return bytes(content[: chance.randint(1, len(content) - 1)])
    for _time in range(chance.randint(1, 20)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    return bytes(content)


def check_damaged(cast, seed):
    chance = random.Random(seed)  # noqa: S311 - the same files in every run
    content, row = damaged_workbook(cast, chance)
    plan = planned(cast, content)
    assert plan.problems, f"seed {seed}"
    assert all(problem.message and (problem.row or problem.column) for problem in plan.problems)
    if row is not None:
        assert row in {problem.row for problem in plan.problems}, f"seed {seed}: {plan.problems}"


def check_bytes(cast, seed):
    chance = random.Random(seed)  # noqa: S311
    with suppress(UnreadableError):
        planned(cast, damaged_bytes(cast, chance))


def check_many(cast, damages, cuts):
    before = everything_stored()
    for seed in range(damages):
        check_damaged(cast, seed)
    for seed in range(cuts):
        check_bytes(cast, seed)
    assert everything_stored() == before


def test_damaged_files_name_row_and_column_and_write_nothing(filled):
    check_many(filled, damages=24, cuts=16)


@pytest.mark.slow
def test_500_damaged_files_name_row_and_column_and_write_nothing(filled):
    check_many(filled, damages=300, cuts=200)


# P16


def packed(**parts):
    """The zip of a workbook with parts put in place of its own."""
    out, honest = io.BytesIO(), zipfile.ZipFile(io.BytesIO(sheet(["Title", "Field of action"], ["Neu", "A"])))
    parts = {name.replace("__", "/").replace("_dot_", "."): part for name, part in parts.items()}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in {*honest.namelist(), *parts}:
            archive.writestr(name, parts.get(name) or honest.read(name))
    return out.getvalue()


SHEET = "xl__worksheets__sheet1_dot_xml"
BEGIN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = b"</sheetData></worksheet>"
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 10) for letter in range(ord("b"), ord("k"))
)
RELATIONS = b"""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="/xl/sheet.png" Id="rId1"/>
</Relationships>"""
NOISE = random.Random(1)  # noqa: S311


BOMBS = {
    "zip": lambda: packed(**{SHEET: b"0" * 300_000_000}),
    "billion laughs": lambda: packed(**{SHEET: LAUGHS + b"]>" + BEGIN + b"&j;" + END}),
    "outside entity": lambda: packed(
        **{SHEET: b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + BEGIN + b"&a;" + END}
    ),
    "cells": lambda: packed(
        **{
            SHEET: BEGIN
            + b"<row>"
            + b"".join(b"<c><v>%d</v></c>" % NOISE.randrange(99) for _ in range(900_000))
            + b"</row>"
            + END
        }
    ),
    "rows": lambda: packed(
        **{SHEET: BEGIN + b"".join(b'<row><c t="str"><v>%d</v></c></row>' % n for n in range(240_000)) + END}
    ),
    "sheet of another name": lambda: packed(
        **{
            "xl/_rels/workbook.xml.rels": RELATIONS,
            "xl/sheet.png": BEGIN + b"<row>" + b"<c><v>1</v></c>" * 300_000 + b"</row>" + END,
        }
    ),
    "strings": lambda: packed(
        xl__sharedStrings_dot_xml=b"<sst>" + b"".join(b"<si><t>%d</t></si>" % n for n in range(900_000)) + b"</sst>"
    ),
    "styles": lambda: packed(
        xl__styles_dot_xml=b"<styleSheet>"
        + b"".join(b'<xf numFmtId="%d"/>' % n for n in range(400_000))
        + b"</styleSheet>"
    ),
    "far row": lambda: packed(
        **{SHEET: BEGIN + b'<row r="1048576"><c r="XFD1048576" t="str"><v>x</v></c></row>' + END}
    ),
    "deep": lambda: packed(**{SHEET: BEGIN + b"<a>" * 200_000 + b"</a>" * 200_000 + END}),
    "text": lambda: b"Title\n" + b"x\n" * 2_000_000,
    "columns": lambda: b"Title;" * 800_000,
}


@pytest.mark.parametrize("kind", sorted(BOMBS))
def test_a_bomb_is_refused_quickly_and_in_little_memory(cast, kind):
    content = BOMBS[kind]()
    memory, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()

    with pytest.raises(UnreadableError):
        planned(cast, content)

    assert time.process_time() - began < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 300 * 1024


def test_what_is_large_is_left_to_a_worker_and_others_are_not_slowed(cast, client):
    desk = Desk(cast)
    rows = [["Title", "Field of action"], *([f"Titel {number}", "A"] for number in range(4000))]

    began = time.monotonic()
    run = desk.upload(csv_text([[str(cell) * 20 for cell in row] for row in rows]).encode(), "groß.csv")

    assert (run.state, time.monotonic() - began < 10) == (ImportRun.State.WAITING, True)


# P17


def all_cells(content):
    return [[cell.value for cell in row] for page in load_workbook(io.BytesIO(content)) for row in page.iter_rows()]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_three_times_out_and_in_changes_no_cell(cast, kind):
    texts = [
        "=1+1",
        "'=1",
        "-2",
        "@x",
        "\tx",
        " Rand ",
        "a\r\nb",
        "_x000D_",
        "x005F_",
        "#N/A",
        "00123",
        "1,5",
        "31.12.2026",
    ]
    for text in texts:
        MeasureFactory(
            strategy=cast.strategy, field=cast.field, title=f"{text} T", goal=text, description=f"{text}\n{text}"
        )
    before = everything_stored()

    for _time in range(3):
        plan = planned(cast, exported(cast, kind))
        apply(plan, by=cast.actor("project_group"))
        assert (plan.problems, plan.new, plan.changed, plan.amendments, plan.unchanged) == ([], [], [], [], len(texts))

    assert everything_stored() == before


ANY_TEXT = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\x00")
    | st.sampled_from("=+-@\t\r\n'; \"＝\u200b_x0D"),
    max_size=40,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(ANY_TEXT, min_size=4, max_size=4))
def test_any_text_goes_out_and_comes_in_again(cast, texts):
    measure = Measure.objects.filter(strategy=cast.strategy).first() or cast.measure()
    names = ("goal", "description", "status_known", "responsible_function")
    Measure.objects.filter(pk=measure.pk).update(**dict(zip(names, texts, strict=True)))

    for kind in ("xlsx", "csv"):
        plan = planned(cast, exported(cast, kind))
        assert (plan.problems, plan.changed, plan.unchanged) == ([], [], 1)


# The numbers of the issue


def check_ten_of(cast, count):
    days = {"starts_on": date(2026, 1, 1), "ends_on": date(2027, 12, 31)}
    for number in range(count):
        state = State.RUNNING if number % 3 == 0 else State.DRAFT
        if state == State.RUNNING and number < 9:
            cast.measure(state, **days)
        else:
            MeasureFactory(strategy=cast.strategy, field=cast.field, stage=cast.stage, lead_unit=cast.unit, **days)
    actor = cast.actor("project_group")
    content = exported(cast)
    assert planned(cast, content).unchanged == count

    book = load_workbook(io.BytesIO(content))
    page = book.worksheets[0]
    places = {cell.value: cell.column for cell in page[1]}
    states = {row[0].row: row[places["State"] - 1].value for row in page.iter_rows(min_row=2)}
    drafts = [row for row, state in states.items() if state == "Draft"][:5]
    running = [row for row, state in states.items() if state == "Running"][:3]
    edits = [(row, "Title", f"Neu {row}") for row in drafts] + [(row, "Goal", "Neu") for row in drafts[:2]]
    edits += [(row, "Responsible function", "Neu") for row in running]
    for row, name, value in [*edits, *((row, "Title", "Amt") for row in running)]:
        page.cell(row, places[name]).value = value
    plan = planned(cast, saved(book))

    assert (len(edits), plan.cells_changed, plan.problems) == (10, 10, [])
    assert sorted(row.row for row in plan.amendments) == sorted(running)
    apply(plan, by=actor)
    assert Measure.objects.filter(title__startswith="Neu").count() == 5
    assert Measure.objects.filter(title="Amt").count() == 0
    again = planned(cast, exported(cast))
    assert (again.unchanged, again.changed, again.amendments) == (count, [], [])


def test_ten_cells_of_an_export_of_30_are_ten_changes(cast):
    with override("en"):
        check_ten_of(cast, 30)


@pytest.mark.slow
def test_ten_cells_of_an_export_of_500_are_ten_changes(cast):
    with override("en"):
        check_ten_of(cast, 500)


def test_a_file_of_another_encoding_is_no_text(cast):
    with pytest.raises(UnreadableError):
        decoded(b"\x81\x8d\xff")


def test_the_upload_is_measured_before_it_is_read(cast):
    desk = Desk(cast)
    token = str(desk.browser.get(desk.url("imports")).context["form"]["token"].value())
    sent = {"token": token, "file": SimpleUploadedFile("groß.csv", b"x" * (5 * 1024 * 1024 + 1))}

    answer = desk.browser.post(desk.url("imports"), sent)

    assert (answer.status_code, ImportRun.objects.exists()) == (200, False)
    assert "larger than 5 MB" in text_of(answer)
