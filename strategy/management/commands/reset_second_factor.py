"""``reset_second_factor USER``: for somebody who has lost device and recovery codes."""

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from strategy.access import note
from strategy.models import AccessEvent, Session, User


class Command(BaseCommand):
    help = "Remove app, passkeys and recovery codes of a person and sign them out: they set up new ones."

    def add_arguments(self, parser):
        parser.add_argument("username")

    @transaction.atomic
    def handle(self, *, username, **options):
        user = User.objects.filter(username__iexact=username).first()
        if user is None:
            raise CommandError(f"There is no account {username}.")
        factors, _each = Authenticator.objects.filter(user=user).delete()
        sessions, _each = Session.objects.filter(user=user).delete()
        note(AccessEvent.Kind.FACTOR_REMOVED, user.pk, because="reset by the operator")
        self.stdout.write(f"Removed {factors} factors and {sessions} sessions of {user.username}.")
