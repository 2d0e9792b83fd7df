"""Annex 3 and the deviations: what is told of a measure that has changed, against expectations made by hand."""

import dataclasses

import pytest

from reporting.print import pages
from reporting.print.checker import check
from reporting.print.comparison import change_of, changes_of, said
from reporting.print.deviations import deviations_of
from reporting.print.projection import Indicator, Milestone, Point, Resource
from reporting.print.render import render

from . import samples

KNOWN = {light.code for light in samples.LIGHTS}
BEFORE = samples.measure(
    "A1",
    goal="Bis 2027.",
    description="Kampagne.",
    lead_unit="10 Haupt- und Personalamt",
    responsible="Abteilungsleitung",
    stage="Stufe 1",
    begins="2024",
    ends="2027",
    priority="hoch",
    phase="Pilot",
    light="plan",
    progress=40,
    status="Läuft.",
    status_on="2026-03-01",
    next_steps="Weiter.",
    milestones=(
        Milestone(due="2026-06-30", title="Konzept", state="open"),
        Milestone(due="2026-09-30", title="Bericht", state="open"),
        Milestone(due="2027-09-30", title="Bericht", state="open"),
    ),
    indicator=Indicator(name="Zusagen", unit="Anzahl", points=(Point(when="2025", value="12"),), target="20"),
    resources=(Resource(kind="positions", year=2026, amount="2", state="angemeldet", step="registered"),),
)


def changed(**values):
    return dataclasses.replace(BEFORE, **values)


def lines(now):
    change = change_of(BEFORE, now, KNOWN)
    return [said(difference) for difference in change.differences] if change else None


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"title": "Neuer Name"}, ["Titel: Arbeitgebermarke Stuttgart von Beruf → Neuer Name"]),
        ({"goal": "Bis 2028."}, ["Ziel neu gefasst"]),
        ({"description": "Anders."}, ["Inhalt neu gefasst"]),
        ({"lead_unit": "51 Jugendamt"}, ["Federführung: 10 Haupt- und Personalamt → 51 Jugendamt"]),
        ({"responsible": ""}, ["Zuständigkeit: Abteilungsleitung → –"]),
        ({"stage": "Stufe 2"}, ["Stufe: Stufe 1 → Stufe 2"]),
        ({"ends": "2028"}, ["Zeitraum: 2024–2027 → 2024–2028"]),
        ({"priority": "sehr hoch"}, ["Priorität: hoch → sehr hoch"]),
        ({"state": "angehalten"}, ["Stand: in Umsetzung → angehalten"]),
        ({"phase": "Roll-out"}, ["Phase: Pilot → Roll-out"]),
        ({"light": "late", "progress": 45}, []),
        ({"status": "Anders.", "status_on": "2026-09-01", "next_steps": "Etwas anderes."}, None),
    ],
)
def test_what_was_decided_and_planned_is_compared_and_what_is_written_anew_is_not(values, told):
    assert lines(changed(**values)) == told


def test_milestones_are_told_apart_by_title_and_order():
    now = changed(
        milestones=(
            Milestone(due="2026-12-31", title="Konzept", state="moved", planned="2026-06-30"),
            Milestone(due="2026-09-30", title="Bericht", state="reached"),
            Milestone(due="2027-12-31", title="Bericht", state="open"),
            Milestone(due="2028-01-31", title="Abschluss", state="open"),
        )
    )

    assert lines(now) == [
        "Konzept: 30.06.2026 ○ offen → 31.12.2026 ▲ verschoben",
        "Bericht: 30.09.2026 ○ offen → 30.09.2026 ✓ erreicht",
        "Bericht: 30.09.2027 ○ offen → 31.12.2027 ○ offen",
        "Abschluss: – → 31.01.2028 ○ offen",
    ]
    assert lines(changed(milestones=BEFORE.milestones[1:])) == ["Konzept: 30.06.2026 ○ offen → –"]


def test_the_last_value_the_target_and_the_resources_are_compared():
    points = (Point(when="2025", value="12"), Point(when="2026", value="15", qualifier="about"))
    indicator = Indicator(name="Zusagen", unit="Anzahl", points=points, target="25", target_year=2030)
    granted = (
        Resource(kind="positions", year=2026, amount="2", state="bewilligt", step="granted", granted="2"),
        Resource(kind="operating", year=2027, amount="85000", state="vorgemerkt"),
    )

    assert lines(changed(indicator=indicator, resources=granted)) == [
        "Zusagen: 12 (2025) → rund 15 (2026)",
        "Ziel für Zusagen: 20 → 25 bis 2030",
        "2026: 2,0 Stellen (angemeldet) → 2,0 Stellen (bewilligt)",
        "2027: – → 85 T€ (vorgemerkt)",
    ]


def test_new_and_gone_measures_are_told_and_equal_ones_are_not():
    gone, new = samples.measure("A2", title="Entfallen", light="risk"), samples.measure("A3", title="Neu", light="none")

    found = changes_of((BEFORE, gone), (BEFORE, new), KNOWN)

    assert [(change.code, change.kind, change.light_before, change.light_after) for change in found] == [
        ("A3", "new", None, "none"),
        ("A2", "gone", "risk", None),
    ]


def test_a_light_that_is_no_longer_on_the_scale_is_not_shown():
    before = dataclasses.replace(BEFORE, light="blue")

    assert change_of(before, BEFORE, KNOWN).light_before is None


def test_annex_three_counts_and_lists_what_has_changed():
    now = changed(light="late", progress=45, ends="2028")
    same = samples.measure("A2", title="Unverändert")
    fields = [samples.field("A", now, same)]
    changes = changes_of((BEFORE, same), (now, same), KNOWN)
    projection = samples.projection(*fields, changes=changes, last_report="2026-03-31")

    body = pages.body(projection, "0" * 64)

    assert "Bericht vom 31.03.2026: 1\u00a0geändert, 1\u00a0unverändert." in body
    assert "40 → 45 %" in body
    assert "Zeitraum: 2024–2027 → 2024–2028" in body
    assert check(render(projection)) == []


def test_a_last_report_without_a_change_is_told_too():
    body = pages.body(samples.projection(samples.field("A", BEFORE), last_report="2026-03-31"), "0" * 64)

    assert "Änderungen seit dem letzten Bericht" in body
    assert "1\u00a0unverändert" in body


def test_deviations_name_the_milestones_and_the_reason():
    late = samples.measure(
        "A1",
        light="plan",
        status="Die Zustimmung fehlt.",
        milestones=(
            Milestone(due="2026-12-31", title="Konzept", state="moved", planned="2026-06-30"),
            Milestone(due="2026-08-31", title="Beschluss", state="overdue"),
            Milestone(due="2027-01-31", title="Start", state="open"),
        ),
    )
    at_risk = samples.measure("A2", light="risk", status="Es fehlt Personal.\nStellen sind angemeldet.")
    on_plan = samples.measure("A3", light="plan")

    found = deviations_of(samples.projection(samples.field("A", late, at_risk, on_plan)))

    assert [(row.measure.code, row.milestones, row.reason) for row in found] == [
        (
            "A1",
            ["Konzept: 31.12.2026 statt 30.06.2026", "Beschluss: überfällig seit 31.08.2026"],
            ["Die Zustimmung fehlt."],
        ),
        ("A2", [], ["Es fehlt Personal.", "Stellen sind angemeldet."]),
    ]
