"""What the paper says of the staff council's needs."""

import pytest

from reporting.print import need, pages

from . import samples

MERGED = {"outcome": "merged", "answered_on": "2026-11-10"}


def rows(*found, as_of="2026-11-20"):
    return [row for table in need.tables_of(found, as_of) for row in table.rows]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"outcome": "adopted", "answered_on": "2026-11-10", "reason": "Das ist nötig.", "measure": "H3"},
            "übernommen am 10.11.2026: Das ist nötig.",
        ),
        ({**MERGED, "measure": "H3"}, "zusammengeführt am 10.11.2026 mit Maßnahme H3."),
        ({**MERGED, "need": "N2", "measure": "H3"}, "zusammengeführt am 10.11.2026 mit Bedarf N2."),
        (MERGED, "zusammengeführt am 10.11.2026."),
        (
            {"outcome": "deferred", "answered_on": "2026-11-10", "stage": "Stufe 3: Verstetigung"},
            "zurückgestellt am 10.11.2026 auf „Stufe 3: Verstetigung“.",
        ),
        (
            {"outcome": "declined", "answered_on": "2026-11-10", "reason": "Dafür fehlen Stellen."},
            "nicht übernommen am 10.11.2026: Dafür fehlen Stellen.",
        ),
    ],
    ids=["adopted", "merged with a measure", "merged with a need", "merged", "deferred", "declined"],
)
def test_every_outcome_is_said_in_words(values, sentence):
    assert [row.answer for row in rows(samples.need(**values))] == [sentence]


@pytest.mark.parametrize(
    ("as_of", "sentence"),
    [
        ("2026-11-20", "noch nicht beantwortet, Frist 24.11.2026 (Tag 17 von 21)"),
        ("2026-11-24", "noch nicht beantwortet, Frist 24.11.2026 (Tag 21 von 21)"),
        ("2026-11-25", "noch nicht beantwortet, seit dem 24.11.2026 überfällig"),
    ],
)
def test_what_is_not_answered_shows_its_clock(as_of, sentence):
    assert [row.answer for row in rows(samples.need(), as_of=as_of)] == [sentence]


def test_an_objection_is_told_with_its_answer():
    declined = {"outcome": "declined", "answered_on": "2026-11-10", "objected_on": "2026-11-12"}
    settled = {**declined, "objection_answered_on": "2026-11-19", "objection_answer": "Es bleibt dabei."}

    assert [row.objection for row in rows(samples.need(**declined), samples.need(**settled), samples.need())] == [
        "Einwand vom 12.11.2026, vom Lenkungsteam noch nicht beantwortet.",
        "Einwand vom 12.11.2026, vom Lenkungsteam beantwortet am 19.11.2026: Es bleibt dabei.",
        "",
    ]


def test_informal_needs_and_applications_stand_in_tables_of_their_own():
    found = need.tables_of([samples.need("N1"), samples.need("N2", kind="application")], "2026-11-20")

    assert [(table.title, [row.need.number for row in table.rows]) for table in found] == [
        ("Informelle Bedarfe", ["N1"]),
        ("Anträge nach § 84 LPVG", ["N2"]),
    ]


def test_the_sentences_before_the_table_say_only_what_holds():
    informal = "Informelle Bedarfe sind keine Anträge nach dem Landespersonalvertretungsgesetz."
    confidential = "Als vertraulich bezeichnete Bedarfe stehen nur in der nichtöffentlichen Fassung."

    said = [
        need.note_of([samples.need(**values)]) for values in ({}, {"kind": "application"}, {"is_confidential": True})
    ]

    assert [(informal in sentence, confidential in sentence) for sentence in said] == [
        (True, False),
        (False, False),
        (True, True),
    ]


def test_a_need_stands_beside_the_measure_it_became_and_its_light():
    adopted = {"outcome": "adopted", "answered_on": "2026-11-10"}
    found = (samples.need(**adopted, measure="H3", light="plan"), samples.need(**adopted), samples.need())

    html = pages.body(samples.projection(needs=found), "0" * 64)

    assert '<td>H3<br><span class="disc">●\u00a0planmäßig</span></td>' in html
    assert html.count("<td>wird erarbeitet</td>") == 1
    assert html.count("<td>–</td>") == 1
