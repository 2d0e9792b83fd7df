"""The way to the city's sign-in service and back; where it does not answer, a page says so."""

from functools import wraps

import structlog
from allauth.socialaccount.providers.openid_connect import views
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.views.decorators.http import require_safe
from requests import RequestException

log = structlog.get_logger(__name__)
OUT_OF_ORDER = (RequestException, KeyError, ValueError)  # silent, or saying something that is no OpenID Connect


def answering(view):
    @login_not_required
    @require_safe
    @wraps(view)
    def guarded(request, provider_id):
        try:
            return view(request, provider_id)
        except OUT_OF_ORDER as problem:
            log.error("single_sign_on_down", because=type(problem).__name__)
            return render(request, "socialaccount/failed.html", {"is_down": True}, status=503)

    return guarded


login = answering(views.login)
callback = answering(views.callback)
