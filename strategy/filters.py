"""What lists can be asked in general, and the list of mails in trouble: query parameters."""

from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter, FilterSet

from strategy.models import Membership, OutgoingMail

NOBODYS = "none"  # mails to people who hold no role any more


class StrictFilterSet(FilterSet):
    @property
    def qs(self):
        """Nothing where the question cannot be understood: half an answer would be taken for a whole one."""
        return super().qs if self.is_valid() else self.queryset.none()


class MailFilter(StrictFilterSet):
    """Takes the query, mails in trouble and their strategy. Recipients are found by function, never by name."""

    kind = ChoiceFilter(
        method="of_kind",
        label=_("What"),
        empty_label=_("All"),
        choices=[("reminder", _("Reminders")), ("notification", _("Notifications"))],
    )
    state = ChoiceFilter(
        label=_("State"),
        empty_label=_("All"),
        choices=[
            (OutgoingMail.State.FAILED, _("has failed")),
            (OutgoingMail.State.WAITING, _("is tried again by itself")),
        ],
    )
    recipient = ChoiceFilter(method="of_function", label=_("Recipient"), empty_label=_("All"))

    class Meta:
        model = OutgoingMail
        fields = []

    def __init__(self, data, mails, strategy):
        super().__init__(data, mails)
        self.held = Membership.objects.valid().filter(strategy=strategy)
        concerned = self.held.filter(user__in=mails.order_by().values("recipient")).select_related("unit")
        functions = {key_of(membership): str(membership) for membership in concerned}
        self.filters["recipient"].extra["choices"] = [
            *sorted(functions.items(), key=lambda choice: choice[1]),
            (NOBODYS, _("somebody without a role in this strategy")),
        ]

    def of_kind(self, mails, name, kind):
        return mails.filter(confirmed_at__isnull=kind == "notification")

    def of_function(self, mails, name, key):
        if key == NOBODYS:
            return mails.exclude(recipient__in=self.held.values("user"))
        role, _dash, unit = key.partition("-")
        return mails.filter(recipient__in=self.held.filter(role=role, unit=unit or None).values("user"))

    @property
    def is_active(self):
        return any(self.data.get(name) for name in self.filters)


def key_of(membership):
    return f"{membership.role}-{membership.unit_id or ''}"
