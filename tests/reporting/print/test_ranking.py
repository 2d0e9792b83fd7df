"""What the paper says of the last ranking round."""

import re

import pytest

from reporting.print import pages, ranking
from reporting.print.checker import check
from reporting.print.render import render

from . import samples


def shown(**values):
    return ranking.shown(samples.ranking(**values))


def chapter(**values):
    html = pages.body(samples.projection(ranking=samples.ranking(**values)), "0" * 64)
    return html[html.index('id="ranking"') : html.index('id="legend"')]


def rows_of(html):
    """The texts of the cells of every row, charts left out."""
    plain = re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL)
    rows = re.findall(r"<tr.*?</tr>", plain, flags=re.DOTALL)
    return [[cell.strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL)] for row in rows]


def test_every_group_shows_its_ballots_and_its_agreement():
    assert rows_of(chapter())[:5] == [
        ["Gruppe", "Ranglisten n", "Kendalls W", "Einigkeit"],
        ["Amtsleitungen", "26", "0,67", "mittel"],
        ["Verwaltungsleitungen", "12", "0,69", "mittel"],
        ["Projektgruppe", "5", "0,81", "hoch"],
        ["Alle zusammen", "43", "0,65", "mittel"],
    ]


def test_agreement_that_cannot_be_told_is_a_dash():
    one = samples.agreement(w="", word="")

    assert rows_of(chapter(groups=(one,), proposed=(), contrasts=()))[1] == ["Amtsleitungen", "26", "–", "–"]


def test_a_small_group_is_named_and_not_shown():
    small = samples.agreement("project_group", "Projektgruppe", is_shown=False, ballots=None, w="", word="")
    groups = (samples.agreement(), small)
    one = samples.ranked([(1, "G5", "Personalwohnungen", "4", "2", "9")])

    html = chapter(groups=groups, of_shown_groups_only=True, proposed=one, contrasts=())

    assert rows_of(html)[2] == ["Projektgruppe", "weniger als fünf Ranglisten, nicht gezeigt"]
    assert "Die Gesamtwerte stammen aus den gezeigten Gruppen allein" in html
    assert rows_of(html)[-1] == ["1", "G5 Personalwohnungen", "", "4", "2–9"]
    assert html.count("Projektgruppe") == 1  # neither in the legend nor as a column


def test_too_few_ballots_show_no_figure():
    html = chapter(
        groups=(samples.agreement(is_shown=False, ballots=None, w="", word=""),),
        overall=samples.agreement("all", "Alle zusammen", is_shown=False, ballots=None, w="", word=""),
        proposed=(),
        contrasts=(),
    )

    assert "Es liegen weniger als fünf Ranglisten vor; Ergebnisse werden nicht gezeigt." in html
    assert "<table" not in html


def test_measures_stand_with_their_medians_and_a_strip_that_says_them():
    block = shown().blocks[1]

    assert block.rows[0].strip.title == (
        "D6: Median Amtsleitungen 9,5, Verwaltungsleitungen 21, Projektgruppe 36; mittlere Hälfte aller 7 bis 24."
    )
    rows = rows_of(chapter())
    assert ["14", "D6 Neue Verwaltungsflächen (Anmietung Bollwerk)", "", "9,5", "21", "36", "7–24"] in rows
    assert ["1", "G5 Personalwohnungen mit der SWSG", "", "4", "5", "3", "2–9"] in rows


def test_blocks_without_measures_leave_no_heading():
    assert [block.title for block in shown().blocks] == [ranking.PROPOSED, ranking.CONTRASTS]
    assert [block.title for block in shown(proposed=()).blocks] == [ranking.CONTRASTS]
    assert "<h3" not in chapter(proposed=(), contrasts=())


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Ausgewertet sind 43 von 71 Ranglisten über 48 Maßnahmen."),
        ({"top": 10}, "Ausgewertet sind 43 von 71 Ranglisten der zehn wichtigsten von 48 Maßnahmen."),
        ({"leaves_out": True}, "Nicht genannt sind Maßnahmen, über die noch nicht entschieden ist."),
    ],
)
def test_the_first_sentences_say_what_was_ranked(values, words):
    assert words in shown(**values).sentence


def test_formulas_and_conventions_stand_below():
    heavier = samples.agreement("project_group", "Projektgruppe", weight="2.5")

    plain = " ".join(shown().note)
    weighted = " ".join(shown(groups=(samples.agreement(), heavier), proposed=(), contrasts=()).note)

    assert "Kendalls W = 12 S / (n² (k³ − k) − n T)" in plain
    assert "Einigkeit: hoch ab W 0,7, mittel ab W 0,5, sonst gering" in plain
    assert "unter den besten 12 Medianen (ein Viertel von 48, aufgerundet;" in plain
    assert "Gewicht einer Rangliste" not in plain
    assert "Gewicht einer Rangliste: Amtsleitungen 1, Projektgruppe 2,5." in weighted


def test_examples_are_marked_at_every_table():
    assert chapter().count("(Beispielwerte)") == 3
    assert "Beispiel" not in chapter(is_example=False)


@pytest.mark.parametrize("measures", [2, 48, 200])
def test_rounds_of_any_size_are_tagged(measures):
    rows = [(1, "G5", "Personalwohnungen", "1", "1.5", "2", "1", "2")]
    found = samples.ranking(measures=measures, proposed=samples.ranked(rows * min(measures, 50)), contrasts=())

    assert check(render(samples.projection(ranking=found))) == []
