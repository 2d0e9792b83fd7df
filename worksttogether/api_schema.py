"""The last touch of the schema: every field has its words, every operation an example put together from them."""

from .api_glossary import APART, FORMATS, TYPES, WORDS

JSON = "application/json"


def with_words_and_examples(result, generator, request, public):
    schemas = result["components"]["schemas"]
    for name, schema in schemas.items():
        for field, told in schema.get("properties", {}).items():
            schema["properties"][field] = described(told, words_of(name, field))
    for operations in result["paths"].values():
        for operation in operations.values():
            complete(operation, Examples(schemas))
    return result


def complete(operation, examples):
    for parameter in operation.get("parameters", ()):
        told = described(parameter, words_of("", parameter["name"]))
        parameter["description"] = told.get("description", "")
        if parameter["in"] != "query":
            parameter.setdefault("example", examples.of_field("", parameter["name"], parameter["schema"]))
    answers = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    for part in filter(None, [operation.get("requestBody"), *answers]):
        if media := part.get("content", {}).get(JSON):
            media["example"] = examples.of(media["schema"])


def words_of(schema, field):
    words = entry_of(schema, field)[0]
    return str(words) if words else ""


def entry_of(schema, field):
    plain = schema.removeprefix("Patched").removesuffix("Request")
    return APART.get((schema, field)) or APART.get((plain, field)) or WORDS.get(field) or (None, None)


def described(told, words):
    """The field with words, unless it has some; what stands beside a reference would not be read."""
    if told.get("description") or not words:
        return told
    return {"allOf": [told], "description": words} if "$ref" in told else told | {"description": words}


class Examples:
    """Values as they might be, of schemas of any depth."""

    def __init__(self, schemas):
        self.schemas = schemas

    def of(self, schema, name=""):
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            return self.of(self.schemas[name], name)
        for part in schema.get("allOf") or schema.get("oneOf") or ():
            return self.of(part, name)
        if "example" in schema:
            return schema["example"]
        if schema.get("enum"):
            return next((value for value in schema["enum"] if value), schema["enum"][0])
        if schema.get("type") == "array":
            return [self.of(schema["items"], name)]
        if "properties" in schema:
            return {field: self.of_field(name, field, told) for field, told in schema["properties"].items()}
        return FORMATS.get(schema.get("format"), TYPES.get(schema.get("type")))

    def of_field(self, schema, field, told):
        """The glossary's value where the field can have it, else one by its kind."""
        value = entry_of(schema, field)[1]
        if value is None and told.get("nullable"):
            return None
        return value if value is not None and self.fits(value, told) else self.of(told)

    def fits(self, value, told):
        if "$ref" in told or told.get("allOf") or told.get("oneOf") or told.get("enum"):
            return False
        kinds = {"integer": int, "string": str, "boolean": bool, "array": list, "object": dict}
        return type(value) is kinds.get(told.get("type"))
