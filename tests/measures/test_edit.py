"""Creating and editing a measure: what is kept, what is refused, what happens when two do so at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from measures.models import Measure, Milestone
from strategy.models import FieldOfAction
from tests.factories import Cast, MilestoneFactory, StageFactory, UnitFactory
from tests.pages import browser_of, text_of, typed_on

State = Measure.State


@pytest.fixture
def writer(cast):
    return browser_of(cast.project_group)


def create_url(cast):
    return reverse("measures:create", args=[cast.strategy.slug])


def edit_url(measure):
    return reverse("measures:edit", args=[measure.strategy.slug, measure.code])


def row(number, **values):
    return {f"milestones-{number}-{name}": value for name, value in values.items()}


# Creating


def test_a_title_is_one_line(cast, writer):
    typed = typed_on(writer.get(create_url(cast)), title="Onboarding\r\nBcc: alle@example.org", field=cast.field.pk)

    writer.post(create_url(cast), typed)

    assert Measure.objects.get().title == "Onboarding Bcc: alle@example.org"


def test_a_created_draft_holds_everything_typed(cast, writer):
    page = writer.get(create_url(cast))
    typed = typed_on(
        page,
        title="Onboarding",
        goal="Wer neu ist,\r\nfindet sich zurecht.",
        field=cast.field.pk,
        stage=cast.stage.pk,
        lead_unit=cast.unit.pk,
        responsible_function="Abteilungsleitung",
        starts_on="03.2026",
        ends_on="12.2027",
        involved_units=[cast.other_unit.pk],
        **row(0, title="Konzept", due_on="2026"),
    )

    answer = writer.post(create_url(cast), typed)

    measure = Measure.objects.get()
    assert answer.url == measure.get_absolute_url()
    assert (measure.code, measure.title, measure.goal) == ("A1", "Onboarding", "Wer neu ist,\nfindet sich zurecht.")
    assert (str(measure.starts_on), str(measure.ends_on), measure.date_precision) == (
        "2026-03-01",
        "2027-12-31",
        "month",
    )
    assert list(measure.involved_units.all()) == [cast.other_unit]
    milestone = measure.milestones.get()
    assert (milestone.title, str(milestone.due_on), milestone.date_precision) == ("Konzept", "2026-12-31", "year")


def test_the_same_form_sent_twice_creates_one_measure(cast, writer):
    typed = typed_on(writer.get(create_url(cast)), title="Onboarding", field=cast.field.pk)

    first, second = writer.post(create_url(cast), typed), writer.post(create_url(cast), typed)

    measure = Measure.objects.get()
    assert (first.url, second.url) == (measure.get_absolute_url(),) * 2
    assert FieldOfAction.objects.get(pk=cast.field.pk).last_number == 1


def test_a_token_used_by_somebody_else_creates_nothing(cast, writer):
    typed = typed_on(writer.get(create_url(cast)), title="Onboarding", field=cast.field.pk)
    writer.post(create_url(cast), typed)
    colleague = browser_of(cast.member("project_group", name="colleague"))

    answer = colleague.post(create_url(cast), typed)

    assert answer.status_code == 200
    assert "used already" in text_of(answer)
    assert Measure.objects.count() == 1


@pytest.mark.parametrize("token", ["", "not-a-token", "\x00", None])
def test_a_form_without_a_token_is_shown_again_and_then_works(cast, writer, token):
    typed = typed_on(writer.get(create_url(cast)), title="Onboarding", field=cast.field.pk, token=token)

    refused = writer.post(create_url(cast), typed)

    assert refused.status_code == 200
    assert not Measure.objects.exists()
    assert writer.post(create_url(cast), typed_on(refused)).status_code == 302


def test_who_does_not_write_is_forbidden(cast):
    for name in ["department_head", "staff_council", "steering_team", "reader", "administrator"]:
        assert browser_of(getattr(cast, name)).get(create_url(cast)).status_code == 403
    assert browser_of(cast.stranger).get(create_url(cast)).status_code == 404


# What is refused stays in the form


BAD = [
    ("title", "", "This field is required."),
    ("title", "x" * 201, "at most 200 characters"),
    ("title", "a\x00b", "Null characters are not allowed."),
    ("goal", "x" * 5001, "at most 5000 characters"),
    ("goal", "a\x00b", "Null characters are not allowed."),
    ("starts_on", "31.02.2026", "There is no such day"),
    ("starts_on", "13.2026", "There is no such day"),
    ("starts_on", "00.00.2026", "There is no such day"),
    ("ends_on", "13.2026", "There is no such day"),
    ("starts_on", "bald", "like 31.12.2026"),
    ("starts_on", "-1", "like 31.12.2026"),
    ("starts_on", "２０２６", "like 31.12.2026"),
    ("starts_on", "0999", "from 1900 to 2199"),
    ("starts_on", "2" * 30, "at most 20 characters"),
    ("starts_on", "20\x0026", "Null characters are not allowed."),
    ("stage", "99999999999999999999999", "Select a valid choice"),
    ("stage", "-1", "Select a valid choice"),
    ("stage", "\x00", "Null characters are not allowed."),
    ("field", "x", "Select a valid choice"),
    ("phase", "１２x", "Select a valid choice"),
    ("involved_units", ["99999999999999999999999"], "Select a valid choice"),
    ("involved_units", ["\x00"], "Null characters are not allowed."),
    ("milestones-0-title", "x" * 301, "at most 300 characters"),
    ("milestones-0-due_on", "31.02.2026", "There is no such day"),
    ("milestones-0-due_on", "", "This field is required."),
    ("milestones-0-reached_on", "2026", "Please give the day"),
    ("milestones-0-reached_on", "01.01.2199", "lies in the future"),
]


@pytest.mark.parametrize(("name", "bad", "words"), BAD)
def test_bad_input_is_told_at_its_field_and_nothing_typed_is_lost(cast, writer, name, bad, words):
    typed = typed_on(
        writer.get(create_url(cast)),
        **{"title": "Onboarding", "goal": "Ein Ziel", "field": cast.field.pk}
        | row(0, title="Konzept", due_on="2026")
        | {name: bad},
    )

    answer = writer.post(create_url(cast), typed)

    assert answer.status_code == 200
    assert words in text_of(answer)
    assert "<title>Error: " in answer.content.decode()
    assert 'aria-invalid="true"' in answer.content.decode()
    again = typed_on(answer)
    kept = {"title": "Onboarding", "goal": "Ein Ziel", "milestones-0-title": "Konzept"}
    assert {key: again[key] for key in kept if key != name} == {key: [kept[key]] for key in kept if key != name}
    assert not Measure.objects.exists()


def test_the_end_lies_not_before_the_begin(cast, writer):
    typed = {"title": "Onboarding", "field": cast.field.pk, "starts_on": "2026", "ends_on": "2025"}

    answer = writer.post(create_url(cast), typed_on(writer.get(create_url(cast)), **typed))

    assert "The end lies before the begin (2026)." in text_of(answer)
    assert "Period, please correct" in text_of(answer)


def test_a_permanent_task_has_no_end_and_dates_are_equally_exact(cast, writer):
    page = writer.get(create_url(cast))
    typed = {"title": "Onboarding", "field": cast.field.pk, "starts_on": "03.2026", "ends_on": "2027"}

    unequal = writer.post(create_url(cast), typed_on(page, **typed))
    permanent = writer.post(create_url(cast), typed_on(page, is_permanent="on", **typed))

    assert "equally exactly" in text_of(unequal)
    assert "A permanent task has no end" in text_of(permanent)


def test_rows_of_another_strategy_are_no_choice(cast, writer):
    other = Cast()
    measure = cast.measure()
    page = writer.get(edit_url(measure))
    foreign = {
        "field": other.field.pk,
        "stage": other.stage.pk,
        "lead_unit": other.unit.pk,
        "involved_units": [other.unit.pk],
    }

    for name, value in foreign.items():
        answer = writer.post(edit_url(measure), typed_on(page, **{name: value}))
        assert answer.status_code == 200, name
        assert "Select a valid choice" in text_of(answer), name

    measure.refresh_from_db()
    assert measure.version == 1
    for row_of_other in (other.field.title, f'value="{other.unit.pk}"'):
        assert row_of_other not in page.content.decode()


def test_a_unit_that_has_ended_is_offered_only_where_it_is_chosen(cast, writer):
    gone = UnitFactory(strategy=cast.strategy, name="Altes Amt", valid_to="2020-01-01")
    measure, other = cast.measure(lead_unit=gone), cast.measure()

    assert "Altes Amt" in text_of(writer.get(edit_url(measure)))
    assert "Altes Amt" not in text_of(writer.get(edit_url(other)))


def test_milestones_of_another_measure_cannot_be_touched(cast, writer):
    foreign = MilestoneFactory(measure=cast.measure())
    measure = cast.measure()
    typed = typed_on(writer.get(edit_url(measure)), **row(0, id=foreign.pk, title="Meins", due_on="2026"))

    answer = writer.post(edit_url(measure), typed)

    assert "does not belong to this measure" in text_of(answer)
    foreign.refresh_from_db()
    assert (foreign.measure_id != measure.pk, foreign.title != "Meins") == (True, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("milestones-TOTAL_FORMS", "x"),
        ("milestones-TOTAL_FORMS", "9" * 30),
        ("milestones-INITIAL_FORMS", "-1"),
        ("milestones-TOTAL_FORMS", "\x00"),
        ("milestones-0-id", "9" * 30),
        ("milestones-0-id", "\x00"),
        ("initial-milestones-0-due_on", "x"),
        ("initial-milestones-0-due_on", "\x00"),
    ],
)
def test_meddling_with_hidden_fields_is_no_fault(cast, writer, name, value):
    measure = cast.measure()
    MilestoneFactory(measure=measure, title="Konzept")
    typed = typed_on(writer.get(edit_url(measure)), title="Neu")

    for version in ("1", "0"):
        answer = writer.post(edit_url(measure), typed | {name: value, "version": version})
        assert answer.status_code in (200, 302, 409)

    assert measure.milestones.get().title == "Konzept"


def test_what_looks_like_markup_is_shown_as_text(cast, writer):
    measure = cast.measure()
    typed = typed_on(writer.get(edit_url(measure)), title="<script>alert(1)</script>", version="0")

    conflict = writer.post(edit_url(measure), typed).content.decode()

    assert "<script>alert" not in conflict
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in conflict


def test_over_posted_fields_change_nothing(cast, writer):
    measure = cast.measure()
    over = {"state": "running", "paused_from": "running", "code": "Z9", "progress": 99, "strategy": Cast().strategy.pk}
    over |= {"submitted_on": "2026-01-01", "decided_on": "2026-01-01"}
    over |= {"priority": cast.priority.pk, "light": cast.light("disc").pk}

    writer.post(edit_url(measure), typed_on(writer.get(edit_url(measure)), title="Neu", **over))

    stored = Measure.objects.get(pk=measure.pk)
    assert stored.title == "Neu"
    for name in ("state", "code", "priority_id", "progress", "strategy_id", "submitted_on", "decided_on", "light_id"):
        assert getattr(stored, name) == getattr(measure, name), name


# Editing


def test_editing_saves_what_was_changed_and_keeps_its_history(cast, writer):
    measure = cast.measure()
    reached, removed = MilestoneFactory(measure=measure, title="Konzept"), MilestoneFactory(measure=measure)
    page = writer.get(edit_url(measure))
    typed = typed_on(
        page,
        title="Neuer Titel",
        **row(0, reached_on="01.02.2026") | row(1, DELETE="on") | row(2, title="Pilot", due_on="06.2027"),
    )

    answer = writer.post(edit_url(measure), typed)

    measure.refresh_from_db()
    assert answer.url == measure.get_absolute_url()
    assert (measure.title, measure.version) == ("Neuer Titel", 2)
    assert measure.changes.first().history_user == cast.project_group
    rows = {m.title: (str(m.due_on), str(m.reached_on)) for m in measure.milestones.all()}
    assert rows == {"Konzept": ("2027-06-30", "2026-02-01"), "Pilot": ("2027-06-30", "None")}
    assert Milestone.changes.filter(id=removed.pk, history_type="-").count() == 1
    assert reached.changes.count() == 2


def test_a_form_sent_unchanged_saves_nothing(cast, writer):
    measure = cast.measure(goal="Zwei\nZeilen", starts_on="2026-01-01", ends_on="2030-06-30", date_precision="year")
    MilestoneFactory(measure=measure, date_precision="month")

    answer = writer.post(edit_url(measure), typed_on(writer.get(edit_url(measure))))

    stored = Measure.objects.get(pk=measure.pk)
    assert answer.status_code == 302
    assert (stored.version, str(stored.ends_on)) == (1, "2030-06-30")


def test_an_example_value_typed_over_is_no_example_any_more(cast, writer):
    measure = cast.measure(provenance={"goal": "example", "title": "example"})

    writer.post(edit_url(measure), typed_on(writer.get(edit_url(measure)), goal="Neues Ziel"))

    assert Measure.objects.get(pk=measure.pk).provenance == {"title": "example"}


def test_outside_drafts_the_core_is_shown_as_text_and_the_rest_can_be_edited(cast, writer):
    measure = cast.measure(State.RUNNING)
    page = writer.get(edit_url(measure))
    assert "Fixed since" in text_of(page)
    assert "version 1" in text_of(page)
    assert not {"title", "goal", "field", "stage", "lead_unit"} & set(typed_on(page))

    writer.post(edit_url(measure), typed_on(page, responsible_function="Neue Funktion"))

    stored = Measure.objects.get(pk=measure.pk)
    assert stored.responsible_function == "Neue Funktion"


def test_core_fields_typed_while_somebody_submits_are_refused_and_kept(cast, writer):
    measure = cast.measure()
    page = writer.get(edit_url(measure))
    cast.submit(measure)

    answer = writer.post(edit_url(measure), typed_on(page, title="Zu spät"))

    assert answer.status_code == 200
    assert "Fixed since the submission" in text_of(answer)
    assert typed_on(answer)["title"] == ["Zu spät"]
    assert Measure.objects.get(pk=measure.pk).title == measure.title


@pytest.mark.parametrize("state", Measure.ENDED)
def test_an_ended_measure_is_not_edited(cast, writer, state):
    measure = cast.measure(state)

    answer = writer.post(edit_url(measure), {"responsible_function": "Zu spät"})

    assert answer.status_code == 409
    assert "has ended" in text_of(answer)
    assert "Zu spät" in answer.content.decode()


def test_who_may_edit(cast):
    draft, running = cast.measure(), cast.measure(State.RUNNING)
    expected = {
        "project_group": (200, 200),
        "department_head": (404, 403),
        "staff_council": (404, 403),
        "steering_team": (404, 403),
        "reader": (404, 403),
        "administrator": (404, 403),
        "stranger": (404, 404),
    }

    for name, codes in expected.items():
        browser = browser_of(getattr(cast, name))
        assert tuple(browser.get(edit_url(m)).status_code for m in (draft, running)) == codes, name


def test_the_checklist_says_what_submission_needs(cast, writer):
    measure = cast.measure(goal="", stage=None)

    checklist = writer.get(edit_url(measure)).context["form"].checklist()

    title_and_goal, field_and_stage, lead_unit, function = (item["state"] for item in checklist)
    assert (title_and_goal, field_and_stage, lead_unit, function) == ("open", "open", "done", "done")


# Sign-in and form run out


def test_an_ended_session_keeps_what_was_typed(cast, writer):
    measure = cast.measure()
    typed = typed_on(writer.get(edit_url(measure)), goal="Lange überlegt")
    writer.logout()

    answer = writer.post(edit_url(measure), typed)

    assert answer.status_code == 403
    assert "Lange überlegt" in text_of(answer)
    assert Measure.objects.get(pk=measure.pk).goal == measure.goal


def test_an_expired_form_keeps_what_was_typed(cast, writer):
    measure = cast.measure()
    typed = typed_on(writer.get(edit_url(measure)), goal="Lange überlegt")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.project_group)

    answer = strict.post(edit_url(measure), typed)

    assert answer.status_code == 403
    shown = text_of(answer)
    assert "Lange überlegt" in shown
    for technical in ("TOTAL_FORMS", "initial-", "csrfmiddlewaretoken", typed["token"][0]):
        assert technical not in shown
    assert Measure.objects.get(pk=measure.pk).goal == measure.goal


# Two editors


@pytest.fixture
def colleague(cast):
    return browser_of(cast.member("project_group", name="colleague"))


def test_the_second_editor_gets_both_texts_and_decides(cast, writer, colleague):
    stages = [StageFactory(strategy=cast.strategy, number=number) for number in (7, 8)]
    measure = cast.measure(goal="Alle wissen Bescheid.", responsible_function="Alt")
    first, second = writer.get(edit_url(measure)), colleague.get(edit_url(measure))
    colleague.post(
        edit_url(measure),
        typed_on(second, goal="Alle wissen bald Bescheid.", stage=stages[0].pk, responsible_function="Neu"),
    )

    conflict = writer.post(
        edit_url(measure), typed_on(first, goal="Alle wissen gut Bescheid.", stage=stages[1].pk, ends_on="2030")
    )

    assert conflict.status_code == 409
    assert [q.label for q in conflict.context["questions"]] == ["Goal", "Stage"]
    assert "Alle wissen <ins>gut</ins> Bescheid." in conflict.content.decode()
    assert "Alle wissen <ins>bald</ins> Bescheid." in conflict.content.decode()
    assert "End: 2030 (from you)" in text_of(conflict)
    assert "Responsible function: Neu" in text_of(conflict)

    saved = writer.post(edit_url(measure), typed_on(conflict, **{"keep-goal": "mine", "keep-stage": "theirs"}))

    assert saved.status_code == 302
    stored = Measure.objects.get(pk=measure.pk)
    assert (stored.goal, stored.stage, stored.responsible_function) == ("Alle wissen gut Bescheid.", stages[0], "Neu")
    assert (str(stored.ends_on), stored.version) == ("2030-12-31", 3)


def test_unanswered_questions_are_asked_again(cast, writer, colleague):
    measure = cast.measure()
    first, second = writer.get(edit_url(measure)), colleague.get(edit_url(measure))
    colleague.post(edit_url(measure), typed_on(second, title="Ihr Titel", goal="Ihr Ziel"))
    conflict = writer.post(edit_url(measure), typed_on(first, title="Mein Titel", goal="Mein Ziel"))

    again = writer.post(edit_url(measure), typed_on(conflict, **{"keep-title": "mine"}))

    assert again.status_code == 409
    assert "one decision is missing" in text_of(again)
    assert typed_on(again)["keep-title"] == ["mine"]
    assert Measure.objects.get(pk=measure.pk).title == "Ihr Titel"


def test_saving_the_selection_can_conflict_again(cast, writer, colleague):
    measure = cast.measure()
    first, second = writer.get(edit_url(measure)), colleague.get(edit_url(measure))
    colleague.post(edit_url(measure), typed_on(second, title="Ihr Titel"))
    conflict = writer.post(edit_url(measure), typed_on(first, title="Mein Titel"))
    colleague.post(edit_url(measure), typed_on(colleague.get(edit_url(measure)), title="Ihr zweiter Titel"))

    again = writer.post(edit_url(measure), typed_on(conflict, **{"keep-title": "mine"}))

    assert again.status_code == 409
    assert "Ihr zweiter Titel" in text_of(again)
    assert writer.post(edit_url(measure), typed_on(again)).status_code == 302
    assert Measure.objects.get(pk=measure.pk).title == "Mein Titel"


def test_changes_that_do_not_touch_are_merged_and_listed(cast, writer, colleague):
    third = UnitFactory(strategy=cast.strategy)
    measure = cast.measure()
    first, second = writer.get(edit_url(measure)), colleague.get(edit_url(measure))
    colleague.post(edit_url(measure), typed_on(second, title="Ihr Titel", involved_units=[]))
    both = [cast.other_unit.pk, third.pk]

    conflict = writer.post(edit_url(measure), typed_on(first, goal="Mein Ziel", involved_units=both))
    saved = writer.post(edit_url(measure), typed_on(conflict))

    assert (conflict.status_code, conflict.context["questions"], saved.status_code) == (409, [], 302)
    stored = Measure.objects.get(pk=measure.pk)
    assert (stored.title, stored.goal, list(stored.involved_units.all())) == ("Ihr Titel", "Mein Ziel", [third])


def test_milestones_changed_by_both_are_asked(cast, writer, colleague):
    measure = cast.measure()
    both, theirs, mine = (MilestoneFactory(measure=measure, title=title) for title in ("Beide", "Ihrer", "Meiner"))
    first, second = writer.get(edit_url(measure)), colleague.get(edit_url(measure))
    colleague.post(
        edit_url(measure),
        typed_on(
            second,
            **row(0, title="Beide, von ihr") | row(1, due_on="2029") | row(3, title="Neu von ihr", due_on="2028"),
        ),
    )

    conflict = writer.post(
        edit_url(measure),
        typed_on(
            first, **row(0, title="Beide, von mir") | row(2, DELETE="on") | row(3, title="Neu von mir", due_on="2028")
        ),
    )

    assert [q.key for q in conflict.context["questions"]] == [f"milestone-{both.pk}"]
    saved = writer.post(edit_url(measure), typed_on(conflict, **{f"keep-milestone-{both.pk}": "theirs"}))
    assert saved.status_code == 302
    assert {m.title: str(m.due_on) for m in measure.milestones.all()} == {
        "Beide, von ihr": "2027-06-30",
        "Ihrer": "2029-12-31",
        "Neu von ihr": "2028-12-31",
        "Neu von mir": "2028-12-31",
    }
    assert not Milestone.objects.filter(pk=mine.pk).exists()
    assert Milestone.objects.filter(pk=theirs.pk).exists()


@pytest.mark.parametrize(("choice", "titles"), [("mine", {"Von mir"}), ("theirs", set())])
def test_a_milestone_deleted_by_one_and_changed_by_the_other_is_asked(cast, writer, colleague, choice, titles):
    measure = cast.measure()
    milestone = MilestoneFactory(measure=measure)
    first, second = writer.get(edit_url(measure)), colleague.get(edit_url(measure))
    colleague.post(edit_url(measure), typed_on(second, **row(0, DELETE="on")))

    conflict = writer.post(edit_url(measure), typed_on(first, **row(0, title="Von mir")))
    saved = writer.post(edit_url(measure), typed_on(conflict, **{f"keep-milestone-{milestone.pk}": choice}))

    assert (conflict.status_code, saved.status_code) == (409, 302)
    assert set(measure.milestones.values_list("title", flat=True)) == titles


@pytest.mark.parametrize("version", [None, "", "0", "99", "-1", "x", "\x00", "１", "9" * 40])
def test_a_missing_or_wrong_version_is_never_taken_as_the_latest(cast, writer, version):
    measure = cast.measure()
    typed = typed_on(writer.get(edit_url(measure)), title="Mein Titel", version=version)

    answer = writer.post(edit_url(measure), typed)

    assert answer.status_code == 409
    assert {"Mein Titel", measure.title} <= {q.mine for q in answer.context["questions"]} | {
        q.theirs for q in answer.context["questions"]
    }
    assert Measure.objects.get(pk=measure.pk).title == measure.title


def test_a_double_click_on_save_saves_once(cast, writer):
    measure = cast.measure()
    typed = typed_on(writer.get(edit_url(measure)), title="Neu", **row(0, title="Konzept", due_on="2026"))

    answers = [writer.post(edit_url(measure), typed) for _ in range(2)]

    assert [answer.url for answer in answers] == [measure.get_absolute_url()] * 2
    stored = Measure.objects.get(pk=measure.pk)
    assert (stored.version, stored.milestones.count()) == (2, 1)


# At the same moment


def in_parallel(times, click):
    """Press so many times at once, each from its own connection."""

    def press(number):
        try:
            return click(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(press, range(times)))


@pytest.mark.django_db(transaction=True)
def test_clicks_at_once_create_one_measure_with_one_code(cast):
    browser = browser_of(cast.project_group)
    typed = typed_on(browser.get(create_url(cast)), title="Onboarding", field=cast.field.pk)
    session = browser.cookies["sessionid"].value

    def click(_number):
        client = Client()
        client.cookies["sessionid"] = session
        return client.post(create_url(cast), typed)

    answers = in_parallel(8, click)

    measure = Measure.objects.get()
    assert {answer.url for answer in answers} == {measure.get_absolute_url()}
    assert measure.code == "A1"


@pytest.mark.django_db(transaction=True)
def test_of_editors_at_once_one_saves_and_the_others_keep_their_text(cast):
    with transaction.atomic():
        measure = cast.measure()
    browsers = [browser_of(cast.member("project_group", name=f"writer-{n}")) for n in range(6)]
    typed = [typed_on(b.get(edit_url(measure)), title=f"Titel {n}") for n, b in enumerate(browsers)]

    answers = in_parallel(6, lambda n: browsers[n].post(edit_url(measure), typed[n]))

    stored = Measure.objects.get(pk=measure.pk)
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [302, 409, 409, 409, 409, 409]
    for number, answer in enumerate(answers):
        if answer.status_code == 409:
            page = answer.content.decode()
            assert f"Titel <ins>{number}</ins>" in page
            assert "Titel <ins>{}</ins>".format(stored.title.removeprefix("Titel ")) in page
