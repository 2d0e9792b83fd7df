"""Whether what is stored is still what was stored: bytes, seals, and the projection each file was made from."""

from reporting.documents import shows
from reporting.models import Projection, ReportDocument
from reporting.models.build import DamagedError


def damages(report):
    """Sentences on what is wrong with a report's stored bytes, none where all is sound."""
    projections = {row.variant: row for row in Projection.objects.filter(report=report).select_related("report")}
    documents = list(ReportDocument.objects.filter(report=report).select_related("report"))
    rows = [*projections.values(), *documents]
    found = [f"{row.seal_name}: not the bytes that were stored" for row in rows if not is_sound(row)]
    missing = sorted(report.seal.keys() - {row.seal_name for row in rows}) if report.is_published else []
    found += [f"{name}: missing" for name in missing]
    for document in filter(is_sound, documents):
        projection = projections.get(document.variant)
        if projection is None or not shows(document, projection):
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
