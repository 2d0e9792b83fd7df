"""``Idempotency-Key``: a program that has not heard the answer sends the same once more and changes nothing by it."""

import hashlib
import json

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from strategy.models import KeptAnswer

from .problems import Invalid

HEADER, REPLAYED = "Idempotency-Key", "Idempotent-Replayed"
LONGEST_KEY = 255
HEADERS = {"ETag": "etag", "Location": "location"}  # kept beside the body
EXAMPLE = "3f7a8a52-7f2e-4a87-9d4c-8d7e0f3c2b11"


def once(handler, request, *args, **kwargs):
    """Answer as the first time; what was refused has changed nothing and is tried anew.

    The row of the key is written in the transaction of the deed, so that there is never one without the other. Raises
    a problem where the key has been used for something else.
    """
    key, asked = key_of(request), asked_by(request)
    with transaction.atomic():
        kept, is_first = KeptAnswer.objects.claim(request.user, key, asked)
        if is_first:
            answer = handler(request, *args, **kwargs)
            keep(kept, answer)
            return answer
    if kept.asked != asked:
        raise Invalid({HEADER: [_("This key has been used for another request.")]}, part="header")
    headers = {REPLAYED: "true"} | {name: getattr(kept, column) for name, column in HEADERS.items()}
    headers = {name: text for name, text in headers.items() if text}
    return Response(json.loads(kept.body) if kept.body else None, status=kept.status, headers=headers)


def key_of(request):
    key = request.headers[HEADER]
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise ParseError(_("An Idempotency-Key has 1 to 255 plain characters."))
    return key


def asked_by(request):
    told = f"{request.method} {request.get_full_path()}\n".encode() + request.body
    return hashlib.sha256(told).hexdigest()


def keep(kept, answer):
    kept.status = answer.status_code
    for name, column in HEADERS.items():
        setattr(kept, column, answer.headers.get(name, ""))
    kept.body = "" if answer.data is None else JSONRenderer().render(answer.data).decode()
    kept.save(update_fields=["status", "body", *HEADERS.values()])


def parameter():
    """What the schema says of the header."""
    words = _(
        "Yours to choose, a UUID for example. Sent again with the same body within 24 hours, the request changes "
        "nothing more and is answered as the first time; with another body it is refused (422)."
    )
    shape = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY}
    return {"name": HEADER, "in": "header", "schema": shape, "description": str(words), "example": EXAMPLE}
