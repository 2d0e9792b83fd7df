"""The list of measures as sheets: exactly what the filter shows, a row a measure, their milestones beside them."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from measures.models import Measure, Milestone

from .columns import columns_of
from .writer import Sheet


def sheets_of(measures, strategy):
    """Takes a queryset of measures the reader may see, in its order; in three queries."""
    found = list(measures.for_export())
    return [measure_sheet(found, strategy), milestone_sheet(found)]


def measure_sheet(measures, strategy):
    columns = columns_of(strategy)
    rows = ([column.value(measure) for column in columns] for measure in measures)
    return Sheet(capfirst(Measure._meta.verbose_name_plural), [[str(column.heading) for column in columns], *rows])


def milestone_sheet(measures):
    codes = {measure.pk: measure.code for measure in measures}
    of_measure = {pk: [] for pk in codes}
    for one in Milestone.objects.filter(measure__in=codes):
        precision = one.get_date_precision_display()
        of_measure[one.measure_id].append(
            [codes[one.measure_id], one.pk, one.title, one.due_on, precision, one.reached_on]
        )
    rows = [row for rows in of_measure.values() for row in rows]
    return Sheet(capfirst(Milestone._meta.verbose_name_plural), [milestone_headings(), *rows])


def milestone_headings():
    return [
        _("Code"),
        _("Milestone no. (please leave)"),
        _("Milestone"),
        _("Due"),
        _("Due is exact to the"),
        _("Reached on"),
    ]
