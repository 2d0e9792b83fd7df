"""Whether the audit trail is what it was; to be run by hand and by the city's monitoring."""

from django.core.management import BaseCommand, CommandError

from strategy import audit

SHOWN = 20


class Command(BaseCommand):
    help = "Follows the chain of the audit trail, names what is broken, the first break first."

    def handle(self, **options):
        verdict = audit.check()
        for position, why in verdict.broken[:SHOWN]:
            self.stdout.write(f"link {position}: {why}" if position is not None else why)
        numbers = (
            f"{verdict.links} links, {verdict.compared} rows as sealed, {verdict.erased} erased, "
            f"{verdict.waiting} waiting, {verdict.heads} heads outside, {len(verdict.broken)} broken"
        )
        if not verdict.holds:
            raise CommandError(numbers)
        self.stdout.write(numbers)
