"""What is typed stays in the browser until the server has it, and leaves it at the sign-out."""

import pytest
from django.db import transaction
from playwright.sync_api import expect

from measures.models import Measure
from strategy.models import Session
from tests.measures.test_edit_in_browser import signed_in
from tests.pages import browser_of

KEPT = "Object.keys(localStorage).filter(key => key.startsWith('draft:')).length"


@pytest.fixture
def cast(transactional_db):
    from tests.factories import Cast  # needs the apps loaded

    return Cast()


@pytest.fixture
def measure(cast):
    with transaction.atomic():
        return cast.measure(title="Der alte Titel")


def type_and_wait(page, name, text):
    page.locator(f"[name={name}]").fill(text)
    expect(page.locator("[data-keep-status]")).not_to_be_empty()


def test_an_ended_session_loses_no_text_and_overwrites_nobody(page, client, live_server, cast, measure, axe):
    browser_of(cast.project_group)
    signed_in(page.context, client, live_server, cast.project_group)
    url = f"{measure.get_absolute_url()}edit/"
    page.goto(url)
    page.locator("[data-formset-add]").click()
    page.locator("[name=milestones-2-title]").fill("Pilot")
    page.locator("[name=milestones-2-due_on]").fill("2027")
    type_and_wait(page, "goal", "Mein langer Text")
    Session.objects.all().delete()
    page.locator(".savebar button").click()
    expect(page.locator("h1")).to_have_text("Ihre Sitzung ist beendet; es wurde nichts gespeichert")

    measure.edit(by=cast.actor("project_group"), version=1, changes={"title": "Der neue Titel"})
    signed_in(page.context, client, live_server, cast.project_group)
    page.goto(url)
    expect(page.locator("[data-keep-offer]")).to_contain_text("Text not saved yet, of ")
    axe(page)
    page.locator("[data-keep-take]").click()
    expect(page.locator("[data-keep-offer]")).to_be_hidden()
    page.locator(".savebar button").click()
    page.get_by_role("button", name="Save merged version").click()
    page.wait_for_url(f"**{measure.get_absolute_url()}")

    measure = Measure.objects.get()
    assert (measure.title, measure.goal) == ("Der neue Titel", "Mein langer Text")
    assert measure.milestones.get().title == "Pilot"
    assert page.evaluate(KEPT) == 0


def test_what_is_kept_goes_with_the_sign_out_and_is_nobody_elses(page, client, live_server, cast, measure):
    signed_in(page.context, client, live_server, cast.project_group)
    url = f"{measure.get_absolute_url()}edit/"
    page.goto(url)
    type_and_wait(page, "goal", "Nicht für alle")
    assert page.evaluate(KEPT) == 1
    page.evaluate("window.onbeforeunload = null")
    page.on("dialog", lambda dialog: dialog.accept())

    signed_in(page.context, client, live_server, cast.member("project_group", name="colleague"))
    page.goto(url)
    expect(page.locator("[data-keep-offer]")).to_be_hidden()
    assert page.evaluate(KEPT) == 0

    type_and_wait(page, "goal", "Auch nicht")
    page.locator(".wt-who summary").click()
    page.locator("form[data-sign-out] button").first.click()
    page.wait_for_url("**/accounts/login/**")
    assert page.evaluate(KEPT) == 0
