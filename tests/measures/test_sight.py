"""What may be seen has two forms, for one row and for a list, and they agree for everybody in every state."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from measures.models import (
    Attachment,
    Ballot,
    Indicator,
    IndicatorValue,
    Measure,
    Need,
    NeedNote,
    RankingRound,
    Reference,
    ResourceRequest,
    Review,
    ReviewResponse,
    StaffParticipation,
    Survey,
    TextVersion,
    WorksAgreement,
)
from strategy.actor import Actor
from strategy.models import Deputyship, Membership, OrganisationalUnit, Role, Strategy
from tests.factories import UnitFactory, UserFactory
from tests.world import World, undone

pytestmark = pytest.mark.django_db

STATE = Measure.State
TWINS = {
    "strategy.view_strategy": Strategy,
    "measures.view_measure": Measure,
    "measures.view_textversion": TextVersion,
    "measures.view_review": Review,
    "measures.view_reviewresponse": ReviewResponse,
    "measures.view_staffparticipation": StaffParticipation,
    "measures.view_resourcerequest": ResourceRequest,
    "measures.view_indicator": Indicator,
    "measures.view_indicatorvalue": IndicatorValue,
    "measures.view_rankinground": RankingRound,
    "measures.view_need": Need,
    "measures.view_neednote": NeedNote,
    "measures.view_attachment": Attachment,
    "measures.view_worksagreement": WorksAgreement,
    "measures.view_survey": Survey,
    "measures.view_reference": Reference,
}
OF_THE_COUNCIL = (Need, NeedNote, Attachment)  # a draft, and every note, is theirs alone
ROLES = ("project_group", "department_head", "administrative_head", "staff_council", "steering_team", "reader")
PEOPLE = (*ROLES, "administrator", "other_head", "uninvolved_head", "stranger")


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Built once for all tests here; what one of them writes is undone after it."""
    with django_db_blocker.unblock(), undone():
        yield full_world()


def full_world():
    """A strategy with a measure in each state, statements of all kinds, and a second strategy."""
    World().measure(STATE.RUNNING)
    world = World(" (hier)", "H")
    for state in STATE:
        world.figures_of(getattr(world, state))
    world.figures_of(None)
    world.sent_back = sent_back(world)
    for row in ("objection", "condition", "amended", "agreed_amendment", "participation"):
        getattr(world, row)
    for state in RankingRound.State:
        getattr(world, f"ranking_{state}")
    for state in Need.State:
        getattr(world, f"need_{state}")
    for row in ("note", "attachment", "draft_attachment"):
        getattr(world, row)
    for measure in Measure.objects.filter(strategy=world.strategy):
        for model in (WorksAgreement, Survey, Reference):
            model.objects.create(measure=measure, title=f"Zu {measure.code}")
        Attachment.objects.create(measure=measure, name="Zu.txt", size=2, added_by=world.project_group)
    answer(world, world.review)
    return world


def sent_back(world):
    """A draft again, with statements that were given before."""
    measure = world.measure(STATE.IN_REVIEW)
    world.answer_all(measure)
    measure.send_back(by=world.actor("steering_team"), reason="Zu teuer")
    measure.refresh_from_db()
    return measure


def answer(world, review):
    for slot in review.slots.all():
        slot.respond(by=world.who_answers(slot), vote="agree")


def seen(model, actor):
    return set(model.objects.visible_to(actor))


def permitted(model, permission, actor):
    return {row for row in model.objects.all() if actor.has_perm(permission, row)}


def actors(world):
    """Everybody by name, in person and by deputy, and those who must never see anything."""
    return {
        **{name: world.actor(name) for name in PEOPLE},
        **{f"deputy of {name}": deputy_of(world, name) for name in ROLES},
        "head of the units above": head_above(world),
        "two roles": two_roles(world),
        "superuser without a role": Actor.of(UserFactory(username="root", is_superuser=True)),
        "deactivated": deactivated(world),
        "member of the past": member_of_the_past(world),
        "system": Actor.system(world.strategy),
        "anonymous": Actor(AnonymousUser()),
    }


def deputy_of(world, name):
    deputy = world.member(Role.READER, name=f"deputy-{name}")
    today = timezone.localdate()
    Deputyship.objects.create(
        membership=world.membership(name), deputy=deputy, valid_from=today, valid_to=today + timedelta(days=1)
    )
    return Actor.deputising(deputy, Deputyship.objects.usable_by(deputy).get())


def head_above(world):
    """A Referat's head leads the Amt below it."""
    above = UnitFactory(strategy=world.strategy, kind=OrganisationalUnit.Kind.REFERAT)
    OrganisationalUnit.objects.filter(pk=world.unit.pk).update(parent=above)
    return Actor.of(world.member(Role.DEPARTMENT_HEAD, above, "head-above"))


def two_roles(world):
    user = world.member(Role.READER, name="two-roles")
    Membership.objects.create(strategy=world.strategy, user=user, role=Role.STAFF_COUNCIL)
    return Actor.of(user)


def deactivated(world):
    user = world.member(Role.PROJECT_GROUP, name="gone")
    user.is_active = False
    user.save()
    return Actor.of(user)


def member_of_the_past(world):
    user = world.member(Role.PROJECT_GROUP, name="past")
    Membership.objects.filter(user=user).update(valid_to=timezone.localdate() - timedelta(days=1))
    return Actor.of(user)


@pytest.mark.parametrize(("permission", "model"), TWINS.items())
def test_the_list_shows_what_each_row_permits(world, permission, model):
    everybody = actors(world)

    lists = {name: seen(model, actor) for name, actor in everybody.items()}
    rows = {name: permitted(model, permission, actor) for name, actor in everybody.items()}

    assert lists == rows
    council, group = lists["staff_council"], lists["project_group"]
    sees_all = council | group if model is Attachment else council if model in OF_THE_COUNCIL else group
    assert sees_all == set(model.objects.filter(**of_strategy(model, world)))


def of_strategy(model, world):
    return {"pk": world.strategy.pk} if model is Strategy else {"strategy": world.strategy}


@pytest.mark.parametrize("model", TWINS.values())
def test_some_people_see_nothing_whoever_they_are(world, model):
    everybody = actors(world)
    nobody = ["superuser without a role", "deactivated", "member of the past", "system", "anonymous"]

    assert {name: seen(model, everybody[name]) for name in nobody} == {name: set() for name in nobody}
    assert seen(model, everybody["stranger"]).isdisjoint(model.objects.filter(**of_strategy(model, world)))


@pytest.mark.parametrize("model", TWINS.values())
@pytest.mark.parametrize("name", ROLES)
def test_a_deputy_sees_what_the_represented_sees_and_nothing_else(world, model, name):
    """Of the staff council's own only what has been submitted: that is what everybody sees who takes part."""
    represented = "steering_team" if name == "staff_council" and model in OF_THE_COUNCIL else name

    assert seen(model, deputy_of(world, name)) == seen(model, world.actor(represented))


NEEDS_SEEN = {name: set(Need.State) - {"draft"} for name in PEOPLE} | {
    "staff_council": set(Need.State),
    "reader": set(),
    "administrator": set(),
    "stranger": set(),
}


@pytest.mark.parametrize(("name", "states"), NEEDS_SEEN.items())
def test_a_need_is_the_councils_alone_until_it_is_submitted(world, name, states):
    needs = [getattr(world, f"need_{state}") for state in Need.State]

    assert {need.state for need in Need.objects.visible_to(world.actor(name)) if need in needs} == states


HANDED_OVER = set(STATE) - {STATE.DRAFT}
DECIDED = {STATE.DECIDED, STATE.RUNNING, STATE.PAUSED, STATE.COMPLETED}
STATES_SEEN = {
    "project_group": set(STATE),
    "department_head": HANDED_OVER,
    "other_head": HANDED_OVER,
    "uninvolved_head": HANDED_OVER,
    "administrative_head": HANDED_OVER,
    "staff_council": HANDED_OVER,
    "steering_team": HANDED_OVER,
    "reader": DECIDED,
    "administrator": DECIDED,
    "stranger": set(),
}


@pytest.mark.parametrize(("name", "states"), STATES_SEEN.items())
def test_sight_of_a_measure_follows_its_dates(world, name, states):
    """The dropped one of the world was never decided: it stays hidden from those who look on."""
    measures = [getattr(world, state) for state in STATE]

    assert {m.state for m in Measure.objects.visible_to(world.actor(name)) if m in measures} == states


def test_a_measure_sent_back_disappears_but_its_authors_keep_their_statements(world):
    measure = world.sent_back
    responses = ReviewResponse.objects.filter(slot__review__measure=measure)

    sees = {name: seen(Measure, world.actor(name)) for name in PEOPLE}
    keeps = {name: responses.filter(pk__in=[r.pk for r in seen(ReviewResponse, world.actor(name))]) for name in PEOPLE}

    assert {name for name, rows in sees.items() if measure in rows} == {"project_group"}
    assert {name: rows.count() for name, rows in keeps.items()} == {
        "project_group": 3,
        "steering_team": 3,
        "department_head": 1,
        "administrative_head": 1,
        "other_head": 1,
        "staff_council": 1,
        "uninvolved_head": 0,
        "reader": 0,
        "administrator": 0,
        "stranger": 0,
    }


def test_a_statement_of_an_open_review_is_for_its_slot_and_the_two_teams(world):
    response = world.slot.answer()

    sees = {name for name in PEOPLE if response in seen(ReviewResponse, world.actor(name))}

    assert sees == {"project_group", "steering_team", "department_head", "administrative_head"}


def test_after_closing_all_who_take_part_see_the_statements(world):
    response = ReviewResponse.objects.filter(slot__review__measure=world.running).first()

    sees = {name for name in PEOPLE if response in seen(ReviewResponse, world.actor(name))}

    assert sees == set(PEOPLE) - {"reader", "administrator", "stranger"}


def test_a_changed_membership_counts_at_once(world):
    head = world.department_head
    assert world.in_review in seen(Measure, Actor.of(head))

    Membership.objects.filter(user=head).update(valid_to=timezone.localdate() - timedelta(days=1))

    assert seen(Measure, Actor.of(head)) == set()


def test_a_deputy_has_no_rights_of_their_own_meanwhile(world):
    """Whoever acts in place of a reader cannot at the same time use being in the project group."""
    deputy = world.project_group
    today = timezone.localdate()
    Deputyship.objects.create(membership=world.membership("reader"), deputy=deputy, valid_from=today, valid_to=today)

    actor = Actor.deputising(deputy, Deputyship.objects.usable_by(deputy).get())

    assert seen(Measure, actor) == seen(Measure, world.actor("reader"))
    assert not actor.has_perm("measures.submit_measure", world.draft)


@pytest.mark.parametrize("days", [(-2, -1), (1, 2)])
def test_a_deputyship_holds_only_in_its_days(world, days):
    deputy = world.member(Role.READER, name="deputy-of-another-day")
    first, last = (timezone.localdate() + timedelta(days=number) for number in days)
    Deputyship.objects.create(
        membership=world.membership("project_group"), deputy=deputy, valid_from=first, valid_to=last
    )

    assert list(Deputyship.objects.usable_by(deputy)) == []


def test_results_are_shown_where_each_round_permits_it(world):
    everybody = actors(world)

    lists = {name: set(RankingRound.objects.results_visible_to(actor)) for name, actor in everybody.items()}

    assert lists == {
        name: permitted(RankingRound, "measures.view_results_rankinground", actor) for name, actor in everybody.items()
    }
    published, closed = {world.ranking_published}, {world.ranking_closed}
    assert lists["project_group"] == lists["steering_team"] == published | closed
    assert lists["department_head"] == lists["staff_council"] == published
    assert lists["reader"] == lists["administrator"] == lists["system"] == set()


def test_a_ballot_is_for_its_owner_alone(world):
    """Whoever stands in for somebody does not see that person's ballot, and not the own one meanwhile."""
    everybody = actors(world)

    lists = {name: seen(Ballot, actor) for name, actor in everybody.items()}

    assert lists == {name: permitted(Ballot, "measures.view_ballot", actor) for name, actor in everybody.items()}
    assert {name for name, rows in lists.items() if rows} == {
        "project_group",
        "department_head",
        "other_head",
        "uninvolved_head",
        "administrative_head",
    }
    for name, rows in lists.items():
        assert {ballot.elector.user for ballot in rows} <= {everybody[name].user}
