"""All files of one variant of a report, each from its projection alone; and what a stored file was made from."""

import io
import zipfile

import pikepdf

from reporting.files import word, workbook
from reporting.files.package import checksum_in
from reporting.models import ReportDocument
from reporting.print.render import ATTACHMENT, render

Format = ReportDocument.Format

PDF_SHARE = 0.8  # of the time, as measured with 48 measures


def rendered(projection, progress=lambda phase, share: None):
    """{format: bytes} of every format this variant has. Calls ``progress`` as the PDF's ``render`` does."""
    files = {Format.PDF: render(projection, lambda phase, share: progress(phase, share * PDF_SHARE))}
    files |= {Format.WORD: word.render(projection), Format.SHEET: workbook.render(projection)}
    progress("writing", 1)
    return files


def shows(document, projection):
    """Whether the stored file says it was made from the stored projection."""
    content = bytes(document.content)
    if document.format == Format.PDF:
        return _attached(content) == bytes(projection.content)
    return _checksum(content) == projection.sha256


def _attached(content):
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            found = pdf.attachments.get(ATTACHMENT)
            return found.get_file().read_bytes() if found else None
    except pikepdf.PdfError:
        return None


def _checksum(content):
    try:
        return checksum_in(content)
    except zipfile.BadZipFile:
        return None
