"""The demo's strategy from its fixtures, into a portal that is still empty."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import transaction
from django.utils import timezone

from measures.models import Condition, Measure, Need, RankingRound, Review, StaffParticipation
from strategy.models import CouncilSession, Deputyship, Notification, OutgoingMail, Strategy, User

SLUG = "personalstrategie-2030"
REFERENCE = date(2026, 11, 20)  # the day the fixtures show
FOLDER = settings.BASE_DIR / "fixtures" / SLUG
FILES = ("frame", "measures", "transitions", "changes")
ACCOUNTS = (
    "projektgruppe",
    "amtsleitung",
    "amtsleitung51",
    "verwaltungsleitung",
    "personalrat",
    "lenkungsteam",
    "leser",
    "admin",
)
PASSWORD = "demo"  # noqa: S105  known to every reader, given by the demo alone


class Command(BaseCommand):
    help = "Loads the demo's strategy with its history, once; the deadlines still open are counted from today."

    def add_arguments(self, parser):
        parser.add_argument(
            "--with-passwords",
            action="store_true",
            help="give the accounts of the demo their known password; never on a portal others can reach",
        )
        parser.add_argument("--without-reports", action="store_true", help="leave out the papers that have to be set")

    def handle(self, *, with_passwords, without_reports, **options):
        if Strategy.objects.filter(slug=SLUG).exists():
            self.stdout.write(f"{SLUG} is there already, nothing loaded.")
        else:
            self.load(without_reports)
        if with_passwords:
            self.stdout.write(f"{self.give_passwords()} accounts have the demo's password.")

    def load(self, without_reports):
        if Strategy.objects.exists() or User.objects.exists():
            raise CommandError("The demo's data goes into an empty portal only: its rows bring their own keys.")
        with transaction.atomic():
            call_command("loaddata", *(str(FOLDER / f"{name}.json") for name in FILES), verbosity=0)
            strategy = Strategy.objects.get(slug=SLUG)
            moved = move_open_deadlines(timezone.localdate() - REFERENCE)
            reports = 0 if without_reports else self.make_reports(strategy)
            for told in (Notification, OutgoingMail):  # nobody is told what the demo made up
                told.objects.filter(strategy=strategy).delete()
        measures = Measure.objects.filter(strategy=strategy).count()
        self.say(f"{strategy}: {measures} measures, {reports} council papers, {moved} open deadlines set from today")

    def make_reports(self, strategy):
        from reporting.management.demo_reports import make_reports  # loads WeasyPrint

        return make_reports(strategy, FOLDER, self.say)

    def say(self, sentence):
        self.stdout.write(f"{sentence}.")
        self.stdout.flush()

    def give_passwords(self):
        users = User.objects.filter(username__in=ACCOUNTS)
        for user in users:
            user.set_password(PASSWORD)
            user.save(update_fields=["password"])
        return len(users)


def move_open_deadlines(passed):
    """Move what is still to come on by the days that have passed since the day the fixtures show.

    What has happened keeps its day, and so do the measures' own plans; open reviews, formal participations, ranking
    rounds, the deputyship and the council's next sessions keep their distance from today. A need without answer
    comes along as a whole, for its clock counts from its receipt. Returns how many deadlines were moved.
    """
    if passed <= timedelta(0):
        return 0
    reviews, participations = list(Review.objects.open()), list(StaffParticipation.objects.under_way())
    rounds, needs = list(RankingRound.objects.open()), list(Need.objects.unanswered())
    for row in (*reviews, *Condition.objects.filter(state=Condition.State.OPEN, due_on__isnull=False)):
        move_due_day(row, passed)
    for participation in participations:
        move_participation(participation, passed)
    for ranking in rounds:
        move_round(ranking, passed)
    for need in needs:
        move_need(need, passed)
    move_calendar(passed)
    return sum(map(len, (reviews, participations, rounds, needs)))


def move_due_day(row, passed):
    """With all that its history says of it, as if it had never been another day."""
    type(row).objects.filter(pk=row.pk).update(due_on=row.due_on + passed)
    for change in row.changes.filter(due_on__isnull=False):
        change.due_on += passed
        change.save()


def move_participation(participation, passed):
    """With the day that starts its clock, which would else have run for longer than its period."""
    for name in ("informed_on", "due_on", "stated_on"):
        setattr(participation, name, getattr(participation, name) and getattr(participation, name) + passed)
    participation.save()


def move_round(ranking, passed):
    """To the same hour of a later day, whatever the clocks do in between."""
    closes_at = timezone.localtime(ranking.closes_at)
    day = closes_at.date() + passed
    ranking.closes_at = datetime.combine(day, closes_at.time(), tzinfo=timezone.get_current_timezone())
    ranking.save()


def move_need(need, passed):
    """Its days, and the steps and rows of history that tell of them."""
    names = [name for name in ("submitted_on", "acknowledged_on", "due_on") if getattr(need, name)]
    Need.objects.filter(pk=need.pk).update(**{name: getattr(need, name) + passed for name in names})
    for change in need.changes.all():
        for name in names:
            setattr(change, name, getattr(change, name) and getattr(change, name) + passed)
        change.history_date += passed
        change.save()
    for step in need.transitions:
        step.at += passed
        step.save()


def move_calendar(passed):
    """By whole weeks, for sessions have their weekday."""
    passed = timedelta(weeks=passed.days // 7)
    sessions = CouncilSession.objects.filter(held_on__gt=REFERENCE).order_by("-held_on")
    deputyships = Deputyship.objects.filter(valid_to__gt=REFERENCE)
    for session in sessions:
        session.held_on += passed
        session.save()
    for deputyship in deputyships:
        deputyship.valid_from, deputyship.valid_to = deputyship.valid_from + passed, deputyship.valid_to + passed
        deputyship.save()
