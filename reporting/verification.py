"""Whether what is stored is still what was stored: bytes, seals, and the projection inside the PDF."""

import io

import pikepdf

from reporting.models import Projection, ReportDocument
from reporting.models.build import DamagedError

ATTACHED = "datenstand.json"


def damages(report):
    """Sentences on what is wrong with a report's stored bytes, none where all is sound."""
    projections = {row.variant: row for row in Projection.objects.filter(report=report).select_related("report")}
    documents = list(ReportDocument.objects.filter(report=report).select_related("report"))
    rows = [*projections.values(), *documents]
    found = [f"{row.seal_name}: not the bytes that were stored" for row in rows if not is_sound(row)]
    missing = sorted(report.seal.keys() - {row.seal_name for row in rows}) if report.is_published else []
    found += [f"{name}: missing" for name in missing]
    for document in documents:
        if is_sound(document) and not shows(document, projections.get(document.variant)):
            found.append(f"{document.seal_name}: made from another projection")
    if report.is_published and not report.seal:
        found.append("no documents were sealed")
    return found


def is_sound(row):
    try:
        row.checked_bytes()
    except DamagedError:
        return False
    return True


def shows(document, projection):
    """Whether the projection attached to the PDF is the stored one."""
    try:
        with pikepdf.open(io.BytesIO(bytes(document.content))) as pdf:
            attached = pdf.attachments.get(ATTACHED)
            data = attached.get_file().read_bytes() if attached else None
    except pikepdf.PdfError:
        return False
    return projection is not None and data == bytes(projection.content)
