"""What happened to a measure or a need, step by step and field by field, in readable words.

Steps come from ``Transition``, field changes from ``changes``. Everything starts from ``visible_to`` and from the
moment the object became visible to the reader. A new kind of object, or a new field, gets its lines in ``told.py``;
what has a history of its own also needs ``visible_since`` on its model.
"""

from .entries import Entry, FieldChange
from .fields import changes_of
from .steps import steps_of
from .told import STEPS

__all__ = ["STEPS", "Entry", "FieldChange", "history_of"]


def history_of(root, actor):
    """All entries this actor may read of a measure or a need, the newest first; in a constant number of queries."""
    since = root.visible_since(actor)
    steps = list(steps_of(root, actor, since))
    changes = list(changes_of(root, actor, since))
    entries = sorted([*steps, *(c for c in changes if not belongs_to_a_step(c, steps))], key=lambda e: e.at)
    return entries[::-1]


def belongs_to_a_step(change, steps):
    """Hand what a step changed over to its entry; whether one was found."""
    for step in steps:
        if step.takes(change):
            step.changes += change.changes
            return True
    return False
