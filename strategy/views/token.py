"""Keys with which programs use the API in one's own name: made and shown this once, listed, revoked."""

from django.contrib import messages
from django.forms import Form
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from strategy.access import note
from strategy.forms.token import TokenForm
from strategy.letters import absolute
from strategy.models import AccessEvent, ApiToken
from strategy.workflow import RuleViolation


@require_http_methods(["GET", "POST"])
def tokens(request):
    form, key = TokenForm(request.POST if request.method == "POST" else None), None
    if form.is_valid():
        try:
            key = key_made(request.user, form)
        except RuleViolation as problem:
            messages.info(request, problem.message)
            return redirect("strategy:tokens")
        form = TokenForm()
    context = {
        "form": form,
        "key": key,
        "tokens": ApiToken.objects.filter(user=request.user),
        "address": absolute(reverse("api:strategy-list")),
        "back_url": reverse("strategy:account"),
    }
    return render(request, "strategy/token/tokens.html", context, status=422 if form.errors else 200)


def key_made(user, form):
    """A new key as the form asks, once.

    Raises:
        RuleViolation: this very form has made one, which nobody can show again.
    """
    keys = []

    def make():
        _token, key = ApiToken.objects.issue(user, **form.details())
        keys.append(key)
        note(AccessEvent.Kind.TOKEN_CREATED, user.pk)
        return reverse("strategy:tokens")

    form.once(user, make)
    if not keys:
        raise RuleViolation(_("This key has been made already and shown then. If you lack it, please revoke it."))
    return keys[0]


@require_http_methods(["GET", "POST"])
def revoke(request, pk):
    token = get_object_or_404(ApiToken, user=request.user, pk=pk)
    if request.method == "POST":
        token.delete()
        note(AccessEvent.Kind.TOKEN_REVOKED, request.user.pk)
        messages.success(request, _("“%(name)s” has been revoked. Programs get no further with it.") % {"name": token})
        return redirect("strategy:tokens")
    step = {
        "title": _("Revoke the key “%(token)s”") % {"token": token},
        "button": _("Revoke the key for good"),
        "consequences": [
            _("Programs that use it stop working at once."),
            _("A revoked key does not come back; a new one can be made at any time."),
        ],
        "danger": True,
    }
    context = {"form": Form(), "step": step, "back_url": reverse("strategy:tokens")}
    return render(request, "strategy/token/revoke.html", context)
