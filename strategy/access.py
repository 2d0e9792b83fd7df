"""Who came in, was sent away or took something along: one line of the log and one row of the audit trail each."""

import structlog
from django.db import DatabaseError, transaction

from strategy.models import AccessEvent

log = structlog.get_logger(__name__)

REFUSALS = (403,)
OF_PAGES = {  # what leaves there has a kind of its own
    "strategy:own-data-file": AccessEvent.Kind.OWN_DATA,
    "strategy:audit": AccessEvent.Kind.AUDIT_READ,
}
LONGEST_CODE = AccessEvent._meta.get_field("reference").max_length

_codes = []


def names_codes(visible):
    """Register ``(actor, strategy, codes) -> those of them this actor may know of``: an app's kind of object."""
    _codes.append(visible)
    return visible


def known_codes(actor, strategy, codes):
    return {code for visible in _codes for code in visible(actor, strategy, codes)} if codes else set()


def note(kind, account=None, *, because="", **details):
    """Keep what happened. That it cannot be kept must not keep anybody from getting their answer."""
    because = str(because)[:100]
    write = log.warning if kind in (AccessEvent.Kind.SIGN_IN_REFUSED, AccessEvent.Kind.REFUSED) else log.info
    write(str(kind), account=account, **({"because": because} if because else {}))
    try:
        with transaction.atomic():
            AccessEvent.objects.create(kind=kind, user_id=account, because=because, **details)
    except DatabaseError:
        log.exception("access_not_noted", kind=str(kind))


class AccessMiddleware:
    """Notes refusals and everything that leaves as a file, of every page and of the API, whoever adds one."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if (kind := kind_of(request, response)) and request.user.is_authenticated:
            note(kind, request.user.pk, **details_of(request))
        return response


def kind_of(request, response):
    if response.status_code in REFUSALS:
        return AccessEvent.Kind.REFUSED
    if response.status_code == 200 and request.method != "HEAD" and response.has_header("Content-Disposition"):
        if request.resolver_match.view_name in OF_PAGES:
            return OF_PAGES[request.resolver_match.view_name]
        return AccessEvent.Kind.EXPORTED if "export" in request.GET else AccessEvent.Kind.DOWNLOADED
    return None


def details_of(request):
    """Where it was: the name of the page and the code of a measure, never a number or key of something secret."""
    match, actor = request.resolver_match, getattr(request, "actor", None)
    kwargs = match.kwargs if match else {}
    return {
        "strategy": getattr(request, "strategy", None),
        "in_place_of": actor.in_place_of if actor else None,
        "address": (match.view_name if match else "")[:100],
        "reference": str(kwargs.get("code", ""))[:LONGEST_CODE],
    }
