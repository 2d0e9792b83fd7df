"""What beat does every few minutes, by hand: for one day, as a rehearsal, or in somebody's name."""

from datetime import date, datetime, time

from django.core.exceptions import PermissionDenied
from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from strategy import delivery, planner
from strategy.actor import Actor
from strategy.models import Channel, Strategy, User

END_OF_DAY = time(23, 59)


class Command(BaseCommand):
    help = "Plans the reminders, tells what is due and sends the outbox; prints what goes out."

    def add_arguments(self, parser):
        parser.add_argument(
            "--today", type=date.fromisoformat, metavar="YYYY-MM-DD", help="as if it were the end of that day"
        )
        parser.add_argument("--dry-run", action="store_true", help="only print; nothing is stored, nothing is sent")
        parser.add_argument("--as", dest="username", metavar="USER", help="act as this person; otherwise as the system")
        parser.add_argument("--strategy", metavar="SLUG", help="only this one")

    def handle(self, *, today, dry_run, username, strategy, **options):
        at = timezone.make_aware(datetime.combine(today, END_OF_DAY)) if today else timezone.now()
        actor = self.actor(username, timezone.localdate(at)) if username else None
        outcomes = [self.remind(row, actor, at, dry_run) for row in self.strategies(strategy)]
        for outcome in outcomes:
            for reminder, channel in outcome.told:
                self.stdout.write(line(reminder, channel))
        sent = 0 if dry_run else delivery.deliver()
        self.stdout.write(self.numbers(at, outcomes, sent, dry_run))
        if faults := [fault for outcome in outcomes for fault in outcome.faults]:
            raise CommandError(f"{len(faults)} people could not be told; the log says why.") from faults[0]

    def actor(self, username, on):
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"There is nobody active called {username}.")
        return Actor.of(user, on)

    def strategies(self, slug):
        found = Strategy.objects.filter(slug=slug) if slug else Strategy.objects.order_by("pk")
        if slug and not found:
            raise CommandError(f"There is no strategy {slug}.")
        return found

    def remind(self, strategy, actor, at, dry_run):
        try:
            outcome = planner.remind(strategy, by=actor, at=at, rehearsal=dry_run)
        except PermissionDenied as refusal:
            raise CommandError(f"{actor.user} may not send the reminders of {strategy}.") from refusal
        if outcome is None:
            raise CommandError(f"Somebody else is planning the reminders of {strategy} right now; please try again.")
        return outcome

    def numbers(self, at, outcomes, sent, dry_run):
        told = [entry for outcome in outcomes for entry in outcome.told]
        people = len({reminder.recipient_id for reminder, _channel in told})
        mails = sum(outcome.mails for outcome in outcomes)
        quiet = sum(channel == Channel.PORTAL for _reminder, channel in told)
        done = "dry run, nothing stored" if dry_run else f"{sent} mails sent"
        counted = f"{len(told)} reminders to {people} people, {mails} mails, {quiet} in the portal only"
        return f"{timezone.localdate(at)}: {counted}; {done}"


def line(reminder, channel):
    where = reminder.recipient.email if channel != Channel.PORTAL else "portal"
    return f"{reminder.recipient.username}\t{reminder.due_on}\t{reminder.step}\t{channel}\t{where}\t{reminder.title}"
