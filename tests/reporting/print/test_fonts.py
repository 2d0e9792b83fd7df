"""The print face holds the report's signs, and goes by a name of its own."""

import pytest
from fontTools.ttLib import TTFont

from reporting.print import fonts
from reporting.print.german import MILESTONES, SIGNS

WOFF2 = "node_modules/@kern-ux/native/dist/fonts/fira-sans"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    target = tmp_path_factory.mktemp("fonts")
    fonts.make(WOFF2, target)
    return [TTFont(target / f"ReportSans-{face}.ttf") for face in fonts.FACES]


def test_every_sign_of_the_report_is_drawn(made):
    signs = {*SIGNS.values(), *(state[0] for state in MILESTONES.values()), "‐", "→"}

    for font in made:
        drawn = font.getBestCmap()
        assert [sign for sign in signs if ord(sign) not in drawn] == []
        assert all(font["glyf"][drawn[ord(sign)]].numberOfContours > 0 for sign in signs)


def test_lights_have_shapes_of_their_own(made):
    outlines = {
        sign: tuple(made[0]["glyf"][made[0].getBestCmap()[ord(sign)]].getCoordinates(made[0]["glyf"])[0])
        for sign in SIGNS.values()
    }

    assert len(set(outlines.values())) == len(SIGNS) == 5


def test_the_changed_face_does_not_call_itself_fira(made):
    for font in made:
        names = [record.toUnicode() for record in font["name"].names if record.nameID in (1, 4, 6, 16)]
        assert [name for name in names if "Fira" in name] == []
