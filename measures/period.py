"""From when to when a measure is planned, in words."""

from django.utils.translation import gettext as _

from strategy.templatetags.portal import shown_date


def period_of(planned):
    """“2022 to 2028”, “since 2022”, “permanent task, beginning not on record”.

    Takes whatever has beginning, end, their precision and whether it is a permanent task, like a measure or its plan.
    """
    begins, ends = (
        shown_date(day, planned.date_precision) if day else "" for day in (planned.starts_on, planned.ends_on)
    )
    if begins and ends:
        return begins if begins == ends else _("%(begin)s to %(end)s") % {"begin": begins, "end": ends}
    if begins:
        return _("since %(begin)s") % {"begin": begins}
    if ends:
        return _("until %(end)s") % {"end": ends}
    return _("permanent task, beginning not on record") if planned.is_permanent else _("not on record")
