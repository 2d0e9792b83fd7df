"""Typing prose: signs by key and by button, a preview, and nothing of it needed."""

import pytest
from django.conf import settings
from django.db import transaction
from playwright.sync_api import expect

from measures.models import Measure


@pytest.fixture
def edit(page, client, live_server, transactional_db):
    """The form of a draft, opened by the project group."""
    from tests.factories import Cast  # needs the apps loaded

    cast = Cast()
    with transaction.atomic():
        measure = cast.measure(description="Wissen bleibt")
    client.force_login(cast.project_group)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key, "url": live_server.url}
    page.context.add_cookies([cookie])
    page.goto(f"{measure.get_absolute_url()}edit/")
    return page


def test_prose_is_typed_with_keys_and_buttons_and_seen_before_it_is_saved(edit, axe):
    field = edit.locator(".field:has([name=description])")
    area, bar = field.locator("textarea"), field.get_by_role("toolbar")

    area.focus()
    edit.keyboard.press("Control+a")
    edit.keyboard.press("Control+b")
    expect(area).to_have_value("**Wissen bleibt**")
    edit.keyboard.press("Control+b")
    expect(area).to_have_value("Wissen bleibt")
    edit.keyboard.press("Control+i")
    edit.keyboard.press("Control+z")
    expect(area).to_have_value("Wissen bleibt")
    edit.keyboard.press("Control+End")
    edit.keyboard.type("\neins\nzwei")
    edit.keyboard.press("Shift+ArrowUp")
    bar.locator("button").first.focus()
    edit.keyboard.press("ArrowRight")
    edit.keyboard.press("ArrowRight")
    edit.keyboard.press("Enter")
    expect(area).to_have_value("Wissen bleibt\n\n- eins\n- zwei")
    edit.keyboard.press("Control+End")
    edit.keyboard.type("\n\n")
    edit.keyboard.press("Control+k")
    edit.keyboard.type("https://www.stuttgart.de")
    height = edit.evaluate("document.documentElement.scrollHeight")

    bar.locator("[data-preview]").click()

    expect(field.locator(".prose-shown li")).to_have_text(["eins", "zwei"])
    expect(field.locator(".prose-shown a")).to_have_attribute("href", "https://www.stuttgart.de")
    assert edit.evaluate("document.documentElement.scrollHeight") == height
    axe(edit)
    edit.locator(".savebar button").click()
    edit.wait_for_url("**/measures/*/")
    assert "- eins\n- zwei\n\n[" in Measure.objects.get().description
