"""Answers that every page needs before its view is asked."""

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh
from django_structlog.middlewares import RequestMiddleware

from strategy.second_factor import lacks_second_factor

from . import errors


class RequestLog(RequestMiddleware):
    """One line a request, without what people search for and without the key of a new password."""

    @staticmethod
    def format_request(request):
        path = request.path
        if request.resolver_match and (key := request.resolver_match.kwargs.get("key")):
            path = path.replace(key, "…")
        return f"{request.method} {path}"


class BodyLimitMiddleware:
    """A body above the limit gets a page that says so, before anything reads it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        length = request.META.get("CONTENT_LENGTH") or ""
        if length.isdigit() and int(length) > settings.LARGEST_BODY:
            return errors.too_large(request)
        return self.get_response(request)


class NothingKeptMiddleware:
    """No browser keeps a signed-in person's pages: after the sign-out the back button must not show them again."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not response.has_header("Cache-Control") and request.user.is_authenticated:
            patch_cache_control(response, private=True, no_store=True)
        return response


class SignInMiddleware(LoginRequiredMiddleware):
    """Every view asks for a sign-in unless it says otherwise; an ended session must not swallow what was typed."""

    def handle_no_permission(self, request, view_func):
        if request.method == "POST":
            return errors.form_expired(request)
        if request.htmx:
            return HttpResponseClientRefresh()  # a sign-in form inside a list would help nobody
        return super().handle_no_permission(request, view_func)


class SecondFactorMiddleware:
    """Whose role asks for a second factor they lack reaches nothing but the pages where it is set up, and the way out.

    Asked at each request, for the strategy may begin to demand it at any moment. The API answers for itself
    (``strategy.api.authentication``), and so do addresses that ask for a key.
    """

    OPEN = frozenset(
        (
            "account_logout",
            "account_reauthenticate",
            "mfa_activate_totp",
            "mfa_add_webauthn",
            "mfa_reauthenticate",
            "mfa_reauthenticate_webauthn",
            "mfa_view_recovery_codes",
            "strategy:security",
        )
    )

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        found = request.resolver_match
        is_open = found.view_name in self.OPEN or "api" in found.namespaces or not getattr(view, "login_required", True)
        if is_open or not request.user.is_authenticated:
            return None
        if not lacks_second_factor(request.user, request.memberships_held):
            return None
        return self.lead_to_enrolment(request)

    def lead_to_enrolment(self, request):
        if request.htmx:
            return HttpResponseClientRedirect(reverse("strategy:security"))
        if request.method == "POST":
            return errors.second_factor_first(request)
        return redirect("strategy:security")
