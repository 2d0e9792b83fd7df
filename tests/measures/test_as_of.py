"""A past day shows what was true when it ended: nothing that came later, under the rights of today."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from measures.as_of import FRAME, OF_MEASURES, standing
from measures.models import Measure, Milestone, Need
from strategy.as_of import present, today
from strategy.models import Role
from tests.factories import Cast, MilestoneFactory
from tests.measures.lives import FIRST, LAST_MINUTE, WEEKS, Life, at

SECOND, THIRD = FIRST + timedelta(days=1), FIRST + timedelta(days=2)
AFTER = FIRST + timedelta(days=300)
TABLES = [Measure, *FRAME, *OF_MEASURES, Need]

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    with at(FIRST):
        return Cast()


def rows_of(model, strategy):
    """All that its table holds, as far as a history keeps it."""
    kept = {column.name for column in model.changes.model._meta.concrete_fields}
    columns = [column.attname for column in model._meta.concrete_fields if column.name in kept]
    rows = (
        model.objects.filter(pk=strategy.pk) if isinstance(strategy, model) else model.objects.filter(strategy=strategy)
    )
    return sorted(map(repr, rows.values_list(*columns)))


def everything(strategy):
    """The obvious model of a day: a copy of all rows."""
    tables = {model.__name__: rows_of(model, strategy) for model in TABLES}
    many = {
        name: sorted(Measure.objects.filter(strategy=strategy).values_list("pk", name), key=str)
        for name in Measure.MANY
    }
    units = sorted(map(str, Need.affected_units.through.objects.values_list("need", "organisationalunit")))
    return tables | many | {"affected units": units}


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WEEKS)
def test_each_day_reads_as_it_was_when_it_ended(days):
    with transaction.atomic():
        with at(FIRST):
            life = Life()
        strategy, kept = life.cast.strategy, {}
        for number, acts in enumerate(days):
            day = FIRST + timedelta(days=number)
            with at(day, *LAST_MINUTE):
                for act in acts:
                    life.act(*act)
                kept[day] = everything(strategy)
        with at(AFTER):
            sees_all = life.sees_all()
            for day, copy in kept.items():
                with standing(strategy, sees_all, day, needs=True):
                    assert everything(strategy) == copy
        transaction.set_rollback(True)


def codes(cast, name, day):
    """The measures this person is shown of that day."""
    with at(AFTER), standing(cast.strategy, cast.actor(name), day) as measures:
        return set(measures.values_list("code", flat=True))


def test_who_looks_on_sees_no_day_before_the_decision(cast):
    with at(FIRST):
        measure = cast.measure(Measure.State.AGREED)
    with at(SECOND):
        cast.decide(measure)

    for name in ("reader", "administrator"):
        assert codes(cast, name, FIRST) == set()
        assert codes(cast, name, SECOND) == {measure.code}
    assert codes(cast, "staff_council", FIRST) == {measure.code}


def test_who_takes_part_sees_no_day_before_the_last_submission(cast):
    with at(FIRST):
        measure = cast.measure(Measure.State.IN_REVIEW)
    with at(SECOND):
        measure.send_back(by=cast.actor("steering_team"), reason="Unklar")
    assert codes(cast, "steering_team", FIRST) == set()
    assert codes(cast, "project_group", FIRST) == {measure.code}

    with at(THIRD):
        cast.submit(measure)
    for name in ("department_head", "staff_council", "steering_team"):
        assert codes(cast, name, FIRST) == set()
        assert codes(cast, name, THIRD) == {measure.code}


def test_a_day_shows_what_has_been_deleted_since_to_those_whose_trace_it_is(cast):
    with at(FIRST):
        measure = cast.measure()
    with at(SECOND):
        measure.discard(by=cast.actor("project_group"))

    shown = {role: codes(cast, role, FIRST) for role in Role.values}
    assert {role for role, found in shown.items() if found} == {"project_group"}
    assert codes(cast, "project_group", SECOND) == set()


def test_a_day_ends_at_its_midnight_in_berlin(cast):
    with at(FIRST):
        measure = cast.measure()
    with at(SECOND, 0):
        measure.edit(by=cast.actor("project_group"), version=1, changes={"title": "Danach"})

    with at(AFTER), standing(cast.strategy, cast.actor("project_group"), FIRST) as measures:
        assert measures.get().title != "Danach"
    with at(AFTER), standing(cast.strategy, cast.actor("project_group"), SECOND) as measures:
        assert measures.get().title == "Danach"


def test_nothing_of_another_strategy_is_shown(cast):
    with at(FIRST):
        Cast().measure(Measure.State.DECIDED)
    for name in (*Role.values, "stranger"):
        assert codes(cast, name, FIRST) == set()


def test_a_past_day_is_only_read_and_rights_are_those_of_today(cast):
    with at(FIRST):
        milestone = MilestoneFactory(measure=cast.measure(), title="Vorher")
    with at(SECOND):
        milestone.title = "Nachher"
        milestone.save()

    with at(AFTER), standing(cast.strategy, cast.actor("project_group"), FIRST):
        assert (today(), Milestone.objects.get().title) == (FIRST, "Vorher")
        with pytest.raises(RuntimeError, match="only read"), transaction.atomic():
            milestone.save()
        with present():
            assert (today(), Milestone.objects.get().title) == (AFTER, "Nachher")
        assert today() == FIRST
    assert today() != FIRST
    assert Milestone.objects.get().title == "Nachher"


def test_without_a_day_everything_is_as_always(cast):
    with at(FIRST):
        measure = cast.measure()
        with standing(cast.strategy, cast.actor("project_group")) as measures:
            assert (measures.get(), today()) == (measure, FIRST)


@pytest.mark.parametrize(("name", "queries"), [("project_group", 2), ("staff_council", 2), ("reader", 2)])
def test_a_past_day_costs_two_queries_whatever_the_number_of_measures(cast, name, queries, django_assert_num_queries):
    with at(FIRST):
        cast.measure(Measure.State.DECIDED)
    for _more in range(2):
        with at(AFTER):
            actor = cast.actor(name)
            list(actor.memberships)
            with django_assert_num_queries(queries), standing(cast.strategy, actor, FIRST):
                pass
        with at(FIRST):
            for _one in range(5):
                cast.measure(Measure.State.DECIDED)
