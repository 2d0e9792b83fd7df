"""P13: whatever people press in whatever order, rounds and ballots obey the table of design.md §3.

A random walk presses verbs as random people, now and then the end comes and the clock ticks; a second, obvious model
of the tables below predicts each outcome.
"""

import random
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from measures.models import Ballot, EditConflict, RankingRound
from strategy.actor import Actor
from strategy.models import Role, Transition
from strategy.workflow import RuleViolation
from tests.measures import rankings

VOTERS = ("department_head", "other_head", "administrative_head", "project_group")
ALREADY_IN = 5  # other heads, who hand in as soon as a round opens: enough for figures to be shown
PEOPLE = [*Role.values, "other_head", "stranger", "system", "deputy"]
PROJECT_GROUP = {"project_group"}
STAYS = object()

# verb: from, to, who, with a reason
ROUND = {
    "open": ({"planned"}, "open", PROJECT_GROUP | {"system"}, False),
    "close": ({"open"}, "closed", PROJECT_GROUP | {"system"}, False),
    "extend": ({"open"}, STAYS, PROJECT_GROUP, True),
    "publish": ({"closed"}, "published", PROJECT_GROUP, False),
    "cancel": ({"planned", "open", "closed"}, "cancelled", PROJECT_GROUP, True),
}
BALLOT = {"submit": ("draft", "submitted"), "withdraw": ("submitted", "draft"), "arrange": ("draft", STAYS)}


@dataclass
class OneBallot:
    state: str = "draft"
    placed: bool = False
    version: int = 1


@dataclass
class Model:
    """What the design says is true of one round."""

    state: str = "planned"
    is_over: bool = False
    ballots: dict = field(default_factory=dict)
    counted: int = 0

    def round(self, verb, person, reason):
        sources, target, people, with_reason = ROUND[verb]
        if person not in people:
            return PermissionDenied
        if self.state not in sources or (with_reason and not reason) or self.forbids(verb, person, reason):
            return RuleViolation
        if target is not STAYS:
            self.state = target
        if verb == "open":
            self.ballots = {name: OneBallot() for name in VOTERS}
        if verb == "close":
            heads = [self.ballots[name].state == "submitted" for name in VOTERS[:2]]
            self.counted = ALREADY_IN + sum(heads)
        return None

    def forbids(self, verb, person, reason):
        if verb == "close" and not self.is_over:
            return person == "system" or not reason
        return verb in ("open", "extend") and self.is_over

    def ballot(self, verb, owner, person, is_current=True):
        if person != owner:
            return PermissionDenied
        source, target = BALLOT[verb]
        ballot = self.ballots[owner]
        if self.state != "open" or self.is_over or ballot.state != source:
            return RuleViolation
        if verb == "arrange" and not is_current:
            return EditConflict
        if verb == "submit" and not ballot.placed:
            return RuleViolation
        if target is not STAYS:
            ballot.state = target
        return None


class Walk:
    """Presses buttons on one round at a time and compares."""

    def __init__(self, cast, seed):
        self.cast = cast
        self.random = random.Random(seed)  # noqa: S311  a walk, no secret
        cast.deputy = cast.member(Role.READER, name="deputy")
        membership = cast.department_head.memberships.get()
        self.actors = {
            **{name: cast.actor(name) for name in PEOPLE if name not in ("system", "deputy")},
            "system": Actor.system(cast.strategy),
            "deputy": Actor(cast.deputy, [membership], in_place_of=cast.department_head),
        }
        self.others = rankings.heads(cast, ALREADY_IN)
        self.measures = [row.measure for row in rankings.planned(cast).measures.all()]
        RankingRound.objects.all().delete()
        self.new_round()

    def new_round(self):
        self.object, self.model = rankings.planned(self.cast, measures=self.measures), Model()

    def step(self):
        kinds = [self.press_round] * 3 + [self.press_ballot] * 6 * bool(self.model.ballots) + [self.tick]
        press = self.random.choice(kinds)
        rows = Transition.objects.count()
        expected, attempt = press()
        was_planned = RankingRound.objects.get(pk=self.object.pk).state == "planned"
        outcome = self.attempt(attempt)
        if was_planned and self.model.state == "open":
            self.let_others_vote()
        assert outcome is expected, f"{press.__name__}: {outcome} instead of {expected} at {self.model}"
        if expected is not None:
            assert Transition.objects.count() == rows
        self.compare()
        if self.model.state in ("published", "cancelled") and self.random.random() < 0.5:
            self.new_round()

    def let_others_vote(self):
        for head in self.others:
            rankings.vote(self.object, head)

    def attempt(self, attempt):
        try:
            attempt()
        except (PermissionDenied, RuleViolation, EditConflict) as refusal:
            return type(refusal)
        return None

    def person(self, likely):
        """Mostly somebody who may, so that the walk gets somewhere."""
        return self.random.choice(sorted(likely) if self.random.random() < 0.7 else PEOPLE)

    def tick(self):
        """The end comes, or lies ahead again."""
        end = self.random.random() < 0.3
        now = timezone.now()
        moments = {"opened_at": now - timedelta(days=9)} if self.model.state != "planned" else {}
        closes_at = now if end else now + timedelta(days=7)
        RankingRound.objects.filter(pk=self.object.pk).update(closes_at=closes_at, **moments)
        self.model.is_over = end
        return None, lambda: None

    def press_round(self):
        verb = self.random.choice(list(ROUND) if self.random.random() < 0.3 else ["open", "close", "publish"])
        person = self.person(ROUND[verb][2])
        reason = "Begründung" if self.random.random() < 0.8 else "  "
        details = {"closes_at": timezone.now() + timedelta(days=90)} if verb == "extend" else {}
        expected = self.model.round(verb, person, reason.strip())
        return expected, lambda: getattr(self.object, verb)(by=self.actors[person], reason=reason, **details)

    def press_ballot(self):
        owner = self.random.choice(VOTERS)
        person = self.person({owner})
        ballot = rankings.ballot_of(self.object, getattr(self.cast, owner))
        verb = self.random.choice(list(BALLOT))
        if verb != "arrange":
            expected = self.model.ballot(verb, owner, person)
            return expected, lambda: getattr(ballot, verb)(by=self.actors[person])
        return self.press_arrange(ballot, owner, person)

    def press_arrange(self, ballot, owner, person):
        items = rankings.items(self.object)
        order = self.random.sample(items, self.random.randint(0, len(items)))
        is_current = self.random.random() < 0.9
        version = ballot.version if is_current else ballot.version + 1
        expected = self.model.ballot("arrange", owner, person, is_current)
        if expected is None:
            self.model.ballots[owner].placed = bool(order)
        return expected, lambda: ballot.arrange(by=self.actors[person], order=order, version=version)

    def compare(self):
        stored = RankingRound.objects.get(pk=self.object.pk)
        assert stored.state == self.model.state
        assert (stored.results is not None) == (stored.state in ("closed", "published"))
        if stored.results:
            (shown,) = (group for group in stored.results["groups"] if group["group"] == "department_heads")
            assert shown["n"] == self.model.counted
        ballots = {name: rankings.ballot_of(stored, getattr(self.cast, name)) for name in self.model.ballots}
        assert stored.ballots.count() == (len(ballots) + ALREADY_IN if ballots else 0)
        for name, ballot in ballots.items():
            expected = self.model.ballots[name]
            assert (ballot.state, bool(ballot.order)) == (expected.state, expected.placed)
            assert bool(ballot.receipt) == (ballot.state == "submitted")

    def check_chain(self):
        """Every state was reached by a recorded step of somebody who had the right to it."""
        for ranking in RankingRound.objects.all():
            state = "planned"
            for entry in ranking.transitions:
                sources, target, people, with_reason = ROUND[entry.verb]
                assert entry.before == state
                assert entry.before in sources
                assert (entry.role or "system") in people
                assert not with_reason or entry.reason.strip()
                assert target in (STAYS, entry.after)
                state = entry.after
            assert ranking.state == state
        for ballot in Ballot.objects.select_related("elector"):
            state = "draft"
            for entry in ballot.transitions:
                assert (entry.before, entry.after) == BALLOT[entry.verb]
                assert (entry.before, entry.user_id, entry.in_place_of) == (state, ballot.elector.user_id, None)
                state = entry.after
            assert ballot.state == state


def walk(cast, seed, steps):
    hike = Walk(cast, seed)
    for _ in range(steps):
        hike.step()
    hike.check_chain()
    return hike


def test_no_order_of_presses_reaches_an_illegal_state(cast):
    walk(cast, seed=2030, steps=500)

    assert set(RankingRound.objects.values_list("state", flat=True)) >= {"published", "cancelled"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(50))
def test_no_order_of_presses_reaches_an_illegal_state_whatever_the_seed(cast, seed):
    walk(cast, seed=seed, steps=2000)


UNGUARDED = {
    "publish": (RankingRound, {"state": "published", "results": {"receipts": []}, "opened_at": timezone.now()}),
    "withdraw": (Ballot, {"state": "draft", "receipt": "", "submitted_at": None}),
}


@pytest.mark.parametrize("verb", UNGUARDED)
def test_a_walk_notices_a_verb_that_skips_the_gate(cast, monkeypatch, verb):
    """The negative control: without the gate's questions for right and state, the same walk fails."""
    model, change = UNGUARDED[verb]
    monkeypatch.setattr(model, verb, lambda self, **_: model.objects.filter(pk=self.pk).update(**change))

    with pytest.raises(AssertionError):
        walk(cast, seed=2030, steps=300)
