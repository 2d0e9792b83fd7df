"""Texts in cells: none of them is ever a formula, and what is read back is what was written.

A text that a spreadsheet could take for a formula begins with an apostrophe, as people would type it. A text that
already looks like such a guarded one gets one more, so that taking one away always gives the text back.
"""

import re

BEGINS_A_FORMULA = r"=+\-@\t\r\n＝＋－＠﹢﹣﹦﹫"
UNSEEN = r"\s\x00-\x1f\x7f-\x9f\u00ad\u180e\u200b-\u200f\u2028-\u202f\u2060-\u2064\u2066-\u206f\ufeff"
DANGEROUS = re.compile(rf"'*(?:[\t\r\n]|[{UNSEEN}]*[{BEGINS_A_FORMULA}])")

# What XML cannot hold is written as ECMA-376 part 1, 22.9.2.19 (ST_Xstring) says; a CR would be read as LF.
NOT_IN_XML = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
CODED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def guarded(text: str) -> str:
    return f"'{text}" if DANGEROUS.match(text) else text


def unguarded(text: str) -> str:
    """The text that ``guarded`` was given."""
    return text[1:] if text.startswith("'") and DANGEROUS.match(text[1:]) else text


def to_xml(text: str) -> str:
    return NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def from_xml(text: str) -> str:
    return CODED.sub(lambda found: chr(int(found[1], 16)), text)
