from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from reporting.documents import Format, rendered
from reporting.models import CouncilReport, ReportDocument, Variant
from reporting.models.build import DamagedError
from reporting.print import projection as printed
from reporting.print.render import versions
from reporting.projection import Contents


class Command(BaseCommand):
    help = "Write one variant of a report as a file: of a final one the stored bytes, else as the data stand now."

    def add_arguments(self, parser):
        parser.add_argument("report", type=int, metavar="ID")
        parser.add_argument("--variant", choices=Variant.values, default=Variant.PUBLIC)
        parser.add_argument("--format", dest="kind", choices=Format.values, default=Format.PDF)
        parser.add_argument("--output", type=Path, required=True, metavar="FILE")

    def handle(self, *, report, variant, kind, output, **options):
        found = CouncilReport.objects.select_related("strategy").filter(pk=report).first()
        if found is None:
            raise CommandError(f"There is no report {report}.")
        content = self.stored(found, variant, kind) if found.is_published else self.made(found, variant, kind)
        output.write_bytes(content)
        self.stdout.write(f"{output}: {len(content)} bytes, SHA-256 {printed.digest(content)}")

    def stored(self, report, variant, kind):
        documents = ReportDocument.objects.filter(report=report, variant=variant, format=kind)
        document = documents.select_related("report").first()
        if document is None:
            raise CommandError("No such document is stored for this final report.")
        try:
            return document.checked_bytes()
        except DamagedError as damage:
            raise CommandError(f"The stored bytes are damaged: {damage}") from damage

    def made(self, report, variant, kind):
        projection = printed.read(printed.canonical(Contents.read(report).project(variant, versions())))
        files = rendered(projection, report.get_absolute_url())
        if kind not in files:
            raise CommandError(f"The {variant} variant has no {Format(kind).label} file.")
        return files[kind]
