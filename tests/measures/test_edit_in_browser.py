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
