from pathlib import Path

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from strategy import backup


class Command(BaseCommand):
    help = "Write database and files as of one moment to a new folder, while people work."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="where backups lie; this one gets a folder named by its moment")

    def handle(self, folder, **options):
        target = folder / f"{timezone.now():%Y-%m-%dT%H%M%SZ}"
        try:
            manifest = backup.back_up(target)
        except backup.BackupError as problem:
            raise CommandError(str(problem)) from problem
        rows = sum(count for count, _digest in manifest["tables"].values())
        self.stdout.write(f"{target}: {rows} rows of {len(manifest['tables'])} tables, {len(manifest['files'])} files.")
