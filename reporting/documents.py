"""All files of one variant of a report, each from its projection alone; and what a stored file was made from."""

import io
import zipfile

import pikepdf
from django.conf import settings

from reporting.files import oparl, package, word, workbook
from reporting.models import ReportDocument, Variant
from reporting.models.build import file_name
from reporting.print.render import ATTACHMENT, render

Format = ReportDocument.Format

PDF_SHARE = 0.85  # of the time, as measured with 48 measures
TITLES = {Format.PDF: "Vorlage mit Anlagen", Format.WORD: "Vorlage mit Anlagen (Word)", Format.SHEET: "Tabellen"}


def rendered(projection, page, progress=lambda phase, share: None):
    """{format: bytes} of every format this variant has.

    Takes the path of the report's page, which its OParl paper names; calls ``progress`` as the PDF's ``render`` does.
    """
    files = {Format.PDF: render(projection, lambda phase, share: progress(phase, share * PDF_SHARE))}
    files |= {Format.WORD: word.render(projection), Format.SHEET: workbook.render(projection)}
    if projection.variant == Variant.PUBLIC:
        files[Format.OPARL] = published(projection, f"{settings.BASE_URL}{page}", files)
    progress("writing", 1)
    return files


def published(projection, home, files):
    paper = projection.paper
    title = " ".join(filter(None, [paper.reference or "report", paper.supplement]))
    described = [
        oparl.File(
            address=f"{home}{kind}/?variant={projection.variant}",
            title=TITLES[kind],
            name=file_name(title, projection.variant, kind),
            mime=ReportDocument.MIME[kind],
            content=content,
        )
        for kind, content in files.items()
    ]
    return oparl.render(projection, home, described, oparl.Publisher(settings.OPARL_BODY, settings.OPARL_LICENCE))


def shows(document, projection):
    """Whether the stored file says it was made from the stored projection."""
    content = bytes(document.content)
    try:
        if document.format == Format.PDF:
            return _attached(content) == bytes(projection.content)
        reader = oparl if document.format == Format.OPARL else package
        return reader.checksum_in(content) == projection.sha256
    except (pikepdf.PdfError, zipfile.BadZipFile, ValueError):
        return False


def _attached(content):
    with pikepdf.open(io.BytesIO(content)) as pdf:
        found = pdf.attachments.get(ATTACHMENT)
        return found.get_file().read_bytes() if found else None
