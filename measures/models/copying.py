"""A new draft from a measure: a copy, or the measure that continues it."""

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from .measure import Measure, MeasureLink
from .milestone import Milestone


class Part(models.TextChoices):
    """What can be taken along; status, light, reviews and history never are."""

    TEXT = "text", _("Goal, description, initial situation and target group")
    ASSIGNMENT = "assignment", _("Stage, units, responsible function, phase and tags")
    PERIOD = "period", _("Period")
    MILESTONES = "milestones", _("Milestones not reached yet")


FIELDS = {
    Part.TEXT: ("goal", "description", "initial_situation", "target_group"),
    Part.ASSIGNMENT: ("stage", "lead_unit", "involved_units", "responsible_function", "phase", "tags"),
    Part.PERIOD: ("starts_on", "ends_on", "date_precision", "is_permanent"),
}


def copy(source, *, by, title, parts, is_successor=False):
    """A draft of the same field with these parts, linked to the source where it continues it.

    Raises PermissionDenied.
    """
    if not by.has_perm("measures.view_measure", source):
        raise PermissionDenied("measures.view_measure")
    names = [name for part in parts for name in FIELDS.get(Part(part), ())]
    with transaction.atomic():
        draft = Measure.objects.create_draft(by=by, field=source.field, title=title, **values_of(source, names))
        if Part.MILESTONES in parts:
            copy_milestones(source, draft, by)
        if is_successor:
            MeasureLink.objects.connect(source, draft, MeasureLink.Kind.SUCCESSOR, by=by)
        return draft


def values_of(source, names):
    values = {name: getattr(source, name) for name in names if name not in Measure.MANY}
    rows = {name: list(getattr(source, name).all()) for name in Measure.MANY if name in names}
    return values | rows | ({"tags": [tag.name for tag in rows["tags"]]} if "tags" in rows else {})


def copy_milestones(source, draft, by):
    for row in source.milestones.open():
        milestone = Milestone(measure=draft, title=row.title, due_on=row.due_on, date_precision=row.date_precision)
        milestone._changed_by = by
        milestone.save()
