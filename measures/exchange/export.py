"""The list of measures as sheets: exactly what the filter shows, a row a measure, their milestones beside them."""

from django.utils.text import capfirst

from measures.models import Measure

from .columns import columns_of
from .milestones import milestone_sheet
from .writer import Sheet


def sheets_of(measures, strategy):
    """Takes a queryset of measures the reader may see, in its order; in three queries."""
    found = list(measures.for_export())
    return [measure_sheet(found, strategy), milestone_sheet(found)]


def measure_sheet(measures, strategy):
    columns = columns_of(strategy)
    rows = ([column.value(measure) for column in columns] for measure in measures)
    return Sheet(capfirst(Measure._meta.verbose_name_plural), [[str(column.heading) for column in columns], *rows])
