"""Figures of a year or a month carry its last day: as of its first they were out of date a year too early."""

from calendar import monthrange

from django.db import migrations

DATES = (
    ("Indicator", "baseline_on", "baseline_precision"),
    ("HistoricalIndicator", "baseline_on", "baseline_precision"),
    ("IndicatorValue", "as_of", "date_precision"),
    ("HistoricalIndicatorValue", "as_of", "date_precision"),  # else the next edit would tell of a date nobody changed
)


def take_last_days(apps, schema_editor):
    for name, date, precision in DATES:
        model = apps.get_model("measures", name)
        rows = model.objects.filter(**{f"{precision}__in": ["year", "month"], f"{date}__isnull": False})
        moved = [row for row in rows.iterator() if move(row, date, getattr(row, precision))]
        model.objects.bulk_update(moved, [date], batch_size=500)


def move(row, name, precision):
    """Whether the day had to be moved; what is shown, the month or the year, stays the same."""
    before = getattr(row, name)
    month = 12 if precision == "year" else before.month
    after = before.replace(month=month, day=monthrange(before.year, month)[1])
    setattr(row, name, after)
    return after != before


class Migration(migrations.Migration):
    dependencies = [("measures", "0014_search")]

    operations = [migrations.RunPython(take_last_days, migrations.RunPython.noop)]
