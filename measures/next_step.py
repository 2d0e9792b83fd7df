"""What an amendment waits for, and from whom."""

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from measures.models import ReviewSlot, TextVersion
from strategy.as_of import today
from strategy.models import Role


@dataclass(frozen=True)
class NextStep:
    """Who does what until when; ``who`` are one or more names."""

    who: tuple
    what: str | Promise
    due_on: date | None = None


def next_step(version, review, is_objected, on=None):
    """Takes an amendment, its open review with its slots, and whether an objection stands; None where it has ended."""
    steering, group = (Role.STEERING_TEAM.label,), (Role.PROJECT_GROUP.label,)
    if version.state == TextVersion.State.AGREED:
        return NextStep(steering, _("decides whether the amendment comes into force"))
    if version.state != TextVersion.State.PROPOSED or review is None:
        return None
    missing = tuple(slot.asked for slot in review.slots.all() if slot.state == ReviewSlot.State.OPEN)
    if missing and not review.is_overdue(on or today()):
        return NextStep(missing, _("to give a statement"), review.due_on)
    if is_objected:
        return NextStep(steering, _("settles the objection"))
    if missing:
        return NextStep(group, _("records the agreement, gives more time or reminds: statements are missing"))
    return NextStep(group, _("records the agreement: everyone has answered"))
