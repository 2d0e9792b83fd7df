"""What an uploaded table would change, as the preview shows it and the verbs are given it."""

import hashlib
import json
from dataclasses import asdict, dataclass, field

from django.forms import BaseFormSet

from measures.models import Measure

LONGEST_SHOWN = 300


@dataclass
class Problem:
    """Where it is, what was typed there, and what to do."""

    row: int | None
    column: str
    typed: str
    message: str


@dataclass
class Change:
    label: str
    before: str
    after: str


@dataclass
class RowPlan:
    """What one row changes; ``values`` and ``milestones`` are what the verb is given, not told to anybody."""

    row: int
    code: str
    title: str
    changes: list[Change]
    values: dict
    measure: Measure | None = None
    milestones: BaseFormSet | None = None

    def told(self):
        told = {"row": self.row, "code": self.code, "title": self.title}
        return told | {"changes": [asdict(change) for change in self.changes]}


@dataclass
class Plan:
    """``amendments`` are texts that only an amendment can change; columns ``only_shown`` are never taken over."""

    new: list[RowPlan] = field(default_factory=list)
    changed: list[RowPlan] = field(default_factory=list)
    amendments: list[RowPlan] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    only_shown: list[str] = field(default_factory=list)

    @property
    def cells_changed(self):
        return sum(len(row.changes) for row in self.changed)

    def told(self):
        """As JSON, for the page that shows it."""
        told = {name: [row.told() for row in getattr(self, name)] for name in ("new", "changed", "amendments")}
        told |= {"unchanged": self.unchanged, "cells_changed": self.cells_changed}
        return told | {
            "problems": [asdict(problem) for problem in self.problems],
            "unknown": self.unknown,
            "only_shown": self.only_shown,
        }

    def digest(self):
        """Equal plans for equal states of the measures have equal digests: what was shown is what is taken over."""
        versions = [(row.code, row.measure.version) for row in (*self.changed, *self.amendments)]
        return hashlib.sha256(json.dumps([self.told(), versions], sort_keys=True).encode()).hexdigest()


def clipped(text):
    text = str(text)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]} …"
