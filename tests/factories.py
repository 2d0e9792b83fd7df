"""The smallest valid objects, without surprises."""

from datetime import date

import factory
from django.db import transaction
from factory.django import DjangoModelFactory

from measures.models import (
    Indicator,
    IndicatorValue,
    Measure,
    Milestone,
    Need,
    ResourceRequest,
)
from strategy.actor import Actor
from strategy.models import (
    CouncilPaper,
    CouncilSession,
    FieldOfAction,
    Light,
    Membership,
    Notification,
    OrganisationalUnit,
    Phase,
    Priority,
    Role,
    Stage,
    Strategy,
    User,
)

LIGHTS = [
    ("on-track", "planmäßig", Light.Shape.DISC),
    ("at-risk", "gefährdet", Light.Shape.TRIANGLE),
    ("delayed", "verzögert", Light.Shape.OCTAGON),
    ("not-begun", "nicht begonnen", Light.Shape.RING),
    ("completed", "abgeschlossen", Light.Shape.SQUARE),
]


class StrategyFactory(DjangoModelFactory):
    """A strategy with its lights."""

    class Meta:
        model = Strategy
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"strategie-{n}")
    title = factory.Sequence(lambda n: f"Strategie {n}")

    @factory.post_generation
    def lights(self, create, extracted, **kwargs):
        for position, (code, title, shape) in enumerate(LIGHTS):
            Light.objects.create(strategy=self, code=code, title=title, shape=shape, position=position)


class FieldFactory(DjangoModelFactory):
    class Meta:
        model = FieldOfAction

    strategy = factory.SubFactory(StrategyFactory)
    letter = factory.Sequence(lambda n: chr(65 + n % 26) + (str(n // 26) if n >= 26 else ""))
    title = factory.Sequence(lambda n: f"Handlungsfeld {n}")


class StageFactory(DjangoModelFactory):
    class Meta:
        model = Stage

    strategy = factory.SubFactory(StrategyFactory)
    number = factory.Sequence(lambda n: 10 + n % 30000)  # beside those that tests number themselves
    title = factory.LazyAttribute(lambda o: f"Stufe {o.number}")


class PhaseFactory(DjangoModelFactory):
    class Meta:
        model = Phase

    strategy = factory.SubFactory(StrategyFactory)
    code = factory.Sequence(lambda n: f"phase-{n}")
    title = factory.Sequence(lambda n: f"Phase {n}")


class PriorityFactory(DjangoModelFactory):
    class Meta:
        model = Priority

    strategy = factory.SubFactory(StrategyFactory)
    code = factory.Sequence(lambda n: f"priority-{n}")
    title = factory.Sequence(lambda n: f"Priorität {n}")


class UnitFactory(DjangoModelFactory):
    class Meta:
        model = OrganisationalUnit

    strategy = factory.SubFactory(StrategyFactory)
    kind = OrganisationalUnit.Kind.AMT
    number = factory.Sequence(lambda n: str(n % 90 + 10))
    name = factory.Sequence(lambda n: f"Amt {n}")


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person-{n}")
    email = factory.LazyAttribute(lambda o: f"{o.username}@example.org")


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    strategy = factory.SubFactory(StrategyFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.PROJECT_GROUP


class MeasureFactory(DjangoModelFactory):
    """A draft that could be submitted as it is."""

    class Meta:
        model = Measure

    strategy = factory.SubFactory(StrategyFactory)
    field = factory.SubFactory(FieldFactory, strategy=factory.SelfAttribute("..strategy"))
    stage = factory.SubFactory(StageFactory, strategy=factory.SelfAttribute("..strategy"))
    lead_unit = factory.SubFactory(UnitFactory, strategy=factory.SelfAttribute("..strategy"))
    code = factory.LazyAttribute(lambda o: FieldOfAction.next_code(o.field.pk))
    title = factory.Sequence(lambda n: f"Maßnahme {n}")
    goal = "Bis 2027 ist das Ziel erreicht."
    responsible_function = "Abteilungsleitung"
    light = factory.LazyAttribute(lambda o: Light.objects.get(strategy=o.strategy, shape=Light.Shape.RING))


class MilestoneFactory(DjangoModelFactory):
    class Meta:
        model = Milestone

    measure = factory.SubFactory(MeasureFactory)
    title = factory.Sequence(lambda n: f"Meilenstein {n}")
    due_on = date(2027, 6, 30)


class IndicatorFactory(DjangoModelFactory):
    class Meta:
        model = Indicator

    measure = factory.SubFactory(MeasureFactory)
    name = factory.Sequence(lambda n: f"Kennzahl {n}")
    unit = "Personen"


class IndicatorValueFactory(DjangoModelFactory):
    class Meta:
        model = IndicatorValue

    indicator = factory.SubFactory(IndicatorFactory)
    as_of = date(2026, 1, 1)
    value = 100


class ResourceRequestFactory(DjangoModelFactory):
    class Meta:
        model = ResourceRequest

    measure = factory.SubFactory(MeasureFactory)
    kind = ResourceRequest.Kind.OPERATING
    year = 2027
    amount = 40000


class NeedFactory(DjangoModelFactory):
    """A draft that could be submitted as it is."""

    class Meta:
        model = Need

    strategy = factory.SubFactory(StrategyFactory)
    title = factory.Sequence(lambda n: f"Bedarf {n}")
    text = "Es fehlt an Ruheräumen."


class CouncilPaperFactory(DjangoModelFactory):
    class Meta:
        model = CouncilPaper

    strategy = factory.SubFactory(StrategyFactory)
    number = factory.Sequence(lambda n: f"{n}/2026")
    title = factory.Sequence(lambda n: f"Drucksache {n}")


class CouncilSessionFactory(DjangoModelFactory):
    class Meta:
        model = CouncilSession

    strategy = factory.SubFactory(StrategyFactory)
    body = factory.SubFactory(
        UnitFactory, strategy=factory.SelfAttribute("..strategy"), kind=OrganisationalUnit.Kind.BODY
    )
    held_on = date(2026, 12, 9)


def tell(person, *, kind="news", occasion, title, **more):
    """Tell one person of something that is no step of anybody."""
    told = {person: {"title": title}}
    return Notification.objects.tell_each(told, kind=kind, occasion=occasion, **more)[0]


class Cast:
    """A strategy with a unit and one person a role, and somebody from another strategy.

    ``cast.project_group`` is the user, ``cast.actor("project_group")`` the actor of today's memberships.
    The department head leads ``unit``, ``other_head`` leads ``other_unit``, the administrative head ``unit``.
    """

    def __init__(self, strategy=None):
        self.strategy = strategy or StrategyFactory()
        self.field = FieldFactory(strategy=self.strategy, letter="A")
        self.stage = StageFactory(strategy=self.strategy, number=1)
        self.priority = PriorityFactory(strategy=self.strategy)
        self.unit = UnitFactory(strategy=self.strategy, number="10", name="Haupt- und Personalamt")
        self.other_unit = UnitFactory(strategy=self.strategy, number="51", name="Jugendamt")
        for role in Role:
            setattr(self, role.value, self.member(role, self.unit if role in Role.HEADS else None))
        self.other_head = self.member(Role.DEPARTMENT_HEAD, self.other_unit, "other_head")
        self.stranger = MembershipFactory(user=UserFactory(username=f"stranger-{self.strategy.pk}")).user

    def member(self, role, unit=None, name=None):
        user = UserFactory(username=f"{name or role.value}-{self.strategy.pk}")
        MembershipFactory(strategy=self.strategy, user=user, role=role, unit=unit)
        return user

    def actor(self, name):
        return Actor.of(getattr(self, name))

    def light(self, shape):
        return Light.objects.get(strategy=self.strategy, shape=shape)

    @transaction.atomic  # the next code of a field is taken under a lock
    def measure(self, state=Measure.State.DRAFT, **values):
        """A measure brought to that state by the people's own steps. The unit leads it, the other is involved."""
        values = {"strategy": self.strategy, "field": self.field, "stage": self.stage, "lead_unit": self.unit} | values
        involved = values.pop("involved_units", [self.other_unit])
        measure = MeasureFactory(**values)
        measure.involved_units.set(involved)
        for step in WAY_TO[state]:
            step(self, measure)
        measure.refresh_from_db()
        return measure

    def submit(self, measure):
        measure.submit(by=self.actor("project_group"))

    def answer_all(self, measure, vote="agree", text=""):
        for slot in measure.open_review().slots.all():
            slot.respond(by=self.who_answers(slot), vote=vote, text=text)

    def who_answers(self, slot):
        if slot.unit_id is None:
            return self.actor("staff_council")
        return self.actor("department_head" if slot.unit_id == self.unit.pk else "other_head")

    def agree(self, measure):
        self.answer_all(measure)
        measure.agree(by=self.actor("project_group"))

    def decide(self, measure):
        measure.decide(by=self.actor("steering_team"), reason="Wichtig", priority=self.priority)

    def start(self, measure):
        measure.start(by=self.actor("project_group"))

    def pause(self, measure):
        measure.pause(by=self.actor("steering_team"), reason="Haushalt")

    def complete(self, measure):
        measure.complete(by=self.actor("project_group"), text="Fertig")

    def drop(self, measure):
        measure.drop(by=self.actor("steering_team"), reason="Überholt")

    @transaction.atomic  # the next number is taken under a lock
    def need(self, state=Need.State.DRAFT, **values):
        """A need brought to that state by the people's own steps; answered means declined."""
        need = NeedFactory(**{"strategy": self.strategy} | values)
        for step in NEED_WAY_TO[state]:
            step(self, need)
        need.refresh_from_db()
        return need

    def submit_need(self, need):
        need.submit(by=self.actor("staff_council"))

    def acknowledge(self, need):
        need.acknowledge(by=self.actor("project_group"))

    def answer_need(self, need, outcome=Need.Outcome.DECLINED, **details):
        need.answer(by=self.actor("project_group"), reason="Kein Geld", outcome=outcome, **details)

    def object(self, need):
        need.object(by=self.actor("staff_council"), reason="Doch")

    def settle(self, need):
        need.settle(by=self.actor("staff_council"))

    def withdraw(self, need):
        need.withdraw(by=self.actor("staff_council"))


_S = Measure.State
_RUNNING = [Cast.submit, Cast.agree, Cast.decide, Cast.start]
WAY_TO = {
    _S.DRAFT: [],
    _S.IN_REVIEW: _RUNNING[:1],
    _S.AGREED: _RUNNING[:2],
    _S.DECIDED: _RUNNING[:3],
    _S.RUNNING: _RUNNING,
    _S.PAUSED: [*_RUNNING, Cast.pause],
    _S.COMPLETED: [*_RUNNING, Cast.complete],
    _S.DROPPED: [*_RUNNING[:1], Cast.drop],
}

_N = Need.State
_ANSWERED = [Cast.submit_need, Cast.acknowledge, Cast.answer_need]
NEED_WAY_TO = {
    _N.DRAFT: [],
    _N.SUBMITTED: _ANSWERED[:1],
    _N.ACKNOWLEDGED: _ANSWERED[:2],
    _N.ANSWERED: _ANSWERED,
    _N.OBJECTED: [*_ANSWERED, Cast.object],
    _N.SETTLED: [*_ANSWERED, Cast.settle],
    _N.WITHDRAWN: [*_ANSWERED[:1], Cast.withdraw],
}
