"""The strategy at a glance: how many measures of each field show which light, and what is stale or has no owner."""

from dataclasses import dataclass

from django.db.models import Count

from strategy.models import FieldOfAction, Light

NEEDS_ATTENTION = (Light.Shape.OCTAGON, Light.Shape.TRIANGLE)
ORDER_OF_LIGHTS = (Light.Shape.OCTAGON, Light.Shape.TRIANGLE, Light.Shape.RING, Light.Shape.DISC, Light.Shape.SQUARE)


@dataclass(frozen=True)
class FieldRow:
    """One field of action and its [(light, number of measures)]."""

    field: FieldOfAction
    by_light: list[tuple[Light, int]]
    stale: int

    @property
    def total(self):
        return sum(count for _, count in self.by_light)

    @property
    def parts(self):
        """What the bar shows: [(shape, count)]."""
        return [(light.shape, count) for light, count in self.by_light]


@dataclass(frozen=True)
class Overview:
    lights: list[Light]
    rows: list[FieldRow]

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
    def by_light(self):
        counts = ([count for _, count in row.by_light] for row in self.rows)
        sums = [sum(column) for column in zip(*counts, strict=True)] or [0] * len(self.lights)
        return list(zip(self.lights, sums, strict=True))

    @property
    def needing_attention(self):
        return sum(count for light, count in self.by_light if light.shape in NEEDS_ATTENTION)


def overview(measures, strategy, on=None):
    """Count these measures by field and light.

    Takes a queryset of measures of the strategy (those the reader may see) and returns an ``Overview``, in
    four queries whatever the number of measures.
    """
    measures = measures.order_by()
    lights = sorted(Light.objects.filter(strategy=strategy), key=lambda light: ORDER_OF_LIGHTS.index(light.shape))
    counted = {
        (field, light): count
        for field, light, count in measures.values_list("field", "light").annotate(count=Count("pk"))
    }
    stale = dict(measures.stale(on).values_list("field").annotate(count=Count("pk")))
    rows = [
        FieldRow(
            field=field,
            by_light=[(light, counted.get((field.pk, light.pk), 0)) for light in lights],
            stale=stale.get(field.pk, 0),
        )
        for field in FieldOfAction.objects.filter(strategy=strategy)
    ]
    return Overview(lights, rows)
