"""The search: what it finds, in which order, for whom, and what it makes of nonsense."""

import re
from copy import deepcopy

import pytest
from django.db import connection
from django.urls import reverse

from measures.models import Measure
from measures.search import NEEDS, SHEETS, STATEMENTS
from strategy.search import Words, shown, stems
from tests.factories import Cast, MeasureFactory, MilestoneFactory
from tests.pages import browser_of, text_of

pytestmark = pytest.mark.django_db
State = Measure.State

FRAME = 4  # session, user, memberships, the menu's counts


def ask(cast, who="project_group", **query):
    return browser_of(getattr(cast, who)).get(reverse("strategy:search", args=[cast.strategy.slug]), query)


def titles(response):
    assert response.status_code == 200
    return {group.kind.name: [str(hit.title) for hit in group.hits] for group in response.context["groups"]}


def found(cast, text, who="project_group"):
    return {kind: len(hits) for kind, hits in titles(ask(cast, who, q=text)).items()}


@pytest.fixture(scope="module")
def furnished(uncommitted):
    """A running measure that speaks of bicycles everywhere, a draft, needs, statements."""
    cast = Cast()
    cast.running = cast.measure(State.RUNNING, title="Führungskräfte entwickeln", goal="Mehr Diensträder in den Ämtern")
    MilestoneFactory(measure=cast.running, title="Probefahrt im Rathaushof")
    cast.running.report_status(
        by=cast.actor("project_group"), light=cast.light("disc"), progress=10, text="Zwölf Fahrräder sind bestellt."
    )
    cast.draft = cast.measure(State.DRAFT, title="Lastenradverleih", description="Noch geheim")
    cast.need("submitted", title="Duschen für Radfahrende", text="Wer mit dem Rad kommt, will duschen.")
    return cast


@pytest.fixture
def world(furnished, db):
    return deepcopy(furnished)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Führungskraft", {"measures": 1}),  # another form of the word
        ("fuehrung", {"measures": 1}),  # its beginning, written without umlaut
        ("Probefahrten", {"measures": 1}),
        ("Probefahrt Fahrrad führung", {"measures": 1}),  # each word in another text of the sheet
        ("bestellt und mehr", {"measures": 1}),  # “und” stands everywhere
        ("radverleih", {"measures": 1}),  # the middle of a compound, in a title
        ("Rad", {"measures": 1, "needs": 1}),
        ("Rädern", {"needs": 1}),
        ("duschen", {"needs": 1}),
        ("Probefahrt duschen", {}),
        ("und", {}),
        ("%", {}),
        ("' | ! & <-> \\ :*", {}),
        ("", {}),
    ],
)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="stems are PostgreSQL's")
def test_words_are_found_in_all_their_forms(world, text, kinds):
    assert found(world, text) == kinds


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("FÜHRUNG", {"measures": 1}),
        ("fuehrung", {"measures": 1}),
        ("probefahrt fahrräder", {"measures": 1}),
        ("duschen", {"needs": 1}),
        ("probefahrt duschen", {}),
        ("100%", {}),
    ],
)
def test_letters_are_found_on_every_database(world, text, kinds):
    assert found(world, text) == kinds


@pytest.mark.sqlite
def test_a_code_comes_first(world):
    field = world.field
    MeasureFactory(strategy=world.strategy, field=field, code="A77", title="Umzug von A78")
    MeasureFactory(strategy=world.strategy, field=field, code="A78", title="Dienstrad")

    assert titles(ask(world, q="a78"))["measures"] == ["Dienstrad", "Umzug von <mark>A78</mark>"]
    assert titles(ask(world, q="N1"))["needs"] == ["Duschen für Radfahrende"]


def test_what_bears_the_word_in_its_title_comes_before_what_only_mentions_it(cast):
    for code, title, goal in (("A1", "Jobticket", "Auch ein Dienstrad"), ("A2", "Dienstrad", "Alle fahren")):
        MeasureFactory(strategy=cast.strategy, field=cast.field, code=code, title=title, goal=goal)

    assert titles(ask(cast, q="dienstrad"))["measures"] == ["<mark>Dienstrad</mark>", "Jobticket"]


@pytest.mark.parametrize(
    ("who", "kinds"),
    [
        ("project_group", {"measures": 2, "needs": 1}),
        ("staff_council", {"measures": 1, "needs": 2}),
        ("department_head", {"measures": 1, "needs": 1}),
        ("steering_team", {"measures": 1, "needs": 1}),
        ("reader", {"measures": 1}),
        ("administrator", {"measures": 1}),
    ],
)
def test_everybody_finds_what_they_may_read(world, who, kinds):
    MilestoneFactory(measure=world.draft, title="Rad aussuchen")
    world.need("draft", title="Rad im Entwurf")
    MilestoneFactory(measure=world.running, title="Rad kaufen")
    Cast().measure(State.RUNNING, title="Rad von anderswo")

    assert found(world, "rad", who) == kinds


def test_statements_are_found_by_those_who_may_read_them(world):
    measure = world.measure(State.IN_REVIEW)
    slot = measure.open_review().slots.get(unit=world.unit)
    slot.respond(by=world.actor("department_head"), vote="object", text="Früher: Wildgänse")
    slot.respond(by=world.actor("department_head"), vote="object", text="Die Zugvögel stören")

    people = ("project_group", "steering_team", "department_head", "other_head", "staff_council", "reader")
    hears = {who for who in people if found(world, "Zugvögel", who)}

    assert hears == {"project_group", "steering_team", "department_head"}
    assert found(world, "Wildgänse") == {}  # replaced by a later statement


def test_a_proposed_text_is_not_found_before_it_is_in_force(world):
    world.running.amend(by=world.actor("project_group"), core={"title": "Eisvogel"})

    assert found(world, "Eisvogel") == {}


@pytest.mark.sqlite
def test_hits_are_marked_and_everything_else_is_escaped(cast):
    MeasureFactory(
        strategy=cast.strategy, title="<b>Rad</b> & Tat", goal="<script>alert(1)</script> ein Rad <i>los</i> und weiter"
    )

    page = ask(cast, q="rad").content.decode()

    assert "&lt;b&gt;<mark>Rad</mark>&lt;/b&gt; &amp; Tat" in page
    assert "<script>alert" not in page
    assert re.search(r"<mark>Rad</mark>\s+los\s+und weiter", page)


def test_marks_cannot_be_forged():
    assert shown("\ue000<b>\ue001 \ue000") == "<mark>&lt;b&gt;</mark> \ue000"


def test_a_passage_says_where_it_stands(world):
    hit = ask(world, q="probefahrt fahrrad").context["groups"][0].hits[0]

    assert [(str(label), str(text)) for label, text in hit.passages] == [
        ("Milestone", "<mark>Probefahrt</mark> im Rathaushof"),
        ("Status", "Zwölf <mark>Fahrräder</mark> sind bestellt"),
    ]


def test_nothing_found_leads_to_fewer_words(world):
    page = text_of(ask(world, q="duschen probefahrt eisbär"))

    assert "Nothing found for “duschen probefahrt eisbär”" in page
    assert "“duschen” alone: 1 hit" in page
    assert "“probefahrt” alone: 1 hit" in page
    assert "“eisbär” alone" not in page


@pytest.mark.parametrize("text", ["a\x00b", "ä" * 101])
def test_what_cannot_be_asked_says_so_at_its_field(world, text):
    response = ask(world, q=text)

    assert titles(response) == {}
    assert len(response.context["form"].errors["q"]) == 1
    assert 'aria-describedby="id_q_error"' in response.content.decode()
    assert "<title>Error: Search" in response.content.decode()


@pytest.mark.parametrize(
    "query", [{"kind": "secrets"}, {"kind": "needs"}, {"page": "9" * 5000}, {"q": ["x", "Führung"]}, {"kind": "\x00"}]
)
def test_nonsense_never_breaks_the_search(world, query):
    assert found(world, "Führung") == {"measures": 1}
    assert titles(ask(world, **({"q": "Führung"} | query)))["measures"] == ["<mark>Führungskräfte</mark> entwickeln"]


def test_one_kind_is_shown_page_by_page(cast):
    for number in range(1, 23):
        MeasureFactory(strategy=cast.strategy, field=cast.field, code=f"A{number}", title=f"Rad {number}")

    first = ask(cast, q="rad")

    assert len(titles(first)["measures"]) == 5
    assert "All 22 hits: Measures" in text_of(first)
    assert len(titles(ask(cast, q="rad", kind="measures"))["measures"]) == 20
    assert len(titles(ask(cast, q="rad", kind="measures", page=2))["measures"]) == 2


@pytest.mark.parametrize("rows", [1, 12])
def test_the_search_asks_the_same_number_of_questions(cast, rows, django_assert_num_queries):
    for number in range(1, rows + 1):
        measure = MeasureFactory(strategy=cast.strategy, field=cast.field, code=f"A{number}", title=f"Rad {number}")
        MilestoneFactory(measure=measure, title="Rad kaufen")
        cast.need("submitted", title="Rad")
    client = browser_of(cast.project_group)

    with django_assert_num_queries(FRAME + 4):  # the counts, measures, their milestones and updates, needs
        client.get(reverse("strategy:search", args=[cast.strategy.slug]), {"q": "rad"})


@pytest.mark.skipif(connection.vendor != "postgresql", reason="indexes are PostgreSQL's")
@pytest.mark.parametrize("texts", [*SHEETS.texts, *NEEDS.texts, *STATEMENTS.texts])
def test_each_table_has_an_index_that_its_question_uses(db, texts):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")  # a small table's primary key would be as good

    plan = texts.holding(["rad"]).explain()

    assert texts.index.name in plan


@pytest.mark.skipif(connection.vendor != "postgresql", reason="stems are PostgreSQL's")
@pytest.mark.parametrize(
    "word",
    ["'", "\\", "a'b\\", ":*", "(", "ä" * 100, "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")],
)
def test_no_word_is_taken_for_an_operator(db, word):
    assert list(Measure.objects.annotate(asked=stems(word)).filter(pk=None)) == []
    assert Words(word).words == [word]
