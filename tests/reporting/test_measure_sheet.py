"""The sheet of a measure as PDF: what is filled in, for whoever may see it, and no figure of a few people."""

import io
from datetime import date

import pikepdf
import pytest
from django.urls import reverse

from measures.models import Measure, MeasureLink, Reference, Survey, WorksAgreement
from reporting.print.checker import check
from tests.factories import (
    CouncilPaperFactory,
    IndicatorFactory,
    IndicatorValueFactory,
    MilestoneFactory,
    ResourceRequestFactory,
)
from tests.pages import browser_of

from .print.reading import squeezed, text_of

State = Measure.State
pytestmark = pytest.mark.django_db


def address(measure):
    return reverse("reporting:measure-sheet", args=[measure.strategy.slug, measure.code])


def words(answer):
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        return squeezed(text_of(pdf))


@pytest.fixture
def measure(cast):
    """With everything a sheet may hold."""
    measure = cast.measure(
        State.RUNNING,
        title="Mobiles Arbeiten",
        description="Arbeit **außerhalb** des Büros.",
        goal="Bis 2028 für 8.000 Beschäftigte.",
        initial_situation="Rund 250 Plätze waren eingerichtet.",
        target_group="Beschäftigte mit Zugang",
        experience="- Der Wunsch ist groß.",
        risks="Die Leitungen reichen nicht.",
        responsible_function="Leitung Organisation",
        origin="council_motion",
        origin_note="Antrag 12",
        provenance={"goal": "example"},
        starts_on=date(2020, 1, 1),
        date_precision="year",
        is_permanent=True,
        source="https://www.stuttgart.de/mobil",
    )
    by = cast.actor("department_head")
    measure.report_status(by=by, light=cast.light("disc"), progress=40, text="Es geht voran.", next_steps="Auswerten.")
    measure.council_papers.add(CouncilPaperFactory(strategy=cast.strategy, number="48/2023", title="Vorgriff"))
    MilestoneFactory(measure=measure, title="Ausgerollt", due_on=date(2027, 3, 31))
    ResourceRequestFactory(measure=measure, kind="positions", year=2027, amount=2, purpose="Betreuung")
    WorksAgreement.objects.create(
        measure=measure, title="DV mobiles Arbeiten", state="negotiating", note="kurz vor Ende"
    )
    Survey.objects.create(measure=measure, title="Befragung Sommer", respondents=1200, findings="Es hat *genützt*.")
    Reference.objects.create(measure=measure, title="Digital MoveS", url="https://www.stuttgart.de/digitalmoves")
    indicator = IndicatorFactory(measure=measure, name="Mobile Plätze", unit="Personen", baseline=250, target=8000)
    IndicatorValueFactory(indicator=indicator, value=6300, as_of=date(2021, 6, 30), scope="Kernverwaltung")
    IndicatorValueFactory(indicator=indicator, value=4750, as_of=date(2020, 12, 31), qualifier="about")
    return measure


def test_everything_that_is_filled_in_stands_on_it(cast, measure):
    link = MeasureLink(
        source_measure=measure, target_measure=cast.measure(State.RUNNING, title="Laptops"), kind="depends_on"
    )
    link.save()

    answer = browser_of(cast.reader).get(address(measure))

    assert check(answer.content) == []
    said = words(answer)
    for text in (
        f"{measure.code} Mobiles Arbeiten", "Arbeit außerhalb des Büros.", "Bis 2028 für 8.000 Beschäftigte.",
        "Rund 250 Plätze waren eingerichtet.", "Beschäftigte mit Zugang", "Der Wunsch ist groß.",
        "Die Leitungen reichen nicht.", "Leitung Organisation", "Antrag 12", "ab 2020, Daueraufgabe",
        "Fortschritt 40 %", "Es geht voran.", "Auswerten.", "GRDrs 48/2023 Vorgriff", "Ausgerollt", "Betreuung",
        "DV mobiles Arbeiten", "kurz vor Ende", "n = 1.200", "Es hat genützt.", "stuttgart.de/digitalmoves",
        "Ausgangswert 250, Ziel 8.000",
        "6.300", "Kernverwaltung", "rund 4.750", "Laptops", "Beispielwerte: Ziel", "Quellen: stuttgart.de",
    ):  # fmt: skip
        assert squeezed(text) in said, text


def test_it_is_shown_under_a_name_of_its_own_and_kept_by_nobody(cast, measure):
    answer = browser_of(cast.reader).get(address(measure))

    assert answer.headers["Content-Type"] == "application/pdf"
    assert f"Ma%C3%9Fnahmenblatt%20{measure.code}.pdf" in answer.headers["Content-Disposition"]
    assert "private" in answer.headers["Cache-Control"]
    assert address(measure) in browser_of(cast.reader).get(measure.get_absolute_url()).content.decode()


def test_nobody_reads_of_a_draft_or_a_confidential_need_on_it(cast, measure):
    draft = cast.measure(title="Geheimer Entwurf")
    MeasureLink(source_measure=measure, target_measure=draft).save()
    for title, is_confidential in (("Offener Bedarf", False), ("Stiller Bedarf", True)):
        need = cast.need("acknowledged", title=title, is_confidential=is_confidential)
        cast.answer_need(need, "merged", measure=measure)

    assert browser_of(cast.reader).get(address(draft)).status_code == 404
    to_reader = words(browser_of(cast.reader).get(address(measure)))
    to_head = words(browser_of(cast.department_head).get(address(measure)))

    assert "GeheimerEntwurf" not in to_reader + to_head
    assert "StillerBedarf" not in to_reader + to_head
    assert ("OffenerBedarf" in to_reader, "OffenerBedarf" in to_head) == (False, True)


def test_a_value_of_fewer_than_five_people_leaves_the_house_for_nobody(cast, measure):
    small = IndicatorFactory(measure=measure, name="Härtefälle", unit="Personen", baseline=3, baseline_people=3)
    IndicatorValueFactory(indicator=small, value=4, people=4, as_of=date(2025, 12, 31), scope="Sozialdienst")

    said = words(browser_of(cast.project_group).get(address(measure)))

    assert "Härtefälle" in said
    assert "Sozialdienst" not in said
    assert "Ausgangswert3" not in said


@pytest.mark.parametrize("size", [1, 5])
def test_it_asks_the_same_number_of_questions(cast, measure, size, django_assert_num_queries):
    for number in range(size):
        MeasureLink(source_measure=measure, target_measure=cast.measure(State.RUNNING)).save()
        IndicatorValueFactory(indicator=IndicatorFactory(measure=measure), value=9, as_of=date(2025, 1, 1 + number))
        MilestoneFactory(measure=measure)
        Reference.objects.create(measure=measure, title=f"Buch {number}")
        ResourceRequestFactory(measure=measure, year=2026 + number)
    browser = browser_of(cast.reader)

    with django_assert_num_queries(20 + 3):  # three keep in the audit trail that it was fetched
        browser.get(address(measure))
