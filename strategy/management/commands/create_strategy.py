from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from strategy.models import Membership, Role, Strategy, User
from strategy.models.standard import give_standard_scales


class Command(BaseCommand):
    help = "Create a strategy with the usual lights, phases and priorities, and its first administrator."

    def add_arguments(self, parser):
        parser.add_argument("slug", help="its short name in the address, for example personalstrategie-2030")
        parser.add_argument("--title", required=True)
        parser.add_argument("--administrator", required=True, metavar="USER", help="user name; made if it is new")
        parser.add_argument("--email", default="", help="duty e-mail of a new administrator")

    @transaction.atomic
    def handle(self, *, slug, title, administrator, email, **options):
        strategy = Strategy(slug=slug, title=title)
        user = User.objects.filter(username=administrator).first() or self.new_user(administrator, email)
        try:
            strategy.full_clean()
        except ValidationError as problem:
            raise CommandError(" ".join(problem.messages)) from problem
        strategy.save()
        give_standard_scales(strategy)
        Membership.objects.create(strategy=strategy, user=user, role=Role.ADMINISTRATOR)
        self.stdout.write(
            f"Created strategy {slug} with 5 lights, 4 phases, 4 priorities and 1 administrator, {user.username}."
        )

    def new_user(self, username, email):
        """Without a password: the person sets one by the link of /accounts/password/reset/."""
        if not email:
            raise CommandError(f"There is no account {username} yet: please give its duty e-mail by --email.")
        user = User(username=username, email=email)
        user.set_unusable_password()
        try:
            user.full_clean(exclude=["password"])
        except ValidationError as problem:
            raise CommandError(" ".join(problem.messages)) from problem
        user.save()
        self.stdout.write(
            "The new account has no password yet; the page “Kennwort vergessen” sends the link to set one."
        )
        return user
