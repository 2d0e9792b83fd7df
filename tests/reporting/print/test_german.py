"""Days, numbers and periods as the paper says them."""

import pytest

from reporting.print import german
from reporting.print.projection import Resource

from . import samples


@pytest.mark.parametrize(
    ("iso", "text"),
    [("2026-06-30", "30.06.2026"), ("2026-06", "Juni 2026"), ("2026-02", "Febr. 2026"), ("2026", "2026"), ("", "")],
)
def test_day(iso, text):
    assert german.day(iso) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1234567.5000", "1.234.567,5"),
        ("7000.0000", "7.000"),
        ("10", "10"),
        ("0.05", "0,05"),
        ("-3.50", "-3,5"),
        ("1E+3", "1.000"),
    ],
)
def test_number(value, text):
    assert german.number(value) == text


def test_positions_have_a_decimal_and_euros_are_thousands():
    assert german.positions("3") == "3,0"
    assert german.positions("0.25") == "0,25"
    assert german.thousands("1234567") == "1.235"


@pytest.mark.parametrize(
    ("values", "text", "in_years"),
    [
        ({"begins": "2024", "ends": "2028"}, "2024–2028", "2024–2028"),
        ({"begins": "2024-07-01", "ends": "2024-12-31"}, "01.07.2024–31.12.2024", "2024"),
        ({"begins": "2024"}, "ab 2024", "ab 2024"),
        ({"ends": "2028-12"}, "bis Dez. 2028", "bis 2028"),
        ({"is_permanent": True}, "laufend", "laufend"),
        ({}, "", ""),
    ],
)
def test_period(values, text, in_years):
    measure = samples.measure(**values)

    assert german.period(measure) == text
    assert german.years(measure) == in_years


def test_resources_say_a_common_state_once():
    rows = [
        Resource(kind="positions", year=2026, amount="0.5", state="angemeldet"),
        Resource(kind="operating", year=2026, amount="85000.00", state="angemeldet"),
        Resource(kind="capital", year=2027, amount="1200000", state="angemeldet"),
    ]

    assert german.resource_years(samples.measure(resources=rows)) == [
        "2026: 0,5 Stellen, 85 T€",
        "2027: 1.200 T€ (investiv) (angemeldet)",
    ]


def test_resources_of_different_states_say_each():
    rows = [
        Resource(kind="positions", year=2026, amount="2", state="bewilligt"),
        Resource(kind="operating", year=2026, amount="40000", state="angemeldet"),
    ]

    assert german.resource_years(samples.measure(resources=rows)) == [
        "2026: 40 T€ (angemeldet); 2,0 Stellen (bewilligt)"
    ]


def test_sources_are_said_in_short_and_once():
    sources = ("https://www.stuttgart.de/a", "https://stuttgart.de/b?c=d", "Projektblatt", "http://[")

    assert german.places(sources) == "stuttgart.de, Projektblatt, ["


def test_a_long_address_keeps_its_host():
    measure = german.settable(samples.measure(sources=["https://www.stuttgart.de/" + "x" * 100]))

    assert german.places(measure.sources) == "stuttgart.de"


def test_names_and_numbers_stay_in_one_piece():
    assert german.typeset("GRDrs 972/2023 und GRDrs. 48/2023") == "GRDrs\u00a0972/2023 und GRDrs.\u00a048/2023"
    assert german.typeset("Prof. Dr. Rump, 24,7 Mio. €") == "Prof.\u00a0Dr.\u00a0Rump, 24,7\u00a0Mio.\u00a0€"
    assert german.typeset("Beschlossen:\n- D1 <b>\n- D2") == "Beschlossen:<br>- D1 &lt;b&gt;<br>- D2"
    assert german.typeset("workSTUgether & <b>") == '<span class="name">workSTUgether</span> &amp; &lt;b&gt;'


def test_the_bar_never_looks_finished_before_it_is():
    assert [german.step_of_five(value) for value in (0, 4, 5, 99, 100)] == [0, 0, 5, 95, 100]


def test_endless_words_are_parted_and_long_names_cut():
    measure = german.settable(samples.measure(title="T" * 400, goal="z" * 120, status="https://x.de/" + "/a" * 150))

    assert measure.title.replace(german.BREAK, "").replace(" ", "") == "T" * 299 + "…"
    assert measure.goal == " ".join(["z" * 50, "z" * 50, "z" * 20])
    assert max(map(len, measure.status.replace(german.BREAK, " ").split())) == 10
