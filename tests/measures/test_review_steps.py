"""Leading a review: remind, extend, withdraw; conditions until they are met; the text a statement saw; what is next."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from measures.history import history_of
from measures.models import Condition, Measure, Review
from measures.next_step import next_step
from strategy import planner
from strategy.models import Notification, OutgoingMail, Reminder, Role, User
from strategy.workflow import RuleViolation
from tests.factories import Cast, UnitFactory
from tests.pages import browser_of, text_of, typed_on

State = Measure.State
ASKED = ["administrative_head", "department_head", "other_head", "staff_council"]


@pytest.fixture
def cast(cast):
    User.objects.update(language="en")
    return cast


@pytest.fixture(autouse=True)
def english(monkeypatch):
    """Also after a request, which leaves its own language behind."""
    monkeypatch.setattr(settings, "LANGUAGE_CODE", "en")
    with translation.override("en"):
        yield


@pytest.fixture
def review(cast):
    review = cast.measure(State.IN_REVIEW).open_review()
    Notification.objects.all().delete()
    OutgoingMail.objects.all().delete()
    return review


@pytest.fixture
def group(cast):
    return browser_of(cast.project_group)


def day(days):
    return timezone.localdate() + timedelta(days=days)


def page_of(review, verb):
    return reverse(f"measures:review-{verb}", args=[review.strategy.slug, review.pk])


def reviews_page(cast, name="reviews"):
    return reverse(f"measures:{name}", args=[cast.strategy.slug])


def slot_of(review, unit):
    return review.slots.get(unit=unit)


def take(browser, url, **typed):
    return browser.post(url, typed_on(browser.get(url), **typed))


def told():
    return sorted(note.recipient.username.rpartition("-")[0] for note in Notification.objects.all())


def words_of_history(measure, actor):
    return [str(entry.text) for entry in history_of(measure, actor)]


# Remind


def test_all_who_have_not_answered_are_reminded_at_once_and_once_a_day(cast, review, group):
    slot_of(review, cast.unit).respond(by=cast.actor("department_head"), vote="agree")

    answer = take(group, page_of(review, "remind"))

    assert answer.url == review.get_absolute_url()
    assert told() == ["other_head", "staff_council"]
    assert OutgoingMail.objects.count() == 2
    page = group.get(answer.url)
    assert f"no answer, reminded on {date_format(day(0), 'j M Y')}" in text_of(page)
    assert page_of(review, "remind") not in page.content.decode()
    again = group.get(page_of(review, "remind"))
    assert again.status_code == 409
    assert "Everyone who has not answered has been reminded today already." in text_of(again)
    with pytest.raises(RuleViolation, match="has been reminded today already"):
        slot_of(review, cast.other_unit).remind(by=cast.actor("project_group"))


def test_one_can_be_reminded_alone_and_the_others_later_that_day(cast, review, group):
    slot = slot_of(review, cast.other_unit)
    url = f"{page_of(review, 'remind')}?slot={slot.pk}"
    assert group.get(url).context["form"].initial["slots"] == [slot.pk]

    group.post(url, typed_on(group.get(url), slots=[slot.pk]))
    assert told() == ["other_head"]
    Notification.objects.all().delete()
    take(group, page_of(review, "remind"))

    assert told() == ["administrative_head", "department_head", "staff_council"]


def test_the_next_day_they_can_be_reminded_again(cast, review):
    review.slots.update(reminded_on=day(-1))

    slot_of(review, None).remind(by=cast.actor("project_group"))

    assert told() == ["staff_council"]
    assert "Reminded of the statement: Staff council" in words_of_history(review.measure, cast.actor("project_group"))


@pytest.mark.parametrize("slots", [[], ["0"], ["9" * 30], ["\x00"], ["１"]])
def test_whom_nobody_asked_nobody_reminds(review, group, slots):
    url = page_of(review, "remind")

    answer = group.post(url, typed_on(group.get(url), slots=slots))

    assert list(answer.context["form"].errors) == ["slots"]
    assert told() == []


def test_who_has_answered_or_belongs_to_another_review_cannot_be_chosen(cast, review, group):
    answered, other = slot_of(review, cast.unit), cast.measure(State.IN_REVIEW).open_review().slots.first()
    answered.respond(by=cast.actor("department_head"), vote="agree")
    url = page_of(review, "remind")

    for slot in (answered, other):
        answer = group.post(url, typed_on(group.get(url), slots=[slot.pk]))
        assert list(answer.context["form"].errors) == ["slots"]
    with pytest.raises(RuleViolation):
        answered.remind(by=cast.actor("project_group"))


# Extend


def test_more_time_moves_the_deadline_the_reminders_and_tells_everyone_asked(cast, review, group):
    planner.remind(cast.strategy)
    old, new = review.due_on, review.due_on + timedelta(days=10)
    assert Reminder.objects.planned().filter(due_on=old).exists()
    Notification.objects.all().delete()

    answer = take(group, page_of(review, "extend"), due_on=f"{new:%d.%m.%Y}", reason="Ferien")

    review.refresh_from_db()
    assert (answer.url, review.due_on) == (review.get_absolute_url(), new)
    assert told() == ASKED
    note = Notification.objects.filter(recipient=cast.other_head).get()
    assert note.title == f"More time for your statement, until {date_format(new, 'j M Y')}: {review.measure}"
    assert note.text == "Reason: Ferien"
    planner.remind(cast.strategy)
    slots = Reminder.objects.filter(kind="statement")
    assert set(slots.planned().values_list("due_on", flat=True)) == {new}
    assert set(slots.filter(state="withdrawn").values_list("withdrawn_because", flat=True)) == {"moved"}
    entry = history_of(review.measure, cast.actor("department_head"))[0]
    assert (str(entry.text), entry.why) == ("Review: more time given", "Ferien")
    assert [(change.before, change.after) for change in entry.changes] == [
        (date_format(old, "j M Y"), date_format(new, "j M Y"))
    ]


@pytest.mark.parametrize("days", [-1, 0, 5])
def test_the_deadline_is_never_moved_forward_nor_left_where_it_is(review, group, days):
    Review.objects.update(due_on=day(5))

    answer = take(group, page_of(review, "extend"), due_on=f"{day(days):%d.%m.%Y}", reason="Ferien")

    assert list(answer.context["form"].errors) == ["due_on"]
    assert typed_on(answer)["reason"] == ["Ferien"]
    assert Review.objects.get().due_on == day(5)


def test_an_overdue_review_is_not_extended_into_the_past(review, group):
    Review.objects.update(due_on=day(-9))

    answer = take(group, page_of(review, "extend"), due_on=f"{day(-3):%d.%m.%Y}", reason="Ferien")

    assert answer.context["form"].errors["due_on"] == ["This day has passed; please give one that is still ahead."]


def test_more_time_needs_a_reason(review, group):
    answer = take(group, page_of(review, "extend"), reason=" ")

    assert list(answer.context["form"].errors) == ["reason"]


# Withdraw


def test_a_review_taken_back_makes_the_measure_a_draft_and_tells_everyone_asked(cast, review, group):
    slot_of(review, cast.unit).respond(by=cast.actor("department_head"), vote="agree", text="Gerne")

    take(group, page_of(review, "withdraw"), reason="Das falsche Amt gefragt")

    review.refresh_from_db()
    review.measure.refresh_from_db()
    assert (review.state, review.closed_on, review.measure.state) == ("withdrawn", day(0), "draft")
    assert [step.verb for step in review.transitions] == ["withdraw"]
    assert told() == ASKED
    note = Notification.objects.filter(recipient=cast.staff_council).get()
    assert (note.text, note.url) == ("Reason: Das falsche Amt gefragt", reviews_page(cast))
    assert browser_of(cast.staff_council).get(review.get_absolute_url()).status_code == 404
    assert "Gerne" in text_of(group.get(review.get_absolute_url()))
    assert "Review withdrawn" in words_of_history(review.measure, cast.actor("project_group"))


def test_the_review_of_an_amendment_taken_back_ends_the_amendment(cast, group):
    measure = cast.measure(State.RUNNING)
    measure.amend(by=cast.actor("project_group"), core={"title": "Anders"})
    amendment, review = measure.open_amendment(), measure.open_review()

    take(group, page_of(review, "withdraw"), reason="Verfrüht")

    amendment.refresh_from_db()
    review.refresh_from_db()
    measure.refresh_from_db()
    assert (amendment.state, review.state, measure.state) == ("withdrawn", "withdrawn", "running")
    assert [step.verb for step in review.transitions] == ["withdraw"]


def test_after_a_review_was_taken_back_the_next_submission_asks_anew(cast, review):
    review.withdraw(by=cast.actor("project_group"), reason="Noch einmal")
    measure = Measure.objects.get(pk=review.measure_id)
    with pytest.raises(RuleViolation):
        measure.agree(by=cast.actor("project_group"))

    measure.submit(by=cast.actor("project_group"))

    assert measure.open_review().text_version.number == 2
    assert measure.open_review().unanswered().count() == 3


@pytest.mark.parametrize("verb", ["remind", "extend", "withdraw"])
def test_only_the_project_group_leads_a_review_and_only_while_it_is_open(cast, review, group, verb):
    people = [*Role.values, "other_head", "stranger"]
    unseen = dict.fromkeys(["reader", "administrator", "stranger"], 404)
    answers = {name: browser_of(getattr(cast, name)).get(page_of(review, verb)).status_code for name in people}
    assert answers == dict.fromkeys(people, 403) | unseen | {"project_group": 200}

    cast.agree(review.measure)

    assert group.get(page_of(review, verb)).status_code == 409


def test_the_verbs_refuse_who_has_no_right(cast, review):
    by = cast.actor("steering_team")
    for attempt in (
        lambda: slot_of(review, None).remind(by=by),
        lambda: review.extend(by=by, reason="Ferien", due_on=day(90)),
        lambda: review.withdraw(by=by, reason="Ferien"),
    ):
        with pytest.raises(PermissionDenied):
            attempt()


# Conditions


def condition_of(cast, text="Nur mit Schulung", due_on=None, **values):
    review = cast.measure(State.IN_REVIEW, **values).open_review()
    slot_of(review, cast.unit).respond(by=cast.actor("department_head"), vote="conditions", text=text, due_on=due_on)
    return Condition.objects.get(response__slot__review=review)


def respond(cast, review, **typed):
    head = browser_of(cast.department_head)
    return take(head, reverse("measures:respond", args=[cast.strategy.slug, slot_of(review, cast.unit).pk]), **typed)


def test_a_unit_says_by_when_its_condition_is_to_be_met(cast, review):
    respond(cast, review, vote="conditions", text="Nur mit Schulung", due_on=f"{day(30):%d.%m.%Y}")

    assert Condition.objects.get().due_on == day(30)


@pytest.mark.parametrize(
    ("vote", "due_on", "problem"),
    [
        ("conditions", "01.01.2020", "This day has passed; please give one that is still ahead."),
        ("conditions", "12.2030", "Please give the day, for example 20.11.2026."),
        ("agree", "01.01.2100", "Only conditions are to be met by a day."),
    ],
)
def test_a_day_that_makes_no_sense_is_refused_and_what_was_typed_stays(cast, review, vote, due_on, problem):
    answer = respond(cast, review, vote=vote, text="Nur mit Schulung", due_on=due_on)

    assert answer.context["form"].errors == {"due_on": [problem]}
    assert (typed_on(answer)["text"], typed_on(answer)["due_on"]) == (["Nur mit Schulung"], [due_on])
    assert not Condition.objects.exists()


def test_the_project_group_sets_the_day_and_the_unit_is_told(cast, group):
    condition = condition_of(cast)
    Notification.objects.all().delete()
    url = reverse("measures:schedule-condition", args=[cast.strategy.slug, condition.pk])

    late = take(group, url, due_on=f"{day(-1):%d.%m.%Y}")
    done = take(group, url, due_on=f"{day(20):%d.%m.%Y}")

    condition.refresh_from_db()
    assert list(late.context["form"].errors) == ["due_on"]
    assert (done.status_code, condition.due_on) == (302, day(20))
    assert told() == ["administrative_head", "department_head"]
    assert "Condition given a day: Nur mit Schulung" in words_of_history(
        condition.response.slot.review.measure, cast.actor("department_head")
    )


def test_open_conditions_stand_in_a_list_the_overdue_ones_first(cast, group):
    later, _undated, late = (condition_of(cast, text) for text in ("Später", "Ohne Tag", "Überfällig"))
    Condition.objects.filter(pk=later.pk).update(due_on=day(9))
    Condition.objects.filter(pk=late.pk).update(due_on=day(-2))
    condition_of(cast, "Erfüllt").meet(by=cast.actor("project_group"), reason="Erledigt")
    replaced = condition_of(cast, "Ersetzt").response.slot
    replaced.respond(by=cast.actor("department_head"), vote="agree")
    cast.drop(condition_of(cast, "Fallen gelassen").response.slot.review.measure)
    taken_back = condition_of(cast, "Zurückgezogen").response.slot.review
    taken_back.withdraw(by=cast.actor("project_group"), reason="Verfrüht")
    condition_of(Cast(), "Fremd")

    lists = {name: group.get(reviews_page(cast, name)) for name in ("reviews", "conditions")}

    for page, key in ((lists["reviews"], "conditions"), (lists["conditions"], "page")):
        assert [row.text for row in page.context[key]] == ["Überfällig", "Später", "Ohne Tag"]
        assert [row.is_late for row in page.context[key]] == [True, False, False]
    assert "2 days overdue" in text_of(lists["conditions"])
    assert late.response.slot.review.measure.get_absolute_url() in lists["conditions"].content.decode()


def test_conditions_of_an_open_review_are_listed_for_those_who_may_read_them(cast):
    condition_of(cast, "Nur mit Schulung")

    readers = {
        name
        for name in [*Role.values, "other_head"]
        if "Nur mit Schulung" in text_of(browser_of(getattr(cast, name)).get(reviews_page(cast, "conditions")))
    }

    assert readers == {"project_group", "steering_team", "department_head", "administrative_head"}


def test_a_condition_with_a_day_is_a_task_of_the_project_group(cast, group):
    condition = condition_of(cast, due_on=day(3))

    assert f"Meet a condition: {condition.response.slot.review.measure}" in text_of(
        group.get(reverse("reporting:tasks", args=[cast.strategy.slug]))
    )


# The text a statement saw


def test_a_statement_says_which_version_it_saw_and_what_has_changed_since(cast, group):
    measure = cast.measure(State.RUNNING, goal="Alle wissen Bescheid.")
    first = measure.reviews.get()
    assert "The text has changed since" not in text_of(group.get(first.get_absolute_url()))
    measure.amend(
        by=cast.actor("project_group"), core={"goal": "Alle wissen früh Bescheid.", "lead_unit": cast.other_unit}
    )
    proposed = group.get(measure.open_review().get_absolute_url())
    assert "Alle wissen <ins>früh</ins> Bescheid." in proposed.content.decode()
    cast.answer_all(measure)
    amendment = measure.open_amendment()
    amendment.agree(by=cast.actor("project_group"))
    amendment.decide(by=cast.actor("steering_team"), reason="Ja")

    page = browser_of(cast.staff_council).get(first.get_absolute_url())

    said, source = text_of(page), page.content.decode()
    assert said.count("on version 1 · The text has changed since: goal, lead unit") == 3
    assert "From version 1 to the text of today" in said
    assert "Alle wissen <ins>früh</ins> Bescheid." in source
    assert "<del>10 Haupt- und Personalamt</del> <ins>51 Jugendamt</ins>" in source


def test_whoever_is_asked_again_sees_what_has_changed_since_the_last_submission(cast, review):
    measure = review.measure
    measure.send_back(by=cast.actor("project_group"), reason="Bitte ergänzen")
    measure.edit(by=cast.actor("project_group"), version=measure.version, changes={"goal": "Bis 2028 ist es erreicht."})
    measure.submit(by=cast.actor("project_group"))

    slot = slot_of(measure.open_review(), cast.unit)
    page = browser_of(cast.department_head).get(reverse("measures:respond", args=[cast.strategy.slug, slot.pk]))

    assert (
        "Bis <del>2027</del> <ins>2028</ins> ist <del>das Ziel</del> <ins>es</ins> erreicht." in page.content.decode()
    )


# Amendments under way


def test_open_amendments_say_what_is_next_and_by_whom(cast, group):
    measure = cast.measure(State.RUNNING)
    measure.amend(by=cast.actor("project_group"), core={"title": "Neuer Titel"})
    amendment, review = measure.open_amendment(), measure.open_review()

    def said():
        row = group.get(reviews_page(cast)).context["amendments"][0]
        page = group.get(reverse("measures:amendment", args=[cast.strategy.slug, measure.code, amendment.number]))
        assert page.context["next"] == row.next
        return [str(name) for name in row.next.who], str(row.next.what)

    assert said() == (["10 Haupt- und Personalamt", "51 Jugendamt", "Staff council"], "to give a statement")
    Review.objects.filter(pk=review.pk).update(due_on=day(-1))
    assert said() == (
        ["Project group"],
        "records the agreement, gives more time or reminds: statements are missing",
    )
    cast.answer_all(measure)
    assert said() == (["Project group"], "records the agreement: everyone has answered")
    slot_of(review, None).respond(by=cast.actor("staff_council"), vote="object", text="So nicht")
    assert said() == (["Steering team"], "settles the objection")
    slot_of(review, None).respond(by=cast.actor("staff_council"), vote="agree")
    amendment.agree(by=cast.actor("project_group"))
    assert said() == (["Steering team"], "decides whether the amendment comes into force")
    amendment.refresh_from_db()
    amendment.decide(by=cast.actor("steering_team"), reason="Ja")
    assert group.get(reviews_page(cast)).context["amendments"] == []
    assert next_step(amendment, None, is_objected=False) is None


def test_that_somebody_objects_is_no_news_for_those_who_may_not_read_it(cast):
    measure = cast.measure(State.RUNNING)
    measure.amend(by=cast.actor("project_group"), core={"title": "Neuer Titel"})
    cast.answer_all(measure, "object", "So nicht")

    nexts = {
        name: str(browser_of(getattr(cast, name)).get(reviews_page(cast)).context["amendments"][0].next.what)
        for name in ("steering_team", "other_head")
    }
    Measure.objects.filter(pk=measure.pk).update(lead_unit=cast.unit)
    stranger = cast.member(Role.DEPARTMENT_HEAD, UnitFactory(strategy=cast.strategy), "third_head")
    seen = browser_of(stranger).get(reviews_page(cast)).context["amendments"][0].next.what

    assert nexts == dict.fromkeys(nexts, "settles the objection")
    assert str(seen) == "records the agreement: everyone has answered"


@pytest.mark.parametrize("name", ["project_group", "department_head"])
def test_the_list_asks_as_much_for_many_amendments_and_conditions_as_for_few(cast, name):
    browser = browser_of(getattr(cast, name))

    def fill(count):
        for _ in range(count):
            cast.measure(State.RUNNING).amend(by=cast.actor("project_group"), core={"title": "Neuer Titel"})
            condition_of(cast, due_on=day(3))

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(reviews_page(cast)).status_code == 200
        return len(captured)

    fill(1)
    few = queries()
    fill(2)

    assert queries() == few
