"""Random weeks in the life of a strategy: people press verbs and edit, and the rules refuse what they refuse."""

from datetime import date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import time_machine
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st

from measures.models import (
    Condition,
    Indicator,
    IndicatorValue,
    Measure,
    MeasureLink,
    Milestone,
    Need,
    ResourceRequest,
    Review,
    StaffParticipation,
)
from strategy.actor import Actor
from strategy.models import EditConflict, Role, Stage
from strategy.workflow import RuleViolation
from tests.factories import Cast, MembershipFactory, PriorityFactory

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = date(2026, 3, 26)  # the clocks change on the 29th
LAST_MINUTE = (23, 59, 59)


def at(day, hour=9, minute=0, second=0):
    return time_machine.travel(datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=BERLIN), tick=False)


class Life:
    """``act`` takes a name of ``ACTS`` and a number from which everything else follows."""

    def __init__(self):
        self.cast = Cast()
        self.group, self.steering = self.cast.actor("project_group"), self.cast.actor("steering_team")
        self.council = self.cast.actor("staff_council")
        self.priorities = [self.cast.priority, PriorityFactory(strategy=self.cast.strategy)]
        self.numbers = count(1)
        self.steps = []  # (measure, verb, day)

    def sees_all(self):
        """Somebody who writes measures and sits in the staff council."""
        user = self.cast.member(Role.PROJECT_GROUP, name="both")
        MembershipFactory(strategy=self.cast.strategy, user=user, role=Role.STAFF_COUNCIL)
        return Actor.of(user)

    def act(self, name, number):
        try:
            with transaction.atomic():
                getattr(self, name)(number)
        except (PermissionDenied, RuleViolation, EditConflict):
            pass

    def measure(self, number):
        there = list(Measure.objects.filter(strategy=self.cast.strategy).order_by("pk"))
        return there[number % len(there)] if there else self.create(number)

    def create(self, number):
        units, tags = [self.cast.other_unit][: number % 2], ["Klima", "Ämter & mehr"][: number % 3]
        title = f"Vorhaben {next(self.numbers)}"
        return Measure.objects.create_draft(
            by=self.group,
            field=self.cast.field,
            title=title,
            goal=f"Ziel bis 20{30 + number}",
            stage=self.cast.stage,
            lead_unit=self.cast.unit,
            responsible_function="Leitung",
            involved_units=units,
            tags=tags,
        )

    def edit(self, number):
        """Some fields of it; the title is refused once it is no draft."""
        measure = self.measure(number)
        wanted = [
            {"title": f"Anders {next(self.numbers)}"},
            {"tags": ["Neu"]},
            {"tags": []},
            {"responsible_function": ""},
            {"starts_on": date(2026, 1, 1), "ends_on": date(2027, 1, number + 1)},
            {"involved_units": [self.cast.other_unit], "source": "Akte"},
            {"stage": Stage.objects.filter(strategy=self.cast.strategy).last()},
        ][number % 7]
        measure.edit(by=self.group, version=measure.version, changes=wanted)

    def step(self, verb, measure, by, **details):
        getattr(measure, verb)(by=by, **details)
        self.steps.append((measure.pk, verb))

    def submit(self, number):
        self.step("submit", self.measure(number), self.group)

    def answer(self, number):
        measure = self.measure(number)
        if review := measure.open_review():
            slots = list(review.slots.all())
            slot = slots[number % len(slots)]
            vote = ["agree", "conditions", "object"][number % 3]
            slot.respond(by=self.cast.who_answers(slot), vote=vote, text=f"Wort {next(self.numbers)}")

    def agree(self, number):
        measure = self.measure(number)
        if measure.open_review():
            self.cast.answer_all(measure)
        self.step("agree", measure, self.group)

    def decide(self, number):
        priority = self.priorities[number % 2]
        self.step("decide", self.measure(number), self.steering, reason="Wichtig", priority=priority)

    def all_the_way(self, number):
        """So that weeks get somewhere."""
        for verb in (self.submit, self.agree, self.decide, self.start):
            verb(number)

    def prioritise(self, number):
        priority = self.priorities[number % 2]
        self.step("prioritise", self.measure(number), self.steering, reason="Neu", priority=priority)

    def start(self, number):
        self.step("start", self.measure(number), self.group)

    def pause(self, number):
        self.step("pause", self.measure(number), self.steering, reason="Haushalt")

    def resume(self, number):
        self.step("resume", self.measure(number), self.steering, reason="Weiter")

    def report(self, number):
        light = self.cast.light(["disc", "triangle", "octagon"][number % 3])
        text = f"Stand {next(self.numbers)}"
        self.step("report_status", self.measure(number), self.group, light=light, progress=number * 10, text=text)

    def complete(self, number):
        self.step("complete", self.measure(number), self.group, text="Fertig")

    def send_back(self, number):
        self.step("send_back", self.measure(number), self.steering, reason="Unklar")

    def drop(self, number):
        self.step("drop", self.measure(number), self.steering, reason="Überholt")

    def discard(self, number):
        self.step("discard", self.measure(number), self.group)

    def amend(self, number):
        measure = self.measure(number)
        if proposal := measure.open_amendment():
            proposal.withdraw(by=self.group) if number % 2 else proposal.reject(by=self.steering, reason="Nein")
        else:
            measure.amend(by=self.group, core={"title": f"Fassung {next(self.numbers)}"})

    def amendment_in_force(self, number):
        measure = self.measure(number)
        if proposal := measure.open_amendment():
            for slot in Review.objects.get(text_version=proposal).slots.all():
                slot.respond(by=self.cast.who_answers(slot), vote="agree")
            proposal.agree(by=self.group)
            proposal.decide(by=self.steering, reason="Ja")

    def milestone(self, number):
        measure = self.measure(number)
        there = list(measure.milestones.all())
        if not there or number < 5:
            day = FIRST + timedelta(days=number)
            Milestone(measure=measure, title=f"Schritt {next(self.numbers)}", due_on=day).save()
        elif number < 8:
            there[0].reached_on = FIRST
            there[0].save()
        else:
            there[0].delete()

    def indicator(self, number):
        measure = self.measure(number)
        there = list(measure.indicators.all())
        if not there:
            Indicator(measure=measure, name=f"Zahl {next(self.numbers)}", unit="Personen", target=9).enter(
                by=self.group
            )
        elif number < 7:
            IndicatorValue(indicator=there[0], as_of=FIRST, value=number).enter(by=self.group)
        elif there[0].values.exists() and number < 9:
            value = there[0].values.first()
            value.edit(by=self.group, version=value.version, changes={"value": number * 10})
        else:
            there[0].remove(by=self.group)

    def resource(self, number):
        measure = self.measure(number)
        there = measure.resource_requests.first()
        if there is None:
            ResourceRequest(measure=measure, kind="operating", year=2027, amount=number).enter(by=self.group)
        elif number % 2:
            there.register(by=self.group)
        else:
            there.discard(by=self.group)

    def own_indicator(self, number):
        """One of the whole strategy."""
        strategy = self.cast.strategy
        there = list(Indicator.objects.filter(strategy=strategy, measure=None))
        if not there or number < 3:
            name = f"Quote {next(self.numbers)}"
            Indicator(strategy=strategy, name=name, unit="%", baseline=number, baseline_people=number).enter(
                by=self.group
            )
        elif number < 7:
            IndicatorValue(indicator=there[0], as_of=FIRST, value=number, people=number).enter(by=self.group)
        else:
            there[0].remove(by=self.group)

    def condition(self, number):
        if condition := Condition.objects.filter(strategy=self.cast.strategy, state="open").first():
            day = FIRST + timedelta(days=90 + number)
            if number % 2:
                condition.schedule(by=self.group, due_on=day)
            else:
                condition.meet(by=self.group, reason="Steht darin")

    def participation(self, number):
        """Opened with the first measure, then stated, then concluded."""
        there = StaffParticipation.objects.filter(strategy=self.cast.strategy).first()
        if there is None:
            StaffParticipation.objects.start(
                self.measure(number), by=self.group, kind="hearing", informed_on=timezone.localdate()
            )
        elif number % 2:
            there.state_view(by=self.council, vote="agree", text=f"Wort {next(self.numbers)}")
        else:
            there.conclude(by=self.group, reason=f"Ausgang {next(self.numbers)}")

    def need(self, number):
        """What becomes of the needs of the staff council, drafts among them."""
        strategy = self.cast.strategy
        there = list(Need.objects.filter(strategy=strategy).order_by("created_at"))
        if not there or number < 2:
            title = f"Bedarf {next(self.numbers)}"
            units = [self.cast.unit][: number % 2]
            Need.objects.create_draft(
                by=self.council, strategy=strategy, title=title, text="Mehr Zeit", affected_units=units
            )
            return
        need = there[number % len(there)]
        if need.state == "draft":
            self._draft(need, number)
        elif need.state in Need.UNANSWERED:
            self._received(need, number)
        elif number % 2:
            need.object(by=self.council, reason="Doch")
        else:
            need.settle(by=self.council)

    def _draft(self, need, number):
        if number == 9:
            need.discard(by=self.council)
        elif number % 2:
            title = f"Anders {next(self.numbers)}"
            need.edit(by=self.council, version=need.version, changes={"title": title, "affected_units": []})
        else:
            need.submit(by=self.council)

    def _received(self, need, number):
        if number > 7:
            need.withdraw(by=self.council)
        elif number > 4:
            need.answer(by=self.group, outcome="merged", measure=self.measure(number), reason="Gehört dazu")
        elif number % 2:
            need.acknowledge(by=self.group)
        else:
            need.answer(by=self.group, outcome="deferred", deferred_to=self.cast.stage, reason="Später")

    def link(self, number):
        one, other = self.measure(number), self.measure(number + 1)
        link = MeasureLink.objects.filter(source_measure=one, target_measure=other).first()
        if link:
            link.delete()
        elif one != other:
            MeasureLink.objects.connect(one, other, MeasureLink.Kind.RELATED, by=self.group)

    def rename(self, number):
        """Something of the frame."""
        row = [self.cast.field, self.cast.unit, self.cast.stage, self.priorities[0], self.cast.light("disc")][
            number % 5
        ]
        row.refresh_from_db()
        setattr(row, "name" if hasattr(row, "name") else "title", f"Umbenannt {next(self.numbers)}")
        row.save()

    def rhythm(self, number):
        self.cast.strategy.refresh_from_db()
        self.cast.strategy.status_rhythm_days = number + 1
        self.cast.strategy.save()


ACTS = sorted(
    name for name in vars(Life) if not name.startswith("_") and name not in ("act", "measure", "sees_all", "step")
)  # acts of theirs take a number
WEEKS = st.lists(
    st.lists(
        st.tuples(st.sampled_from([*ACTS, *["create", "edit", "all_the_way", "report"] * 3]), st.integers(0, 9)),
        max_size=8,
    ),
    min_size=2,
    max_size=5,
)  # what is done on each of some days
