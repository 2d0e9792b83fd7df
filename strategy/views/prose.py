"""How prose will look, while it is still being typed."""

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from strategy.prose import html_of

LONGEST = 20_000  # no field takes more


@require_POST
def prose(request):
    """The typed text as the pages will show it; nothing is kept of it."""
    text = request.POST.get("text", "")
    if len(text) > LONGEST:
        raise BadRequest("more than any field takes")
    return HttpResponse(html_of(text.replace("\r\n", "\n")))
