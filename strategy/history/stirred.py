"""In which kinds anything happened in a strategy at all: most of them are quiet at most times, and need not be read."""

from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.functions import Cast

from strategy.models import Transition

from .told import ROOTS, TOLD

TEXT = CharField()


@dataclass(frozen=True)
class Stirred:
    """The models that were ``changed`` in that time, that took ``steps``, and of which some rows are ``gone``."""

    changed: frozenset
    steps: frozenset
    gone: frozenset

    @classmethod
    def of(cls, strategy, span):
        """One query."""
        found = set(rows_stirred(strategy, span))
        taking = ContentType.objects.get_for_models(*(model for root in ROOTS.values() for model in root.steps))
        gone = {model for model in TOLD if ("gone", model._meta.label) in found}
        return cls(
            frozenset(gone | {model for model in TOLD if ("changed", model._meta.label) in found}),
            frozenset(model for model, kind in taking.items() if ("steps", str(kind.pk)) in found),
            frozenset(gone),
        )

    def touches(self, model, root):
        """Whether a story of such a root has anything to tell."""
        parts = {part for part, told in TOLD.items() if model in told.of}
        return bool(parts & self.changed or root.steps.keys() & self.steps)


def rows_stirred(strategy, span):
    steps = Transition.objects.filter(strategy=strategy, at__gte=span.start, at__lt=span.end).order_by()
    tables = [changes_in(strategy, span, model) for model, told in TOLD.items() if told.fields]
    return steps.values_list(Value("steps", TEXT), Cast(F("content_type"), TEXT)).union(*tables)


def changes_in(strategy, span, model):
    """What was deleted later is gone, too: it may have been changed within the time."""
    whose = Q(id=strategy.pk) if isinstance(strategy, model) else Q(strategy=strategy)
    rows = model.changes.filter(whose, Q(history_date__lt=span.end) | Q(history_type="-"), history_date__gte=span.start)
    what = Case(When(history_type="-", then=Value("gone", TEXT)), default=Value("changed", TEXT))
    return rows.order_by().values_list(what, Value(model._meta.label, TEXT))
