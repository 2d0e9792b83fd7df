"""A new draft from a measure: a copy, or the measure that continues it."""

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .background import Reference, Survey, WorksAgreement
from .indicator import Indicator
from .measure import Measure, MeasureLink
from .milestone import Milestone
from .resource import ResourceRequest


class Part(models.TextChoices):
    """What can be taken along; status, light, reviews and history never are."""

    TEXT = "text", _("Goal, description, initial situation and target group")
    ASSIGNMENT = "assignment", _("Stage, units, responsible function, phase and tags")
    PERIOD = "period", _("Period")
    MILESTONES = "milestones", _("Milestones, none of them reached")
    INDICATORS = "indicators", _("Indicators without their values")
    RESOURCES = "resources", _("Positions and funds from this year on, noted anew")
    BACKGROUND = "background", _("Works agreements, surveys and literature")


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
        for row in rows_of(source, parts):
            add_copy(row, draft, by)
        if is_successor:
            MeasureLink.objects.connect(source, draft, MeasureLink.Kind.SUCCESSOR, by=by)
        return draft


def values_of(source, names):
    values = {name: getattr(source, name) for name in names if name not in Measure.MANY}
    rows = {name: list(getattr(source, name).all()) for name in Measure.MANY if name in names}
    return values | rows | ({"tags": [tag.name for tag in rows["tags"]]} if "tags" in rows else {})


ROWS = {  # of a part: model and fields; what has come of a row, a value, a step, a mark, stays where it is
    Part.MILESTONES: [(Milestone, ("title", "due_on", "date_precision"))],
    Part.INDICATORS: [
        (
            Indicator,
            (
                "name",
                "definition",
                "unit",
                "decimals",
                "direction",
                "baseline",
                "baseline_on",
                "baseline_precision",
                "baseline_people",
                "target",
                "target_year",
            ),
        )
    ],
    Part.RESOURCES: [(ResourceRequest, ("kind", "year", "amount", "term", "until", "pay_grade", "purpose"))],
    Part.BACKGROUND: [
        (WorksAgreement, ("title", "state", "concluded_on", "date_precision", "note", "url")),
        (Survey, ("title", "held_on", "date_precision", "population", "respondents", "findings", "url")),
        (Reference, ("title", "url", "accessed_on")),
    ],
}


def rows_of(source, parts):
    """The rows of these parts as new ones, each with its source and the marks of what is an example."""
    for part in parts:
        for model, names in ROWS.get(Part(part), ()):
            rows = model.objects.filter(measure=source).order_by("pk")
            for row in rows.filter(year__gte=timezone.localdate().year) if model is ResourceRequest else rows:
                marks = {name: mark for name, mark in row.provenance.items() if name in names}
                values = {name: getattr(row, name) for name in names}
                yield model(source=row.source, provenance=marks, **values)


def add_copy(row, draft, by):
    row.measure, row._changed_by = draft, by
    row.save()
