"""Formal participation of the staff council: opened and dated, stated, concluded."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from measures.history import STEPS, history_of
from measures.models import Measure, StaffParticipation
from strategy.deadlines import tasks_of
from strategy.models import OutgoingMail, Role
from strategy.workflow import RuleViolation
from tests.factories import Cast, CouncilPaperFactory
from tests.pages import browser_of, text_of, typed_on

State = Measure.State
PEOPLE = [*Role.values, "other_head", "stranger"]


def create_url(measure):
    return reverse("measures:participation-create", args=[measure.strategy.slug, measure.code])


def page_url(participation, verb=""):
    name = f"measures:participation-{verb}" if verb else "measures:participation"
    return reverse(name, args=[participation.strategy.slug, participation.measure.code, participation.pk])


def start(cast, measure, days_ago=0, **values):
    values = {"kind": "codetermination", "informed_on": timezone.localdate() - timedelta(days=days_ago)} | values
    return StaffParticipation.objects.start(measure, by=cast.actor("project_group"), **values)


@pytest.fixture
def measure(cast):
    return cast.measure(State.IN_REVIEW)


@pytest.fixture
def participation(cast, measure):
    return start(cast, measure)


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
    for vote, text in (("refuses", "Erste Fassung"), ("consents", "Zweite Fassung")):
        page = council.get(page_url(participation, "state-view"))
        answer = council.post(page_url(participation, "state-view"), typed_on(page, vote=vote, text=text))
        assert answer.url == page_url(participation)

    participation.refresh_from_db()
    assert stated(participation) == ("stated", "consents", "Zweite Fassung")
    words = text_of(council.get(page_url(participation)))
    assert "One earlier statement Refuses its consent" in words
    assert words.index("Zweite Fassung") < words.index("Erste Fassung")


def stated(participation):
    return participation.state, participation.vote, participation.statement


def test_silence_is_recorded_as_silence(participation, writer):
    page = writer.get(page_url(participation, "conclude"))
    typed = typed_on(page, reason="Keine Antwort innerhalb der Frist.")

    unsure = writer.post(page_url(participation, "conclude"), typed)
    writer.post(page_url(participation, "conclude"), typed | {"go_on": "on"})

    assert list(unsure.context["form"].errors) == ["go_on"]
    text = text_of(writer.get(page_url(participation)))
    assert "The staff council did not answer; this is recorded as silence." in text
    assert "Keine Antwort innerhalb der Frist." in text


def test_after_the_outcome_nothing_is_changed(cast, participation, council, writer):
    late = council.get(page_url(participation, "state-view"))
    participation.conclude(by=cast.actor("project_group"), reason="Zugestimmt")

    answer = council.post(page_url(participation, "state-view"), typed_on(late, vote="refuses", text="Zu spät getippt"))

    assert answer.status_code == 409
    assert "Zu spät getippt" in text_of(answer)
    assert writer.get(page_url(participation, "conclude")).status_code == 409


@pytest.mark.parametrize("text", ["", "  ", "x" * 5001, "a\x00b"])
def test_an_empty_or_over_long_statement_is_told_at_its_field(participation, council, text):
    page = council.get(page_url(participation, "state-view"))

    answer = council.post(page_url(participation, "state-view"), typed_on(page, vote="refuses", text=text))

    assert list(answer.context["form"].errors) == ["text"]


@pytest.mark.parametrize(
    ("kind", "votes"),
    [
        ("codetermination", {"consents", "refuses", "incomplete"}),
        ("cooperation", {"no_objection", "objects", "incomplete"}),
        ("hearing", {"comments", "no_comment", "incomplete"}),
    ],
)
def test_each_kind_knows_its_own_answers(cast, measure, kind, votes):
    row, council = start(cast, measure, kind=kind), cast.actor("staff_council")

    for vote in votes:
        row.state_view(by=council, vote=vote, text="Gründe")
    for vote in set(StaffParticipation.Vote) - votes:
        with pytest.raises(RuleViolation) as refusal:
            row.state_view(by=council, vote=vote, text="Gründe")
        assert set(refusal.value.message_dict) == {"vote"}


def test_what_needs_reasons_is_refused_without_them(cast, measure):
    row, council = start(cast, measure), cast.actor("staff_council")

    with pytest.raises(RuleViolation) as refusal:
        row.state_view(by=council, vote="refuses", text=" ")
    row.state_view(by=council, vote="consents")

    assert set(refusal.value.message_dict) == {"text"}
    assert stated(row) == ("stated", "consents", "")


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
        page_url(participation, "inform-again"): takes_part | {"project_group": 200},
        page_url(participation, "extend"): takes_part | {"project_group": 200},
        page_url(participation, "specify"): takes_part | {"project_group": 200},
    }

    for url, codes in expected.items():
        assert {name: browser_of(getattr(cast, name)).get(url).status_code for name in PEOPLE} == codes, url


def test_it_is_found_only_under_its_own_measure(cast, writer, participation):
    other = cast.measure(State.IN_REVIEW)
    foreign = Cast()
    url = reverse("measures:participation", args=[cast.strategy.slug, other.code, participation.pk])

    assert writer.get(url).status_code == 404
    assert browser_of(foreign.project_group).get(page_url(participation)).status_code == 404


# The clock


def test_documents_were_missing_so_the_clock_starts_anew_and_the_earlier_view_stays_on_record(cast, measure, writer):
    row = start(cast, measure, days_ago=10)
    row.state_view(by=cast.actor("staff_council"), vote="incomplete", text="Die Kostenrechnung fehlt.")
    today = timezone.localdate()
    page = writer.get(page_url(row, "inform-again"))

    writer.post(page_url(row, "inform-again"), typed_on(page, informed_on=f"{today:%d.%m.%Y}", reason="Kosten ergänzt"))

    row.refresh_from_db()
    assert (row.informed_on, row.due_on) == (today, today + timedelta(days=21))
    assert (*stated(row), row.stated_on) == ("open", "", "", None)
    assert [(told.vote, told.statement) for told in row.earlier_statements()] == [
        ("incomplete", "Die Kostenrechnung fehlt.")
    ]
    assert "Kosten ergänzt" in text_of(writer.get(page_url(row)))


def test_the_same_words_after_new_documents_are_a_statement_of_their_own(cast, measure):
    row, council = start(cast, measure, days_ago=5), cast.actor("staff_council")
    row.state_view(by=council, vote="refuses", text="Nein")
    row.inform_again(by=cast.actor("project_group"), reason="Anlage 2", informed_on=timezone.localdate())
    row.state_view(by=council, vote="refuses", text="Nein")

    assert [told.informed_on for told in row.earlier_statements()] == [timezone.localdate() - timedelta(days=5)]


@pytest.mark.parametrize("days", [-10, -11, 1])
def test_the_clock_starts_anew_only_later_and_not_in_the_future(cast, measure, days):
    row = start(cast, measure, days_ago=10)

    with pytest.raises(RuleViolation) as refusal:
        row.inform_again(
            by=cast.actor("project_group"), reason="x", informed_on=timezone.localdate() + timedelta(days=days)
        )

    assert set(refusal.value.message_dict) == {"informed_on"}


def test_the_council_can_be_given_more_time_with_a_reason(cast, measure, writer):
    row = start(cast, measure)
    longer = row.due_on + timedelta(days=10)
    page = writer.get(page_url(row, "extend"))

    without = writer.post(page_url(row, "extend"), typed_on(page, due_on=f"{longer:%d.%m.%Y}", reason=" "))
    writer.post(page_url(row, "extend"), typed_on(page, due_on=f"{longer:%d.%m.%Y}", reason="Sommerpause"))

    row.refresh_from_db()
    assert list(without.context["form"].errors) == ["reason"]
    assert (row.state, row.due_on) == ("open", longer)


@pytest.mark.parametrize(("days_ago", "days"), [(0, 21), (0, 20), (30, 29)])
def test_more_time_is_later_than_now_and_than_before(cast, measure, days_ago, days):
    row = start(cast, measure, days_ago=days_ago)

    with pytest.raises(RuleViolation) as refusal:
        row.extend(by=cast.actor("project_group"), reason="x", due_on=row.informed_on + timedelta(days=days))

    assert set(refusal.value.message_dict) == {"due_on"}


@pytest.mark.parametrize(
    ("days_ago", "day", "left", "words"),
    [(0, 0, 21, "21 days left"), (17, 17, 4, "4 days left"), (21, 21, 0, "ends today"), (23, 23, -2, "2 days overdue")],
)
def test_the_clock_tells_day_and_days_left(cast, measure, writer, days_ago, day, left, words):
    row = start(cast, measure, days_ago=days_ago)
    clock = row.clock()

    assert (clock.day, clock.length, clock.left) == (day, 21, left)
    assert words in text_of(writer.get(reverse("measures:reviews", args=[cast.strategy.slug])))


def test_the_clock_stops_when_the_council_has_stated_its_view(cast, measure):
    row = start(cast, measure, days_ago=9)
    row.state_view(by=cast.actor("staff_council"), vote="consents")

    clock = row.clock(on=timezone.localdate() + timedelta(days=100))

    assert (clock.day, clock.is_running, clock.is_overdue) == (9, False, False)


# What goes with it


def test_provision_and_council_papers_are_named_also_afterwards(cast, measure, writer):
    paper, other = (CouncilPaperFactory(strategy=cast.strategy) for _ in range(2))
    row = start(cast, measure, council_papers=[other])
    row.conclude(by=cast.actor("project_group"), reason="Zugestimmt")
    page = writer.get(page_url(row, "specify"))

    typed = typed_on(page, paragraph="§ 74 Abs. 2 Nr. 1", council_papers=[paper.pk])
    writer.post(page_url(row, "specify"), typed)

    row.refresh_from_db()
    assert (row.paragraph, list(row.council_papers.all()), row.state) == ("§ 74 Abs. 2 Nr. 1", [paper], "concluded")
    words = text_of(writer.get(page_url(row)))
    assert "§ 74 Abs. 2 Nr. 1" in words
    assert paper.title in words


def test_a_council_paper_of_another_strategy_is_refused(cast, measure):
    foreign = CouncilPaperFactory()

    with pytest.raises(RuleViolation) as refusal:
        start(cast, measure, council_papers=[foreign])

    assert set(refusal.value.message_dict) == {"council_papers"}
    assert not StaffParticipation.objects.exists()


def test_the_law_stands_there_with_its_sources_and_says_what_has_to_be_verified(cast, measure, writer):
    pages = {kind: writer.get(page_url(start(cast, measure, kind=kind))) for kind in ("codetermination", "cooperation")}

    assert "LPVG § 76 to be verified" in text_of(pages["codetermination"])
    assert "https://www.anwalt24.de/gesetze/lpvg-1/82" in pages["cooperation"].content.decode()
    assert "to be verified" not in text_of(pages["cooperation"])


def test_the_history_of_the_measure_tells_every_view_to_those_who_take_part(cast):
    measure = cast.measure(State.RUNNING)
    row, council = start(cast, measure), cast.actor("staff_council")
    row.state_view(by=council, vote="refuses", text="Nein, so nicht")
    row.state_view(by=council, vote="consents", text="Ja, so schon")
    row.conclude(by=cast.actor("project_group"), reason="Zugestimmt")

    steps = STEPS["staffparticipation"]

    def told(name):
        return [
            (verb, [(change.before, change.after) for change in entry.changes if change.is_text])
            for entry in history_of(measure, cast.actor(name))
            for verb, words in steps.items()
            if entry.text == words
        ]

    assert told("department_head") == [
        ("conclude", []),
        ("state_view", [("Nein, so nicht", "Ja, so schon")]),
        ("state_view", [("", "Nein, so nicht")]),
        ("start", []),
    ]
    assert told("reader") == []


def test_each_step_is_told_to_the_other_side(cast, measure):
    OutgoingMail.objects.all().delete()
    writer, council = cast.actor("project_group"), cast.actor("staff_council")
    row = start(cast, measure, days_ago=1)
    row.extend(by=writer, reason="Ferien", due_on=row.due_on + timedelta(days=1))
    row.inform_again(by=writer, reason="Neue Unterlagen", informed_on=timezone.localdate())
    row.state_view(by=council, vote="consents")
    row.conclude(by=writer, reason="Zugestimmt")

    mails = OutgoingMail.objects.order_by("pk").values_list("recipient__username", "notifications__kind")

    assert [(name.split("-")[0], kind) for name, kind in mails] == [
        ("staff_council", "request"),
        ("staff_council", "request"),
        ("staff_council", "request"),
        ("project_group", "request"),
        ("staff_council", "news"),
    ]


def test_the_project_group_is_reminded_of_the_outcome_once_it_can_be_recorded(cast, measure):
    def waiting():
        tasks = tasks_of(cast.actor("project_group"), cast.strategy)
        return [task.object for task in tasks if task.kind == "participation-outcome"]

    running = start(cast, measure)
    assert waiting() == []

    silent = start(cast, measure, days_ago=22)
    running.state_view(by=cast.actor("staff_council"), vote="consents")

    assert waiting() == [silent, running]


# The list


@pytest.mark.parametrize("count", [1, 4])
def test_the_list_asks_the_same_number_of_queries_for_few_and_many(
    cast, measure, writer, count, django_assert_num_queries
):
    for _ in range(count):
        start(cast, measure)
        start(cast, measure).conclude(by=cast.actor("project_group"), reason="Fertig")
    url = reverse("measures:participations", args=[cast.strategy.slug])
    writer.get(url)

    with django_assert_num_queries(7):
        answer = writer.get(url)

    assert (len(answer.context["participations"]), answer.context["page"].paginator.count) == (count, count)


def test_an_empty_list_says_where_participations_come_from(cast, writer):
    answer = writer.get(reverse("measures:participations", args=[cast.strategy.slug]))

    assert "No formal participation yet" in text_of(answer)
