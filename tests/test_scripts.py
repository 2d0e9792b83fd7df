"""Promise P19: no script runs from any text field. A hostile text stands in every row of a strategy; a browser opens
every page as somebody who sees it, and anything the page's own scripts did not bring counts as a fault.
"""

from collections import defaultdict
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from tests.api.conftest import Program
from tests.measures.sheets import Desk, text
from tests.pages import typed_on
from tests.test_access_matrix import TABLE, URLS, furnish
from tests.world import INSIDE, World

HOSTILE = "'\"><img src=x onerror=alert(1)>"
PAGES = [name for name in URLS if not name.startswith(("api:", "mfa_", "account_")) and 200 in TABLE[name].get]
TOLD = "breach(location.pathname + ' ' + e.violatedDirective)"


@pytest.fixture
def world(transactional_db):
    return furnish(World(HOSTILE))


def walks(world):
    """{who: [addresses]}: each page once, as the first who sees it."""
    found = defaultdict(list)
    for name in sorted(PAGES):
        who = next((person for person in INSIDE if person in TABLE[name].get[200]), None)
        if who:
            found[who].append(reverse(name, kwargs=TABLE[name].kwargs(world, URLS[name])))
    return found


@pytest.fixture
def faults(page):
    """Where a script ran, or tried to."""
    found = []
    page.on("dialog", lambda dialog: (found.append(page.url), dialog.dismiss()))
    page.expose_function("breach", lambda told: found.append(told))
    page.add_init_script(f"addEventListener('securitypolicyviolation', (e) => {TOLD})")
    return found


def signed_in(page, live_server, user):
    """The page is theirs from now on; returns a client of the same session."""
    client = Client()
    client.force_login(user)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key, "url": live_server.url}
    page.context.add_cookies([cookie])
    return client


def test_no_text_runs_as_a_script(page, faults, world, live_server):
    seen = 0
    for who, addresses in walks(world).items():
        client = signed_in(page, live_server, getattr(world, who))
        for address in addresses:
            answer = client.get(address)
            if not answer["Content-Type"].startswith("text/html"):
                continue
            assert "unsafe" not in answer["Content-Security-Policy"], address
            page.goto(address)
            seen += "onerror=alert(1)" in page.content() or "onerror" in page.inner_text("body")

    assert faults == []
    assert seen > 50  # the texts do stand there


def test_no_text_runs_whichever_way_it_comes_in(page, faults, live_server, transactional_db):
    """By a program, a table, a form, a form that is refused, and by an address."""
    world = World()
    here, program, desk = f"/{world.strategy.slug}", Program(world, "project_group"), Desk(world)
    client = signed_in(page, live_server, world.project_group)
    sent = {"title": HOSTILE, "field": world.field.letter, "goal": HOSTILE, "description": HOSTILE, "tags": [HOSTILE]}
    by_program = program.ask("post", "measures/", sent)
    by_table = desk.upload(text(("Titel", "Handlungsfeld", HOSTILE), (HOSTILE, "A", HOSTILE)), f"{HOSTILE}.csv")
    create = f"{here}/measures/new/"
    by_form = client.post(create, typed_on(client.get(create), title=HOSTILE, field=world.field.pk))
    edit = f"{by_form.url}edit/"
    refused = {"title": "", "goal": HOSTILE, "ends_on": HOSTILE}
    asked = urlencode({"q": HOSTILE, "sort": HOSTILE, "on": HOSTILE})

    measure = f"{here}/measures/{by_program.json()['code']}/"
    addresses = [measure, f"{measure}history/", f"{measure}edit/", by_table.get_absolute_url(), by_form.url]
    for address in (*addresses, f"{here}/measures/", f"{here}/measures/?{asked}", f"{here}/search/?{asked}"):
        assert "onerror" in client.get(address).content.decode(), address
        page.goto(address)
    page.goto(edit)
    for name, typed in refused.items():
        page.locator(f"[name={name}]").fill(typed)
    page.locator(".savebar button").first.click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()

    assert faults == []


def test_a_script_in_a_page_would_be_noticed(context, live_server, transactional_db):
    """The negative control: the policy refuses it, and the test hears of that."""
    page, breaches = context.new_page(), []
    page.expose_function("breach", lambda told: breaches.append(told))
    page.add_init_script(f"addEventListener('securitypolicyviolation', (e) => {TOLD})")
    page.goto("/accounts/login/")

    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
    page.wait_for_timeout(500)

    assert len(breaches) == 1
    page.close()
