"""From a projection to the finished PDF: laid out by WeasyPrint in two parts, joined, tagged, its data attached."""

import gc
import logging
import threading
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version

from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from . import pages
from .finisher import finish
from .german import settable
from .projection import Projection, canonical, digest

STATIC = pages.ROOT / "static"
STYLE = STATIC / "print" / "report.css"
FACES = ("Regular", "SemiBold", "Italic")
FONTS = [STATIC / "vendor" / "print-fonts" / f"ReportSans-{face}.ttf" for face in FACES]
LIBRARIES = {
    "WeasyPrint": "weasyprint",
    "pydyf": "pydyf",
    "Pyphen": "pyphen",
    "fontTools": "fonttools",
    "python-docx": "python-docx",
    "lxml": "lxml",
    "openpyxl": "openpyxl",
}
OPTIONS = {"pdf_variant": "pdf/a-3a", "pdf_tags": True}
ATTACHMENT = "datenstand.json"

STEPS = logging.getLogger("weasyprint.progress")  # WeasyPrint tells it every page

# Shares of the whole, as measured on the real strategy.
LAYOUT_BEGINS, LAYOUT_ENDS, WRITING_BEGINS = 0.05, 0.55, 0.6


class OwnFiles(URLFetcher):
    """Reads the style sheet and the faces of the report; whatever else a text asks for ends the render."""

    FILES = {path.as_uri(): path for path in [STYLE, *FONTS]}

    def fetch(self, url, headers=None):
        if url not in self.FILES:
            raise FatalURLFetchingError(f"The report reads only its own files, not {url[:200]!r}.")
        return URLFetcherResponse(url, self.FILES[url].read_bytes())


def render(projection: Projection, progress=lambda phase, share: None) -> bytes:
    """The PDF of a projection; the same projection gives the same bytes as long as the libraries stay the same.

    Calls ``progress(phase, share)`` as it goes; what that raises ends the render.
    """
    data = canonical(projection)
    document = _Layout(settable(projection), digest(data), progress).document()
    progress("writing", WRITING_BEGINS)
    pdf = document.write_pdf(
        finisher=finish,
        attachments=[_attached(data, projection)],
        pdf_identifier=digest(data).encode(),
        **OPTIONS,
    )
    progress("writing", 1)
    return pdf


def versions() -> dict[str, str]:
    """Libraries that shape the files of a report, for ``Projection.made_with``."""
    return {name: version(package) for name, package in LIBRARIES.items()}


@contextmanager
def quiet_collector():
    """Render without Python's garbage collector, which costs a seventh of the time; collects once afterwards.

    For a worker process only: the whole process goes without.
    """
    was_enabled = gc.isenabled()
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
        gc.unfreeze()
        gc.collect()


class _Layout:
    """The body is laid out first, then the front with the body's page numbers written in."""

    def __init__(self, projection, checksum, progress):
        self.projection, self.checksum, self.progress = projection, checksum, progress
        self.fonts = FontConfiguration()
        self.fetcher = OwnFiles()
        self.style = CSS(filename=STYLE, font_config=self.fonts, url_fetcher=self.fetcher)

    def document(self):
        self.progress("contents", 0)
        front = self.front({})
        if not self.projection.with_annexes:
            return front
        self.progress("layout", LAYOUT_BEGINS)
        with self.pages_counted():
            body = self.laid_out(pages.body(self.projection, self.checksum), continue_after(len(front.pages)))
        self.progress("numbering", LAYOUT_ENDS)
        front = self.numbered(front, body)
        return front.copy(front.pages + body.pages)

    def front(self, numbers):
        return self.laid_out(pages.front(self.projection, self.checksum, numbers))

    def numbered(self, draft, body):
        places = enumerate([*draft.pages, *body.pages], 1)
        front = self.front({anchor: number for number, page in places for anchor in page.anchors})
        if len(front.pages) != len(draft.pages):
            raise RuntimeError("The contents grew when their page numbers came in.")
        return front

    def laid_out(self, html, *more_styles):
        source = HTML(string=html, url_fetcher=self.fetcher)
        styles = [self.style, *(CSS(string=style, url_fetcher=self.fetcher) for style in more_styles)]
        return source.render(font_config=self.fonts, stylesheets=styles, **OPTIONS)

    @contextmanager
    def pages_counted(self):
        """Tells the progress with every page that WeasyPrint has laid out."""
        expected = 4 + len(self.projection.fields) + 0.7 * len(self.projection.measures)
        with _listening(_PageCounter(self.progress, expected)):
            yield


class _PageCounter(logging.Handler):
    def __init__(self, progress, expected):
        super().__init__(logging.INFO)
        self.progress, self.expected, self.thread = progress, expected, threading.get_ident()

    def emit(self, record):
        if record.thread == self.thread and record.msg.startswith("Step 5") and record.args:
            done = min(1, record.args[0] / self.expected)
            self.progress("layout", LAYOUT_BEGINS + done * (LAYOUT_ENDS - LAYOUT_BEGINS))


@contextmanager
def _listening(handler):
    """The steps go to the handler, not to the logs; set each time, as a logging configuration may undo it."""
    STEPS.setLevel(logging.INFO)
    STEPS.propagate = False
    STEPS.addHandler(handler)
    try:
        yield
    finally:
        STEPS.removeHandler(handler)


def continue_after(page_count):
    """Page numbers go on after the front, and the body's first page carries its running line."""
    return f"@page :first {{ counter-reset: page {page_count + 1}; @top-left {{ content: string(part) }} }}"


def _attached(data, projection):
    day = datetime.fromisoformat(projection.as_of)  # a fixed moment: two renders give the same bytes
    return Attachment(
        string=data.decode(),
        name=ATTACHMENT,
        description="Datenstand des Berichts (kanonisches JSON)",
        relationship="Data",
        created=day,
        modified=day,
    )
