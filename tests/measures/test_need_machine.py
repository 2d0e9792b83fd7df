"""P13 for needs: whatever people press in whatever order, a need and what became of it obey the table of design.md §3.

A random walk presses verbs as random people; a second, obvious model of the tables below predicts each outcome.
"""

import random
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from measures.models import Measure, Need, NeedNote
from strategy.models import Role, Transition
from strategy.workflow import RuleViolation, transition

PEOPLE = [*Role.values, "other_head", "stranger"]
PROJECT_GROUP, COUNCIL, STEERING = {"project_group"}, {"staff_council"}, {"steering_team"}
STAYS, GONE = object(), ""

# verb: from, to, who, with a reason
NEED = {
    "submit": ({"draft"}, "submitted", COUNCIL, False),
    "discard": ({"draft"}, GONE, COUNCIL, False),
    "acknowledge": ({"submitted"}, "acknowledged", PROJECT_GROUP, False),
    "extend": ({"submitted", "acknowledged"}, STAYS, PROJECT_GROUP, True),
    "answer": ({"submitted", "acknowledged"}, "answered", PROJECT_GROUP, True),
    "withdraw": ({"submitted", "acknowledged"}, "withdrawn", COUNCIL, False),
    "settle": ({"answered"}, "settled", COUNCIL, False),
    "object": ({"answered"}, "objected", COUNCIL, True),
    "answer_objection": ({"objected"}, "answered", STEERING, True),
}
OUTCOMES = {"adopted", "merged", "deferred", "declined"}
ENDED = ("settled", "withdrawn", GONE)


@dataclass
class Model:
    """What the design says is true of one need."""

    state: str = "draft"
    number: int | None = None
    days: int = 21
    outcome: str = ""
    objected: bool = False
    version: int = 1
    notes: int = 0

    def press(self, verb, person, reason, details):
        refusal = self.refusal(verb, person, reason, details)
        if refusal is None:
            target = NEED[verb][1]
            self.state = self.state if target is STAYS else target
            self.days = details.get("days", self.days)
            self.outcome = details.get("outcome", self.outcome)
            self.objected = self.objected or verb == "object"
        return refusal

    def refusal(self, verb, person, reason, details):
        sources, _target, people, with_reason = NEED[verb]
        if person not in people:
            return PermissionDenied
        if self.state not in sources or (with_reason and not reason):
            return RuleViolation
        if verb == "object" and self.objected:
            return RuleViolation
        if verb == "extend" and details["days"] <= self.days:
            return RuleViolation
        if verb == "answer" and not details["is_complete"]:
            return RuleViolation
        return None

    def edit(self, person):
        if person not in COUNCIL:
            return PermissionDenied
        if self.state != "draft":
            return RuleViolation
        self.version += 1
        return None

    def note(self, person):
        if person not in COUNCIL:
            return PermissionDenied
        self.notes += 1
        return None


class Walk:
    """Presses buttons on one need at a time and compares."""

    def __init__(self, cast, seed):
        self.cast = cast
        self.random = random.Random(seed)  # noqa: S311  a walk, no secret
        self.actors = {name: cast.actor(name) for name in PEOPLE}
        self.takes_in = {"measure": cast.measure(Measure.State.RUNNING), "need": cast.need(Need.State.SUBMITTED)}
        self.last_number, self.measures = 1, 1
        self.new_need()

    def new_need(self):
        self.object, self.model = self.cast.need(), Model()

    def step(self):
        press = self.random.choice([self.press_verb] * 6 + [self.press_edit, self.press_note])
        rows = Transition.objects.count()
        expected, attempt = press()
        outcome = self.attempt(attempt)
        assert outcome is expected, f"{press.__name__}: {outcome} instead of {expected} at {self.model}"
        if expected is not None:
            assert Transition.objects.count() == rows
        self.compare()
        if self.model.state in ENDED and (self.model.state == GONE or self.random.random() < 0.5):
            self.new_need()

    def attempt(self, attempt):
        try:
            attempt()
        except (PermissionDenied, RuleViolation) as refusal:
            return type(refusal)
        return None

    def person(self, likely):
        """Mostly somebody who may, so that the walk gets somewhere."""
        return self.random.choice(sorted(likely) if self.random.random() < 0.7 else PEOPLE)

    def verb(self):
        """As often as not one that goes from here, but seldom the end of the way."""
        possible = [verb for verb, (sources, target, *_) in NEED.items() if self.model.state in sources]
        onward = [verb for verb in possible if NEED[verb][1] not in ENDED]
        return self.random.choice(self.random.choice([list(NEED), onward or list(NEED)]))

    def press_verb(self):
        verb = self.verb()
        person, reason = self.person(NEED[verb][2]), "Begründung" if self.random.random() < 0.9 else "  "
        words = {"by": self.actors[person]} | ({"reason": reason} if NEED[verb][3] else {})
        details, predicted = self.details(verb)
        expected = self.model.press(verb, person, reason.strip(), predicted)
        if expected is None and verb == "submit":
            self.last_number += 1
            self.model.number = self.last_number
        self.measures += expected is None and verb == "answer" and predicted["outcome"] == "adopted"
        return expected, lambda: getattr(self.object, verb)(**words, **details)

    def details(self, verb):
        """What goes with a verb, and what the model has to know of it."""
        if verb == "extend":
            days = self.random.choice([21, 22, 30, 60])
            day = (self.object.submitted_on or self.object.created_at.date()) + timedelta(days=days)
            return {"due_on": day}, {"days": days}
        if verb == "answer":
            return self.answer()
        return {}, {}

    def answer(self):
        outcome, is_complete = self.random.choice(sorted(OUTCOMES)), self.random.random() < 0.8
        where = {
            "adopted": {"draft": {"field": self.cast.field}},
            "merged": self.random.choice(
                [{"measure": self.takes_in["measure"]}, {"merged_into": self.takes_in["need"]}]
            ),
            "deferred": {"deferred_to": self.cast.stage},
            "declined": {},
        }
        wrong = {"declined": {"deferred_to": self.cast.stage}}
        chosen = where[outcome] if is_complete else wrong.get(outcome, {})
        return {"outcome": outcome} | chosen, {"outcome": outcome, "is_complete": is_complete}

    def press_edit(self):
        person = self.person(COUNCIL)
        version, title = self.model.version, f"Bedarf {self.random.random()}"
        expected = self.model.edit(person)
        return expected, lambda: self.object.edit(by=self.actors[person], version=version, changes={"title": title})

    def press_note(self):
        person = self.person(COUNCIL)
        expected = self.model.note(person)
        return expected, lambda: NeedNote.objects.write(self.object, by=self.actors[person], text="Unter uns")

    def compare(self):
        assert Measure.objects.count() == self.measures
        if self.model.state == GONE:
            assert self.object.pk is None
            return
        stored = Need.objects.get(pk=self.object.pk)
        shown = (stored.state, stored.number, stored.outcome, stored.version, stored.notes.count())
        model = self.model
        assert shown == (model.state, model.number, model.outcome, model.version, model.notes)
        assert bool(stored.objected_on) == model.objected
        assert (stored.submitted_on is None) == (stored.state == "draft")
        if stored.submitted_on:
            assert stored.due_on == stored.submitted_on + timedelta(days=model.days)
        self.compare_sight(stored)

    def compare_sight(self, stored):
        name = self.random.choice(PEOPLE)
        sees = Need.objects.visible_to(self.actors[name]).filter(pk=stored.pk).exists()
        assert sees == (name in (COUNCIL if stored.state == "draft" else {*Role.TAKING_PART, "other_head"}))

    def check_chain(self):
        """Every state was reached by a recorded step of somebody who had the right to it, and numbers have no gap."""
        for need in Need.objects.all():
            state = "draft"
            for entry in need.transitions:
                sources, target, people, with_reason = NEED[entry.verb]
                assert entry.before == state
                assert entry.before in sources
                assert entry.role in people
                assert not with_reason or entry.reason.strip()
                assert target in (STAYS, entry.after)
                state = entry.after
            assert need.state == state
        numbers = Need.objects.filter(number__isnull=False).order_by("number").values_list("number", flat=True)
        assert list(numbers) == list(range(1, self.last_number + 1))


def walk(cast, seed, steps):
    hike = Walk(cast, seed)
    for _ in range(steps):
        hike.step()
    hike.check_chain()


def test_no_order_of_presses_reaches_an_illegal_state(cast):
    walk(cast, seed=2030, steps=2000)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(50))
def test_no_order_of_presses_reaches_an_illegal_state_whatever_the_seed(cast, seed):
    walk(cast, seed=seed, steps=2000)


def test_a_walk_notices_a_second_objection(cast, monkeypatch):
    """The negative control: without the rule that one objects once, the same walk fails."""
    unguarded = Need.object.__wrapped__

    def object_again(self, *, by, reason):
        self.objected_on = None
        unguarded(self, by=by, reason=reason)

    monkeypatch.setattr(Need, "object", step_of("object", object_again))

    with pytest.raises(AssertionError):
        walk(cast, seed=2030, steps=300)


def step_of(name, verb):
    """The verb behind the same gate."""
    verb.__name__ = name
    original = getattr(Need, name)
    return transition(*original.sources, to=original.to, reason=original.needs_reason)(verb)


def test_a_walk_notices_a_draft_seen_too_early(cast, monkeypatch):
    """The negative control of sight: a queryset that forgets the day of submission."""

    def forgetful(rows, actor):
        return rows.filter(strategy__in=actor.strategies(*Role.TAKING_PART))

    monkeypatch.setattr(type(Need.objects), "visible_to", lambda rows, actor: forgetful(rows.all(), actor))

    with pytest.raises(AssertionError):
        walk(cast, seed=2030, steps=20)
