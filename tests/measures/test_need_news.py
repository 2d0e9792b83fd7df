"""Who hears of a need and of the measure it became, and what waits for whom."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from measures.deadlines import answered_needs, answers_due, needs_to_answer, objections_to_needs
from measures.models import Measure, Need
from strategy.actor import Actor
from strategy.deadlines import dates_ahead, tasks_of
from strategy.models import OutgoingMail, Role
from tests.measures.test_needs import VERBS, take

State, Outcome = Need.State, Need.Outcome
TOLD = {  # verb: who hears of it, and whether something is asked of them
    "submit": {("project_group", "request")},
    "withdraw": {("project_group", "news")},
    "acknowledge": {("staff_council", "news")},
    "extend": {("staff_council", "news")},
    "answer": {("staff_council", "request")},
    "object": {("steering_team", "request")},
    "answer_objection": {("staff_council", "request")},
    "settle": set(),
    "discard": set(),
}


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def recipients(cast):
    """Names of the cast to whom the outbox holds a mail, with the kind of occasion it tells of."""
    names = {getattr(cast, role).pk: role.value for role in Role}
    return {(names[pk], kind) for pk, kind in OutgoingMail.objects.values_list("recipient", "notifications__kind")}


def read_mails(**query):
    return [f"{mail.subject}\n{mail.body}" for mail in OutgoingMail.objects.filter(**query)]


@pytest.mark.parametrize("verb", VERBS)
def test_each_step_is_told_to_those_who_go_on_from_there(cast, verb):
    need = cast.need(min(VERBS[verb][1]), title="Ruheräume", text="Geheimer Wortlaut")
    OutgoingMail.objects.all().delete()

    take(verb, need, cast.actor(VERBS[verb][0]))

    assert recipients(cast) == TOLD[verb]
    for mail in read_mails():
        assert "N1 Ruheräume" in mail
        assert f"/needs/{need.pk}/" in mail
        assert "Wortlaut" not in mail


def test_an_interim_notice_reaches_the_council_with_its_words(cast):
    need = cast.need(State.SUBMITTED)
    OutgoingMail.objects.all().delete()

    take("extend", need, cast.actor("project_group"), reason="Wir rechnen noch")

    assert "Wir rechnen noch" in read_mails()[0]


def test_drafting_is_told_to_nobody(cast):
    need, by = cast.need(), cast.actor("staff_council")
    need.edit(by=by, version=1, changes={"title": "Anders"})
    need.discard(by=by)

    assert not OutgoingMail.objects.exists()


def move(cast, measure, verb):
    if verb == "resume":
        measure.resume(by=cast.actor("steering_team"), reason="Es geht weiter")
    else:
        getattr(cast, verb)(measure)


BEFORE = {
    "decide": Measure.State.AGREED,
    "start": Measure.State.DECIDED,
    "pause": Measure.State.RUNNING,
    "resume": Measure.State.PAUSED,
    "complete": Measure.State.RUNNING,
    "drop": Measure.State.RUNNING,
}


@pytest.mark.parametrize("from_a_need", [True, False])
@pytest.mark.parametrize("verb", BEFORE)
def test_the_council_hears_when_a_measure_from_its_need_moves(cast, verb, from_a_need):
    measure, need = cast.measure(BEFORE[verb], title="Räume"), cast.need(State.SUBMITTED)
    if from_a_need:
        need.answer(by=cast.actor("project_group"), reason="Gern", outcome=Outcome.MERGED, measure=measure)
    OutgoingMail.objects.all().delete()

    move(cast, measure, verb)

    mails = read_mails(recipient=cast.staff_council)
    assert len(mails) == from_a_need
    assert all("aus Ihrem Bedarf: A1 Räume" in mail and measure.get_absolute_url() in mail for mail in mails)


# What waits for whom


WAITING = {
    State.DRAFT: {},
    State.SUBMITTED: {"project_group": ("need", True)},
    State.ACKNOWLEDGED: {"project_group": ("need", True)},
    State.ANSWERED: {"staff_council": ("need-answer", False)},
    State.OBJECTED: {"steering_team": ("need-objection", False)},
    State.SETTLED: {},
    State.WITHDRAWN: {},
}


@pytest.mark.parametrize("state", list(State))
def test_a_need_waits_for_whoever_has_the_next_word(cast, state):
    need = cast.need(state)

    tasks = {role.value: tasks_of(cast.actor(role.value), cast.strategy) for role in Role}

    found = {role: (task.kind, task.due_on is not None, task.url) for role in tasks for task in tasks[role]}
    assert found == {role: (*waits, need.get_absolute_url()) for role, waits in WAITING[state].items()}


def test_an_answer_that_is_late_is_an_overdue_task(cast):
    need = cast.need(State.SUBMITTED)

    (task,) = tasks_of(cast.actor("project_group"), cast.strategy)

    assert (task.due_on, task.is_overdue(need.due_on)) == (need.due_on, False)
    assert task.is_overdue(need.due_on + timedelta(days=1))


def test_the_day_of_an_answer_is_known_to_all_who_take_part(cast):
    need = cast.need(State.SUBMITTED, title="Ruheräume")
    cast.need(State.ANSWERED)

    dates = {role: dates_ahead(cast.actor(role.value), cast.strategy) for role in Role}

    assert {role for role, found in dates.items() if found} == set(Role.TAKING_PART)
    (entry,) = dates[Role.STEERING_TEAM]
    assert (entry.day, str(entry.title), entry.url) == (
        need.due_on,
        "Answer due: N1 Ruheräume",
        need.get_absolute_url(),
    )
    assert dates_ahead(cast.actor("steering_team"), cast.strategy, need.due_on + timedelta(days=1)) == []


def test_drafts_wait_for_nobody_not_even_for_the_council(cast):
    cast.need()

    actors = [*(cast.actor(role.value) for role in Role), Actor.system(cast.strategy)]

    assert [tasks_of(actor, cast.strategy) + dates_ahead(actor, cast.strategy) for actor in actors] == [[]] * 8


OFFERS = [
    (needs_to_answer, "project_group", State.SUBMITTED),
    (answered_needs, "staff_council", State.ANSWERED),
    (objections_to_needs, "steering_team", State.OBJECTED),
    (answers_due, "reader", State.SUBMITTED),
    (answers_due, "department_head", State.SUBMITTED),
]


@pytest.mark.parametrize("size", [1, 5])
@pytest.mark.parametrize(("offer", "name", "state"), OFFERS)
def test_what_is_offered_asks_one_question_however_much_there_is(
    cast, size, offer, name, state, django_assert_num_queries
):
    for _ in range(size):
        cast.need(state)
    actor = cast.actor(name)

    with django_assert_num_queries(0 if name == "reader" else 1):  # who sees nothing is not even asked about
        found = list(offer(actor, cast.strategy, timezone.localdate()))

    assert len(found) == (0 if name == "reader" else size)
