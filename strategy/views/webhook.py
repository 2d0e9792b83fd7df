"""The administrator says which programs are told of steps, and sees what became of each event."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from strategy import events
from strategy.forms.once import OnceForm, led_before
from strategy.forms.webhook import NewWebhookForm, WebhookForm
from strategy.models import Webhook, WebhookDelivery
from strategy.workflow import RuleViolation

from .settings import history_of

DELIVERIES_ON_A_PAGE = 50
CHANGE = "strategy.change_webhook"


def ask(request):
    if not request.actor.has_perm(CHANGE, request.strategy):
        raise PermissionDenied(CHANGE)


def hook_of(request, pk):
    """The webhook, for who may maintain it. Raises PermissionDenied, Http404."""
    ask(request)
    return get_object_or_404(Webhook.objects.select_related("strategy"), strategy=request.strategy, pk=pk)


def page_of(hook):
    return reverse("strategy:webhook", args=[hook.strategy.slug, hook.pk])


def shown(request, template, **context):
    slug = request.strategy.slug
    addresses = {"list_url": "strategy:webhooks", "overview_url": "strategy:settings"}
    around = {name: reverse(address, args=[slug]) for name, address in addresses.items()}
    return render(request, f"strategy/webhook/{template}.html", around | context)


@require_safe
def webhooks(request, strategy):
    ask(request)
    given_up = Count("deliveries", filter=Q(deliveries__state=WebhookDelivery.State.GIVEN_UP))
    hooks = Webhook.objects.filter(strategy=request.strategy).annotate(given_up=given_up)
    return shown(request, "list", hooks=hooks)


@require_http_methods(["GET", "POST"])
def create(request, strategy):
    ask(request)
    form = NewWebhookForm(request.POST or None, strategy=request.strategy)
    if form.is_valid():
        return with_secret(request, form, lambda: form.save().secret)
    return shown(request, "form", form=form)


@require_http_methods(["GET", "POST"])
def webhook(request, strategy, pk):
    """Its form, and the log of what was sent."""
    hook = hook_of(request, pk)
    form = WebhookForm(request.POST or None, instance=hook, strategy=request.strategy)
    if form.is_valid():
        form.save()
        messages.success(request, _("“%(row)s” has been saved.") % {"row": hook})
        return redirect(page_of(hook))
    rows = hook.deliveries.defer("body")
    page = Paginator(rows, DELIVERIES_ON_A_PAGE).get_page(request.GET.get("page"))
    for row in page:
        row.words = events.words_of(row.kind)
    context = {
        "hook": Webhook.objects.get(pk=hook.pk),  # not as it has been typed
        "form": form,
        "once": OnceForm(),
        "page": page,
        "given_up": rows.filter(state=WebhookDelivery.State.GIVEN_UP).count(),
        "entries": history_of(hook),
    }
    return shown(request, "webhook", **context)


@require_http_methods(["GET", "POST"])
def rotate(request, strategy, pk):
    hook, form = hook_of(request, pk), OnceForm(request.POST or None)
    if form.is_valid():
        return with_secret(request, form, lambda: hook.rotate(by=request.actor))
    step = {
        "title": _("New secret for “%(hook)s”") % {"hook": hook},
        "button": _("Make a new secret"),
        "consequences": [
            _(
                "For one more day events are signed with the old secret as well. By then the program has to know the"
                " new one, which is shown once."
            )
        ],
        "danger": True,
    }
    return shown(request, "step", hook=hook, form=form, step=step, back_url=page_of(hook))


def with_secret(request, form, make):
    """Do the deed and show the secret it gives, this once; a second click shows no more than the way back."""
    secrets = []

    def deed():
        secrets.append(make())
        return reverse("strategy:webhooks", args=[request.strategy.slug])

    try:
        location = form.once(request.user, deed)
    except RuleViolation as problem:
        messages.info(request, problem.message)
        location = reverse("strategy:webhooks", args=[request.strategy.slug])
    if not secrets:
        return redirect(location)
    return shown(request, "secret", secret=secrets[0])


@require_http_methods(["GET", "POST"])
def delete(request, strategy, pk):
    if request.method == "POST" and (location := led_before(request)):
        return redirect(location)
    hook, form = hook_of(request, pk), OnceForm(request.POST or None)
    if form.is_valid():
        messages.success(request, _("“%(row)s” has been deleted.") % {"row": hook})
        return redirect(form.once(request.user, lambda: deleted(hook)))
    step = {
        "title": _("Delete “%(row)s”?") % {"row": hook},
        "button": _("Delete for good"),
        "consequences": [
            _(
                "The program is told of nothing more, and the log of what it was told goes as well. To stop for a"
                " while, take away the tick at “active” instead."
            )
        ],
        "danger": True,
    }
    return shown(request, "step", hook=hook, form=form, step=step, back_url=page_of(hook))


def deleted(hook):
    slug = hook.strategy.slug
    hook.delete()
    return reverse("strategy:webhooks", args=[slug])


@require_POST
def test(request, strategy, pk):
    """An event about nothing, sent like any other."""
    hook, form = hook_of(request, pk), OnceForm(request.POST)
    if not form.is_valid():
        return redirect(page_of(hook))

    def deed():
        events.publish_test(hook, timezone.now())
        return page_of(hook)

    location = form.once(request.user, deed)
    messages.success(request, _("A test event waits to be sent; in a minute the log below tells what became of it."))
    return redirect(location)


@require_POST
def resend(request, strategy, pk):
    """All that was given up, once more and as the same events."""
    hook = hook_of(request, pk)
    count = WebhookDelivery.objects.resend(by=request.actor, webhook=hook)
    words = ngettext("%(count)d event waits to be sent again.", "%(count)d events wait to be sent again.", count)
    messages.info(request, words % {"count": count})
    return redirect(page_of(hook))
