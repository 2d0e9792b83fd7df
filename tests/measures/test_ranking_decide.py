"""The steering team sets priorities beside the proposals of a round: all of them or none, with reasons."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from measures.models import Measure, PriorityDecision
from strategy.models import OutgoingMail, Priority, Role, Transition
from strategy.workflow import RuleViolation
from tests.measures import rankings
from tests.pages import browser_of, text_of, typed_on

STATE = Measure.State


@pytest.fixture
def high(cast):
    return Priority.objects.create(strategy=cast.strategy, code="high", title="hoch", position=1)


def published(cast, *states, **values):
    """A published round of measures in these states, seven heads of one opinion."""
    measures = [cast.measure(state) for state in states or (STATE.AGREED, STATE.DECIDED, STATE.RUNNING)]
    return rankings.published(cast, rankings.voted(cast, measures=measures, **values))


def address(ranking, name="decide"):
    return reverse(f"measures:ranking-{name}", args=[ranking.strategy.slug, ranking.pk])


def chosen(ranking, *choices, **more):
    """What is typed over on the form: (place of the row in the round, priority, reason of its own)."""
    rows = list(ranking.measures.all())
    typed = dict(more)
    for number, priority, reason in choices:
        typed |= {f"priority_{rows[number].pk}": priority.pk, f"reason_{rows[number].pk}": reason}
    return typed


def send(cast, ranking, *choices, follow=False, **more):
    client = browser_of(cast.steering_team)
    form = client.get(address(ranking))
    return client.post(address(ranking), typed_on(form, **chosen(ranking, *choices, **more)), follow=follow)


def test_the_steering_team_sets_priorities_beside_the_proposals(cast, high):
    ranking = published(cast)
    rows = list(ranking.measures.all())

    response = send(
        cast, ranking, (0, cast.priority, ""), (2, high, "Erst die Pilotphase"), reason="Gemeinsame Einschätzung"
    )

    assert response.status_code == 302
    assert response["Location"] == f"{address(ranking, 'results')}#decisions"
    decisions = PriorityDecision.objects.filter(round_measure__round=ranking).order_by("round_measure")
    assert list(decisions.values_list("measure", "priority", "reason", "round_measure")) == [
        (rows[0].measure_id, cast.priority.pk, "Gemeinsame Einschätzung", rows[0].pk),
        (rows[2].measure_id, high.pk, "Erst die Pilotphase", rows[2].pk),
    ]
    assert [Measure.objects.get(pk=row.measure_id).priority for row in rows] == [
        cast.priority,
        rows[1].measure.priority,
        high,
    ]


def test_the_step_stands_in_the_history_of_round_and_measure_and_all_who_take_part_are_told(cast):
    ranking = published(cast)
    OutgoingMail.objects.all().delete()

    send(cast, ranking, (0, cast.priority, ""), reason="Gemeinsame Einschätzung")

    step = ranking.transitions.get(verb="decide")
    assert (step.before, step.after, step.user) == ("published", "published", cast.steering_team)
    measure = ranking.measures.first().measure
    assert Transition.objects.of(measure).filter(verb="prioritise").count() == 1
    told = set(OutgoingMail.objects.values_list("recipient__username", flat=True))
    people = {cast.project_group, cast.department_head, cast.other_head, cast.administrative_head, cast.staff_council}
    assert told >= {person.username for person in people}
    assert told.isdisjoint({cast.steering_team.username, cast.reader.username, cast.administrator.username})


def test_the_outcome_stands_on_results_round_and_sheet(cast):
    ranking = published(cast)
    measure = ranking.measures.first().measure

    send(cast, ranking, (0, cast.priority, ""), reason="Gemeinsame Einschätzung")

    head = browser_of(cast.department_head)
    for url in (address(ranking, "results"), ranking.get_absolute_url()):
        text = text_of(head.get(url))
        assert "Decided: the priority of one measure" in text
        assert f"{measure.code} {measure.title} {cast.priority} Gemeinsame Einschätzung" in text
    sheet = head.get(measure.get_absolute_url())
    assert "beside the ranking" in text_of(sheet)
    assert f'href="{address(ranking, "results")}"' in sheet.content.decode()


def test_readers_see_the_decision_but_not_the_ranking_it_stood_beside(cast):
    ranking = published(cast)
    decided = ranking.measures.all()[1].measure
    send(cast, ranking, (1, cast.priority, "Wichtig für alle"))

    sheet = browser_of(cast.reader).get(decided.get_absolute_url())

    assert "Wichtig für alle" in text_of(sheet)
    assert "beside the ranking" not in text_of(sheet)
    assert ranking.title not in text_of(sheet)


def test_measures_that_can_have_no_priority_now_are_listed_with_their_state(cast):
    ranking = published(cast, STATE.AGREED, STATE.IN_REVIEW, STATE.PAUSED)
    agreed, in_review, paused = ranking.measures.all()

    response = browser_of(cast.steering_team).get(address(ranking))

    fields = response.context["form"].fields
    assert [name for name in fields if name.startswith("priority_")] == [f"priority_{agreed.pk}"]
    text = text_of(response)
    assert "2 measures can have no priority now" in text
    assert f"{in_review.code} {in_review.title} State: In review" in text
    assert f"{paused.code} {paused.title} State: Paused" in text


def test_a_round_without_such_measures_says_so(cast):
    ranking = published(cast, STATE.IN_REVIEW, STATE.IN_REVIEW)

    assert "None of the measures can have a priority now." in text_of(
        browser_of(cast.steering_team).get(address(ranking))
    )


def test_the_form_begins_with_the_proposals_on_demand(cast, high):
    ranking = published(cast)
    first = ranking.measures.first()
    client = browser_of(cast.steering_team)

    plain, preset = (typed_on(client.get(address(ranking), query)) for query in ({}, {"preset": "proposals"}))

    assert {value[0] for name, value in plain.items() if name.startswith("priority_")} == {""}
    assert {name: value[0] for name, value in preset.items() if name.startswith("priority_") and value[0]} == {
        f"priority_{first.pk}": str(cast.priority.pk)
    }


def test_nothing_chosen_and_no_reason_are_told_at_the_field_and_what_was_typed_stays(cast):
    ranking = published(cast)

    nothing = send(cast, ranking, reason="Ein Grund")
    without = send(cast, ranking, (0, cast.priority, ""), (1, cast.priority, "Eigener Grund"))

    assert set(nothing.context["form"].errors) == {"__all__"}
    assert "Please choose a priority for at least one measure." in text_of(nothing)
    assert "Ein Grund" in text_of(nothing)
    assert set(without.context["form"].errors) == {"reason"}
    assert "Please give a reason, here or at each measure." in text_of(without)
    assert "Eigener Grund" in text_of(without)
    assert not PriorityDecision.objects.filter(round_measure__isnull=False).exists()


@pytest.mark.parametrize("typed", ["0", "999999999999999999999", "\0", "hoch", "-1"])
def test_a_priority_that_is_none_is_refused(cast, typed):
    ranking = published(cast)
    name = f"priority_{ranking.measures.first().pk}"

    response = send(cast, ranking, reason="Ein Grund", **{name: typed})

    assert set(response.context["form"].errors) == {name}


def test_a_priority_of_another_strategy_is_refused(cast):
    from tests.factories import Cast

    ranking, foreign = published(cast), Cast().priority

    response = send(cast, ranking, (0, foreign, "Ein Grund"))

    assert set(response.context["form"].errors) == {f"priority_{ranking.measures.first().pk}"}


def test_if_one_measure_has_ended_meanwhile_nothing_is_decided(cast):
    ranking = published(cast)
    client = browser_of(cast.steering_team)
    form = client.get(address(ranking))
    last = ranking.measures.last()
    rows = {row.pk: row for row in ranking.measures.select_related("measure", "round")}
    stale = [(rows[row.pk], cast.priority, "") for row in ranking.measures.all()]
    last.measure.drop(by=cast.actor("steering_team"), reason="Kein Geld")

    with pytest.raises(RuleViolation) as refusal:
        ranking.decide(by=cast.actor("steering_team"), reason="Ein Grund", decisions=stale)

    assert refusal.value.messages == [f"{last}: Nicht möglich, solange der Zustand „Aufgegeben“ ist."]
    assert not PriorityDecision.objects.filter(round_measure__isnull=False).exists()
    typed = chosen(ranking, (0, cast.priority, ""), (2, cast.priority, ""), reason="Ein Grund")
    client.post(address(ranking), typed_on(form, **typed))
    assert PriorityDecision.objects.filter(round_measure__isnull=False).count() == 1


def test_a_second_click_decides_nothing_twice(cast):
    ranking = published(cast)
    client = browser_of(cast.steering_team)
    typed = typed_on(client.get(address(ranking)), **chosen(ranking, (0, cast.priority, "Ein Grund")))

    first, second = (client.post(address(ranking), typed) for _click in range(2))

    assert first["Location"] == second["Location"]
    assert PriorityDecision.objects.filter(round_measure__round=ranking).count() == 1


def test_a_later_decision_stands_beside_the_first(cast, high):
    ranking = published(cast)

    send(cast, ranking, (0, cast.priority, "Erster Grund"))
    send(cast, ranking, (0, high, "Zweiter Grund"))

    text = text_of(browser_of(cast.department_head).get(address(ranking, "results")))
    assert text.index("Zweiter Grund") < text.index("Erster Grund")
    assert ranking.measures.first().measure.priority == high


def test_another_rounds_measure_is_not_decided_here(cast):
    ranking, other = published(cast), published(cast)

    with pytest.raises(RuleViolation):
        ranking.decide(
            by=cast.actor("steering_team"), reason="Ein Grund", decisions=[(other.measures.first(), cast.priority, "")]
        )

    assert not PriorityDecision.objects.filter(round_measure__isnull=False).exists()


@pytest.mark.parametrize("name", [role for role in Role.values if role != "steering_team"])
def test_nobody_else_decides(cast, name):
    ranking = published(cast)

    with pytest.raises(PermissionDenied):
        ranking.decide(
            by=cast.actor(name), reason="Ein Grund", decisions=[(ranking.measures.first(), cast.priority, "")]
        )

    assert not PriorityDecision.objects.filter(round_measure__isnull=False).exists()


def test_a_trial_leads_to_nothing(cast):
    ranking = published(cast, is_trial=True)

    response = browser_of(cast.steering_team).get(address(ranking))

    assert response.status_code == 409
    assert "A trial round leads to no priorities." in text_of(response)
    with pytest.raises(RuleViolation):
        ranking.decide(
            by=cast.actor("steering_team"), reason="x", decisions=[(ranking.measures.first(), cast.priority, "")]
        )


def test_before_publication_nothing_is_decided(cast):
    closed = rankings.closed(cast, rankings.voted(cast))

    assert browser_of(cast.steering_team).get(address(closed)).status_code == 409


@pytest.mark.parametrize("measures", [2, 5])
def test_the_form_asks_the_same_number_of_questions(cast, client, measures, django_assert_num_queries):
    ranking = published(cast, *[STATE.AGREED] * measures)
    client.force_login(cast.steering_team)
    client.get(address(ranking))

    with django_assert_num_queries(9):
        assert client.get(address(ranking)).status_code == 200
