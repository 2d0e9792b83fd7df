"""Big data for benchmarks: as many as asked for, and as valid as what people type."""

from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from measures.models import Ballot, Measure, Need, RankingRound, Review, StatusUpdate
from measures.models.ballot import receipt_of
from strategy.models import Membership, OrganisationalUnit, OutgoingMail, Role, Strategy

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def make_load(**options):
    out = StringIO()
    call_command("make_load", stdout=out, **options)
    return out.getvalue().splitlines()[-1]


def test_makes_what_was_asked_for_and_says_so():
    assert make_load(measures=60, heads=7, strategy="last").startswith("last: 60 measures, 7 heads, ")
    strategy = Strategy.objects.get(slug="last")
    assert Measure.objects.filter(strategy=strategy).count() == 60
    assert Membership.objects.filter(strategy=strategy, role=Role.DEPARTMENT_HEAD).count() == 7
    assert not OutgoingMail.objects.exists()


def test_rows_are_valid_and_have_their_history():
    make_load(measures=60, heads=7, strategy="last")
    measures = Measure.objects.all()
    assert len(Counter(measure.state for measure in measures)) > 4
    for measure in measures:
        measure.full_clean(
            exclude=[
                name
                for name in ("priority", "status_on", "submitted_on", "decided_on", "started_on", "completed_on")
                if getattr(measure, name) is None
            ]
        )
        assert measure.changes.count() == 1
        steps = list(measure.transitions)
        assert [step.before for step in steps] == ["draft", *(step.after for step in steps)][:-1] or not steps
        assert (steps[-1].after if steps else "draft") == measure.state
    for review in Review.objects.all():
        assert review.slots.count() >= 2
    assert StatusUpdate.objects.count() == 6 * measures.filter(state__in=["running", "completed"]).count()


def test_rounds_have_ballots_and_results():
    make_load(measures=60, heads=10, strategy="last")
    first, second = RankingRound.objects.order_by("pk")
    assert (first.state, second.state) == ("published", "open")
    for ranking, handed_in in ((first, 9), (second, 6)):
        items = set(ranking.measures.values_list("pk", flat=True))
        assert ranking.electors.count() == 11  # ten heads and one person of the project group
        submitted = ranking.ballots.filter(state=Ballot.State.SUBMITTED)
        assert submitted.count() == handed_in
        for ballot in submitted:
            assert set(ballot.order) == items
            assert ballot.receipt == receipt_of(ranking.pk, ballot.order, ballot.nonce)
    assert len(first.results["items"]) == first.measures.count()
    shown = {row["group"]: (row["shown"], row["n"]) for row in first.results["groups"]}
    assert shown == {"department_heads": (True, 9), "project_group": (False, None)}


def test_needs_stand_in_every_state_and_have_their_steps():
    make_load(measures=200, heads=7, strategy="last")
    make_load(measures=10, heads=2, strategy="last")
    needs = Need.objects.all()
    assert {need.state for need in needs} == set(Need.State.values)
    numbers = sorted(need.number for need in needs if need.number)
    assert numbers == list(range(1, len(numbers) + 1))
    assert Strategy.objects.get(slug="last").last_need_number == numbers[-1]
    for need in needs:
        steps = list(need.transitions)
        assert [step.before for step in steps] == ["draft", *(step.after for step in steps)][: len(steps)]
        assert (steps[-1].after if steps else "draft") == need.state
        assert need.changes.count() == 1


def test_adds_to_a_strategy_that_is_there():
    make_load(measures=10, heads=2, strategy="last")
    make_load(measures=10, heads=2, strategy="last")
    assert Measure.objects.filter(strategy__slug="last").count() == 20
    assert OrganisationalUnit.objects.filter(strategy__slug="last").count() == 4


def test_refuses_what_makes_no_sense():
    with pytest.raises(CommandError, match="At least one"):
        make_load(measures=0)
    with pytest.raises(CommandError, match="nobody called"):
        make_load(user="niemand")
    assert not Strategy.objects.exists()
