"""The history of a measure and its versions: every step and change in readable words, from where one could see it."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from measures.history import history_of
from measures.models import Measure, MeasureLink, StaffParticipation, TextVersion
from strategy.actor import Actor
from strategy.models import Deputyship, Membership, Transition, User
from tests.factories import (
    IndicatorFactory,
    IndicatorValueFactory,
    MilestoneFactory,
    PhaseFactory,
    ResourceRequestFactory,
    UnitFactory,
)
from tests.pages import text_of

State = Measure.State


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def told(measure, actor):
    """[(text, {field: (before, after)})] of the whole history, the oldest first."""
    entries = history_of(measure, actor)[::-1]
    return [(str(e.text), {str(c.label): (str(c.before), str(c.after)) for c in e.changes}) for e in entries]


def texts(measure, actor):
    return [text for text, _changes in told(measure, actor)]


def edit(cast, measure, by="project_group", **changes):
    measure.refresh_from_db()
    measure.edit(by=cast.actor(by), version=measure.version, changes=changes)


def page(client, cast, name, measure, view="history", *more, **query):
    client.force_login(getattr(cast, name))
    return client.get(reverse(f"measures:{view}", args=[cast.strategy.slug, measure.code, *more]), query)


def test_the_way_of_a_measure_is_told_step_by_step(cast):
    measure = cast.measure(State.COMPLETED)

    assert texts(measure, cast.actor("project_group")) == [
        "Created",
        "Submitted, review opened",
        "Statement given: 10 Haupt- und Personalamt",
        "Statement given: 51 Jugendamt",
        "Statement given: Staff council",
        "Agreed, review closed",
        "Decided",
        "Started",
        "Completed",
    ]


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("project_group", "Created"),
        ("department_head", "Submitted, review opened"),
        ("staff_council", "Submitted, review opened"),
        ("steering_team", "Submitted, review opened"),
        ("reader", "Decided"),
        ("administrator", "Decided"),
    ],
)
def test_the_history_begins_where_one_could_see_the_measure(cast, client, name, first):
    measure = cast.measure(goal="Geheimes erstes Ziel")
    edit(cast, measure, goal="Geheimes zweites Ziel")
    cast.submit(measure)
    measure.send_back(by=cast.actor("steering_team"), reason="Geheime Rüge")
    edit(cast, measure, goal="Das Ziel")
    for step in (cast.submit, cast.agree, cast.decide):
        step(measure)
    measure.refresh_from_db()

    history = texts(measure, cast.actor(name))

    assert history[0] == first
    assert history.count("Submitted, review opened") == {"project_group": 2, "reader": 0, "administrator": 0}.get(
        name, 1
    )
    User.objects.update(language="en")
    words = text_of(page(client, cast, name, measure))
    assert ("Geheim" in words) == (name == "project_group")


def test_every_change_is_told_with_old_and_new_value(cast):
    measure = cast.measure(State.RUNNING)
    pilot = PhaseFactory(strategy=cast.strategy, title="Pilot")
    third = UnitFactory(strategy=cast.strategy, number="17", name="DO.IT")

    edit(cast, measure, responsible_function="Leitung IT", phase=pilot, ends_on=date(2028, 5, 31))
    edit(cast, measure, date_precision="month", is_permanent=True)
    edit(cast, measure, involved_units=[third])

    assert told(measure, cast.actor("project_group"))[-3:] == [
        (
            "Changed",
            {
                "responsible function": ("Abteilungsleitung", "Leitung IT"),
                "phase": ("", "Pilot"),
                "ends": ("", "31 May 2028"),
            },
        ),
        ("Changed", {"dates are exact to the": ("day", "month"), "permanent task": ("no", "yes")}),
        ("Changed", {"involved units": ("51 Jugendamt", "17 DO.IT")}),
    ]


def test_changes_in_quick_succession_are_all_told(cast):
    measure = cast.measure()

    for title in ("Eins", "Zwei", "Drei"):
        edit(cast, measure, title=title)

    changes = [
        changes["title"][1] for _text, changes in told(measure, cast.actor("project_group")) if "title" in changes
    ]
    assert changes == ["Eins", "Zwei", "Drei"]


def test_a_status_update_is_one_entry_with_what_it_changed(cast):
    measure = cast.measure(State.RUNNING)

    measure.report_status(by=cast.actor("department_head"), light=cast.light("triangle"), progress=45, text="Es stockt")

    text, changes = told(measure, cast.actor("reader"))[-1]
    assert text == "Status reported"
    assert changes == {
        "light": ("planmäßig", "gefährdet"),
        "progress": ("0\N{NO-BREAK SPACE}%", "45\N{NO-BREAK SPACE}%"),
    }


def test_parts_of_a_measure_come_change_and_go(cast):
    measure = cast.measure(State.RUNNING)
    other = cast.measure(State.RUNNING, title="Nachbarin")
    milestone = MilestoneFactory(measure=measure, title="Pilot läuft", due_on=date(2027, 3, 1), date_precision="month")
    milestone.reached_on = date(2027, 2, 1)
    milestone.save()
    milestone.delete()
    link = MeasureLink.objects.create(source_measure=other, target_measure=measure, kind="depends_on")
    request = ResourceRequestFactory(measure=measure, amount=40000, year=2027)
    request.register(by=cast.actor("project_group"))
    value = IndicatorValueFactory(indicator=IndicatorFactory(measure=measure, name="Anträge"), value=3)
    value.value = 5
    value.save()

    history = told(measure, cast.actor("reader"))[-9:]

    assert sorted(text for text, _changes in history) == [
        "Indicator added: Anträge",
        f"Link added: depends on: {other}",
        "Milestone added: Pilot läuft",
        "Milestone changed: Pilot läuft",
        "Milestone removed: Pilot läuft",
        "Registered for the budget: Operating budget (€) 2027",
        "Resource request added: Operating budget (€) 2027",
        "Value added: Anträge",
        "Value changed: Anträge",
    ]
    by_text = dict(history)
    assert by_text["Milestone added: Pilot läuft"] == {"due on": ("", "March 2027")}
    assert by_text["Milestone changed: Pilot läuft"] == {"reached on": ("", "February 2027")}
    assert by_text["Value changed: Anträge"] == {"value": ("3", "5")}
    assert link.pk


def test_links_to_what_one_may_not_see_are_not_told(cast):
    measure, draft = cast.measure(State.RUNNING), cast.measure(title="Geheimer Entwurf")
    MeasureLink.objects.create(source_measure=measure, target_measure=draft)

    assert any("Geheim" in text for text in texts(measure, cast.actor("project_group")))
    assert not any("Geheim" in text for text in texts(measure, cast.actor("department_head")))
    assert not any("Link" in text for text in texts(measure, cast.actor("reader")))


def test_statements_of_an_open_review_leave_no_trace(cast):
    measure = cast.measure(State.IN_REVIEW)
    slot = measure.open_review().slots.get(unit=cast.other_unit)
    slot.respond(by=cast.actor("other_head"), vote="object", text="Geheimer Einwand")
    slot.answer().settle(by=cast.actor("steering_team"), reason="Geheime Klärung")
    given, settled = "Statement given: 51 Jugendamt", "Objection settled: 51 Jugendamt"

    for name in ("project_group", "steering_team", "other_head"):
        assert texts(measure, cast.actor(name))[-2:] == [given, settled], name
    for name in ("department_head", "staff_council"):
        assert texts(measure, cast.actor(name)) == ["Submitted, review opened"]


def test_amendments_are_told_to_those_who_take_part_and_in_force_to_all(cast, client):
    User.objects.update(language="en")
    measure = cast.measure(State.RUNNING, goal="Altes Ziel")
    measure.amend(by=cast.actor("project_group"), core=measure.core() | {"goal": "Neues Ziel"})
    before = texts(measure, cast.actor("reader"))
    amendment = measure.open_amendment()
    cast.answer_all(measure)
    amendment.agree(by=cast.actor("project_group"))
    between = texts(measure, cast.actor("reader"))
    amendment.decide(by=cast.actor("steering_team"), reason="Überzeugt")
    measure.refresh_from_db()

    assert before == between == ["Decided", "Started"]
    assert told(measure, cast.actor("reader"))[-1] == (
        "Amendment in force: version 2",
        {"goal": ("Altes Ziel", "Neues Ziel")},
    )
    seen = texts(measure, cast.actor("department_head"))
    assert "Amendment proposed, review opened" in seen
    assert "Amendment agreed, review closed: version 2" in seen
    entry = page(client, cast, "reader", measure).content.decode()
    assert "<del>Altes</del> <ins>Neues</ins> Ziel" in entry


def test_an_entry_names_who_acted_and_in_whose_place(cast, client):
    User.objects.update(language="en")
    measure = cast.measure(State.RUNNING)
    User.objects.filter(pk=cast.department_head.pk).update(function="Amtsleitung 10")
    User.objects.filter(pk=cast.other_head.pk).update(function="Amtsleitung 51")
    deputyship = Deputyship.objects.create(
        strategy=cast.strategy,
        membership=Membership.objects.get(user=cast.department_head),
        deputy=cast.other_head,
        valid_from=timezone.localdate(),
        valid_to=timezone.localdate(),
    )
    deputy = Actor.deputising(User.objects.get(pk=cast.other_head.pk), deputyship)
    measure.report_status(by=deputy, light=cast.light("disc"), progress=5)

    words = text_of(page(client, cast, "reader", measure))

    assert "Status reported Progress from 0 % to 5 % Amtsleitung 51, in place of Amtsleitung 10" in words


def test_reasons_and_texts_cannot_run_scripts(cast, client):
    measure = cast.measure(State.RUNNING)
    edit(cast, measure, responsible_function="<script>alert(1)</script>")
    measure.pause(by=cast.actor("steering_team"), reason="<img src=x onerror=alert(2)>")

    html = page(client, cast, "reader", measure).content.decode()

    assert "&lt;script&gt;alert(1)" in html
    assert "<img" not in html


def test_a_measure_without_recorded_steps_begins_on_its_day(cast):
    """Loaded from elsewhere: dates, but no steps."""
    measure = cast.measure(State.DECIDED)
    Transition.objects.all().delete()
    history = Measure.changes.filter(id=measure.pk)
    history.update(history_date=timezone.now() - timedelta(days=30))
    edit(cast, measure, responsible_function="Neue Leitung")

    assert texts(measure, cast.actor("reader")) == ["Changed"]


def test_long_histories_come_in_pages(cast, client):
    User.objects.update(language="en")
    measure = cast.measure()
    for number in range(55):
        edit(cast, measure, title=f"Titel {number}")

    first, second = (text_of(page(client, cast, "project_group", measure, page=n)) for n in (1, 2))

    assert "1 to 50 of 56 shown." in first
    assert "to Titel 54" in first
    assert "to Titel 0" in second
    assert "Created" in second


@pytest.mark.parametrize("size", [1, 30])
def test_the_history_asks_the_same_number_of_questions(cast, client, size, django_assert_num_queries):
    measure = cast.measure(State.RUNNING)
    for number in range(size):
        edit(cast, measure, responsible_function=f"Leitung {number}", phase=PhaseFactory(strategy=cast.strategy))
        MilestoneFactory(measure=measure)
        MeasureLink.objects.create(source_measure=measure, target_measure=cast.measure(State.RUNNING))
    client.force_login(cast.project_group)
    address = reverse("measures:history", args=[cast.strategy.slug, measure.code])
    client.get(address)

    with django_assert_num_queries(27):
        client.get(address)


# Versions


def test_versions_are_for_those_who_may_read_their_text(cast, client):
    measure = cast.measure(goal="Geheimes Ziel")
    cast.submit(measure)
    measure.send_back(by=cast.actor("steering_team"), reason="Nein")
    edit(cast, measure, goal="Das Ziel")
    for step in (cast.submit, cast.agree, cast.decide):
        step(measure)
    measure.refresh_from_db()
    measure.amend(by=cast.actor("project_group"), core=measure.core() | {"goal": "Geheimer Vorschlag"})

    def answers(name):
        return {number: page(client, cast, name, measure, "version", number).status_code for number in (1, 2, 3, 4)}

    assert answers("department_head") == {1: 200, 2: 200, 3: 200, 4: 404}
    assert answers("reader") == {1: 404, 2: 200, 3: 404, 4: 404}
    for query in ({}, {"against": "1"}, {"against": "3"}, {"against": "9" * 99}, {"against": "\x00"}):
        response = page(client, cast, "reader", measure, "version", 2, **query)
        assert response.status_code == 200
        assert "Geheim" not in text_of(response)
    assert "Version 1" not in text_of(page(client, cast, "reader", measure, "versions"))


def test_two_versions_are_compared_word_by_word(cast, client):
    User.objects.update(language="en")
    measure = cast.measure(State.RUNNING, goal="Bis 2027 für alle")
    measure.amend(by=cast.actor("project_group"), core=measure.core() | {"goal": "Bis 2028 für alle", "title": "Neu"})

    html = page(client, cast, "steering_team", measure, "version", 2).content.decode()
    listed = text_of(page(client, cast, "steering_team", measure, "versions"))
    back = page(client, cast, "steering_team", measure, "version", 1, against="2").content.decode()

    assert "Bis <del>2027</del> <ins>2028</ins> für alle" in html
    assert "Bis <del>2028</del> <ins>2027</ins> für alle" in back
    assert "Version 2 Proposed" in listed
    assert "Changed: title, goal" in listed
    assert TextVersion.objects.filter(measure=measure).count() == 2


def test_status_updates_are_listed_newest_first(cast, client):
    User.objects.update(language="en")
    measure = cast.measure(State.RUNNING)
    for progress in (10, 20):
        measure.report_status(
            by=cast.actor("project_group"), light=cast.light("disc"), progress=progress, text=f"Stand {progress}"
        )

    words = text_of(page(client, cast, "reader", measure, "status-list"))

    assert "2 status updates" in words
    assert words.index("Stand 20") < words.index("Stand 10")
    assert "Report status" not in words


def test_formal_participation_is_told_to_those_who_take_part(cast):
    measure = cast.measure(State.RUNNING)
    opened = StaffParticipation.objects.start(
        measure, by=cast.actor("project_group"), kind="hearing", informed_on=timezone.localdate()
    )
    opened.state_view(by=cast.actor("staff_council"), vote="comments", text="Geheime Sicht")
    opened.conclude(by=cast.actor("project_group"), reason="Geeinigt")

    assert texts(measure, cast.actor("department_head"))[-2:] == [
        "Formal participation: the staff council has stated its view",
        "Formal participation concluded",
    ]
    assert texts(measure, cast.actor("reader"))[-1] == "Started"
