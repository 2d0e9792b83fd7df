"""What happened to an object, step by step and field by field, in readable words.

Steps come from ``Transition``, field changes from ``changes``. Everything starts from ``visible_to`` and from the
moment the object became visible to the reader. The apps register what is told of their models (``told.tell``).
"""

from .entries import Entry, FieldChange
from .fields import changes_of
from .steps import steps_of
from .told import ROOTS, Root, Steps, Told, tell

__all__ = ["Entry", "FieldChange", "Root", "Steps", "Told", "history_of", "tell"]


def history_of(root, actor):
    """All entries this actor may read of an object, the newest first; in a constant number of queries."""
    since = ROOTS[type(root)].since(root, actor)
    return merged(steps_of(root, actor, since), changes_of(root, actor, since))


def merged(steps, changes):
    """Newest first; what a step changed is told with it."""
    steps = list(steps)
    alone = [change for change in changes if not belongs_to_a_step(change, steps)]
    return sorted([*steps, *alone], key=lambda entry: entry.at)[::-1]


def belongs_to_a_step(change, steps):
    """Hand what a step changed over to its entry; whether one was found."""
    for step in steps:
        if step.takes(change):
            step.changes += change.changes
            return True
    return False
