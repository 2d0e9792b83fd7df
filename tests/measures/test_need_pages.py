"""Needs over HTTP: the list, the page, drafting by several people, each step, and what is refused in which words."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from measures.models import Measure, Need, NeedNote
from strategy.models import User
from tests.factories import StageFactory, UnitFactory
from tests.pages import browser_of, text_of, typed_on

State, Outcome = Need.State, Need.Outcome
QUERIES_OF_LIST = {"staff_council": 9, "project_group": 7, "department_head": 7}
QUERIES_OF_PAGE = {"staff_council": 10, "project_group": 17, "department_head": 9}


@pytest.fixture
def council(cast):
    return browser_of(cast.staff_council)


@pytest.fixture
def writer(cast):
    return browser_of(cast.project_group)


@pytest.fixture
def steering(cast):
    return browser_of(cast.steering_team)


def list_url(cast, query=""):
    return reverse("measures:needs", args=[cast.strategy.slug]) + query


def create_url(cast):
    return reverse("measures:need-create", args=[cast.strategy.slug])


def url_of(need, verb=""):
    name = f"measures:need-{verb}" if verb else "measures:need"
    return reverse(name, args=[need.strategy.slug, need.pk])


def send(browser, need, verb, **typed):
    """Open the page of a step, type and send."""
    return browser.post(url_of(need, verb), typed_on(browser.get(url_of(need, verb)), **typed))


def titles(answer):
    return [need.title for need in answer.context["page"]]


# The list


def test_what_waits_for_an_answer_comes_first_by_its_deadline(cast, council):
    settled = cast.need(State.SETTLED, title="Erledigt")
    answered = cast.need(State.ANSWERED, title="Beantwortet")
    objected = cast.need(State.OBJECTED, title="Einwand")
    later = cast.need(State.SUBMITTED, title="Später fällig")
    sooner = cast.need(State.ACKNOWLEDGED, title="Früher fällig")
    Need.objects.filter(pk=sooner.pk).update(due_on=timezone.localdate() + timedelta(days=2))

    answer = council.get(list_url(cast))

    assert [need.pk for need in answer.context["page"]] == [
        row.pk for row in (sooner, later, objected, answered, settled)
    ]
    assert "2 days left, due" in text_of(answer)


def test_drafts_stand_apart_and_only_for_the_council(cast, council, writer):
    cast.need(State.DRAFT, title="Geheimer Entwurf")
    cast.need(State.SUBMITTED, title="Offen gelegt")

    own, other = council.get(list_url(cast)), writer.get(list_url(cast))

    assert "Your draft “ Geheimer Entwurf ” is seen by the staff council alone." in text_of(own)
    assert titles(own) == titles(other) == ["Offen gelegt"]
    assert "Geheim" not in other.content.decode()
    assert "draft" not in text_of(other).casefold()


def test_the_councils_drafts_have_a_page_with_the_traces_of_discarded_ones(cast, council, writer):
    kept, gone = (cast.need(State.DRAFT, title=title) for title in ("Bleibt", "Verworfen"))
    gone.discard(by=cast.actor("staff_council"))

    page, nothing = council.get(list_url(cast, "?state=draft")), writer.get(list_url(cast, "?state=draft"))

    assert titles(page) == [kept.title]
    assert "Discarded drafts Verworfen" in text_of(page)
    assert (titles(nothing), "Verworfen" in nothing.content.decode()) == ([], False)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?state=answered", {"answered"}),
        ("?state=submitted&state=acknowledged", {"submitted", "acknowledged", "application"}),
        ("?kind=application", {"application"}),
        ("?urgency=high", {"answered"}),
        ("?outcome=declined", {"answered", "settled"}),
        ("?outcome=declined&urgency=high", {"answered"}),
        ("?q=kindergarten", {"submitted"}),
        ("?q=kindergarten&state=answered", set()),
        ("?state=", {"submitted", "acknowledged", "answered", "settled", "application"}),
    ],
)
def test_filters_are_links_and_go_together(cast, council, query, found):
    cast.need(State.SUBMITTED, title="submitted", text="Ein Kindergarten")
    cast.need(State.ACKNOWLEDGED, title="acknowledged")
    cast.need(State.ANSWERED, title="answered", urgency="high")
    cast.need(State.SETTLED, title="settled")
    cast.need(State.SUBMITTED, title="application", **application())

    answer = council.get(list_url(cast, query))

    assert set(titles(answer)) == found


def application():
    return {"kind": "application", "legal_basis": "81", "resolved_on": timezone.localdate(), "reasons": "Weil"}


def test_each_link_says_how_many_it_finds(cast, council):
    cast.need(State.SUBMITTED)
    cast.need(State.ANSWERED, urgency="high")
    cast.need(State.DRAFT)

    answer = council.get(list_url(cast))

    assert [(view.value, view.count) for view in answer.context["views"]] == [
        ("all", 2),
        ("unanswered", 1),
        ("answered", 1),
    ]
    facets = {facet.name: {one.value: one.count for one in facet.options} for facet in answer.context["facets"]}
    assert facets == {"state": {"submitted": 1, "answered": 1}, "urgency": {"medium": 1, "high": 1}}
    for facet in answer.context["facets"]:
        for option in facet.options:
            assert council.get(list_url(cast, option.query)).context["page"].paginator.count == option.count


@pytest.mark.parametrize("query", ["?state=no-such", "?kind=%00", "?outcome=declined'--", "?urgency=%ED%A0%80"])
def test_a_question_that_cannot_be_understood_finds_nothing_and_says_so(cast, council, query):
    cast.need(State.ANSWERED)

    answer = council.get(list_url(cast, query))

    assert (answer.status_code, titles(answer)) == (200, [])
    assert "This question cannot be understood" in text_of(answer)


def test_a_search_with_a_nul_byte_is_answered(cast, council):
    cast.need(State.SUBMITTED, title="Ruheraum")

    assert titles(council.get(list_url(cast, "?q=%00ruheraum%00"))) == ["Ruheraum"]


def test_an_empty_list_says_what_will_stand_there(cast, writer):
    assert "No needs yet" in text_of(writer.get(list_url(cast)))


def test_a_filter_that_finds_nothing_offers_the_way_out(cast, writer):
    cast.need(State.SUBMITTED)

    words = text_of(writer.get(list_url(cast, "?state=settled")))

    assert "No need matches these filters Without them it is one need. Remove all filters" in words


def test_the_list_has_pages(cast, council, monkeypatch):
    monkeypatch.setattr("measures.views.need.ROWS_ON_A_PAGE", 2)
    for _ in range(3):
        cast.need(State.SUBMITTED)

    assert len(titles(council.get(list_url(cast, "?page=2")))) == 1


@pytest.mark.parametrize("name", QUERIES_OF_LIST)
def test_the_list_asks_the_same_for_few_and_many(cast, name, django_assert_num_queries):
    browser = browser_of(getattr(cast, name))
    for count in (1, 4):
        for _ in range(count):
            furnished(cast)
        browser.get(list_url(cast))

        with django_assert_num_queries(QUERIES_OF_LIST[name]):
            browser.get(list_url(cast))


def furnished(cast):
    """A need in every state, one of them with a measure that runs."""
    for state in State:
        cast.need(state)
    merged = cast.need(State.SUBMITTED, text="Ruheraum")
    cast.answer_need(merged, Outcome.MERGED, measure=cast.measure(Measure.State.RUNNING, title="Ruheraum"))
    return merged


# The council follows its needs


def test_the_council_sees_what_has_become_of_its_need_and_the_measures_present_light(cast, council):
    need = cast.need(State.SUBMITTED)
    measure = cast.measure(Measure.State.RUNNING, title="Ruheräume bauen")
    cast.answer_need(need, Outcome.MERGED, measure=measure)

    measure.report_status(by=cast.actor("project_group"), light=cast.light("triangle"), progress=30, text="Verzug")

    for url in (list_url(cast), url_of(need)):
        words = text_of(council.get(url))
        assert f"{measure.code} Ruheräume bauen gefährdet · 30 %" in words


def test_a_measure_being_drafted_is_told_without_its_title(cast, council, writer):
    need = cast.need(State.SUBMITTED)
    cast.answer_need(need, Outcome.ADOPTED, draft={"field": cast.field, "title": "Noch geheimer Titel"})

    own, other = text_of(council.get(list_url(cast))), text_of(writer.get(list_url(cast)))

    assert "a measure is being drafted" in own
    assert "Noch geheimer Titel" not in own
    assert "Noch geheimer Titel" in other


# One need


def test_the_page_tells_the_day_of_the_clock_and_how_much_is_left(cast, writer):
    need = cast.need(State.ACKNOWLEDGED)
    received_on = timezone.localdate() - timedelta(days=17)
    Need.objects.filter(pk=need.pk).update(submitted_on=received_on, due_on=received_on + timedelta(days=21))

    words = text_of(writer.get(url_of(need)))

    assert "4 days left until the answer" in words
    assert "today, day 17 of 21" in words


def test_an_overdue_answer_is_said_to_be_so(cast, council):
    need = cast.need(State.SUBMITTED)
    Need.objects.filter(pk=need.pk).update(due_on=timezone.localdate() - timedelta(days=3), submitted_on="2026-01-01")

    assert "The answer has been overdue for 3 days" in text_of(council.get(url_of(need)))


def test_notes_are_for_the_council_alone_even_after_submission(cast, council, writer):
    need = cast.need(State.SUBMITTED)
    send(council, need, "note", text="Unter uns")

    own, other = council.get(url_of(need)), writer.get(url_of(need))

    assert "Unter uns" in text_of(own)
    assert ("Unter uns" in other.content.decode(), "Internal notes" in text_of(other)) == (False, False)


@pytest.mark.parametrize("text", ["", "  ", "a\x00b", "x" * 5001])
def test_a_note_says_what_is_wrong_with_it(cast, council, text):
    answer = send(council, cast.need(), "note", text=text)

    assert list(answer.context["form"].errors) == ["text"]
    assert not NeedNote.objects.exists()


def test_similar_measures_are_offered_while_the_council_drafts_as_far_as_it_sees_them(cast, council):
    cast.measure(Measure.State.RUNNING, title="Ruheräume für Beschäftigte im Schichtdienst")
    cast.measure(title="Ruheräume im geheimen Entwurf")
    need = cast.need(title="Ruheräume im Schichtdienst", text="Ruheräume fehlen")

    for url in (url_of(need), url_of(need, "edit")):
        words = text_of(council.get(url))
        assert "Ruheräume für Beschäftigte im Schichtdienst" in words
        assert "geheimen Entwurf" not in words


def test_drafts_of_the_council_are_not_offered_to_those_who_answer(cast, writer):
    cast.need(State.DRAFT, title="Ruheräume", text="Geheime Ruheräume")
    need = cast.need(State.SUBMITTED, title="Ruheräume", text="Ruheräume fehlen")

    assert "Geheime" not in writer.get(url_of(need)).content.decode()
    assert writer.get(url_of(need)).context["similar_needs"] == []


@pytest.mark.parametrize("name", QUERIES_OF_PAGE)
def test_the_page_asks_the_same_for_few_and_many(cast, name, django_assert_num_queries):
    browser = browser_of(getattr(cast, name))
    need = cast.need(State.SUBMITTED, text="Ruheraum")
    for count in (1, 3):
        for _ in range(count):
            furnished(cast)
            NeedNote.objects.write(need, by=cast.actor("staff_council"), text="Notiz")
            need.affected_units.add(UnitFactory(strategy=cast.strategy))
        browser.get(url_of(need))

        with django_assert_num_queries(QUERIES_OF_PAGE[name]):
            browser.get(url_of(need))


def test_the_history_has_a_page_for_each_reader(cast, council, writer):
    need = cast.need(title="Erster Titel")
    need.edit(by=cast.actor("staff_council"), version=need.version, changes={"title": "Zweiter Titel"})
    cast.submit_need(need)

    own, other = council.get(url_of(need, "history")), writer.get(url_of(need, "history"))

    assert "Erster Titel" in text_of(own)
    assert "Erster Titel" not in other.content.decode()
    assert "Submitted" in text_of(other)


# Drafting


def test_a_need_is_drafted_with_all_its_fields(cast, council):
    typed = typed_on(
        council.get(create_url(cast)),
        kind="application",
        legal_basis="75",
        resolved_on="01.02.2026",
        title="Ruheräume",
        text="Es fehlen\r\nRuheräume.",
        reasons="Viele",
        affected_units=[cast.unit.pk],
        affected_groups="Schichtdienst",
        employees_behind="120",
        urgency="high",
        wished_stage=cast.stage.pk,
        origin="paper",
        is_confidential="on",
    )

    answers = [council.post(create_url(cast), typed) for _ in range(2)]

    need = Need.objects.get()
    assert {answer.url for answer in answers} == {url_of(need)}
    assert (need.kind, need.legal_basis, f"{need.resolved_on}", need.text) == (
        "application",
        "75",
        "2026-02-01",
        "Es fehlen\nRuheräume.",
    )
    assert (need.urgency, need.origin, need.employees_behind, need.is_confidential) == ("high", "paper", 120, True)
    assert (need.wished_stage, list(need.affected_units.all())) == (cast.stage, [cast.unit])
    assert (need.state, need.number) == ("draft", None)


def test_entering_on_behalf_of_somebody_warns_against_names(cast, council):
    words = text_of(council.get(create_url(cast)))

    assert "On behalf of somebody without an e-mail account. Please enter no names." in words
    assert "Form to print (PDF)" in words


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("title", ""),
        ("title", "x" * 201),
        ("title", "a\x00b"),
        ("text", "x" * 10001),
        ("kind", "formal"),
        ("kind", ""),
        ("urgency", "\x00"),
        ("origin", "hearsay"),
        ("legal_basis", "74"),
        ("legal_basis", "99"),
        ("resolved_on", "01.01.2026"),
        ("resolved_on", "31.02.2026"),
        ("resolved_on", "2026"),
        ("resolved_on", "31.12.2199"),
        ("employees_behind", "0"),
        ("employees_behind", "-3"),
        ("employees_behind", "99999999999999999999"),
        ("employees_behind", "viele"),
        ("wished_stage", str(2**70)),
        ("wished_stage", "x"),
        ("affected_units", [str(2**70)]),
        ("affected_units", ["\x00"]),
        ("affected_groups", "x" * 301),
    ],
)
def test_bad_input_is_told_at_its_field_and_what_was_typed_is_kept(cast, council, name, bad):
    typed = {"title": "Ruheräume", "text": "Bleibt stehen"} | {name: bad}

    answer = council.post(create_url(cast), typed_on(council.get(create_url(cast)), **typed))

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [name]
    assert name == "text" or "Bleibt stehen" in answer.content.decode()
    assert not Need.objects.exists()


def test_what_a_row_of_another_strategy_offers_is_no_choice(cast, council):
    foreign = StageFactory()
    typed = typed_on(council.get(create_url(cast)), title="x", wished_stage=foreign.pk)

    assert list(council.post(create_url(cast), typed).context["form"].errors) == ["wished_stage"]


OVER_POSTED = {
    "number": "77",
    "state": "answered",
    "strategy": "1",
    "submitted_on": "2020-01-01",
    "due_on": "2040-01-01",
    "outcome": "adopted",
    "answer_text": "Ja",
    "answered_on": "2020-01-01",
    "objection": "Nein",
    "id": str(uuid4()),
    "pk": "1",
}


@pytest.mark.parametrize("verb", ["create", "edit", "submit"])
def test_what_nobody_types_is_ignored(cast, council, verb):
    foreign = cast.need().strategy_id
    need = cast.need(title="Ruheräume", text="Fehlen")
    url = create_url(cast) if verb == "create" else url_of(need, verb)
    typed = typed_on(council.get(url), title="Neu") | OVER_POSTED

    assert council.post(url, typed).status_code == 302

    made = Need.objects.order_by("created_at").last()
    expected = ("submitted", 1) if verb == "submit" else ("draft", None)
    assert (made.state, made.number, made.strategy_id) == (*expected, foreign)
    assert (made.outcome, made.answer_text, made.answered_on, made.objection) == ("", "", None, "")
    assert made.submitted_on == (timezone.localdate() if verb == "submit" else None)


def test_two_members_edit_one_draft_and_are_asked_only_about_what_both_changed(cast, council):
    need = cast.need(title="Ruheräume", text="Fehlen", urgency="low")
    mine = typed_on(council.get(url_of(need, "edit")), title="Ruheräume im Rathaus", text="Fehlen überall")
    need.edit(
        by=cast.actor("staff_council"),
        version=need.version,
        changes={"title": "Ruheräume in Ämtern", "urgency": "high"},
    )

    conflict = council.post(url_of(need, "edit"), mine)
    answer = council.post(url_of(need, "edit"), typed_on(conflict) | {"keep-title": "theirs"})

    need.refresh_from_db()
    assert (conflict.status_code, [q.label for q in conflict.context["questions"]]) == (409, ["Title"])
    assert "Somebody has changed this draft at the same time" in text_of(conflict)
    assert answer.status_code == 302
    assert (need.title, need.text, need.urgency) == ("Ruheräume in Ämtern", "Fehlen überall", "high")


def test_two_members_who_choose_differently_read_the_words_of_the_choice(cast, council):
    need = cast.need(urgency="low")
    mine = typed_on(council.get(url_of(need, "edit")), urgency="medium", resolved_on="")
    need.edit(by=cast.actor("staff_council"), version=need.version, changes={"urgency": "high"})

    question = council.post(url_of(need, "edit"), mine).context["questions"][0]

    assert (question.mine, question.theirs) == ("medium", "high")


def test_units_added_by_two_members_are_both_kept(cast, council):
    need = cast.need()
    mine = typed_on(council.get(url_of(need, "edit")), affected_units=[cast.unit.pk])
    need.edit(by=cast.actor("staff_council"), version=need.version, changes={"affected_units": [cast.other_unit]})

    conflict = council.post(url_of(need, "edit"), mine)
    council.post(url_of(need, "edit"), typed_on(conflict))

    assert set(need.affected_units.all()) == {cast.unit, cast.other_unit}


@pytest.mark.parametrize("version", [None, "", "x", "0", "99999999999"])
def test_a_missing_version_is_not_taken_as_the_latest(cast, council, version):
    need = cast.need(title="Alt")
    typed = typed_on(council.get(url_of(need, "edit")), title="Neu", version=version)

    answer = council.post(url_of(need, "edit"), typed)

    need.refresh_from_db()
    assert (answer.status_code, need.title) == (409, "Alt")


def test_after_submission_nothing_is_edited_and_the_words_are_given_back(cast, council):
    need = cast.need()
    late = typed_on(council.get(url_of(need, "edit")), text="Zu spät getippt")
    cast.submit_need(need)

    answer = council.post(url_of(need, "edit"), late)

    assert answer.status_code == 409
    assert "Zu spät getippt" in text_of(answer)


# The steps


def test_before_submission_the_page_says_who_will_read_it(cast, council):
    words = text_of(council.get(url_of(cast.need(is_confidential=True), "submit")))

    assert "project group, heads of offices, administrative heads and steering team read the need" in words
    assert "Readers and administration never see it" in words
    assert "It is marked as confidential" in words
    assert "within 21 days" in words


def test_what_is_missing_is_named_with_the_way_to_its_field(cast, council):
    need = cast.need(**application() | {"reasons": "", "resolved_on": None})

    page = council.get(url_of(need, "submit"))
    answer = send(council, need, "submit")

    assert [name for name, _label in page.context["missing"]] == ["reasons", "resolved_on"]
    assert f'{url_of(need, "edit")}#id_resolved_on"' in page.content.decode()
    need.refresh_from_db()
    assert (answer.status_code, need.state) == (200, "draft")


def test_the_whole_way_of_a_need_that_becomes_a_measure(cast, council, writer, steering):
    need = cast.need(title="Ruheräume", text="Fehlen", wished_stage=cast.stage)
    assert send(council, need, "submit").url == url_of(need)
    assert send(writer, need, "acknowledge").url == url_of(need)
    later = timezone.localdate() + timedelta(days=40)
    assert send(writer, need, "extend", due_on=f"{later:%d.%m.%Y}", reason="Wir prüfen").url == url_of(need)

    answer = send(writer, need, "answer", outcome="adopted", field=cast.field.pk, reason="Gern")

    need.refresh_from_db()
    assert answer.url == url_of(need)
    assert (need.state, need.outcome, need.due_on) == ("answered", "adopted", later)
    assert (need.measure.title, need.measure.description, need.measure.stage) == ("Ruheräume", "Fehlen", cast.stage)
    assert "Answer sent. The staff council can object once." in text_of(writer.get(url_of(need)))
    assert send(council, need, "object", reason="Zu spät").url == url_of(need)
    assert send(steering, need, "answer_objection".replace("_", "-"), reason="Es bleibt dabei").url == url_of(need)
    assert send(council, need, "settle").url == url_of(need)
    need.refresh_from_db()
    assert need.state == "settled"
    words = text_of(council.get(url_of(need)))
    for said in ("Wir prüfen", "Gern", "Zu spät", "Es bleibt dabei"):
        assert said in words


def test_a_suggestion_can_be_picked_for_the_answer(cast, writer):
    measure = cast.measure(Measure.State.RUNNING, title="Ruheräume", goal="Ruheräume")
    need = cast.need(State.SUBMITTED, title="Ruheräume", text="Ruheräume")
    suggestion = f"{url_of(need, 'answer')}?outcome=merged&measure={measure.pk}"
    assert suggestion.replace("&", "&amp;") in writer.get(url_of(need)).content.decode()

    writer.post(url_of(need, "answer"), typed_on(writer.get(suggestion), reason="Läuft schon"))

    need.refresh_from_db()
    assert (need.outcome, need.measure) == ("merged", measure)


@pytest.mark.parametrize(
    "query", ["measure=x", f"measure={2**70}", "merged_into=x", "outcome=x", "outcome=%00&measure=%00"]
)
def test_a_suggestion_that_makes_no_sense_is_no_fault(cast, writer, query):
    need = cast.need(State.SUBMITTED)

    assert writer.get(f"{url_of(need, 'answer')}?{query}").status_code == 200


def test_fields_of_another_decision_say_nothing(cast, writer):
    """They fold away while another decision is chosen; what a browser sends along of them does not count."""
    need, stage = cast.need(State.SUBMITTED), StageFactory(strategy=cast.strategy)

    answer = send(
        writer,
        need,
        "answer",
        outcome="deferred",
        deferred_to=stage.pk,
        measure=cast.measure(Measure.State.RUNNING).pk,
        field=cast.field.pk,
        reason="Später",
    )

    need.refresh_from_db()
    assert (answer.status_code, need.outcome, need.deferred_to, need.measure) == (302, "deferred", stage, None)


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"outcome": "", "reason": "x"}, ["outcome"]),
        ({"outcome": "granted", "reason": "x"}, ["outcome"]),
        ({"outcome": "declined", "reason": "  "}, ["reason"]),
        ({"outcome": "declined", "reason": "a\x00b"}, ["reason"]),
        ({"outcome": "declined", "reason": "x" * 5001}, ["reason"]),
        ({"outcome": "adopted", "reason": "x"}, ["field"]),
        ({"outcome": "merged", "reason": "x"}, ["measure"]),
        ({"outcome": "merged", "reason": "x", "merged_into": "no-uuid"}, ["merged_into"]),
        ({"outcome": "merged", "reason": "x", "measure": str(2**70)}, ["measure"]),
        ({"outcome": "deferred", "reason": "x"}, ["deferred_to"]),
    ],
)
def test_an_answer_says_at_its_field_what_is_wrong_and_keeps_the_rest(cast, writer, typed, wrong):
    need = cast.need(State.SUBMITTED)

    answer = send(writer, need, "answer", **typed)

    assert (answer.status_code, list(answer.context["form"].errors)) == (200, wrong)
    need.refresh_from_db()
    assert need.state == "submitted"


def test_a_confidential_need_gives_its_measure_no_title_by_itself(cast, writer):
    need = cast.need(State.SUBMITTED, title="Vertraulicher Titel", is_confidential=True)
    page = writer.get(url_of(need, "answer"))

    answer = send(writer, need, "answer", outcome="adopted", field=cast.field.pk, reason="Gern")

    assert page.context["form"]["title"].value() == ""
    assert list(answer.context["form"].errors) == ["title"]


def test_an_interim_notice_needs_a_later_day_and_a_reason(cast, writer):
    need = cast.need(State.SUBMITTED)

    early = send(writer, need, "extend", due_on=f"{need.due_on:%d.%m.%Y}", reason="x")
    silent = send(writer, need, "extend", reason=" ")

    assert list(early.context["form"].errors) == ["due_on"]
    assert list(silent.context["form"].errors) == ["reason"]


def test_a_second_objection_is_refused_in_words(cast, council):
    need = cast.need(State.OBJECTED)
    need.answer_objection(by=cast.actor("steering_team"), reason="Nein")

    answer = council.get(url_of(need, "object"))

    assert answer.status_code == 409
    assert "An objection has been made already; only one is possible." in text_of(answer)


def test_somebody_was_quicker(cast, writer):
    need = cast.need(State.SUBMITTED)
    page = typed_on(writer.get(url_of(need, "answer")), outcome="declined", reason="Getippte Gründe")
    cast.withdraw(need)

    answer = writer.post(url_of(need, "answer"), page)

    assert answer.status_code == 409
    assert "Getippte Gründe" in text_of(answer)


def test_a_discarded_draft_leads_back_to_the_list(cast, council):
    need = cast.need(State.DRAFT)

    assert send(council, need, "discard").url == list_url(cast)
    assert council.get(url_of(need)).status_code == 404


def test_a_withdrawn_need_stays_readable(cast, council, writer):
    need = cast.need(State.SUBMITTED, text="**Mehr** <b>Räume")

    send(council, need, "withdraw")

    answer = writer.get(url_of(need))
    assert "The staff council has withdrawn this need." in text_of(answer)
    assert "<strong>Mehr</strong> &lt;b&gt;Räume" in answer.content.decode()


def test_buttons_offer_what_one_may_do_now(cast):
    User.objects.update(language="en")
    offered = {
        ("staff_council", State.DRAFT): {"submit", "edit", "discard"},
        ("staff_council", State.SUBMITTED): {"withdraw"},
        ("project_group", State.SUBMITTED): {"acknowledge", "extend", "answer"},
        ("project_group", State.ACKNOWLEDGED): {"extend", "answer"},
        ("staff_council", State.ANSWERED): {"settle", "object"},
        ("project_group", State.ANSWERED): set(),
        ("steering_team", State.OBJECTED): {"answer_objection"},
        ("department_head", State.SUBMITTED): set(),
    }

    for (name, state), verbs in offered.items():
        need = cast.need(state)
        page = browser_of(getattr(cast, name)).get(url_of(need))
        assert {verb for verb, may in page.context["may"].items() if may} == verbs, (name, state)
        shown = page.content.decode()
        for verb in verbs:
            assert url_of(need, verb.replace("_", "-")) in shown, (name, state, verb)
