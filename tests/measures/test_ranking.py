"""Ranking rounds: who prepares, opens, closes and publishes them, and who may vote."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from measures import tasks
from measures.models import Ballot, EditConflict, Elector, Measure, PriorityDecision, RankingRound
from measures.models.ballot import receipt_of
from strategy.actor import Actor
from strategy.models import Deputyship, Membership, Notification, OutgoingMail, Role
from strategy.templatetags.portal import shown_end
from strategy.workflow import RuleViolation
from tests.factories import Cast, MembershipFactory
from tests.measures import rankings
from worksttogether.celery import app

State = RankingRound.State
PEOPLE = [*Role.values, "other_head", "stranger"]


def pass_the_end(ranking):
    """The moment of closing comes; nothing else happens."""
    now = timezone.now()
    RankingRound.objects.filter(pk=ranking.pk).update(closes_at=now, opened_at=now - timedelta(days=7))
    ranking.refresh_from_db()


def in_berlin(text):
    return timezone.make_aware(parse_datetime(text))


def messages_of(refusal):
    return refusal.value.messages


# Planning


def test_only_the_project_group_plans_rounds(cast):
    outcomes = {}
    for name in PEOPLE:
        try:
            RankingRound.objects.create_planned(by=cast.actor(name), strategy=cast.strategy, title="W", question="W?")
            outcomes[name] = True
        except PermissionDenied:
            outcomes[name] = False

    assert [name for name, planned in outcomes.items() if planned] == ["project_group"]
    assert RankingRound.objects.count() == 1


def test_editing_keeps_what_stays_and_changes_what_is_typed(cast):
    ranking = rankings.planned(cast, measures=3)
    first, _second, third = (row.measure for row in ranking.measures.all())
    kept = ranking.measures.get(measure=third)
    fourth = cast.measure(Measure.State.RUNNING)

    ranking.edit(
        by=cast.actor("project_group"),
        version=1,
        changes={"title": "Anders"},
        measures=[third, fourth, first],
        groups={"project_group": Decimal("2.5")},
    )

    ranking.refresh_from_db()
    assert (ranking.title, ranking.version) == ("Anders", 2)
    assert [row.measure for row in ranking.measures.all()] == [third, fourth, first]
    assert ranking.measures.get(measure=third).pk == kept.pk
    assert list(ranking.groups.values_list("group", "weight")) == [("project_group", Decimal("2.5"))]
    assert [row.history_user for row in ranking.changes.all()] == [cast.project_group] * 2


def test_who_saves_second_is_told(cast):
    ranking = rankings.planned(cast)
    other = RankingRound.objects.get(pk=ranking.pk)
    ranking.edit(by=cast.actor("project_group"), version=1, changes={"title": "Zuerst"})

    with pytest.raises(EditConflict) as conflict:
        other.edit(by=cast.actor("project_group"), version=1, changes={"title": "Danach"})

    assert conflict.value.row.title == "Zuerst"


@pytest.mark.parametrize("state", [Measure.State.DRAFT, Measure.State.COMPLETED, Measure.State.DROPPED])
def test_only_what_is_handed_over_and_not_ended_is_ranked(cast, state):
    with pytest.raises(RuleViolation) as refusal:
        rankings.planned(cast, measures=[cast.measure(state), cast.measure(Measure.State.AGREED)])

    assert set(refusal.value.message_dict) == {"measures"}
    assert not RankingRound.objects.exists()


def test_a_measure_of_another_strategy_is_not_ranked(cast):
    with pytest.raises(RuleViolation):
        rankings.planned(cast, measures=[Cast().measure(Measure.State.AGREED), cast.measure(Measure.State.AGREED)])


@pytest.mark.parametrize("state", [State.OPEN, State.CLOSED, State.PUBLISHED, State.CANCELLED])
def test_what_has_been_opened_is_not_edited(cast, state):
    ranking = rankings.IN_STATE[state](cast)

    with pytest.raises(RuleViolation):
        ranking.edit(by=cast.actor("project_group"), version=ranking.version, changes={"title": "Anders"})


@pytest.mark.parametrize(
    "values",
    [
        {"smallest_group": 4},
        {"method": "top"},
        {"method": "full", "top_n": 3},
        {"opens_at": timezone.now() + timedelta(days=8)},
        {"state": "closed"},
        {"results": {}},
    ],
)
def test_the_database_refuses_a_round_that_makes_no_sense(cast, values):
    ranking = rankings.planned(cast)

    with pytest.raises(IntegrityError), transaction.atomic():
        RankingRound.objects.filter(pk=ranking.pk).update(**values)


def test_a_weight_is_positive(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        rankings.planned(cast, groups={"project_group": 0})


# Opening


def test_opening_freezes_measures_and_electors_and_gives_everybody_an_empty_ballot(cast):
    ranking = rankings.planned(cast, measures=[cast.measure(Measure.State.IN_REVIEW) for _ in range(3)])

    ranking.open(by=cast.actor("project_group"))

    ranking.refresh_from_db()
    assert ranking.state == State.OPEN
    assert [row.text_version.title for row in ranking.measures.all()] == [row.title for row in ranking.measures.all()]
    assert {(elector.user, elector.group, elector.unit) for elector in ranking.electors.all()} == {
        (cast.department_head, "department_heads", cast.unit),
        (cast.other_head, "department_heads", cast.other_unit),
        (cast.administrative_head, "administrative_heads", cast.unit),
        (cast.project_group, "project_group", None),
    }
    assert list(ranking.ballots.values_list("state", "order")) == [("draft", [])] * 4


def test_the_text_ranked_is_the_one_that_holds_and_not_an_amendment(cast):
    measure = cast.measure(Measure.State.RUNNING, title="Alt")
    measure.amend(by=cast.actor("project_group"), core={"title": "Neu"})

    ranking = rankings.open_(cast, measures=[measure, cast.measure(Measure.State.AGREED)])

    row = ranking.measures.get(measure=measure)
    assert (row.title, row.text_version.number, row.text_version.title) == ("Alt", 1, "Alt")


def test_a_measure_sent_back_after_opening_stays_as_it_was_ranked(cast):
    ranking = rankings.open_(cast)
    row = ranking.measures.first()

    row.measure.send_back(by=cast.actor("steering_team"), reason="Zu teuer")
    row.measure.edit(by=cast.actor("project_group"), version=row.measure.version, changes={"title": "Ganz anders"})

    assert ranking.measures.first().title == row.title != "Ganz anders"


def test_nobody_has_two_votes_and_several_roles_count_as_the_first_group(cast):
    both = cast.department_head
    MembershipFactory(strategy=cast.strategy, user=both, role=Role.PROJECT_GROUP)
    MembershipFactory(strategy=cast.strategy, user=both, role=Role.DEPARTMENT_HEAD, unit=cast.other_unit)
    last = cast.administrative_head
    MembershipFactory(strategy=cast.strategy, user=last, role=Role.PROJECT_GROUP)

    ranking = rankings.open_(cast)
    without_heads = rankings.open_(cast, groups={"project_group": 1})

    assert ranking.electors.get(user=both).group == "department_heads"
    assert ranking.electors.get(user=both).unit == cast.unit
    assert ranking.electors.get(user=last).group == "administrative_heads"
    assert set(without_heads.electors.values_list("user", flat=True)) == {cast.project_group.pk, both.pk, last.pk}


def test_whose_role_has_ended_or_has_not_begun_and_whose_account_is_closed_has_no_vote(cast):
    today = timezone.localdate()
    Membership.objects.filter(user=cast.department_head).update(valid_to=today - timedelta(days=1))
    Membership.objects.filter(user=cast.other_head).update(valid_from=today + timedelta(days=1))
    cast.administrative_head.is_active = False
    cast.administrative_head.save()

    ranking = rankings.open_(cast)

    assert [elector.user for elector in ranking.electors.all()] == [cast.project_group]


def test_people_of_another_strategy_have_no_vote(cast):
    other = Cast()

    ranking = rankings.open_(cast)

    assert not ranking.electors.filter(user__memberships__strategy=other.strategy).exists()
    assert ranking.electors.count() == 4


def test_who_becomes_a_head_after_opening_has_no_vote(cast):
    ranking = rankings.open_(cast)

    rankings.heads(cast, 1)

    assert ranking.electors.count() == 4


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"measures": 1}, "mindestens zwei Maßnahmen"),
        ({"groups": {}}, "in der jemand abstimmen darf"),
        ({"closes_at": None}, "wann die Runde endet"),
        ({"closes_at": timezone.now() - timedelta(minutes=1)}, "schon vorbei"),
    ],
)
def test_a_round_that_lacks_something_does_not_open(cast, values, words):
    ranking = rankings.planned(cast, **values)

    with pytest.raises(RuleViolation) as refusal:
        ranking.open(by=cast.actor("project_group"))

    (message,) = messages_of(refusal)
    assert words in message
    assert not Elector.objects.exists()


def test_a_measure_sent_back_in_the_meantime_has_to_be_taken_out_before_opening(cast):
    ranking = rankings.planned(cast)
    row = ranking.measures.first()
    row.measure.send_back(by=cast.actor("steering_team"), reason="Zu teuer")

    with pytest.raises(RuleViolation) as refusal:
        ranking.open(by=cast.actor("project_group"))

    (message,) = messages_of(refusal)
    assert row.code in message


def test_electors_are_asked_by_mail_in_words_that_name_the_end(cast):
    ranking = rankings.planned(cast, closes_at=in_berlin("2031-11-01 00:00"))
    OutgoingMail.objects.all().delete()

    ranking.open(by=cast.actor("project_group"))

    mails = OutgoingMail.objects.all()
    assert {mail.recipient for mail in mails} == {cast.department_head, cast.other_head, cast.administrative_head}
    assert {mail.subject for mail in mails} == {"Bitte ordnen Sie bis 31.10.2031, 24:00: Vorrang 2027"}
    assert all(ranking.get_absolute_url() in mail.body for mail in mails)


def told(cast):
    """{(name in the cast, kind of occasion)} of those who have been told since the outbox was emptied."""
    people = {getattr(cast, name).pk: name for name in (*Role.values, "other_head")}
    found = Notification.objects.exclude(mail=None).values_list("recipient", "kind")
    return {(people[pk], kind) for pk, kind in found}


ELECTORS = {"department_head", "other_head", "administrative_head"}  # and the project group, whose own steps these are
TAKING_PART = {*Role.TAKING_PART, "other_head"}
TURNS = {  # step: of whom it asks something, who else hears of it
    "open": (rankings.planned, ELECTORS, set()),
    "extend": (rankings.open_, ELECTORS, set()),
    "close": (rankings.open_, {"project_group"}, set()),
    "publish": (rankings.closed, {"steering_team"}, TAKING_PART - {"project_group", "steering_team"}),
    "cancel": (rankings.open_, set(), ELECTORS),
}


@pytest.mark.parametrize("verb", TURNS)
def test_a_step_asks_those_whose_turn_it_is_and_is_news_to_the_others(cast, verb):
    before, asked, hearing = TURNS[verb]
    ranking, by, more = before(cast), cast.actor("project_group"), {}
    OutgoingMail.objects.all().delete()
    if verb == "close":
        pass_the_end(ranking)
        by = Actor.system(cast.strategy)
    if verb == "extend":
        more["closes_at"] = rankings.in_days(14)

    getattr(ranking, verb)(by=by, reason="Weil", **more)

    assert told(cast) == {(name, "request") for name in asked} | {(name, "news") for name in hearing}


def test_a_trial_asks_nobody_to_decide(cast):
    ranking = rankings.closed(cast, is_trial=True)
    OutgoingMail.objects.all().delete()

    ranking.publish(by=cast.actor("project_group"))

    assert told(cast) == {(name, "news") for name in TAKING_PART - {"project_group"}}


# Ballots


def test_a_ballot_is_arranged_handed_in_and_withdrawn(cast):
    ranking = rankings.open_(cast)
    order = rankings.items(ranking)[::-1]

    ballot = rankings.vote(ranking, cast.department_head, order)

    assert (ballot.state, ballot.order) == (Ballot.State.SUBMITTED, order)
    assert ballot.receipt == receipt_of(ranking.pk, order, ballot.nonce)
    assert len(ballot.receipt) == 20
    ballot.withdraw(by=cast.actor("department_head"))
    assert (ballot.state, ballot.receipt, ballot.nonce, ballot.order) == (Ballot.State.DRAFT, "", "", order)


def test_two_equal_ballots_have_different_receipts(cast):
    ranking = rankings.open_(cast)

    first, second = (rankings.vote(ranking, user) for user in (cast.department_head, cast.other_head))

    assert first.order == second.order
    assert first.receipt != second.receipt


@pytest.mark.parametrize("name", [name for name in PEOPLE if name != "department_head"])
def test_nobody_touches_somebody_elses_ballot(cast, name):
    ranking = rankings.open_(cast)
    ballot = rankings.arrange(ranking, cast.department_head)
    before = Ballot.objects.filter(pk=ballot.pk).values().get()
    attempts = {
        "arrange": lambda: ballot.arrange(by=cast.actor(name), order=[], version=ballot.version),
        "undo_last": lambda: ballot.undo_last(by=cast.actor(name), version=ballot.version),
        "submit": lambda: ballot.submit(by=cast.actor(name)),
        "withdraw": lambda: ballot.withdraw(by=cast.actor(name)),
    }

    for attempt in attempts.values():
        with pytest.raises(PermissionDenied):
            attempt()

    assert Ballot.objects.filter(pk=ballot.pk).values().get() == before
    assert not Ballot.objects.visible_to(cast.actor(name)).filter(pk=ballot.pk).exists()


def test_a_deputy_neither_sees_nor_fills_in_a_ballot(cast):
    ranking = rankings.open_(cast)
    today = timezone.localdate()
    for name in ("reader", "other_head"):
        user = getattr(cast, name)
        membership = Membership.objects.get(user=cast.department_head)
        Deputyship.objects.create(membership=membership, deputy=user, valid_from=today, valid_to=today)
        deputy = Actor.deputising(user, Deputyship.objects.usable_by(user).get())
        ballot = rankings.ballot_of(ranking, cast.department_head)

        assert not Ballot.objects.visible_to(deputy).exists()
        with pytest.raises(PermissionDenied):
            ballot.arrange(by=deputy, order=rankings.items(ranking), version=1)
        with pytest.raises(PermissionDenied):
            ballot.submit(by=deputy)


def test_the_system_votes_for_nobody(cast):
    ranking = rankings.open_(cast)
    system = Actor.system(cast.strategy)
    ballot = rankings.arrange(ranking, cast.department_head)

    assert not Ballot.objects.visible_to(system).exists()
    with pytest.raises(PermissionDenied):
        ballot.submit(by=system)


def test_an_order_that_is_none_is_refused_and_changes_nothing(cast):
    ranking = rankings.open_(cast, method="top", top_n=2)
    foreign = rankings.items(rankings.open_(Cast()))[0]
    first, second, third = rankings.items(ranking)
    ballot = rankings.arrange(ranking, cast.department_head, [second])
    by = cast.actor("department_head")

    for order in ([foreign], [first, first], [first, second, third], [True], [str(first)], [2**70], [None]):
        with pytest.raises(RuleViolation) as refusal:
            ballot.arrange(by=by, order=order, version=2)
        assert set(refusal.value.message_dict) == {"order"}

    ballot.refresh_from_db()
    assert (ballot.order, ballot.version) == ([second], 2)


def test_an_empty_ballot_is_not_handed_in(cast):
    ballot = rankings.ballot_of(rankings.open_(cast), cast.department_head)

    with pytest.raises(RuleViolation):
        ballot.submit(by=cast.actor("department_head"))


def test_two_windows_do_not_overwrite_each_other(cast):
    ranking = rankings.open_(cast)
    by, order = cast.actor("department_head"), rankings.items(ranking)
    ballot, other = (rankings.ballot_of(ranking, cast.department_head) for _ in range(2))
    ballot.arrange(by=by, order=order, version=1)

    with pytest.raises(EditConflict) as conflict:
        other.arrange(by=by, order=order[::-1], version=1)

    assert conflict.value.row.order == order
    assert str(order[0]) not in str(conflict.value).split(" is at ")[1]


def test_every_change_can_be_taken_back_up_to_a_bound(cast):
    ranking = rankings.open_(cast)
    by, items = cast.actor("department_head"), rankings.items(ranking)
    ballot = rankings.ballot_of(ranking, cast.department_head)
    for number in range(60):
        ballot.arrange(by=by, order=items[: 1 + number % 3], version=ballot.version)

    taken_back = []
    while ballot.undo:
        ballot.undo_last(by=by, version=ballot.version)
        taken_back.append(len(ballot.order))

    assert taken_back == [1 + number % 3 for number in range(58, 8, -1)]
    with pytest.raises(RuleViolation):
        ballot.undo_last(by=by, version=ballot.version)


def test_saving_the_same_order_again_is_no_change(cast):
    ballot = rankings.arrange(rankings.open_(cast), cast.department_head)

    ballot.arrange(by=cast.actor("department_head"), order=ballot.order, version=ballot.version)

    assert (ballot.version, ballot.undo) == (2, [[]])


def test_what_is_handed_in_is_not_changed(cast):
    ballot = rankings.vote(rankings.open_(cast), cast.department_head)

    with pytest.raises(RuleViolation):
        ballot.arrange(by=cast.actor("department_head"), order=[], version=ballot.version)
    with pytest.raises(RuleViolation):
        ballot.undo_last(by=cast.actor("department_head"), version=ballot.version)


@pytest.mark.sqlite
def test_after_the_end_nothing_is_accepted_and_the_draft_is_kept(cast):
    ranking = rankings.open_(cast)
    by = cast.actor("department_head")
    draft = rankings.arrange(ranking, cast.department_head)
    submitted = rankings.vote(ranking, cast.other_head)
    pass_the_end(ranking)

    kept = "Diese Runde ist beendet. Ihr Entwurf bleibt erhalten, zählt aber nicht."
    for attempt, sentence in (
        (lambda: draft.submit(by=by), kept),
        (lambda: draft.arrange(by=by, order=[], version=draft.version), kept),
        (lambda: draft.undo_last(by=by, version=draft.version), kept),
        (
            lambda: submitted.withdraw(by=cast.actor("other_head")),
            "Diese Runde ist beendet. Ihre Rangliste ist abgegeben und zählt.",
        ),
    ):
        with pytest.raises(RuleViolation) as refusal:
            attempt()
        assert messages_of(refusal) == [sentence]

    draft.refresh_from_db()
    submitted.refresh_from_db()
    assert (draft.order, draft.state) == (rankings.items(ranking), Ballot.State.DRAFT)
    assert submitted.state == Ballot.State.SUBMITTED


@pytest.mark.parametrize("state", [State.CLOSED, State.PUBLISHED, State.CANCELLED])
def test_in_a_round_that_is_not_open_nobody_votes(cast, state):
    ranking = rankings.open_(cast)
    draft = rankings.arrange(ranking, cast.department_head)
    rankings.IN_STATE[state](cast, ranking)

    with pytest.raises(RuleViolation):
        draft.submit(by=cast.actor("department_head"))


# Closing


def test_before_its_time_a_round_is_closed_only_with_a_reason_and_by_the_project_group(cast):
    ranking = rankings.open_(cast)

    with pytest.raises(RuleViolation) as refusal:
        ranking.close(by=cast.actor("project_group"))
    assert set(refusal.value.message_dict) == {"reason"}
    with pytest.raises(RuleViolation):
        ranking.close(by=Actor.system(cast.strategy), reason="Schluss")
    with pytest.raises(PermissionDenied):
        ranking.close(by=cast.actor("steering_team"), reason="Schluss")

    ranking.close(by=cast.actor("project_group"), reason="Alle haben abgegeben")

    assert ranking.state == State.CLOSED


@pytest.mark.parametrize("name", ["system", "project_group"])
def test_when_its_time_has_come_a_round_is_closed_without_a_reason(cast, name):
    ranking = rankings.open_(cast)
    pass_the_end(ranking)

    ranking.close(by=Actor.system(cast.strategy) if name == "system" else cast.actor(name))

    assert ranking.state == State.CLOSED


def test_closing_counts_what_was_handed_in_and_nothing_else(cast):
    more = rankings.heads(cast, 3)
    ranking = rankings.open_(cast)
    voted = [rankings.vote(ranking, head) for head in (cast.department_head, cast.other_head, *more)]
    rankings.arrange(ranking, cast.administrative_head)
    withdrawn = rankings.vote(ranking, cast.project_group)
    withdrawn.withdraw(by=cast.actor("project_group"))

    rankings.closed(cast, ranking)

    assert ranking.results["receipts"] == sorted(ballot.receipt for ballot in voted)
    assert ranking.results["electors"] == {"department_heads": 5, "administrative_heads": 1, "project_group": 1}


def test_a_round_without_any_ballot_can_be_closed_and_published(cast):
    ranking = rankings.published(cast)

    assert ranking.state == State.PUBLISHED
    assert ranking.results["receipts"] == []


def test_results_are_in_no_history(cast):
    ranking = rankings.published(cast)

    assert "results" not in {field.name for field in ranking.changes.model._meta.get_fields()}


# Extending, publishing, cancelling


def test_more_time_is_given_while_there_is_time_and_the_electors_hear_of_it(cast):
    ranking = rankings.open_(cast)
    by, later = cast.actor("project_group"), rankings.in_days(14)
    OutgoingMail.objects.all().delete()

    ranking.extend(by=by, reason="Urlaubszeit", closes_at=later)

    ranking.refresh_from_db()
    assert (ranking.state, ranking.closes_at) == (State.OPEN, later)
    assert OutgoingMail.objects.count() == 3
    with pytest.raises(RuleViolation) as refusal:
        ranking.extend(by=by, reason="Doch nicht", closes_at=later)
    assert set(refusal.value.message_dict) == {"closes_at"}
    pass_the_end(ranking)
    with pytest.raises(RuleViolation):
        ranking.extend(by=by, reason="Zu spät", closes_at=later)


def test_published_results_are_announced_to_all_who_take_part(cast):
    ranking = rankings.closed(cast)
    OutgoingMail.objects.all().delete()

    ranking.publish(by=cast.actor("project_group"))

    told = {mail.recipient for mail in OutgoingMail.objects.all()}
    assert told == {getattr(cast, role) for role in Role.TAKING_PART if role != "project_group"} | {cast.other_head}


@pytest.mark.parametrize("state", [State.PLANNED, State.OPEN, State.CLOSED])
def test_a_cancelled_round_has_no_results(cast, state):
    ranking = rankings.IN_STATE[state](cast)

    ranking.cancel(by=cast.actor("project_group"), reason="Falsche Frage")

    ranking.refresh_from_db()
    assert (ranking.state, ranking.results) == (State.CANCELLED, None)


# Copies and second rounds


def test_a_copy_has_the_questions_measures_and_weights_of_the_original_and_nothing_of_its_votes(cast):
    groups = {"department_heads": 2, "project_group": 1}
    original = rankings.published(cast, method="top", top_n=2, is_trial=True, smallest_group=6, groups=groups)
    ended = original.measures.first().measure
    ended.drop(by=cast.actor("steering_team"), reason="Überholt")

    copy = RankingRound.objects.copy(original, by=cast.actor("project_group"))

    assert (copy.state, copy.title, copy.version) == (State.PLANNED, "Vorrang 2027 (Kopie)", 1)
    assert (copy.question, copy.method, copy.top_n, copy.smallest_group) == (original.question, "top", 2, 6)
    assert (copy.is_trial, copy.follows, copy.opens_at, copy.closes_at, copy.results) == (False, None, None, None, None)
    assert dict(copy.groups.values_list("group", "weight")) == groups
    assert [row.measure for row in copy.measures.all()] == [row.measure for row in original.measures.all()[1:]]
    assert not copy.electors.exists()


def test_a_second_round_follows_a_closed_one(cast):
    by = cast.actor("project_group")
    with pytest.raises(RuleViolation):
        RankingRound.objects.copy(rankings.open_(cast), by=by, follows=True)
    first = rankings.closed(cast)

    second = RankingRound.objects.copy(first, by=by, follows=True)

    assert (second.follows, second.title) == (first, "Vorrang 2027 (zweite Runde)")
    with pytest.raises(PermissionDenied):
        RankingRound.objects.copy(first, by=cast.actor("steering_team"), follows=True)


# Turnout


def test_turnout_tells_how_many_and_of_which_units_but_not_who(cast):
    ranking = rankings.open_(cast)
    rankings.vote(ranking, cast.department_head)
    rankings.arrange(ranking, cast.other_head)

    assert ranking.turnout() == [
        {"group": "department_heads", "electors": 2, "ballots": 1},
        {"group": "administrative_heads", "electors": 1, "ballots": 0},
        {"group": "project_group", "electors": 1, "ballots": 0},
    ]
    assert ranking.still_to_vote() == [
        ("department_heads", cast.other_unit, 1),
        ("administrative_heads", cast.unit, 1),
        ("project_group", None, 1),
    ]


# What it leads to


def test_a_priority_stands_beside_the_proposal_of_a_published_round(cast):
    ranking = rankings.published(cast, measures=[cast.measure(Measure.State.AGREED) for _ in range(2)])
    first, second = ranking.measures.select_related("measure")
    steering = cast.actor("steering_team")

    first.measure.prioritise(by=steering, reason="Vorrang", priority=cast.priority, round_measure=first)
    second.measure.decide(by=steering, reason="Vorrang", priority=cast.priority, round_measure=second)

    decisions = PriorityDecision.objects.values_list("measure", "round_measure")
    assert set(decisions) == {(first.measure_id, first.pk), (second.measure_id, second.pk)}


def test_neither_a_trial_nor_an_unpublished_round_nor_another_measures_place_proposes_anything(cast):
    measures = [cast.measure(Measure.State.AGREED) for _ in range(2)]
    trial = rankings.published(cast, measures=measures, is_trial=True)
    closed = rankings.closed(cast, measures=measures)
    other = rankings.published(cast, measures=measures).measures.last()

    for row in (trial.measures.first(), closed.measures.first(), other):
        with pytest.raises(RuleViolation):
            measures[0].prioritise(
                by=cast.actor("steering_team"), reason="Vorrang", priority=cast.priority, round_measure=row
            )

    assert not PriorityDecision.objects.exists()


# The clock


@pytest.fixture
def sweep(monkeypatch):
    """The sweep, with its tasks done at once instead of by a worker."""
    monkeypatch.setitem(app.conf, "task_always_eager", True)
    monkeypatch.setitem(app.conf, "task_eager_propagates", True)
    return tasks.sweep_rankings


@pytest.mark.sqlite
def test_the_clock_opens_and_closes_what_is_due_and_nothing_else(cast, sweep):
    due = rankings.planned(cast, opens_at=timezone.now() - timedelta(minutes=1))
    later = rankings.planned(cast, opens_at=rankings.in_days(1))
    by_hand = rankings.planned(cast)
    over, running = rankings.open_(cast), rankings.open_(cast)
    pass_the_end(over)

    for _ in range(2):
        sweep()

    assert [RankingRound.objects.get(pk=row.pk).state for row in (due, later, by_hand, over, running)] == [
        State.OPEN,
        State.PLANNED,
        State.PLANNED,
        State.CLOSED,
        State.OPEN,
    ]
    assert list(due.transitions.values_list("verb", "user", "role")) == [("open", None, "")]


def test_a_round_that_cannot_open_by_itself_stops_no_other(cast, sweep):
    lacking = rankings.planned(cast, opens_at=timezone.now() - timedelta(minutes=1), measures=1)
    due = rankings.planned(cast, opens_at=timezone.now() - timedelta(minutes=1))

    sweep()

    assert [RankingRound.objects.get(pk=row.pk).state for row in (lacking, due)] == [State.PLANNED, State.OPEN]


def test_a_task_that_comes_twice_or_too_early_changes_nothing(cast):
    ranking = rankings.open_(cast)

    tasks.close_ranking(ranking.pk)
    assert RankingRound.objects.get(pk=ranking.pk).state == State.OPEN
    pass_the_end(ranking)
    tasks.close_ranking(ranking.pk)
    tasks.close_ranking(ranking.pk)
    tasks.open_ranking(ranking.pk)

    assert list(ranking.transitions.values_list("verb", flat=True)) == ["open", "close"]


@pytest.mark.parametrize(
    ("closes_at", "last_day", "shown"),
    [
        ("2031-11-01 00:00", "2031-10-31", "31.10.2031, 24:00"),
        ("2031-12-04 18:00", "2031-12-04", "04.12.2031, 18:00"),
        ("2031-03-30 00:00", "2031-03-29", "29.03.2031, 24:00"),
    ],
)
def test_a_round_that_ends_when_a_day_begins_is_due_the_day_before(closes_at, last_day, shown):
    ranking = RankingRound(closes_at=in_berlin(closes_at))

    assert str(ranking.closes_on) == last_day
    assert shown_end(ranking.closes_at) == shown
