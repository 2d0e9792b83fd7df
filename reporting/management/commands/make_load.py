"""Realistic data in bulk, to measure pages and reports with: many measures with everything that hangs on them."""

import random
from datetime import date, timedelta

from django.contrib.contenttypes.models import ContentType
from django.core.management import BaseCommand, CommandError
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from measures.models import (
    Baseline,
    Indicator,
    IndicatorValue,
    Measure,
    Milestone,
    PriorityDecision,
    ResourceRequest,
    Review,
    ReviewResponse,
    ReviewSlot,
    StatusUpdate,
    TextVersion,
)
from measures.models.status import plan_of
from reporting.management.load_needs import make_needs
from reporting.management.load_rankings import make_rankings
from reporting.management.times import noon
from strategy.models import (
    FieldOfAction,
    Light,
    Membership,
    OrganisationalUnit,
    Phase,
    Priority,
    Role,
    Stage,
    Strategy,
    Transition,
    User,
)

State = Measure.State
WAY = (State.DRAFT, State.IN_REVIEW, State.AGREED, State.DECIDED, State.RUNNING, State.COMPLETED)
STEPS = ("submit", "agree", "decide", "start", "complete")
STATES = {  # how many of a hundred
    State.DRAFT: 5,
    State.IN_REVIEW: 10,
    State.AGREED: 6,
    State.DECIDED: 9,
    State.RUNNING: 60,
    State.COMPLETED: 10,
}
LIGHTS = (
    ("on-track", "planmäßig", Light.Shape.DISC),
    ("at-risk", "gefährdet", Light.Shape.TRIANGLE),
    ("delayed", "verzögert", Light.Shape.OCTAGON),
    ("not-begun", "nicht begonnen", Light.Shape.RING),
    ("completed", "abgeschlossen", Light.Shape.SQUARE),
)
FIELDS = (
    "Personalgewinnung",
    "Ausbildung",
    "Vergütung",
    "Flexibles Arbeiten",
    "Personalentwicklung",
    "Gesundheit",
    "Wohnen und Mobilität",
    "Personalplanung",
)
ACTS = ("Ausbau", "Einführung", "Erprobung", "Weiterentwicklung", "Vereinheitlichung", "Digitalisierung")
THINGS = (
    "der Einarbeitung neuer Beschäftigter",
    "der Auswahlverfahren für Engpassberufe",
    "des betrieblichen Gesundheitsmanagements",
    "der Angebote zum mobilen Arbeiten",
    "der Fortbildung für Führungskräfte",
    "der Vermittlung von Wohnraum",
    "der Bedarfsplanung in den Ämtern",
    "der Personalsachbearbeitung",
)
SENTENCES = (
    "Die Abstimmung mit den beteiligten Ämtern ist abgeschlossen.",
    "Die Rückmeldungen der Führungskräfte sind ausgewertet.",
    "Wegen unbesetzter Stellen verschiebt sich die Erprobung um ein Quartal.",
    "Der Gesamtpersonalrat ist unterrichtet.",
    "Die Mittel sind im laufenden Haushalt gebunden.",
)
GOAL = "Bis Ende {year} ist das Angebot in mindestens {count} Ämtern eingeführt und einmal ausgewertet."
MILESTONES = (
    "Konzept abgestimmt",
    "Personalvertretung beteiligt",
    "Erprobung begonnen",
    "Übergang in den Regelbetrieb",
)
UPDATES = 6  # of a measure that runs
VALUES = 4  # of an indicator


class Command(BaseCommand):
    help = "Makes a strategy with many measures and people for benchmarks; never on a portal in use."

    def add_arguments(self, parser):
        parser.add_argument("--measures", type=int, default=500)
        parser.add_argument("--heads", type=int, default=50, help="department heads, each with an Amt of their own")
        parser.add_argument("--strategy", default="lasttest", help="short name; made where there is none")
        parser.add_argument("--as", dest="user", help="who stands in the history; the project group's account if empty")

    def handle(self, *, measures, heads, strategy, user, **options):
        if measures < 1 or heads < 1:
            raise CommandError("At least one measure and one head are needed.")
        if user and not User.objects.filter(username=user).exists():
            raise CommandError(f"There is nobody called {user}.")
        with transaction.atomic():
            load = Load(strategy, user)
            load.people(heads)
            load.measures(measures)
            make_rankings(load)
            make_needs(load, measures)
        self.stdout.write(
            f"{strategy}: {measures} measures, {heads} heads, {load.rows} rows with {load.history} rows of history."
        )


class Load:
    """Writes row by kind of row, never one by one; the same numbers every time."""

    def __init__(self, slug, username):
        self.random = random.Random(slug)  # noqa: S311  no secret, and the same data every time
        self.rows = self.history = 0
        self.today = timezone.localdate()
        self.strategy = Strategy.objects.filter(slug=slug).first() or self.frame(slug)
        self.last_need_number = self.strategy.last_need_number
        self.user = User.objects.filter(username=username).first() or self.member("projektgruppe", Role.PROJECT_GROUP)
        rows = {"strategy": self.strategy}
        self.fields = list(FieldOfAction.objects.filter(**rows))
        self.stages = list(Stage.objects.filter(**rows))
        self.phases = list(Phase.objects.filter(**rows))
        self.priorities = list(Priority.objects.filter(**rows))
        self.lights = {light.shape: light for light in Light.objects.filter(**rows)}

    def frame(self, slug):
        strategy = Strategy.objects.create(slug=slug, title=f"Lasttest {slug}", is_demo=True)
        rows = {"strategy": strategy}
        for number, title in enumerate(FIELDS):
            FieldOfAction.objects.create(letter=chr(65 + number), title=title, position=number, **rows)
        for number in (1, 2, 3):
            Stage.objects.create(number=number, title=f"Stufe {number}", **rows)
        for number, title in enumerate(("Konzeption", "Pilot", "Roll-out", "Regelbetrieb")):
            Phase.objects.create(code=f"phase-{number}", title=title, position=number, **rows)
        for number, title in enumerate(("sehr hoch", "hoch", "mittel")):
            Priority.objects.create(code=f"priority-{number}", title=title, position=number, **rows)
        for number, (code, title, shape) in enumerate(LIGHTS):
            Light.objects.create(code=code, title=title, shape=shape, position=number, **rows)
        return strategy

    def keep(self, model, rows, at=None):
        """Write the rows and one row of history each."""
        stored = bulk_create_with_history(
            rows, model, batch_size=500, default_user=self.user, default_date=at or noon(self.today)
        )
        self.rows += len(rows)
        self.history += len(rows)
        return stored

    def write(self, model, rows):
        """Write rows of a kind that has no history of its own."""
        self.rows += len(rows)
        return model.objects.bulk_create(rows, batch_size=500)

    # People

    def member(self, name, role, unit=None):
        user, _ = User.objects.get_or_create(
            username=f"{self.strategy.slug}-{name}", defaults={"function": name.capitalize(), "password": "!"}
        )
        Membership.objects.get_or_create(strategy=self.strategy, user=user, role=role, unit=unit)
        return user

    def people(self, heads):
        """One Amt and its head each, beside one person for each other role."""
        for role in (Role.STAFF_COUNCIL, Role.STEERING_TEAM, Role.READER, Role.ADMINISTRATOR):
            self.member(str(role.value).replace("_", "-"), role)
        first = OrganisationalUnit.objects.filter(strategy=self.strategy).count()
        kind = OrganisationalUnit.Kind.AMT
        self.units = self.keep(
            OrganisationalUnit,
            [
                OrganisationalUnit(strategy=self.strategy, kind=kind, number=str(100 + n), name=f"Amt {100 + n}")
                for n in range(first, first + heads)
            ],
        )
        users = [
            User(
                username=f"{self.strategy.slug}-{unit.number}",
                function=f"Leitung {unit.name}",
                email=f"{self.strategy.slug}-{unit.number}@demo.invalid",
                password="!",  # noqa: S106  none
            )
            for unit in self.units
        ]
        pairs = zip(self.keep(User, users), self.units, strict=True)
        role = Role.DEPARTMENT_HEAD
        self.keep(Membership, [Membership(strategy=self.strategy, user=u, role=role, unit=unit) for u, unit in pairs])

    # Measures

    def measures(self, count):
        self.all = self.keep(Measure, [self.measure(n) for n in range(count)], noon(self.today - timedelta(days=700)))
        FieldOfAction.objects.bulk_update(self.fields, ["last_number"])
        self.involve()
        self.versions()
        self.reviews()
        self.milestones()
        self.baselines()
        self.evidence()
        self.updates()
        self.steps()

    def measure(self, number):
        pick = self.random
        field = self.fields[number % len(self.fields)]
        field.last_number += 1
        state = pick.choices(list(STATES), list(STATES.values()))[0]
        reached = WAY.index(state)
        begins = self.today - timedelta(days=pick.randrange(200, 600))
        year = self.today.year + pick.randrange(1, 4)
        return Measure(
            strategy=self.strategy,
            field=field,
            code=f"{field.letter}{field.last_number}",
            title=f"{pick.choice(ACTS)} {pick.choice(THINGS)}, Teil {field.last_number}",
            goal=GOAL.format(year=year, count=pick.randrange(3, 30)),
            description=" ".join(pick.sample(SENTENCES, 3)),
            stage=pick.choice(self.stages),
            lead_unit=self.units[number % len(self.units)],
            responsible_function="Abteilungsleitung",
            phase=pick.choice(self.phases),
            priority=pick.choice(self.priorities) if reached >= WAY.index(State.DECIDED) else None,
            state=state,
            light=self.light(state),
            progress={State.COMPLETED: 100, State.RUNNING: pick.randrange(5, 95, 5)}.get(state, 0),
            starts_on=begins,
            ends_on=date(year, 12, 31),
            status_on=self.last_update(state),
            submitted_on=begins - timedelta(days=60) if reached >= 1 else None,
            decided_on=begins - timedelta(days=10) if reached >= WAY.index(State.DECIDED) else None,
            started_on=begins if reached >= WAY.index(State.RUNNING) else None,
            completed_on=self.today - timedelta(days=5) if state == State.COMPLETED else None,
        )

    def light(self, state):
        shapes = Light.Shape
        if state == State.COMPLETED:
            return self.lights[shapes.SQUARE]
        if state != State.RUNNING:
            return self.lights[shapes.RING]
        return self.lights[self.random.choices([shapes.DISC, shapes.TRIANGLE, shapes.OCTAGON], [6, 3, 1])[0]]

    def last_update(self, state):
        if state not in (State.RUNNING, State.COMPLETED):
            return None
        return self.today - timedelta(days=self.random.randrange(1, 120))

    def rankable(self):
        """Of these measures, what has been handed over and not ended."""
        return [measure for measure in self.past(State.IN_REVIEW) if measure.state != State.COMPLETED]

    def thing(self):
        """What a measure or a need could be about."""
        return self.random.choice(THINGS)

    def past(self, state):
        """The measures that have come at least so far."""
        return [measure for measure in self.all if WAY.index(measure.state) >= WAY.index(state)]

    def involve(self):
        through = Measure.involved_units.through
        pairs = {
            (measure.pk, unit.pk)
            for measure in self.all
            for unit in self.random.choices(self.units, k=3)
            if unit.pk != measure.lead_unit_id
        }
        self.involved = {}
        for measure_id, unit_id in sorted(pairs):
            self.involved.setdefault(measure_id, []).append(unit_id)
        self.write(through, [through(measure_id=m, organisationalunit_id=u) for m, u in sorted(pairs)])

    def versions(self):
        rows = []
        for measure in self.past(State.IN_REVIEW):
            decided = measure.decided_on is not None
            rows.append(
                TextVersion(
                    strategy=self.strategy,
                    measure=measure,
                    number=1,
                    state=TextVersion.State.IN_FORCE if decided else TextVersion.State.SUBMITTED,
                    made_at=noon(measure.submitted_on),
                    in_force_on=measure.decided_on,
                    **measure.core(),
                )
            )
        self.version_of = {version.measure_id: version for version in self.keep(TextVersion, rows)}
        decided = self.past(State.DECIDED)
        self.write(PriorityDecision, [self.decision(measure) for measure in decided])

    def decision(self, measure):
        return PriorityDecision(
            strategy=self.strategy,
            measure=measure,
            priority=measure.priority,
            reason=SENTENCES[0],
            decided_on=measure.decided_on,
        )

    def baselines(self):
        decided = self.past(State.DECIDED)
        prefetch_related_objects(decided, "milestones")
        rows = [
            Baseline(strategy=self.strategy, measure=m, kind="decided", taken_on=m.decided_on, plan=plan_of(m))
            for m in decided
        ]
        self.write(Baseline, rows)

    def reviews(self):
        rows = []
        for measure in self.past(State.IN_REVIEW):
            is_open = measure.state == State.IN_REVIEW
            opened_on = self.today - timedelta(days=self.random.randrange(30)) if is_open else measure.submitted_on
            rows.append(
                Review(
                    strategy=self.strategy,
                    measure=measure,
                    text_version=self.version_of[measure.pk],
                    state=Review.State.OPEN if is_open else Review.State.CLOSED,
                    opened_on=opened_on,
                    due_on=opened_on + timedelta(days=21),
                    closed_on=None if is_open else opened_on + timedelta(days=22),
                )
            )
        reviews = self.keep(Review, rows)
        slots = self.keep(ReviewSlot, [slot for review in reviews for slot in self.slots(review)])
        self.keep(ReviewResponse, [self.response(slot) for slot in slots if slot.state == ReviewSlot.State.ANSWERED])

    def slots(self, review):
        for unit_id in [review.measure.lead_unit_id, *self.involved.get(review.measure_id, []), None]:
            answered = self.random.random() < (0.5 if review.is_open else 0.9)
            state = ReviewSlot.State.ANSWERED if answered else ReviewSlot.State.OPEN
            yield ReviewSlot(strategy=self.strategy, review=review, unit_id=unit_id, state=state)

    def response(self, slot):
        return ReviewResponse(
            strategy=self.strategy,
            slot=slot,
            text_version=slot.review.text_version,
            vote=self.random.choice([ReviewResponse.Vote.AGREE, ReviewResponse.Vote.NO_COMMENT]),
            text=self.random.choice(SENTENCES),
            given_by=self.user,
            given_at=noon(slot.review.opened_on + timedelta(days=3)),
        )

    def milestones(self):
        rows = []
        for measure in self.all:
            for number, title in enumerate(MILESTONES):
                due_on = measure.starts_on + timedelta(days=150 * (number + 1))
                reached = due_on < self.today and measure.started_on and self.random.random() < 0.9
                rows.append(
                    Milestone(
                        strategy=self.strategy,
                        measure=measure,
                        title=title,
                        due_on=due_on,
                        reached_on=due_on if reached else None,
                    )
                )
        self.keep(Milestone, rows)

    def evidence(self):
        name = {"strategy": self.strategy, "name": "Erreichte Ämter", "unit": "Ämter", "target": 30}
        indicators = self.keep(Indicator, [Indicator(measure=measure, **name) for measure in self.all])
        self.keep(IndicatorValue, [self.value(row, number) for row in indicators for number in range(VALUES)])
        self.keep(ResourceRequest, [request for measure in self.all for request in self.needs(measure)])

    def value(self, indicator, years_ago):
        as_of = date(self.today.year - years_ago, 1, 1)
        return IndicatorValue(strategy=self.strategy, indicator=indicator, as_of=as_of, value=20 - 4 * years_ago)

    def needs(self, measure):
        amounts = {"positions": self.random.randrange(1, 5), "operating": self.random.randrange(10, 300) * 1000}
        for kind, amount in amounts.items():
            year = self.today.year + 1
            yield ResourceRequest(strategy=self.strategy, measure=measure, kind=kind, year=year, amount=amount)

    def updates(self):
        rows = []
        for measure in self.past(State.RUNNING):
            span = (measure.status_on - measure.started_on).days
            for number in range(1, UPDATES + 1):
                is_last = number == UPDATES
                rows.append(
                    StatusUpdate(
                        strategy=self.strategy,
                        measure=measure,
                        light=measure.light if is_last else self.lights[Light.Shape.DISC],
                        progress=measure.progress * number // UPDATES,
                        text=" ".join(self.random.sample(SENTENCES, 2)),
                        next_steps=self.random.choice(SENTENCES),
                        reported_on=measure.started_on + timedelta(days=span * number // UPDATES),
                        reported_by=self.user,
                    )
                )
        self.keep(StatusUpdate, rows)

    def steps(self):
        """The transitions that lead to each state, with a day each."""
        kind = ContentType.objects.get_for_model(Measure)
        rows = []
        for measure in self.all:
            days = (
                measure.submitted_on,
                (measure.submitted_on or self.today) + timedelta(days=25),
                measure.decided_on,
                measure.started_on,
                measure.completed_on,
            )
            for number in range(WAY.index(measure.state)):
                rows.append(  # noqa: PERF401  two loops in one expression would hide the days
                    Transition(
                        strategy=self.strategy,
                        content_type=kind,
                        object_id=str(measure.pk),
                        label=str(measure),
                        verb=STEPS[number],
                        before=WAY[number],
                        after=WAY[number + 1],
                        at=noon(days[number]),
                        user=self.user,
                        reason=SENTENCES[0] if STEPS[number] == "decide" else "",
                    )
                )
        self.write(Transition, rows)
