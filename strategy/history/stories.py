"""The stories of several objects of one kind, as one reader may read them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from strategy.actor import Actor
from strategy.as_of import end_of

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
