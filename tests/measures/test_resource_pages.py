"""Resources in the portal: typed in on the sheet's way, added up in rows of the reader's choice."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from measures.models import Measure, ResourceRequest
from tests.factories import Cast, CouncilPaperFactory, ResourceRequestFactory
from tests.pages import browser_of, text_of, typed_on

pytestmark = pytest.mark.django_db

State = Measure.State


@pytest.fixture
def writer(cast):
    return browser_of(cast.project_group)


def address(measure, name="resource-create", **parts):
    return reverse(f"measures:{name}", kwargs={"strategy": measure.strategy.slug, "code": measure.code} | parts)


def of(request, name="resource"):
    return address(request.measure, name, pk=request.pk)


def list_url(cast, query=""):
    return reverse("measures:resources", args=[cast.strategy.slug]) + query


def test_positions_are_typed_in_once_however_often_one_clicks(cast, writer):
    measure = cast.measure(State.RUNNING)
    typed = typed_on(
        writer.get(address(measure)),
        kind="positions",
        year="2026",
        amount="1.5",
        term="fixed",
        until="31.12.2027",
        pay_grade="E 9b",
    )

    first, second = (writer.post(address(measure), typed) for _ in range(2))

    request = ResourceRequest.objects.get()
    assert first.url == second.url == request.get_absolute_url()
    assert (request.amount, request.until, request.state) == (Decimal("1.50"), date(2027, 12, 31), "noted")
    assert "E 9b" in text_of(writer.get(first.url))
    assert request.get_absolute_url() in writer.get(measure.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "viel"),
        ("amount", "-5"),
        ("amount", "0"),
        ("amount", "1.234"),
        ("amount", "\uff11\uff12"),
        ("amount", "9" * 50),
        ("amount", "NaN"),
        ("year", "26"),
        ("year", "1999"),
        ("year", "\u0662\u0660\u0662\u0666"),
        ("kind", "\x00"),
        ("until", "31.02.2027"),
        ("term", "permanent"),
        ("pay_grade", "x" * 61),
    ],
)
def test_bad_input_stays_with_an_error_at_its_field(cast, writer, field, value):
    measure = cast.measure()
    good = {"kind": "positions", "year": "2026", "amount": "1", "term": "fixed", "until": "31.12.2027"}
    typed = typed_on(writer.get(address(measure)), **(good | {field: value}))

    answer = writer.post(address(measure), typed)

    assert answer.status_code == 200
    wrong = "until" if field == "term" else field
    assert list(answer.context["form"].errors) == [wrong]
    assert not ResourceRequest.objects.exists()


@pytest.mark.parametrize(
    ("typed", "meant"), [("1.234,5", "1234.5"), ("40.000 €", 40000), ("1,5", "1.5"), ("2.5", "2.5")]
)
def test_german_figures_are_read_as_germans_write_them(cast, typed, meant):
    browser, measure = browser_of(cast.project_group), cast.measure()
    cast.project_group.language = "de"
    cast.project_group.save()

    browser.post(address(measure), typed_on(browser.get(address(measure)), kind="capital", year="2026", amount=typed))

    assert ResourceRequest.objects.get().amount == Decimal(meant)


def test_two_who_edit_at_once_are_asked_field_by_field(cast, writer):
    request = ResourceRequestFactory(measure=cast.measure(), amount=100)
    typed = typed_on(writer.get(of(request, "resource-edit")), amount="200")
    request.edit(by=cast.actor("project_group"), version=1, changes={"amount": 300, "purpose": "Leitung"})

    asked = writer.post(of(request, "resource-edit"), typed)
    assert asked.status_code == 409
    writer.post(of(request, "resource-edit"), typed_on(asked) | {"keep-amount": "mine"})

    request.refresh_from_db()
    assert (request.amount, request.purpose) == (200, "Leitung")


def test_it_is_registered_and_answered_page_by_page(cast, writer):
    request = ResourceRequestFactory(measure=cast.measure(State.RUNNING))
    paper = CouncilPaperFactory(strategy=cast.strategy)
    writer.post(of(request, "resource-register"), typed_on(writer.get(of(request, "resource-register"))))

    url = of(request, "resource-grant-partly")
    page = writer.get(url)
    too_much = writer.post(url, typed_on(page, granted_amount="40000", council_paper=paper.pk))
    writer.post(url, typed_on(writer.get(url), granted_amount="12345.67", council_paper=paper.pk))

    assert list(too_much.context["form"].errors) == ["granted_amount"]
    request.refresh_from_db()
    assert (request.state, request.granted_amount, request.council_paper) == (
        "partly_granted",
        Decimal("12345.67"),
        paper,
    )
    assert writer.get(of(request, "resource-edit")).status_code == 409


def test_a_paper_of_another_strategy_is_no_choice(cast, writer):
    request = ResourceRequestFactory(measure=cast.measure(State.RUNNING))
    request.register(by=cast.actor("project_group"))
    url, foreign = of(request, "resource-grant"), CouncilPaperFactory(strategy=Cast().strategy)

    answer = writer.post(url, typed_on(writer.get(url), council_paper=foreign.pk))

    assert list(answer.context["form"].errors) == ["council_paper"]


def test_deleting_is_confirmed_and_told_in_the_measures_history(cast, writer):
    request = ResourceRequestFactory(measure=cast.measure())
    url = of(request, "resource-discard")

    answer = writer.post(url, typed_on(writer.get(url)))

    assert answer.url == request.measure.get_absolute_url()
    assert not ResourceRequest.objects.exists()
    told = text_of(writer.get(address(request.measure, "history")))
    assert "Resource request removed: Operating budget (€) 2027" in told


def test_a_measure_that_has_ended_takes_no_more_requests(cast, writer):
    measure = cast.measure(State.DROPPED)

    assert writer.get(address(measure)).status_code == 409
    assert writer.post(address(measure), {}).status_code == 409


# Sums


@pytest.fixture
def requests(cast):
    """Cents that floating-point numbers would lose, over two double budgets and several states."""
    by = cast.actor("project_group")
    paper = CouncilPaperFactory(strategy=cast.strategy)
    running, draft = cast.measure(State.RUNNING), cast.measure()
    rows = [
        ResourceRequestFactory(measure=running, kind=kind, year=year, amount=amount)
        for kind, year, amount in (
            ("operating", 2026, "0.10"),
            ("operating", 2027, "0.20"),
            ("operating", 2028, "123456789.01"),
            ("positions", 2026, "1.5"),
            ("positions", 2027, "1.5"),
        )
    ]
    hidden = ResourceRequestFactory(measure=draft, kind="capital", year=2026, amount="5000")
    for row in rows[:2]:
        row.register(by=by)
    rows[0].grant_partly(by=by, council_paper=paper, granted_amount=Decimal("0.03"))
    return [*rows, hidden]


def rows_on(page):
    return {row.label: [cell.amount for cell in row.cells] for row in page.context["sums"].rows()}


def test_sums_are_exact_and_stand_beside_each_other(cast, writer, requests):
    page = writer.get(list_url(cast, "?rows=budget&kind=operating&kind=positions"))

    assert rows_on(page) == {
        "2026/2027": [Decimal("3.0"), None, None, Decimal("0.30"), Decimal("0.30"), Decimal("0.03")],
        "2028/2029": [None, None, None, Decimal("123456789.01"), None, None],
    }
    total = page.context["sums"].total()
    assert [cell.amount for cell in total.cells[3:]] == [Decimal("123456789.31"), Decimal("0.30"), Decimal("0.03")]
    assert "123,456,789.31" in text_of(page)


def test_every_sum_leads_to_the_rows_it_adds_up(cast, writer, requests):
    page = writer.get(list_url(cast, "?rows=budget&then=state"))
    sums = page.context["sums"]

    for row in [*sums.rows(), sums.total()]:
        for cell in row.cells:
            if cell.amount is not None:
                behind = writer.get(list_url(cast, cell.query.split("#")[0])).context["requests"]
                added = (one.granted_amount if cell.figure == "granted" else one.amount for one in behind)
                assert sum(added) == cell.amount


def test_nobody_adds_up_what_they_do_not_see(cast, requests):
    reader = browser_of(cast.reader)

    page = reader.get(list_url(cast, "?rows=measure"))

    assert requests[-1].measure.code not in text_of(page)
    assert {line.kind for line in page.context["sums"].lines} == {"positions", "operating"}


@pytest.mark.parametrize(
    "query",
    ["?kind=gold", "?year=%00", "?field=" + "9" * 40, "?rows=nothing&then=nothing&page=x", "?state=noted&state=x"],
)
def test_whatever_the_address_asks_is_answered(cast, writer, requests, query):
    assert writer.get(list_url(cast, query)).status_code == 200


def test_without_requests_the_page_says_where_they_come_from(cast, writer):
    assert "No resources yet" in text_of(writer.get(list_url(cast)))


@pytest.mark.parametrize("number", [3, 60])
def test_the_sums_take_the_same_number_of_queries_for_any_number_of_requests(
    cast, writer, number, django_assert_num_queries
):
    measure = cast.measure(State.RUNNING)
    ResourceRequestFactory.create_batch(number, measure=measure)
    writer.get(list_url(cast))

    with django_assert_num_queries(6):
        writer.get(list_url(cast, "?rows=measure&then=year"))


def test_the_export_holds_the_rows_shown_and_no_formula(cast, writer, requests):
    ResourceRequest.objects.filter(pk=requests[0].pk).update(purpose="=1+1")

    answer = writer.get(list_url(cast, "?kind=operating&year=2026&export=csv"))

    heads, row = answer.content.decode("utf-8-sig").splitlines()
    assert heads.startswith("Code,Measure,Field of action,Stage,Kind,Budget year,Double budget,Amount,Granted,State")
    assert ",0.1,0.03,partly granted," in row
    assert ",'=1+1," in row
    assert writer.get(list_url(cast, "?export=exe")).status_code == 404
