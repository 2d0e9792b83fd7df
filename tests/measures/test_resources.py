"""Resource requests: typed in, edited, registered, answered with the council paper, discarded with a trace."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from measures.models import EditConflict, Measure, ResourceRequest, budget_of
from strategy.models import Transition
from strategy.workflow import RuleViolation
from tests.factories import CouncilPaperFactory, ResourceRequestFactory

pytestmark = pytest.mark.django_db

State = ResourceRequest.State


@pytest.fixture
def by(cast):
    return cast.actor("project_group")


@pytest.fixture
def request_of(cast):
    return lambda **values: ResourceRequestFactory(measure=cast.measure(Measure.State.RUNNING), **values)


def registered(request, by):
    request.register(by=by)
    return request


def test_a_double_budget_begins_with_an_even_year():
    assert [budget_of(year) for year in (2025, 2026, 2027, 2028)] == [2024, 2026, 2026, 2028]


def test_entering_keeps_who_typed_it_and_asks_for_the_right(cast, by):
    measure = cast.measure()
    request = ResourceRequest(measure=measure, kind="positions", year=2026, amount="1.5", term="fixed")

    with pytest.raises(PermissionDenied):
        request.enter(by=cast.actor("steering_team"))
    request.enter(by=by)

    assert ResourceRequest.changes.get().history_user == cast.project_group
    assert ResourceRequest.objects.get().amount == Decimal("1.50")


def test_who_saves_second_is_told(request_of, by):
    request = request_of()
    request.edit(by=by, version=1, changes={"amount": 50})

    with pytest.raises(EditConflict):
        ResourceRequest.objects.get().edit(by=by, version=1, changes={"amount": 60})
    assert (ResourceRequest.objects.get().amount, ResourceRequest.objects.get().version) == (50, 2)


def test_a_typed_value_is_no_example_any_more(request_of, by):
    request = request_of(provenance={"amount": "example", "year": "example"})

    request.edit(by=by, version=1, changes={"amount": 50})

    assert request.provenance == {"year": "example"}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "operating", "term": "fixed"}, "term"),
        ({"kind": "capital", "pay_grade": "E 9b"}, "pay_grade"),
        ({"kind": "positions", "term": "permanent", "until": date(2027, 1, 1)}, "until"),
    ],
)
def test_what_does_not_go_together_is_refused_at_its_field(request_of, by, values, field):
    request = request_of()

    with pytest.raises(RuleViolation) as refusal:
        request.edit(by=by, version=1, changes=values)
    assert list(refusal.value.message_dict) == [field]


def test_what_is_registered_is_neither_edited_nor_discarded(request_of, by):
    request = registered(request_of(), by)

    with pytest.raises(RuleViolation):
        request.edit(by=by, version=1, changes={"amount": 50})
    with pytest.raises(RuleViolation):
        request.discard(by=by)


def test_nothing_is_added_to_a_measure_that_has_ended(cast, by):
    measure = cast.measure(Measure.State.DROPPED)

    with pytest.raises(RuleViolation):
        ResourceRequest(measure=measure, kind="operating", year=2026, amount=1).enter(by=by)


def test_discarding_leaves_the_step_and_the_last_row_of_changes(cast, request_of, by):
    request = request_of()

    request.discard(by=by)

    assert not ResourceRequest.objects.exists()
    step = Transition.objects.get(verb="discard")
    assert (step.before, step.after, step.user) == ("noted", "", cast.project_group)
    assert ResourceRequest.changes.get(history_type="-").history_user == cast.project_group


@pytest.mark.parametrize(
    ("verb", "more", "granted"),
    [
        ("grant", {}, Decimal(40000)),
        ("grant_partly", {"granted_amount": Decimal("0.01")}, Decimal("0.01")),
        ("refuse", {}, Decimal(0)),
    ],
)
def test_an_answer_names_the_paper_and_what_is_granted(cast, request_of, by, verb, more, granted):
    request = registered(request_of(), by)
    paper = CouncilPaperFactory(strategy=cast.strategy)

    getattr(request, verb)(by=by, council_paper=paper, **more)

    request.refresh_from_db()
    assert (request.council_paper, request.granted_amount) == (paper, granted)
    assert request.state in ResourceRequest.ANSWERED


@pytest.mark.parametrize("amount", [0, 40000, 40001])
def test_partly_is_more_than_nothing_and_less_than_all(cast, request_of, by, amount):
    request = registered(request_of(), by)

    with pytest.raises(RuleViolation) as refusal:
        request.grant_partly(by=by, council_paper=CouncilPaperFactory(strategy=cast.strategy), granted_amount=amount)
    assert list(refusal.value.message_dict) == ["granted_amount"]
