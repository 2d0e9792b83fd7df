"""Texts that no file of a report may break on, and projections full of them."""

import dataclasses

from reporting.print.projection import Part

SHOULD_STAY = {  # no texts: codes, days, numbers and choices
    "kind",
    "shape",
    "variant",
    "light",
    "light_before",
    "light_after",
    "provenance",
    "qualifier",
    "example",
    "derived",
    "as_of",
    "last_report",
    "dated_on",
    "held_on",
    "status_on",
    "begins",
    "ends",
    "due",
    "when",
    "value",
    "target",
    "amount",
    "granted",
    "step",
    "planned",
    "what",
    "received_on",
    "due_on",
    "outcome",
    "answered_on",
    "objected_on",
    "objection_answered_on",
    "published_on",
    "w",
    "weight",
    "least",
    "medians",
    "q1",
    "q3",
}
HOSTILE = {
    "long word": "W" * 200,
    "endless word": "W" * 10_000,
    "endless syllables": "arbeit" * 1_700,
    "many words": "a " * 5_000,
    "many lines": "a\n" * 300,
    "many hyphens": "-" * 10_000,
    "long path": "/a" * 5_000,
    "piled accents": "a" + "\u0301" * 3_000,
    "control characters": "a\x00b\x07\x1b[31m\ud800c\ufffe\x85",
    "bidirectional": "\u202egnp.exe\u2066",
    "foreign scripts": "漢字 ﷺ 👩‍👩‍👧 " * 50,
    "template": "{{ projection }}{% include 'x' %}{# #}",
    "unbalanced HTML": "</p></section></body><table><tr><svg><title>&lt;&amp;&#0; ]]> <!--",
    "addresses": (
        "<img src='http://192.0.2.1/a.png'><img src=file:///etc/passwd><link rel=stylesheet href=//192.0.2.1/x.css>"
        "<style>@import url(http://192.0.2.1/y.css);*{background:url(data:image/png;base64,AAAA)}</style>"
        "<svg><image href='ftp://192.0.2.1/z'/></svg><object data=file:///etc/hosts></object>url(http://192.0.2.1)"
    ),
}
LONG = {  # seconds of layout each
    "endless word",
    "endless syllables",
    "many words",
    "many lines",
    "many hyphens",
    "long path",
    "piled accents",
    "foreign scripts",
}


def soiled(part, text):
    """The same projection with the text in every field that holds one."""
    if isinstance(part, Part):
        changed = {
            field.name: soiled(getattr(part, field.name), text)
            for field in dataclasses.fields(part)
            if field.name not in SHOULD_STAY and not (field.name == "state" and hasattr(part, "due"))
            and not (field.name == "code" and (hasattr(part, "shape") or hasattr(part, "ballots")))
        }  # fmt: skip
        return dataclasses.replace(part, **changed)
    if isinstance(part, tuple):
        return tuple(soiled(item, text) for item in part)
    if isinstance(part, dict):
        return {name: soiled(value, text) for name, value in part.items()}
    return text if isinstance(part, str) else part
