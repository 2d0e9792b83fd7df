"""The schema says all there is to know: no field without words, no operation without an example that holds."""

import json

import pytest
from django.test import Client
from django.utils.translation import override
from jsonschema import Draft202012Validator

from strategy.views.api_docs import written_in

LANGUAGES = ("en", "de")


@pytest.fixture(params=LANGUAGES)
def schema(request):
    with override(request.param):
        return json.loads(written_in(request.param))


def operations(schema):
    return [(f"{method} {path}", one) for path, found in schema["paths"].items() for method, one in found.items()]


def without_words(schema):
    fields = [
        f"{name}.{field}"
        for name, one in schema["components"]["schemas"].items()
        for field, told in one.get("properties", {}).items()
        if not told.get("description")
    ]
    parameters = [
        f"{name} {one['name']}"
        for name, operation in operations(schema)
        for one in operation.get("parameters", ())
        if not one.get("description")
    ]
    return fields + parameters + [name for name, operation in operations(schema) if not operation.get("summary")]


def examples(schema):
    """(operation, part, schema, example or None) of every body that is sent or answered."""
    for name, operation in operations(schema):
        good = {status: one for status, one in operation["responses"].items() if status.startswith("2")}
        for part, one in [("body", operation.get("requestBody")), *good.items()]:
            for media in (one or {}).get("content", {}).values():
                yield name, part, media["schema"], media.get("example")


def test_every_field_parameter_and_operation_has_words(schema):
    assert without_words(schema) == []


def test_a_field_without_words_is_found(schema):
    """The negative control."""
    schema["components"]["schemas"]["MeasureRow"]["properties"]["goal"].pop("description")
    next(iter(schema["paths"].values()))["get"]["summary"] = ""

    assert "MeasureRow.goal" in without_words(schema)
    assert len(without_words(schema)) == 2


def test_every_operation_has_an_example_that_keeps_its_schema(schema):
    wrong = [(name, part) for name, part, _shape, example in examples(schema) if example is None]
    for name, part, shape, example in examples(schema):
        found = Draft202012Validator(plain(shape, schema)).iter_errors(example)
        wrong += [(name, part, list(problem.path), problem.message[:100]) for problem in found]

    assert wrong == []


def plain(shape, schema):
    """As JSON Schema has it: references followed, ``nullable`` as a kind of its own."""
    if isinstance(shape, list):
        return [plain(one, schema) for one in shape]
    if not isinstance(shape, dict):
        return shape
    if "$ref" in shape:
        return plain(schema["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]], schema)
    made = {name: plain(one, schema) for name, one in shape.items() if name not in ("nullable", "example", "readOnly")}
    return {"anyOf": [made, {"type": "null"}]} if shape.get("nullable") else made


def test_a_repeatable_request_says_so(schema):
    posts = [one for name, one in operations(schema) if name.startswith("post ")]

    assert posts
    assert all("Idempotency-Key" in [parameter["name"] for parameter in one["parameters"]] for one in posts)


@pytest.mark.django_db
def test_the_page_shows_a_body_as_it_might_be():
    text = Client().get("/api/docs/").content.decode()

    assert "personalstrategie-2030" in text
    assert "Idempotency-Key" in text
