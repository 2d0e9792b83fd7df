"""The form for needs, to be filled in by hand: one page for employees without an e-mail account, empty of any name.

Knows neither database nor request. Set with the report's style, faces and finisher; one page however long the name.
"""

import hashlib
from dataclasses import asdict, dataclass
from functools import lru_cache

from django.template import Context
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from .finisher import finish
from .german import settable
from .pages import ENGINE
from .render import OPTIONS, STATIC, STYLE, OwnFiles

FORM_STYLE = STATIC / "print" / "need-form.css"
URGENCIES = ("niedrig", "mittel", "hoch")
KEPT = 20  # forms kept as they are: a form changes only when its strategy's name or period does


@dataclass(frozen=True)
class NeedForm:
    """What stands on the form of one strategy."""

    strategy: str
    answer_days: int


class FormFiles(OwnFiles):
    FILES = OwnFiles.FILES | {FORM_STYLE.as_uri(): FORM_STYLE}


@lru_cache(maxsize=KEPT)
def render(form: NeedForm) -> bytes:
    """The PDF of the empty form."""
    fetcher, fonts = FormFiles(), FontConfiguration()
    html = ENGINE.get_template("reporting/print/need_form.html").render(
        Context({"form": settable(form), "urgencies": URGENCIES})
    )
    styles = [CSS(filename=style, font_config=fonts, url_fetcher=fetcher) for style in (STYLE, FORM_STYLE)]
    document = HTML(string=html, url_fetcher=fetcher).render(font_config=fonts, stylesheets=styles, **OPTIONS)
    identifier = hashlib.sha256(repr(asdict(form)).encode()).digest()
    return document.write_pdf(finisher=finish, pdf_identifier=identifier, **OPTIONS)
