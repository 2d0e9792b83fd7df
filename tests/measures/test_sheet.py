"""The sheet of a measure: what stands on it, for whom, and what one may do next."""

import re
from copy import deepcopy
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from measures.models import CORE_FIELDS, Measure, MeasureLink, PriorityDecision, StaffParticipation, TextVersion
from strategy.models import User
from tests.factories import (
    Cast,
    CouncilPaperFactory,
    IndicatorFactory,
    IndicatorValueFactory,
    MilestoneFactory,
    PriorityFactory,
    ResourceRequestFactory,
    UnitFactory,
)
from tests.pages import text_of

State = Measure.State
TODAY = date(2026, 11, 21)


@pytest.fixture
def cast(cast):
    User.objects.update(language="en")
    with translation.override("en"):
        yield cast


@pytest.fixture(scope="module")
def in_each_state(uncommitted):
    """A cast with a measure in each state."""
    cast = Cast()
    cast.measures = {state: cast.measure(state) for state in State}
    return cast


@pytest.fixture
def everywhere(in_each_state, db):
    User.objects.update(language="en")
    with translation.override("en"):
        yield deepcopy(in_each_state)


@pytest.fixture
def sheet(client):
    """Open the sheet of a measure as somebody."""

    def open_sheet(cast, name, measure, page="detail", **more):
        client.force_login(getattr(cast, name))
        return client.get(reverse(f"measures:{page}", args=[cast.strategy.slug, measure.code, *more.values()]))

    return open_sheet


def label_of(act):
    """What the button says; each request leaves its own language behind."""
    with translation.override("en"):
        return act and str(act.label)


def main_text(response):
    """The words of the page without the frame around it: the menu speaks of reviews to everybody."""
    html = response.content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", html[html.index("<main") : html.index("</main>")]).split())


def section(response, name):
    """The words of one section of the page, or nothing where it is missing."""
    html = response.content.decode()
    found = re.search(rf'<section id="{name}".*?</section>', html, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


def test_who_may_not_see_it_finds_nothing(cast, sheet):
    draft, other = cast.measure(), Cast().measure(State.RUNNING)

    assert sheet(cast, "reader", draft).status_code == 404
    assert sheet(cast, "department_head", draft).status_code == 404
    assert sheet(cast, "project_group", draft).status_code == 200
    assert sheet(cast, "stranger", draft).status_code == 404
    other.code = other.code + "X"
    assert sheet(cast, "project_group", other).status_code == 404


@pytest.mark.parametrize("code", ["A1%00", "%F0%9F%92%A9", "A" * 11, "..", "A1'--", "9" * 400])
def test_a_code_that_is_none_is_not_found(cast, client, code):
    client.force_login(cast.project_group)

    assert client.get(f"/{cast.strategy.slug}/measures/{code}/").status_code == 404


def test_the_facts_of_the_measure_stand_on_it(cast, sheet):
    measure = cast.measure(
        State.RUNNING,
        title="Mobiles Arbeiten",
        description="Arbeit außerhalb des Büros.",
        goal="Bis 2028 für alle.",
        responsible_function="Leitung Organisation",
        provenance={"responsible_function": "example"},
        starts_on=date(2020, 1, 1),
        date_precision="year",
        is_permanent=True,
        source="https://www.stuttgart.de/mobil",
    )
    measure.report_status(
        by=cast.actor("department_head"),
        light=cast.light("triangle"),
        progress=45,
        text="Es stockt.",
        next_steps="Reden.",
    )

    page = text_of(sheet(cast, "reader", measure))

    for words in (
        "Mobiles Arbeiten",
        "Arbeit außerhalb des Büros.",
        "Bis 2028 für alle.",
        "Leitung Organisation example value",
        "since 2020, permanent task",
        "stuttgart.de",
        "gefährdet",
        "45 %",
        "Es stockt.",
        "Reden.",
        "10 Haupt- und Personalamt",
        "51 Jugendamt",
    ):
        assert words in page, words


MAIN_ACTS = [
    (State.DRAFT, "project_group", "Submit measure"),
    (State.IN_REVIEW, "department_head", "Give statement: 10 Haupt- und Personalamt"),
    (State.IN_REVIEW, "other_head", "Give statement: 51 Jugendamt"),
    (State.IN_REVIEW, "staff_council", "Give statement: Staff council"),
    (State.IN_REVIEW, "project_group", None),
    (State.IN_REVIEW, "steering_team", None),
    (State.AGREED, "steering_team", "Decide measure"),
    (State.AGREED, "department_head", None),
    (State.DECIDED, "project_group", "Start measure"),
    (State.RUNNING, "project_group", "Report status"),
    (State.RUNNING, "department_head", "Report status"),
    (State.RUNNING, "administrative_head", "Report status"),
    (State.RUNNING, "other_head", None),
    (State.RUNNING, "staff_council", None),
    (State.RUNNING, "reader", None),
    (State.RUNNING, "administrator", None),
    (State.PAUSED, "steering_team", "Resume measure"),
    (State.COMPLETED, "project_group", None),
]


@pytest.mark.parametrize(("state", "name", "label"), MAIN_ACTS)
def test_the_main_act_follows_role_and_state(everywhere, sheet, state, name, label):
    acts = sheet(everywhere, name, everywhere.measures[state]).context["acts"]

    assert label_of(acts.main) == label


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("name", ["project_group", "department_head", "staff_council", "steering_team", "reader"])
def test_only_acts_that_can_be_taken_are_offered(everywhere, client, sheet, state, name):
    measure = everywhere.measures[state]
    response = sheet(everywhere, name, measure)
    if response.status_code == 404:
        return

    acts = response.context["acts"]
    offered = [act for act in [acts.main, *acts.others, *acts.menu] if act]

    for act in offered:
        assert client.get(act.url).status_code == 200, act
    for verb in (
        "submit",
        "send_back",
        "agree",
        "decide",
        "prioritise",
        "start",
        "complete",
        "pause",
        "resume",
        "drop",
    ):
        is_shown = verb in {act.verb for act in [*offered, *acts.blocked]}
        may = measure.may(verb, everywhere.actor(name))
        assert is_shown == may or (verb == "decide" and state == State.IN_REVIEW and name == "steering_team")


def test_a_draft_says_what_it_still_needs(cast, sheet):
    measure = cast.measure(goal="", lead_unit=None)

    response = sheet(cast, "project_group", measure)

    assert response.context["acts"].main is None
    assert "Submitting goes once these are filled in: goal, lead unit." in text_of(response)


def test_the_agreement_says_what_it_waits_for(cast, sheet):
    measure = cast.measure(State.IN_REVIEW)
    slot = measure.open_review().slots.get(unit=cast.other_unit)
    slot.respond(by=cast.actor("other_head"), vote="object", text="Nein")

    waits = text_of(sheet(cast, "project_group", measure))
    steering = sheet(cast, "steering_team", measure)

    assert "2 statements are missing, and there is time until" in waits
    assert "1 objection has to be settled first." in waits
    assert "The project group records the agreement first." in text_of(steering)
    assert label_of(steering.context["acts"].main) == "Settle objection: 51 Jugendamt"


def test_statements_of_an_open_review_are_for_those_who_may_answer(cast, sheet):
    measure = cast.measure(State.IN_REVIEW)
    cast.answer_all(measure, vote="conditions", text="Nur mit Büro")
    slots = measure.open_review().slots
    slots.get(unit=cast.other_unit).respond(by=cast.actor("other_head"), vote="object", text="Geheimer Einwand")

    seen = {
        name: "Geheimer Einwand" in text_of(sheet(cast, name, measure))
        for name in ("project_group", "steering_team", "other_head", "department_head", "staff_council")
    }

    assert seen == {
        "project_group": True,
        "steering_team": True,
        "other_head": True,
        "department_head": False,
        "staff_council": False,
    }
    assert "Review: 3 of 3 have answered" in text_of(sheet(cast, "department_head", measure))


def test_silence_is_told_as_silence(cast, sheet):
    measure = cast.measure(State.IN_REVIEW)
    review = measure.open_review()
    review.due_on = timezone.localdate() - timedelta(days=1)
    review.save()
    slot = review.slots.get(unit=cast.unit)
    slot.respond(by=cast.actor("department_head"), vote="agree")
    measure.agree(by=cast.actor("project_group"))

    words = section(sheet(cast, "other_head", measure), "review")

    assert "Review: 1 of 3 have answered" in words
    assert words.count("no answer") == 2
    assert words.count("recorded as silence") == 2


def test_what_is_not_decided_does_not_reach_those_who_look_on(cast, sheet):
    measure = cast.measure(State.RUNNING, goal="Altes Ziel")
    core = {name: getattr(measure, name) for name in CORE_FIELDS} | {"goal": "Geheimes neues Ziel"}
    measure.amend(by=cast.actor("project_group"), core=core)
    StaffParticipation.objects.start(measure, by=cast.actor("project_group"), kind="hearing", informed_on=TODAY)
    cast.answer_all(measure, vote="object", text="Geheimer Einwand")
    hidden = cast.measure(State.IN_REVIEW, title="Geheime Maßnahme")
    MeasureLink.objects.create(source_measure=measure, target_measure=hidden)

    for name in ("reader", "administrator"):
        for page in ("detail", "history", "versions", "status-list"):
            words = main_text(sheet(cast, name, measure, page))
            for secret in ("Geheim", "amendment", "Amendment", "Hearing", "Statement given", "Review"):
                assert secret not in words, (name, page, secret)
        version = TextVersion.objects.get(measure=measure, state="proposed")
        assert sheet(cast, name, measure, "version", number=version.number).status_code == 404
    seen = text_of(sheet(cast, "department_head", measure))
    for words in ("An amendment is open", "Hearing, LPVG § 87", "Geheime Maßnahme"):
        assert words in seen


def test_priorities_set_before_the_decision_are_not_for_those_who_look_on(cast, sheet):
    measure = cast.measure(State.AGREED)
    PriorityDecision.objects.create(
        measure=measure, priority=cast.priority, reason="Vorab", decided_on=TODAY - timedelta(days=400)
    )
    cast.decide(measure)

    assert "Vorab" in text_of(sheet(cast, "staff_council", measure))
    assert "Vorab" not in text_of(sheet(cast, "reader", measure))
    assert "Wichtig" in text_of(sheet(cast, "reader", measure))


def test_formal_participation_carries_its_note_on_the_law(cast, sheet):
    measure = cast.measure(State.IN_REVIEW)
    StaffParticipation.objects.start(measure, by=cast.actor("project_group"), kind="cooperation", informed_on=TODAY)

    words = section(sheet(cast, "staff_council", measure), "participation")

    assert "Cooperation, LPVG § 81" in words
    assert "LPVG § 82 Without a statement within three weeks" in words


def test_milestones_tell_how_they_stand(cast, sheet):
    measure = cast.measure(State.RUNNING)
    today = timezone.localdate()
    MilestoneFactory(measure=measure, title="Erster", due_on=date(2020, 1, 1), date_precision="year", reached_on=today)
    MilestoneFactory(measure=measure, title="Zweiter", due_on=today - timedelta(days=1))
    MilestoneFactory(measure=measure, title="Vierter", due_on=today + timedelta(days=400))
    MilestoneFactory(
        measure=measure, title="Fünfter", due_on=today + timedelta(days=500), provenance={"due_on": "example"}
    )

    response = sheet(cast, "reader", measure)

    assert [one.mark for one in response.context["milestones"]] == ["reached", "overdue", "open", "open"]
    words = section(response, "milestones")
    assert "reached Erster 2020" in words
    assert "overdue Zweiter" in words
    assert "Fünfter example value" in words


def test_the_next_milestone_is_marked(cast, sheet):
    measure = cast.measure(State.RUNNING)
    for days in (30, 60):
        MilestoneFactory(measure=measure, due_on=timezone.localdate() + timedelta(days=days))

    assert [one.mark for one in sheet(cast, "reader", measure).context["milestones"]] == ["next", "open"]


def test_resources_stand_by_year_with_their_state(cast, sheet):
    measure, paper = cast.measure(State.RUNNING), CouncilPaperFactory(strategy=cast.strategy, number="7/2026")
    for year in (2026, 2027, 2028):
        request = ResourceRequestFactory(measure=measure, year=year, amount=40000)
        if year < 2028:
            request.register(by=cast.actor("project_group"))
            request.grant(by=cast.actor("project_group"), council_paper=paper)
    ResourceRequestFactory(measure=measure, kind="positions", year=2027, amount="1.5")

    response = sheet(cast, "reader", measure)

    assert section(response, "resources") == (
        "Resources by budget year Need 2026 2027 2028 Registration "
        "Positions (full-time equivalents) – 1.5 – noted "
        "Operating budget (€) 40,000 40,000 40,000 granted 2026–2027 noted 2028 "
        "All 4 requests by themselves "
        "Positions (full-time equivalents) 2027 : 1.5 , noted "
        "Operating budget (€) 2026 : 40,000 , granted "
        "Operating budget (€) 2027 : 40,000 , granted "
        "Operating budget (€) 2028 : 40,000 , noted"
    )
    assert "GRDrs 7/2026" in text_of(response)


def test_an_indicator_says_its_finding_and_tells_sources_apart(cast, sheet):
    indicator = IndicatorFactory(measure=cast.measure(State.RUNNING), name="Mobil Arbeitende", unit="Personen")
    city, press = "https://www.stuttgart.de/a", "https://example.org/b"
    IndicatorValueFactory(indicator=indicator, as_of=date(2020, 1, 31), date_precision="month", value=250, source=city)
    IndicatorValueFactory(indicator=indicator, as_of=date(2021, 6, 30), value=6300, source=city, qualifier="over")
    IndicatorValueFactory(
        indicator=indicator, as_of=date(2021, 12, 31), date_precision="year", value="7000.5", source=press
    )

    response = sheet(cast, "reader", indicator.measure)

    words = section(response, "indicators")
    assert "From 250 to 7,000.5" in words
    assert "January 2020" in words
    assert "over 6,300" in words
    page = response.content.decode()
    assert page.count('class="pt o"') == 2  # one for wide, one for small screens


def test_one_value_is_told_without_a_chart(cast, sheet):
    indicator = IndicatorFactory(measure=cast.measure(State.RUNNING), unit="Stellen")
    IndicatorValueFactory(indicator=indicator, value=12, source="Haushaltsplan", qualifier="about", as_of=None)

    words = section(sheet(cast, "reader", indicator.measure), "indicators")

    assert "about 12 Stellen" in words
    assert "Haushaltsplan" in words


def test_coordinates_keep_their_points_in_german(cast, sheet):
    User.objects.update(language="de")
    indicator = IndicatorFactory(measure=cast.measure(State.RUNNING))
    for year, value in ((2020, 1000), (2021, 2500), (2023, 4999)):
        IndicatorValueFactory(indicator=indicator, as_of=date(year, 5, 5), value=value)

    page = sheet(cast, "reader", indicator.measure).content.decode()

    assert "4.999" in page
    drawn = re.findall(r'\s(?:x|y|cx|cy|x1|x2|y1|y2)="([^"]+)"', page)
    assert drawn
    assert all(re.fullmatch(r"-?\d+(\.\d+)?", number) for number in drawn)


@pytest.mark.parametrize("size", [1, 3])
def test_the_sheet_asks_the_same_number_of_questions(cast, client, size, django_assert_num_queries):
    measure = full_measure(cast, size)
    client.force_login(cast.project_group)
    address = reverse("measures:detail", args=[cast.strategy.slug, measure.code])
    client.get(address)

    with django_assert_num_queries(55):
        response = client.get(address)

    assert len(response.context["milestones"]) == size


def full_measure(cast, size):
    """A running measure with everything on its sheet, so many of each."""
    project_group, steering = cast.actor("project_group"), cast.actor("steering_team")
    involved = [cast.other_unit, *UnitFactory.create_batch(size, strategy=cast.strategy)]
    measure = cast.measure(State.RUNNING, involved_units=[cast.other_unit])
    measure.involved_units.set(involved)
    paper = CouncilPaperFactory(strategy=cast.strategy)
    for number in range(size):
        MilestoneFactory(measure=measure)
        ResourceRequestFactory(measure=measure, year=2026 + number).register(by=project_group)
        indicator = IndicatorFactory(measure=measure)
        for year in range(2020, 2021 + size):
            IndicatorValueFactory(indicator=indicator, as_of=date(year, 1, 1))
        MeasureLink.objects.create(source_measure=measure, target_measure=cast.measure(State.RUNNING))
        PriorityDecision.objects.create(
            measure=measure, priority=PriorityFactory(strategy=cast.strategy), reason="Ja", council_paper=paper
        )
        measure.report_status(by=project_group, light=cast.light("disc"), progress=number, text="Läuft")
        StaffParticipation.objects.start(measure, by=project_group, kind="hearing", informed_on=TODAY)
        measure.prioritise(by=steering, reason="Doch", priority=cast.priority)
    measure.amend(by=project_group, core=measure.core() | {"goal": "Neues Ziel"})
    for slot in measure.open_review().slots.filter(unit=cast.other_unit):
        for _again in range(size):
            slot.respond(by=cast.actor("other_head"), vote="conditions", text="Nur mit Büro")
    return measure


@pytest.mark.parametrize("width", [1440, 360])
def test_the_sheet_is_accessible(transactional_db, page, live_server, client, axe, width):
    with transaction.atomic():
        cast = Cast()
        measure = full_measure(cast, 2)
    client.force_login(cast.project_group)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key, "url": live_server.url}
    page.context.add_cookies([cookie])
    page.set_viewport_size({"width": width, "height": 900})

    for name in ("detail", "history", "versions", "status-list"):
        page.goto(reverse(f"measures:{name}", args=[cast.strategy.slug, measure.code]))
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
