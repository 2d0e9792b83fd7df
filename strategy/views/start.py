"""Where people arrive, and what they choose for themselves: strategy, deputyship, language."""

from allauth.core.ratelimit import consume_or_429
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from strategy.forms.people import OwnEmailForm
from strategy.middleware import ActorMiddleware
from strategy.models import Deputyship, Strategy, User
from strategy.navigation import page_asked_for

PAGES = ("accessibility", "privacy", "imprint", "help")


@require_safe
def start(request):
    """To the one strategy the person belongs to, or to the choice between several."""
    strategies = Strategy.objects.visible_to(request.actor)[:2]
    if len(strategies) == 1:
        return redirect(strategies[0])
    return redirect("strategy:switch")


@require_safe
def switch(request):
    strategies = Strategy.objects.visible_to(request.actor)
    roles = {
        strategy: [m for m in request.actor.memberships if m.strategy_id == strategy.pk] for strategy in strategies
    }
    return render(request, "strategy/start/switch.html", {"roles_by_strategy": roles})


@require_POST
def act_as(request):
    """Take up a deputyship, or leave it: from the next page on the rights are those of the member stood in for."""
    chosen = request.POST.get("deputyship", "")
    if not chosen:
        return leave_deputyship(request)
    usable = {str(deputyship.pk): deputyship for deputyship in request.actor.deputyships}
    if chosen not in usable:
        raise Http404
    deputyship = usable[chosen]
    request.session[ActorMiddleware.SESSION_KEY] = deputyship.pk
    words = {"member": deputyship.membership, "day": date_format(deputyship.valid_to)}
    messages.success(request, _("You now act in place of %(member)s, until %(day)s at the latest.") % words)
    return redirect(page_asked_for(request) or deputyship.membership.strategy)


def leave_deputyship(request):
    if request.session.pop(ActorMiddleware.SESSION_KEY, None) is not None:
        messages.success(request, _("You act with your own rights again."))
    return redirect("strategy:start")


@login_not_required
@require_POST
def language(request):
    """Keep the language with the person, and in a cookie for the time before the next sign-in."""
    answer = redirect(page_asked_for(request) or "strategy:start")
    chosen = request.POST.get("language")
    if translation.check_for_language(chosen) and chosen in dict(settings.LANGUAGES):
        if request.user.is_authenticated:
            request.user.language = chosen
            request.user.save(update_fields=["language"])
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=365 * 24 * 60 * 60,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return answer


@login_not_required
@require_safe
def page(request, name):
    if name not in PAGES:
        raise Http404
    return render(request, f"strategy/pages/{name}.html")


@require_safe
def account(request):
    """What the portal knows about the person, and who stands in for whom."""
    memberships = request.user.memberships.valid().select_related("strategy", "unit")
    deputies = Deputyship.objects.current().filter(membership__in=memberships).select_related("membership", "deputy")
    stands_in = Deputyship.objects.current().filter(deputy=request.user).select_related("membership__unit")
    context = {"memberships": memberships, "deputies": deputies, "stands_in": stands_in}
    return render(request, "strategy/start/account.html", context)


@require_http_methods(["GET", "POST"])
def own_email(request):
    """The address at which the person is reached and resets the password."""
    # whoever sits down at somebody's open browser must not find out the password here
    if refused := consume_or_429(request, action="reauthenticate", user=request.user):
        return refused
    form = OwnEmailForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if form.is_valid():
        form.save()
        messages.success(request, _("Your e-mail address has been changed."))
        return redirect("strategy:account")
    step = {"title": _("Change your e-mail address"), "button": _("Save the address")}
    context = {"form": form, "step": step, "back_url": reverse("strategy:account")}
    return render(request, "strategy/start/own_email.html", context)
