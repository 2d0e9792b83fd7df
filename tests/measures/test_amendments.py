"""Amendments: another text is proposed, compared, agreed and put into force, rejected or withdrawn."""

import pytest
from django.urls import reverse

from measures.models import Measure, TextVersion
from strategy.models import Role
from tests.factories import Cast, StageFactory
from tests.pages import browser_of, text_of, typed_on

State = Measure.State
PEOPLE = [*Role.values, "other_head", "stranger"]


@pytest.fixture
def measure(cast):
    return cast.measure(State.RUNNING, goal="Alle wissen Bescheid.")


@pytest.fixture
def writer(cast):
    return browser_of(cast.project_group)


@pytest.fixture
def proposal(cast, measure):
    measure.amend(by=cast.actor("project_group"), core={"goal": "Alle wissen früh Bescheid."})
    return measure.open_amendment()


def amend_url(measure):
    return reverse("measures:amend", args=[measure.strategy.slug, measure.code])


def page_url(version, verb=""):
    name = f"measures:amendment-{verb}" if verb else "measures:amendment"
    return reverse(name, args=[version.strategy.slug, version.measure.code, version.number])


def test_a_proposal_holds_what_was_changed_and_the_old_text_stays_in_force(cast, measure, writer):
    stage = StageFactory(strategy=cast.strategy, number=7)
    page = writer.get(amend_url(measure))
    assert typed_on(page)["goal"] == ["Alle wissen Bescheid."]

    answer = writer.post(amend_url(measure), typed_on(page, goal="Alle wissen früh Bescheid.", stage=stage.pk))

    version = TextVersion.objects.get(state="proposed")
    assert answer.url == page_url(version)
    assert (version.number, version.goal, version.stage) == (2, "Alle wissen früh Bescheid.", stage)
    measure.refresh_from_db()
    assert (measure.goal, measure.stage) == ("Alle wissen Bescheid.", cast.stage)
    assert measure.open_review().text_version == version


def test_the_difference_can_be_looked_at_before_proposing(measure, writer):
    page = writer.get(amend_url(measure))

    preview = writer.post(amend_url(measure), typed_on(page, goal="Alle wissen früh Bescheid.", preview="1"))

    assert "Alle wissen <ins>früh</ins> Bescheid." in preview.content.decode()
    assert not TextVersion.objects.filter(state="proposed").exists()
    assert writer.post(amend_url(measure), typed_on(preview)).status_code == 302


def test_only_what_its_author_changed_is_proposed_even_if_another_text_came_into_force(cast, measure, writer):
    page = writer.get(amend_url(measure))
    measure.amend(by=cast.actor("project_group"), core={"title": "Neuer Titel"})
    other = measure.open_amendment()
    cast.answer_all(measure)
    other.agree(by=cast.actor("project_group"))
    other.decide(by=cast.actor("steering_team"), reason="Gut")

    writer.post(amend_url(measure), typed_on(page, goal="Alle wissen früh Bescheid."))

    proposal = TextVersion.objects.get(state="proposed")
    assert (proposal.title, proposal.goal) == ("Neuer Titel", "Alle wissen früh Bescheid.")


def test_nothing_changed_is_no_proposal(measure, writer):
    answer = writer.post(amend_url(measure), typed_on(writer.get(amend_url(measure))))

    assert "Nothing has been changed." in text_of(answer)
    assert not TextVersion.objects.filter(state="proposed").exists()


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("title", ""),
        ("title", "x" * 201),
        ("goal", ""),
        ("goal", "x" * 5001),
        ("description", "a\x00b"),
        ("field", "9" * 30),
        ("stage", "\x00"),
        ("lead_unit", "-1"),
    ],
)
def test_bad_input_is_told_at_its_field(measure, writer, name, bad):
    typed = {"description": "Bleibt stehen"} | {name: bad}

    answer = writer.post(amend_url(measure), typed_on(writer.get(amend_url(measure)), **typed))

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [name]
    assert name == "description" or typed_on(answer)["description"] == ["Bleibt stehen"]


def test_rows_of_another_strategy_are_no_choice(measure, writer):
    other = Cast()
    for name, row in {"field": other.field, "stage": other.stage, "lead_unit": other.unit}.items():
        answer = writer.post(amend_url(measure), typed_on(writer.get(amend_url(measure)), **{name: row.pk}))
        assert list(answer.context["form"].errors) == [name]


def test_only_one_amendment_at_a_time_and_two_clicks_make_one(measure, writer):
    typed = typed_on(writer.get(amend_url(measure)), title="Neuer Titel")
    answers = [writer.post(amend_url(measure), typed) for _ in range(2)]
    late = writer.get(amend_url(measure))

    assert answers[0].url == answers[1].url
    assert TextVersion.objects.filter(state="proposed").count() == 1
    assert late.status_code == 409
    assert "There is an open amendment already" in text_of(late)


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW, State.AGREED, State.PAUSED, *Measure.ENDED])
def test_only_decided_and_running_measures_are_amended(cast, writer, state):
    assert writer.get(amend_url(cast.measure(state))).status_code == 409


def test_the_page_compares_with_the_text_in_force(cast, proposal):
    page = browser_of(cast.department_head).get(page_url(proposal))

    assert "Alle wissen <ins>früh</ins> Bescheid." in page.content.decode()
    assert "Compared with version 1" in text_of(page)


def test_a_proposal_is_seen_by_all_who_take_part_and_what_came_into_force_by_all(cast, proposal):
    unseen = {"reader": 404, "administrator": 404, "stranger": 404}
    assert {name: browser_of(getattr(cast, name)).get(page_url(proposal)).status_code for name in PEOPLE} == (
        dict.fromkeys(PEOPLE, 200) | unseen
    )

    cast.answer_all(proposal.measure)
    proposal.agree(by=cast.actor("project_group"))
    proposal.decide(by=cast.actor("steering_team"), reason="Gut")

    assert {name: browser_of(getattr(cast, name)).get(page_url(proposal)).status_code for name in PEOPLE} == (
        dict.fromkeys(PEOPLE, 200) | {"stranger": 404}
    )
    assert "Statements" not in text_of(browser_of(cast.reader).get(page_url(proposal)))


def test_readers_of_a_text_in_force_read_no_statement(cast, proposal):
    for slot in proposal.open_review().slots.all():
        slot.respond(by=cast.who_answers(slot), vote="agree", text="Nur für Beteiligte")
    proposal.agree(by=cast.actor("project_group"))
    proposal.decide(by=cast.actor("steering_team"), reason="Gut")

    assert "Nur für Beteiligte" in text_of(browser_of(cast.staff_council).get(page_url(proposal)))
    for name in ("reader", "administrator"):
        page = browser_of(getattr(cast, name)).get(page_url(proposal))
        assert "Nur für Beteiligte" not in page.content.decode()
        assert "/reviews/" not in page.content.decode().split("<main")[1]


def test_a_submitted_text_is_no_amendment(cast, writer, measure):
    assert writer.get(page_url(measure.text_versions.get())).status_code == 404


STEPS = {
    "agree": ("proposed", {"project_group"}, {}, "agreed"),
    "decide": ("agreed", {"steering_team"}, {"reason": "Gut"}, "in_force"),
    "reject": ("proposed", {"steering_team"}, {"reason": "Zu teuer"}, "rejected"),
    "withdraw": ("proposed", {"project_group"}, {}, "withdrawn"),
}


def brought_to(cast, proposal, state):
    cast.answer_all(proposal.measure)
    if state == "agreed":
        proposal.agree(by=cast.actor("project_group"))
    return proposal


@pytest.mark.parametrize("verb", STEPS)
def test_each_step_by_its_page_once(cast, proposal, verb):
    state, people, typed, after = STEPS[verb]
    brought_to(cast, proposal, state)
    browser = browser_of(getattr(cast, *people))
    page = browser.get(page_url(proposal, verb))
    assert "Alle wissen <ins>früh</ins> Bescheid." in page.content.decode()

    answers = [browser.post(page_url(proposal, verb), typed_on(page, **typed)) for _ in range(2)]

    assert {answer.url for answer in answers} == {page_url(proposal)}
    proposal.refresh_from_db()
    assert proposal.state == after
    assert proposal.transitions.filter(verb=verb).count() == 1
    expected = "Alle wissen früh Bescheid." if verb == "decide" else "Alle wissen Bescheid."
    assert Measure.objects.get(pk=proposal.measure_id).goal == expected


@pytest.mark.parametrize("verb", STEPS)
def test_who_takes_which_step(cast, proposal, verb):
    brought_to(cast, proposal, STEPS[verb][0])

    for name in PEOPLE:
        unseen = name in ("reader", "administrator", "stranger")
        expected = 200 if name in STEPS[verb][1] else 404 if unseen else 403
        assert browser_of(getattr(cast, name)).get(page_url(proposal, verb)).status_code == expected, name


@pytest.mark.parametrize("verb", STEPS)
def test_what_has_ended_takes_no_step(cast, proposal, verb):
    proposal.withdraw(by=cast.actor("project_group"))

    answer = browser_of(getattr(cast, *STEPS[verb][1])).get(page_url(proposal, verb))

    assert answer.status_code == 409
    assert "Not possible while the state is “Withdrawn”." in text_of(answer)


def test_agreement_waits_for_those_who_still_have_time(cast, proposal, writer):
    page = writer.get(page_url(proposal, "agree"))

    answer = writer.post(page_url(proposal, "agree"), typed_on(page))

    assert "3 statements are missing" in text_of(page)
    assert "3 statements are missing" in text_of(answer)
    proposal.refresh_from_db()
    assert proposal.state == "proposed"
