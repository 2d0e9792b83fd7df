"""Reads an office file as its users would: the words of each part in order, what a style is, what a field counts."""

import io
import zipfile

from docx import Document
from docx.oxml.ns import qn

from tests.reporting.print.reading import squeezed


def opened(content):
    return Document(io.BytesIO(content))


def words_of(document):
    """All words of the text in order, without what Word counts itself and without running lines."""
    return squeezed("".join(node.text or "" for node in document.element.body.iter(qn("w:t"))))


def running_words(document):
    """The words of all running lines."""
    places = [place for s in document.sections for place in (s.header, s.footer, s.first_page_footer)]
    return squeezed("".join(paragraph.text for place in places for paragraph in place.paragraphs))


def headings(document):
    """[(level, words)] of whatever is a heading, by its own style or by one that its style is based on."""
    found = [(level_of(paragraph.style), paragraph.text) for paragraph in document.paragraphs]
    return [(level, " ".join(text.split())) for level, text in found if level]


def level_of(style):
    while style is not None:
        if style.name.startswith("Heading "):
            return int(style.name.split()[1])
        style = style.base_style
    return None


def instructions(document):
    return [node.text.strip() for node in document.element.body.iter(qn("w:instrText"))]


def names(content):
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return file.namelist()
