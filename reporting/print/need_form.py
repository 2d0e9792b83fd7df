"""The form for needs, to be filled in by hand: one page for employees without an e-mail account, empty of any name.

Knows neither database nor request. Set with the report's style, faces and finisher; one page however long the name.
"""

from dataclasses import dataclass
from functools import lru_cache

from .german import settable
from .single import print_single

URGENCIES = ("niedrig", "mittel", "hoch")
KEPT = 20  # forms kept as they are: a form changes only when its strategy's name or period does


@dataclass(frozen=True)
class NeedForm:
    """What stands on the form of one strategy."""

    strategy: str
    answer_days: int


@lru_cache(maxsize=KEPT)
def render(form: NeedForm) -> bytes:
    """The PDF of the empty form."""
    return print_single("need_form", {"form": settable(form), "urgencies": URGENCIES})
