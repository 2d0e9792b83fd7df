"""Needs of the staff council: every verb from every state, by everybody, and what each step leaves behind."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from measures.models import Measure, Need, NeedNote
from measures.search import NEEDS
from strategy.actor import Actor
from strategy.models import Deputyship, EditConflict, Membership, Role, Strategy, Transition
from strategy.search import Words
from strategy.workflow import RuleViolation
from tests.factories import Cast, FieldFactory, StageFactory, UnitFactory

State, Outcome = Need.State, Need.Outcome
COUNCIL, PROJECT_GROUP, STEERING = "staff_council", "project_group", "steering_team"
PEOPLE = [*Role.values, "other_head", "stranger"]

# verb: who, from, to (nothing: it stays), with a reason
VERBS = {
    "submit": (COUNCIL, {State.DRAFT}, State.SUBMITTED, False),
    "discard": (COUNCIL, {State.DRAFT}, "", False),
    "acknowledge": (PROJECT_GROUP, {State.SUBMITTED}, State.ACKNOWLEDGED, False),
    "extend": (PROJECT_GROUP, {State.SUBMITTED, State.ACKNOWLEDGED}, None, True),
    "answer": (PROJECT_GROUP, {State.SUBMITTED, State.ACKNOWLEDGED}, State.ANSWERED, True),
    "withdraw": (COUNCIL, {State.SUBMITTED, State.ACKNOWLEDGED}, State.WITHDRAWN, False),
    "settle": (COUNCIL, {State.ANSWERED}, State.SETTLED, False),
    "object": (COUNCIL, {State.ANSWERED}, State.OBJECTED, True),
    "answer_objection": (STEERING, {State.OBJECTED}, State.ANSWERED, True),
}


def TODAY():  # noqa: N802  a day that is asked for anew in each test
    return timezone.localdate()


def take(verb, need, by, **more):
    details = {"answer": {"outcome": Outcome.DECLINED}, "extend": {"due_on": TODAY() + timedelta(days=90)}}
    reason = {"reason": "Begründung"} if VERBS[verb][3] else {}
    return getattr(need, verb)(by=by, **reason | details.get(verb, {}) | more)


def answer(cast, need, outcome, **details):
    need.answer(by=cast.actor(PROJECT_GROUP), reason="Darum", outcome=outcome, **details)
    need.refresh_from_db()


def messages_of(refusal):
    return getattr(refusal.value, "message_dict", None) or refusal.value.messages


# The matrices


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_goes_from_its_states_and_no_other(cast, verb, state):
    who, sources, target, _reason = VERBS[verb]
    need = cast.need(state)
    steps = Transition.objects.count()

    if state in sources:
        entry = take(verb, need, cast.actor(who))
        assert (entry.before, entry.after) == (state, state if target is None else target)
        assert (entry.user, entry.role) == (getattr(cast, who), who)
        assert Transition.objects.count() == steps + 1
    else:
        with pytest.raises(RuleViolation) as refusal:
            take(verb, need, cast.actor(who))
        assert messages_of(refusal)
        assert (Need.objects.get().state, Transition.objects.count()) == (state, steps)


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_is_for_those_the_design_names_and_nobody_else(cast, verb):
    who, sources, _target, _reason = VERBS[verb]
    need = cast.need(min(sources))

    for name in PEOPLE:
        if name != who:
            with pytest.raises(PermissionDenied):
                take(verb, need, cast.actor(name))
    with pytest.raises(PermissionDenied):
        take(verb, need, Actor.system(cast.strategy))

    assert Need.objects.get().state == need.state
    assert [name for name in PEOPLE if need.may(verb, cast.actor(name))] == [who]


@pytest.mark.parametrize("verb", [verb for verb in VERBS if VERBS[verb][3]])
@pytest.mark.parametrize("reason", ["", "  \n "])
def test_a_verb_that_owes_reasons_asks_for_them(cast, verb, reason):
    need = cast.need(min(VERBS[verb][1]))

    with pytest.raises(RuleViolation) as refusal:
        take(verb, need, cast.actor(VERBS[verb][0]), reason=reason)

    assert list(messages_of(refusal)) == ["reason"]
    assert Need.objects.get().state == need.state


@pytest.mark.parametrize("name", PEOPLE)
def test_only_the_staff_council_drafts_edits_and_notes(cast, name):
    need = cast.need()
    deeds = {
        "create": lambda by: Need.objects.create_draft(by=by, strategy=cast.strategy, title="Neu"),
        "edit": lambda by: need.edit(by=by, version=need.version, changes={"title": "Anders"}),
        "note": lambda by: NeedNote.objects.write(need, by=by, text="Unter uns"),
    }

    for deed in deeds.values():
        if name == COUNCIL:
            deed(cast.actor(name))
        else:
            with pytest.raises(PermissionDenied):
                deed(cast.actor(name))

    done = name == COUNCIL
    assert (Need.objects.count(), Need.objects.filter(title="Anders").count()) == (1 + done, int(done))
    assert NeedNote.objects.count() == done


# Deputies: council drafts only among council members


def deputy_of_the_council(cast, *roles):
    deputy = cast.member(Role.READER, name="deputy")
    for role in roles:
        Membership.objects.create(strategy=cast.strategy, user=deputy, role=role)
    Deputyship.objects.create(
        membership=Membership.objects.get(user=cast.staff_council),
        deputy=deputy,
        valid_from=TODAY(),
        valid_to=TODAY(),
    )
    return Actor.deputising(deputy, Deputyship.objects.usable_by(deputy).get())


DRAFTING = ("submit", "discard")


@pytest.mark.parametrize("verb", [verb for verb in VERBS if VERBS[verb][0] == COUNCIL])
@pytest.mark.parametrize("roles", [(), (Role.STAFF_COUNCIL,)])
def test_a_deputy_of_the_council_touches_drafts_only_as_one_of_its_members(cast, verb, roles):
    need, deputy = cast.need(min(VERBS[verb][1])), deputy_of_the_council(cast, *roles)

    if roles or verb not in DRAFTING:
        entry = take(verb, need, deputy)
        assert (entry.user, entry.in_place_of, entry.role) == (deputy.user, cast.staff_council, COUNCIL)
    else:
        with pytest.raises(PermissionDenied):
            take(verb, need, deputy)


@pytest.mark.parametrize("roles", [(), (Role.STAFF_COUNCIL,), (Role.PROJECT_GROUP,)])
def test_a_deputy_of_the_council_sees_drafts_and_notes_only_as_one_of_its_members(cast, roles):
    draft, submitted = cast.need(), cast.need(State.SUBMITTED)
    NeedNote.objects.write(submitted, by=cast.actor(COUNCIL), text="Unter uns")
    deputy, is_member = deputy_of_the_council(cast, *roles), Role.STAFF_COUNCIL in roles

    assert set(Need.objects.visible_to(deputy)) == ({draft, submitted} if is_member else {submitted})
    assert NeedNote.objects.visible_to(deputy).count() == is_member
    assert deputy.has_perm("measures.add_need", cast.strategy) == is_member


def test_whoever_stands_in_for_somebody_else_leaves_the_council_at_home(cast):
    cast.need()
    Deputyship.objects.create(
        membership=Membership.objects.get(user=cast.project_group),
        deputy=cast.staff_council,
        valid_from=TODAY(),
        valid_to=TODAY(),
    )

    actor = Actor.deputising(cast.staff_council, Deputyship.objects.usable_by(cast.staff_council).get())

    assert not Need.objects.visible_to(actor).exists()
    assert not actor.has_perm("measures.add_need", cast.strategy)


# Drafting


def test_a_draft_has_a_strategy_and_units_and_no_number(cast):
    need = Need.objects.create_draft(
        by=cast.actor(COUNCIL), strategy=cast.strategy, title="Ruheräume", affected_units=[cast.unit, cast.other_unit]
    )

    stored = Need.objects.get()
    assert (stored.strategy, stored.state, stored.number, stored.code) == (cast.strategy, State.DRAFT, None, "")
    assert set(stored.affected_units.all()) == {cast.unit, cast.other_unit}
    assert (str(need), need.version) == ("Ruheräume", 1)


def test_who_saves_second_is_told_and_nothing_is_lost(cast):
    need, by = cast.need(title="Alt"), cast.actor(COUNCIL)
    need.edit(by=by, version=1, changes={"title": "Zuerst", "affected_units": [cast.unit]})

    with pytest.raises(EditConflict) as conflict:
        Need.objects.get().edit(by=by, version=1, changes={"title": "Zu spät", "affected_units": []})

    stored = Need.objects.get()
    assert (conflict.value.row.title, conflict.value.row.version) == ("Zuerst", 2)
    assert (stored.title, stored.version, list(stored.affected_units.all())) == ("Zuerst", 2, [cast.unit])


@pytest.mark.parametrize("state", [state for state in State if state != State.DRAFT])
def test_what_has_been_submitted_is_no_longer_edited(cast, state):
    need = cast.need(state)

    with pytest.raises(RuleViolation):
        need.edit(by=cast.actor(COUNCIL), version=need.version, changes={"title": "Anders"})

    assert Need.objects.get().title == need.title


def test_an_informal_need_and_an_application_are_never_mixed(cast):
    need, by = cast.need(), cast.actor(COUNCIL)

    with pytest.raises(RuleViolation) as refusal:
        need.edit(by=by, version=1, changes={"legal_basis": "75", "resolved_on": date(2026, 3, 1)})
    need.edit(by=by, version=1, changes={"kind": "application", "legal_basis": "75", "resolved_on": date(2026, 3, 1)})

    assert list(messages_of(refusal)) == ["legal_basis", "resolved_on"]
    assert (need.kind, need.legal_basis, need.version) == ("application", "75", 2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"legal_basis": "75"},
        {"resolved_on": date(2026, 3, 1)},
        {"number": 7},
        {"submitted_on": date(2026, 3, 1)},
        {"state": State.SUBMITTED},
        {"state": State.ANSWERED, "number": 7, "submitted_on": date(2026, 3, 1), "due_on": date(2026, 3, 22)},
        {"outcome": Outcome.DECLINED},
        {"outcome": "nonsense"},
    ],
)
def test_the_database_refuses_what_no_verb_would_write(cast, wrong):
    need = cast.need()

    with pytest.raises(IntegrityError), transaction.atomic():
        Need.objects.filter(pk=need.pk).update(**wrong)


def test_units_of_another_strategy_are_refused_and_nothing_is_saved(cast):
    need, foreign = cast.need(title="Alt"), UnitFactory()

    with pytest.raises(RuleViolation) as refusal:
        need.edit(by=cast.actor(COUNCIL), version=1, changes={"title": "Neu", "affected_units": [foreign]})

    assert list(messages_of(refusal)) == ["affected_units"]
    assert (Need.objects.get().title, need.affected_units.count()) == ("Alt", 0)


@pytest.mark.parametrize("stage", ["wished_stage"])
def test_a_stage_of_another_strategy_is_refused(cast, stage):
    need = cast.need()

    with pytest.raises(ValidationError):
        need.edit(by=cast.actor(COUNCIL), version=1, changes={stage: StageFactory()})

    assert Need.objects.get().version == 1


# Submitting


def test_submission_gives_number_and_receipt_and_starts_the_clock(cast):
    Strategy.objects.filter(pk=cast.strategy.pk).update(need_answer_days=30)
    need = cast.need()

    cast.submit_need(need)

    assert (need.number, need.code, str(need)) == (1, "N1", f"N1 {need.title}")
    assert (need.submitted_on, need.due_on) == (TODAY(), TODAY() + timedelta(days=30))
    assert need.transitions.get().label == f"N1 {need.title}"


def test_numbers_run_without_gaps_and_are_never_given_twice(cast):
    by, first = cast.actor(COUNCIL), cast.need(State.SUBMITTED)
    cast.need().discard(by=by)
    with pytest.raises(RuleViolation):
        cast.need(text="").submit(by=by)
    first.withdraw(by=by)
    second, elsewhere = cast.need(State.SUBMITTED), Cast().need(State.SUBMITTED)

    assert [need.code for need in (first, second, elsewhere)] == ["N1", "N2", "N1"]


@pytest.mark.parametrize("name", ["title", "text"])
def test_submit_refuses_what_says_nothing(cast, name):
    need = cast.need(**{name: "  "})

    with pytest.raises(RuleViolation) as refusal:
        cast.submit_need(need)

    assert list(messages_of(refusal)) == [name]
    assert Need.objects.get().state == State.DRAFT


APPLICATION = {"kind": "application", "legal_basis": "75", "resolved_on": date(2026, 3, 1), "reasons": "Darum"}


@pytest.mark.parametrize(("name", "empty"), [("legal_basis", ""), ("resolved_on", None), ("reasons", " ")])
def test_an_application_needs_legal_basis_resolution_and_reasons(cast, name, empty):
    need = cast.need(**APPLICATION | {name: empty})

    with pytest.raises(RuleViolation) as refusal:
        cast.submit_need(need)

    assert list(messages_of(refusal)) == [name]


def test_an_application_is_not_resolved_tomorrow(cast):
    need = cast.need(**APPLICATION | {"resolved_on": TODAY() + timedelta(days=1)})

    with pytest.raises(RuleViolation) as refusal:
        cast.submit_need(need)

    assert list(messages_of(refusal)) == ["resolved_on"]
    need.edit(by=cast.actor(COUNCIL), version=1, changes={"resolved_on": TODAY()})
    cast.submit_need(need)
    assert need.state == State.SUBMITTED


# The clock


def test_an_extension_sets_a_later_day_and_says_why(cast):
    need, later = cast.need(State.ACKNOWLEDGED), TODAY() + timedelta(days=40)

    need.extend(by=cast.actor(PROJECT_GROUP), reason="Wir prüfen noch", due_on=later)

    assert (need.due_on, need.state) == (later, State.ACKNOWLEDGED)
    assert need.transitions.last().reason == "Wir prüfen noch"


@pytest.mark.parametrize("days", [-1, 0])
def test_an_extension_never_shortens(cast, days):
    need = cast.need(State.SUBMITTED)

    with pytest.raises(RuleViolation) as refusal:
        need.extend(by=cast.actor(PROJECT_GROUP), reason="Bald", due_on=need.due_on + timedelta(days=days))

    assert list(messages_of(refusal)) == ["due_on"]


def test_an_overdue_answer_is_put_off_only_to_a_day_ahead(cast):
    need = cast.need(State.SUBMITTED)
    Need.objects.update(submitted_on=TODAY() - timedelta(days=60), due_on=TODAY() - timedelta(days=39))

    with pytest.raises(RuleViolation):
        need.extend(by=cast.actor(PROJECT_GROUP), reason="Bald", due_on=TODAY())

    need.extend(by=cast.actor(PROJECT_GROUP), reason="Bald", due_on=TODAY() + timedelta(days=1))
    assert not need.is_overdue()


@pytest.mark.parametrize(("state", "late"), [(State.SUBMITTED, True), (State.ANSWERED, False), (State.DRAFT, False)])
def test_overdue_is_what_waits_for_an_answer_after_the_day(cast, state, late):
    need = cast.need(state)
    day = need.due_on or TODAY()

    assert (need.is_overdue(day), need.is_overdue(day + timedelta(days=1))) == (False, late)


# Answering


def test_adopting_makes_the_measure_within_the_step_and_both_know_of_each_other(cast):
    need = cast.need(State.SUBMITTED, title="Ruheräume", text="In jedem Amt einer.", wished_stage=cast.stage)

    answer(cast, need, Outcome.ADOPTED, draft={"field": cast.field, "goal": "Es gibt sie."})

    measure = Measure.objects.get()
    assert (need.state, need.outcome, need.answer_text, need.answered_on) == ("answered", "adopted", "Darum", TODAY())
    assert (need.measure, list(measure.needs.all())) == (measure, [need])
    assert (measure.code, measure.state) == ("A1", Measure.State.DRAFT)
    assert (measure.title, measure.description, measure.goal) == ("Ruheräume", "In jedem Amt einer.", "Es gibt sie.")
    assert (measure.field, measure.stage) == (cast.field, cast.stage)
    assert measure.changes.get().history_user == cast.project_group


def test_what_was_typed_wins_over_the_need(cast):
    need = cast.need(State.SUBMITTED, title="Ruheräume")
    draft = {"field": cast.field, "title": "Räume zum Ausruhen", "involved_units": [cast.other_unit]}

    answer(cast, need, Outcome.ADOPTED, draft=draft)

    assert need.measure.title == "Räume zum Ausruhen"
    assert list(need.measure.involved_units.all()) == [cast.other_unit]


def test_the_text_of_a_confidential_need_stays_out_of_its_measure(cast):
    need = cast.need(State.SUBMITTED, title="Geheim", text="Geheim", is_confidential=True, wished_stage=cast.stage)

    with pytest.raises(RuleViolation) as refusal:
        answer(cast, need, Outcome.ADOPTED, draft={"field": cast.field})
    answer(cast, need, Outcome.ADOPTED, draft={"field": cast.field, "title": "Räume"})

    assert list(messages_of(refusal)) == ["title"]
    measure = Measure.objects.get()
    assert (measure.title, measure.description, measure.stage) == ("Räume", "", cast.stage)


def test_a_refused_adoption_leaves_neither_measure_nor_code(cast):
    need = cast.need(State.SUBMITTED)

    with pytest.raises(ValidationError):
        answer(cast, need, Outcome.ADOPTED, draft={"field": cast.field, "lead_unit": UnitFactory()})

    cast.field.refresh_from_db()
    assert (Measure.objects.count(), cast.field.last_number) == (0, 0)
    assert Need.objects.get().state == State.SUBMITTED
    assert need.transitions.count() == 1


def test_a_need_is_merged_into_a_measure(cast):
    need, measure = cast.need(State.SUBMITTED), cast.measure(Measure.State.RUNNING)

    answer(cast, need, Outcome.MERGED, measure=measure)

    assert (need.outcome, need.measure, need.merged_into) == ("merged", measure, None)
    assert Measure.objects.count() == 1


def test_a_need_is_merged_into_another_need(cast):
    need, other = cast.need(State.SUBMITTED), cast.need(State.ACKNOWLEDGED)

    answer(cast, need, Outcome.MERGED, merged_into=other)

    assert (need.measure, need.merged_into, list(other.merged_needs.all())) == (None, other, [need])


def test_a_need_is_deferred_to_a_stage(cast):
    need = cast.need(State.SUBMITTED)

    answer(cast, need, Outcome.DEFERRED, deferred_to=cast.stage)

    assert (need.outcome, need.deferred_to, need.measure) == ("deferred", cast.stage, None)


WRONG_ANSWERS = {
    "unknown": lambda cast, need: ({"outcome": "perhaps"}, "outcome"),
    "none": lambda cast, need: ({"outcome": ""}, "outcome"),
    "adopted without field": lambda cast, need: ({"outcome": "adopted"}, "field"),
    "adopted elsewhere": lambda cast, need: ({"outcome": "adopted", "draft": {"field": FieldFactory()}}, "field"),
    "adopted into a measure": lambda cast, need: (
        {"outcome": "adopted", "draft": {"field": cast.field}, "measure": cast.measure()},
        "measure",
    ),
    "merged into nothing": lambda cast, need: ({"outcome": "merged"}, "measure"),
    "merged into both": lambda cast, need: (
        {"outcome": "merged", "measure": cast.measure(), "merged_into": cast.need(State.SUBMITTED)},
        "measure",
    ),
    "merged elsewhere": lambda cast, need: ({"outcome": "merged", "measure": Cast().measure()}, "measure"),
    "merged into what was dropped": lambda cast, need: (
        {"outcome": "merged", "measure": cast.measure(Measure.State.DROPPED)},
        "measure",
    ),
    "merged into itself": lambda cast, need: ({"outcome": "merged", "merged_into": need}, "merged_into"),
    "merged into a draft": lambda cast, need: ({"outcome": "merged", "merged_into": cast.need()}, "merged_into"),
    "merged into what was withdrawn": lambda cast, need: (
        {"outcome": "merged", "merged_into": cast.need(State.WITHDRAWN)},
        "merged_into",
    ),
    "merged into a need elsewhere": lambda cast, need: (
        {"outcome": "merged", "merged_into": Cast().need(State.SUBMITTED)},
        "merged_into",
    ),
    "deferred to no stage": lambda cast, need: ({"outcome": "deferred"}, "deferred_to"),
    "deferred elsewhere": lambda cast, need: ({"outcome": "deferred", "deferred_to": StageFactory()}, "deferred_to"),
    "declined with a stage": lambda cast, need: ({"outcome": "declined", "deferred_to": cast.stage}, "deferred_to"),
}


@pytest.mark.parametrize("case", WRONG_ANSWERS)
def test_an_answer_that_does_not_fit_is_refused_at_its_field(cast, case):
    need = cast.need(State.SUBMITTED)
    details, field = WRONG_ANSWERS[case](cast, need)
    measures = Measure.objects.count()

    with pytest.raises(RuleViolation) as refusal:
        answer(cast, need, **details)

    assert list(messages_of(refusal)) == [field]
    stored = Need.objects.get(pk=need.pk)
    assert (stored.state, stored.outcome, Measure.objects.count()) == (State.SUBMITTED, "", measures)


def test_needs_are_merged_in_no_circle(cast):
    first, second = cast.need(State.SUBMITTED), cast.need(State.SUBMITTED)
    answer(cast, first, Outcome.MERGED, merged_into=second)

    with pytest.raises(RuleViolation) as refusal:
        answer(cast, second, Outcome.MERGED, merged_into=first)

    assert list(messages_of(refusal)) == ["merged_into"]


def test_a_measure_that_came_from_a_need_is_not_discarded(cast):
    need = cast.need(State.SUBMITTED)
    answer(cast, need, Outcome.ADOPTED, draft={"field": cast.field})

    with pytest.raises(RuleViolation):
        need.measure.discard(by=cast.actor(PROJECT_GROUP))

    assert need.measure == Measure.objects.get()


# Objecting, withdrawing, discarding


def test_an_objection_is_made_once(cast):
    need, council = cast.need(State.ANSWERED), cast.actor(COUNCIL)
    need.object(by=council, reason="Doch")
    assert (need.objection, need.objected_on) == ("Doch", TODAY())

    need.answer_objection(by=cast.actor(STEERING), reason="Nein")

    assert (need.state, need.objection_answer, need.objection_answered_on) == ("answered", "Nein", TODAY())
    assert need.answer_text == "Kein Geld"
    assert not need.may("object", council)
    with pytest.raises(RuleViolation):
        need.object(by=council, reason="Und doch")
    need.settle(by=council)
    assert (need.state, need.objection) == ("settled", "Doch")


def test_a_withdrawn_need_keeps_number_and_text(cast):
    need = cast.need(State.ACKNOWLEDGED, title="Ruheräume")

    need.withdraw(by=cast.actor(COUNCIL))

    assert (need.state, need.code, need.title) == (State.WITHDRAWN, "N1", "Ruheräume")


def test_a_discarded_draft_leaves_a_trace_for_the_staff_council_alone(cast):
    need, by = cast.need(title="Ruheräume"), cast.actor(COUNCIL)
    NeedNote.objects.write(need, by=by, text="Unter uns")
    pk = need.pk

    need.discard(by=by)

    assert (Need.objects.count(), NeedNote.objects.count()) == (0, 0)
    traces = {name: [step.label for step in Need.objects.discarded(cast.actor(name))] for name in PEOPLE}
    assert traces == {name: ["Ruheräume"] if name == COUNCIL else [] for name in PEOPLE}
    assert Transition.objects.get(verb="discard").object_id == str(pk)
    assert [row.title for row in Need.changes.filter(id=pk)] == ["Ruheräume", "Ruheräume"]


# Notes


def test_notes_are_the_councils_for_ever(cast):
    need = cast.need(State.SETTLED)
    note = NeedNote.objects.write(need, by=cast.actor(COUNCIL), text="Unter uns")

    seen = {name: list(NeedNote.objects.visible_to(cast.actor(name))) for name in PEOPLE}

    assert seen == {name: [note] if name == COUNCIL else [] for name in PEOPLE}
    assert (note.written_by, note.strategy) == (cast.staff_council, cast.strategy)


def test_an_empty_note_is_none(cast):
    with pytest.raises(RuleViolation) as refusal:
        NeedNote.objects.write(cast.need(), by=cast.actor(COUNCIL), text=" \n")

    assert list(messages_of(refusal)) == ["text"]


# Lists


def test_what_is_open_unanswered_and_public(cast):
    needs = {state: cast.need(state) for state in State}
    confidential = cast.need(State.SUBMITTED, is_confidential=True)

    found = {
        name: {need.state for need in getattr(Need.objects, name)().exclude(pk=confidential.pk)}
        for name in ("drafts", "open", "unanswered", "reportable")
    }

    assert found == {
        "drafts": {"draft"},
        "open": {"submitted", "acknowledged", "answered", "objected"},
        "unanswered": {"submitted", "acknowledged"},
        "reportable": {"submitted", "acknowledged", "answered", "objected", "settled"},
    }
    assert confidential in Need.objects.reportable()
    assert {need.is_open for state, need in needs.items() if state in found["open"]} == {True}


@pytest.mark.parametrize(("text", "found"), [("ruhe amt", 1), ("RUHE", 1), ("ruhe lärm", 0), ("grund", 1)])
def test_a_search_finds_every_word_in_title_text_or_reasons(cast, text, found):
    cast.need(title="Ruheräume", text="In jedem Amt.", reasons="Guter Grund")

    assert NEEDS.search(Need.objects.all(), Words(text)).count() == found
