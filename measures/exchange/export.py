"""The list of measures as sheets: exactly what the filter shows, a row a measure, their milestones beside them."""

from django.utils.translation import gettext_lazy as _

from measures.list_columns import met_of
from measures.models import Measure
from measures.quality import with_quality

from .columns import CODE, VERSION, Column, columns_of
from .milestones import milestone_sheet
from .writer import Sheet, title_of

TELLING_APART = {CODE, "title", VERSION}
COMPLETENESS = Column(
    "completeness", _("Completeness"), lambda measure: met_of(measure.rules_asked, measure.rules_broken)
)


def sheets_of(measures, strategy, chosen=None):
    """Takes a queryset of measures the reader may see, in its order; in three queries.

    All columns, as they can be taken in again, or, with ``ChosenColumns``, those somebody has asked for.
    """
    if chosen is None or not chosen.named:
        found = list(measures.for_export())
        return [measure_sheet(found, columns_of(strategy)), milestone_sheet(found)]
    found = list((with_quality(measures) if chosen.has_completeness else measures).for_export())
    names = chosen.exported | TELLING_APART
    columns = [one for one in (*columns_of(strategy), COMPLETENESS) if one.name in names]
    sheet = measure_sheet(found, columns)
    return [sheet, milestone_sheet(found)] if chosen.has_milestones else [sheet]


def measure_sheet(measures, columns):
    rows = ([column.value(measure) for column in columns] for measure in measures)
    return Sheet(title_of(Measure), [[str(column.heading) for column in columns], *rows])
