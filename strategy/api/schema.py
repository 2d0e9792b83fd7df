"""What the schema says of every operation alike."""

import json
import re

from django.utils.translation import gettext_lazy as _

from .problems import MEDIA_TYPE
from .repeating import parameter

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "pointer": {"type": "string"},
                    "parameter": {"type": "string"},
                    "header": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        "current": {"type": "object", "additionalProperties": True},
    },
    "example": {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "Something in it is not right.",
        "errors": [{"pointer": "/progress", "detail": "Progress lies between 0 and 100 percent."}],
    },
}
ALWAYS = {
    "401": _("No token, or one that does not hold."),
    "403": _("To be seen, but not with these rights."),
    "404": _("Not there, or not to be seen with these rights."),
    "406": _("Only JSON is spoken here."),
    "429": _("Too many requests; Retry-After says when to go on."),
}
OF_LISTS = {"422": _("A parameter is not understood.")}
OF_WRITING = {
    "400": _("This is not JSON."),
    "409": _("Not possible as things stand."),
    "413": _("This is too large."),
    "415": _("Only JSON is understood."),
    "422": _("Something in it is not right; the errors name the places."),
}
OF_EDITING = {
    "412": _("Somebody else has saved since; “current” is what is stored now."),
    "428": _("The ETag is missing."),
}


def with_problems(result, generator, request, public):
    """Name the answers that tell of a problem, operation by operation."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            if method == "post":
                operation.setdefault("parameters", []).append(parameter())
            for status, words in problems_of(path, method, operation).items():
                operation["responses"].setdefault(status, answer_of(words))
    return result


def problems_of(path, method, operation):
    if not operation.get("security"):
        return {}  # who asks no sign-in tells of problems in words of its own
    found = dict(ALWAYS)
    if method == "get" and operation.get("parameters"):
        found |= OF_LISTS
    if method in ("post", "patch", "delete"):
        found |= OF_WRITING
    if any(parameter["name"] == "If-Match" for parameter in operation.get("parameters", ())):
        found |= OF_EDITING
    return found


def answer_of(words):
    return {
        "description": str(words),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


# The schema as chapters of a page

NOTHING = "\N{EN DASH}"
CHOICE = re.compile(r"\s*\* `([^`]*)` - ([^\n]*)")  # as the framework lists what may be chosen


def chapters_of(schema):
    """[{name, title, operations}]: each operation with its parameters, what is sent and what is answered."""
    chapters, components = {}, schema["components"]["schemas"]
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            name = operation["tags"][0]
            told = {
                "id": operation["operationId"],
                "method": method.upper(),
                "path": path,
                "summary": operation.get("summary", ""),
                "parameters": operation.get("parameters", []),
                "body": fields_of(content_of(operation.get("requestBody")), components),
                "sent": example_in(operation.get("requestBody")),
                "answers": answers_of(operation, components),
            }
            first = {"name": name, "title": told["summary"], "operations": []}  # the list, which bears the kind's name
            chapters.setdefault(name, first)["operations"].append(told)
    return list(chapters.values())


def answers_of(operation, components):
    """[{status, words, fields}]: what a good answer holds, and what the others mean."""
    return [
        {
            "status": status,
            "words": answer.get("description", ""),
            "fields": fields_of(content_of(answer), components) if status.startswith("2") else [],
            "example": example_in(answer) if status.startswith("2") else "",
        }
        for status, answer in sorted(operation["responses"].items())
    ]


def example_in(part):
    """As it goes over the line, for people to read."""
    media = (part or {}).get("content", {}).get("application/json", {})
    return json.dumps(media["example"], ensure_ascii=False, indent=2) if "example" in media else ""


def content_of(part):
    media = (part or {}).get("content", {}).get("application/json")
    return media and media["schema"]


def fields_of(schema, components):
    """[{name, kind, is_needed, words, choices}] of an object, or of the rows of a page of them."""
    found = resolved(schema, components)
    rows = found.get("properties", {}).get("results", {})
    if "items" in rows:
        found = resolved(rows["items"], components)
    needed = found.get("required", ())
    return [
        {"name": name, "is_needed": name in needed, **described(one, components)}
        for name, one in found.get("properties", {}).items()
    ]


def described(field, components):
    whole = resolved(field, components)
    kind = whole.get("format") or whole.get("type", "")
    if whole.get("type") == "array":
        kind = f"[{described(whole['items'], components)['kind']}]"
    words = field.get("description") or whole.get("description", "")
    return {
        "kind": kind,
        "words": CHOICE.sub(lambda found: f" {found[1] or NOTHING}: {found[2]};", words).strip(" ;"),
        "choices": [] if CHOICE.search(words) else [one for one in whole.get("enum", ()) if one],
    }


def resolved(schema, components):
    if not schema:
        return {}
    for part in schema.get("allOf") or schema.get("oneOf") or ():
        return resolved(part, components) | {name: schema[name] for name in schema if name not in ("allOf", "oneOf")}
    return components[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
