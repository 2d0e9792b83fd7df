"""``import_measures FILE --strategy SLUG --as USER [--dry-run]``: measures from a table, all of it or nothing."""

from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from measures.exchange import milestones
from measures.exchange.mapping import mapped, tells_rows
from measures.exchange.planning import plan_of
from measures.exchange.reader import UnreadableError, read, read_beside
from measures.exchange.running import SHEETS, apply
from measures.models import EditConflict
from strategy.actor import Actor
from strategy.models import Strategy, User
from strategy.workflow import RuleViolation


class Command(BaseCommand):
    help = "Create and change measures from a table (.xlsx or .csv); all of it or nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--strategy", required=True, help="short name in the address")
        parser.add_argument("--as", dest="user", required=True, help="user name of who is answerable for it")
        parser.add_argument("--dry-run", action="store_true", help="only say what would change")
        parser.add_argument("--with-amendments", action="store_true", help="propose one for texts that are fixed")

    def handle(self, file, *, strategy, user, dry_run, with_amendments, **options):
        strategy, actor = self.strategy(strategy), self.actor(user)
        if not actor.has_perm("measures.add_importrun", strategy):
            raise CommandError(f"{user} may not import measures into {strategy.slug}.")
        plan = self.plan(file, strategy, actor)
        self.tell(plan)
        if plan.problems:
            raise CommandError(f"{len(plan.problems)} problems, nothing changed.")
        result = {"amended": []}
        if not dry_run:
            result = self.take(plan, actor, with_amendments)
        self.stdout.write(
            f"{'dry run: ' if dry_run else ''}{len(plan.new)} new, {len(plan.changed)} changed "
            f"({plan.cells_changed} cells), {plan.unchanged} unchanged, {len(plan.amendments)} need an amendment "
            f"({len(result['amended'])} proposed), {len(plan.problems)} problems"
        )

    def strategy(self, slug):
        found = Strategy.objects.filter(slug=slug).first()
        if found is None:
            raise CommandError(f"There is no strategy {slug}.")
        return found

    def actor(self, name):
        found = User.objects.filter(username=name).first()
        if found is None:
            raise CommandError(f"There is no user {name}.")
        return Actor.of(found)

    def plan(self, file, strategy, actor):
        try:
            content = file.read_bytes()
            table, beside = read(content, SHEETS), read_beside(content, milestones.SHEETS)
        except OSError as problem:
            raise CommandError(f"{file}: {problem.strerror}") from problem
        except UnreadableError as problem:
            raise CommandError(" ".join(problem.messages)) from problem
        names = mapped(table.headings, strategy)
        if not tells_rows(names):
            raise CommandError("No column has the code or the title; please upload it once and name the columns there.")
        return plan_of(table, names, strategy, actor, milestones=beside)

    def tell(self, plan):
        for problem in plan.problems:
            where = f"row {problem.row}" if problem.row else "headings"
            self.stdout.write(f"{where}, {problem.column or '-'}: {problem.typed!r}: {problem.message}")
        for row in plan.amendments:
            self.stdout.write(f"{row.code}: needs an amendment: {', '.join(one.label for one in row.changes)}")
        if plan.unknown:
            self.stdout.write(f"columns left out: {', '.join(plan.unknown)}")

    def take(self, plan, actor, with_amendments):
        try:
            return apply(plan, by=actor, with_amendments=with_amendments)
        except (EditConflict, RuleViolation, PermissionDenied) as refusal:
            raise CommandError(f"{refusal}: nothing changed.") from refusal
