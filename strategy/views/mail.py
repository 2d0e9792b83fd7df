"""What a person is told by mail, and when."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from strategy.forms.mail import MailPreferencesForm
from strategy.models import MailPreferences


@require_http_methods(["GET", "POST"])
def preferences(request):
    form = MailPreferencesForm(request.POST or None, instance=MailPreferences.of(request.user))
    if form.is_valid():
        form.save()
        messages.success(request, _("Your choice has been saved."))
        return redirect("strategy:account")
    step = {
        "title": _("Mails and reminders"),
        "text": _("Everything stands in the portal as well, whatever you choose here."),
        "button": _("Save the choice"),
    }
    context = {"form": form, "step": step, "back_url": reverse("strategy:account")}
    return render(request, "strategy/mail/preferences.html", context)
