"""The form of a measure in a browser: with script, without it, and to be read by everybody."""

import re

import pytest
from django.conf import settings
from django.db import transaction
from playwright.sync_api import expect

from measures.models import Measure
from tests.factories import MilestoneFactory


@pytest.fixture
def cast(transactional_db):
    from tests.factories import Cast  # needs the apps loaded

    return Cast()


def signed_in(context, client, live_server, user):
    client.force_login(user)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key, "url": live_server.url}
    context.add_cookies([cookie])
    return context


@pytest.fixture
def edit_url(cast):
    with transaction.atomic():
        measure = cast.measure()
    MilestoneFactory(measure=measure, title="Konzept")
    return f"{measure.get_absolute_url()}edit/"


def test_one_more_milestone_comes_by_script(page, client, live_server, cast, edit_url, axe):
    signed_in(page.context, client, live_server, cast.project_group)
    page.goto(edit_url)
    expect(page.locator(".fset-row:visible")).to_have_count(1)

    page.locator("[data-formset-add]").click()
    row = page.locator(".fset-row:visible").last
    row.locator("[type=text][name$=title]").fill("Pilot")
    row.locator("[type=text][name$=due_on]").fill("31.02.2027")
    page.locator(".savebar button").click()
    expect(page).to_have_title(re.compile("^(Fehler|Error):"))
    axe(page)
    page.locator("[aria-invalid=true]").fill("2027")
    page.locator(".savebar button").click()
    page.wait_for_url(f"**{Measure.objects.get().get_absolute_url()}")

    assert sorted(Measure.objects.get().milestones.values_list("title", flat=True)) == ["Konzept", "Pilot"]


def test_without_script_spare_rows_serve(browser, client, live_server, cast, edit_url):
    context = signed_in(browser.new_context(java_script_enabled=False), client, live_server, cast.project_group)
    page = context.new_page()
    page.goto(f"{live_server.url}{edit_url}")
    expect(page.locator(".fset-row:visible")).to_have_count(3)

    page.locator(".fset-row [name$=DELETE]").check()
    page.locator(".fset-row [type=text][name$=title]").nth(1).fill("Pilot")
    page.locator(".fset-row [type=text][name$=due_on]").nth(1).fill("2027")
    page.locator(".savebar button").click()
    page.wait_for_url(f"**{Measure.objects.get().get_absolute_url()}")
    context.close()

    assert list(Measure.objects.get().milestones.values_list("title", flat=True)) == ["Pilot"]


def test_who_leaves_with_something_typed_is_asked(page, client, live_server, cast, edit_url):
    signed_in(page.context, client, live_server, cast.project_group)
    page.goto(edit_url)
    page.locator("[name=title]").fill("Neuer Titel")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))

    page.locator(".savebar a").click()
    page.wait_for_timeout(200)

    assert asked == ["beforeunload"]
    assert page.input_value("[name=title]") == "Neuer Titel"


MOST_KEYS = 80  # to get from one place of a page to another


def tab_to(page, target):
    """Press the tab key until the target has the focus, and the focus can be seen."""
    for _key in range(MOST_KEYS):
        page.keyboard.press("Tab")
        if target.evaluate("one => one === document.activeElement"):
            assert target.evaluate("one => one.matches(':focus-visible')")
            return
    raise AssertionError(f"The tab key does not lead to {target}")


def test_a_measure_is_created_from_the_list_to_its_sheet_without_a_mouse(page, client, live_server, cast):
    signed_in(page.context, client, live_server, cast.project_group)
    page.goto(f"/{cast.strategy.slug}/measures/")

    tab_to(page, page.locator("#head-acts a"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/measures/new/")
    tab_to(page, page.locator("[name=title]"))
    page.keyboard.type("Mentoring für Quereinsteigende")
    for name, letters in (("field", cast.field.letter), ("stage", cast.stage.title), ("lead_unit", cast.unit.number)):
        tab_to(page, page.locator(f"select[name={name}]"))
        page.keyboard.type(letters)
    tab_to(page, page.locator("[name=responsible_function]"))
    page.keyboard.type("Leitung")
    tab_to(page, page.locator("[data-formset-add]"))
    page.keyboard.press("Enter")
    row = page.locator(".fset-row:visible").last
    expect(row.locator("[type=text][name$=title]")).to_be_focused()
    page.keyboard.type("Erste Tandems")
    page.keyboard.press("Tab")
    page.keyboard.type("30.06.2027")
    tab_to(page, page.locator(".savebar button"))
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text("Mentoring für Quereinsteigende")
    measure = Measure.objects.get()
    assert (measure.field, measure.stage, measure.lead_unit) == (cast.field, cast.stage, cast.unit)
    assert (measure.responsible_function, measure.milestones.get().title) == ("Leitung", "Erste Tandems")
