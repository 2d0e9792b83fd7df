"""A document of its own in the report's dress: the form for needs, the sheet of a measure, the timeline."""

import hashlib

from django.template import Context
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from .finisher import finish
from .pages import ENGINE
from .render import OPTIONS, STATIC, STYLE, OwnFiles


class WithStyle(OwnFiles):
    """Reads one more style sheet than the report does."""

    def __init__(self, style):
        super().__init__()
        self.FILES = OwnFiles.FILES | {style.as_uri(): style}


def print_single(name, context) -> bytes:
    """The PDF of ``reporting/print/<name>.html``, with the report's style and ``static/print/<name>.css`` over it.

    Takes ``name`` with underscores, as the template is called. The same words give the same identifier.
    """
    own = STATIC / "print" / f"{name.replace('_', '-')}.css"
    fetcher, fonts = WithStyle(own), FontConfiguration()
    html = ENGINE.get_template(f"reporting/print/{name}.html").render(Context(context, use_l10n=False))
    styles = [CSS(filename=style, font_config=fonts, url_fetcher=fetcher) for style in (STYLE, own)]
    document = HTML(string=html, url_fetcher=fetcher).render(font_config=fonts, stylesheets=styles, **OPTIONS)
    identifier = hashlib.sha256(html.encode()).digest()
    return document.write_pdf(finisher=finish, pdf_identifier=identifier, **OPTIONS)
