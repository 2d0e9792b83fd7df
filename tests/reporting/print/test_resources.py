"""What the paper adds up: by hand-made numbers, needed, registered and granted, and what the budget is to bear."""

from reporting.print import pages, resources
from reporting.print.checker import check
from reporting.print.projection import Resource
from reporting.print.render import render

from . import samples


def row(kind, year, amount, step="noted", granted=""):
    words = {"noted": "vorgemerkt", "registered": "angemeldet", "granted": "bewilligt"}
    return Resource(
        kind=kind, year=year, amount=amount, state=words.get(step, "beantwortet"), step=step, granted=granted
    )


FIRST = samples.measure(
    "A1",
    resources=(
        row("positions", 2026, "2", "granted", "2"),
        row("positions", 2027, "2.5", "registered"),
        row("operating", 2026, "100000", "partly_granted", "60000"),
        row("operating", 2028, "85000"),
    ),
)
SECOND = samples.measure(
    "A2",
    title="Azubi-Wohnen",
    resources=(
        row("positions", 2026, "1", "refused", "0"),
        row("capital", 2027, "340000", "registered"),
        row("operating", 2028, "15000", "registered"),
    ),
)
BARE = samples.measure("A3", title="Ohne Bedarf")
ALL = (FIRST, SECOND, BARE)


def cells(table):
    return [(line.head, line.cells) for line in (*table.rows, table.total)]


def test_each_kind_says_what_is_needed_registered_and_granted_in_each_year():
    shown = resources.by_year(ALL)

    assert shown.heads == ["2026", "2027", "2028"]
    assert {group.head: [(line.head, line.cells) for line in group.rows] for group in shown.groups} == {
        "Stellen": [
            ("Bedarf", ["3,0", "2,5", "–"]),
            ("angemeldet", ["3,0", "2,5", "–"]),
            ("bewilligt", ["2,0", "–", "–"]),
        ],
        "Ergebnishaushalt (T€)": [
            ("Bedarf", ["100", "–", "100"]),
            ("angemeldet", ["100", "–", "15"]),
            ("bewilligt", ["60", "–", "–"]),
        ],
        "Finanzhaushalt (T€)": [
            ("Bedarf", ["–", "340", "–"]),
            ("angemeldet", ["–", "340", "–"]),
            ("bewilligt", ["–", "–", "–"]),
        ],
    }


def test_fields_of_action_add_up_by_kind_and_year():
    fields = (samples.field("A", FIRST), samples.field("B", SECOND, title="Wohnen"))

    assert cells(resources.by_field(fields, ["positions"])) == [
        ("A Personalgewinnung", ["2,0", "2,5"]),
        ("B Wohnen", ["1,0", "–"]),
        ("Summe", ["3,0", "2,5"]),
    ]
    assert cells(resources.by_field(fields, resources.MONEY))[-1] == ("Summe", ["100", "340", "100"])


def test_financial_effects_bear_what_is_granted_or_still_only_registered():
    effects = {effect.title: cells(effect.table) for effect in resources.effects(ALL, (2026, 2027))}

    assert effects == {
        "Ergebnishaushalt: zusätzliche Aufwendungen in T€": [
            ("A1 Arbeitgebermarke Stuttgart von Beruf", ["60", "–"]),
            ("Summe", ["60", "–"]),
        ],
        "Finanzhaushalt: neue Investitionen in T€": [("A2 Azubi-Wohnen", ["–", "340"]), ("Summe", ["–", "340"])],
        "Stellenbedarf: zusätzliche Stellen": [
            ("A1 Arbeitgebermarke Stuttgart von Beruf", ["2,0", "2,5"]),
            ("Summe", ["2,0", "2,5"]),
        ],
    }


def test_the_outlook_says_how_much_of_the_next_budget_is_registered():
    (effect,) = resources.ahead(ALL, (2028, 2029))

    assert cells(effect.table) == [
        ("A1 Arbeitgebermarke Stuttgart von Beruf", ["85", "–"]),
        ("A2 Azubi-Wohnen", ["15", "–"]),
        ("Summe", ["100", "–"]),
    ]
    assert (effect.below.head, effect.below.cells) == ("davon angemeldet", ["15", "–"])


def test_nothing_needed_leaves_no_table():
    assert resources.by_year((BARE,)) is None
    assert resources.by_field((samples.field("A", BARE),), ["positions"]) is None
    assert resources.effects(ALL, ()) == resources.effects((BARE,), (2026, 2027)) == []
    assert resources.ahead(ALL, ()) == []


def test_the_tables_stand_in_paper_overview_and_outlook_of_a_whole_file():
    paper = samples.paper(banner=("Haushalt 2026/2027",), finances="Siehe Tabellen.", finance_years=(2026, 2027))
    projection = samples.projection(samples.field("A", *ALL), paper=paper, next_budget=(2028, 2029))

    front, body = pages.front(projection, "0" * 64, {}), pages.body(projection, "0" * 64)

    assert front.index("Haushalt 2026/2027") < front.index('class="subject"')
    assert front.count('<table class="effect">') == 3
    assert "Stellen und Mittel je Haushaltsjahr" in body
    assert "Doppelhaushalt 2028/2029" in body
    assert check(render(projection)) == []
