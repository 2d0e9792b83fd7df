"""Pages that stay right while rows come and go: each begins after the last row of the one before."""

from django.core import signing
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.utils.urls import replace_query_param

from .problems import Invalid


class SignedCursor(CursorPagination):
    """Cursors are ours alone, each for one list and order: the database is asked nothing it does not understand."""

    page_size = 100
    page_size_query_param = "limit"
    max_page_size = 500
    invalid_cursor_message = _("There is no such page.")
    cursor_query_description = _("Where the page begins: taken from “next” or “previous” of another one.")
    page_size_query_description = _("Rows on a page, at most 500.")
    limit_message = _("A number from 1 to %(most)d, please.")

    @property
    def salt(self):
        return ":".join(("api.cursor", self.request.path, *self.ordering))

    def get_ordering(self, request, queryset, view):
        return view.get_ordering()

    def get_page_size(self, request):
        text = request.query_params.get(self.page_size_query_param)
        if text is None:
            return self.page_size
        if text.isascii() and text.isdecimal() and len(text) <= 3 and 1 <= int(text) <= self.max_page_size:
            return int(text)
        raise Invalid({self.page_size_query_param: [self.limit_message % {"most": self.max_page_size}]}, part="query")

    def get_schema_operation_parameters(self, view):
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] |= {"minimum": 1, "maximum": self.max_page_size}
        return parameters

    def encode_cursor(self, cursor):
        text = signing.dumps([cursor.offset, cursor.reverse, cursor.position], salt=self.salt, compress=True)
        return replace_query_param(self.base_url, self.cursor_query_param, text)

    def decode_cursor(self, request):
        text = request.query_params.get(self.cursor_query_param)
        if text is None:
            return None
        try:
            return Cursor(*signing.loads(text, salt=self.salt))
        except signing.BadSignature as problem:
            raise NotFound(self.invalid_cursor_message) from problem
