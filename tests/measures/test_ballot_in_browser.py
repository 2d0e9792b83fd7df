"""A ranking list in a browser: by keyboard, by mouse, by touch, without script; what fails loses nothing."""

import random
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from measures.models import Ballot, Measure, RankingRound
from measures.ordering import moved
from tests.factories import FieldFactory, MeasureFactory
from tests.measures import rankings

PASSWORD = "nur für diesen Test"


@pytest.fixture
def cast(transactional_db):
    from tests.factories import Cast  # needs the apps loaded

    return Cast()


@pytest.fixture
def open_round(cast):
    """Opens a round of so many measures in two fields of action, in which the department head votes."""

    @transaction.atomic  # the next code of a field is taken under a lock
    def open_round(measures=6, **values):
        fields = [cast.field, FieldFactory(strategy=cast.strategy, letter="B")]
        same = {"strategy": cast.strategy, "stage": cast.stage, "lead_unit": cast.unit}
        handed_over = {"state": Measure.State.IN_REVIEW, "submitted_on": timezone.localdate()}
        chosen = [
            MeasureFactory(title=f"Maßnahme {number}", field=fields[2 * number > measures], **same, **handed_over)
            for number in range(1, measures + 1)
        ]
        return rankings.open_(cast, measures=chosen, **values)

    return open_round


@pytest.fixture
def sign_in(client, live_server, cast):
    def sign_in(context, who=None):
        client.force_login(who or cast.department_head)
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key, "url": live_server.url}
        context.add_cookies([cookie])

    return sign_in


@pytest.fixture
def open_ballot(page, sign_in, live_server, cast):
    """The department head's list, with so many measures placed already, in the round's order."""

    def open_ballot(ranking, placed=0, on=page, scripted=True):
        if placed:
            rankings.arrange(ranking, cast.department_head, rankings.items(ranking)[:placed])
        sign_in(on.context)
        on.goto(f"{live_server.url}{url_of(ranking)}")
        if scripted:
            expect(on.locator("[data-ballot]")).to_have_attribute("data-scripted", "")
        return on

    return open_ballot


def url_of(ranking):
    return f"{ranking.get_absolute_url()}ballot/"


def stored(ranking, cast):
    return rankings.ballot_of(ranking, cast.department_head)


def titles(page):
    return page.locator("[data-band] .bn").all_text_contents()


def row(page, title):
    return page.locator("[data-item]", has=page.get_by_role("link", name=title, exact=True))


def said(page):
    return page.locator("[data-ballot-live]")


def expect_saved(page, ranking, cast):
    """The page says so, and the stored order is the one on the screen."""
    expect(page.locator("[data-ballot]")).not_to_have_attribute("data-unsaved", "")
    assert kept_in_browser(page) == 0
    expect(page.locator("[data-ballot-fault]")).to_have_text("")
    expect(page.locator("[data-ballot-saved]")).to_have_text(re.compile(r"^Gespeichert um \d\d:\d\d$"))
    names = dict(ranking.measures.values_list("pk", "title"))
    assert [names[item] for item in stored(ranking, cast).order] == titles(page)


def kept_in_browser(page):
    return page.evaluate("Object.entries(localStorage).filter(([key]) => key.startsWith('ballot:')).length")


# Three ways


def test_a_head_ranks_48_measures_by_keyboard_alone(page, open_round, open_ballot, cast):
    ranking = open_round(48)
    open_ballot(ranking)
    names = [f"Maßnahme {number}" for number in range(1, 49)]
    first = page.locator(".b-append").first
    while not first.evaluate("button => button === document.activeElement"):
        page.keyboard.press("Tab")

    for placed, _name in enumerate(names, 1):
        page.keyboard.press("Enter")
        expect(page.locator("[data-band] > li")).to_have_count(placed)
    expect(page.locator("#rest")).to_be_focused()
    expect(said(page)).to_have_text("Maßnahme 48 jetzt auf Platz 48 von 48")
    assert titles(page) == names

    down = row(page, "Maßnahme 12").locator("[value^=down]")
    down.focus()
    page.keyboard.press("Alt+ArrowDown")  # over the edge of the first quarter
    expect(said(page)).to_have_text("Maßnahme 12 jetzt auf Platz 13 von 48")
    expect(down).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Alt+ArrowUp")
    expect(said(page)).to_have_text("Maßnahme 12 jetzt auf Platz 11 von 48")
    expect(down).to_be_focused()
    place = row(page, "Maßnahme 40").locator(".pos")
    place.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(said(page)).to_have_text("Maßnahme 40 jetzt auf Platz 3 von 48")
    expect(place).to_be_focused()
    expect_saved(page, ranking, cast)

    page.locator("[data-ballot-submit]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/ballot/submit/")
    page.locator(".savebar button").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{url_of(ranking)}")

    ballot = stored(ranking, cast)
    assert ballot.state == Ballot.State.SUBMITTED
    expect(page.locator(".receipt")).to_have_text(ballot.receipt)
    items = rankings.items(ranking)
    assert ballot.order == moved(moved(items, "up", items[11]), "to", items[39], 3)


def drag(page, handle, target, beside=0.25):
    """By hand: seize, pull in steps, drop on the upper (or lower) part of the target."""
    handle.scroll_into_view_if_needed()
    start, end = handle.bounding_box(), target.bounding_box()
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    for nudge in (0, 2, 4):  # rows make room in between, as under a hand
        page.mouse.move(end["x"] + 60 + nudge, end["y"] + end["height"] * beside, steps=4)
        page.wait_for_timeout(150)
    page.mouse.up()


def test_rows_are_dragged_in_within_and_out(page, open_round, open_ballot, cast):
    ranking = open_round(8)
    page.set_viewport_size({"width": 1440, "height": 1200})
    open_ballot(ranking, placed=4)

    drag(page, row(page, "Maßnahme 7").locator("[data-grip]"), row(page, "Maßnahme 1"))
    expect(said(page)).to_have_text("Maßnahme 7 jetzt auf Platz 1 von 5")
    assert titles(page) == ["Maßnahme 7", *(f"Maßnahme {n}" for n in (1, 2, 3, 4))]

    drag(page, row(page, "Maßnahme 7").locator("[data-grip]"), row(page, "Maßnahme 3"), beside=0.75)
    expect(said(page)).to_have_text("Maßnahme 7 jetzt auf Platz 4 von 5")
    assert titles(page) == [f"Maßnahme {n}" for n in (1, 2, 3, 7, 4)]

    drag(page, row(page, "Maßnahme 2").locator("[data-grip]"), row(page, "Maßnahme 6"))
    expect(said(page)).to_have_text("Maßnahme 2 herausgenommen; 4 von 8 eingeordnet")
    assert titles(page) == [f"Maßnahme {n}" for n in (1, 3, 7, 4)]
    rest = page.locator("[data-rest] .bn").all_text_contents()
    assert rest == [f"Maßnahme {n}" for n in (2, 5, 6, 8)]  # back where it came from, wherever it was dropped
    expect_saved(page, ranking, cast)


@pytest.fixture
def phone(browser, browser_context_args):
    small = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    context = browser.new_context(**browser_context_args | small)
    yield context.new_page()
    context.close()


def test_on_a_phone_places_are_tapped_and_typed(phone, open_round, open_ballot, cast):
    ranking = open_round(8)
    page = open_ballot(ranking, placed=4, on=phone)
    assert page.locator("[data-grip]:visible").count() == 0

    page.locator("[data-ballot-left]").tap()
    row(page, "Maßnahme 8").locator(".b-append").tap()
    expect(said(page)).to_have_text("Maßnahme 8 jetzt auf Platz 5 von 5")
    row(page, "Maßnahme 8").locator("[value^=up]").tap()
    expect(said(page)).to_have_text("Maßnahme 8 jetzt auf Platz 4 von 5")
    row(page, "Maßnahme 1").locator("[value^=remove]").tap()
    row(page, "Maßnahme 8").locator(".pos").tap()
    row(page, "Maßnahme 8").locator(".pos").fill("1")
    page.locator("h1").tap()  # number pads have no Enter: leaving the field moves
    expect(said(page)).to_have_text("Maßnahme 8 jetzt auf Platz 1 von 4")

    assert titles(page) == [f"Maßnahme {n}" for n in (8, 2, 3, 4)]
    expect_saved(page, ranking, cast)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.slow
def test_another_head_ranks_48_measures_by_drag(page, open_round, open_ballot, cast):
    ranking = open_round(48)
    page.set_viewport_size({"width": 1440, "height": 1200})
    open_ballot(ranking)
    names = [f"Maßnahme {number}" for number in range(1, 49)]

    drag(page, row(page, names[0]).locator("[data-grip]"), page.locator("[data-band]").first)
    for place, name in enumerate(names[1:], 2):
        drag(page, row(page, name).locator("[data-grip]"), page.locator("[data-band] .brow").first)
        expect(said(page)).to_have_text(f"{name} jetzt auf Platz 1 von {place}")

    assert titles(page) == names[::-1]
    expect_saved(page, ranking, cast)


@pytest.mark.slow
def test_a_third_ranks_48_measures_by_touch_at_360_pixels(phone, open_round, open_ballot, cast):
    ranking = open_round(48)
    open_ballot(ranking, on=phone)
    names = [f"Maßnahme {number}" for number in range(1, 49)]

    for place, name in enumerate(names, 1):
        row(phone, name).locator(".b-append").tap()
        expect(said(phone)).to_have_text(f"{name} jetzt auf Platz {place} von {place}")
    for _ in range(3):
        row(phone, names[47]).locator("[value^=up]").tap()
    expect(said(phone)).to_have_text("Maßnahme 48 jetzt auf Platz 45 von 48")
    phone.locator("[data-ballot-submit]").tap()
    phone.locator(".savebar button").tap()
    expect(phone.locator(".receipt")).to_be_visible()

    items = rankings.items(ranking)
    assert stored(ranking, cast).order == moved(items, "to", items[47], 45)


def test_a_row_offers_only_what_applies_to_it(page, open_round, open_ballot):
    open_ballot(open_round(6), placed=4)

    placed, left = row(page, "Maßnahme 1"), row(page, "Maßnahme 6")

    expect(placed.locator(".b-append")).to_be_hidden()
    expect(placed.locator(".pos, .b-placed")).to_have_count(2)
    for shown in (placed.locator(".pos"), placed.locator(".b-placed"), left.locator(".b-append")):
        expect(shown).to_be_visible()
    for hidden in (left.locator(".pos"), left.locator(".b-placed")):
        expect(hidden).to_be_hidden()


def test_each_way_to_move_is_said_once(page, open_round, open_ballot):
    open_ballot(open_round(6), placed=4)
    page.evaluate(
        """() => {
            window.heard = [];
            for (const line of document.querySelectorAll("[role=status], [role=alert]"))
                new MutationObserver(() => line.textContent.trim() && heard.push(line.textContent)).observe(
                    line, {childList: true, subtree: true, characterData: true});
        }"""
    )
    ways = [
        lambda: row(page, "Maßnahme 2").locator("[value^=up]").click(),
        lambda: row(page, "Maßnahme 2").locator("[value^=down]").press("Alt+ArrowDown"),
        lambda: row(page, "Maßnahme 2").locator(".pos").fill("4"),
        lambda: row(page, "Maßnahme 2").locator(".pos").press("Enter"),
        lambda: row(page, "Maßnahme 5").locator(".b-append").click(),
        lambda: row(page, "Maßnahme 5").locator("[value^=remove]").click(),
        lambda: page.locator("[data-ballot-undo] button").click(),
    ]

    for way in ways:
        way()
        page.wait_for_timeout(500)

    assert page.evaluate("heard") == [
        "Maßnahme 2 jetzt auf Platz 1 von 4",
        "Maßnahme 2 jetzt auf Platz 2 von 4",
        "Maßnahme 2 jetzt auf Platz 4 von 4",
        "Maßnahme 5 jetzt auf Platz 5 von 5",
        "Maßnahme 5 herausgenommen; 4 von 6 eingeordnet",
        "Letzte Änderung rückgängig gemacht; 5 von 6 eingeordnet",
    ]


def test_what_is_no_place_is_said_at_its_field(page, open_round, open_ballot):
    open_ballot(open_round(6), placed=4)
    field = row(page, "Maßnahme 3").locator(".pos")

    field.fill("0")
    field.press("Enter")

    expect(row(page, "Maßnahme 3").locator("[role=alert]")).to_have_text("Bitte geben Sie einen Platz von 1 bis 4 ein.")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("0")
    assert titles(page) == [f"Maßnahme {n}" for n in (1, 2, 3, 4)]
    field.fill("99")
    field.press("Enter")
    expect(said(page)).to_have_text("Maßnahme 3 jetzt auf Platz 4 von 4")
    assert row(page, "Maßnahme 3").locator("[role=alert]").count() == 0


def test_where_all_places_are_taken_the_page_says_so(page, open_round, open_ballot):
    open_ballot(open_round(6, method="top", top_n=2), placed=1)

    row(page, "Maßnahme 4").locator(".b-append").click()
    row(page, "Maßnahme 5").locator(".b-append").press("Enter")

    expect(said(page)).to_have_text("Alle 2 Plätze sind vergeben. Bitte nehmen Sie zuerst eine Maßnahme heraus.")
    assert titles(page) == ["Maßnahme 1", "Maßnahme 4"]


def test_script_and_server_move_alike(page, open_round, open_ballot):
    open_ballot(open_round(2))
    chance = random.Random(48)  # noqa: S311 no secret, the same moves each time
    cases = []
    for _ in range(500):
        order = chance.sample(range(1, 60), chance.randint(0, 48))
        item = chance.choice(order) if order and chance.random() < 0.8 else chance.randint(60, 70)
        cases.append([order, chance.choice(["up", "down", "to", "append", "remove"]), item, chance.randint(-2, 60)])

    by_script = page.evaluate(
        "async (cases) => { const {moved} = await import('/static/js/ballot-order.js');"
        " return cases.map((each) => moved(...each)); }",
        cases,
    )

    assert by_script == [moved(*case) for case in cases]


# Nothing is lost


def test_the_sheet_is_a_click_away_and_back_again(page, open_round, open_ballot, cast):
    ranking = open_round(6)
    open_ballot(ranking, placed=4)

    row(page, "Maßnahme 4").locator("[value^=up]").click()
    page.get_by_role("link", name="Maßnahme 2", exact=True).click()
    page.wait_for_url("**/measures/*/")
    page.go_back()

    assert titles(page) == [f"Maßnahme {n}" for n in (1, 2, 4, 3)]
    expect_saved(page, ranking, cast)


def test_a_dropped_connection_loses_nothing(page, open_round, open_ballot, cast):
    ranking = open_round(6)
    open_ballot(ranking, placed=4)

    page.context.set_offline(True)
    row(page, "Maßnahme 4").locator("[value^=up]").click()
    fault = page.get_by_role("alert").filter(has_text="Nicht gespeichert, neuer Versuch in 5 Sekunden")
    expect(fault).to_be_visible()
    row(page, "Maßnahme 4").locator("[value^=up]").click()
    page.locator("[data-ballot-submit]").click()  # what is not saved is not handed in
    expect(fault).to_be_visible()
    assert stored(ranking, cast).order == rankings.items(ranking)[:4]
    page.context.set_offline(False)

    expect(said(page)).to_have_text(re.compile("^Gespeichert um"))
    assert titles(page) == [f"Maßnahme {n}" for n in (1, 4, 2, 3)]
    expect_saved(page, ranking, cast)


def test_a_browser_closed_without_connection_keeps_the_order(page, open_round, open_ballot, cast):
    ranking = open_round(6)
    open_ballot(ranking, placed=4)
    page.context.set_offline(True)
    row(page, "Maßnahme 4").locator(".pos").fill("1")
    row(page, "Maßnahme 4").locator(".pos").press("Enter")
    expect(page.locator("[data-ballot-fault]")).to_have_text(re.compile("Nicht gespeichert"))
    page.close()
    again = page.context.new_page()
    again.wait_for_timeout(500)  # what the closed page still tried has failed by now
    page.context.set_offline(False)

    again.goto(url_of(ranking))

    expect(said(again)).to_have_text(
        "Ihre in diesem Browser aufbewahrte Reihenfolge ist wiederhergestellt; 4 von 6 eingeordnet"
    )
    assert titles(again) == [f"Maßnahme {n}" for n in (4, 1, 2, 3)]
    expect_saved(again, ranking, cast)


def test_an_ended_session_loses_nothing(page, open_round, open_ballot, cast):
    ranking = open_round(6)
    cast.department_head.set_password(PASSWORD)
    cast.department_head.save()
    open_ballot(ranking, placed=4)

    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    row(page, "Maßnahme 4").locator("[value^=up]").click()
    expect(page.locator("[data-ballot-fault]")).to_have_text(re.compile("^Nicht gespeichert: Sie sind abgemeldet."))
    page.get_by_role("link", name="Neu anmelden").click()
    page.fill("[name=login]", cast.department_head.username)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("[data-ballot]")).to_be_visible()

    assert titles(page) == [f"Maßnahme {n}" for n in (1, 2, 4, 3)]
    expect_saved(page, ranking, cast)


def test_signing_in_again_in_another_window_is_enough(page, open_round, open_ballot, sign_in, cast):
    ranking = open_round(6)
    page.clock.install()
    open_ballot(ranking, placed=4)
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    row(page, "Maßnahme 4").locator("[value^=up]").click()
    expect(page.locator("[data-ballot-fault]")).to_have_text(re.compile("^Nicht gespeichert: Sie sind abgemeldet."))

    sign_in(page.context)
    page.clock.fast_forward(5000)

    expect(said(page)).to_have_text(re.compile("^Gespeichert um"))
    expect_saved(page, ranking, cast)


def test_signing_out_leaves_nothing_in_the_browser(page, open_round, open_ballot):
    open_ballot(open_round(6), placed=4)
    page.route("**/arrange/", lambda route: route.abort())
    row(page, "Maßnahme 4").locator("[value^=up]").click()
    expect(page.locator("[data-ballot-fault]")).to_have_text(re.compile("Nicht gespeichert"))
    assert kept_in_browser(page) == 1

    page.locator(".wt-who summary").click()
    page.get_by_role("button", name="Abmelden").click()
    page.wait_for_url("**/accounts/login/")

    assert kept_in_browser(page) == 0


@pytest.mark.parametrize(
    ("choice", "holds", "other"), [("mine", (1, 2, 4, 3), (2, 3)), ("theirs", (2, 3), (1, 2, 4, 3))]
)
def test_of_two_lists_one_is_chosen_and_undo_brings_the_other(
    page, open_round, open_ballot, cast, choice, holds, other
):
    ranking = open_round(6)
    open_ballot(ranking, placed=4)
    rankings.arrange(ranking, cast.department_head, rankings.items(ranking)[1:3])  # in another window

    row(page, "Maßnahme 4").locator("[value^=up]").click()
    expect(page.locator("[data-ballot-conflict]")).to_be_focused()
    assert stored(ranking, cast).order == rankings.items(ranking)[1:3]
    page.locator(f"[data-ballot-choice={choice}]").click()
    expect(page.locator("[data-ballot-conflict]")).to_be_hidden()
    assert titles(page) == [f"Maßnahme {n}" for n in holds]
    expect_saved(page, ranking, cast)

    page.locator("[data-ballot-undo] button").click()
    expect(said(page)).to_have_text(re.compile("^Letzte Änderung rückgängig gemacht"))
    assert titles(page) == [f"Maßnahme {n}" for n in other]
    expect_saved(page, ranking, cast)


def test_who_comes_back_to_the_window_sees_what_another_has_done(page, open_round, open_ballot, cast):
    ranking = open_round(6)
    open_ballot(ranking, placed=4)
    rankings.arrange(ranking, cast.department_head, rankings.items(ranking)[1:3])

    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(said(page)).to_have_text("In einem anderen Fenster geändert; 2 von 6 eingeordnet")
    assert titles(page) == ["Maßnahme 2", "Maßnahme 3"]
    row(page, "Maßnahme 3").locator("[value^=up]").click()
    expect_saved(page, ranking, cast)


def test_who_is_too_late_is_told_and_sees_the_draft(page, open_round, open_ballot, cast):
    ranking = open_round(6)
    open_ballot(ranking, placed=4)
    RankingRound.objects.filter(pk=ranking.pk).update(closes_at=timezone.now() - timedelta(seconds=1))

    row(page, "Maßnahme 4").locator("[value^=up]").click()
    expect(page.locator("[data-ballot-fault]")).to_have_text(re.compile("zählt aber nicht"))
    page.reload()

    expect(page.locator(".note--warn")).to_contain_text("Ihr Entwurf bleibt für Sie sichtbar, zählt aber nicht.")
    expect(page.locator("[data-ballot-unsaved]")).to_be_visible()
    assert page.locator(".order .bn").all_text_contents() == [f"Maßnahme {n}" for n in (1, 2, 3, 4)]
    assert kept_in_browser(page) == 0


# Without script


def test_without_script_buttons_and_numbers_do_it(browser, browser_context_args, open_round, open_ballot, cast):
    ranking = open_round(6)
    page = browser.new_context(**browser_context_args, java_script_enabled=False).new_page()
    open_ballot(ranking, placed=3, on=page, scripted=False)
    assert page.locator("[data-grip]:visible").count() == 0

    row(page, "Maßnahme 6").locator(".b-append").click()
    page.wait_for_url("**/ballot/#measure-*")
    row(page, "Maßnahme 6").locator("[value^=up]").click()
    expect(row(page, "Maßnahme 6").locator(".pos")).to_have_value("3")
    row(page, "Maßnahme 6").locator(".pos").fill("1")
    row(page, "Maßnahme 6").locator(".pos").press("Enter")
    expect(row(page, "Maßnahme 6").locator(".pos")).to_have_value("1")
    row(page, "Maßnahme 1").locator("[value^=remove]").click()
    expect(row(page, "Maßnahme 1").locator(".b-append")).to_be_visible()
    page.locator("[data-ballot-undo] button").click()
    expect(row(page, "Maßnahme 1").locator(".pos")).to_be_visible()
    page.locator("[data-ballot-submit]").click()
    page.locator(".savebar button").click()
    page.wait_for_url(f"**{url_of(ranking)}")

    items = rankings.items(ranking)
    assert stored(ranking, cast).order == [items[5], *items[:3]]
    assert stored(ranking, cast).state == Ballot.State.SUBMITTED
    page.context.close()
