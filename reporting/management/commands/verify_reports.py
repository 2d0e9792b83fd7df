from django.core.management.base import BaseCommand, CommandError

from reporting.models import CouncilReport
from reporting.verification import damages


class Command(BaseCommand):
    help = "Check the stored bytes of all reports against their checksums, seals and projections."

    def handle(self, **options):
        reports = damaged = 0
        for report in CouncilReport.objects.with_documents():
            reports += 1
            problems = damages(report)
            damaged += bool(problems)
            for problem in problems:
                self.stderr.write(f"report {report.pk} ({report}): {problem}")
        if damaged:
            raise CommandError(f"{damaged} of {reports} reports are damaged.")
        self.stdout.write(f"{reports} reports checked, 0 damaged.")
