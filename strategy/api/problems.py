"""What has gone wrong, as RFC 9457 wants it told: ``application/problem+json``."""

from http import HTTPStatus

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, RequestDataTooBig, ValidationError
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.settings import api_settings

from strategy.models import EditConflict

MEDIA_TYPE = "application/problem+json"
NO_FIELD = api_settings.NON_FIELD_ERRORS_KEY


class Invalid(exceptions.APIException):
    """What was sent is understood and wrong: {where: [messages]}, where being a field of the body or a parameter.

    What concerns no field alone stands at the root.
    """

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = _("Something in it is not right.")

    def __init__(self, reasons, part="body"):
        super().__init__()
        self.reasons = {"" if name == NON_FIELD_ERRORS else name: messages for name, messages in reasons.items()}
        self.part = part


class VersionMissing(exceptions.APIException):
    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_detail = _("Please send the ETag of what you have read as If-Match: somebody may have saved since.")


class Conflict(exceptions.APIException):
    """Right and well-formed, and yet not possible as things stand."""

    status_code = status.HTTP_409_CONFLICT


class Outdated(exceptions.APIException):
    """Somebody else has saved since; ``current`` is what is stored now."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = _("Somebody else has saved this since you read it.")

    def __init__(self, current):
        super().__init__()
        self.current = current


def handle(exception, context):
    """The answer to an exception raised while the API worked, or None for one that is a fault of ours."""
    problem = problem_of(exception)
    if problem is None:
        return None
    answer = Response(as_json(problem), status=problem.status_code, content_type=MEDIA_TYPE)
    if header := getattr(problem, "auth_header", None):
        answer["WWW-Authenticate"] = header
    if wait := getattr(problem, "wait", None):
        answer["Retry-After"] = str(int(wait) + 1)
    return answer


def problem_of(exception):
    if isinstance(exception, exceptions.ValidationError):
        return Invalid(flattened(exception.detail))
    if isinstance(exception, exceptions.APIException):
        return exception
    if isinstance(exception, Http404):
        return exceptions.NotFound()
    if isinstance(exception, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(exception, RequestDataTooBig):
        return too_large()
    if isinstance(exception, EditConflict):
        return Outdated(None)
    if isinstance(exception, ValidationError):
        return refused(exception)
    return None


def too_large():
    problem = exceptions.APIException(_("This is too large."))
    problem.status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    return problem


def refused(violation):
    """A rule of the house: at the fields it names, else because of the state things are in."""
    if hasattr(violation, "error_dict"):
        return Invalid(violation.message_dict)
    return Conflict(" ".join(violation.messages))


def flattened(detail, path=""):
    """{path: [messages]} of the nested errors of a serializer."""
    if isinstance(detail, dict):
        found = {}
        for name, value in detail.items():
            found |= flattened(value, path if name == NO_FIELD else f"{path}/{name}" if path else str(name))
        return found
    if isinstance(detail, list) and any(isinstance(one, dict) for one in detail):
        found = {}
        for number, one in enumerate(detail):
            found |= flattened(one, f"{path}/{number}")
        return found
    return {path: [str(message) for message in detail]} if detail else {}


def as_json(problem):
    told = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status_code).phrase,
        "status": problem.status_code,
        "detail": str(problem.detail),
    }
    if isinstance(problem, Invalid):
        told["errors"] = [
            {
                place_of(problem): printable(f"/{name}" if problem.part == "body" and name else name),
                "detail": printable(message),
            }
            for name, messages in problem.reasons.items()
            for message in messages
        ]
    if isinstance(problem, Outdated) and problem.current is not None:
        told["current"] = problem.current
    return told


def place_of(problem):
    return {"body": "pointer", "header": "header"}.get(problem.part, "parameter")


def printable(text):
    """What was sent is told back; half a character, which JSON can name, could not be written."""
    return str(text).encode(errors="backslashreplace").decode()
