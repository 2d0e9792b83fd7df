"""One page a verb: who may open it, what it asks, and what a second click does."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from measures.models import Measure, MeasureLink, PriorityDecision, StaffParticipation
from strategy.delivery import deliver
from strategy.models import OutgoingMail, Role, Transition
from tests.factories import Cast, CouncilPaperFactory
from tests.pages import browser_of, text_of, typed_on

State = Measure.State
PROJECT_GROUP, STEERING = {"project_group"}, {"steering_team"}

# verb: state it starts from, who, what is typed, state it leads to
STEPS = {
    "submit": (State.DRAFT, PROJECT_GROUP, {}, State.IN_REVIEW),
    "send-back": (State.IN_REVIEW, PROJECT_GROUP | STEERING, {"reason": "Noch offen"}, State.DRAFT),
    "agree": (State.IN_REVIEW, PROJECT_GROUP, {}, State.AGREED),
    "decide": (State.AGREED, STEERING, {"reason": "Wichtig", "priority": "own"}, State.DECIDED),
    "prioritise": (State.RUNNING, STEERING, {"reason": "Wichtig", "priority": "own"}, State.RUNNING),
    "start": (State.DECIDED, PROJECT_GROUP, {}, State.RUNNING),
    "complete": (State.RUNNING, PROJECT_GROUP, {"text": "Fertig"}, State.COMPLETED),
    "pause": (State.RUNNING, STEERING, {"reason": "Haushalt"}, State.PAUSED),
    "resume": (State.PAUSED, STEERING, {"reason": "Haushalt"}, State.RUNNING),
    "drop": (State.DECIDED, STEERING, {"reason": "Überholt"}, State.DROPPED),
}
FROM = {
    "submit": {State.DRAFT},
    "send-back": {State.IN_REVIEW, State.AGREED},
    "agree": {State.IN_REVIEW},
    "decide": {State.AGREED},
    "prioritise": {State.AGREED, State.DECIDED, State.RUNNING},
    "start": {State.DECIDED},
    "complete": {State.RUNNING},
    "pause": {State.DECIDED, State.RUNNING},
    "resume": {State.PAUSED},
    "drop": {State.IN_REVIEW, State.AGREED, State.DECIDED, State.RUNNING, State.PAUSED},
}


def address(measure, name):
    return reverse(f"measures:{name}", args=[measure.strategy.slug, measure.code])


def ready(cast, verb):
    """A measure in the state from which the step starts, with nothing in its way."""
    measure = cast.measure(STEPS[verb][0])
    if verb == "agree":
        cast.answer_all(measure)
    return measure


def who_takes(cast, verb):
    return browser_of(getattr(cast, min(STEPS[verb][1])))


def typed_for(cast, verb):
    typed = STEPS[verb][2]
    return typed | {"priority": cast.priority.pk} if "priority" in typed else typed


@pytest.mark.parametrize("verb", STEPS)
def test_the_step_is_taken_by_its_page(cast, verb):
    measure, browser = ready(cast, verb), who_takes(cast, verb)
    page = browser.get(address(measure, verb))

    answer = browser.post(address(measure, verb), typed_on(page, **typed_for(cast, verb)))

    stored = Measure.objects.get(pk=measure.pk)
    assert (answer.status_code, answer.url) == (302, measure.get_absolute_url())
    assert stored.state == STEPS[verb][3]
    entry = stored.transitions.last()
    assert (entry.verb, entry.reason) == (verb.replace("-", "_"), typed_for(cast, verb).get("reason", ""))


@pytest.mark.parametrize("verb", STEPS)
def test_the_page_names_act_and_object(cast, verb):
    measure = ready(cast, verb)

    page = who_takes(cast, verb).get(address(measure, verb))

    assert str(measure) in page.context["step"]["title"]
    assert str(page.context["step"]["button"]) not in ("OK", "Send", "Next")
    assert f"<h1>{page.context['step']['title']}</h1>" in page.content.decode()


@pytest.mark.parametrize("verb", STEPS)
def test_only_who_may_take_the_step_opens_its_page(cast, verb):
    measure = ready(cast, verb)

    for name in [*Role.values, "other_head", "stranger"]:
        user = getattr(cast, name)
        seen = Measure.objects.visible_to(cast.actor(name)).filter(pk=measure.pk).exists()
        expected = 404 if not seen else 200 if name in STEPS[verb][1] else 403
        browser = browser_of(user)
        assert browser.get(address(measure, verb)).status_code == expected, name
        if expected != 200:
            assert browser.post(address(measure, verb), typed_for(cast, verb)).status_code == expected, name


@pytest.mark.parametrize("verb", STEPS)
def test_from_any_other_state_the_page_says_that_it_does_not_go(cast, verb):
    for state in set(State) - FROM[verb]:
        measure = cast.measure(state)
        browser = who_takes(cast, verb)
        if not Measure.objects.visible_to(cast.actor(min(STEPS[verb][1]))).filter(pk=measure.pk).exists():
            continue
        before = Transition.objects.count()

        for answer in (
            browser.get(address(measure, verb)),
            browser.post(address(measure, verb), {"reason": "Getippt", **typed_for(cast, verb)}),
        ):
            assert answer.status_code == 409, state
            with override("en"):
                assert f"Not possible while the state is “{measure.get_state_display()}”." in text_of(answer)
            assert measure.get_absolute_url() in answer.content.decode()
        assert Transition.objects.count() == before


@pytest.mark.parametrize("verb", STEPS)
def test_a_second_click_on_the_same_form_leads_to_the_same_place_and_does_nothing(cast, verb):
    measure, browser = ready(cast, verb), who_takes(cast, verb)
    typed = typed_on(browser.get(address(measure, verb)), **typed_for(cast, verb))

    answers = [browser.post(address(measure, verb), typed) for _ in range(3)]

    assert {(answer.status_code, answer.url) for answer in answers} == {(302, measure.get_absolute_url())}
    assert measure.transitions.filter(verb=verb.replace("-", "_"), object_id=str(measure.pk)).count() == 1


def test_a_click_in_a_second_window_is_told_that_somebody_was_quicker(cast):
    measure, browser = ready(cast, "pause"), who_takes(cast, "pause")
    first, second = (browser.get(address(measure, "pause")) for _ in range(2))
    browser.post(address(measure, "pause"), typed_on(first, reason="Haushalt"))

    late = browser.post(address(measure, "pause"), typed_on(second, reason="Mein langer Grund"))

    assert late.status_code == 409
    assert "Not possible while the state is “Paused”." in text_of(late)
    assert "Mein langer Grund" in text_of(late)


@pytest.mark.parametrize("verb", [verb for verb, step in STEPS.items() if "reason" in step[2]])
@pytest.mark.parametrize("reason", ["", "   ", "x" * 5001, "a\x00b"])
def test_a_reason_is_asked_for_at_its_field(cast, verb, reason):
    measure, browser = ready(cast, verb), who_takes(cast, verb)
    page = browser.get(address(measure, verb))

    answer = browser.post(address(measure, verb), typed_on(page, **{**typed_for(cast, verb), "reason": reason}))

    assert answer.status_code == 200
    assert answer.context["form"].errors["reason"]
    assert Measure.objects.get(pk=measure.pk).state == measure.state


@pytest.mark.parametrize("verb", ["decide", "prioritise"])
def test_rows_of_another_strategy_are_no_choice(cast, verb):
    other = Cast()
    paper = CouncilPaperFactory(strategy=other.strategy)
    measure, browser = ready(cast, verb), who_takes(cast, verb)
    page = browser.get(address(measure, verb))

    for foreign in ({"priority": other.priority.pk}, {"priority": cast.priority.pk, "council_paper": paper.pk}):
        answer = browser.post(address(measure, verb), typed_on(page, reason="Grund", **foreign))
        if verb == "decide" or "council_paper" not in foreign:
            assert "Select a valid choice" in text_of(answer)

    assert not PriorityDecision.objects.filter(priority=other.priority).exists()
    assert not PriorityDecision.objects.filter(council_paper=paper).exists()
    assert other.priority.title not in page.content.decode()


def test_submission_says_what_is_missing_and_who_will_be_asked_until_when(cast):
    browser = browser_of(cast.project_group)
    incomplete = cast.measure(goal="", responsible_function="")

    page = browser.get(address(incomplete, "submit"))
    refused = browser.post(address(incomplete, "submit"), typed_on(page))

    assert f"{address(incomplete, 'edit')}#id_goal" in page.content.decode()
    assert f"{address(incomplete, 'edit')}#id_responsible_function" in page.content.decode()
    assert [str(unit) for unit in page.context["asked"]] == ["10 Haupt- und Personalamt", "51 Jugendamt"]
    assert page.context["due_on"] == timezone.localdate() + timedelta(days=cast.strategy.review_days)
    assert "Goal: Needed before the measure can be submitted." in text_of(refused)
    assert Measure.objects.get(pk=incomplete.pk).state == State.DRAFT


def test_agreement_says_what_stands_in_its_way(cast):
    measure, browser = cast.measure(State.IN_REVIEW), browser_of(cast.project_group)
    slots = measure.open_review().slots
    slots.get(unit=cast.unit).respond(by=cast.actor("department_head"), vote="object", text="So nicht")

    page = browser.get(address(measure, "agree"))
    refused = browser.post(address(measure, "agree"), typed_on(page))

    assert "2 statements are missing" in text_of(page)
    assert "2 statements are missing" in text_of(refused)
    assert Measure.objects.get(pk=measure.pk).state == State.IN_REVIEW


@pytest.mark.parametrize("verb", ["agree", "decide"])
def test_an_open_formal_participation_warns_and_asks_but_does_not_block(cast, verb):
    measure, browser = ready(cast, verb), who_takes(cast, verb)
    StaffParticipation.objects.start(
        measure, by=cast.actor("project_group"), kind="codetermination", informed_on=timezone.localdate()
    )
    page = browser.get(address(measure, verb))
    assert "A formal participation is not concluded" in text_of(page)

    asked = browser.post(address(measure, verb), typed_on(page, **typed_for(cast, verb)))
    done = browser.post(address(measure, verb), typed_on(asked, go_on="on"))

    assert "Please confirm that you want to go on." in text_of(asked)
    assert done.status_code == 302
    assert Measure.objects.get(pk=measure.pk).state == STEPS[verb][3]


def test_who_sends_back_what_then_is_hidden_lands_on_the_list(cast):
    measure, browser = cast.measure(State.IN_REVIEW), browser_of(cast.steering_team)
    page = browser.get(address(measure, "send-back"))

    answer = browser.post(address(measure, "send-back"), typed_on(page, reason="Noch offen"), follow=True)

    assert (answer.status_code, answer.request["PATH_INFO"]) == (
        200,
        reverse("measures:list", args=[cast.strategy.slug]),
    )
    assert f"Sent back to the project group: {measure}" in text_of(answer)


def test_a_proposed_merger_is_the_reason_offered_for_dropping(cast):
    measure, other = cast.measure(State.RUNNING), cast.measure(State.RUNNING)
    by, merged_into = cast.actor("project_group"), MeasureLink.Kind.MERGED_INTO
    MeasureLink.objects.connect(measure, other, merged_into, by=by, reason="Beide wollen dasselbe.")
    browser = browser_of(cast.steering_team)

    browser.post(address(measure, "drop"), typed_on(browser.get(address(measure, "drop"))))

    assert measure.transitions.last().reason == f"Merged into {other}. Beide wollen dasselbe."


def test_a_discarded_draft_is_gone_and_a_second_click_leads_to_the_list_too(cast):
    measure, browser = cast.measure(), browser_of(cast.project_group)
    typed = typed_on(browser.get(address(measure, "discard")))

    answers = [browser.post(address(measure, "discard"), typed) for _ in range(2)]

    assert {answer.url for answer in answers} == {reverse("measures:list", args=[cast.strategy.slug])}
    assert not Measure.objects.filter(pk=measure.pk).exists()
    assert Transition.objects.get(verb="discard").label == str(measure)


def test_a_draft_with_statements_is_not_discarded(cast):
    measure = cast.measure(State.IN_REVIEW)
    measure.send_back(by=cast.actor("project_group"), reason="Noch offen")
    browser = browser_of(cast.project_group)

    answer = browser.post(address(measure, "discard"), typed_on(browser.get(address(measure, "discard"))))

    assert "Statements have been given" in text_of(answer)
    assert Measure.objects.filter(pk=measure.pk).exists()


def test_each_step_tells_each_person_once(cast):
    measure, browser = cast.measure(), browser_of(cast.project_group)
    typed = typed_on(browser.get(address(measure, "submit")))

    for _ in range(3):
        browser.post(address(measure, "submit"), typed)

    told = list(OutgoingMail.objects.values_list("recipient__username", flat=True))
    assert sorted(told) == sorted(set(told))
    assert len(told) == 4  # both heads of the lead unit, the head of the involved one, the staff council


def test_a_title_of_two_lines_keeps_no_mail_from_being_sent(cast, mailoutbox):
    measure = cast.measure()
    Measure.objects.filter(pk=measure.pk).update(title="Onboarding\nBcc: alle@example.org")

    measure.submit(by=cast.actor("project_group"))

    assert deliver() == 4
    by = f"{measure.reviews.get().due_on:%d.%m.%Y}"
    told = {mail.subject.rpartition(": A1 ")[2] for mail in mailoutbox}
    assert told == {f"Onboarding Bcc: alle@example.org – bis {by}"}


@pytest.mark.parametrize("code", ["%00", "A%00", "x" * 11, "A1%0A", "Z999", "..", "%F0%9F%98%80", "<b>"])
def test_strange_codes_are_not_found(cast, code):
    browser = browser_of(cast.project_group)

    for name in ("submit", "edit", "status/new"):
        assert browser.get(f"/{cast.strategy.slug}/measures/{code}/{name}/").status_code == 404


def test_after_a_step_the_browser_stays_on_this_site(cast):
    measure, browser = cast.measure(State.RUNNING), browser_of(cast.project_group)
    for wanted, location in [
        ("https://evil.example/", measure.get_absolute_url()),
        ("//evil.example/", measure.get_absolute_url()),
        ("/\x00", measure.get_absolute_url()),
        ("/" + 300 * "x", measure.get_absolute_url()),
        (f"/{cast.strategy.slug}/", f"/{cast.strategy.slug}/"),
    ]:
        page = browser.get(address(measure, "report-status"))
        light = cast.light("disc").pk
        answer = browser.post(address(measure, "report-status"), typed_on(page, light=light, next=wanted))
        assert answer.url == location
