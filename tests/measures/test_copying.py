"""A copy of a measure, and the measure that continues it."""

from datetime import date

import pytest
from django.urls import reverse

from measures.models import Measure, MeasureLink
from tests.factories import MilestoneFactory
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
    assert [milestone.title for milestone in draft.milestones.all()] == ["Offen"]
    assert not MeasureLink.objects.exists()


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
