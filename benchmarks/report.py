"""The council report of the real strategy, against WeasyPrint setting the same words as plain paragraphs."""

from html import escape

import lxml.html
from django.core.management import call_command
from weasyprint import HTML

from benchmarks.stopwatch import ratio
from reporting.models import CouncilReport, Variant
from reporting.print import pages
from reporting.print import projection as printed
from reporting.print.render import quiet_collector, render, versions
from reporting.projection import Contents

BLOCKS = ("p", "h1", "h2", "h3", "h4", "li", "caption", "tr")
PLAIN = "<!doctype html><html lang=de><title>x</title><style>@page {{ size: A4; margin: 2cm }}</style><body>{}"
ROUNDS = 3  # seconds each


def measure():
    """(what, against what, ratio, target) of one render in a warm process."""
    call_command("load_demo", verbosity=0)
    report = CouncilReport.objects.filter(paper_only=False).first()
    projection = printed.read(printed.canonical(Contents.read(report).project(Variant.NONPUBLIC, versions())))
    parts = pages.front(projection, "", {}), pages.body(projection, "")
    words = PLAIN.format("".join(paragraph for part in parts for paragraph in paragraphs(part)))
    with quiet_collector():
        ours = ratio(lambda: render(projection), lambda: HTML(string=words).write_pdf(), ROUNDS)
    yield f"report of {len(projection.measures)} measures", "its words as plain paragraphs", ours, 4.0


def paragraphs(source):
    """Of one document every block is one paragraph, a row of a table is one as well."""
    for block in lxml.html.fromstring(source).iter(*BLOCKS):
        text = " ".join(" ".join(block.itertext()).split())
        if text and block.getparent().tag not in BLOCKS:
            yield f"<p>{escape(text)}</p>"
