"""What holds for every template: no line of script or style in it, components that say what they take."""

import re
from pathlib import Path

import pytest

LETTER = Path("templates/strategy/mail/letter.html")  # mail programs know no style sheets
TEMPLATES = sorted(set(Path("templates").rglob("*.html")) - {LETTER})
COMPONENTS = sorted(Path("templates/components").glob("*.html"))
INLINE_CODE = re.compile(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=|javascript:", re.IGNORECASE)
LINKS_ELSEWHERE = re.compile(r'(?:src|href)="(?:https?:)?//')


def name_of(path):
    return str(path)


@pytest.mark.parametrize("template", TEMPLATES, ids=name_of)
def test_a_template_holds_no_code_and_loads_nothing_from_elsewhere(template):
    source = template.read_text()

    assert INLINE_CODE.findall(source) == []
    assert LINKS_ELSEWHERE.findall(source) == []


def outer_blocks(source):
    """The texts of the blocks that stand in no other."""
    depth, begin = 0, 0
    for tag in re.finditer(r"\{% (end)?block\b[^%]*%\}", source):
        if not tag[1] and not depth:
            begin = tag.end()
        depth += -1 if tag[1] else 1
        if not depth:
            yield source[begin : tag.start()]


@pytest.mark.parametrize("template", TEMPLATES, ids=name_of)
def test_an_address_is_used_in_the_block_that_names_it(template):
    """In another block it is empty, and the link leads nowhere."""
    blocks = list(outer_blocks(template.read_text()))
    named = [set(re.findall(r" as (\w+_url)\b", block)) for block in blocks]

    for block, own in zip(blocks, named, strict=True):
        assert (set(re.findall(r"\w+_url\b", block)) - own) & set().union(*named) == set()


@pytest.mark.parametrize("component", COMPONENTS, ids=name_of)
def test_a_component_says_what_it_takes(component):
    source = re.sub(r"^\{% extends .*? %\}\s*", "", component.read_text())

    assert source.startswith(("{#", "{% comment"))
