from .build import Projection, ReportBuild, ReportDocument, ReportDownload, Variant
from .consultation import Annex, Consultation, Signature
from .cosignature import CoSignature
from .report import CouncilReport, EditConflict

__all__ = [
    "Annex",
    "CoSignature",
    "Consultation",
    "CouncilReport",
    "EditConflict",
    "Projection",
    "ReportBuild",
    "ReportDocument",
    "ReportDownload",
    "Signature",
    "Variant",
]
