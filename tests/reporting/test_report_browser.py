"""A build as people see it: the panel moves by itself, with a real worker behind it, and ends with two documents."""

import pytest
from django.db import transaction
from django.test import Client
from playwright.sync_api import expect

from reporting.models import CouncilReport
from tests.factories import Cast

from . import reports

WAIT = 60_000  # milliseconds against hanging


@pytest.fixture
def people(transactional_db):
    with transaction.atomic():
        return Cast()


def sign_in(page, live_server, user):
    client = Client()
    client.force_login(user)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])


def test_the_panel_follows_the_build_to_its_end(live_server, worker, people, page, axe):
    with transaction.atomic():
        report = reports.asked(people)
        for name in ("department_head", "other_head"):
            reports.sign(people, report, name)
    sign_in(page, live_server, people.project_group)
    page.goto(live_server.url + report.get_absolute_url())
    axe(page)

    page.locator("main .head form button").click()
    page.locator("#build progress, #build .bar").wait_for(timeout=WAIT)
    page.locator(f'main .head a[href$="/{report.pk}/submit/"]').wait_for(timeout=WAIT)

    expect(page.locator("#build")).to_have_count(0)
    expect(page.locator('a[href*="/pdf/?variant="]')).to_have_count(2)
    axe(page)
    with page.expect_download() as download:
        page.locator('a[href*="/pdf/?variant=public"]').click()
    assert download.value.suggested_filename == "GRDrs-101-2026-public.pdf"


def test_without_script_the_page_of_a_build_asks_again_by_itself(live_server, people, browser, page):
    with transaction.atomic():
        report = reports.started(people).report
    plain = browser.new_context(java_script_enabled=False, locale="de-DE").new_page()
    sign_in(plain, live_server, people.project_group)
    plain.goto(live_server.url + report.get_absolute_url())
    expect(plain.locator("#build")).to_have_count(1)

    CouncilReport.objects.get(pk=report.pk).cancel(by=people.actor("project_group"))

    plain.locator("#build ol").wait_for(state="detached", timeout=WAIT)
    plain.context.close()
