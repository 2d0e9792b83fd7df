"""What happened to an object, step by step and field by field, in readable words.

Steps come from ``Transition``, field changes from ``changes``. Everything starts from ``visible_to`` and from the
moment the object became visible to the reader. The apps register what is told of their models (``told.tell``).
"""

from collections import defaultdict

from strategy.as_of import end_of

from .entries import Entry, FieldChange
from .fields import changes_of
from .steps import steps_of
from .stirred import Stirred
from .stories import LONG_AGO, Span, Stories
from .told import ROOTS, Root, Steps, Told, tell

__all__ = ["Entry", "FieldChange", "Root", "Span", "Steps", "Told", "feed_of", "history_of", "tell"]


def history_of(root, actor, until=None):
    """All entries this actor may read of an object, the newest first; in a constant number of queries.

    With ``until`` those up to the end of that day.
    """
    span = Span(LONG_AGO, end_of(until)) if until else None
    return told(Stories(type(root), {root.pk: root}, actor, root.strategy_id, span))


def feed_of(strategy, actor, span):
    """All entries of that time this actor may read in the strategy, the newest first.

    Parts are told with what they belong to. What is deleted keeps its trace for those who saw it to the last. The
    number of queries grows with the kinds that anything happened to, never with the rows.
    """
    stirred, people, entries = Stirred.of(strategy, span), {}, []
    for model, root in ROOTS.items():
        if root.listed and stirred.touches(model, root):
            entries += told(stories_in(strategy, model, root, actor, span, stirred=stirred, people=people))
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def stories_in(strategy, model, root, actor, span, *, stirred, people):
    there = {row.pk: row for row in root.listed(actor, strategy).filter(root.only)}
    tells_of_gone = model in stirred.gone and root.gone_to(actor, strategy.pk)
    gone = deleted_since(span.start, model, root, strategy) if tells_of_gone else {}
    for row in [*there.values(), *gone.values()]:
        if row != strategy:
            row.strategy = strategy
    return Stories(model, gone | there, actor, strategy.pk, span, frozenset(gone), stirred, people)


def deleted_since(start, model, root, strategy):
    """{id: what it was when it was deleted}"""
    rows = model.changes.filter(root.only, strategy=strategy, history_type="-", history_date__gte=start)
    return {row.id: row.instance for row in rows}


def told(stories):
    return merged(steps_of(stories), changes_of(stories))


def merged(steps, changes):
    """Newest first; what a step changed is told with it."""
    steps, by_subject = list(steps), defaultdict(list)
    for step in steps:
        by_subject[step.subject].append(step)
    alone = [change for change in changes if not belongs_to_a_step(change, by_subject[change.subject])]
    return sorted([*steps, *alone], key=lambda entry: entry.at)[::-1]


def belongs_to_a_step(change, steps):
    """Hand what a step changed over to its entry; whether one was found."""
    for step in steps:
        if step.takes(change):
            step.changes += change.changes
            return True
    return False
