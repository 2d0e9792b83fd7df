"""Prose: what is understood of Markdown, and that nothing else gets through."""

import re
import time

import pytest

from strategy.prose import html_of, plain_of, prose_of


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Ein Absatz.\n\nNoch einer.", "<p>Ein Absatz.</p>\n<p>Noch einer.</p>\n"),
        ("Zeile\nnächste", "<p>Zeile<br>\nnächste</p>\n"),
        ("- eins\n- zwei", "<ul>\n<li>eins</li>\n<li>zwei</li>\n</ul>\n"),
        ("1. eins\n2. zwei", "<ol>\n<li>eins</li>\n<li>zwei</li>\n</ol>\n"),
        ("**fett** und *kursiv*", "<p><strong>fett</strong> und <em>kursiv</em></p>\n"),
        (
            "[Digital MoveS](https://www.stuttgart.de/digitalmoves)",
            '<p><a href="https://www.stuttgart.de/digitalmoves" rel="noopener noreferrer">Digital MoveS</a></p>\n',
        ),
        ("[a@b.de](mailto:a@b.de)", '<p><a href="mailto:a@b.de" rel="noopener noreferrer">a@b.de</a></p>\n'),
        (
            "Gewinnung und -bindung, E-Mail, 3 - 4",
            '<p>Gewinnung und <span class="nowrap">-bindung</span>, E-Mail, 3 - 4</p>\n',
        ),
        ("# kein Titel", "<p># kein Titel</p>\n"),
        ("Mitarbeiter*innen und Bürger*innen", "<p>Mitarbeiter*innen und Bürger*innen</p>\n"),
        ("rund 15 000 < 20 000 & mehr", "<p>rund 15 000 &lt; 20 000 &amp; mehr</p>\n"),
        ("", ""),
    ],
)
def test_a_small_part_of_markdown_is_understood(typed, shown):
    assert html_of(typed) == shown


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[Klick](javascript:alert(1))",
        "[Klick](JaVaScRiPt:alert(1))",
        "[Klick](&#106;avascript:alert(1))",
        "[Klick](data:text/html;base64,PHNjcmlwdD4=)",
        "[Klick](file:///C:/Users/u00p123/Desktop/sdg)",
        "[Klick](vbscript:x)",
        "<javascript:alert(1)>",
        "![Bild](https://example.org/zaehler.png)",
        "**[Klick](javascript:alert(1) 'onclick=alert(1)')**",
        '[Klick](https://a.de "title onmouseover=alert(1)")<b onclick=x>',
        "> - > - <iframe src=https://example.org>",
    ],
)
def test_nothing_hostile_gets_through(typed):
    shown = html_of(typed)

    tags = {part.split(">")[0].split()[0].strip("/") for part in shown.split("<")[1:]}
    assert tags <= {"p", "br", "ul", "ol", "li", "strong", "em", "a"}
    links = [part.split('"')[0] for part in shown.split('href="')[1:]]
    assert all(link.startswith(("https://", "mailto:")) for link in links)
    assert all(" on" not in part.split(">")[0] for part in shown.split("<")[1:])


@pytest.mark.parametrize(
    "typed", ["[" * 100_000, "*a" * 50_000, "- " * 50_000, "<" * 100_000, "wort " * 20_000, "**" * 50_000]
)
def test_a_hundred_kilobytes_are_shown_in_no_time(typed):
    began = time.process_time()

    html_of(typed)

    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("", ""),
        ("Eins\nzwei\n\nDrei", "Eins\nzwei\n\nDrei"),
        ("**Fett** und *schräg*", "Fett und schräg"),
        ("1. eins\n2. zwei", "1. eins\n\n2. zwei"),
        ("[Moves](https://www.stuttgart.de/m)", "Moves (https://www.stuttgart.de/m)"),
        ("<https://www.stuttgart.de/m>", "https://www.stuttgart.de/m"),
        ("Mitarbeiter*innen und Führer*innen", "Mitarbeiter*innen und Führer*innen"),
        ("5 < 6 & <b>", "5 < 6 & <b>"),
    ],
)
def test_on_paper_the_marks_are_gone(text, plain):
    assert plain_of(text) == plain


@pytest.mark.parametrize(
    "words",
    [
        "", "Eins\nzwei", "**Stern** und _Strich_", "- Punkt", "  + Punkt\n12) Punkt\n3. Punkt", "-", "1.",
        "* Punkt\n\n- noch einer", "[Weg](https://a.de)", "<https://a.de>", "a\\*b \\", "5 * 3 * 2",
        "Mitarbeiter*innen", "&amp; &lt;", "1.5 und -3",
    ],
)  # fmt: skip
def test_plain_words_can_be_made_prose_that_shows_just_these(words):
    shown = html_of(prose_of(words))

    assert plain_of(prose_of(words)) == words.replace("  +", "+")
    assert set(re.findall(r"<(\w+)", shown)) <= {"p", "br"}
