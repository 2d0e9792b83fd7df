"""What every address of the API has in common: who asks, in which strategy, what is asked, which version is meant."""

from functools import partial

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from . import repeating
from .authentication import actor_of
from .problems import Invalid, Outdated, VersionMissing

PAGING = {"cursor", "limit"}
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description=_("The ETag of what you have read.")
)


def named(rows, one, *, new="", edit="", row=None):
    """What the schema calls the operations of a view; ``row`` is what writing answers with."""
    operations = {"list": extend_schema(summary=rows), "retrieve": extend_schema(summary=one)}
    if new:
        operations["create"] = extend_schema(summary=new, responses={201: row})
    if edit:
        operations["partial_update"] = extend_schema(summary=edit, parameters=[IF_MATCH], responses={200: row})
    return extend_schema_view(**operations)


def refuse_unknown(query, known=()):
    """A question that is not understood gets no half answer: raise a problem that names each unknown parameter."""
    if unknown := {name: [_("There is no such parameter.")] for name in query if name not in known}:
        raise Invalid(unknown, part="query")


class Question(DjangoFilterBackend):
    """Filters of the page of the same name."""

    def filter_queryset(self, request, queryset, view):
        if view.action != "list":
            return queryset
        filters = self.get_filterset(request, queryset, view)
        known = set(filters.filters if filters else ()) | PAGING | set(view.further_parameters)
        refuse_unknown(request.query_params, known)
        if filters is None:
            return queryset
        if not filters.is_valid():
            raise Invalid(filters.errors, part="query")
        return filters.qs

    def get_filterset_kwargs(self, request, queryset, view):
        return {"data": request.query_params, "queryset": queryset, **view.get_filter_options(queryset)}


class InStrategy(GenericViewSet):
    """Rows of the strategy in the address, as ``row_class`` tells them."""

    row_class = None
    body_class = None
    new_body_class = None  # where a new row asks for more than one that is edited
    filter_backends = [Question]
    further_parameters = ()
    list_permission = ""  # where not everybody in the strategy sees the list as such
    ordering = ("pk",)

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        self.actor = actor_of(request)
        self.strategy = request._request.strategy = self.actor.strategy_at(kwargs["slug"])
        if self.strategy is None:
            raise Http404
        if request.method == "POST" and repeating.HEADER in request.headers:
            self.post = partial(repeating.once, self.post)

    def get_serializer_class(self):
        bodies = {"create": self.new_body_class or self.body_class, "partial_update": self.body_class}
        return bodies.get(self.action, self.row_class)

    def get_ordering(self):
        return self.ordering

    def get_filter_options(self, queryset):
        """What the filters are made with, beside query and rows."""
        return {}

    def require(self, permission, row=None):
        if not self.actor.has_perm(permission, row):
            raise PermissionDenied(permission)

    # Reading

    def list(self, request, *args, **kwargs):
        if self.list_permission:
            self.require(self.list_permission, self.strategy)
        found = self.row_class.select(self.filter_queryset(self.get_queryset()), *self.sorting_columns())
        page = self.paginate_queryset(found)
        return self.get_paginated_response(self.row_class.tell(page, self))

    def sorting_columns(self):
        return [self.get_ordering()[0].lstrip("-")]

    def retrieve(self, request, *args, **kwargs):
        refuse_unknown(request.query_params)
        return self.answer(self.lookup())

    def lookup(self):
        """{column: value} of the row in the address. Raises Http404 for what no database takes."""
        value = self.kwargs[self.lookup_field]
        if "\0" in str(value):
            raise Http404
        return {self.lookup_field: value}

    def told(self, **which):
        """The row as it is told now. Raises Http404."""
        found = list(self.row_class.select(self.get_queryset().filter(**which)))
        if not found:
            raise Http404
        return self.row_class.tell(found, self)[0]

    def found_or_404(self, rows):
        """The one row found, as an object. Raises Http404."""
        row = rows.first()
        if row is None:
            raise Http404
        return row

    def answer(self, which, status=200):
        told = self.told(**which)
        headers = {"ETag": etag_of(told)} if "version" in told else {}
        return Response(told, status=status, headers=headers)

    # Writing

    def body(self, request, body_class=None, **options):
        """What was sent, by its names. Raises a problem that names each place."""
        body = (body_class or self.get_serializer_class())(data=request.data, **options)
        body.is_valid(raise_exception=True)
        return body.validated_data

    def version_meant(self, request, which):
        """The version the writer has read. Raises where none is named, or one that was never ours."""
        named = request.headers.get("If-Match", "").strip()
        if not named or named == "*":
            raise VersionMissing
        text = named.removeprefix("W/").strip('"')
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise Outdated(self.told(**which))
        return int(text)


def etag_of(told):
    return f'"{told["version"]}"'


class NothingHere(APIView):
    """An address below the API that leads nowhere."""

    authentication_classes = ()
    permission_classes = ()
    schema = None

    def initial(self, request, *args, **kwargs):
        raise Http404
