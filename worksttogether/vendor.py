"""Gathers what pages and print take from the front-end packages in static/vendor; run by ./run at set-up."""

import math
import shutil
import sys
from pathlib import Path

from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"

FIRA = PACKAGES / "@kern-ux/native/dist/fonts/fira-sans"
SCREEN_WEIGHTS = {"Regular": 400, "Medium": 500, "SemiBold": 600, "Bold": 700}
PRINT_WEIGHTS = ("Regular", "SemiBold")
FILES = {
    "@kern-ux/native/dist/kern.min.css": "kern.min.css",
    "@kern-ux/native/LICENSE.md": "kern.LICENSE.md",
    "sortablejs/modular/sortable.esm.js": "sortable.esm.js",
    "sortablejs/LICENSE": "sortable.LICENSE",
}
FONT_FACE = """@font-face {{
  font-family: "Fira Sans";
  src: url("fonts/FiraSans-{name}.woff2") format("woff2");
  font-weight: {weight};
  font-style: normal;
  font-display: swap;
}}
"""

# Signs that the report sets in its text face: one font less, and no text run is split.
ADVANCE, MIDDLE = 780, (390, 335)


def main():
    shutil.rmtree(VENDOR, ignore_errors=True)
    (VENDOR / "fonts").mkdir(parents=True)
    (VENDOR / "print-fonts").mkdir()
    for source, target in FILES.items():
        shutil.copyfile(PACKAGES / source, VENDOR / target)
    for name in SCREEN_WEIGHTS:
        shutil.copyfile(FIRA / f"FiraSans-{name}.woff2", VENDOR / "fonts" / f"FiraSans-{name}.woff2")
    faces = (FONT_FACE.format(name=name, weight=weight) for name, weight in SCREEN_WEIGHTS.items())
    (VENDOR / "fira-sans.css").write_text("\n".join(faces))
    for name in PRINT_WEIGHTS:
        print_font(name).save(VENDOR / "print-fonts" / f"ReportSans-{name}.ttf")


def print_font(name):
    """Fira Sans as plain TrueType with hyphen and signs added; renamed, as its licence asks of changed copies."""
    font = TTFont(FIRA / f"FiraSans-{name}.woff2")
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


def polygon(*points):
    def draw(pen):
        pen.moveTo(points[0])
        for point in points[1:]:
            pen.lineTo(point)
        pen.closePath()

    return draw


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
    disc(pen, radius=250, clockwise=False)


SIGNS = {
    "●": disc,
    "○": ring,
    "▲": polygon((30, 10), (390, 690), (750, 10)),
    "■": polygon((80, 25), (80, 645), (700, 645), (700, 25)),
    "◆": polygon((390, -50), (10, 335), (390, 720), (770, 335)),
    "✓": polygon((255, 30), (60, 265), (135, 325), (260, 170), (560, 610), (640, 555)),
}

if __name__ == "__main__":
    sys.exit(main())
