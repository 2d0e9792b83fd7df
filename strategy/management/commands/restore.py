from pathlib import Path

from django.core.management import BaseCommand, CommandError

from strategy import backup
from strategy.models import OutgoingMail
from strategy.models.mail import held_by_restore


class Command(BaseCommand):
    help = "Bring a backup back into an empty database. Mails that waited are held until somebody sends them again."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="the folder of one backup")

    def handle(self, folder, **options):
        try:
            manifest = backup.restore(folder)
        except backup.BackupError as problem:
            raise CommandError(str(problem)) from problem
        rows = sum(count for count, _digest in manifest["tables"].values())
        held = OutgoingMail.objects.failed().filter(problem=held_by_restore()).count()
        self.stdout.write(
            f"As of {manifest['taken_at']}: {rows} rows, {len(manifest['files'])} files; {held} mails held."
        )
