"""The series of reports: planned for sessions, prefilled, measures brought up to date first, supplements."""

from datetime import date, timedelta
from threading import Barrier

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from measures.models import Measure
from reporting.deadlines import updates_for_reports
from reporting.models import CoSignature, CouncilReport
from reporting.models.series import SESSION_TAKEN, months_after
from reporting.series import Updates, next_of
from strategy.models import Light, OutgoingMail, Reminder
from strategy.planner import remind
from strategy.workflow import RuleViolation
from tests.factories import CouncilSessionFactory, FieldFactory
from tests.measures.test_races import at_once
from tests.pages import browser_of, typed_on

from . import reports

State = CouncilReport.State
RUNNING = Measure.State.RUNNING
PLANNERS, ROUNDS = 10, 3


def reported(cast, measure, by="department_head"):
    measure.report_status(by=cast.actor(by), light=cast.light(Light.Shape.DISC), progress=50, text="Läuft.")


def url(report, name):
    return reverse(f"reporting:report-{name}", args=[report.strategy.slug, report.pk])


# Planning


def test_a_planned_report_takes_over_the_last_one_and_marks_what_is_to_be_read_again(cast):
    last = reports.asked(cast, outlook="Zum Haushalt.")
    reports.sign(cast, last)
    reports.sign(cast, last, "other_head")
    last = reports.final(cast, last)
    body = last.consultations.get().body
    session = CouncilSessionFactory(strategy=cast.strategy, body=body, held_on=timezone.localdate() + timedelta(60))

    report = CouncilReport.objects.plan(by=cast.actor("project_group"), session=session)

    assert (report.predecessor, report.text, report.outlook) == (last, last.text, "Zum Haushalt.")
    assert report.consultations.get().session == session
    assert {(row.unit, row.state) for row in report.cosignatures.all()} == {
        (cast.unit, CoSignature.State.PLANNED),
        (cast.other_unit, CoSignature.State.PLANNED),
    }
    assert report.to_revise == ["subject", "consultations", "text", "outlook", "cosigning_units"]
    assert (report.number, report.dated_on) == ("", None)


def test_a_session_of_another_body_joins_those_taken_over(cast):
    reports.final(cast)

    report = reports.planned(cast)

    assert [row.session for row in report.consultations.all()] == [None, report.planned_for]


def test_one_report_is_planned_for_a_session(cast):
    report = reports.planned(cast)

    with pytest.raises(RuleViolation):
        CouncilReport.objects.plan(by=cast.actor("project_group"), session=report.planned_for, subject="Noch einer")


def in_all_languages(text):
    """Threads that ask at once leave each other's language behind."""
    said = set()
    for language in ("de", "en"):
        with override(language):
            said.add(str(text))
    return said


@pytest.mark.django_db(transaction=True)
def test_of_many_who_plan_for_a_session_at_once_one_gets_it_and_the_others_read_why(cast):
    """By the pages: half of them plan a report, half choose the session in a draft they have."""
    for _round in range(ROUNDS):
        session = CouncilSessionFactory(strategy=cast.strategy, held_on=timezone.localdate() + timedelta(80))
        browser = browser_of(cast.project_group)
        plan = reverse("reporting:report-plan", args=[cast.strategy.slug])
        edits = [url(reports.draft(cast), "edit") for _number in range(PLANNERS // 2)]
        typed = {"planned_for": session.pk, "updates_due_on": ""}
        forms = [(edit, typed_on(browser.get(edit), about="Getippt", **typed)) for edit in edits]
        forms += [(plan, typed_on(browser.get(plan), title="Bericht", **typed)) for _number in range(PLANNERS // 2)]
        together = Barrier(PLANNERS)

        def send(number, forms=forms, together=together):
            client = browser_of(cast.project_group)
            together.wait()
            return client.post(*forms[number])

        answers = at_once(PLANNERS, send)

        assert sorted(answer.status_code for answer in answers) == [200] * (PLANNERS - 1) + [302]
        refused = [answer.context["form"] for answer in answers if answer.status_code == 200]
        problems = [form.errors.as_data()["planned_for"][0].messages[0] for form in refused]
        assert len(problems) == PLANNERS - 1
        assert set(problems) <= in_all_languages(SESSION_TAKEN)
        assert all(form["about"].value() == "Getippt" for form in refused if "about" in form.fields)
        assert CouncilReport.objects.filter(planned_for=session).count() == 1


@pytest.mark.parametrize("days", [-1, 61])
def test_measures_are_brought_up_to_date_between_today_and_the_session(cast, days):
    with pytest.raises(RuleViolation) as refusal:
        reports.planned(cast, updates_due_on=timezone.localdate() + timedelta(days))

    assert list(refusal.value.message_dict) == ["updates_due_on"]


@pytest.mark.parametrize("name", ["department_head", "steering_team", "staff_council", "reader"])
def test_only_the_project_group_plans(cast, name):
    session = CouncilSessionFactory(strategy=cast.strategy, held_on=timezone.localdate())

    with pytest.raises(PermissionDenied):
        CouncilReport.objects.plan(by=cast.actor(name), session=session, subject="Stand")


def test_units_taken_over_hear_of_it_only_when_they_are_asked(cast):
    last = reports.asked(cast)
    for name in ("department_head", "other_head"):
        reports.sign(cast, last, name)
    reports.final(cast, last)
    OutgoingMail.objects.all().delete()
    report = reports.planned(cast)

    assert report not in CouncilReport.objects.visible_to(cast.actor("department_head"))
    assert not OutgoingMail.objects.exists()
    report.ask_units(by=cast.actor("project_group"))

    assert report in CouncilReport.objects.visible_to(cast.actor("department_head"))
    assert OutgoingMail.objects.filter(recipient=cast.department_head).count() == 1
    with pytest.raises(RuleViolation):
        report.ask_units(by=cast.actor("project_group"))


def test_a_report_is_not_submitted_while_a_unit_is_only_noted(cast):
    last = reports.asked(cast)
    for name in ("department_head", "other_head"):
        reports.sign(cast, last, name)
    reports.final(cast, last)

    report = reports.planned(cast)
    with override("en"):
        assert "Not every unit asked has co-signed." in [str(sentence) for sentence in report.missing_to_submit()]


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 6, 15), 6, date(2026, 12, 15)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
    ],
)
def test_a_rhythm_counts_in_months(day, months, then):
    assert months_after(day, months) == then


def test_the_next_session_is_proposed_by_the_rhythm(cast):
    last = reports.final(cast)
    held_on = last.consultations.get().session.held_on
    _soon, in_time, later = (
        CouncilSessionFactory(strategy=cast.strategy, held_on=held_on + timedelta(days)) for days in (30, 190, 220)
    )
    with time_machine.travel(held_on):
        found = next_of(cast.strategy)

        assert found["wanted_on"] == months_after(held_on, 6)
        assert found["proposed"] == in_time
        in_time.delete(), later.delete()
        assert next_of(cast.strategy)["proposed"] is None


# Bringing measures up to date


def test_updated_is_what_was_reported_after_the_data_of_the_last_report(cast):
    before, after = cast.measure(RUNNING), cast.measure(RUNNING)
    reported(cast, before)
    reports.final(cast)
    reported(cast, after)
    report = reports.planned(cast)

    assert {row.pk: row.is_updated for row in report.measures_to_update()} == {before.pk: False, after.pk: True}


def test_without_a_last_report_any_status_counts(cast):
    reported(cast, cast.measure(RUNNING))
    cast.measure(RUNNING)

    assert sorted(row.is_updated for row in reports.planned(cast).measures_to_update()) == [False, True]


def test_only_running_measures_of_its_scope_are_asked_for(cast):
    field = FieldFactory(strategy=cast.strategy, letter="B")
    here = cast.measure(RUNNING, field=field)
    cast.measure(RUNNING), cast.measure(Measure.State.DECIDED, field=field), cast.measure(field=field)
    report = reports.planned(cast)
    report.scope_fields.set([field])

    assert [row.pk for row in report.measures_to_update()] == [here.pk]


def test_the_page_puts_what_is_missing_first_and_counts_by_unit(cast):
    done, missing = cast.measure(RUNNING), cast.measure(RUNNING)
    elsewhere = cast.measure(RUNNING, lead_unit=cast.other_unit)
    reported(cast, done), reported(cast, elsewhere, "project_group")

    found = Updates.read(reports.planned(cast), cast.actor("project_group"))

    assert [(row.unit, row.missing, [m.pk for m in row.measures], row.is_reached) for row in found.rows] == [
        (cast.unit, 1, [missing.pk, done.pk], True),
        (cast.other_unit, 0, [elsewhere.pk], True),
    ]
    assert (found.total, found.updated, found.missing) == (3, 2, 1)


def test_heads_see_their_own_units_and_others_nothing(client, cast):
    cast.measure(RUNNING)
    other = cast.measure(RUNNING, lead_unit=cast.other_unit)
    report = reports.planned(cast, subject="Geheimer Betreff")

    client.force_login(cast.other_head)
    page = client.get(url(report, "updates"))
    assert [m.pk for row in page.context["updates"].rows for m in row.measures] == [other.pk]
    assert "Geheimer Betreff" not in page.content.decode()
    for name in ("staff_council", "reader", "administrator"):
        client.force_login(getattr(cast, name))
        assert client.get(url(report, "updates")).status_code == 404


def test_a_head_who_leads_nothing_of_it_is_not_told(client, cast):
    report = reports.planned(cast)
    client.force_login(cast.department_head)

    assert client.get(url(report, "updates")).status_code == 404


def tasks(cast, name, on=None):
    return list(updates_for_reports(cast.actor(name), cast.strategy, on or timezone.localdate()))


def test_heads_have_one_task_until_all_their_measures_are_updated(cast):
    first, second = cast.measure(RUNNING), cast.measure(RUNNING)
    report = reports.planned(cast)

    (task,) = tasks(cast, "department_head")
    assert (task.object, task.due_on, task.url) == (report, report.updates_due_on, url(report, "updates"))
    reported(cast, first)
    assert len(tasks(cast, "department_head")) == 1
    reported(cast, second)
    assert tasks(cast, "department_head") == tasks(cast, "other_head") == tasks(cast, "project_group") == []


def test_nobody_is_reminded_for_a_report_that_is_being_built_or_without_a_day(cast):
    cast.measure(RUNNING)
    report = reports.planned(cast, originators="Referat", text="Stand.")
    CouncilReport.objects.filter(pk=report.pk).update(updates_due_on=None)
    assert tasks(cast, "department_head") == []
    CouncilReport.objects.filter(pk=report.pk).update(updates_due_on=timezone.localdate())
    assert len(tasks(cast, "department_head")) == 1

    CouncilReport.objects.get(pk=report.pk).build(by=cast.actor("project_group"))

    assert tasks(cast, "department_head") == []


def reminders(name, cast):
    return Reminder.objects.filter(kind="report-updates", recipient=getattr(cast, name), state=Reminder.State.SENT)


def test_owners_are_reminded_by_the_ladder_once_a_step_and_never_of_what_is_done(cast):
    with time_machine.travel("2026-09-01T10:00+02:00") as clock:
        measure = cast.measure(RUNNING)
        report = reports.planned(cast, days=70)
        due_on = report.updates_due_on
        for days in (14, 7):
            clock.move_to(f"{due_on - timedelta(days)}T10:00+02:00")
            assert remind(cast.strategy) is not None
            remind(cast.strategy)
        assert sorted(reminders("department_head", cast).values_list("step", flat=True)) == ["-14", "-7"]
        assert not reminders("project_group", cast).exists()

        reported(cast, measure)
        clock.move_to(f"{due_on}T10:00+01:00")
        remind(cast.strategy)

    assert reminders("department_head", cast).count() == 2


UPDATE_QUERIES = 5  # whatever the number of measures


@pytest.mark.parametrize("count", [2, 12])
def test_the_tasks_of_a_head_ask_the_same_questions_for_few_and_many_measures(cast, count):
    for _number in range(count):
        cast.measure(RUNNING)
    reports.planned(cast)
    actor = cast.actor("department_head")

    with CaptureQueriesContext(connection) as asked:
        assert len(list(updates_for_reports(actor, cast.strategy, timezone.localdate()))) == 1

    assert len(asked) == UPDATE_QUERIES


def test_the_list_asks_the_same_questions_for_few_and_many_measures(client, cast):
    client.force_login(cast.project_group)
    counts = []
    reports.planned(cast)
    for number in (1, 10):
        for _ in range(number):
            cast.measure(RUNNING)
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("reporting:reports", args=[cast.strategy.slug]))
        counts.append(len(asked))

    assert counts[0] == counts[1]


# Pages


def test_the_list_leads_to_planning_and_planning_to_the_draft(client, cast):
    reports.final(cast)
    session = CouncilSessionFactory(strategy=cast.strategy, held_on=timezone.localdate() + timedelta(80))
    client.force_login(cast.project_group)
    listed = client.get(reverse("reporting:reports", args=[cast.strategy.slug]))
    plan = reverse("reporting:report-plan", args=[cast.strategy.slug])
    assert plan in listed.content.decode()

    typed = typed_on(client.get(plan), planned_for=session.pk, updates_due_on=timezone.localdate())
    answer = client.post(plan, typed)
    again = client.post(plan, typed)

    report = CouncilReport.objects.get(planned_for=session)
    assert answer.url == again.url == report.get_absolute_url()
    page = client.get(answer.url)
    assert page.context["unrevised"]
    assert url(report, "updates") in page.content.decode()


def test_planning_without_a_session_says_where_to_enter_one(client, cast):
    client.force_login(cast.project_group)

    page = client.get(reverse("reporting:report-plan", args=[cast.strategy.slug]))

    assert reverse("strategy:sessions", args=[cast.strategy.slug]) in page.content.decode()


def test_what_is_read_again_or_changed_loses_its_mark(client, cast):
    reports.final(cast)
    report = reports.planned(cast)
    assert report.to_revise == ["consultations", "text"]
    client.force_login(cast.project_group)

    client.post(url(report, "edit"), typed_on(client.get(url(report, "edit")), about="Neu"))
    assert CouncilReport.objects.get(pk=report.pk).to_revise == ["consultations", "text"]
    client.post(url(report, "edit"), typed_on(client.get(url(report, "edit")), revised=["consultations"], text="Neu."))

    assert CouncilReport.objects.get(pk=report.pk).to_revise == []


def test_a_draft_is_discarded_with_a_trace(client, cast):
    report = reports.planned(cast)
    client.force_login(cast.project_group)

    answer = client.post(url(report, "discard"), typed_on(client.get(url(report, "discard"))))

    assert answer.url == reverse("reporting:reports", args=[cast.strategy.slug])
    assert not CouncilReport.objects.filter(pk=report.pk).exists()
    assert report.transitions.get().verb == "discard"


# Supplements


def test_a_supplement_goes_under_the_number_of_its_report(cast):
    report = reports.final(cast)

    first = CouncilReport.objects.draft_supplement(by=cast.actor("project_group"), to=report)
    second = CouncilReport.objects.draft_supplement(by=cast.actor("project_group"), to=report)

    assert (first.reference, second.reference) == (
        f"{report.reference} 1. Ergänzung",
        f"{report.reference} 2. Ergänzung",
    )
    assert (first.paper_only, first.text, first.originators) == (True, "", report.originators)
    assert [row.body for row in first.consultations.all()] == [row.body for row in report.consultations.all()]


def test_a_draft_gets_no_supplement(cast):
    with pytest.raises(RuleViolation):
        CouncilReport.objects.draft_supplement(by=cast.actor("project_group"), to=reports.draft(cast))


def test_a_supplement_becomes_final_beside_its_report(client, cast):
    report = reports.final(cast)
    client.force_login(cast.project_group)
    answer = client.post(url(report, "supplement"), typed_on(client.get(url(report, "supplement"))))
    supplement = report.supplements.get()
    assert answer.url == url(supplement, "edit")
    reports.edit(
        cast, supplement, lambda: reports.add_rows(cast, supplement), text="Ergänzt.", dated_on=date(2026, 12, 8)
    )

    supplement = reports.final(cast, supplement)

    assert (supplement.state, supplement.number) == (State.FINAL, report.number)
    assert CouncilReport.objects.latest_of(cast.strategy) == report
    assert supplement.supplement in client.get(report.get_absolute_url()).content.decode()


# The preview beside the form


def test_the_preview_shows_what_is_typed_and_stores_nothing(client, cast):
    report = reports.draft(cast, financial_effects="Keine.")
    client.force_login(cast.project_group)
    typed = typed_on(
        client.get(url(report, "edit")), text="Frisch getippt.", number="falsch", banner="Haushalt 2026/2027"
    )
    typed["signatures-0-function"] = "Oberbürgermeister"

    shown = client.post(url(report, "live-preview"), typed).content.decode()

    assert "Frisch getippt." in shown
    assert "Oberbürgermeister" in shown
    assert "Haushalt 2026/2027" in shown
    assert "GRDrs 101/2026" in shown  # what is wrong stands as it was stored
    stored = CouncilReport.objects.get(pk=report.pk)
    assert (stored.text, stored.banner) == (report.text, "")
    assert stored.signatures.get().function == "Erster Bürgermeister"


def test_there_is_no_preview_of_what_is_no_draft_any_more(client, cast):
    report = reports.ready(cast)
    client.force_login(cast.project_group)

    assert client.post(url(report, "live-preview"), {}).status_code == 409
