"""The stories of several objects of one kind, as one reader may read them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

from strategy.actor import Actor
from strategy.as_of import end_of
from strategy.models import User

from .stirred import Stirred
from .told import ROOTS

LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Span:
    """A time to be told of; the end is the first moment after it."""

    start: datetime
    end: datetime

    def holds(self, at):
        return self.start <= at < self.end


def days_until(last, days):
    """So many days, that one included, from midnight to midnight."""
    return Span(end_of(last - timedelta(days=days)), end_of(last))


@dataclass
class Stories:
    """``roots`` are the objects by their ids; those that ``gone`` names are deleted, and told of to who saw them."""

    model: type
    roots: dict
    actor: Actor
    strategy_id: int
    span: Span | None = None
    gone: frozenset = frozenset()
    stirred: Stirred | None = None  # which kinds have anything to tell; without it, all may have

    people: dict = field(default_factory=dict)  # those met so far, by their ids

    def meet(self, ids):
        """Look up who is not known yet."""
        if unknown := set(ids) - self.people.keys() - {None}:
            self.people |= User.objects.in_bulk(unknown)

    def may_tell_changes(self, model):
        return self.stirred is None or model in self.stirred.changed

    @cached_property
    def steps(self):
        """{model: Steps} of those that may have taken any."""
        taken = self.told.steps if self.stirred is None else self.told.steps.keys() & self.stirred.steps
        return {model: steps for model, steps in self.told.steps.items() if model in taken}

    @property
    def told(self):
        return ROOTS[self.model]

    @property
    def ids(self):
        return list(self.roots)

    @cached_property
    def since(self):
        there = [root for pk, root in self.roots.items() if pk not in self.gone]
        return self.told.since(there, self.actor)

    def tells_step(self, root_pk, at):
        since = self.since.get(root_pk)
        return since is None or at >= since

    def tells_change(self, root_pk, at):
        since = self.since.get(root_pk)
        return (since is None or at > since) and (self.span is None or self.span.holds(at))
