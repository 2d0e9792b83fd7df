"""App, recovery codes and passkeys as a person meets them; the passkey is Chromium's virtual authenticator."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from playwright.sync_api import expect

from tests.factories import Cast

PASSWORD = "lang-genug-und-geheim"
WHITE = re.compile(r"oklch\(1 0 0\)|rgb\(255, 255, 255\)")


@pytest.fixture
def cast(transactional_db):
    cache.clear()
    return Cast()


@pytest.fixture
def person(cast):
    cast.project_group.set_password(PASSWORD)
    cast.project_group.language = "de"
    cast.project_group.save()
    return cast.project_group


@pytest.fixture
def authenticator(page, live_server):
    """A passkey in the browser; passkeys need a name for a host, which an address is not."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.fixture
def home(live_server):
    return live_server.url.replace("127.0.0.1", "localhost")


def sign_in(page, home, person):
    page.goto(f"{home}/accounts/login/")
    page.get_by_label("Benutzername oder dienstliche E-Mail").fill(person.username)
    page.get_by_label("Kennwort", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Anmelden", exact=True).click()


def sign_out(page, home):
    page.goto(f"{home}/accounts/logout/")
    page.locator("main").get_by_role("button", name="Abmelden").click()
    expect(page.get_by_label("Kennwort", exact=True)).to_be_visible()


def confirm(page):
    page.get_by_label("Kennwort").fill(PASSWORD)
    page.get_by_role("button", name="Bestätigen").click()


def fresh_code(secret, used=()):
    """The code of this half minute, or of the next where this one has been used."""
    while (code := format_hotp_value(hotp_value(secret, int(time.time()) // 30))) in used:
        time.sleep(1)
    return code


def test_somebody_sets_up_the_app_signs_in_with_it_and_recovers(page, axe, cast, person, home):
    cast.strategy.second_factor_roles = ["project_group"]
    cast.strategy.save()
    sign_in(page, home, person)
    expect(page.get_by_text("Ihre Rolle braucht einen zweiten Faktor.")).to_be_visible()
    axe(page)

    page.get_by_role("link", name="App einrichten").click()
    axe(page)
    confirm(page)
    page.emulate_media(color_scheme="dark")
    code = page.get_by_role("img", name=re.compile("QR-Code"))
    expect(code).to_be_visible()
    expect(code).to_have_css("background-color", WHITE)  # a camera reads it dark on light
    axe(page)
    secret = page.get_by_label("Oder den Schlüssel in die App eintippen").input_value()
    page.get_by_label("Sicherheitscode").fill(fresh_code(secret))
    page.get_by_role("button", name="App einrichten").click()

    codes = page.get_by_label("Ihre Wiederherstellungscodes").input_value().split()
    assert len(codes) == 10
    axe(page)
    page.get_by_role("link", name="Ich habe die Codes aufbewahrt").click()
    expect(page.get_by_text("Noch 10 Codes.")).to_be_visible()
    axe(page)

    sign_out(page, home)
    sign_in(page, home, person)
    expect(page.get_by_role("heading", name="Zweiter Faktor")).to_be_visible()
    axe(page)
    page.get_by_label("Sicherheitscode").fill("000000")
    page.get_by_role("button", name="Anmelden").click()
    expect(page.locator("#id_code_error")).to_contain_text("Dieser Code ist falsch oder gilt nicht mehr.")
    page.get_by_label("Sicherheitscode").fill(fresh_code(secret))
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.url == f"{home}/{cast.strategy.slug}/"

    sign_out(page, home)
    sign_in(page, home, person)
    page.get_by_label("Sicherheitscode").fill(codes[0])
    page.get_by_role("button", name="Anmelden").click()
    page.goto(f"{home}/accounts/me/security/")
    expect(page.get_by_text("Noch 9 Codes.")).to_be_visible()


@pytest.mark.usefixtures("authenticator")
def test_somebody_adds_a_passkey_and_signs_in_with_it_alone(page, axe, cast, person, home):
    sign_in(page, home, person)
    page.goto(f"{home}/accounts/me/security/")
    page.get_by_role("link", name="Passkey einrichten").click()
    confirm(page)
    axe(page)
    page.get_by_label("Name").fill("Dienst-Laptop")
    page.get_by_role("button", name="Passkey einrichten").click()
    expect(page.get_by_label("Ihre Wiederherstellungscodes")).to_be_visible()
    page.goto(f"{home}/accounts/me/security/")
    expect(page.get_by_text("Dienst-Laptop").first).to_be_visible()

    sign_out(page, home)
    page.get_by_role("button", name="Mit Passkey anmelden").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_url(f"{home}/{cast.strategy.slug}/")

    page.goto(f"{home}/accounts/me/security/")
    page.get_by_role("link", name="Umbenennen").click()
    page.get_by_role("link", name="mit einem Passkey").click()
    axe(page)
    page.get_by_role("button", name="Passkey verwenden").click()
    page.get_by_label("Name").fill("Altes Telefon")
    axe(page)
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_text("Altes Telefon").first).to_be_visible()

    page.get_by_role("link", name="Entfernen").click()
    axe(page)
    page.get_by_role("button", name="Passkey entfernen").click()
    expect(page.get_by_text("Der Passkey ist entfernt.")).to_be_visible()
    expect(page.get_by_text("Altes Telefon")).to_have_count(0)


@pytest.mark.usefixtures("authenticator")
def test_a_passkey_serves_after_the_password(page, cast, person, home):
    sign_in(page, home, person)
    page.goto(f"{home}/accounts/second-factor/passkeys/add/")
    confirm(page)
    page.get_by_label("Damit allein anmelden").uncheck()
    page.get_by_role("button", name="Passkey einrichten").click()
    expect(page.get_by_label("Ihre Wiederherstellungscodes")).to_be_visible()

    sign_out(page, home)
    sign_in(page, home, person)
    page.get_by_role("button", name="Passkey verwenden").click()

    page.wait_for_url(f"{home}/{cast.strategy.slug}/")


def test_without_a_passkey_the_page_says_so(page, person, home):
    page.goto(f"{home}/accounts/login/")
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('none')) }")

    page.get_by_role("button", name="Mit Passkey anmelden").click()

    expect(page.get_by_text("Der Passkey wurde nicht verwendet.")).to_be_visible()
