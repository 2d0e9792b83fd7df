"""The printable form with which employees without an e-mail account tell the staff council what they need."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.views.decorators.http import require_safe


@require_safe
def need_form(request, strategy):
    if not request.actor.has_perm("measures.view_needs", request.strategy):
        raise PermissionDenied("measures.view_needs")
    from reporting.print.need_form import NeedForm, render  # loads WeasyPrint, which nothing else in a page needs

    pdf = render(NeedForm(strategy=request.strategy.title, answer_days=request.strategy.need_answer_days))
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="bedarf-formular.pdf"'
    return response
