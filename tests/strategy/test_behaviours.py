"""What scripts add to pages that work without them, seen in a browser."""

import re

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import expect

from measures.models import Measure


@pytest.fixture
def cast(transactional_db):
    from tests.factories import Cast  # needs the apps loaded

    return Cast()


@pytest.fixture
def signed_in(page, client, live_server, cast):
    """Opens pages as the project group."""
    client.force_login(cast.project_group)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key, "url": live_server.url}
    page.context.add_cookies([cookie])
    return page


@pytest.fixture
def base(cast):
    return f"/{cast.strategy.slug}"


def theme_of(page):
    return page.evaluate("getComputedStyle(document.documentElement).colorScheme")


def test_the_chosen_theme_stays(signed_in, base):
    signed_in.goto(f"{base}/measures/")
    signed_in.locator(".wt-who summary").click()
    signed_in.locator("[data-theme-choice=dark]:visible").click()

    signed_in.reload()

    assert theme_of(signed_in) == "dark"
    expect(signed_in.locator("[data-theme-choice=dark]").first).to_have_attribute("aria-pressed", "true")


def test_escape_closes_the_menu_and_gives_the_focus_back(signed_in, base):
    signed_in.goto(f"{base}/measures/")
    signed_in.locator(".wt-who summary").click()

    signed_in.keyboard.press("Escape")

    expect(signed_in.locator(".wt-who details[open]")).to_have_count(0)
    expect(signed_in.locator(".wt-who summary")).to_be_focused()


def test_the_slash_goes_to_the_search_but_not_out_of_a_field(signed_in, base):
    signed_in.goto(f"{base}/measures/")

    signed_in.keyboard.press("/")
    signed_in.keyboard.type("A/B")

    expect(signed_in.locator("#search")).to_have_value("A/B")


def test_leaving_with_unsaved_changes_asks_first(signed_in, base):
    asked = []
    signed_in.on("dialog", lambda dialog: asked.append(dialog.type) or dialog.accept())
    signed_in.goto(f"{base}/measures/new/")
    signed_in.locator("[name=title]").fill("Neu")

    signed_in.goto(f"{base}/measures/")

    assert asked == ["beforeunload"]


def test_leaving_without_changes_asks_nothing(signed_in, base):
    asked = []
    signed_in.on("dialog", lambda dialog: asked.append(dialog.type) or dialog.accept())
    signed_in.goto(f"{base}/measures/new/")

    signed_in.goto(f"{base}/measures/")

    assert asked == []


def test_a_double_click_sends_a_form_once(signed_in, base, cast):
    measure = cast.measure(Measure.State.DECIDED)
    posts = []
    signed_in.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    signed_in.goto(f"{base}/measures/{measure.code}/start/")

    signed_in.locator(".savebar button").dblclick()
    signed_in.wait_for_url(f"**/measures/{measure.code}/")

    assert len(posts) == 1


def test_errors_take_the_focus_to_their_summary(signed_in, base, cast):
    measure = cast.measure(Measure.State.IN_REVIEW)
    signed_in.goto(f"{base}/measures/{measure.code}/send-back/")

    signed_in.locator(".savebar button").click()

    signed_in.locator("[data-error-summary]:focus").wait_for()
    expect(signed_in).to_have_title(re.compile("^(Error|Fehler):"))


def test_an_ended_session_shows_the_sign_in_as_a_whole_page(signed_in, base, client, cast):
    cast.measure(Measure.State.RUNNING)
    signed_in.goto(f"{base}/measures/")
    SessionStore(client.session.session_key).delete()

    signed_in.locator(".filters [name=q]").press_sequentially("x")
    signed_in.wait_for_url("**/accounts/login/**")

    expect(signed_in.locator("form[action*=login] [name=password]")).to_have_count(1)
