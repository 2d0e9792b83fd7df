"""How the Word file looks: the sizes and distances of the printed paper as named styles, in a face every office has."""

from dataclasses import dataclass

from .markup import twips, w

FACE = "Arial"
GREY, RULE, TRACK, YELLOW, INK = "444444", "B5B5B5", "DCDCDC", "E5B800", "111111"
LIGHTS = {"disc": "00664D", "triangle": "8F5200", "octagon": "B51A12", "ring": "555555", "square": "006080"}
MARGIN_COLUMN = 30  # mm: where the texts of a sheet begin, its labels hang before it
HALF_POINTS, TWENTIETHS, EIGHTHS = 2, 20, 8
DEEPEST_LIST = 9
WIDTH = 165  # mm of text on an upright page
WORDS_OWN = {  # styles that Word knows by these names and shows in the office's language
    "Normal", "Subtitle", "TOC Heading", "List Bullet", "List Number", "caption", "header", "footer",
    *(f"heading {level}" for level in range(1, 5)), *(f"toc {level}" for level in range(1, 4)),
}  # fmt: skip


@dataclass(frozen=True)
class Style:
    """A paragraph style; lengths in points, indents and tabs in millimetres."""

    key: str
    name: str
    base: str | None = "Normal"
    size: float | None = None
    line: float | None = None
    before: float | None = None
    after: float | None = None
    bold: bool | None = None
    colour: str | None = None
    level: int | None = None  # of a heading, from 0
    keeps: bool = False  # with the next paragraph
    indent: float | None = None
    hangs: float | None = None
    tabs: tuple = ()  # (millimetres, kind)
    align: str | None = None
    rule: tuple | None = None  # (side, points, colour, distance)
    hyphens: bool = True


STYLES = (
    Style("Normal", "Normal", None, size=11, line=15.5, before=0, after=6),
    Style("Heading1", "heading 1", size=25, line=31, after=4, bold=True, level=0, keeps=True, hyphens=False),
    Style("Heading2", "heading 2", size=15, line=20, before=22, after=6, bold=True, level=1, keeps=True, hyphens=False),
    Style(
        "Heading3", "heading 3", size=13.5, line=18, before=12, after=2, bold=True, level=2, keeps=True,
        indent=MARGIN_COLUMN, hangs=MARGIN_COLUMN, rule=("top", 3, TRACK, 4), hyphens=False,
    ),
    Style("Heading4", "heading 4", size=11, line=15, before=10, after=3, bold=True, level=3, keeps=True, hyphens=False),
    Style("Subject", "Betreff", "Heading1", size=13, line=18, after=0),
    Style("PaperHeading", "Überschrift der Vorlage", "Heading2", size=11, line=15.5, before=18, after=5),
    Style("FieldTitle", "Titel des Handlungsfelds", "Heading2", size=19, line=25, before=0, after=6),
    Style("Part", "Abschnitt", "Heading3", size=11, line=15, indent=0, hangs=0, rule=("top", 0, TRACK, 0)),
    Style("Paper", "Text der Vorlage", after=9),
    Style("Line", "Zeile der Vorlage", "Paper", after=0, hyphens=False),
    Style("Kind", "Art der Vorlage", "Line", before=12, after=12, bold=True, keeps=True),
    Style("Motion", "Beschlussantrag", "Paper", after=5),
    Style("Small", "Kleintext", size=9.5, line=13, colour=GREY),
    Style("Kicker", "Dachzeile", before=0, after=16, keeps=True, rule=("top", 3, INK, 7), hyphens=False),
    Style("FieldKicker", "Dachzeile des Handlungsfelds", "Kicker", after=2),
    Style("Subtitle", "Subtitle", size=15, line=21, after=16, hyphens=False),
    Style("Note", "Hinweis", size=10, line=14, after=18, indent=4, rule=("left", 3, YELLOW, 8)),
    Style("TOCHeading", "TOC Heading", size=15, line=20, before=22, after=6, bold=True, keeps=True),
    Style("TOC1", "toc 1", line=15, before=4.5, after=0, bold=True, tabs=((WIDTH, "right"),), hyphens=False),
    Style("TOC2", "toc 2", "TOC1"),
    Style("TOC3", "toc 3", "TOC1", size=10.5, before=0, bold=False, indent=9),
    Style("Facts", "Eckdaten", size=10, line=13.4, after=4, indent=MARGIN_COLUMN, hyphens=False, keeps=True),
    Style("Sheet", "Text des Blatts", size=10.5, line=13.8, after=3, indent=MARGIN_COLUMN),
    Style("SheetLabel", "Text des Blatts mit Stichwort", "Sheet", hangs=MARGIN_COLUMN),
    Style(
        "Milestone", "Meilenstein", "Sheet", after=1.5, indent=MARGIN_COLUMN + 52, hangs=52, hyphens=False,
        tabs=((MARGIN_COLUMN + 24, "left"), (MARGIN_COLUMN + 52, "left")),
    ),
    Style(
        "MilestoneLabel", "Meilenstein mit Stichwort", "Milestone", hangs=MARGIN_COLUMN + 52,
        tabs=((MARGIN_COLUMN, "left"),),
    ),
    Style("Origin", "Herkunft", "Sheet", size=9, line=11.5, colour=GREY, hyphens=False),
    Style("Caption", "caption", size=11, line=15, before=12, after=3, bold=True, keeps=True, hyphens=False),
    Style("SheetCaption", "Beschriftung im Blatt", "Caption", size=9, line=12, before=3, after=2, indent=MARGIN_COLUMN),
    Style("Cell", "Tabellentext", size=10, line=13.5, before=2.8, after=2.8),
    Style("CellHead", "Tabellenkopf", "Cell", bold=True, keeps=True),
    Style("FigureHead", "Tabellenkopf über Zahlen", "CellHead", size=8.5, line=11),
    Style("Narrow", "Tabellentext, schmal", "Cell", size=9.5, line=12.5, before=2.3, after=2.3),
    Style("NarrowHead", "Tabellenkopf, schmal", "Narrow", bold=True, keeps=True),
    Style("Dense", "Tabellentext, dicht", "Cell", size=8, line=11),
    Style("DenseHead", "Tabellenkopf, dicht", "Dense", bold=True, keeps=True),
    Style("Checksum", "Prüfsumme", size=10, line=17, hyphens=False),
    Style("Header", "header", size=9, line=12, after=0, colour=GREY, hyphens=False),
    Style("Footer", "footer", size=9, line=12, after=0, colour=GREY, hyphens=False),
    Style("ListBullet", "List Bullet"),
    Style("ListNumber", "List Number"),
)  # fmt: skip


SPACE_BEFORE = {style.key: style.before for style in STYLES}


def style_sheet():
    """The children of ``w:styles``: defaults, then one entry a style."""
    return [_defaults(), *map(_paragraph_style, STYLES), *_character_styles(), _plain_table(), _table()]


def _defaults():
    language = w("lang", val="de-DE", eastAsia="de-DE", bidi="ar-SA")
    fonts = w("rFonts", ascii=FACE, hAnsi=FACE, eastAsia=FACE, cs=FACE)
    return w("docDefaults", w("rPrDefault", w("rPr", fonts, language)), w("pPrDefault", w("pPr")))


def _paragraph_style(style):
    return w(
        "style",
        w("name", val=style.name),
        w("basedOn", val=style.base) if style.base else None,
        w("next", val="Normal") if style.level is not None else None,
        w("qFormat"),
        _layout(style),
        _letters(style),
        type="paragraph",
        default="1" if style.base is None else None,
        styleId=style.key,
        customStyle=None if style.name in WORDS_OWN else "1",
    )


def _layout(style):
    """What may stand in ``w:pPr``, in the order the format wants."""
    return w(
        "pPr",
        w("keepNext") if style.keeps else None,
        w("keepLines") if style.level is not None else None,
        w("widowControl") if style.base is None else None,
        w("pBdr", _border(*style.rule)) if style.rule else None,
        w("tabs", *(w("tab", val=kind, pos=twips(place)) for place, kind in style.tabs)) if style.tabs else None,
        w("suppressAutoHyphens", val="1") if not style.hyphens else None,
        _spacing(style),
        _indent(style),
        w("jc", val=style.align) if style.align else None,
        w("outlineLvl", val=style.level) if style.level is not None else None,
    )


def _border(side, points, colour, distance):
    if not points:
        return w(side, val="nil")
    return w(side, val="single", sz=round(points * EIGHTHS), space=distance, color=colour)


def _spacing(style):
    if style.line is None and style.before is None and style.after is None:
        return None
    return w(
        "spacing",
        before=_twentieths(style.before),
        after=_twentieths(style.after),
        line=_twentieths(style.line),
        lineRule=None if style.line is None else "atLeast",
    )


def _indent(style):
    if style.indent is None and style.hangs is None:
        return None
    left = None if style.indent is None else twips(style.indent)
    return w("ind", left=left, hanging=None if style.hangs is None else twips(style.hangs))


def _letters(style):
    size = None if style.size is None else round(style.size * HALF_POINTS)
    return w(
        "rPr",
        w("b", val=int(style.bold)) if style.bold is not None else None,
        w("bCs", val=int(style.bold)) if style.bold is not None else None,
        w("color", val=style.colour) if style.colour else None,
        w("sz", val=size) if size else None,
        w("szCs", val=size) if size else None,
    )


def _twentieths(points):
    return None if points is None else round(points * TWENTIETHS)


def _character_styles():
    yield _character_style("DefaultParagraphFont", "Default Paragraph Font", default="1")
    yield _character_style("Strong", "Strong", w("b"), w("bCs"))
    yield _character_style("Emphasis", "Emphasis", w("i"), w("iCs"))
    yield _character_style("Hyperlink", "Hyperlink", w("color", val="1D4F91"), w("u", val="single"))
    yield _character_style("Label", "Stichwort", w("b"), w("bCs"), w("sz", val=19), own=True)
    yield _character_style("PageNumber", "page number", w("b"), w("bCs"), w("color", val=INK), w("sz", val=22))
    for shape, colour in LIGHTS.items():
        yield _character_style(shape, f"Ampel {shape}", w("b"), w("bCs"), w("color", val=colour), own=True)


def _character_style(key, name, *properties, default=None, own=False):
    return w(
        "style",
        w("name", val=name),
        w("rPr", *properties) if properties else None,
        type="character",
        default=default,
        styleId=key,
        customStyle="1" if own else None,
    )


def _plain_table():
    margins = w("tblCellMar", *(w(side, w=0, type="dxa") for side in ("top", "left", "bottom", "right")))
    layout = w("tblPr", w("tblInd", w=0, type="dxa"), margins)
    return w("style", w("name", val="Normal Table"), layout, type="table", default="1", styleId="TableNormal")


def _table():
    """Rules between the rows alone, a strong one below the head; no boxes, no fills."""
    margins = w("tblCellMar", w("left", w=0, type="dxa"), w("right", w=twips(2.1), type="dxa"))
    return w(
        "style",
        w("name", val="Tabelle des Berichts"),
        w("basedOn", val="TableNormal"),
        w("tblPr", w("tblBorders", _rule("bottom"), _rule("insideH")), margins),
        w("tblStylePr", w("tcPr", w("tcBorders", strong_rule("bottom"))), type="firstRow"),
        type="table",
        styleId="ReportTable",
        customStyle="1",
    )


def _rule(side):
    return w(side, val="single", sz=4, space=0, color=RULE)


def strong_rule(side, points=1.0):
    return w(side, val="single", sz=round(points * EIGHTHS), space=0, color=INK)


# Lists


def numberings():
    """The children of ``w:numbering``: dashes as the first list, figures as the pattern of every numbered one."""
    dashes = w("abstractNum", *(_level(n, "bullet", "–") for n in range(DEEPEST_LIST)), abstractNumId="0")
    figures = w("abstractNum", *(_level(n, "decimal", f"%{n + 1}.") for n in range(DEEPEST_LIST)), abstractNumId="1")
    return [dashes, figures, w("num", w("abstractNumId", val="0"), numId="1")]


def numbered_list(number, starts_at):
    """A list of its own, counted from its first figure."""
    start = w("lvlOverride", w("startOverride", val=starts_at), ilvl="0")
    return w("num", w("abstractNumId", val="1"), start, numId=number)


def _level(number, kind, text):
    return w(
        "lvl",
        w("start", val="1"),
        w("numFmt", val=kind),
        w("lvlText", val=text),
        w("lvlJc", val="left"),
        w("pPr", w("ind", left=twips(7 * (number + 1)), hanging=twips(7))),
        ilvl=number,
    )
