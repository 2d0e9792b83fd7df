"""Two sheets share a page as long as their texts keep to the lengths that the portal advises while they are typed."""

import io
import re

import pikepdf

from measures.forms.core import DESCRIPTION_FITS, GOAL_FITS
from measures.forms.status import NEXT_STEPS_FIT, STATUS_FITS
from reporting.print.projection import Indicator, Milestone, Point, Resource
from reporting.print.render import render

from . import samples
from .reading import bookmarks

WORDS = (
    "Die Ansprache wurde mit den Ämtern abgestimmt; die Auswertung der Zugriffe liegt vierteljährlich vor und wird mit "
    "dem Gesamtpersonalrat besprochen, bevor die zweite Welle der Kampagne im Herbst beginnt. "
)


def text(length):
    return (WORDS * 20)[:length].strip()


def full_sheet(code, times=1):
    """A measure with everything a sheet shows: three milestones, a chart, two budget years, its sources."""
    return samples.measure(
        code,
        description=text(DESCRIPTION_FITS * times),
        goal=text(GOAL_FITS * times),
        status=text(STATUS_FITS * times),
        next_steps=text(NEXT_STEPS_FIT * times),
        status_on="2026-09-15",
        lead_unit="10 Haupt- und Personalamt",
        responsible="Abteilungsleitung",
        stage="Stufe 1",
        begins="2024",
        ends="2028",
        priority="hoch",
        phase="Pilot",
        light="plan",
        progress=55,
        milestones=[
            Milestone(due=f"{year}-06-30", title="Konzept abgestimmt", state="open") for year in range(2026, 2029)
        ],
        indicator=Indicator(
            name="Zeit bis zur Zusage",
            unit="Wochen",
            points=[Point(when=str(year), value=str(2039 - year)) for year in range(2022, 2026)],
            target="10",
            target_year=2030,
        ),
        resources=[
            Resource(kind="operating", year=year, amount="85000", state="angemeldet", step="registered")
            for year in (2026, 2027)
        ],
        sources=("https://www.stuttgart.de/personal",),
    )


def pages_of(*measures):
    with pikepdf.open(io.BytesIO(render(samples.projection(samples.field("A", *measures))))) as pdf:
        return [page for title, page in bookmarks(pdf) if re.match(r"A\d ", title)]


def test_full_sheets_of_the_advised_length_share_a_page():
    first, *pairs = pages_of(*(full_sheet(f"A{number}") for number in range(1, 6)))

    assert pairs == [first + 1, first + 1, first + 2, first + 2]


def test_longer_texts_take_a_page_of_their_own():
    pages = pages_of(*(full_sheet(f"A{number}", times=3) for number in range(1, 4)))

    assert len(set(pages)) == 3
