"""Office files are zip archives that carry the moment of their making; here equal contents give equal bytes."""

import io
import re
from datetime import date, datetime, time
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo
from zoneinfo import ZoneInfo

STUTTGART = ZoneInfo("Europe/Berlin")
FIRST = (1980, 1, 1, 0, 0, 0)  # the earliest moment a zip archive knows
PROPERTIES = "docProps/core.xml"
LONGEST_PROPERTY = 255  # characters the format allows
IDENTIFIER = re.compile(rb"<dc:identifier[^>]*>sha256:([0-9a-f]{64})</dc:identifier>")
CHANGED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")


def moment_of(projection):
    """The day of the data as a moment: what a file says of its own age without knowing when it was made."""
    return datetime.combine(date.fromisoformat(projection.as_of), time(), STUTTGART)


def packed(content: bytes, moment) -> bytes:
    """The same archive with its entries in order and without the moment of their writing; it says ``moment``."""
    said = moment.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    out = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as made, ZipFile(out, "w") as kept:
        for name in sorted(made.namelist(), key=_content_types_first):
            data = made.read(name)
            if name == PROPERTIES:
                data = CHANGED.sub(rb"\g<1>" + said, data)
            entry = ZipInfo(name, FIRST)
            entry.compress_type = ZIP_DEFLATED
            kept.writestr(entry, data)
    return out.getvalue()


def _content_types_first(name):
    return name != "[Content_Types].xml", name


def identifier(checksum):
    """What an office file's properties say of the projection it was made from."""
    return f"sha256:{checksum}"


def checksum_in(content: bytes) -> str:
    """The checksum of the projection an office file says it was made from, else an empty text.

    Raises:
        zipfile.BadZipFile: these are no bytes of an office file.
    """
    with ZipFile(io.BytesIO(content)) as made:
        found = IDENTIFIER.search(made.read(PROPERTIES)) if PROPERTIES in made.namelist() else None
    return found[1].decode() if found else ""
