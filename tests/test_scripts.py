"""Promise P19: no script runs from any text field. A hostile text stands in every row of a strategy; a browser opens
every page as somebody who sees it, and anything the page's own scripts did not bring counts as a fault.
"""

from collections import defaultdict

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

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


def test_no_text_runs_as_a_script(page, world, live_server):
    dialogs, breaches, seen = [], [], 0
    page.on("dialog", lambda dialog: (dialogs.append(page.url), dialog.dismiss()))
    page.expose_function("breach", lambda told: breaches.append(told))
    page.add_init_script(f"addEventListener('securitypolicyviolation', (e) => {TOLD})")
    for who, addresses in walks(world).items():
        client = Client()
        client.force_login(getattr(world, who))
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key, "url": live_server.url}
        page.context.add_cookies([cookie])
        for address in addresses:
            answer = client.get(address)
            if not answer["Content-Type"].startswith("text/html"):
                continue
            assert "unsafe" not in answer["Content-Security-Policy"], address
            page.goto(address)
            seen += "onerror=alert(1)" in page.content() or "onerror" in page.inner_text("body")

    assert (dialogs, breaches) == ([], [])
    assert seen > 50  # the texts do stand there


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
