"""What a measure rests on: works agreements, surveys, literature; and the texts of its sheet."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from measures.history import history_of
from measures.models import EditConflict, Measure, Reference, Survey, WorksAgreement
from strategy.models import Role
from strategy.workflow import RuleViolation
from tests.factories import CouncilPaperFactory
from tests.pages import browser_of, typed_on

State = Measure.State
KINDS = (WorksAgreement, Survey, Reference)
ENDED = [State.COMPLETED, State.DROPPED]


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def added(cast, measure, model=Reference, **values):
    row = model(measure=measure, **{"title": "Leitfaden"} | values)
    row.enter(by=cast.actor("project_group"))
    return row


@pytest.mark.parametrize("model", KINDS)
def test_it_is_added_changed_and_removed_and_the_history_tells_it(cast, model):
    measure, by = cast.measure(State.RUNNING), cast.actor("project_group")

    row = added(cast, measure, model)
    row.edit(by=by, version=1, changes={"title": "Handreichung", "url": "https://www.stuttgart.de/"})
    row.remove(by=by)

    name = str(model._meta.verbose_name).capitalize()
    entries = history_of(measure, by)[:3]
    assert [str(entry.text) for entry in entries] == [
        f"{name} removed: Handreichung",
        f"{name} changed: Handreichung",
        f"{name} added: Leitfaden",
    ]
    assert [(str(change.label), change.after) for change in entries[1].changes] == [
        ("title", "Handreichung"),
        ("web address", "https://www.stuttgart.de/"),
    ]
    assert not model.objects.exists()


@pytest.mark.parametrize("name", [*Role.values, "other_head", "stranger"])
def test_only_the_project_group_writes_it(cast, name):
    measure, by = cast.measure(State.RUNNING), cast.actor(name)
    row = added(cast, measure)

    deeds = [
        lambda: Reference(measure=measure, title="Neu").enter(by=by),
        lambda: row.edit(by=by, version=1, changes={"title": "Anders"}),
        lambda: row.remove(by=by),
    ]
    for deed in deeds:
        if name == "project_group":
            deed()
        else:
            with pytest.raises(PermissionDenied):
                deed()


@pytest.mark.parametrize("state", ENDED)
def test_with_the_measure_it_ends(cast, state):
    measure = cast.measure(state)
    row = Reference.objects.create(measure=measure, title="Leitfaden")

    with pytest.raises(RuleViolation):
        row.edit(by=cast.actor("project_group"), version=1, changes={"title": "Anders"})

    assert Reference.objects.get().title == "Leitfaden"


def test_of_two_editors_the_second_is_told(cast):
    row = added(cast, cast.measure())
    twin = Reference.objects.get()
    row.edit(by=cast.actor("project_group"), version=1, changes={"title": "Erste"})

    with pytest.raises(EditConflict) as conflict:
        twin.edit(by=cast.actor("project_group"), version=1, changes={"title": "Zweite"})

    assert conflict.value.row.title == "Erste"
    row.remove(by=cast.actor("project_group"))
    with pytest.raises(RuleViolation):
        twin.edit(by=cast.actor("project_group"), version=2, changes={"title": "Zweite"})


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (WorksAgreement, {"state": "negotiating", "concluded_on": date(2026, 1, 1)}),
        (Survey, {"respondents": 4}),
    ],
)
def test_what_cannot_be_is_refused_by_the_database(cast, model, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(measure=cast.measure(), title="Unmöglich", **values)


@pytest.mark.parametrize(
    ("address", "is_taken"),
    [
        ("https://www.stuttgart.de/digitalmoves", True),
        ("http://www.stuttgart.de", True),
        ("", True),
        ("file:///C:/Users/u00p123/Desktop/sdg/www.stuttgart.de/digitalmoves", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("ftp://stuttgart.de/a", False),
        ("www.stuttgart.de", False),
    ],
)
def test_only_addresses_of_the_web_are_taken(cast, address, is_taken):
    reference = Reference(measure=cast.measure(), title="Digital MoveS", url=address)

    if is_taken:
        reference.clean_fields(exclude=["strategy"])
    else:
        with pytest.raises(ValidationError) as refusal:
            reference.clean_fields(exclude=["strategy"])
        assert set(refusal.value.message_dict) == {"url"}


def test_texts_and_papers_of_the_sheet_change_while_the_measure_runs_and_are_told_as_one(cast):
    measure, by = cast.measure(State.RUNNING), cast.actor("project_group")
    paper = CouncilPaperFactory(strategy=cast.strategy, number="48/2023", title="Vordringliche Maßnahmen")
    measure.refresh_from_db()

    measure.edit(
        by=by,
        version=measure.version,
        changes={
            "risks": "Die Stellen fehlen.",
            "origin": "council_paper",
            "origin_paper": paper,
            "involved_units": [],
            "council_papers": [paper],
        },
    )

    entry = history_of(measure, by)[0]
    told = {str(change.label): (str(change.before), str(change.after)) for change in entry.changes}
    assert told == {
        "involved units": ("51 Jugendamt", ""),
        "risks": ("", "Die Stellen fehlen."),
        "origin": ("", "council paper"),
        "paper it came from": ("", str(paper)),
        "decisions and council papers": ("", str(paper)),
    }


@pytest.mark.parametrize("name", ["council_papers", "origin_paper"])
def test_a_paper_of_another_strategy_is_refused(cast, name):
    measure, foreign = cast.measure(), CouncilPaperFactory()
    changes = {name: [foreign] if name == "council_papers" else foreign}

    with pytest.raises(ValidationError) as refusal:
        measure.edit(by=cast.actor("project_group"), version=measure.version, changes=changes)

    assert set(refusal.value.message_dict) == {name}
    assert not foreign.measures.exists()
    assert not foreign.measures_begun.exists()


# On the sheet


def test_what_the_measure_rests_on_stands_on_its_sheet_and_nothing_empty(cast, client):
    measure = cast.measure(
        State.RUNNING,
        initial_situation="Rund **250** Telearbeitsplätze.\n\n- zu wenige\n- [Digital MoveS](https://www.stuttgart.de/digitalmoves)",
        risks="<script>alert(1)</script>",
        origin="existing_offer",
    )
    added(cast, measure, WorksAgreement, title="Mobiles Arbeiten", state="negotiating", note="kurz *vor* Abschluss")
    added(cast, measure, Survey, title="Lockdown", held_on=date(2020, 7, 1), date_precision="year", respondents=1200)
    added(cast, measure, title="Digital MoveS", url="https://www.stuttgart.de/digitalmoves")
    client.force_login(cast.reader)

    html = client.get(measure.get_absolute_url()).content.decode()

    for part in (
        "<strong>250</strong>",
        "<li>zu wenige</li>",
        '<a href="https://www.stuttgart.de/digitalmoves" rel="noopener noreferrer">Digital MoveS</a>',
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<em>vor</em>",
        "n = 1200",
        'id="agreements"',
        'id="surveys"',
        'id="references"',
    ):
        assert part in html, part
    assert 'id="experience"' not in html
    assert 'id="target_group"' not in html


def test_the_texts_of_the_sheet_are_typed_in_the_form(cast):
    measure, paper = cast.measure(State.RUNNING), CouncilPaperFactory(strategy=cast.strategy)
    writer, address = browser_of(cast.project_group), edit_url(measure)

    answer = writer.post(
        address,
        typed_on(
            writer.get(address),
            experience="Der Wunsch ist groß.",
            origin="council_paper",
            origin_paper=paper.pk,
            council_papers=[paper.pk],
        ),
    )

    assert answer.status_code == 302
    measure.refresh_from_db()
    assert (measure.experience, measure.origin, measure.origin_paper) == (
        "Der Wunsch ist groß.",
        "council_paper",
        paper,
    )
    assert list(measure.council_papers.all()) == [paper]


def edit_url(measure):
    return reverse("measures:edit", args=[measure.strategy.slug, measure.code])
