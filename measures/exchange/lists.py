"""Needs, indicators and reviews as sheets: what their lists show, a row each; no statements, and nobody's name."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from measures.models import Indicator, Need, Review
from strategy.templatetags.portal import shown_date

from .writer import Sheet, title_of


def became(need):
    """Where a need has gone; takes ``sees_measure`` as the list marks it."""
    if need.measure_id and not need.sees_measure:
        return gettext("a measure is being drafted")
    if row := need.measure or need.merged_into:
        return f"{row.code} {row.title}"
    return str(need.deferred_to or "")


NEED = {
    _("No."): lambda need: need.code,
    _("Need"): lambda need: need.title,
    _("Kind"): Need.get_kind_display,
    _("Urgency"): Need.get_urgency_display,
    _("Confidential"): lambda need: need.is_confidential,
    _("State"): Need.get_state_display,
    _("Outcome"): Need.get_outcome_display,
    _("Received"): lambda need: need.submitted_on,
    _("Answer due on"): lambda need: need.due_on,
    _("Answered on"): lambda need: need.answered_on,
    _("What has become of it"): became,
}

INDICATOR = {
    _("Indicator"): lambda shown: shown.indicator.name,
    _("Code"): lambda shown: shown.indicator.measure and shown.indicator.measure.code,
    _("Measure"): lambda shown: shown.indicator.measure and shown.indicator.measure.title,
    _("Latest value"): lambda shown: shown.current and shown.current.value,
    _("Accuracy"): lambda shown: shown.current and shown.current.get_qualifier_display(),
    _("Unit"): lambda shown: shown.indicator.unit,
    _("Measured"): lambda shown: shown.current and shown_date(shown.current.as_of, shown.current.date_precision),
    _("Scope"): lambda shown: shown.current and shown.current.scope,
    _("Source"): lambda shown: shown.current and shown.current.source,
    _("Out of date"): lambda shown: shown.is_stale,
    _("Trend"): lambda shown: shown.trend,
    _("Target"): lambda shown: shown.indicator.target,
    _("Target year"): lambda shown: shown.indicator.target_year,
    _("Distance"): lambda shown: shown.distance,
}

REVIEW = {
    _("Code"): lambda review: review.measure.code,
    _("Measure"): lambda review: review.measure.title,
    _("Version"): lambda review: review.text_version.number,
    _("State"): Review.get_state_display,
    _("Opened on"): lambda review: review.opened_on,
    _("Due on"): lambda review: review.due_on,
    _("Closed on"): lambda review: review.closed_on,
    _("Asked"): lambda review: review.asked,
    _("Answered"): lambda review: review.answered,
}


def need_sheet(needs):
    """Takes needs with ``sees_measure``."""
    return sheet(Need, NEED, needs)


def indicator_sheet(indicators):
    """Takes ``IndicatorShown``s that see no small figures: these never leave."""
    return sheet(Indicator, INDICATOR, indicators)


def review_sheet(reviews):
    """Takes reviews with the numbers of those ``asked`` and ``answered``."""
    return sheet(Review, REVIEW, reviews)


def sheet(model, columns, rows):
    return Sheet(
        title_of(model), [[str(one) for one in columns], *([of(row) for of in columns.values()] for row in rows)]
    )
