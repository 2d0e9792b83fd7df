"""The long texts of a report are prose: typed with a bar, shown as it will be printed, sanitised, signed as typed."""

import pytest
from django.urls import reverse
from lxml import html

from reporting.models import CouncilReport, Variant
from reporting.print.projection import canonical
from reporting.projection import Contents
from tests.pages import browser_of, typed_on

from . import reports

PROSE = ("text", "financial_effects", "foreword", "deviations", "participation", "outlook")
LINES = ("originators", "banner", "motion", "pending_requests", "settled_requests")
TYPED = "Ein **wichtiger** und *leiser* Satz\nmit [Weg](https://www.stuttgart.de/).\n\n- eins\n- zwei"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> [Klick](javascript:alert(1)) ![x](https://a.de/x.png)"


def address(report, name):
    return reverse(f"reporting:{name}", args=[report.strategy.slug, report.pk])


def shown(answer):
    """Each text in prose on the page; the bars' own previews are empty until asked for."""
    page = html.fromstring(answer.content.decode())
    return [part for part in page.find_class("prose") if "prose-shown" not in part.get("class")]


def looks(part):
    return {tag: [found.text_content() for found in part.iter(tag)] for tag in ("strong", "em", "li", "a")}


LOOKS = {"strong": ["wichtiger"], "em": ["leiser"], "li": ["eins", "zwei"], "a": ["Weg"]}


def test_the_long_texts_have_the_bar_and_lists_of_lines_have_none(cast):
    report = reports.draft(cast)
    page = html.fromstring(browser_of(cast.project_group).get(address(report, "report-edit")).content.decode())

    with_bar = {area.get("name") for bar in page.find_class("prose-f") for area in bar.iter("textarea")}

    assert with_bar == set(PROSE)
    assert {area.get("name") for area in page.iter("textarea")} == {*PROSE, *LINES}
    assert {page.get_element_by_id(f"id_{name}").get("lang") for name in PROSE} == {cast.strategy.lang}


def test_what_was_typed_is_shown_as_it_will_be_printed(cast):
    report, client = reports.draft(cast), browser_of(cast.project_group)
    edit = address(report, "report-edit")
    typed = typed_on(client.get(edit), **dict.fromkeys(PROSE, TYPED.replace("\n", "\r\n")))

    beside = client.post(address(report, "report-live-preview"), typed)
    assert client.post(edit, typed).status_code == 302

    report.refresh_from_db()
    assert {getattr(report, name) for name in PROSE} == {TYPED}
    for answer in (beside, client.get(address(report, "report-preview")), client.get(edit)):
        assert [looks(part) for part in shown(answer)] == [LOOKS] * 6
    for variant in Variant:
        found = Contents.read(report).project(variant)
        assert {found.paper.text, found.paper.finances, found.preface, found.deviations} == {TYPED}
        assert {found.participation, found.outlook} == {TYPED}


def test_nothing_hostile_gets_onto_a_page(cast):
    report, client = reports.draft(cast), browser_of(cast.project_group)
    edit = address(report, "report-edit")
    typed = typed_on(client.get(edit), **dict.fromkeys(PROSE, HOSTILE))

    beside = client.post(address(report, "report-live-preview"), typed)
    client.post(edit, typed)

    for answer in (beside, client.get(address(report, "report-preview"))):
        parts = shown(answer)
        assert len(parts) == 6
        assert {element.tag for part in parts for element in part.iter()} <= {"div", "p", "a"}
        assert {link.get("href") for part in parts for link in part.iter("a")} <= {"https://a.de/x.png"}
        assert all("<script>alert(1)</script>" in part.text_content() for part in parts)


@pytest.mark.parametrize("name", PROSE)
def test_a_text_that_is_too_long_is_refused_and_stays_in_its_field(cast, name):
    report, client = reports.draft(cast), browser_of(cast.project_group)
    longest = CouncilReport._meta.get_field(name).max_length
    edit = address(report, "report-edit")

    answer = client.post(edit, typed_on(client.get(edit), **{name: "x" * (longest + 1)}))

    assert list(answer.context["form"].errors) == [name]
    assert answer.context["form"][name].value() == "x" * (longest + 1)


def test_what_was_co_signed_before_texts_were_prose_still_holds(cast):
    """The hash of a report as the version before prose computed it."""
    report = reports.draft(cast)

    assert report.text_hash() == "eb30fc64b9b6d4fa5e22f02fc7665b73e4f6bf4d02edd8496bc3ed331ced99b6"


def test_saving_the_form_as_it_stands_changes_no_text_and_lapses_no_signature(cast):
    report, client = reports.asked(cast, **dict.fromkeys(PROSE, TYPED)), browser_of(cast.project_group)
    signed = reports.sign(cast, report)
    before = canonical(Contents.read(report).project(Variant.PUBLIC))
    edit = address(report, "report-edit")

    client.post(edit, typed_on(client.get(edit), file_reference="AKR/11"))

    signed.refresh_from_db()
    report.refresh_from_db()
    assert (report.file_reference, signed.state) == ("AKR/11", "signed")
    after = canonical(Contents.read(report).project(Variant.PUBLIC))
    assert after == before.replace(b'"gz":""', b'"gz":"AKR/11"')
