"""The timeline on A3, upright: the same picture as on the page, then its table.

Set with the report's style, faces and finisher.
"""

import hashlib

from django.template import Context
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from .finisher import finish
from .pages import ENGINE
from .render import OPTIONS, STATIC, STYLE, OwnFiles

TIMELINE_STYLE = STATIC / "print" / "timeline.css"
ROOM = 1560  # units of the picture that fit on a page below the heading: 257 mm are 1160 of them


class TimelineFiles(OwnFiles):
    FILES = OwnFiles.FILES | {TIMELINE_STYLE.as_uri(): TIMELINE_STYLE}


def render(timeline, filters, plan) -> bytes:
    """The PDF of a timeline; ``filters`` are the words of what it was cut down by, ``plan`` what it is held against."""
    fetcher, fonts = TimelineFiles(), FontConfiguration()
    html = ENGINE.get_template("reporting/print/timeline.html").render(
        Context(
            {
                "timeline": timeline,
                "strategy": timeline.strategy,
                "charts": timeline.charts(ROOM),
                "filters": filters,
                "plan": plan,
                "lights": {m.light.code: m.light for m in timeline.measures if m.light}.values(),
            }
        )
    )
    styles = [CSS(filename=style, font_config=fonts, url_fetcher=fetcher) for style in (STYLE, TIMELINE_STYLE)]
    document = HTML(string=html, url_fetcher=fetcher).render(font_config=fonts, stylesheets=styles, **OPTIONS)
    return document.write_pdf(finisher=finish, pdf_identifier=hashlib.sha256(html.encode()).digest(), **OPTIONS)
