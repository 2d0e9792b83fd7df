"""The other lists of a past day, and what they lead to: what they showed when it ended, to whom it may be shown."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings

from measures.models import Indicator, IndicatorValue, Measure, Need, NeedNote, ResourceRequest, StaffParticipation
from strategy.models import User
from tests.factories import Cast
from tests.measures.lives import FIRST, LAST_MINUTE, WEEKS, Life, at
from tests.pages import browser_of, text_of

SECOND, THIRD = FIRST + timedelta(days=1), FIRST + timedelta(days=2)
AFTER = FIRST + timedelta(days=300)
#: Who asks which list how: people who have little to do there, so that a page of today says no more than a later one.
ASKED = [
    ("steering_team", "needs", (), {}),
    ("steering_team", "needs", (), {"state": "submitted", "q": "Bedarf"}),
    ("staff_council", "needs", (), {"state": "draft"}),
    ("reader", "resources", (), {"rows": "field", "then": "state"}),
    ("project_group", "resources", (), {}),
    ("project_group", "resources", (), {"export": "csv"}),
    ("reader", "indicators", (), {}),
    ("project_group", "indicators", (), {"stale": "on"}),
    ("project_group", "indicators", (), {}),
    ("steering_team", "reviews", (), {}),
    ("steering_team", "conditions", (), {}),
    ("steering_team", "participations", (), {}),
]
LISTS = ("needs", "resources", "indicators", "reviews", "conditions", "participations")

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def cast(db):
    with at(FIRST):
        made = Cast()
    User.objects.update(language="en")
    return made


def opened(cast, who, name, *args, on=None, when=AFTER, **query):
    """A page as that person is shown it at that time, as of it or of a past day."""
    url = reverse(f"measures:{name}", args=[cast.strategy.slug, *args])
    with at(*when) if isinstance(when, tuple) else at(when):
        return browser_of(getattr(cast, who)).get(url, query | ({"on": f"{on}"} if on else {}))


def told_by(page):
    """What a page tells, without what it offers to do; of a file all of it."""
    assert page.status_code == 200
    if not page.headers["Content-Type"].startswith("text/html"):
        return page.content
    text = re.search(r"<main.*</main>", page.content.decode(), re.DOTALL)[0]
    for extra in (
        r"<form.*?</form>",
        r'<p class="note note--act">.*?</p>',
        r'<p class="more">.*?</p>',
        r'<div class="acts">.*?</div>',
        r'<div class="empty[^>]*>.*?</div>',
        r'<a class="kern-btn.*?</a>',
        r"<[^>]+>",
        r"\s+",
    ):
        text = re.sub(extra, "", text, flags=re.DOTALL)
    return text.replace("Nonewasunderway", "Noneisunderway")  # said of a past day in its tense


def pages_of(cast):
    """The lists, and the pages behind them that can be asked for a day."""
    decided = Measure.objects.filter(decided_on__isnull=False).values_list("code", flat=True)
    needs = Need.objects.filter(submitted_on__isnull=False).values_list("pk", flat=True)
    own = Indicator.objects.filter(measure=None).values_list("pk", flat=True)
    return [
        *ASKED,
        *(("reader", "status-list", (code,), {}) for code in decided.filter(strategy=cast.strategy)),
        *(("steering_team", "need", (pk,), {}) for pk in needs.filter(strategy=cast.strategy)),
        *((who, "indicator", (pk,), {}) for pk in own for who in ("reader", "steering_team")),
    ]


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WEEKS)
def test_lists_of_a_day_are_what_they_were(days):
    with transaction.atomic():
        with at(FIRST):
            life = Life()
        User.objects.update(language="en")
        usual = ("all_the_way", "resource", "own_indicator", "need", "condition")
        kept = {}
        for number, acts in enumerate(days):
            day = FIRST + timedelta(days=number)
            with at(day, *LAST_MINUTE):
                for act in [*((name, number) for name in usual), ("need", 4), *acts]:
                    life.act(*act)
            kept[day] = [
                (*page, told_by(opened(life.cast, page[0], page[1], *page[2], when=(day, *LAST_MINUTE), **page[3])))
                for page in pages_of(life.cast)
            ]
        for day, pages in kept.items():
            for who, name, args, query, told in pages:
                assert told_by(opened(life.cast, who, name, *args, on=day, **query)) == told, (who, name, query, day)
        transaction.set_rollback(True)


def codes_of_needs(page):
    return [row.code or row.title for row in page.context["page"]] if page.status_code == 200 else page.status_code


def test_a_need_is_told_to_others_from_its_submission_on(cast):
    council = cast.actor("staff_council")
    with at(FIRST):
        need = Need.objects.create_draft(by=council, strategy=cast.strategy, title="Kanarienvogel", text="Text")
        need.edit(by=council, version=1, changes={"title": "Pausenräume"})
        NeedNote.objects.write(need, by=council, text="Nicht sagen")
    with at(SECOND):
        need.submit(by=council)

    for role in ("project_group", "steering_team", "department_head"):
        assert codes_of_needs(opened(cast, role, "needs", on=FIRST)) == []
        assert opened(cast, role, "need", need.pk, on=FIRST).status_code == 404
        assert codes_of_needs(opened(cast, role, "needs", on=SECOND)) == ["N1"]
    for role in ("reader", "administrator"):
        assert opened(cast, role, "needs", on=SECOND).status_code == 403
    assert codes_of_needs(opened(cast, "staff_council", "needs", on=FIRST, state="draft")) == ["Pausenräume"]
    assert "Nicht sagen" in text_of(opened(cast, "staff_council", "need", need.pk, on=FIRST))


def test_a_discarded_need_is_read_again_by_the_council_alone(cast):
    council = cast.actor("staff_council")
    with at(FIRST):
        need = Need.objects.create_draft(by=council, strategy=cast.strategy, title="Kanarienvogel", text="Text")

        pk = need.pk
    with at(SECOND):
        need.discard(by=council)

    assert "Kanarienvogel" in text_of(opened(cast, "staff_council", "needs", on=FIRST))
    assert "Kanarienvogel" in text_of(opened(cast, "staff_council", "need", pk, on=FIRST))
    assert "Discarded drafts" not in text_of(opened(cast, "staff_council", "needs", on=FIRST, state="draft"))
    for role in ("project_group", "steering_team", "department_head"):
        for name, args, query in (("needs", (), {}), ("needs", (), {"state": "draft"}), ("need", (pk,), {})):
            assert "Kanarienvogel" not in text_of(opened(cast, role, name, *args, on=FIRST, **query))


def test_sums_of_a_day_lead_to_the_requests_of_that_day(cast):
    with at(FIRST):
        measure = cast.measure(Measure.State.RUNNING)
        request = ResourceRequest(measure=measure, kind="operating", year=2027, amount=100)
        request.enter(by=cast.actor("project_group"))
    with at(SECOND):
        request.edit(by=cast.actor("project_group"), version=1, changes={"amount": 250})

    page = opened(cast, "reader", "resources", on=FIRST)
    assert page.context["sums"].total().cells[0].amount == 100
    assert re.search(r"on=2026-03-26(&amp;[^\"]*)?#requests", page.content.decode())
    assert [row.amount for row in page.context["requests"]] == [100]
    assert f'href="{measure.get_absolute_url()}?on=2026-03-26#resources"' in page.content.decode()
    assert opened(cast, "reader", "resources", on=SECOND).context["sums"].total().cells[0].amount == 250


def test_what_is_withheld_today_is_withheld_of_a_day(cast):
    group = cast.actor("project_group")
    with at(FIRST):
        indicator = Indicator(strategy=cast.strategy, name="Quote", unit="%")
        indicator.enter(by=group)
        value = IndicatorValue(indicator=indicator, as_of=FIRST, value=4321)
        value.enter(by=group)
    with at(SECOND):
        value.edit(by=group, version=value.version, changes={"people": 3})

    for name, args in (("indicators", ()), ("indicator", (indicator.pk,))):
        assert "4,321" not in told_by(opened(cast, "reader", name, *args, on=FIRST))
        assert "4,321" in told_by(opened(cast, "project_group", name, *args, on=FIRST))


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_a_past_day_say_so_keep_the_day_and_offer_nothing_to_do(cast, name):
    council, group = cast.actor("staff_council"), cast.actor("project_group")
    with at(FIRST):
        for title in ("Eins", "Zwei"):
            need = Need.objects.create_draft(by=council, strategy=cast.strategy, title=title, text="Text")
            need.submit(by=council)
        measure = cast.measure(Measure.State.IN_REVIEW)
        review = measure.open_review()
        for slot in review.slots.all():
            slot.respond(by=cast.who_answers(slot), vote="conditions", text="Nur mit Mitteln")
        Indicator(measure=measure, name="Zahl", unit="Personen").enter(by=group)
        ResourceRequest(measure=measure, kind="operating", year=2027, amount=100).enter(by=group)

    for who in ("project_group", "department_head", "staff_council"):
        page = opened(cast, who, name, on=FIRST)
        main = page.content.decode().partition("<main")[2].partition("</main>")[0]
        assert "As of 26 Mar 2026" in text_of(page)
        assert not re.search(r'href="[^"]*/(new|edit|respond|schedule|meet|state-view|conclude)/', main)
        assert "Back to today" in main


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("typed", ["2999-01-01", "gestern", "2026-03-25"])
def test_a_day_that_cannot_be_shown_is_refused_at_the_field(cast, name, typed):
    page = opened(cast, "project_group", name, on=typed, export="csv", kind="x")
    assert page.headers["Content-Type"].startswith("text/html")
    assert 'aria-invalid="true"' in page.content.decode()
    assert 'name="kind" value="x"' in page.content.decode()


def test_nothing_of_another_strategy_is_listed(cast):
    with at(FIRST):
        other = Cast()
        council = other.actor("staff_council")
        need = Need.objects.create_draft(by=council, strategy=other.strategy, title="Kanarienvogel", text="Text")
        need.submit(by=council)
        Indicator(strategy=other.strategy, name="Kanarienvogel", unit="%").enter(by=other.actor("project_group"))
    for name in ("needs", "indicators"):
        assert "Kanarienvogel" not in text_of(opened(cast, "project_group", name, on=FIRST))
        assert opened(cast, "stranger", name, on=FIRST).status_code == 404


@pytest.mark.parametrize(
    ("name", "queries"),
    [("needs", 12), ("resources", 9), ("indicators", 15), ("reviews", 23), ("conditions", 9), ("participations", 9)],
)
def test_a_list_of_a_past_day_asks_the_same_for_few_and_many(cast, name, queries, django_assert_num_queries):
    group, council = cast.actor("project_group"), cast.actor("staff_council")
    url = reverse(f"measures:{name}", args=[cast.strategy.slug])
    for count in (1, 4):
        with at(FIRST):
            for _one in range(count):
                measure = cast.measure(Measure.State.IN_REVIEW)
                for slot in measure.open_review().slots.all():
                    slot.respond(by=cast.who_answers(slot), vote="conditions", text="Nur mit Mitteln")
                StaffParticipation.objects.start(measure, by=group, kind="hearing", informed_on=FIRST)
                Indicator(measure=measure, name="Zahl", unit="Personen").enter(by=group)
                ResourceRequest(measure=measure, kind="operating", year=2027, amount=100).enter(by=group)
                cast.measure(Measure.State.RUNNING).amend(by=group, core={"title": "Neu"})
                need = Need.objects.create_draft(by=council, strategy=cast.strategy, title="Bedarf", text="Text")
                need.submit(by=council)
        with at(AFTER):
            browser = browser_of(cast.project_group)
            browser.get(url)
            with django_assert_num_queries(queries):
                browser.get(url, {"on": f"{FIRST}"})
