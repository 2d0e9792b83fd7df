"""P13: whatever people press in whatever order, the measure and its amendment obey the table of design.md §3.

A random walk presses verbs as random people; a second, obvious model of the tables below predicts each outcome.
"""

import random
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from measures.models import Measure, TextVersion
from strategy.models import Role, Transition
from strategy.workflow import RuleViolation

PEOPLE = [*Role.values, "other_head", "stranger"]
PROJECT_GROUP, STEERING = {"project_group"}, {"steering_team"}
BOTH = PROJECT_GROUP | STEERING
OF_THE_LEAD_UNIT = {"department_head", "administrative_head"}
STAYS = object()

# verb: from, to, who, with a reason
MEASURE = {
    "submit": ({"draft"}, "in_review", PROJECT_GROUP, False),
    "send_back": ({"in_review", "agreed"}, "draft", BOTH, True),
    "agree": ({"in_review"}, "agreed", PROJECT_GROUP, False),
    "decide": ({"agreed"}, "decided", STEERING, True),
    "prioritise": ({"agreed", "decided", "running"}, STAYS, STEERING, True),
    "start": ({"decided"}, "running", PROJECT_GROUP, False),
    "complete": ({"running"}, "completed", PROJECT_GROUP, False),
    "pause": ({"decided", "running"}, "paused", STEERING, True),
    "resume": ({"paused"}, "where it was", STEERING, True),
    "drop": ({"in_review", "agreed", "decided", "running", "paused"}, "dropped", STEERING, True),
    "report_status": ({"running", "paused"}, STAYS, PROJECT_GROUP | OF_THE_LEAD_UNIT, False),
    "amend": ({"decided", "running"}, STAYS, PROJECT_GROUP, False),
}
AMENDMENT = {
    "agree": ({"proposed"}, "agreed", PROJECT_GROUP, False),
    "decide": ({"agreed"}, "in_force", STEERING, True),
    "reject": ({"proposed", "agreed"}, "rejected", STEERING, True),
    "withdraw": ({"proposed", "agreed"}, "withdrawn", PROJECT_GROUP, False),
}
REVIEW = {
    "extend": PROJECT_GROUP,
    "withdraw": PROJECT_GROUP,
}
ANSWERS = {
    "unit": OF_THE_LEAD_UNIT,
    "other_unit": {"other_head"},
    "council": {"staff_council"},
}


@dataclass
class Model:
    """What the design says is true of one measure."""

    state: str = "draft"
    paused_from: str = ""
    amendment: str = ""
    review: bool = False
    missing: set = field(default_factory=set)
    objections: set = field(default_factory=set)

    def open_review(self):
        self.review, self.missing, self.objections = True, set(ANSWERS), set()

    def allows(self, table, verb, state, person, reason):
        sources, _, people, with_reason = table[verb]
        if person not in people:
            return PermissionDenied
        if state not in sources or (with_reason and not reason):
            return RuleViolation
        if verb == "agree" and self.review and (self.missing or self.objections):
            return RuleViolation
        return None

    def measure(self, verb, person, reason):
        refusal = self.allows(MEASURE, verb, self.state, person, reason)
        if refusal is None and verb == "amend" and self.amendment:
            refusal = RuleViolation
        if refusal is None:
            self.take(verb)
        return refusal

    def take(self, verb):
        _, target, _, _ = MEASURE[verb]
        before = self.state
        if verb == "resume":
            self.state, self.paused_from = self.paused_from, ""
        elif target is not STAYS:
            self.state = target
        if verb == "pause":
            self.paused_from = before
        if verb in ("submit", "amend"):
            self.open_review()
        if verb == "amend":
            self.amendment = "proposed"
        if verb in ("complete", "drop"):
            self.amendment = ""
        if verb in ("send_back", "agree", "complete", "drop"):
            self.review = False

    def amend(self, verb, person, reason):
        refusal = self.allows(AMENDMENT, verb, self.amendment, person, reason)
        if refusal is None:
            self.review = False
            self.amendment = "agreed" if verb == "agree" else ""
        return refusal

    def lead_review(self, verb, person, reason):
        if person not in REVIEW[verb]:
            return PermissionDenied
        if not self.review or not reason:
            return RuleViolation
        if verb == "withdraw":
            self.review = False
            self.state, self.amendment = (self.state, "") if self.amendment else ("draft", "")
        return None

    def respond(self, slot, vote, person):
        if person not in ANSWERS[slot]:
            return PermissionDenied
        if not self.review:
            return RuleViolation
        self.missing.discard(slot)
        (self.objections.add if vote == "object" else self.objections.discard)(slot)
        return None

    def settle(self, slot, person, reason):
        if person not in STEERING:
            return PermissionDenied
        if not reason:
            return RuleViolation
        self.objections.discard(slot)
        return None


class Walk:
    """Presses buttons on one measure at a time and compares."""

    def __init__(self, cast, seed):
        self.cast = cast
        self.random = random.Random(seed)  # noqa: S311  a walk, no secret
        self.actors = {name: cast.actor(name) for name in PEOPLE}
        self.new_measure()

    def new_measure(self):
        self.object, self.model = self.cast.measure(), Model()

    def step(self):
        kinds = [self.press_measure] * 4 + [self.press_answer] * 4
        kinds += [self.press_review]
        kinds += [self.press_amendment] * 3 * bool(self.model.amendment) + [self.press_settle] * 2
        press = self.random.choice(kinds)
        rows = Transition.objects.count()
        expected, attempt = press()
        outcome = self.attempt(attempt)
        assert outcome is expected, f"{press.__name__}: {outcome} instead of {expected} at {self.model}"
        if expected is not None:
            assert Transition.objects.count() == rows
        self.compare()
        if self.model.state in ("completed", "dropped") and self.random.random() < 0.5:
            self.new_measure()

    def attempt(self, attempt):
        try:
            attempt()
        except (PermissionDenied, RuleViolation) as refusal:
            return type(refusal)
        return None

    def person(self, likely):
        """Mostly somebody who may, so that the walk gets somewhere."""
        return self.random.choice(sorted(likely) if self.random.random() < 0.7 else PEOPLE)

    def reason(self):
        return "Begründung" if self.random.random() < 0.9 else "  "

    def press_measure(self):
        verb = self.random.choice(list(MEASURE))
        person, reason = self.person(MEASURE[verb][2]), self.reason()
        words = {"by": self.actors[person]} | ({"reason": reason} if MEASURE[verb][3] else {})
        words |= self.details(verb)
        expected = self.model.measure(verb, person, reason.strip())
        return expected, lambda: getattr(self.object, verb)(**words)

    def details(self, verb):
        if verb in ("decide", "prioritise"):
            return {"priority": self.cast.priority}
        if verb == "complete":
            return {"text": "Fertig"}
        if verb == "report_status":
            return {"light": self.cast.light("disc"), "progress": self.random.randint(0, 100)}
        if verb == "amend":
            return {"core": {"title": f"Anders {self.random.random()}"}}
        return {}

    def press_amendment(self):
        version = self.object.text_versions.filter(state__in=TextVersion.OPEN).get()
        verb = self.random.choice(list(AMENDMENT))
        person, reason = self.person(AMENDMENT[verb][2]), self.reason()
        words = {"by": self.actors[person]} | ({"reason": reason} if AMENDMENT[verb][3] else {})
        expected = self.model.amend(verb, person, reason.strip())
        return expected, lambda: getattr(version, verb)(**words)

    def press_review(self):
        review = self.object.reviews.first()
        if review is None:
            return self.press_measure()
        verb = self.random.choice(list(REVIEW))
        person, reason = self.person(REVIEW[verb]), self.reason()
        later = {"due_on": review.due_on + timedelta(days=1)} if verb == "extend" else {}
        expected = self.model.lead_review(verb, person, reason.strip())
        return expected, lambda: getattr(review, verb)(by=self.actors[person], reason=reason, **later)

    def press_answer(self):
        review = self.object.reviews.first()
        if review is None:
            return self.press_measure()
        name = self.random.choice(list(ANSWERS))
        unit = getattr(self.cast, name, None)
        slot = review.slots.get(unit=unit)
        vote = self.random.choice(["agree", "agree", "object", "conditions", "no_comment"])
        person = self.person(ANSWERS[name])
        expected = self.model.respond(name, vote, person)
        return expected, lambda: slot.respond(by=self.actors[person], vote=vote, text="Text")

    def press_settle(self):
        if not (self.model.review and self.model.objections):
            return self.press_measure()
        name = self.random.choice(sorted(self.model.objections))
        response = self.object.open_review().slots.get(unit=getattr(self.cast, name, None)).answer()
        person, reason = self.person(STEERING), self.reason()
        expected = self.model.settle(name, person, reason.strip())
        return expected, lambda: response.settle(by=self.actors[person], reason=reason)

    def compare(self):
        stored = Measure.objects.get(pk=self.object.pk)
        assert (stored.state, stored.paused_from) == (self.model.state, self.model.paused_from)
        amendment = stored.open_amendment()
        assert (amendment.state if amendment else "") == self.model.amendment
        assert (stored.open_review() is not None) == self.model.review
        assert (stored.submitted_on is None) == (stored.state == "draft")

    def check_chain(self):
        """Every state was reached by a recorded step of somebody who had the right to it."""
        for measure in Measure.objects.all():
            state = "draft"
            for entry in measure.transitions:
                sources, target, people, with_reason = MEASURE[entry.verb]
                assert entry.before == state
                assert entry.before in sources
                assert entry.role in people
                assert not with_reason or entry.reason.strip()
                assert target in (STAYS, "where it was", entry.after)
                state = entry.after
            assert measure.state == state


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


def test_a_walk_notices_a_verb_that_skips_the_gate(cast, monkeypatch):
    """The negative control: without the gate's question for the state, the same walk fails."""
    unguarded = Measure.start.__wrapped__

    def start(self, *, by, reason=""):
        unguarded(self, by=by, reason=reason)
        Measure.objects.filter(pk=self.pk).update(state=Measure.State.RUNNING, decided_on="2026-01-01")

    monkeypatch.setattr(Measure, "start", start)

    with pytest.raises(AssertionError):
        walk(cast, seed=2030, steps=300)
