"""The brochure: public contents alone, the same for everyone, the same on page and paper."""

import io
import re
from datetime import date

import pikepdf
import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import override

from measures.models import Measure
from reporting.brochure import gist, read
from reporting.print.brochure import render
from reporting.print.checker import check
from strategy.models import FieldOfAction, Role
from tests import pages
from tests.factories import FieldFactory, IndicatorFactory, IndicatorValueFactory, StageFactory, UserFactory
from tests.pages import browser_of

from .print.reading import bookmarks, squeezed, text_of

State = Measure.State
pytestmark = pytest.mark.django_db
ENDLESS = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenfabrikationsanlagen"


def address(cast, name="brochure"):
    return reverse(f"reporting:{name}", args=[cast.strategy.slug])


def on_page(cast, who="reader"):
    return pages.text_of(browser_of(getattr(cast, who)).get(address(cast)))


def on_paper(cast, who="reader"):
    with pikepdf.open(io.BytesIO(browser_of(getattr(cast, who)).get(address(cast, "brochure-pdf")).content)) as pdf:
        return squeezed(text_of(pdf))


@pytest.fixture
def decided(cast):
    cast.strategy.vision, cast.strategy.subtitle = "Eine Stadt, für die man gern arbeitet.", "In Stufen bis 2030"
    cast.strategy.save()
    cast.field.summary = "Was die Stadt zahlt."
    cast.field.save()
    measure = cast.measure(
        State.RUNNING, title="Stuttgart-Zulage", description="Monatlich **mehr** Geld.", starts_on=date(2024, 1, 1),
        date_precision="year", responsible_function="Leitung Entgelt",
    )  # fmt: skip
    allowance = IndicatorFactory(measure=measure, name="Zulage", unit="€/Monat")
    IndicatorValueFactory(indicator=allowance, value=150, as_of=date(2025, 1, 1))
    staff = IndicatorFactory(strategy=cast.strategy, measure=None, name="Beschäftigte", unit="Personen", target=18000)
    for year, value in ((2021, 15000), (2023, 16000), (2025, 17600)):
        IndicatorValueFactory(indicator=staff, value=value, as_of=date(year, 6, 30))
    return measure


def test_page_and_paper_tell_the_same_from_vision_to_stages(cast, decided):
    page, paper = on_page(cast), on_paper(cast)

    for words in (
        cast.strategy.title, "Eine Stadt, für die man gern arbeitet.", "In Stufen bis 2030", "Was die Stadt zahlt.",
        "Stuttgart-Zulage", "Monatlich mehr Geld.", "150", "€/Monat", "Zulage", "Beschäftigte", "Personen",
        cast.field.title, cast.stage.title,
    ):  # fmt: skip
        assert words in page, words
        assert squeezed(words) in paper, words
    assert "1 measure in 1 field of action" in page
    assert squeezed("1 Maßnahme in 1 Handlungsfeld") in paper
    assert "17,600" in page
    assert "17.600" in paper


def test_only_what_has_been_decided_stands_in_it(cast, decided):
    for state in State:
        cast.measure(state, title=f"Maßnahme {state.value}")
    shown = {State.DECIDED, State.RUNNING, State.PAUSED, State.COMPLETED}
    page, paper = on_page(cast, "project_group"), on_paper(cast, "project_group")

    assert {state for state in State if f"Maßnahme {state.value}" in page} == shown
    assert {state for state in State if squeezed(f"Maßnahme {state.value}") in paper} == shown


def test_an_amendment_is_not_told_before_it_is_in_force(cast, decided):
    decided.amend(by=cast.actor("project_group"), core={"title": "Zulage gestrichen"})

    assert "gestrichen" not in on_page(cast, "project_group") + on_paper(cast, "project_group")


def test_nobody_is_named_in_it_not_even_by_function(cast, decided):
    said = on_page(cast, "project_group").partition("Menu")[2] + on_paper(cast, "project_group")

    assert "Leitung Entgelt" not in said
    assert "LeitungEntgelt" not in said


def test_a_figure_of_fewer_than_five_people_stands_in_it_for_nobody(cast, decided):
    few = IndicatorFactory(measure=decided, name="Härtefälle", unit="Personen", target=9)
    IndicatorValueFactory(indicator=few, value=4, people=4, as_of=date(2025, 12, 31), scope="Sozialdienst")

    for said in (on_page(cast, "project_group"), on_paper(cast, "project_group")):
        assert "Härtefälle" not in said
        assert "Sozialdienst" not in said


def test_everyone_reads_the_same(cast, decided):
    cast.measure(title="Entwurf")
    articles = set()
    for role in Role.values:
        page = browser_of(getattr(cast, role)).get(address(cast)).content.decode()
        articles.add(re.search(r"<article.*</article>", page, re.DOTALL)[0])

    assert len(articles) == 1
    assert "Stuttgart-Zulage" in articles.pop()


def test_a_field_without_a_decided_measure_is_announced_and_has_no_chapter(cast, decided):
    FieldFactory(strategy=cast.strategy, letter="Z", title="Später")
    StageFactory(strategy=cast.strategy, number=9, title="Noch fern")
    with override("de"):
        brochure = read(cast.strategy)
    pdf = render(brochure)

    assert [chapter.title for chapter in brochure.chapters if not chapter.entries] == ["Später"]
    assert check(pdf) == []
    with pikepdf.open(io.BytesIO(pdf)) as file:
        assert squeezed("Später, noch ohne beschlossene Maßnahme") in squeezed(text_of(file))
        titles = [title for title, _page in bookmarks(file)]
    assert "Noch fern" in titles
    assert "Z Später" not in titles


def test_a_strategy_without_anything_has_a_brochure_that_says_so(cast):
    assert "As soon as measures are decided" in on_page(cast)
    assert check(browser_of(cast.reader).get(address(cast, "brochure-pdf")).content) == []


@pytest.mark.parametrize("many", [1, 48])
def test_its_paper_keeps_the_structure_whatever_it_holds(cast, decided, many):
    cast.strategy.title = f"{ENDLESS} {ENDLESS}"[:200]
    cast.strategy.save()
    FieldOfAction.objects.filter(pk=cast.field.pk).update(title=(ENDLESS * 2)[:200])
    for number in range(many):
        measure = cast.measure(State.DECIDED, title=f"{number} {ENDLESS}", description=f"{ENDLESS} " * 60)
        indicator = IndicatorFactory(measure=measure, name=ENDLESS, unit="Personen")
        IndicatorValueFactory(indicator=indicator, value=123456789, as_of=date(2025, 1, 1))

    answer = browser_of(cast.reader).get(address(cast, "brochure-pdf"))

    assert check(answer.content) == []
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "private" in answer.headers["Cache-Control"]


def test_its_paper_is_set_once_for_the_same_contents_and_anew_when_they_change(cast, decided, monkeypatch):
    """Whoever may not see it does not get it from what is kept, either."""
    cache.clear()  # what another test of the same measures has kept
    set_anew = []
    monkeypatch.setattr(
        "reporting.print.brochure.render", lambda brochure: set_anew.append(brochure) or render(brochure)
    )
    ask = {role: browser_of(getattr(cast, role)) for role in ("reader", "project_group")}
    kept = {browser.get(address(cast, "brochure-pdf")).content for browser in [*ask.values(), *ask.values()]}
    assert (len(kept), len(set_anew)) == (1, 1)

    for change in ({"title": "Neuer Titel"}, {"state": State.COMPLETED}):
        Measure.objects.filter(pk=decided.pk).update(**change)
        kept.add(ask["reader"].get(address(cast, "brochure-pdf")).content)
    FieldOfAction.objects.filter(pk=cast.field.pk).update(summary="Anders")
    kept.add(ask["reader"].get(address(cast, "brochure-pdf")).content)

    assert (len(kept), len(set_anew)) == (4, 4)
    assert browser_of(UserFactory()).get(address(cast, "brochure-pdf")).status_code == 404


def test_its_contents_name_the_page_of_each_field(cast, decided):
    other = FieldFactory(strategy=cast.strategy, letter="Z", title="Wohnen")
    cast.measure(State.DECIDED, field=other)
    pdf = browser_of(cast.reader).get(address(cast, "brochure-pdf")).content

    with pikepdf.open(io.BytesIO(pdf)) as file:
        said, places = squeezed(text_of(file)), dict(bookmarks(file))
    for field in (cast.field, other):
        assert squeezed(f"{field.letter} {field.title} {places[f'{field.letter} {field.title}']}") in said


@pytest.mark.parametrize("size", [1, 6])
@pytest.mark.parametrize(("name", "queries"), [("brochure", 11), ("brochure-pdf", 10 + 3)])
def test_it_asks_the_same_number_of_questions(cast, decided, size, name, queries, django_assert_num_queries):
    for number in range(size):
        measure = cast.measure(State.RUNNING, field=FieldFactory(strategy=cast.strategy))
        for row in (IndicatorFactory(measure=measure), IndicatorFactory(strategy=cast.strategy, measure=None)):
            IndicatorValueFactory(indicator=row, value=9, as_of=date(2025, 1, 1 + number))
    browser = browser_of(cast.reader)

    with django_assert_num_queries(queries):
        browser.get(address(cast, name))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ""),
        ("Ein Satz.\n\nNoch ein Absatz.", "Ein Satz."),
        ("Erster Satz. Zweiter Satz, der nicht mehr passt.", "Erster Satz."),
        ("Ein Satz ohne Ende und ohne Punkt", "Ein Satz ohne Ende …"),
        ("Seit 1. Mai gilt alles für alle hier", "Seit 1. Mai gilt …"),
    ],
)
def test_a_measure_is_told_in_whole_sentences(text, said):
    assert gist(text, length=20) == said
