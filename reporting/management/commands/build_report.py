from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from reporting.models import CouncilReport, ReportDocument, Variant
from reporting.models.build import DamagedError
from reporting.print import projection as printed
from reporting.print.render import render, versions
from reporting.projection import Contents


class Command(BaseCommand):
    help = "Write one variant of a report as PDF: of a final one the stored bytes, else as the data stand now."

    def add_arguments(self, parser):
        parser.add_argument("report", type=int, metavar="ID")
        parser.add_argument("--variant", choices=Variant.values, default=Variant.PUBLIC)
        parser.add_argument("--output", type=Path, required=True, metavar="FILE")

    def handle(self, *, report, variant, output, **options):
        found = CouncilReport.objects.select_related("strategy").filter(pk=report).first()
        if found is None:
            raise CommandError(f"There is no report {report}.")
        pdf = self.stored(found, variant) if found.is_published else self.rendered(found, variant)
        output.write_bytes(pdf)
        self.stdout.write(f"{output}: {len(pdf)} bytes, SHA-256 {printed.digest(pdf)}")

    def stored(self, report, variant):
        document = ReportDocument.objects.filter(report=report, variant=variant).select_related("report").first()
        if document is None:
            raise CommandError("No document is stored for this final report.")
        try:
            return document.checked_bytes()
        except DamagedError as damage:
            raise CommandError(f"The stored bytes are damaged: {damage}") from damage

    def rendered(self, report, variant):
        return render(printed.read(printed.canonical(Contents.read(report).project(variant, versions()))))
