"""Signing in, as a person does it: in a browser, on the page everyone sees first."""

import pytest
from playwright.sync_api import expect

from tests.factories import MembershipFactory

pytestmark = pytest.mark.sqlite
PASSWORD = "lang-genug-und-geheim"


@pytest.fixture
def person(transactional_db):
    user = MembershipFactory().user
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_the_sign_in_page_is_accessible(page, axe, scheme, width):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/accounts/login/")

    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def sign_in(page, name, password):
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(name)
    page.locator("[name=password]").fill(password)
    page.locator("[name=password]").press("Enter")


def test_a_person_signs_in_with_name_or_address(page, person):
    for name in (person.username, person.email):
        page.context.clear_cookies()
        sign_in(page, name, PASSWORD)

        expect(page.locator(".wt-who")).to_be_visible()


def test_a_wrong_password_is_told_and_tells_nothing(page, axe, person):
    sign_in(page, person.username, "falsch")
    expect(page.locator("[data-error-summary]")).to_be_visible()
    of_a_person = page.locator("main").inner_text()
    axe(page)
    sign_in(page, "niemand", "falsch")

    expect(page.locator("[data-error-summary]")).to_be_visible()
    assert page.locator("main").inner_text() == of_a_person
