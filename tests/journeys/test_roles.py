"""The main job of those who do not appear in the way of a measure."""

from playwright.sync_api import expect

from strategy.models import Deputyship, User


def test_the_administrator_enters_a_deputy_who_then_acts(person, demo):
    admin = person("admin").opens("settings/deputies/new/").finds_it_accessible()
    member = admin.page.locator("select[name=membership] option", has_text="51 Jugendamt").first.inner_text()
    name = admin.page.locator("select[name=deputy] option", has_text="Haupt- und Personalamt").first.inner_text()
    admin.chooses(membership=member, deputy=name).fills(valid_from="2026-01-01", valid_to="2030-12-31")
    admin.presses("Anlegen")
    admin.sees_heading("Vertretungen")
    assert Deputyship.objects.filter(deputy__username="amtsleitung", valid_to="2030-12-31").exists()

    deputy = person("amtsleitung")
    deputy.page.locator(".wt-who summary").click()
    deputy.page.locator(".wt-who [name=deputyship]").first.wait_for()
    deputy.page.locator(".wt-who").get_by_text("51 Jugendamt").first.click()
    expect(deputy.page.locator(".wt-deputy")).to_contain_text("51 Jugendamt")


def test_who_has_no_right_is_told_so_in_the_language_they_choose_and_who_is_a_stranger_learns_nothing(person):
    reader = person("leser")
    assert reader.page.request.get("/personalstrategie-2030/settings/").status == 403
    assert reader.page.request.get("/andere-strategie/").status == 404
    reader.opens("settings/").sees("Sie dürfen dies lesen, aber nicht tun")

    reader.opens("").page.locator(".wt-who summary").click()
    reader.page.locator(".wt-who").get_by_role("button", name="English").click()
    expect(reader.page.locator("html")).to_have_attribute("lang", "en")
    reader.opens("").sees_heading("Overview")
    expect(reader.page.locator("html")).to_have_attribute("lang", "en")
    assert User.objects.get(username="leser").language == "en"
