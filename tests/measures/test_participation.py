"""Formal participation of the staff council: opened and dated, stated, concluded."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from measures.models import Measure, StaffParticipation
from strategy.models import Role
from tests.factories import Cast
from tests.pages import browser_of, text_of, typed_on

State = Measure.State
PEOPLE = [*Role.values, "other_head", "stranger"]


def create_url(measure):
    return reverse("measures:participation-create", args=[measure.strategy.slug, measure.code])


def page_url(participation, verb=""):
    name = f"measures:participation-{verb}" if verb else "measures:participation"
    return reverse(name, args=[participation.strategy.slug, participation.measure.code, participation.pk])


@pytest.fixture
def measure(cast):
    return cast.measure(State.IN_REVIEW)


@pytest.fixture
def participation(cast, measure):
    return StaffParticipation.objects.start(
        measure, by=cast.actor("project_group"), kind="codetermination", informed_on=timezone.localdate()
    )


@pytest.fixture
def writer(cast):
    return browser_of(cast.project_group)


@pytest.fixture
def council(cast):
    return browser_of(cast.staff_council)


def test_it_is_opened_with_kind_and_day_and_its_clock_runs_from_there(measure, writer):
    informed_on = timezone.localdate() - timedelta(days=2)
    typed = typed_on(writer.get(create_url(measure)), kind="cooperation", informed_on=f"{informed_on:%d.%m.%Y}")

    answers = [writer.post(create_url(measure), typed) for _ in range(2)]

    row = StaffParticipation.objects.get()
    assert {answer.url for answer in answers} == {page_url(row)}
    assert (row.kind, row.informed_on, row.due_on) == ("cooperation", informed_on, informed_on + timedelta(days=21))


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("kind", ""),
        ("kind", "other"),
        ("kind", "\x00"),
        ("informed_on", ""),
        ("informed_on", "31.02.2026"),
        ("informed_on", "2026"),
        ("informed_on", "31.12.2199"),
        ("informed_on", "\x00"),
        ("informed_on", "１.１.２０２６"),
    ],
)
def test_bad_input_is_told_at_its_field(measure, writer, name, bad):
    typed = {"kind": "hearing"} | {name: bad}

    answer = writer.post(create_url(measure), typed_on(writer.get(create_url(measure)), **typed))

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [name]
    assert not StaffParticipation.objects.exists()


def test_not_on_a_draft_nor_on_what_has_ended(cast, writer):
    for state in (State.DRAFT, *Measure.ENDED):
        assert writer.get(create_url(cast.measure(state))).status_code == 409


def test_the_council_states_its_view_and_may_change_it(participation, council):
    for text in ("Erste Fassung", "Zweite Fassung"):
        page = council.get(page_url(participation, "state-view"))
        answer = council.post(page_url(participation, "state-view"), typed_on(page, text=text))
        assert answer.url == page_url(participation)

    participation.refresh_from_db()
    assert (participation.state, participation.statement) == ("stated", "Zweite Fassung")
    assert "Zweite Fassung" in text_of(council.get(page_url(participation)))


def test_silence_is_recorded_as_silence(participation, writer):
    page = writer.get(page_url(participation, "conclude"))
    writer.post(page_url(participation, "conclude"), typed_on(page, reason="Keine Antwort innerhalb der Frist."))

    text = text_of(writer.get(page_url(participation)))
    assert "The staff council did not answer." in text
    assert "Keine Antwort innerhalb der Frist." in text


def test_after_the_outcome_nothing_is_changed(cast, participation, council, writer):
    late = council.get(page_url(participation, "state-view"))
    participation.conclude(by=cast.actor("project_group"), reason="Zugestimmt")

    answer = council.post(page_url(participation, "state-view"), typed_on(late, text="Zu spät getippt"))

    assert answer.status_code == 409
    assert "Zu spät getippt" in text_of(answer)
    assert writer.get(page_url(participation, "conclude")).status_code == 409


@pytest.mark.parametrize("text", ["", "  ", "x" * 5001, "a\x00b"])
def test_an_empty_or_over_long_statement_is_told_at_its_field(participation, council, text):
    page = council.get(page_url(participation, "state-view"))

    answer = council.post(page_url(participation, "state-view"), typed_on(page, text=text))

    assert list(answer.context["form"].errors) == ["text"]


def test_the_law_is_a_note_and_blocks_nothing(cast, participation, writer):
    assert "this portal draws no consequence" in text_of(writer.get(page_url(participation)))
    cast.answer_all(participation.measure)

    participation.measure.agree(by=cast.actor("project_group"))

    assert participation.measure.state == State.AGREED


def test_who_sees_and_who_does(cast, measure, participation):
    unseen = {"reader": 404, "administrator": 404, "stranger": 404}
    takes_part = dict.fromkeys(PEOPLE, 403) | unseen
    expected = {
        create_url(measure): takes_part | {"project_group": 200},
        page_url(participation): dict.fromkeys(PEOPLE, 200) | unseen,
        page_url(participation, "state-view"): takes_part | {"staff_council": 200},
        page_url(participation, "conclude"): takes_part | {"project_group": 200},
    }

    for url, codes in expected.items():
        assert {name: browser_of(getattr(cast, name)).get(url).status_code for name in PEOPLE} == codes, url


def test_it_is_found_only_under_its_own_measure(cast, writer, participation):
    other = cast.measure(State.IN_REVIEW)
    foreign = Cast()
    url = reverse("measures:participation", args=[cast.strategy.slug, other.code, participation.pk])

    assert writer.get(url).status_code == 404
    assert browser_of(foreign.project_group).get(page_url(participation)).status_code == 404
