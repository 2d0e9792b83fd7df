"""From a projection to the bytes of its Word file."""

import io

from docx import Document
from lxml import html

from reporting.print import pages
from reporting.print.german import day, settable, shortened
from reporting.print.projection import Projection, canonical, digest

from ..package import LONGEST_PROPERTY, identifier, moment_of, packed
from .markup import w
from .styles import numberings, style_sheet
from .writer import Writer

NOT_OURS = ("thumbnail", "stylesWithEffects", "webSettings", "customXml", "fontTable", "extended-properties")
WORD = "http://schemas.microsoft.com/office/word"
HUGE = html.HTMLParser(huge_tree=True)


def render(projection: Projection) -> bytes:
    """The Word file of a projection; equal projections give equal bytes as long as the libraries stay the same."""
    checksum = digest(canonical(projection))
    document = _empty()
    _describe(document, projection, checksum)
    writer = Writer(document)
    for part in pages.in_words(settable(projection), checksum):
        writer.write(html.document_fromstring(part, parser=HUGE).body)
    out = io.BytesIO()
    document.save(out)
    return packed(out.getvalue(), moment_of(projection))


def _empty():
    """A document with our styles, lists and settings, and nothing else in it."""
    document = Document()
    for holder in (document.part.package, document.part):
        for key in [key for key, relation in holder.rels.items() if relation.reltype.endswith(NOT_OURS)]:
            del holder.rels[key]
    _fill(document.styles.element, style_sheet())
    _fill(document.part.numbering_part.element, numberings())
    _fill(document.settings.element, _settings())
    return document


def _fill(element, children):
    for child in list(element):
        element.remove(child)
    element.extend(children)


def _settings():
    """German hyphenation as on paper; fields are counted when the file is opened."""
    return [
        w("zoom", percent=100),
        w("defaultTabStop", val=709),
        w("autoHyphenation"),
        w("consecutiveHyphenLimit", val=2),
        w("hyphenationZone", val=357),
        w("updateFields", val="true"),
        w("compat", w("compatSetting", name="compatibilityMode", uri=WORD, val=15)),
        w("themeFontLang", val="de-DE"),
        w("decimalSymbol", val=","),
        w("listSeparator", val=";"),
    ]


def _describe(document, projection, checksum):
    reference, _ = pages.running(projection)
    about, paper = document.core_properties, projection.paper
    about.title = shortened(f"{reference}: {paper.subject}", LONGEST_PROPERTY)
    about.subject = shortened(f"{paper.kind} {reference}, Stand {day(projection.as_of)}", LONGEST_PROPERTY)
    about.author = about.last_modified_by = shortened(projection.strategy.author, LONGEST_PROPERTY)
    about.language, about.identifier, about.revision = "de-DE", identifier(checksum), 1
    about.comments = about.keywords = about.category = ""
