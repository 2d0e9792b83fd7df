"""The history of a need: for the staff council from its first word, for everybody else from submission."""

from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.db.models import F
from django.utils import timezone, translation

from measures.history import history_of
from measures.models import Attachment, Measure, Need, NeedNote
from strategy.models import Role
from tests.factories import StageFactory

State, Outcome = Need.State, Need.Outcome
TAKING_PART = [role for role in Role.TAKING_PART if role != Role.STAFF_COUNCIL]


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def told(row, actor):
    """[(text, {field: (before, after)})] of the whole history, the oldest first."""
    entries = history_of(row, actor)[::-1]
    return [(str(e.text), {str(c.label): (str(c.before), str(c.after)) for c in e.changes}) for e in entries]


def texts(row, actor):
    return [text for text, _changes in told(row, actor)]


def edit(cast, need, **changes):
    need.refresh_from_db()
    need.edit(by=cast.actor("staff_council"), version=need.version, changes=changes)


@pytest.mark.sqlite
def test_the_way_of_a_need_is_told_step_by_step(cast):
    need = cast.need(State.OBJECTED)
    need.answer_objection(by=cast.actor("steering_team"), reason="Nein")
    cast.settle(need)

    assert texts(need, cast.actor("staff_council")) == [
        "Created",
        "Submitted",
        "Receipt confirmed",
        "Answered",
        "Objection made",
        "Objection answered",
        "Settled",
    ]


def test_an_extension_and_a_withdrawal_are_told_with_their_days(cast):
    need = cast.need(State.SUBMITTED)
    need.extend(by=cast.actor("project_group"), reason="Wir prüfen", due_on=timezone.localdate() + timedelta(days=50))
    cast.withdraw(need)

    extended, withdrawn = told(need, cast.actor("steering_team"))[-2:]

    assert (extended[0], list(extended[1])) == ("Interim notice, more time for the answer", ["answer due on"])
    assert withdrawn == ("Withdrawn", {})


def an_hour_later(*models):
    """What has been changed so far lies back, or a step of the same person would take it over."""
    for model in models:
        model.changes.update(history_date=F("history_date") - timedelta(hours=1))


def test_what_was_written_before_submission_is_the_councils_alone(cast):
    need = cast.need(title="Geheim eins", text="Geheim zwei")
    NeedNote.objects.write(need, by=cast.actor("staff_council"), text="Geheim drei")
    Attachment.objects.attach(need, by=cast.actor("staff_council"), file=ContentFile(b"Hallo", "geheim.txt"))
    edit(cast, need, title="Ruheräume", text="In jedem Amt.")
    an_hour_later(Need, Attachment)
    cast.submit_need(need)
    need.acknowledge(by=cast.actor("project_group"))

    councils = told(need, cast.actor("staff_council"))

    assert [text for text, _changes in councils] == [
        "Created",
        "Attachment added: geheim.txt",
        "Changed",
        "Submitted",
        "Receipt confirmed",
    ]
    assert councils[2][1] == {
        "title": ("Geheim eins", "Ruheräume"),
        "what is needed": ("Geheim zwei", "In jedem Amt."),
    }
    for name in TAKING_PART:
        assert told(need, cast.actor(name)) == [("Submitted", {}), ("Receipt confirmed", {})], name


def test_every_field_is_told_with_old_and_new_value(cast):
    need, stage = cast.need(), StageFactory(strategy=cast.strategy, title="Stufe II")

    edit(
        cast,
        need,
        kind="application",
        legal_basis="81",
        resolved_on=date(2026, 5, 4),
        affected_groups="Schichtdienst",
        employees_behind=40,
        urgency="high",
        wished_stage=stage,
        origin="paper",
        is_confidential=True,
    )
    edit(cast, need, affected_units=[cast.unit, cast.other_unit])
    edit(cast, need, reasons="Zu laut", affected_units=[cast.unit])

    assert told(need, cast.actor("staff_council"))[1:] == [
        (
            "Changed",
            {
                "kind": ("Informal need", "Application, LPVG § 84"),
                "legal basis of the application": ("", "LPVG § 81 (1)"),
                "day of the staff council's resolution": ("", "4 May 2026"),
                "affected groups of employees": ("", "Schichtdienst"),
                "employees behind it": ("", "40"),
                "urgency": ("medium", "high"),
                "wished stage": ("", "Stufe II"),
                "origin": ("entered in the portal", "received on paper or in conversation"),
                "confidential": ("no", "yes"),
            },
        ),
        ("Changed", {"affected units": ("", "10 Haupt- und Personalamt, 51 Jugendamt")}),
        (
            "Changed",
            {
                "reasons": ("", "Zu laut"),
                "affected units": ("10 Haupt- und Personalamt, 51 Jugendamt", "10 Haupt- und Personalamt"),
            },
        ),
    ]


def adopted(cast, **values):
    need = cast.need(State.SUBMITTED, title="Ruheräume", **values)
    details = {"outcome": Outcome.ADOPTED, "draft": {"field": cast.field, "title": "Räume"}}
    need.answer(by=cast.actor("project_group"), reason="Gern", **details)
    return need


def test_the_outcome_is_told_and_not_the_measure_still_hidden(cast):
    need = adopted(cast)

    text, changes = told(need, cast.actor("staff_council"))[-1]

    assert (text, changes) == ("Answered", {"outcome": ("", "adopted")})
    assert history_of(need, cast.actor("staff_council"))[0].why == "Gern"


@pytest.mark.sqlite
def test_a_measure_tells_which_need_it_came_from(cast):
    need = adopted(cast)

    assert texts(need.measure, cast.actor("project_group")) == ["Created", "Taken up from a need: N1 Ruheräume"]


def test_a_measure_tells_of_needs_only_those_who_see_them(cast):
    measure, need = cast.measure(Measure.State.RUNNING), cast.need(State.SUBMITTED, title="Ruheräume")
    need.answer(by=cast.actor("project_group"), reason="Gern", outcome=Outcome.MERGED, measure=measure)
    need.settle(by=cast.actor("staff_council"))

    last = {name: texts(measure, cast.actor(name))[-1] for name in Role.values}

    assert last == dict.fromkeys(Role.TAKING_PART, "Taken up from a need: N1 Ruheräume") | dict.fromkeys(
        Role.LOOKING_ON, "Started"
    )


@pytest.mark.parametrize("size", [1, 20])
def test_the_history_asks_the_same_number_of_questions(cast, size, django_assert_num_queries):
    need = cast.need()
    for number in range(size):
        stage = StageFactory(strategy=cast.strategy)
        edit(cast, need, title=f"Titel {number}", affected_units=[cast.unit][number % 2 :], wished_stage=stage)
        if number < 10:
            Attachment.objects.attach(need, by=cast.actor("staff_council"), file=ContentFile(b"Hallo", "a.txt"))
    actor = cast.actor("staff_council")

    with django_assert_num_queries(7):
        history_of(need, actor)
