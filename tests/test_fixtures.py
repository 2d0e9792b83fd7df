"""The demo's data: complete, marked where it is not documented, and with a history that holds."""

import json
import re
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from measures.findings import Findings
from measures.models import (
    Ballot,
    Condition,
    IndicatorValue,
    Measure,
    Milestone,
    Need,
    RankingRound,
    ResourceRequest,
    Review,
    ReviewSlot,
    StaffParticipation,
    StatusUpdate,
)
from measures.models.ballot import receipt_of
from measures.results import evaluate
from reporting.management.commands.load_demo import ACCOUNTS, FILES, REFERENCE, SLUG, move_open_deadlines
from strategy.models import (
    CouncilPaper,
    FieldOfAction,
    Membership,
    OrganisationalUnit,
    OutgoingMail,
    Sourced,
    Strategy,
    Transition,
    User,
)
from strategy.workflow import Workflow

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]

FIXTURES = Path("fixtures")
FACTS = json.loads((FIXTURES / "strategy_facts.json").read_text(encoding="utf-8"))
FACTS_OF = {fact["title_de"]: fact for fact in FACTS["measures"]}
MARKERS = {"Beispiel", "Nicht belegt", "Allgemeines Fachwissen, nicht belegt", "Projektblatt mobiles Arbeiten"}
TECHNICAL = {"id", "strategy", "version", "created_at", "provenance", "source", "date_precision", "paused_from"}
BEGINS_AS = {Measure: "draft", Review: "open", ReviewSlot: "open", Condition: "open", StaffParticipation: "open"}
BEGINS_AS |= {ResourceRequest: "noted", Need: "draft", RankingRound: "planned", StaffParticipation: ""}
MOVED_BY_THE_CLOCK = {("rankinground", "close")}  # steps that nobody takes in person
NAMES = r"\b(Mayer|Rump|Nopper|Sußmann|Kuhn)\b"

SUMS = {  # of the file, added up by hand: positions, operating and capital budget; each needed, registered, granted
    "field": {
        "A": "95.00 93.00 2.00 | 26352781.25 25557781.25 2025281.25 | - - -",
        "B": "32.50 25.50 25.50 | 3507416.40 2687416.40 2287416.40 | - - -",
        "C": "- - - | 112952304.99 87721304.99 38101304.99 | - - -",
        "D": "26.50 20.50 15.50 | 24519516.25 24269516.25 180916.25 | 3900000.00 3000000.00 2100000.00",
        "E": "30.00 20.00 0.00 | - - - | - - -",
        "F": "135.00 110.00 5.00 | 240000.00 160000.00 80000.00 | - - -",
        "G": "5.00 4.00 4.00 | 30600000.00 24315000.00 11875000.00 | 6500000.10 5000000.10 1000000.05",
        "H": "119.50 89.50 73.75 | - - - | - - -",
    },
    "stage": {
        "1": "264.00 222.00 112.25 | 171708418.89 139207418.89 54449918.89 | - - -",
        "2": "179.50 140.50 13.50 | 25863600.00 25103600.00 100000.00 | 10400000.10 8000000.10 3100000.05",
        "3": "- - - | 600000.00 400000.00 - | - - -",
    },
    "year": {
        "2024": "162.00 162.00 19.25 | 42594600.50 42594600.50 19312100.50 | 1230000.00 1230000.00 855000.00",
        "2025": "82.50 82.50 28.50 | 32210818.39 32210818.39 31880818.39 | 1970000.10 1970000.10 1345000.05",
        "2026": "59.00 59.00 39.00 | 45005300.00 45005300.00 1678500.00 | 2400000.00 2400000.00 450000.00",
        "2027": "59.00 59.00 39.00 | 44900300.00 44900300.00 1678500.00 | 2400000.00 2400000.00 450000.00",
        "2028": "81.00 - - | 33461000.00 - - | 2400000.00 - -",
    },
    "state": {
        "noted": "81.00 - - | 33461000.00 - - | 2400000.00 - -",
        "registered": "189.00 189.00 - | 109083600.00 109083600.00 - | - - -",
        "granted": "98.00 98.00 98.00 | 54012418.89 54012418.89 54012418.89 | 1200000.00 1200000.00 1200000.00",
        "partly_granted": "55.50 55.50 27.75 | 1075000.00 1075000.00 537500.00 | 3800000.10 3800000.10 1900000.05",
        "refused": "20.00 20.00 0.00 | 540000.00 540000.00 0.00 | 3000000.00 3000000.00 0.00",
    },
}


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """The demo as loaded, once for the module; what a test changes is undone by itself."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_demo", without_reports=True, stdout=StringIO())
        yield Strategy.objects.get(slug=SLUG)
        transaction.set_rollback(True)


def sourced():
    return [model for model in apps.get_models() if issubclass(model, Sourced)]


def rows_of_the_files():
    for name in FILES:
        yield from json.loads((FIXTURES / SLUG / f"{name}.json").read_text(encoding="utf-8"))


def texts(value):
    """Every text within a value as it comes out of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def test_holds_everything_the_facts_have(demo):
    assert OrganisationalUnit.objects.count() == len(FACTS["org_units"])
    assert CouncilPaper.objects.exclude(source="Beispiel").count() == len(FACTS["council_papers"])
    assert Measure.objects.count() == len(FACTS["measures"]) == 48
    assert demo.is_demo


def test_codes_follow_the_order_of_the_facts(demo):
    expected = []
    for letter, field in zip("ABCDEFGH", FACTS["fields_of_action"], strict=True):
        titles = [fact["title_de"] for fact in FACTS["measures"] if fact["field"] == field["key"]]
        expected += [(f"{letter}{number}", title) for number, title in enumerate(titles, 1)]
    assert list(Measure.objects.values_list("code", "title")) == expected
    assert ("D1", "Mobiles Arbeiten als Regelangebot") in expected
    for field in FieldOfAction.objects.all():
        assert field.last_number == field.measures.count()


def test_every_row_is_valid(demo):
    checked = 0
    for label in ("strategy", "measures"):
        for model in apps.get_app_config(label).get_models():
            if not model._meta.model_name.startswith("historical"):
                for row in model._default_manager.all():
                    row.full_clean(exclude=left_empty(row))
                    checked += 1
    assert checked > 1000


def left_empty(row):
    """Fields without a value that no form asks for, an empty ballot's too; a first step comes from no state."""
    values = {field.name: getattr(row, field.attname) for field in row._meta.concrete_fields}
    first = ["before"] if isinstance(row, Transition) and row.verb == "start" else []
    nullable = {field.name for field in row._meta.concrete_fields if field.null}
    return first + [name for name, value in values.items() if value == [] or (value is None and name in nullable)]


def test_lights_and_states_are_spread_as_in_the_pictures(demo):
    lights = Counter(Measure.objects.values_list("light__shape", flat=True))
    assert lights == {"octagon": 4, "triangle": 9, "ring": 10, "disc": 18, "square": 7}
    states = Counter(Measure.objects.values_list("state", flat=True))
    assert states == {
        "draft": 2,
        "in_review": 4,
        "agreed": 3,
        "decided": 1,
        "running": 30,
        "paused": 1,
        "completed": 7,
    }
    assert Measure.objects.stale(REFERENCE).count() == 8
    assert not Measure.objects.ownerless().exists()


def test_open_reviews_show_each_case(demo):
    reviews = {review.measure.code: review for review in Review.objects.open()}
    assert set(reviews) == {"B6", "D3", "E5", "F2", "H6"}
    passed = max(timezone.localdate() - REFERENCE, REFERENCE - REFERENCE)
    assert reviews["E5"].is_overdue(REFERENCE + passed)
    assert reviews["E5"].unanswered().count() == 2
    assert reviews["F2"].unsettled().count() == 1
    assert not reviews["H6"].unanswered().exists()
    assert Condition.objects.filter(response__slot__review=reviews["H6"], state="open").count() == 1
    assert reviews["B6"].unanswered().count() == reviews["B6"].slots.count()
    assert reviews["D3"].text_version.state == "proposed"


def test_the_round_of_2023_shows_three_groups_and_led_to_the_priorities(demo):
    first = RankingRound.objects.get(state="published")
    groups = {row["group"]: (row["shown"], row["n"]) for row in first.results["groups"]}
    assert groups == {
        "department_heads": (True, 26),
        "administrative_heads": (True, 12),
        "project_group": (True, 6),
    }
    figures = [row["w"] for row in first.results["groups"]]
    assert all(0.65 <= w <= 0.8 for w in figures)
    assert [group.word for group in Findings(first, first.measures.all()).groups] == ["mittel", "mittel", "hoch"]
    assert sum(row["proposed"] for row in first.results["items"]) == 7
    decided = Measure.objects.filter(decided_on=date(2023, 10, 16))
    assert decided.count() == first.measures.count() == 38
    for decision in (measure.priority_decisions.earliest("pk") for measure in decided):
        assert decision.round_measure == first.measures.get(measure=decision.measure)


def test_results_are_those_of_the_ballots(demo):
    first = RankingRound.objects.get(state="published")
    ballots = first.ballots.filter(state="submitted").select_related("elector")
    again = evaluate(
        [(ballot.elector.group, ballot.order) for ballot in ballots],
        list(first.measures.values_list("pk", flat=True)),
        dict.fromkeys(RankingRound.Group, 1.0),
        seed=first.pk,
    )
    receipts = sorted(receipt_of(first.pk, ballot.order, ballot.nonce) for ballot in ballots)
    assert {name: first.results[name] for name in again} == json.loads(json.dumps(again))
    assert first.results["receipts"] == receipts
    assert len(set(receipts)) == 44


def test_the_open_round_waits_for_the_accounts(demo):
    current = RankingRound.objects.get(state="open")
    drafts = {
        ballot.elector.user.username: len(ballot.order)
        for ballot in current.ballots.filter(elector__user__username__in=ACCOUNTS, state="draft")
    }
    assert drafts == {"amtsleitung": 0, "amtsleitung51": 31, "verwaltungsleitung": 0, "projektgruppe": 0}
    assert current.measures.count() == 38
    assert len(Ballot.objects.get(round=current, elector__user__username="amtsleitung51").undo) == 5
    assert [(row["group"], row["electors"], row["ballots"]) for row in current.turnout()] == [
        ("department_heads", 30, 9),
        ("administrative_heads", 17, 6),
        ("project_group", 9, 3),
    ]


def test_needs_show_each_way(demo):
    shown = [
        (need.code, need.state, need.outcome, need.measure.code if need.measure else "", need.is_confidential)
        for need in Need.objects.order_by("submitted_on", "number")
    ]
    assert sorted(shown) == [
        ("", "draft", "", "", False),
        ("N1", "settled", "adopted", "D4", False),
        ("N2", "settled", "merged", "A6", False),
        ("N3", "objected", "declined", "", False),
        ("N4", "answered", "deferred", "", False),
        ("N5", "acknowledged", "", "", False),
        ("N6", "submitted", "", "", True),
    ]
    assert {need.kind for need in Need.objects.all()} == {"informal"}
    for need in Need.objects.all():
        assert need.text.endswith("(Beispiel)")
        assert not need.answer_text or need.answer_text.endswith("(Beispiel)")


def test_formal_participations_stand_in_each_state(demo):
    assert Counter(StaffParticipation.objects.values_list("state", flat=True)) == {
        "open": 2,
        "stated": 1,
        "concluded": 2,
    }


@pytest.mark.parametrize("dimension", SUMS)
def test_sums_of_resources_are_right_to_the_cent(demo, client, dimension):
    client.force_login(User.objects.get(username="projektgruppe"))
    sums = client.get(f"/{SLUG}/resources/?rows={dimension}").context["sums"]

    rows = list(sums.rows())
    assert {asked(row.query)[dimension]: words_of(row) for row in rows} == SUMS[dimension]


def test_every_sum_of_resources_leads_to_its_rows(demo, client):
    client.force_login(User.objects.get(username="projektgruppe"))
    sums = client.get(f"/{SLUG}/resources/?rows=stage").context["sums"]
    cells = [cell for row in [*sums.rows(), sums.total()] for cell in row.cells if cell.amount is not None]

    assert len(cells) == 26
    for cell in cells:
        found = client.get(f"/{SLUG}/resources/{cell.query}").context["sums"].found
        amounts = [line.granted if cell.figure == "granted" else line.amount for line in found]
        assert sum(amounts) == cell.amount, cell
        assert {line.kind for line in found} == {cell.kind}


def asked(query):
    return QueryDict(query.removeprefix("?").split("#")[0])


def words_of(row):
    amounts = ["-" if cell.amount is None else f"{cell.amount:.2f}" for cell in row.cells]
    return " | ".join(" ".join(amounts[place : place + 3]) for place in range(0, 9, 3))


@pytest.mark.parametrize("model", BEGINS_AS, ids=lambda model: model.__name__)
def test_transitions_lead_to_the_state(demo, model):
    for row in model.objects.all():
        state = BEGINS_AS[model]
        for step in row.transitions:
            assert step.before == state, f"{row}: {step.verb}"
            by_itself = (row._meta.model_name, step.verb) in MOVED_BY_THE_CLOCK
            assert (step.user is None, step.membership is None) == (by_itself, by_itself)
            state = step.after
        assert row.state == state, str(row)


def test_no_step_is_taken_in_the_future(demo):
    assert Transition.objects.latest("at").at.date() <= max(REFERENCE, timezone.localdate())  # open needs come along
    assert Transition.objects.earliest("at").at.date() > date(2023, 1, 1)


def test_changes_end_with_what_is_stored(demo):
    for model in (Measure, StatusUpdate, Milestone, ResourceRequest):
        for row in model.objects.all():
            latest = row.changes.latest()
            for field in model._meta.concrete_fields:
                assert getattr(latest, field.attname) == getattr(row, field.attname), f"{row}: {field.name}"
            assert row.changes.earliest().history_type == "+"
            assert not row.changes.filter(history_user=None).exists(), row


def test_a_past_day_can_be_told(demo):
    measure = Measure.objects.get(code="D1")
    then = measure.changes.as_of(timezone.make_aware(timezone.datetime(2024, 6, 1)))
    assert then.state == "running"
    assert then.goal != measure.goal
    assert [version.state for version in measure.text_versions.all()] == [
        "replaced",
        "replaced",
        "withdrawn",
        "in_force",
    ]


def test_measures_mark_whatever_the_facts_do_not_have(demo):
    for measure in Measure.objects.all():
        filled = {
            field.name
            for field in measure._meta.concrete_fields
            if getattr(measure, field.attname) not in (None, "", 0) and field.name not in TECHNICAL
        }
        unmarked = filled - set(measure.provenance)
        assert unmarked <= documented(measure), measure.code
        assert "involved_units" in measure.provenance


def documented(measure):
    """The fields whose value stands in the facts."""
    fact = FACTS_OF[measure.title]
    found = {"status_known"}
    if fact["documented"]:
        found |= {"title", "description"} if measure.description == fact["summary_de"] else {"title"}
        found |= {"starts_on"} if measure.starts_on and measure.starts_on.year == fact["stage_year_from"] else set()
        found |= {"ends_on"} if measure.ends_on and measure.ends_on.year == fact["stage_year_to"] else set()
    if fact["lead_unit_basis"] == "source":
        found |= {"lead_unit"}
    if measure.source == "Projektblatt mobiles Arbeiten":
        found |= {"initial_situation", "experience"}
    return found


def test_what_has_no_source_is_marked_in_every_filled_field(demo):
    for model in sourced():
        for row in model.objects.exclude(pk__isnull=True):
            assert row.source, f"{model.__name__} {row}"
            if row.source == "Beispiel":
                assert set(row.provenance.values()) == {"example"}, f"{model.__name__} {row}"


def test_undocumented_units_are_marked(demo):
    facts = {fact["name"].replace("DO.IT - ", "DO.IT – "): fact for fact in FACTS["org_units"]}
    for unit in OrganisationalUnit.objects.all():
        fact = facts[unit.name]
        assert fact["documented"] or "name" in unit.provenance, unit
        assert not unit.number or fact["number_documented"] or "number" in unit.provenance, unit
        assert not unit.parent_id or fact["parent_documented"] or "parent" in unit.provenance, unit


def test_sources_are_links_or_known_words(demo):
    for model in sourced():
        for source in set(model.objects.values_list("source", flat=True)):
            assert re.fullmatch(r"https?://\S+", source) or source in MARKERS, f"{model.__name__}: {source}"


def test_every_figure_is_a_value_with_its_source(demo):
    for fact in FACTS["measures"]:
        values = IndicatorValue.objects.filter(indicator__measure__title=fact["title_de"])
        for figure in fact["figures"]:
            assert values.filter(value=str(figure["value"])).exists() or is_target(fact, figure), figure
    for fact in FACTS["indicators"]:
        values = IndicatorValue.objects.filter(indicator__name=fact["name_de"])
        assert values.count() == len(fact["points"]), fact["name_de"]


def is_target(fact, figure):
    return Measure.objects.get(title=fact["title_de"]).indicators.filter(target=str(figure["value"])).exists()


def test_texts_fit_the_printed_sheet(demo):
    for measure in Measure.objects.all():
        assert len(measure.goal) <= 260, measure.code
    for update in StatusUpdate.objects.all():
        assert len(update.text) <= 320, update
        assert len(update.next_steps) <= 160, update


def test_no_person_is_named():
    for row in rows_of_the_files():
        for text in texts(row["fields"]):
            assert not re.search(NAMES, re.sub(r"https?://\S+", "", text)), text
            assert "@" not in text or text.endswith("@demo.invalid"), text


def test_no_mail_and_no_password_is_loaded(demo):
    assert not OutgoingMail.objects.exists()
    assert not [user for user in User.objects.all() if user.has_usable_password()]
    assert not User.objects.exclude(first_name="", last_name="").exists()
    assert not User.objects.filter(is_superuser=True).exists()
    assert not User.objects.exclude(email__endswith="@demo.invalid").exists()


def test_the_demo_gives_its_accounts_their_password(demo):
    call_command("load_demo", with_passwords=True, stdout=StringIO())
    for name in ACCOUNTS:
        assert authenticate(username=name, password="demo"), name
    assert len([user for user in User.objects.all() if user.has_usable_password()]) == len(ACCOUNTS)


def test_accounts_hold_the_roles_of_the_design(demo):
    held = {
        membership.user.username: (membership.role, membership.unit.number if membership.unit else "")
        for membership in Membership.objects.filter(user__username__in=ACCOUNTS)
    }
    assert held == {
        "projektgruppe": ("project_group", ""),
        "amtsleitung": ("department_head", "10"),
        "amtsleitung51": ("department_head", "51"),
        "verwaltungsleitung": ("administrative_head", "32"),
        "personalrat": ("staff_council", ""),
        "lenkungsteam": ("steering_team", ""),
        "leser": ("reader", ""),
        "admin": ("administrator", ""),
    }


def test_loading_again_changes_nothing(demo):
    before = {model: model._base_manager.count() for model in apps.get_models()}
    out = StringIO()
    call_command("load_demo", stdout=out)
    assert "nothing loaded" in out.getvalue()
    assert {model: model._base_manager.count() for model in apps.get_models()} == before


def test_is_not_loaded_beside_other_data(demo):
    Strategy.objects.filter(slug=SLUG).update(slug="eine-andere")
    with pytest.raises(CommandError, match="empty portal"):
        call_command("load_demo", stdout=StringIO())


def test_open_deadlines_keep_their_distance_from_today(demo):
    before = {review.pk: review.due_on for review in Review.objects.open()}
    closed = set(Review.objects.exclude(state="open").values_list("pk", "due_on"))
    month = date(2027, 1, 31) - date(2026, 12, 31)
    assert move_open_deadlines(month) > len(before)  # and the formal participations
    assert {review.pk: review.due_on - month for review in Review.objects.open()} == before
    assert set(Review.objects.exclude(state="open").values_list("pk", "due_on")) == closed
    review = Review.objects.open().first()
    assert {change.due_on for change in review.changes.all()} == {review.due_on}  # nobody has moved it


def test_conditions_keep_their_distance_from_today(demo):
    dated = Condition.objects.filter(state="open", due_on__isnull=False)
    before = dict(dated.values_list("pk", "due_on"))
    assert min(before.values()) < timezone.localdate() < max(before.values())
    move_open_deadlines(timedelta(days=31))
    assert {pk: due_on - timedelta(days=31) for pk, due_on in dated.values_list("pk", "due_on")} == before


def test_the_clock_of_a_need_keeps_its_day(demo):
    month = date(2027, 1, 31) - date(2026, 12, 31)
    move_open_deadlines(REFERENCE + month - timezone.localdate())  # what loading has not moved yet
    need = Need.objects.get(number=5)
    passed = timedelta(days=(need.due_on - date(2026, 11, 24)).days)
    assert (REFERENCE + passed - need.submitted_on, need.due_on - need.submitted_on) == (
        timedelta(days=17),
        timedelta(days=21),
    )
    steps = [timezone.localdate(step.at) for step in need.transitions]
    assert steps == [need.submitted_on, need.acknowledged_on]
    assert need.changes.latest().due_on == need.due_on
    answered = Need.objects.get(number=4)
    assert (answered.submitted_on, answered.due_on) == (date(2026, 10, 12), date(2026, 11, 2))


@pytest.mark.parametrize("days", [1, 120, 240])
def test_a_round_closes_at_its_hour_in_summer_too(demo, days):
    before = RankingRound.objects.get(state="open").closes_at
    move_open_deadlines(timedelta(days=days))
    after = RankingRound.objects.get(state="open")
    assert timezone.localtime(after.closes_at).date() - timezone.localtime(before).date() == timedelta(days=days)
    assert timezone.localtime(after.closes_at).hour == 18
    assert after.changes.latest().closes_at == after.closes_at


def test_new_rows_find_free_keys(demo):
    field = FieldOfAction.objects.get(letter="A")
    measure = Measure(strategy=field.strategy, field=field, code=FieldOfAction.next_code(field.pk), title="Neu")
    measure.save()
    assert measure.code == "A9"
    assert measure.changes.count() == 1


def test_every_verb_of_the_measure_stands_in_the_history(demo):
    verbs = set(Transition.objects.filter(content_type__model="measure").values_list("verb", flat=True))
    known = {name for name, step in vars(Measure).items() if getattr(step, "is_transition", False)}
    assert known - verbs == {"discard", "drop"}
    assert issubclass(Measure, Workflow)


@pytest.mark.slow
def test_the_files_are_what_the_builder_writes(tmp_path):
    subprocess.run([sys.executable, "fixtures/build.py", tmp_path], check=True, timeout=300, capture_output=True)
    for name in FILES:
        path = Path(SLUG) / f"{name}.json"
        assert (tmp_path / path).read_text(encoding="utf-8") == (FIXTURES / path).read_text(encoding="utf-8"), name
