"""The pages of a secret address: made or renewed and shown this once, revoked at once."""

from django.contrib import messages
from django.forms import Form
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from strategy.letters import absolute


def address_page(request, model, template, paths, **context):
    """The state of one's address; ``paths`` takes a new key and returns [(label, path)]. It is shown this once."""
    if request.method == "POST":
        key = model.objects.issue(request.user)
        context["addresses"] = [(label, absolute(path)) for label, path in paths(key)]
    context["feed"] = model.objects.filter(user=request.user).first()
    return render(request, template, context)


def revoke_page(request, model, template, address_url, *, title, loss, done):
    feed = model.objects.filter(user=request.user).first()
    if feed is None:
        return redirect(address_url)
    if request.method == "POST":
        feed.delete()
        messages.success(request, done)
        return redirect(address_url)
    step = {
        "title": title,
        "button": _("Revoke the address for good"),
        "consequences": [_("It stops working at once and cannot be brought back."), loss],
        "danger": True,
    }
    return render(request, template, {"form": Form(), "step": step, "back_url": address_url})
