"""Forms that work once: a second click on the same button makes nothing new and leads to the same place."""

from uuid import UUID, uuid4

from django import forms
from django.db import transaction
from django.forms.forms import DeclarativeFieldsMetaclass
from django.utils.translation import gettext_lazy as _

from strategy.models import SubmittedForm
from strategy.workflow import RuleViolation


class TokenField(forms.UUIDField):
    """Tells one opening of a form from the next. What is no token is replaced by a fresh one when shown again."""

    widget = forms.HiddenInput
    default_error_messages = {
        "required": _("This form could not be recognised; please send it once more."),
        "invalid": _("This form could not be recognised; please send it once more."),
    }

    def __init__(self, **options):
        super().__init__(initial=uuid4, **options)

    def bound_data(self, data, initial):
        return data if as_token(data) else str(uuid4())


class Once(metaclass=DeclarativeFieldsMetaclass):
    """To be mixed into a form that makes something or takes a step."""

    token = TokenField()

    def once(self, user, deed):
        """Do the deed and return the address it leads to; on a second click only that address.

        The token is used up in the deed's own transaction: what fails may be sent again. Raises what the deed
        raises, and RuleViolation where the token is somebody else's.
        """
        token = self.cleaned_data["token"]
        with transaction.atomic():
            ticket = SubmittedForm.objects.redeem(token, user)
            if ticket is None:
                return where_it_led(token, user)
            ticket.location = deed()
            ticket.save(update_fields=["location"])
            return ticket.location

    def details(self):
        """What was typed, without the token."""
        return {name: value for name, value in self.cleaned_data.items() if name != "token"}


class OnceForm(Once, forms.Form):
    """A form with nothing but its token: a step without input."""


def where_it_led(token, user):
    first = SubmittedForm.objects.filter(token=token, user=user).first()
    if first is None:
        raise RuleViolation(_("This form has been used already; please open the page again."))
    return first.location


def led_before(request):
    """Where the first click on this very form led, or nothing: asked before the object, which may be gone."""
    token = as_token(request.POST.get("token"))
    first = token and SubmittedForm.objects.filter(token=token, user=request.user).first()
    return first.location if first else ""


def as_token(text):
    try:
        return UUID(str(text))
    except ValueError:
        return None
