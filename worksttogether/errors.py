"""Pages for requests that no view can answer."""

import sys
from urllib.parse import urlsplit

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.template import loader
from django.views import defaults
from django.views.decorators.csrf import requires_csrf_token

NOT_TYPED = {"csrfmiddlewaretoken", "next", "token", "version", "base", "answered", "ballot", "shown", "move", "order"}

SOON = 5  # seconds: a database that restarts is back about then
CONNECTION_LOST = ("08", "57P")  # PostgreSQL: connections that failed, a server that stops or starts


def fault(request):
    """Our fault, unless the database is away: then nothing is wrong with the request, and it may be sent again."""
    if not is_database_away(sys.exc_info()[1]):
        return defaults.server_error(request)
    page = loader.get_template("503.html").render()
    return HttpResponse(page, status=503, headers={"Retry-After": SOON, "Cache-Control": "no-store"})


def is_database_away(error) -> bool:
    """Whether a connection could not be had or was lost; not what a statement was refused for."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.__cause__
    if not hasattr(cause, "sqlstate"):
        return isinstance(error, InterfaceError)
    return cause.sqlstate is None or cause.sqlstate.startswith(CONNECTION_LOST)


def bad_request(request, exception):
    """Django calls a form above the limit a bad request; people need to hear that it was too large."""
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    return defaults.bad_request(request, exception)


def not_found(request, exception):
    return defaults.page_not_found(without_counts(request), exception)


def denied(request, exception):
    return defaults.permission_denied(without_counts(request), exception)


def without_counts(request):
    """A page that says no asks the database nothing for its menu."""
    request.counts_nothing = True
    return request


def too_large(request) -> HttpResponse:
    """Nothing after this may read the body, so the connection ends with the answer."""
    response = render(request, "413.html", status=413)
    response["Connection"] = "close"
    return response


@requires_csrf_token
def form_expired(request, reason="") -> HttpResponse:
    """The sign-in or the form's token ran out: nothing was saved, what was typed is shown to be taken along."""
    return render(request, "403_csrf.html", {"typed": typed(request.POST), "page": page_of_form(request)}, status=403)


def page_of_form(request):
    """Where the form stood, to come back to: the address it is sent to may answer to buttons alone."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc != request.get_host():
        return ""
    return came_from._replace(scheme="", netloc="", fragment="").geturl()


def second_factor_first(request) -> HttpResponse:
    """Nothing was saved, what was typed is shown to be taken along."""
    return render(request, "403_second_factor.html", {"typed": typed(request.POST)}, status=403)


def too_many(request) -> HttpResponse:
    """The limits of the sign-in are reached; the library asks for this page."""
    return render(request, "429.html", status=429)


def typed(post):
    """The texts of a form, without what people never see or must not see again."""
    fields = ((name, "\n".join(values)) for name, values in post.lists())
    return [(name, text) for name, text in fields if text and is_typed(name)]


def is_typed(name):
    hidden = name in NOT_TYPED or name.startswith(("initial-", "place-")) or name.endswith(("_FORMS", "-id"))
    return not hidden and "password" not in name
