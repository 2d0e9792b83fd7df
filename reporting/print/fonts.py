"""The text faces of the printed report, made at set-up: Fira Sans (SIL OFL) with the report's signs drawn into it.

One font less in the file, and no text run is split. ``python -m reporting.print.fonts WOFF2_DIR TARGET_DIR``
"""

import math
import sys
from pathlib import Path

from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

FACES = ("Regular", "SemiBold", "Italic")
ADVANCE, MIDDLE = 780, (390, 335)


def make(woff2_dir, target_dir):
    """Write ReportSans-Regular.ttf and its like, one file a face."""
    for face in FACES:
        font = TTFont(Path(woff2_dir) / f"FiraSans-{face}.woff2")
        with_signs(font).save(Path(target_dir) / f"ReportSans-{face}.ttf")


def with_signs(font):
    """The font as plain TrueType with hyphen and signs added; renamed, as its licence asks of changed copies."""
    font.flavor = None
    maps = [table.cmap for table in font["cmap"].tables if table.isUnicode()]
    for characters in maps:
        characters[ord("‐")] = characters.get(0x00AD, "hyphen")
    for character, draw in SIGNS.items():
        glyph = add_glyph(font, f"uni{ord(character):04X}", draw)
        for characters in maps:
            characters[ord(character)] = glyph
    for table in {"DSIG", "kern"} & set(font.keys()):
        del font[table]
    rename(font)
    font["maxp"].numGlyphs = len(font.getGlyphOrder())
    return font


def add_glyph(font, name, draw):
    pen = TTGlyphPen(None)
    draw(pen)
    glyph = pen.glyph()
    font["glyf"][name] = glyph
    glyph.recalcBounds(font["glyf"])
    font["hmtx"][name] = (ADVANCE, glyph.xMin)
    return name


def rename(font):
    for record in font["name"].names:
        if record.nameID in (1, 3, 4, 6, 16):
            record.string = record.toUnicode().replace("Fira Sans", "Report Sans").replace("FiraSans", "ReportSans")


def polygons(*outlines):
    """Draws filled shapes (corners clockwise) and the holes in them (corners counter-clockwise)."""

    def draw(pen):
        for first, *others in outlines:
            pen.moveTo(first)
            for corner in others:
                pen.lineTo(corner)
            pen.closePath()

    return draw


def box(left, bottom, right, top):
    return [(left, bottom), (left, top), (right, top), (right, bottom)]


def hole(left, bottom, right, top):
    return box(left, bottom, right, top)[::-1]


def disc(pen, radius=330, clockwise=True):
    """Eight quadratic curves: anchors on the circle, control points where the tangents meet."""
    anchors = [on_circle(radius, eighth) for eighth in range(8)]
    controls = [on_circle(radius / math.cos(math.pi / 8), eighth + 0.5) for eighth in range(8)]
    outline = [point for pair in zip(anchors, controls, strict=True) for point in pair]
    if clockwise:
        outline = outline[:1] + outline[:0:-1]
    pen.moveTo(outline[0])
    for control in range(1, 16, 2):
        pen.qCurveTo(outline[control], outline[(control + 1) % 16])
    pen.closePath()


def on_circle(radius, eighth):
    angle = math.pi / 4 * eighth
    return MIDDLE[0] + radius * math.cos(angle), MIDDLE[1] + radius * math.sin(angle)


def ring(pen):
    disc(pen)
    disc(pen, radius=245, clockwise=False)


TRIANGLE = [(10, 5), (390, 705), (770, 5)]
OCTAGON = [(60, 198), (60, 472), (253, 665), (527, 665), (720, 472), (720, 198), (527, 5), (253, 5)]
TICK_HOLE = [(521, 479), (340, 275), (262, 353), (200, 291), (343, 147), (587, 421)]

# The interface's shapes, so that a light looks the same on page and paper.
SIGNS = {
    "●": disc,
    "▲": polygons(TRIANGLE, hole(348, 240, 432, 480), hole(348, 105, 432, 185)),
    "⯃": polygons(OCTAGON, hole(205, 288, 575, 382)),
    "○": ring,
    "☑": polygons(box(70, 15, 710, 655), TICK_HOLE),
    "✓": polygons([(255, 30), (60, 265), (135, 325), (260, 170), (560, 610), (640, 555)]),
}

if __name__ == "__main__":
    make(*sys.argv[1:])
