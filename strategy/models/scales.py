"""Scales of a strategy: their words are data, their order counts."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from strategy.changes import changes

from .bound import StrategyBound


class Scale(StrategyBound):
    code = models.SlugField(_("code"), max_length=30)
    title = models.CharField(_("word"), max_length=60)
    meaning = models.CharField(_("meaning"), max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        abstract = True
        ordering = ["position", "pk"]

    def __str__(self):
        return self.title


class Phase(Scale):
    """Concept, pilot, roll-out, regular operation: beside the workflow state."""

    changes = changes()

    class Meta(Scale.Meta):
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        constraints = [models.UniqueConstraint("strategy", "code", name="one_phase_per_code")]


class Priority(Scale):
    changes = changes()

    class Meta(Scale.Meta):
        verbose_name = _("priority")
        verbose_name_plural = _("priorities")
        constraints = [models.UniqueConstraint("strategy", "code", name="one_priority_per_code")]


class Light(Scale):
    """Shape, word and colour of a measure's condition; the shape carries the meaning, the word is data."""

    class Shape(models.TextChoices):
        DISC = "disc", _("disc")
        TRIANGLE = "triangle", _("triangle")
        OCTAGON = "octagon", _("octagon")
        RING = "ring", _("ring")
        SQUARE = "square", _("ticked square")

    shape = models.CharField(_("shape"), max_length=10, choices=Shape.choices)

    changes = changes()

    class Meta(Scale.Meta):
        verbose_name = _("light")
        verbose_name_plural = _("lights")
        constraints = [
            models.UniqueConstraint("strategy", "code", name="one_light_per_code"),
            models.UniqueConstraint(
                "strategy",
                "shape",
                name="one_light_per_shape",
                violation_error_message=_("There is a light of this shape already."),
            ),
        ]

    @property
    def is_warning(self):
        """Whether a status update with this light has to say why."""
        return self.shape in (self.Shape.TRIANGLE, self.Shape.OCTAGON)

    @property
    def is_reportable(self):
        """Not begun and completed follow from the measure's state, nobody reports them."""
        return self.shape in (self.Shape.DISC, self.Shape.TRIANGLE, self.Shape.OCTAGON)
