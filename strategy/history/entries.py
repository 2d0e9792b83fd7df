"""What a history consists of."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.functional import Promise

from strategy.models import User

from .told import ROOTS, TOLD

ONE_DEED = timedelta(seconds=2)  # what one person saves within it belongs together: a step and the fields it sets


@dataclass
class FieldChange:
    label: str | Promise
    before: object
    after: object
    is_text: bool = False


@dataclass
class Entry:
    """One thing that happened: when, what, what changed by it, who did it and why."""

    at: datetime
    text: str | Promise
    user: User | None
    in_place_of: User | None
    why: str = ""
    kind: type | None = None  # the model it is about
    changes: list[FieldChange] = field(default_factory=list)
    version: int | None = None
    subject: tuple | None = None  # a step takes over the changes of the same subject
    root: object = None  # whose story it belongs to
    is_gone: bool = False  # whether that has been deleted

    @property
    def user_id(self):
        return self.user.pk if self.user else None

    @property
    def section(self):
        return ROOTS[type(self.root)].section

    @property
    def url(self):
        """Where the object stands; nothing where it is gone."""
        return "" if self.is_gone else ROOTS[type(self.root)].url(self.root)

    def takes(self, change):
        """Whether this step has made that change."""
        return (
            change.subject is not None
            and self.subject == change.subject
            and self.user == change.user
            and timedelta() <= self.at - change.at <= ONE_DEED
        )


def subject_of(model, pk, root_model, root_pk):
    """What a step and a change have to share to be one entry: putting an amendment into force changes the measure."""
    told = TOLD.get(model)
    if told and told.acts_on_root:
        return (root_model, str(root_pk))
    return (model, str(pk))
