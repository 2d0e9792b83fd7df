"""What the overview counts and what the charts draw."""

import re
from itertools import pairwise

from reporting.charts import Mark, decimal_year, dot_legend, dot_scale, dot_strip, line_chart, strip
from reporting.print import tables
from reporting.print.projection import Indicator, Point

from . import samples


def test_a_day_lies_where_it_is_in_the_year():
    assert decimal_year("2026") == 2026.5
    assert 2026.45 < decimal_year("2026-06") < 2026.5
    assert decimal_year("2026-01-01") < decimal_year("2026-06-30") < decimal_year("2026-12-31") < 2027


def test_a_line_labels_first_last_and_target():
    marks = [Mark(2023.5, 17, "17"), Mark(2024.5, 15, "15"), Mark(2026.5, 11.4, "11,4")]

    chart = line_chart("Zeit bis zur Zusage", marks, Mark(2030.5, 10, "Ziel 10"))

    assert [label.text for label in chart.labels] == ["17", "11,4", "Ziel 10", "2026", "2023", "2030"]
    assert chart.line.count("L") == 2
    assert chart.dots.count("z") == 3
    assert chart.target


def test_a_single_value_is_labelled_once():
    chart = line_chart("Plätze", [Mark(2023.5, 40, "40")], Mark(2030.5, 300, "Ziel 300"))

    assert [label.text for label in chart.labels] == ["40", "Ziel 300", "2023", "2030"]


def test_a_label_does_not_stand_on_the_line_of_the_target():
    marks = [Mark(2024.5, 12, "12"), Mark(2026.5, 24, "24")]

    above, leaning = (
        line_chart("Prozent", marks, Mark(2026.5, 90, "Ziel 90")),
        line_chart("Prozent", marks, Mark(2026.5, 33, "Ziel 33")),
    )

    assert [label.anchor for label in above.labels[:2]] == ["middle", "middle"]
    assert [label.anchor for label in leaning.labels[:2]] == ["end", "start"]


def test_an_old_series_is_seen_to_end():
    marks = [Mark(2020.5, 250, "250"), Mark(2021.5, 7000, "7.000")]

    ending, running_on = line_chart("Personen", marks), line_chart("Personen", marks, until=2026)

    assert [label.text for label in ending.labels][2:] == ["2021", "2020"]
    assert [label.text for label in running_on.labels][2:] == ["2021", "2020", "2026"]


def test_labels_of_close_values_lean_outwards_and_years_do_not_touch():
    chart = line_chart("Plätze", [Mark(2023.4, 40, "40"), Mark(2023.6, 41, "41")], Mark(2030.5, 50, "Ziel 50"))

    assert [(label.text, label.anchor) for label in chart.labels][:2] == [("40", "end"), ("41", "start")]
    assert [label.text for label in chart.labels].count("2023") == 1


def test_values_stay_inside_the_picture():
    marks = [Mark(2012.5, -5, "-5"), Mark(2013.5, 0, "0"), Mark(2014.5, 8, "8")]

    chart = line_chart("Saldo", marks)

    heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([-\d.]+)", chart.line)]
    assert all(0 <= height <= chart.height for height in heights)


def test_zeros_lie_on_the_axis():
    assert line_chart("nichts", [Mark(2012.5, 0, "0"), Mark(2013.5, 0, "0")]).line == "M94.2 35.0L230.8 35.0"


def test_the_strip_shows_every_light_and_its_labels_do_not_overlap():
    chart = strip("Alle", [("disc", 96, "● 96"), ("triangle", 1, "▲ 1"), ("octagon", 0, "⯃ 0"), ("square", 1, "☑ 1")])

    assert [segment.label.text for segment in chart.segments] == ["● 96", "▲ 1", "☑ 1"]
    places = [float(segment.label.x) for segment in chart.segments]
    assert all(later - earlier >= 34 for earlier, later in pairwise(places))
    assert places[-1] + 34 <= chart.width


def test_a_strip_of_places_keeps_each_mark_in_its_lane_and_inside():
    chart = dot_strip("Mediane", [("disc", 1), ("square", 24.5), ("triangle", 48)], (2, 9), 12, until=48)

    xs = [float(x) for x in re.findall(r"M([\d.]+)", chart.filled + chart.hollow)]
    assert all(0 <= x <= chart.width for x in xs)
    assert xs[0] < xs[2] < xs[1]  # disc, square, triangle: the hollow one is an outline of its own
    assert (chart.filled.count("z"), chart.hollow.count("z")) == (2, 1)
    assert re.findall(r"H([\d.]+)", chart.ground)[0] == "30.5"  # half a place beyond the twelfth


def test_a_scale_names_its_ends_and_the_last_of_the_best_places_once():
    assert [label.text for label in dot_scale("Plätze", 12, until=48).labels] == ["1", "12", "48"]
    assert [label.text for label in dot_scale("Plätze", 1, until=2).labels] == ["1", "2"]


def test_a_legend_goes_on_below_where_the_line_is_full():
    words = [("disc", "Amtsleitungen"), ("square", "Verwaltungsleitungen"), ("triangle", "Projektgruppe")]

    chart = dot_legend("Zeichen", words, bar_word="mittlere Hälfte aller", ground_word="oberstes Viertel")

    assert [label.text for label in chart.labels][:3] == [word for _, word in words]
    assert len({label.y for label in chart.labels}) == 2
    assert chart.height == 28


def test_overview_counts_by_field_and_state():
    projection = samples.projection(
        samples.field("A", samples.measure("A1"), samples.measure("A2", state="beschlossen", light="none")),
        samples.field("B", samples.measure("B1", light="plan"), title="Ausbildung"),
        samples.field("C", title="Leer"),
    )

    table = tables.states_by_field(projection)

    assert table.heads == ["beschlossen", "in Umsetzung"]
    assert [(row.head, row.cells) for row in [*table.rows, table.total]] == [
        ("A Personalgewinnung", ["1", "1", "2"]),
        ("B Ausbildung", ["–", "1", "1"]),
        ("Summe", ["1", "2", "3"]),
    ]
    assert tables.lights_sentence(projection) == "1\u00a0planmäßig, 1\u00a0nicht begonnen, 1\u00a0ohne Angabe"


def test_a_chart_says_all_its_values():
    points = [
        Point(when="2021-12", value="7000", qualifier="about"),
        Point(when="2020", value="250.0000"),
        Point(when="", value="4000", qualifier="over"),
    ]
    indicator = Indicator(name="Beschäftigte", unit="Personen", points=points, target="9000", target_year=2030)

    figures = tables.figures_of(indicator, 2026, is_example=True)

    assert figures.words == "Beschäftigte (Personen): über 4.000 (ohne Datum)"
    assert figures.chart.title == (
        "Beschäftigte in Personen, Beispielwerte: 2020: 250; Dez. 2021: rund 7.000; Ziel 9.000 bis 2030."
    )


def test_without_a_course_words_say_it():
    one = Indicator(name="Wohnungen", unit="", points=[Point(when="2022", value="36")])
    none = Indicator(name="Wohnungen", unit="Plätze", target="300")

    assert tables.figures_of(one, 2026, is_example=False) == tables.Figures("Wohnungen: 36 (2022)")
    assert tables.figures_of(none, 2026, is_example=False) == tables.Figures("Wohnungen (Plätze); Ziel 300")
