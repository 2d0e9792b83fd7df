"""The strategy at a glance: measures by field, light, state and stage, and what is stale."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, Sum

from measures.models import Measure
from strategy.models import FieldOfAction, Light, Stage

State = Measure.State
NEEDS_ATTENTION = (Light.Shape.OCTAGON, Light.Shape.TRIANGLE)
ORDER_OF_LIGHTS = (Light.Shape.OCTAGON, Light.Shape.TRIANGLE, Light.Shape.RING, Light.Shape.DISC, Light.Shape.SQUARE)
STEPS = {  # how far measures are: the states a step holds
    "completed": (State.COMPLETED,),
    "running": (State.RUNNING, State.PAUSED),
    "ahead": (State.DRAFT, State.IN_REVIEW, State.AGREED, State.DECIDED),
    "dropped": (State.DROPPED,),
}


@dataclass(frozen=True)
class FieldRow:
    """One field of action, its [(light, number of measures)] and [(state, number of measures)]."""

    field: FieldOfAction
    total: int
    by_light: list[tuple[Light, int]]
    by_state: list[tuple[State, int]]
    stale: int

    @property
    def parts(self):
        """What the bar shows: [(shape, count)]."""
        return [(light.shape, count) for light, count in self.by_light]


@dataclass(frozen=True)
class StageRow:
    """One stage: its measures by step, and how far they are on average; what was dropped is not on its way."""

    stage: Stage
    by_step: dict[str, int]
    progress: int | None

    @property
    def total(self):
        return sum(self.by_step.values())

    @property
    def cells(self):
        """[(step, its states, number of measures)]"""
        return [(step, states, self.by_step[step]) for step, states in STEPS.items()]

    @property
    def on_the_way(self):
        """The states of the measures the average is made of."""
        return [state for step, states in STEPS.items() if step != "dropped" for state in states]

    @property
    def parts(self):
        """What the bar shows: [(step, count)]."""
        return [(step, count) for step, count in self.by_step.items() if step != "dropped"]


class Overview:
    """Takes the strategy's fields, lights and stages in their order, what was counted, and {field: stale measures}."""

    def __init__(self, fields, lights, stages, counted, stale):
        self.lights, self.counted = lights, counted
        self.states = [state for state in State if any(row["state"] == state for row in counted)]
        self.rows = [self._field(field, stale.get(field.pk, 0)) for field in fields]
        self.stages = [self._stage(stage) for stage in stages]

    def _field(self, field, stale):
        rows = [row for row in self.counted if row["field"] == field.pk]
        by_light, by_state = (self._sums(rows, name) for name in ("light", "state"))
        return FieldRow(
            field=field,
            total=sum(row["count"] for row in rows),
            by_light=[(light, by_light[light.pk]) for light in self.lights],
            by_state=[(state, by_state[state]) for state in self.states],
            stale=stale,
        )

    def _stage(self, stage):
        rows = [row for row in self.counted if row["stage"] == stage.pk]
        by_state = self._sums(rows, "state")
        alive = [row for row in rows if row["state"] != State.DROPPED]
        count = sum(row["count"] for row in alive)
        return StageRow(
            stage=stage,
            by_step={step: sum(by_state[state] for state in states) for step, states in STEPS.items()},
            progress=round(sum(row["progress"] for row in alive) / count) if count else None,
        )

    @staticmethod
    def _sums(rows, name):
        sums = Counter()
        for row in rows:
            sums[row[name]] += row["count"]
        return sums

    @property
    def total(self):
        return sum(row.total for row in self.rows)

    @property
    def stale(self):
        return sum(row.stale for row in self.rows)

    @property
    def largest(self):
        """The measures of the fullest field: the width of the bars."""
        return max((row.total for row in self.rows), default=0)

    @property
    def largest_stage(self):
        return max((row.total for row in self.stages), default=0)

    @cached_property
    def by_light(self):
        return self._totals("by_light", self.lights)

    @cached_property
    def by_state(self):
        return self._totals("by_state", self.states)

    def _totals(self, name, kinds):
        return [(kind, sum(getattr(row, name)[place][1] for row in self.rows)) for place, kind in enumerate(kinds)]

    @property
    def attention(self):
        """The lights that ask for it."""
        return [light for light in self.lights if light.shape in NEEDS_ATTENTION]

    @property
    def needing_attention(self):
        return sum(count for light, count in self.by_light if light.shape in NEEDS_ATTENTION)


def overview(measures, strategy, on=None):
    """Count these measures by field, light, state and stage.

    Takes a queryset of measures of the strategy (those the reader may see) and returns an ``Overview``, in
    five queries whatever the number of measures.
    """
    measures = measures.order_by()
    lights = sorted(Light.objects.filter(strategy=strategy), key=lambda light: ORDER_OF_LIGHTS.index(light.shape))
    counted = measures.values("field", "light", "state", "stage").annotate(count=Count("pk"), progress=Sum("progress"))
    return Overview(
        fields=FieldOfAction.objects.filter(strategy=strategy),
        lights=lights,
        stages=Stage.objects.filter(strategy=strategy),
        counted=list(counted),
        stale=dict(measures.stale(on).values_list("field").annotate(count=Count("pk"))),
    )
