"""The same file, edited, comes back: what it would change is shown, and taken over in one piece or not at all."""

import io
from datetime import date

import pytest
from django.utils.translation import override
from openpyxl import load_workbook

from measures.exchange.mapping import mapped
from measures.exchange.planning import plan_of
from measures.exchange.reader import read
from measures.models import ImportRun, Measure, TextVersion
from strategy.models import Transition
from tests.factories import MilestoneFactory, PhaseFactory, StageFactory, UnitFactory
from tests.measures.sheets import Desk, edited, problems, saved, sheet, text, told
from tests.pages import text_of

State, Run = Measure.State, ImportRun.State
PLANNING = 10  # what headings mean, the actor's memberships, tags on offer, measures with what they link to, names
NOTHING = {"new": 0, "changed": 0, "amendments": 0, "problems": 0, "cells_changed": 0}


@pytest.fixture
def desk(cast):
    return Desk(cast)


def plan_of_file(cast, content):
    table = read(content)
    return plan_of(table, mapped(table.headings, cast.strategy), cast.strategy, cast.actor("project_group"))


def stored():
    """Every field of every measure, with what is linked."""
    rows = Measure.objects.order_by("pk")
    return [(list(row), units) for row, units in zip(rows.values_list(), map(involved, rows), strict=True)]


def involved(measure):
    return sorted(measure.involved_units.values_list("pk", flat=True))


def make_all_states(cast):
    return {state: cast.measure(state, starts_on=date(2026, 1, 1), ends_on=date(2027, 12, 31)) for state in State}


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("language", ["de", "en"])
def test_an_export_uploaded_as_it_is_changes_nothing(cast, desk, kind, language):
    make_all_states(cast)
    before = stored()
    content = exported_in(language, desk, kind)

    run = desk.upload(content, f"liste.{kind}")

    assert (run.state, told(run)) == (Run.READY, NOTHING | {"unchanged": len(State)})
    assert desk.confirm(run).status_code == 302
    assert (run.state, stored()) == (Run.READY, before)


def exported_in(language, desk, kind):
    users = type(desk.cast.project_group).objects
    users.update(language=language)
    content = desk.export(kind)
    users.update(language="en")
    return content


def test_edited_cells_are_shown_before_and_after_and_then_taken_over(cast, desk):
    draft = cast.measure(title="Alt", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31), date_precision="year")
    running = cast.measure(State.RUNNING)
    phase = PhaseFactory(strategy=cast.strategy, title="Pilot")
    content = edited(
        desk.export(),
        (draft.code, "Title", "Neu"),
        (draft.code, "End", 2028),
        (draft.code, "Lead unit", "jugendamt"),
        (running.code, "Phase", "pilot"),
        (running.code, "Involved units", "10; Jugendamt"),
        (running.code, "Permanent task without an end", "Ja"),
        (running.code, "Tags", "Neu; Anders"),
    )

    run = desk.upload(content)

    assert told(run) == NOTHING | {"changed": 2, "cells_changed": 7, "unchanged": 0}
    (of_draft,) = (row for row in run.preview["changed"] if row["code"] == draft.code)
    assert of_draft["changes"] == [
        {"label": "Title", "before": "Alt", "after": "Neu"},
        {"label": "Lead unit", "before": str(cast.unit), "after": str(cast.other_unit)},
        {"label": "End", "before": "2026", "after": "2028"},
    ]
    assert "Alt" in text_of(desk.browser.get(run.get_absolute_url()))
    entries = {measure.pk: measure.changes.count() for measure in (draft, running)}
    desk.confirm(run)
    draft.refresh_from_db()
    running.refresh_from_db()
    assert run.state == Run.DONE
    assert (draft.title, draft.ends_on, draft.lead_unit) == ("Neu", date(2028, 12, 31), cast.other_unit)
    assert (running.phase, involved(running), running.is_permanent) == (
        phase,
        sorted([cast.unit.pk, cast.other_unit.pk]),
        True,
    )
    assert [tag.name for tag in running.tags.all()] == ["Anders", "Neu"]
    assert (draft.version, running.version) == (2, 2)
    assert draft.changes.count() == entries[draft.pk] + 1
    assert draft.changes.first().history_user == cast.project_group
    assert Transition.objects.of(run).get().verb == "confirm"


def test_a_row_without_a_code_becomes_a_draft_with_the_next_one(cast, desk):
    cast.measure()
    StageFactory(strategy=cast.strategy, number=2, title="Zweite Stufe")
    content = edited(
        desk.export(),
        (None, "Title", "Neue"),
        (None, "Field of action", "a"),
        (None, "Stage", "2"),
        (None, "End", "12.2027"),
    )

    run = desk.take_over(content)

    new = Measure.objects.get(title="Neue")
    assert (run.state, run.result["created"], new.code) == (Run.DONE, ["A2"], "A2")
    assert (new.stage.number, new.ends_on, new.date_precision) == (2, date(2027, 12, 31), "month")
    assert "A2" in text_of(desk.browser.get(run.get_absolute_url()))


def test_core_cells_of_what_was_submitted_are_listed_and_open_an_amendment_only_if_asked(cast, desk):
    running, in_review = cast.measure(State.RUNNING, title="Alt"), cast.measure(State.IN_REVIEW)
    content = edited(
        desk.export(),
        (running.code, "Title", "Neu"),
        (running.code, "Responsible function", "Leitung"),
        (in_review.code, "Goal", "Anders"),
    )

    run = desk.upload(content)

    assert told(run) == NOTHING | {"changed": 1, "amendments": 2, "cells_changed": 1, "unchanged": 0}
    desk.confirm(run)
    running.refresh_from_db()
    assert (running.title, running.responsible_function) == ("Alt", "Leitung")
    assert (run.result["amended"], sorted(run.result["to_amend"])) == ([], [running.code, in_review.code])
    assert not TextVersion.objects.filter(state__in=TextVersion.OPEN).exists()

    again = desk.take_over(content, with_amendments="on")

    assert again.result["amended"] == [running.code]
    assert TextVersion.objects.get(state__in=TextVersion.OPEN).title == "Neu"


def test_what_both_have_changed_since_the_export_is_refused_and_old_words_are_no_edit(cast, desk):
    measure, other = cast.measure(goal="Altes Ziel"), cast.measure(goal="Altes Ziel")
    content = desk.export()
    for one in (measure, other):
        one.edit(by=cast.actor("project_group"), version=1, changes={"goal": "Ihr Ziel", "responsible_function": "Sie"})

    mine = edited(content, (measure.code, "Title", "Mein Titel"), (other.code, "Goal", "Mein Ziel"))
    run = desk.upload(mine)

    assert [found[:3] for found in problems(run)] == [(3, "Goal", "Mein Ziel")]
    assert "it is now: Ihr Ziel" in problems(run)[0][3]
    run = desk.take_over(edited(content, (measure.code, "Title", "Mein Titel")))
    measure.refresh_from_db()
    assert (run.state, run.result["cells"], run.result["unchanged"]) == (Run.DONE, 1, 1)
    assert (measure.title, measure.goal, measure.responsible_function) == ("Mein Titel", "Ihr Ziel", "Sie")


def test_what_changes_between_preview_and_confirmation_is_shown_once_more(cast, desk):
    measure = cast.measure(goal="Alt")
    run = desk.upload(edited(desk.export(), (measure.code, "Title", "Mein Titel")))
    measure.edit(by=cast.actor("project_group"), version=1, changes={"goal": "Ihr Ziel"})

    desk.confirm(run)

    measure.refresh_from_db()
    assert (run.state, measure.title, "changed since" in run.problem) == (
        Run.READY,
        run.preview["changed"][0]["title"],
        True,
    )
    desk.confirm(run)
    measure.refresh_from_db()
    assert (run.state, measure.title, measure.goal) == (Run.DONE, "Mein Titel", "Ihr Ziel")


def test_two_clicks_take_it_over_once(cast, desk):
    run = desk.upload(edited(desk.export(), (None, "Title", "Neue"), (None, "Field of action", "A")))

    desk.confirm(run)
    desk.confirm(run)

    assert (run.state, Measure.objects.filter(title="Neue").count()) == (Run.DONE, 1)


BAD = [
    ("Title", "", "This field is required."),
    ("Title", "x" * 201, "at most 200 characters"),
    ("Stage", "Stufe 99", "There is none of that name here. Possible: Stufe 1"),
    ("Lead unit", "Zoo", "There is none of that name here."),
    ("Lead unit", "Amt", "Several are called that."),
    ("End", "31.02.2026", "There is no such day"),
    ("End", "bald", "like 31.12.2026"),
    ("End", date(2025, 1, 1), "The end lies before the begin"),
    ("Dates are exact to the", "Woche", "Possible: day, month, year"),
    ("Permanent task without an end", "vielleicht", "Please write yes or no."),
    ("Goal", "=1+1", "A formula stands here."),
    ("Code", "Z99", "There is no measure of this code here."),
    ("Row version (please leave)", 7, "Please leave it as it was."),
    ("Row version (please leave)", None, "Please leave it as it was."),
]


@pytest.mark.parametrize(("column", "typed", "words"), BAD)
def test_a_mistake_is_named_by_row_and_column_and_nothing_is_taken_over(cast, desk, column, typed, words):
    UnitFactory(strategy=cast.strategy, number="70", name="Amt")
    UnitFactory(strategy=cast.strategy, number="71", name="Amt")
    bad = cast.measure(starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
    good = cast.measure()
    before = stored()
    run = desk.upload(edited(desk.export(), (bad.code, column, typed), (good.code, "Title", "Neu")))

    (problem,) = problems(run)

    assert problem[:2] == (2, column)
    assert words in problem[3]
    assert words in text_of(desk.browser.get(run.get_absolute_url()))
    desk.confirm(run)
    assert (run.state, stored()) == (Run.READY, before)


def test_an_ended_measure_is_not_edited(cast, desk):
    dropped = cast.measure(State.DROPPED)

    run = desk.upload(edited(desk.export(), (dropped.code, "Responsible function", "Neu")))

    assert problems(run) == [(2, "Code", dropped.code, "This measure has ended and is no longer edited.")]


def test_nothing_of_another_strategy_can_be_named(cast, desk):
    stranger = type(cast)()
    UnitFactory(strategy=stranger.strategy, number="99", name="Fremdes Amt")
    theirs = stranger.measure(field=stranger.field)
    mine = cast.measure()
    type(theirs).objects.filter(pk=theirs.pk).update(code="Z7")
    before = stored()

    rows = [("Code", "Title", "Lead unit"), ("Z7", "Übernommen", ""), (mine.code, mine.title, "Fremdes Amt")]
    run = desk.upload(sheet(*rows))

    assert [(found[0], found[1]) for found in problems(run)] == [(2, "Code"), (3, "Lead unit")]
    assert "Fremdes" not in "".join(found[3] for found in problems(run))
    assert stored() == before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_whatever_excel_saves_as_text_is_read(cast, desk, encoding, delimiter):
    rows = [("Titel", "Handlungsfeld", "Ende"), ("Für alle; größer, besser", "A", "31.12.2027")]

    run = desk.take_over(text(*rows, delimiter=delimiter, encoding=encoding), "liste.csv")

    assert Measure.objects.get().title == "Für alle; größer, besser"
    assert (run.result["created"], Measure.objects.get().ends_on) == (["A1"], date(2027, 12, 31))


def test_unknown_columns_are_named_and_missing_ones_change_nothing(cast, desk):
    measure = cast.measure(goal="Bleibt", responsible_function="Alt")

    rows = [("Farbe", "responsible function", "CODE", "State"), ("rot", "Neu", measure.code.lower(), "Completed")]
    run = desk.take_over(sheet(*rows))

    measure.refresh_from_db()
    assert (run.preview["unknown"], run.preview["only_shown"]) == (["Farbe"], ["State"])
    assert (measure.responsible_function, measure.goal, measure.state) == ("Neu", "Bleibt", State.DRAFT)


def test_a_citys_own_columns_are_named_once_and_remembered(cast, desk):
    rows = [("Vorhaben", "Bereich", "Ampel alt"), ("Onboarding", "A", "rot")]
    run = desk.upload(sheet(*rows))
    assert run.state == Run.MAPPING
    url = desk.url("import-columns", run.pk)
    page = desk.browser.get(run.get_absolute_url(), follow=True)
    assert page.redirect_chain == [(url, 302)]  # there is nothing else to do with it, but to discard it
    assert desk.url("import-cancel", run.pk) in page.content.decode()
    token = str(page.context["form"]["token"].value())
    offered = [page.context["form"][f"column-{place}"].value() for place in range(3)]

    twice = desk.browser.post(url, {"token": token, "column-0": "title", "column-1": "title", "column-2": "-"})
    named = desk.browser.post(url, {"token": token, "column-0": "title", "column-1": "field", "column-2": "-"})

    assert "Chosen for another heading as well" in text_of(twice)
    assert (offered, named.status_code) == (["title", "field", "-"], 302)
    run.refresh_from_db()
    assert (run.state, told(run)["new"], run.preview["unknown"]) == (Run.READY, 1, ["Ampel alt"])
    assert desk.upload(sheet(*rows)).state == Run.READY


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 x", None),
        (b"\xd0\xcf\x11\xe0 old", "protected by a password"),
        (b"PK\x03\x04 not really", "no Excel file"),
        (b"\x00\x01\x02", "neither an Excel file"),
        (b'Code;Title\nA1;"open', "From row 2 on the file cannot be read"),
        (b"\n\n", "nothing in the file"),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(desk, content, words):
    if words == "empty":
        page = desk.browser.post(desk.url("imports"), {"token": "x"})
        assert page.status_code == 200
        return
    run = desk.upload(content, "liste.csv")

    assert run.state in (Run.FAILED, Run.MAPPING)
    assert words is None or words in run.problem
    assert words is None or words in text_of(desk.browser.get(run.get_absolute_url()))


def test_a_discarded_table_leaves_no_file_and_changes_nothing(cast, desk):
    run = desk.upload(edited(desk.export(), (None, "Title", "Neue"), (None, "Field of action", "A")))
    token = str(desk.browser.get(run.get_absolute_url()).context["once"]["token"].value())

    desk.browser.post(desk.url("import-cancel", run.pk), {"token": token})

    run.refresh_from_db()
    assert (run.state, Measure.objects.count()) == (Run.CANCELLED, 0)
    desk.confirm(run)
    assert (run.state, Measure.objects.count()) == (Run.CANCELLED, 0)


def test_the_template_says_what_may_be_written_and_comes_back(cast, desk):
    content = desk.browser.get(desk.url("import-template")).content

    run = desk.take_over(edited(content, (None, "Title", "Aus der Vorlage"), (None, "Field of action", "A")))

    assert Measure.objects.get().title == "Aus der Vorlage"
    assert run.state == Run.DONE


@pytest.mark.parametrize("count", [1, 4])
def test_a_preview_asks_the_same_questions_for_few_rows_and_for_many(cast, desk, django_assert_num_queries, count):
    rows = [("Titel", "Handlungsfeld"), *((f"Neue {number}", "A") for number in range(count))]
    run = desk.upload(text(*rows), "liste.csv")

    with django_assert_num_queries(6):
        desk.browser.get(run.get_absolute_url())


@pytest.mark.parametrize("count", [1, 4])
def test_what_is_unchanged_is_asked_for_once_however_much_it_is(cast, desk, django_assert_num_queries, count):
    for _number in range(count):
        cast.measure()
    content = desk.export("csv")

    with override("en"), django_assert_num_queries(PLANNING):
        plan = plan_of_file(cast, content)

    assert plan.unchanged == count


# Milestones


def with_milestones(content, *edits):
    """The workbook with cells of the second sheet typed over: (row, column, value)."""
    book = load_workbook(io.BytesIO(content))
    for row, column, value in edits:
        book.worksheets[1].cell(row, column).value = value
    return saved(book)


def test_milestones_are_changed_and_added_with_the_measure(cast, desk):
    running, draft = cast.measure(State.RUNNING), cast.measure()
    known = MilestoneFactory(measure=running, title="Konzept", due_on=date(2027, 6, 30), date_precision="month")
    MilestoneFactory(measure=running, title="Bleibt")
    book = desk.export(ordering="code")

    run = desk.take_over(
        with_milestones(
            edited(book, (draft.code, "Title", "Neu")),
            (2, 3, "Konzept fertig"),
            (2, 4, date(2027, 9, 30)),
            (2, 6, date(2026, 1, 2)),
            (4, 1, draft.code),
            (4, 3, "Auftakt"),
            (4, 4, 2028),
        )
    )

    known.refresh_from_db()
    assert (run.state, run.result["cells"], run.result["changed"]) == (Run.DONE, 3, 2)
    assert run.preview["changed"][0]["changes"] == [
        {"label": "Milestone", "before": "Konzept, 06.2027", "after": "Konzept fertig, 09.2027, 02.01.2026"}
    ]
    assert (known.title, known.due_on, known.reached_on) == ("Konzept fertig", date(2027, 9, 30), date(2026, 1, 2))
    new = draft.milestones.get()
    assert (new.title, new.due_on, new.date_precision) == ("Auftakt", date(2028, 12, 31), "year")
    assert running.milestones.count() == 2


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        (1, "Z99", "There is no measure of this code here."),
        (2, 99, "does not belong to this measure"),
        (3, None, "This field is required."),
        (4, "bald", "like 31.12.2026"),
        (4, "=A1", "A formula stands here."),
        (5, "Woche", "Possible: day, month, year"),
        (6, "2027", "Please give the day"),
    ],
)
def test_a_mistake_in_a_milestone_is_named_and_nothing_is_taken_over(cast, desk, column, value, words):
    milestone = MilestoneFactory(measure=cast.measure())
    before = stored()

    run = desk.upload(with_milestones(desk.export(), (2, column, value)))

    (problem,) = problems(run)
    assert (problem[0], words in problem[3], problem[1].startswith("Milestone")) == (2, True, True)
    assert stored() == before
    milestone.refresh_from_db()
    assert milestone.due_on == date(2027, 6, 30)


def test_milestones_of_a_measure_changed_since_the_export_are_refused(cast, desk):
    measure = cast.measure()
    MilestoneFactory(measure=measure)
    content = with_milestones(desk.export(), (2, 3, "Anders"))
    measure.edit(by=cast.actor("project_group"), version=1, changes={"goal": "Ihr Ziel"})

    (problem,) = problems(desk.upload(content))

    assert "since the export" in problem[3]
