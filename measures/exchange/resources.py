"""Resource requests as a sheet: a row a request, amounts as numbers."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from measures.models import ResourceRequest
from measures.resource_sums import budget_word

from .writer import Sheet


def resource_sheet(requests):
    """Takes requests as ``for_list`` reads them."""
    return Sheet(capfirst(ResourceRequest._meta.verbose_name_plural), [headings(), *(row_of(one) for one in requests)])


def headings():
    return [
        _("Code"),
        _("Measure"),
        _("Field of action"),
        _("Stage"),
        _("Kind"),
        _("Budget year"),
        _("Double budget"),
        _("Amount"),
        _("Granted"),
        _("State"),
        _("Council paper"),
        _("Term"),
        _("Until"),
        _("Pay grade"),
        _("Needed for"),
        _("Source"),
        _("Example values"),
    ]


def row_of(request):
    measure, paper = request.measure, request.council_paper
    return [
        measure.code,
        measure.title,
        str(measure.field),
        str(measure.stage or ""),
        request.get_kind_display(),
        request.year,
        budget_word(request.budget),
        request.amount,
        request.granted_amount,
        request.get_state_display(),
        str(paper or ""),
        request.get_term_display() if request.is_positions else "",
        request.until,
        request.pay_grade,
        request.purpose,
        request.source,
        _("yes") if "example" in request.provenance.values() else "",
    ]
