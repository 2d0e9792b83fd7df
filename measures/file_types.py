"""What a file is, told by its content and never by its name; nothing is unpacked on the way.

Signatures: PDF (ISO 32000-1, 7.5.2), PNG (ISO/IEC 15948, 5.2), JPEG (ITU-T T.81, B.1.1.3), ZIP (APPNOTE 4.3.7);
office files by the parts that ECMA-376 part 2 and OpenDocument 1.3 part 2, 3.3 prescribe.
"""

import re
import zipfile
import zlib

PDF, PNG, JPEG, TEXT = "application/pdf", "image/png", "image/jpeg", "text/plain"
_OFFICE = "application/vnd.openxmlformats-officedocument"
DOCX = f"{_OFFICE}.wordprocessingml.document"
XLSX = f"{_OFFICE}.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"

EXTENSIONS = {
    PDF: ("pdf",),
    PNG: ("png",),
    JPEG: ("jpg", "jpeg"),
    DOCX: ("docx",),
    XLSX: ("xlsx",),
    ODT: ("odt",),
    ODS: ("ods",),
    TEXT: ("txt", "csv", "md"),
}
SIGNATURES = {b"%PDF-": PDF, b"\x89PNG\r\n\x1a\n": PNG, b"\xff\xd8\xff": JPEG}
MAIN_PARTS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
LONGEST_SIGNATURE = 8

MOST_ENTRIES = 2_000
MOST_UNPACKED = 200 * 1024 * 1024
MOST_RATIO = 100  # of unpacked to packed bytes; office files stay below 30, bombs begin at 1000
NOT_TEXT = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def content_type_of(file) -> str | None:
    """The media type of an open binary file, or None where it is nothing we take. Reads from the beginning."""
    file.seek(0)
    head = file.read(LONGEST_SIGNATURE)
    for signature, content_type in SIGNATURES.items():
        if head.startswith(signature):
            return content_type
    if head.startswith(b"PK\x03\x04"):
        return _office_type(file)
    return TEXT if head and _is_text(file) else None


def fits(name: str, content_type: str) -> bool:
    """Whether the name ends as files of that type do."""
    return name.rpartition(".")[2].casefold() in EXTENSIONS[content_type]


def _is_text(file):
    file.seek(0)
    content = file.read()
    if NOT_TEXT.search(content):
        return False
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _office_type(file):
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if _is_bomb(entries) or _has_macros(entries):
                return None
            return _type_by_entries(archive, {entry.filename for entry in entries})
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, EOFError, OSError):
        return None  # damaged, encrypted, or a compression that no office program writes


def _is_bomb(entries):
    packed, unpacked = (sum(getattr(entry, size) for entry in entries) for size in ("compress_size", "file_size"))
    return len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * max(packed, 1)


def _has_macros(entries):
    return any(entry.filename.casefold().endswith("vbaproject.bin") for entry in entries)


def _type_by_entries(archive, names):
    if "[Content_Types].xml" in names:
        return next((kind for part, kind in MAIN_PARTS.items() if part in names), None)
    if "mimetype" in names and "content.xml" in names:
        return _open_document_type(archive)
    return None


def _open_document_type(archive):
    with archive.open("mimetype") as entry:
        declared = entry.read(100).decode("ascii", "replace")
    return declared if declared in (ODT, ODS) else None
