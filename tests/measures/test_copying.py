"""A copy of a measure, and the measure that continues it."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from measures.models import Measure, MeasureLink, Survey
from tests.factories import IndicatorFactory, IndicatorValueFactory, MilestoneFactory, ResourceRequestFactory
from tests.pages import browser_of, text_of, typed_on

State = Measure.State


@pytest.fixture
def writer(cast):
    return browser_of(cast.project_group)


@pytest.fixture
def source(cast):
    measure = cast.measure(State.COMPLETED, title="Die alte", goal="Das Ziel", starts_on=date(2026, 1, 1))
    MilestoneFactory(measure=measure, title="Offen")
    MilestoneFactory(measure=measure, title="Erreicht", reached_on=date(2026, 2, 1))
    return measure


def url_of(name, measure):
    return reverse(f"measures:{name}", args=[measure.strategy.slug, measure.code])


def made(writer, url, **typed):
    answer = writer.post(url, typed_on(writer.get(url), **typed))
    assert answer.status_code == 302
    return Measure.objects.latest("pk")


def test_a_copy_takes_the_chosen_parts_and_a_code_of_its_own(writer, source):
    draft = made(writer, url_of("copy", source), title="Die neue", parts=["assignment", "milestones"])

    assert (draft.code, draft.title, draft.goal, draft.state) == ("A2", "Die neue", "", State.DRAFT)
    assert (draft.lead_unit, draft.responsible_function) == (source.lead_unit, source.responsible_function)
    assert list(draft.involved_units.all()) == list(source.involved_units.all())
    assert (draft.starts_on, draft.progress, draft.decided_on, draft.light.shape) == (None, 0, None, "ring")
    assert {(row.title, row.reached_on) for row in draft.milestones.all()} == {("Offen", None), ("Erreicht", None)}
    assert not MeasureLink.objects.exists()


def test_a_copy_takes_rows_along_without_what_came_of_them(cast, writer, source):
    this_year = timezone.localdate().year
    indicator = IndicatorFactory(measure=source, name="Fluktuation", target=6, source="Beispiel")
    indicator.provenance = {"target": "example"}
    indicator.save()
    IndicatorValueFactory(indicator=indicator)
    for year in (this_year - 1, this_year):
        request = ResourceRequestFactory(measure=source, year=year, amount="1234.56")
        request.register(by=cast.actor("project_group"))
    Survey(measure=source, strategy=cast.strategy, title="Umfrage", respondents=40).save()

    draft = made(writer, url_of("copy", source), parts=["indicators", "resources", "background"])

    [copied] = draft.indicators.all()
    assert (copied.name, copied.target, copied.source, copied.provenance) == (
        "Fluktuation",
        6,
        "Beispiel",
        {"target": "example"},
    )
    assert not copied.values.exists()
    assert copied.changes.get().history_user == cast.project_group
    [noted] = draft.resource_requests.all()
    assert (noted.year, noted.amount, noted.state) == (this_year, Decimal("1234.56"), "noted")
    assert [(row.title, row.respondents) for row in draft.surveys.all()] == [("Umfrage", 40)]
    assert not draft.milestones.exists()


def test_a_successor_is_linked_and_both_say_so(writer, source):
    draft = made(writer, url_of("continue", source), parts=["text", "period"])

    assert (draft.title, draft.goal, draft.starts_on) == ("Die alte", "Das Ziel", date(2026, 1, 1))
    assert draft.lead_unit is None
    link = MeasureLink.objects.get()
    assert (link.source_measure, link.target_measure, link.kind) == (source, draft, "successor")
    assert "continued by A2 Die alte" in text_of(writer.get(source.get_absolute_url()))
    assert "continues A1 Die alte" in text_of(writer.get(draft.get_absolute_url()))


def test_however_often_one_clicks_one_draft_is_made(writer, source):
    url = url_of("copy", source)
    typed = typed_on(writer.get(url))

    answers = {writer.post(url, typed).url for _ in range(2)}

    assert len(answers) == 1
    assert Measure.objects.count() == 2


@pytest.mark.parametrize("typed", [{"title": ""}, {"title": "\x00"}, {"title": "x" * 201}, {"parts": ["reviews"]}])
def test_what_cannot_be_copied_is_refused(writer, source, typed):
    url = url_of("copy", source)

    answer = writer.post(url, typed_on(writer.get(url), **typed))

    assert (answer.status_code, list(answer.context["form"].errors)) == (200, list(typed))
    assert Measure.objects.count() == 1
