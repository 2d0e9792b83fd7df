"""OParl 1.1 for released council reports: anybody may ask, nobody signs in, nothing can be written."""

import hashlib
import json
from datetime import datetime

import structlog
from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.dateparse import parse_datetime
from django.utils.http import content_disposition_header, http_date, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions
from rest_framework.views import APIView

from reporting import released
from reporting.files.oparl import SCHEMA
from reporting.models.build import DamagedError
from strategy.api.limits import PerAddress
from strategy.letters import absolute

from . import oparl_shapes as shapes

log = structlog.get_logger(__name__)

PAGE = 100
KEPT_FOR = 5 * 60  # seconds for which a copy may be used unasked: what is withdrawn is gone after them everywhere
#: {name in the address: the standard's word} of lists of what a council information system keeps and we do not.
KEPT_ELSEWHERE = {
    "organizations": "organization",
    "persons": "person",
    "meetings": "meeting",
    "agenda-items": "agendaItem",
    "memberships": "membership",
    "locations": "locationList",
    "legislative-terms": "legislativeTermList",
}
KEPT_HERE = {"papers": "paper", "files": "file", "consultations": "consultation"}
MOMENTS = ("created_since", "created_until", "modified_since", "modified_until")


class Gone(exceptions.APIException):
    status_code = 410
    default_detail = gettext_lazy("This has been withdrawn.")


class Damaged(exceptions.APIException):
    """Somebody has to look at the storage; nobody gets bytes that are not the ones approved."""

    status_code = 500
    default_detail = gettext_lazy("The stored file is damaged. The portal's operators have been told.")


class Public(APIView):
    """What all these addresses have in common; mistakes are told as the standard wants them told."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (PerAddress,)
    http_method_names = ("get", "head", "options")

    def dispatch(self, request, *args, **kwargs):
        with override(settings.LANGUAGE_CODE):
            answer = super().dispatch(request, *args, **kwargs)
        answer["Access-Control-Allow-Origin"] = "*"  # the standard wants pages of others to ask, too
        return answer

    def options(self, request, *args, **kwargs):
        raise exceptions.MethodNotAllowed(request.method)

    def get_exception_handler(self):
        return told_as_error

    def answer(self, said, modified=None):
        content = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
        answer = HttpResponse(content, content_type="application/json")
        return self.kept(answer, hashlib.sha256(content).hexdigest(), modified)

    def kept(self, answer, checksum, modified=None):
        """The answer, or 304 where the asker has it already."""
        stamp = modified and int(modified.timestamp())
        answer["ETag"] = f'"{checksum}"'
        if stamp:
            answer["Last-Modified"] = http_date(stamp)
        patch_cache_control(answer, public=True, max_age=KEPT_FOR)
        return get_conditional_response(self.request, answer["ETag"], stamp, answer)

    def entry(self, entry):
        return self.answer(entry.said(), entry.modified)


def told_as_error(problem, context):
    if isinstance(problem, Http404):
        problem = exceptions.NotFound()
    if isinstance(problem, DamagedError):
        log.error("released_document_damaged", damage=str(problem))
        problem = Damaged()
    if not isinstance(problem, exceptions.APIException):
        return None
    said = {"type": f"{SCHEMA}Error", "message": str(problem.detail), "debug": type(problem).__name__}
    answer = HttpResponse(json.dumps(said, ensure_ascii=False), "application/json", status=problem.status_code)
    if wait := getattr(problem, "wait", None):
        answer["Retry-After"] = str(int(wait) + 1)
    return answer


def operation(name, summary, shape, **more):
    answers = {200: shape} | dict.fromkeys((400, 404, 406, 429, 500), shapes.Error) | WITHOUT_A_WORD
    return extend_schema(operation_id=f"oparl_{name}", summary=summary, tags=["oparl"], responses=answers, **more)


WITHOUT_A_WORD = {
    304: OpenApiResponse(description=gettext_lazy("Nothing has changed since the copy you named.")),
    412: OpenApiResponse(description=gettext_lazy("What is here is not the copy that If-Match asks for.")),
}


class SystemView(Public):
    @operation("system", gettext_lazy("OParl: released reports, for everybody"), shapes.System)
    def get(self, request):
        return self.answer(released.system())


class BodyView(Public):
    @operation("body", gettext_lazy("The city"), shapes.Body)
    def get(self, request):
        return self.answer(said_of_body())


def said_of_body():
    return released.body({word: name for name, word in (KEPT_HERE | KEPT_ELSEWHERE).items()})


class PaperView(Public):
    @operation("paper", gettext_lazy("One paper"), shapes.Paper)
    def get(self, request, pk):
        return self.entry(owner_of(pk).paper)


class FileView(Public):
    @operation("file", gettext_lazy("One file of a paper, without its bytes"), shapes.File)
    def get(self, request, pk):
        owner, document = released_document(pk)
        ident = released.url("file", document.pk)
        return self.entry(next(entry for entry in owner.files if entry.ident == ident))


class ConsultationView(Public):
    @operation("consultation", gettext_lazy("One consultation of a paper"), shapes.Consultation)
    def get(self, request, pk, number):
        found = owner_of(pk).consultations[number - 1 : number] if number else []
        if not found:
            raise Http404
        return self.entry(found[0])


class Bytes(Public):
    """The stored bytes, checked against checksum and seal each time they are handed out."""

    @extend_schema(exclude=True)  # no JSON: the objects of the files lead here
    def get(self, request, pk, as_attachment):
        owner, document = released_document(pk)
        if not owner.report.is_released:
            raise Gone
        content = document.checked_bytes()
        document.projection().checked_bytes()
        answer = HttpResponse(content, content_type=document.mime)
        answer["Content-Disposition"] = content_disposition_header(as_attachment, document.filename)
        return self.kept(answer, document.sha256, owner.report.release_changed_at)


def owner_of(pk):
    owner = released.released(pk)
    if owner is None:
        raise Http404
    return owner


def released_document(pk):
    found = released.document_of(pk)
    if found is None:
        raise Http404
    return found


# Lists


def moment_parameter(name, words):
    return OpenApiParameter(name, datetime, description=words)


LIST_PARAMETERS = [
    moment_parameter("created_since", gettext_lazy("Released at this moment or later.")),
    moment_parameter("created_until", gettext_lazy("Released at this moment or earlier.")),
    moment_parameter("modified_since", gettext_lazy("Changed since; what has been withdrawn is told then, too.")),
    moment_parameter("modified_until", gettext_lazy("Changed at this moment or earlier.")),
    OpenApiParameter("page", int, description=gettext_lazy("Number of the page, from 1.")),
    OpenApiParameter("limit", int, description=gettext_lazy("Objects on a page, at most 100.")),
    OpenApiParameter("omit_internal", bool, description=gettext_lazy("Leave out the lists within the objects.")),
]


class ListView(Public):
    """A page of a list, filtered as the standard says."""

    omitted = ()  # the lists that ``omit_internal`` leaves out

    def entries(self):
        raise NotImplementedError

    def listed(self, request):
        found = Filtered(request.query_params)
        entries = [entry for entry in self.entries() if found.holds(entry)]
        page = Page(request, len(entries))
        shown = entries[page.first : page.first + page.size]
        said = [self.said(entry, request) for entry in shown]
        modified = max((entry.modified for entry in shown), default=None) if page.is_only else None
        return self.answer({"data": said, **page.said()}, modified)

    def said(self, entry, request):
        omitted = self.omitted if request.query_params.get("omit_internal") == "true" else ()
        return {name: value for name, value in entry.said().items() if name not in omitted}


class PaperList(ListView):
    omitted = ("auxiliaryFile", "location")
    entries = staticmethod(released.papers)

    @operation("papers", gettext_lazy("Papers"), shapes.list_of(shapes.Paper), parameters=LIST_PARAMETERS)
    def get(self, request):
        return self.listed(request)


class FileList(ListView):
    entries = staticmethod(released.files)

    @operation("files", gettext_lazy("Files of papers"), shapes.list_of(shapes.File), parameters=LIST_PARAMETERS)
    def get(self, request):
        return self.listed(request)


class ConsultationList(ListView):
    entries = staticmethod(released.consultations)

    @operation(
        "consultations",
        gettext_lazy("Consultations of papers"),
        shapes.list_of(shapes.Consultation),
        parameters=LIST_PARAMETERS,
    )
    def get(self, request):
        return self.listed(request)


class BodyList(Public):
    @operation("bodies", gettext_lazy("Bodies: the city alone"), shapes.list_of(shapes.Body))
    def get(self, request):
        page = Page(request, 1)
        return self.answer({"data": [said_of_body()][page.first :], **page.said()})


class EmptyList(ListView):
    """A list the standard asks for, of what the council information system keeps: always empty."""

    entries = staticmethod(list)

    @extend_schema(exclude=True)
    def get(self, request, kind):
        return self.listed(request)


class Nothing(Public):
    schema = None

    def initial(self, request, *args, **kwargs):
        raise Http404


class Filtered:
    """What a list is narrowed to. What is deleted is told to those alone who ask what has changed."""

    def __init__(self, query):
        self.moments = {name: moment_in(name, query[name]) for name in MOMENTS if name in query}

    def holds(self, entry):
        if entry.is_deleted and "modified_since" not in self.moments:
            return False
        return all(self.meets(entry, name, moment) for name, moment in self.moments.items())

    def meets(self, entry, name, moment):
        attribute, way = name.split("_")
        value = getattr(entry, attribute).replace(microsecond=0)  # as precise as it is told
        return value >= moment if way == "since" else value <= moment


def moment_in(name, text):
    """Raises a problem for all but a moment with its time zone; an unescaped plus arrives as a space."""
    try:
        moment = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise exceptions.ParseError(_("%(name)s needs a moment like 2026-10-31T12:00:00+01:00.") % {"name": name})
    return moment


class Page:
    """Which part of a list is asked for, and where the others are."""

    def __init__(self, request, total):
        self.request, self.total = request, total
        self.size = min(self.number("limit", PAGE), PAGE)
        self.count = max(1, -(-total // self.size))
        self.current = self.number("page", 1)
        if self.current > self.count:
            raise Http404

    @property
    def first(self):
        return (self.current - 1) * self.size

    @property
    def is_only(self):
        return self.count == 1

    def number(self, name, default):
        text = self.request.query_params.get(name, str(default))
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text)):
            raise exceptions.ParseError(_("%(name)s needs a number from 1.") % {"name": name})
        return int(text)

    def said(self):
        pages = {"first": 1, "self": self.current, "last": self.count}
        pages |= {"prev": self.current - 1} if self.current > 1 else {}
        pages |= {"next": self.current + 1} if self.current < self.count else {}
        figures = {"totalElements": self.total, "elementsPerPage": self.size}
        figures |= {"currentPage": self.current, "totalPages": self.count}
        return {"pagination": figures, "links": {name: self.url(number) for name, number in pages.items()}}

    def url(self, number):
        """With the filters of the page asked for, as the standard demands."""
        kept = (*MOMENTS, "limit", "omit_internal")
        query = {name: self.request.query_params[name] for name in kept if name in self.request.query_params}
        return absolute(f"{self.request.path}?{urlencode(query | {'page': number})}")
