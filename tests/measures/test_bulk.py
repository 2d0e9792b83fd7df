"""Several measures changed at once: looked at first, applied with versions, taken back."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import translation

from measures.bulk_plan import plan, shifted, why_no_end
from measures.history import history_of
from measures.models import BulkEdit, Measure, Tag
from strategy.models import Transition
from strategy.templatetags.portal import shown_date
from tests.factories import Cast, PhaseFactory, StageFactory
from tests.pages import browser_of, text_of, typed_on

State = Measure.State


@pytest.fixture
def writer(cast):
    return browser_of(cast.project_group)


def bulk_url(cast, *measures, query=""):
    chosen = "&".join([*(f"m={measure.code}" for measure in measures), query])
    return f"{reverse('measures:bulk', args=[cast.strategy.slug])}?{chosen}"


def prepared(writer, url, **typed):
    """The address of the preview."""
    answer = writer.post(url, typed_on(writer.get(url), **typed))
    assert answer.status_code == 302, text_of(answer)
    return answer.url


def applied(writer, url, **more):
    return writer.post(url, typed_on(writer.get(url), **more), follow=True)


def edit(cast, measure, **changes):
    measure.refresh_from_db()
    measure.edit(by=cast.actor("project_group"), version=measure.version, changes=changes)


def function_of(measure):
    return Measure.objects.get(pk=measure.pk).responsible_function


def test_a_selection_is_shown_then_changed_with_one_entry_each(cast, writer):
    phase = PhaseFactory(strategy=cast.strategy, title="Pilot")
    draft, running = cast.measure(), cast.measure(State.RUNNING, ends_on=date(2026, 12, 31))
    edit(cast, running, tags=["Alt", "Kita"])
    old = Tag.objects.get(name="Alt")
    url = bulk_url(cast, draft, running)

    preview = prepared(
        writer,
        url,
        responsible_function="Sachgebietsleitung",
        phase=phase.pk,
        add_tags="Neu",
        remove_tags=[old.pk],
        ends_on="30.06.2027",
    )
    page = writer.get(preview)
    shown, untouched = text_of(page), function_of(draft)
    assert page.context["step"]["consequences"] == []  # nor a frame around nothing
    answer = applied(writer, preview)

    assert "2 measures change" in shown
    assert "Responsible function: Abteilungsleitung → becomes Sachgebietsleitung" in shown
    assert "Tags: Alt, Kita → becomes Kita, Neu" in shown
    with translation.override("en"):
        assert "Ends: {} → becomes {}".format(*map(shown_date, [date(2026, 12, 31), date(2027, 6, 30)])) in shown
    assert untouched == "Abteilungsleitung"
    assert "2 changed, 0 skipped" in text_of(answer)
    running.refresh_from_db()
    assert (running.responsible_function, running.phase, str(running.ends_on)) == (
        "Sachgebietsleitung",
        phase,
        "2027-06-30",
    )
    assert [tag.name for tag in running.tags.all()] == ["Kita", "Neu"]
    assert [tag.name for tag in draft.tags.all()] == ["Neu"]
    newest = history_of(running, cast.actor("project_group"))[0]
    assert (len(newest.changes), newest.user) == (4, cast.project_group)
    assert Transition.objects.filter(verb="apply", user=cast.project_group).count() == 1


def test_a_measure_changed_since_the_preview_is_skipped_and_named(cast, writer):
    kept, changed = cast.measure(title="Bleibt"), cast.measure(title="Wird")
    preview = prepared(writer, bulk_url(cast, kept, changed), responsible_function="Sachgebietsleitung")
    edit(cast, kept, goal="Ein anderes Ziel")

    answer = text_of(applied(writer, preview))

    assert "1 changed, 1 skipped" in answer
    assert f"{kept.code} Bleibt" in answer
    assert "Somebody has changed this measure since the preview." in answer
    assert (function_of(kept), function_of(changed)) == ("Abteilungsleitung", "Sachgebietsleitung")


def test_core_fields_change_in_drafts_and_become_amendments_elsewhere(cast, writer):
    stage = StageFactory(strategy=cast.strategy, title="Zweite")
    measures = [cast.measure(state) for state in (State.DRAFT, State.RUNNING, State.IN_REVIEW, State.COMPLETED)]
    _draft, running, in_review, _completed = measures
    preview = prepared(writer, bulk_url(cast, *measures), stage=stage.pk)

    shown = text_of(writer.get(preview))
    answer = text_of(applied(writer, preview, open_amendments="on"))

    assert "1 needs an amendment." in shown
    assert "Field, stage and lead unit are fixed while it is in review." in shown
    assert "This measure has ended and is no longer edited." in shown
    assert "1 changed, 1 amendment proposed, 2 skipped" in answer
    assert [Measure.objects.get(pk=one.pk).stage for one in measures] == [stage, cast.stage, cast.stage, cast.stage]
    assert running.open_amendment().stage == stage
    assert in_review.open_amendment() is None


def test_without_the_box_no_amendment_is_proposed(cast, writer):
    running = cast.measure(State.RUNNING)
    preview = prepared(writer, bulk_url(cast, running), stage=StageFactory(strategy=cast.strategy).pk)

    answer = text_of(applied(writer, preview))

    assert "0 changed, 1 skipped" in answer
    assert "needs an amendment" in answer
    assert running.open_amendment() is None


def test_undo_puts_back_what_nobody_has_changed_since(cast, writer):
    phase = PhaseFactory(strategy=cast.strategy)
    first, second = cast.measure(), cast.measure()
    preview = prepared(writer, bulk_url(cast, first, second), responsible_function="Neu", phase=phase.pk, add_tags="X")
    page = applied(writer, preview)
    edit(cast, second, responsible_function="Noch neuer")
    url = page.request["PATH_INFO"] + "undo/"

    answer = text_of(applied(writer, url))

    assert "2 changed, 2 taken back, 0 skipped" in answer
    assert "Somebody has changed it since; that stays." in answer
    for measure, function in ((first, "Abteilungsleitung"), (second, "Noch neuer")):
        measure.refresh_from_db()
        assert (measure.responsible_function, measure.phase, list(measure.tags.all())) == (function, None, [])
    assert writer.get(url).status_code == 409


def test_fields_are_cleared_on_request_and_come_back(cast, writer):
    phase = PhaseFactory(strategy=cast.strategy, title="Pilot")
    full, bare = cast.measure(ends_on=date(2026, 12, 31), phase=phase), cast.measure(ends_on=None)
    Measure.objects.filter(pk=bare.pk).update(responsible_function="")
    url = bulk_url(cast, full, bare)

    preview = prepared(writer, url, clear=["responsible_function", "phase", "ends_on"])
    shown = text_of(writer.get(preview))
    page = applied(writer, preview)
    full.refresh_from_db()
    cleared = (full.responsible_function, full.phase, full.ends_on)
    applied(writer, page.request["PATH_INFO"] + "undo/")
    full.refresh_from_db()

    assert "Responsible function: Abteilungsleitung → becomes –" in shown
    assert "Phase: Pilot → becomes –" in shown
    assert "1 stays as it is" in shown
    assert cleared == ("", None, None)
    assert (full.responsible_function, full.phase, full.ends_on) == ("Abteilungsleitung", phase, date(2026, 12, 31))


def test_all_that_a_filter_finds_is_chosen_and_nothing_else(cast, writer):
    running, _draft = cast.measure(State.RUNNING), cast.measure()
    foreign = Cast().measure(State.RUNNING)

    found = writer.get(bulk_url(cast, query="all=on&state=running"))
    smuggled = writer.get(bulk_url(cast, query=f"m={foreign.code}X&m=%00&m={'9' * 40}"))

    assert [one["code"] for one in found.context["measures"]] == [running.code]
    assert "No measures chosen" in text_of(smuggled)


def test_too_many_at_once_are_refused(cast, writer, monkeypatch):
    monkeypatch.setattr(BulkEdit, "MOST", 1)
    url = bulk_url(cast, cast.measure(), cast.measure())

    assert "Too many measures at once" in text_of(writer.get(url))
    assert writer.post(url, {"responsible_function": "X"}).status_code == 200
    assert not BulkEdit.objects.exists()


BAD = [
    ({}, "Please choose what is to change."),
    ({"ends_on": "2027", "shift": "3"}, "Please either set the end or move it."),
    ({"ends_on": "31.02.2027"}, "There is no such day in the calendar."),
    ({"shift": "9" * 30}, "120"),
    ({"phase": "", "shift": "3", "clear": ["ends_on"]}, "“End” cannot be set and cleared at once."),
    ({"clear": ["goal"]}, "goal is not one of the available choices."),
    ({"responsible_function": "\x00"}, "Null characters are not allowed."),
]


@pytest.mark.parametrize(("typed", "message"), BAD)
def test_what_cannot_be_changed_is_said_at_its_field(cast, writer, typed, message):
    url = bulk_url(cast, cast.measure())

    answer = writer.post(url, typed_on(writer.get(url), **typed))

    assert answer.status_code == 200
    assert message in text_of(answer)
    assert not BulkEdit.objects.exists()


def test_rows_of_another_strategy_are_no_choice(cast, writer):
    there, url = Cast(), bulk_url(cast, cast.measure())
    page = writer.get(url)
    rows = {"phase": PhaseFactory(strategy=there.strategy), "stage": there.stage, "field": there.field}
    rows |= {"lead_unit": there.unit}

    refused = {name: writer.post(url, typed_on(page, **{name: row.pk})) for name, row in rows.items()}

    assert {name: list(answer.context["form"].errors) for name, answer in refused.items()} == {
        name: [name] for name in rows
    }
    assert not BulkEdit.objects.exists()


SHIFTS = [
    ((date(2026, 12, 31), 6, "day"), date(2027, 6, 30)),
    ((date(2027, 2, 28), 1, "month"), date(2027, 3, 31)),
    ((date(2026, 12, 31), -12, "year"), date(2025, 12, 31)),
]


@pytest.mark.parametrize(("moved", "expected"), SHIFTS)
def test_an_end_moves_by_months_as_exactly_as_it_is_known(moved, expected):
    assert shifted(*moved) == expected


ENDS = [
    ({"is_permanent": True}, date(2027, 1, 1), "day", {}),
    ({}, date(2027, 12, 31), "year", {"shift": 6}),
    ({"starts_on": date(2026, 1, 1)}, date(2027, 12, 31), "year", {}),
    ({"starts_on": date(2028, 1, 1)}, date(2027, 12, 31), "day", {}),
]


@pytest.mark.parametrize(("measure", "end", "precision", "wanted"), ENDS)
def test_an_end_that_does_not_fit_is_left_with_a_reason(measure, end, precision, wanted):
    measure = SimpleNamespace(**{"is_permanent": False, "starts_on": None, "date_precision": "day"} | measure)

    assert why_no_end(measure, end, precision, wanted) != ""


def test_what_a_measure_has_already_changes_nothing(cast):
    made = plan(cast.measure(), {"responsible_function": "Abteilungsleitung"})

    assert (made.after, len(made.why_not)) == ({}, 1)


@pytest.mark.parametrize("size", [2, 8])
def test_the_preview_asks_the_same_number_of_questions(cast, writer, size, django_assert_num_queries):
    measures = [cast.measure() for _ in range(size)]
    url = bulk_url(cast, *measures)
    preview = prepared(writer, url, responsible_function="Neu", add_tags="X")
    writer.get(preview)

    with django_assert_num_queries(5):
        writer.get(preview)
