"""The council submits a need and sees it become a measure with its light, clicked as people would."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import expect

from measures.models import Measure, Need


@pytest.fixture
def cast(transactional_db):
    from tests.factories import Cast  # needs the apps loaded

    return Cast()


@pytest.fixture
def open_as(page, client, live_server, cast):
    def open_as(role, path=""):
        client.force_login(getattr(cast, role))
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key, "url": live_server.url}
        page.context.add_cookies([cookie])
        page.goto(f"/{cast.strategy.slug}/needs/{path}")
        return page

    return open_as


def press(page, name):
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def follow(page, name):
    page.get_by_role("main").get_by_role("link", name=name, exact=True).click()


def test_a_need_becomes_a_measure_whose_light_the_council_sees(open_as, cast):
    page = open_as("staff_council")
    follow(page, "Bedarf anmelden")
    expect(page.get_by_label("Rechtsgrundlage des Antrags")).to_be_hidden()
    page.get_by_role("radio", name="Antrag nach § 84 LPVG").check()
    expect(page.get_by_label("Rechtsgrundlage des Antrags")).to_be_visible()
    page.get_by_role("radio", name="informelles Anliegen").check()
    page.locator("[name=title]").fill("Ruheräume in den Bürgerbüros")
    page.locator("[name=text]").fill("Es fehlen Ruheräume.")
    press(page, "Entwurf speichern")
    expect(page.locator("h1")).to_have_text("Ruheräume in den Bürgerbüros")
    follow(page, "Bedarf einreichen")
    expect(page.get_by_text("Ab dann lesen Projektgruppe")).to_be_visible()
    press(page, "Bedarf einreichen")
    expect(page.get_by_text("21 Tage bis zur Antwort")).to_be_visible()

    it_is_adopted(open_as, cast)
    it_runs_into_delay(cast)

    row = open_as("staff_council").get_by_role("row").filter(has_text="Ruheräume in den Bürgerbüros")
    expect(row).to_contain_text("Beantwortet: übernommen")
    expect(row).to_contain_text(re.compile(r"A1\s+Ruheräume für alle\s*gefährdet · 40 %"))


def it_is_adopted(open_as, cast):
    page = open_as("project_group", f"{Need.objects.get().pk}/")
    expect(page.locator("[name=field]")).to_be_hidden()
    page.get_by_role("radio", name="übernehmen").check()
    expect(page.locator("[name=merged_into]")).to_be_hidden()
    page.locator("[name=field]").select_option(str(cast.field.pk))
    page.locator("[name=title]").fill("Ruheräume für alle")
    page.locator("[name=reason]").fill("Das nehmen wir auf.")
    press(page, "Antwort absenden")
    expect(page.get_by_text("Der Gesamtpersonalrat kann einmal Einwand erheben.")).to_be_visible()


def it_runs_into_delay(cast):
    measure = Measure.objects.get()
    changes = {"goal": "Bis 2027", "stage": cast.stage, "lead_unit": cast.unit, "responsible_function": "Leitung"}
    measure.edit(by=cast.actor("project_group"), version=measure.version, changes=changes)
    for step in (cast.submit, cast.agree, cast.decide, cast.start):
        step(measure)
    measure.report_status(
        by=cast.actor("project_group"), light=cast.light("triangle"), progress=40, text="Die Räume sind knapp."
    )
