"""Links between measures."""

import pytest
from django.urls import reverse

from measures.models import Measure, MeasureLink
from strategy.deadlines import tasks_of
from strategy.workflow import RuleViolation
from tests.factories import Cast
from tests.pages import browser_of, text_of, typed_on

State = Measure.State


def create_url(measure):
    return reverse("measures:link-create", args=[measure.strategy.slug, measure.code])


def delete_url(link):
    measure = link.source_measure
    return reverse("measures:link-delete", args=[measure.strategy.slug, measure.code, link.pk])


@pytest.fixture
def writer(cast):
    return browser_of(cast.project_group)


def test_two_measures_are_linked_once_however_often_one_clicks(cast, writer):
    measure, other = cast.measure(), cast.measure()
    typed = typed_on(writer.get(create_url(measure)), kind="depends_on", target_measure=other.pk)

    answers = [writer.post(create_url(measure), typed) for _ in range(2)]
    again = writer.post(create_url(measure), typed | {"token": typed_on(writer.get(create_url(measure)))["token"]})

    assert {answer.url for answer in answers} == {measure.get_absolute_url()}
    assert "These two are linked in this way already." in text_of(again)
    link = MeasureLink.objects.get()
    assert (link.source_measure, link.target_measure, link.kind) == (measure, other, "depends_on")


def test_a_measure_of_another_strategy_or_itself_is_no_choice(cast, writer):
    measure, foreign = cast.measure(), Cast().measure()
    page = writer.get(create_url(measure))

    for target in (foreign.pk, measure.pk, "9" * 30, "\x00"):
        answer = writer.post(create_url(measure), typed_on(page, kind="related", target_measure=target))
        assert list(answer.context["form"].errors) == ["target_measure"]
    assert foreign.title not in text_of(page)
    assert not MeasureLink.objects.exists()


def test_a_link_is_taken_away_under_its_own_measure_only(cast, writer):
    measure, other = cast.measure(), cast.measure()
    link = MeasureLink.objects.connect(measure, other, "related", by=cast.actor("project_group"))
    wrong = reverse("measures:link-delete", args=[cast.strategy.slug, other.code, link.pk])
    assert writer.get(wrong).status_code == 404

    writer.post(delete_url(link), typed_on(writer.get(delete_url(link))))

    assert not MeasureLink.objects.exists()
    assert MeasureLink.changes.filter(history_type="-").get().history_user == cast.project_group


def test_the_edit_page_leads_to_links(cast, writer):
    measure, other = cast.measure(), cast.measure(title="Die andere")
    link = MeasureLink.objects.connect(measure, other, "related", by=cast.actor("project_group"))

    page = writer.get(reverse("measures:edit", args=[cast.strategy.slug, measure.code]))

    assert "Die andere" in text_of(page)
    assert delete_url(link) in page.content.decode()
    assert create_url(measure) in page.content.decode()


# Merging


def merge(cast, measure, other, reason="Beide wollen dasselbe."):
    return MeasureLink.objects.connect(measure, other, "merged_into", by=cast.actor("project_group"), reason=reason)


def test_a_merge_is_proposed_with_a_sentence_and_decided_by_dropping(cast, writer):
    measure, other = cast.measure(State.RUNNING, title="Die eine"), cast.measure(State.RUNNING, title="Die andere")
    url = f"{create_url(measure)}?merge=on"
    typed = typed_on(writer.get(url), target_measure=other.pk)
    refused = writer.post(url, typed)
    writer.post(url, typed_on(refused, reason="Beide wollen dasselbe."))
    steering = browser_of(cast.steering_team)
    drop = reverse("measures:drop", args=[cast.strategy.slug, measure.code])
    asked = [(task.kind, task.url) for task in tasks_of(cast.actor("steering_team"), cast.strategy)]

    sheet = text_of(steering.get(measure.get_absolute_url()))
    unknown_to_readers = text_of(browser_of(cast.reader).get(measure.get_absolute_url()))
    steering.post(drop, typed_on(steering.get(drop)))

    assert typed["kind"] == ["merged_into"]
    assert "Please say in a sentence why the two are merged." in text_of(refused)
    assert "The project group proposes to merge this measure into A2 Die andere." in sheet
    assert "Beide wollen dasselbe." not in unknown_to_readers
    assert asked == [("merge", drop)]
    assert not tasks_of(cast.actor("steering_team"), cast.strategy)
    measure.refresh_from_db()
    assert (measure.state, measure.transitions.last().reason) == (
        State.DROPPED,
        "Merged into A2 Die andere. Beide wollen dasselbe.",
    )
    for page, words in ((measure, "merged into A2 Die andere"), (other, "takes in A1 Die eine")):
        shown = text_of(browser_of(cast.reader).get(page.get_absolute_url()))
        assert words in shown
        assert "Beide wollen dasselbe." in shown
    link = MeasureLink.objects.get()
    assert writer.post(delete_url(link)).status_code == 409
    assert MeasureLink.objects.exists()


def test_no_circle_and_nothing_that_has_ended_is_merged(cast):
    first, second, ended = cast.measure(), cast.measure(), cast.measure(State.COMPLETED)
    merge(cast, first, second)

    for source, target in ((second, first), (first, ended), (ended, second), (first, cast.measure())):
        with pytest.raises(RuleViolation):
            merge(cast, source, target)
    assert MeasureLink.objects.count() == 1
