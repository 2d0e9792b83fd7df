"""What programs send."""

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class Json(JSONParser):
    """JSON as deep as Python reads it: what lies deeper is a mistake of the sender, not of ours."""

    def parse(self, stream, media_type=None, parser_context=None):
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as problem:
            raise ParseError(_("This is nested too deeply.")) from problem
