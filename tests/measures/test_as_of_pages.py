"""List, sheet, file and paper of a past day: exactly what they showed when it ended, and nothing to do there."""

import io
import re
from datetime import date, timedelta

import pikepdf
import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from openpyxl import load_workbook

from measures.models import Indicator, IndicatorValue, Measure, Milestone
from strategy.models import User
from tests.factories import Cast
from tests.measures.lives import FIRST, LAST_MINUTE, WEEKS, Life, at
from tests.pages import browser_of, text_of
from tests.reporting.print.reading import squeezed
from tests.reporting.print.reading import text_of as text_of_pdf

SECOND, THIRD = FIRST + timedelta(days=1), FIRST + timedelta(days=2)
AFTER = FIRST + timedelta(days=300)
COLUMNS = ["light", "state", "priority", "progress", "milestone", "age", "field", "stage", "begin", "end", "tags"]
FRAME = 3  # session, user, memberships with their strategies

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    with at(FIRST):
        made = Cast()
    User.objects.update(language="en")
    return made


def address(cast, name, *args):
    return reverse(f"measures:{name}", args=[cast.strategy.slug, *args])


def opened(cast, name, url, when=AFTER, **query):
    with at(when):
        return browser_of(getattr(cast, name)).get(url, query)


def the_list(cast, name="project_group", on=None, when=AFTER, **query):
    return opened(cast, name, address(cast, "list"), when, **query, **({"on": f"{on}"} if on else {}))


def codes(page):
    assert page.status_code == 200
    return [row.code for row in page.context["rows"]]


def told_by(page):
    """What a list tells, in the order in which it does."""
    rows = [(row.code, row.title, row.unit, row.cells) for row in page.context["rows"]]
    options = {(one.name, value): count for one in page.context["pickers"] for value, count in one.counts.items()}
    return rows, options, [view.count for view, _asked in page.context["views"]], page.context["total"]


def sheet_text(page):
    """The sheet without links, ways to go and spaces."""
    text = re.search(r'<div class="sheet-head">.*</main>', page.content.decode(), re.DOTALL)[0]
    for extra in (r'<div class="acts">.*?</div>', r'<p class="mt"><a href="[^"]*history/">.*?</p>', r"<form.*?</form>"):
        text = re.sub(extra, "", text, flags=re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", "", text)


def pages_of(cast, codes_of_sheets, on=None):
    """List, file and sheets as the reader is shown them, and the list of the project group."""
    lists = [
        told_by(the_list(cast, name, on, when=timezone.localdate(), columns=COLUMNS, ordering=order))
        for name, order in (("reader", "-title"), ("project_group", "milestone"))
    ]
    file = the_list(cast, "reader", on, when=timezone.localdate(), export="csv").content
    query = {"on": f"{on}"} if on else {}
    sheets = [
        opened(cast, "reader", address(cast, "detail", code), timezone.localdate(), **query) for code in codes_of_sheets
    ]
    return lists, file, [sheet_text(sheet) for sheet in sheets]


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WEEKS)
def test_list_file_and_sheets_of_a_day_are_what_they_were(days):
    with transaction.atomic():
        with at(FIRST):
            life = Life()
        User.objects.update(language="en")
        kept = {}
        for number, acts in enumerate(days):
            day = FIRST + timedelta(days=number)
            with at(day, *LAST_MINUTE):
                for act in [("all_the_way", number), *acts]:
                    life.act(*act)
                decided = list(Measure.objects.filter(decided_on__isnull=False).values_list("code", flat=True))
                kept[day] = decided, pages_of(life.cast, decided)
        with at(AFTER):
            for day, (decided, pages) in kept.items():
                assert pages_of(life.cast, decided, on=day) == pages
        transaction.set_rollback(True)


def test_a_past_day_says_so_and_leads_back_to_today(cast):
    with at(FIRST):
        measure = cast.measure(Measure.State.RUNNING, title="Vorher")
    with at(SECOND):
        Milestone(measure=measure, title="Danach", due_on=THIRD).save()

    for url in (address(cast, "list"), address(cast, "detail", measure.code)):
        page = opened(cast, "project_group", url, on=f"{FIRST}")
        assert "As of 26 Mar 2026" in text_of(page)
        assert "Danach" not in text_of(page)
        assert "Back to today" in text_of(page)
    assert f'href="{url}?on=2026-03-26"' in the_list(cast, on=FIRST).content.decode()


def test_nothing_can_be_done_on_a_past_day(cast):
    with at(FIRST):
        measure = cast.measure(Measure.State.RUNNING)
    for role in ("project_group", "steering_team", "department_head", "staff_council"):
        sheet = opened(cast, role, address(cast, "detail", measure.code), on=f"{FIRST}")
        assert [act.verb for act in sheet.context["acts"].others] == ["print"]
        assert not re.search(r'href="[^"]*(edit|create|report-status|pause|attach)[^"]*"', main_of(sheet))
    page = the_list(cast, on=FIRST, state="running")
    assert not re.search(r'href="[^"]*(bulk|create|imports|views)[^"]*"|name="m"', main_of(page))


def main_of(page):
    return page.content.decode().partition("<main")[2]


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("2999-01-01", "This day lies in the future."),
        ("2026-03-25", "The strategy has been on record here since 26 Mar 2026"),
        ("2026-02-31", "There is no such day"),
        ("gestern", "There is no such day"),
        ("31.10.2026", "There is no such day"),
    ],
)
def test_a_day_that_cannot_be_shown_is_refused_at_the_field(cast, typed, problem):
    with at(FIRST):
        measure = cast.measure(Measure.State.RUNNING)

    page = the_list(cast, on=typed)
    assert problem in text_of(page)
    assert (codes(page), "aria-invalid" in page.content.decode()) == ([], True)
    assert the_list(cast, on=typed, export="csv").headers["Content-Type"].startswith("text/html")
    sheet = opened(cast, "reader", address(cast, "detail", measure.code), on=typed)
    assert problem in text_of(sheet)


def test_the_present_day_is_no_past_one(cast):
    with at(FIRST):
        measure = cast.measure()
    page = the_list(cast, on=FIRST, when=FIRST)
    assert (codes(page), page.context["may_edit"]) == ([measure.code], True)
    assert "Back to today" not in text_of(page)


def test_a_sheet_of_a_day_before_it_was_there_says_so_and_shows_today(cast):
    with at(FIRST):
        measure = cast.measure(Measure.State.AGREED)
    with at(SECOND):
        cast.decide(measure)
    url = address(cast, "detail", measure.code)

    early = opened(cast, "reader", url, on=f"{FIRST}")
    assert "this measure was not there for you yet" in text_of(early)
    assert "Decided" in text_of(early)
    assert "As of" in text_of(opened(cast, "reader", url, on=f"{SECOND}"))
    with at(THIRD):
        hidden = cast.measure()
    assert opened(cast, "reader", address(cast, "detail", hidden.code), on=f"{THIRD}").status_code == 404
    assert opened(cast, "stranger", url, on=f"{SECOND}").status_code == 404


def test_a_discarded_draft_is_read_again_by_the_project_group_alone(cast):
    with at(FIRST):
        measure = cast.measure(title="Verworfen")
    with at(SECOND):
        measure.discard(by=cast.actor("project_group"))
    url = address(cast, "detail", measure.code)

    assert "Verworfen" in text_of(opened(cast, "project_group", url, on=f"{FIRST}"))
    assert opened(cast, "project_group", url, on=f"{SECOND}").status_code == 404
    for role in ("steering_team", "staff_council", "reader"):
        assert opened(cast, role, url, on=f"{FIRST}").status_code == 404


def test_filters_ask_the_past_day(cast):
    with at(FIRST):
        one, other = cast.measure(Measure.State.RUNNING, title="Radwege"), cast.measure(Measure.State.RUNNING)
        one.edit(by=cast.actor("project_group"), version=1, changes={"tags": ["Klima"]})
        one.report_status(by=cast.actor("project_group"), light=cast.light("disc"), progress=10)
    with at(SECOND):
        one.refresh_from_db()
        one.edit(by=cast.actor("project_group"), version=one.version, changes={"tags": [], "responsible_function": ""})
        cast.pause(other)

    assert codes(the_list(cast, on=FIRST, tag="Klima")) == [one.code]
    assert codes(the_list(cast, on=FIRST, state="paused")) == []
    assert codes(the_list(cast, on=FIRST, ownerless="on")) == []
    assert codes(the_list(cast, on=FIRST, q="Radwege")) == [one.code]
    assert codes(the_list(cast, on=SECOND, state="paused")) == [other.code]
    assert codes(the_list(cast, on=SECOND, ownerless="on")) == [one.code]
    for question in ({"stale": "on"}, {"rule": "stale"}):  # the other has never been reported on
        assert codes(the_list(cast, on=FIRST, **question)) == [other.code]


def test_the_file_carries_the_day_in_name_and_heading(cast):
    with at(FIRST):
        cast.measure()
    answer = the_list(cast, on=FIRST, export="xlsx")
    assert "Measures-2026-03-26.xlsx" in answer.headers["Content-Disposition"]
    assert load_workbook(io.BytesIO(answer.content)).sheetnames == ["Measures 2026-03-26", "Milestones 2026-03-26"]


def test_the_paper_is_that_of_the_day(cast):
    with at(FIRST):
        measure = cast.measure(Measure.State.RUNNING, title="Vorher")
    with at(SECOND):
        cast.complete(measure)
    url = reverse("reporting:measure-sheet", args=[cast.strategy.slug, measure.code])

    answer = opened(cast, "reader", url, on=f"{FIRST}")
    assert "26.03.2026.pdf" in answer.headers["Content-Disposition"].replace("%20", " ")
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        words = squeezed(text_of_pdf(pdf))
    assert ("Fertig" in words, "26.03.2026" in words or "26. März 2026" in words) == (False, True)
    assert opened(cast, "reader", url, on="2999-01-01").url.endswith(f"/{measure.code}/?on=2999-01-01")


def test_a_figure_that_has_become_one_of_few_people_is_kept_back_on_past_days(cast):
    with at(FIRST):
        measure, group = cast.measure(Measure.State.RUNNING), cast.actor("project_group")
        figure = Indicator(measure=measure, name="Anfragen", unit="Personen")
        figure.enter(by=group)
        value = IndicatorValue(indicator=figure, as_of=date(2026, 1, 1), value=4711, people=50)
        value.enter(by=group)
    with at(SECOND):
        value.edit(by=group, version=value.version, changes={"people": 3})
    url = address(cast, "detail", measure.code)

    assert "4711" not in opened(cast, "reader", url, on=f"{FIRST}").content.decode().replace(",", "")
    assert "4711" in opened(cast, "project_group", url, on=f"{FIRST}").content.decode().replace(",", "")


def test_a_past_day_costs_the_same_queries_whatever_the_number_of_measures(cast, django_assert_num_queries):
    with at(FIRST):
        measure = cast.measure(Measure.State.RUNNING)
    page, sheet = address(cast, "list"), address(cast, "detail", measure.code)
    for _more in range(2):
        with at(AFTER):
            reader = browser_of(cast.reader)
            reader.get(page)
            with django_assert_num_queries(FRAME + 9):
                reader.get(page, {"on": f"{FIRST}"})
            with django_assert_num_queries(FRAME + 36):
                reader.get(sheet, {"on": f"{FIRST}"})
        with at(FIRST):
            for _one in range(3):
                cast.measure(Measure.State.RUNNING)
