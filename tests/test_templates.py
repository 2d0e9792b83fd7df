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


@pytest.mark.parametrize("component", COMPONENTS, ids=name_of)
def test_a_component_says_what_it_takes(component):
    source = re.sub(r"^\{% extends .*? %\}\s*", "", component.read_text())

    assert source.startswith(("{#", "{% comment"))
