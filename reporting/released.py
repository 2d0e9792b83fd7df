"""Released reports as OParl objects: what their sealed OParl documents say, under addresses that anybody can ask.

The document stored with a report names the portal's own pages, for whoever publishes it in a council information
system. Here the same words stand under ``/oparl/``. Nothing is read but the public variant: there is no way from
here to the other one.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import chain

from django.conf import settings
from django.urls import reverse

from reporting.files.oparl import SCHEMA
from reporting.models import CouncilReport, ReportDocument, Variant
from strategy.letters import absolute

Format = ReportDocument.Format
KIND_OF = {mime: kind for kind, mime in ReportDocument.MIME.items() if kind != Format.OPARL}


def url(name, *parts):
    return absolute(reverse(f"oparl:{name}", args=parts))


def written(moment):
    """As the standard writes moments: to the second, with the time zone."""
    return moment.isoformat(timespec="seconds")


@dataclass(frozen=True)
class Entry:
    """An object of a list: what lists are filtered by, and a function that says the whole of it."""

    ident: str
    kind: str
    created: datetime
    modified: datetime
    is_deleted: bool
    tell: object

    def said(self):
        frame = {"id": self.ident, "type": f"{SCHEMA}{self.kind}"}
        frame |= {"created": written(self.created), "modified": written(self.modified)}
        return frame | {"deleted": True} if self.is_deleted else self.tell() | frame


class Released:
    """One report that is released, or was."""

    def __init__(self, report, documents):
        self.report = report
        sealed = [one for one in documents if report.seal.get(one.seal_name) == one.sha256]
        self.documents = {one.format: one for one in sealed}

    @classmethod
    def find(cls, reports):
        """Of a queryset of reports, in the order of their numbers, in two questions."""
        reports = list(reports.once_released().select_related("strategy").order_by("pk"))
        by_report = {report.pk: [] for report in reports}
        for document in documents_of(reports):
            by_report[document.report_id].append(document)
        return [cls(report, by_report[report.pk]) for report in reports]

    def entry(self, kind, ident, tell):
        report = self.report
        moments = {"created": report.released_at, "modified": report.release_changed_at}
        return Entry(ident=ident, kind=kind, is_deleted=not report.is_released, tell=tell, **moments)

    @cached_property
    def said(self):
        """The sealed document. Raises DamagedError where its bytes are not those that were sealed."""
        stored = ReportDocument.objects.select_related("report").get(pk=self.documents[Format.OPARL].pk)
        return json.loads(stored.checked_bytes())

    # The paper and what it consists of

    @property
    def paper(self):
        return self.entry("Paper", self.ident, self.tell_paper)

    @property
    def ident(self):
        return url("paper", self.report.pk)

    def tell_paper(self):
        said = {name: value for name, value in self.said.items() if name not in ("web", "body")}
        main, *others = self.files
        said |= {"body": url("body"), "mainFile": main.said()}
        for name, entries in (("auxiliaryFile", others), ("consultation", self.consultations)):
            said |= {name: [entry.said() for entry in entries]} if entries else {}
        return said | self.relations

    @cached_property
    def relations(self):
        """A supplement names the paper it belongs to, as long as that one can be read."""
        above = self.report.supplement_to_id
        is_readable = above and CouncilReport.objects.filter(pk=above, is_released=True).exists()
        return {"superordinatedPaper": [url("paper", above)]} if is_readable else {}

    @cached_property
    def files(self):
        told = [self.said["mainFile"], *self.said.get("auxiliaryFile", [])]
        pairs = [(self.documents.get(KIND_OF.get(one["mimeType"])), one) for one in told]
        return [self.file_entry(document, one) for document, one in pairs if document]

    def file_entry(self, document, told):
        def tell():
            places = {
                name: url(way, document.pk) for name, way in (("accessUrl", "access"), ("downloadUrl", "download"))
            }
            return told | places | {"paper": [self.ident]}

        return self.entry("File", url("file", document.pk), tell)

    @cached_property
    def consultations(self):
        told = enumerate(self.said.get("consultation", []), 1)
        return [self.consultation_entry(number, one) for number, one in told]

    def consultation_entry(self, number, told):
        ident = url("consultation", self.report.pk, number)
        return self.entry("Consultation", ident, lambda: told | {"paper": self.ident})


def documents_of(reports):
    """The public documents of these reports, without their bytes."""
    public = ReportDocument.objects.filter(report__in=reports, variant=Variant.PUBLIC)
    return public.without_bytes().order_by("-build__number")


def papers():
    return [one.paper for one in Released.find(CouncilReport.objects.all())]


def files():
    return list(chain.from_iterable(one.files for one in Released.find(CouncilReport.objects.all())))


def consultations():
    return list(chain.from_iterable(one.consultations for one in Released.find(CouncilReport.objects.all())))


def released(pk):
    """The report of that number that is or was released, or None."""
    return next(iter(Released.find(CouncilReport.objects.filter(pk=pk))), None)


def document_of(pk):
    """(report, document) of a file of a released report, or of one that was; else None."""
    found = ReportDocument.objects.filter(pk=pk, variant=Variant.PUBLIC).exclude(format=Format.OPARL).first()
    owner = found and released(found.report_id)
    is_sealed = owner and owner.documents.get(found.format) == found
    return (owner, found) if is_sealed else None


# What stands around them


def system():
    said = {
        "id": url("system"),
        "type": f"{SCHEMA}System",
        "oparlVersion": SCHEMA,
        "body": url("bodies"),
        "name": f"worksttogether, {settings.OPARL_NAME}",
        "website": settings.BASE_URL,
    }
    return said | licence()


def body(lists):
    """The city. Takes the names of all lists it has to name, by the standard's word for them."""
    said = {
        "id": url("body"),
        "type": f"{SCHEMA}Body",
        "system": url("system"),
        "name": settings.OPARL_NAME,
        "legislativeTerm": [],
    }
    equal = {"equivalent": [settings.OPARL_BODY]} if settings.OPARL_BODY else {}
    return said | {word: url(name) for word, name in lists.items()} | equal | licence()


def licence():
    return {"license": settings.OPARL_LICENCE} if settings.OPARL_LICENCE else {}
