"""The council paper as OParl 1.1 describes it, for a council information system: JSON about the paper and its files.

Only the public variant has one: what is not public is not published, and OParl knows no mark that would hold a
harvester back. OParl names people, bodies and offices by the addresses of objects that the portal does not keep; what
the paper says of them stands under names of our own, with the prefix the standard asks for.
"""

import hashlib
import json
from dataclasses import dataclass

from reporting.print.projection import Consultation, Projection, canonical, digest

from .package import moment_of

SCHEMA = "https://schema.oparl.org/1.1/"
DECIDES = "Beschlussfassung"
PREFIX = "worksttogether:"
CHECKSUM = f"{PREFIX}projectionSha256"


@dataclass(frozen=True)
class File:
    """A document of the report: where it is, what it is called, its bytes."""

    address: str
    title: str
    name: str
    mime: str
    content: bytes


@dataclass(frozen=True)
class Publisher:
    """The addresses of the city's Body in its council information system and of the licence; either may be empty."""

    body: str = ""
    licence: str = ""


def render(projection: Projection, home: str, files: list[File], publisher: Publisher) -> bytes:
    """The ``Paper`` as JSON. Takes the address of the report's page and its files, the main one first."""
    paper, moment, ident = projection.paper, moment_of(projection).isoformat(), f"{home}oparl/?variant=public"
    fields = projection.fields if projection.with_annexes else ()
    main, *others = [_file(file, n, moment, ident) for n, file in enumerate(files, 1)]
    said = {
        "id": ident,
        "type": f"{SCHEMA}Paper",
        "body": publisher.body,
        "name": paper.subject,
        "reference": " ".join([*paper.reference.removeprefix("GRDrs ").split(), *paper.supplement.split()]),
        "date": paper.dated_on,
        "paperType": paper.kind,
        "mainFile": main,
        "auxiliaryFile": others,
        "consultation": [_consultation(row, n, ident) for n, row in enumerate(paper.consultations, 1)],
        "license": publisher.licence,
        "keyword": [projection.strategy.name, *dict.fromkeys(field.title for field in fields)],
        "created": moment,
        "modified": moment,
        "web": home,
        f"{PREFIX}originator": list(paper.referate),
        f"{PREFIX}underDirection": projection.strategy.author,
        CHECKSUM: digest(canonical(projection)),
    }
    return json.dumps(_without_empty(said), ensure_ascii=False, indent=2, sort_keys=True).encode()


def _file(file, number, moment, paper):
    """Shown under ``accessUrl``, taken away under ``downloadUrl``: the standard wants both apart."""
    return {
        "id": f"{paper}#file-{number}",
        "type": f"{SCHEMA}File",
        "name": file.title,
        "fileName": file.name,
        "mimeType": file.mime,
        "date": moment,
        "size": len(file.content),
        "sha512Checksum": hashlib.sha512(file.content).hexdigest(),
        "accessUrl": f"{file.address}&inline=1",
        "downloadUrl": file.address,
        "created": moment,
        "modified": moment,
    }


def _consultation(row: Consultation, number, paper):
    said = {
        "id": f"{paper}#consultation-{number}",
        "type": f"{SCHEMA}Consultation",
        "authoritative": row.purpose == DECIDES,
        "role": row.purpose,
        f"{PREFIX}organization": row.body,
        f"{PREFIX}date": row.held_on,
        f"{PREFIX}public": row.is_public,
    }
    return _without_empty(said)


def _without_empty(said):
    """The standard asks to leave out what has no value."""
    return {name: value for name, value in said.items() if value not in ("", [], None)}


def checksum_in(content: bytes) -> str:
    """The checksum of the projection the paper says it was made from, else an empty text.

    Raises:
        ValueError: these are no bytes of a JSON object.
    """
    said = json.loads(content)
    if not isinstance(said, dict):
        raise ValueError("no JSON object")
    return said.get(CHECKSUM, "")
