"""The way of one measure through the house, clicked as the people of the demo would click it."""

import re

from playwright.sync_api import expect

from measures.models import Measure

TITLE = "Betriebliches Mentoring für Quereinsteigende"


def test_a_measure_goes_from_draft_to_running(person, demo):
    code = it_is_drafted_and_submitted(person)
    they_are_reminded_and_given_more_time(person, code)
    everybody_concerned_answers(person, code)
    the_objection_is_settled_and_the_text_agreed(person, code)
    it_is_decided_and_begun(person, code)
    the_condition_is_met(person, code)
    the_head_reports_how_it_goes(person, code)
    the_reader_sees_what_was_decided(person, code)

    measure = Measure.objects.get(strategy=demo, code=code)
    assert [entry.verb for entry in measure.transitions] == ["submit", "agree", "decide", "start", "report_status"]


def it_is_drafted_and_submitted(person):
    group = person("projektgruppe").follows("Maßnahme anlegen").sees_heading("Maßnahme anlegen")
    group.finds_it_accessible()
    group.fills(
        title=TITLE,
        goal="Bis Ende 2028 hat jede Person im Quereinstieg im ersten Jahr eine Mentorin oder einen Mentor.",
        responsible_function="Abteilungsleitung Personalentwicklung",
        starts_on="2027",
        ends_on="2028",
    ).chooses(
        field="E Personalentwicklung, Führung und Kultur",
        stage=group.page.locator("select[name=stage] option").nth(1).inner_text(),
        lead_unit="10 Haupt- und Personalamt",
    )
    group.presses("Meilenstein hinzufügen")
    row = group.page.locator(".fset-row:visible").last
    row.get_by_label("Meilenstein", exact=True).fill("Erste Tandems begonnen")
    row.get_by_label("Fällig", exact=True).fill("30.06.2027")
    group.page.get_by_text("Stellen hinzufügen").click()
    group.ticks("51 Jugendamt")
    group.presses("Entwurf speichern").sees_heading(TITLE).finds_it_accessible()
    code = re.search(r"/measures/(\w+)/", group.page.url)[1]
    group.follows("Maßnahme einreichen").sees("51 Jugendamt").finds_it_accessible()
    group.presses("Maßnahme einreichen").sees("In Beteiligung")
    return code


def they_are_reminded_and_given_more_time(person, code):
    group = person("projektgruppe").opens(f"measures/{code}/").follows("Zur Beteiligung")
    group.follows("Alle ohne Antwort erinnern").finds_it_accessible().presses("Erinnerung senden")
    group.is_told("Erinnert: ").sees("keine Antwort, erinnert am")
    group.page.locator("main .menu--more summary").click()
    group.follows("Frist verlängern").finds_it_accessible().fills(reason="Ferien").presses("Frist verlängern")
    group.is_told("Frist verlängert.")
    person("amtsleitung51").opens("notifications/").sees("Mehr Zeit für Ihre Stellungnahme")


def everybody_concerned_answers(person, code):
    for account, vote, text in (
        ("amtsleitung", "stimmt zu", ""),
        ("amtsleitung51", "erhebt Einwand", "Im Jugendamt fehlen dafür erfahrene Kräfte."),
        ("personalrat", "stimmt mit Auflagen zu", "Die Zeit für das Mentoring zählt als Arbeitszeit."),
    ):
        who = person(account).opens("tasks/").follows(f"Stellung nehmen: {code} {TITLE}", exact=False)
        who.sees(TITLE).finds_it_accessible().ticks(vote).fills(text=text)
        who.presses("Stellung nehmen").is_told("Stellungnahme abgegeben")


def the_objection_is_settled_and_the_text_agreed(person, code):
    group = person("projektgruppe").opens(f"measures/{code}/").sees("1 Einwand ist zuerst zu klären.")
    group.opens(f"measures/{code}/agree/").presses("Abstimmung festhalten").sees("1 Einwand ist zuerst zu klären.")
    steering = person("lenkungsteam").opens("tasks/").follows(f"Einwand klären: {code}", exact=False)
    steering.sees("Im Jugendamt fehlen dafür erfahrene Kräfte.").finds_it_accessible()
    steering.fills(reason="Das Jugendamt beginnt ein Jahr später.").presses("Einwand klären").is_told("Einwand geklärt")
    group.opens(f"measures/{code}/agree/").presses("Abstimmung festhalten").sees("Abgestimmt")


def it_is_decided_and_begun(person, code):
    steering = person("lenkungsteam").opens(f"measures/{code}/").follows("Maßnahme beschließen").finds_it_accessible()
    steering.presses("Maßnahme beschließen").sees("Noch nicht gespeichert")
    steering.chooses(priority="hoch").fills(reason="Der Quereinstieg ist ein Schwerpunkt.")
    steering.presses("Maßnahme beschließen").sees("Beschlossen")
    person("projektgruppe").opens(f"measures/{code}/start/").presses("Maßnahme beginnen").sees("In Umsetzung")


def the_condition_is_met(person, code):
    group = (
        person("projektgruppe").opens("reviews/conditions/").sees("Die Zeit für das Mentoring zählt als Arbeitszeit.")
    )
    group.follows(re.compile(f"Als erfüllt vermerken.*{code}")).finds_it_accessible()
    group.fills(reason="Steht in der Dienstvereinbarung.").presses("Auflage als erfüllt vermerken")
    group.is_told("Auflage erfüllt")
    person("personalrat").opens("notifications/").sees("Ihre Auflage ist erfüllt")


def the_head_reports_how_it_goes(person, code):
    head = person("amtsleitung").opens(f"measures/{code}/").follows("Sachstand melden")
    head.ticks("gefährdet").fills(progress="10").presses("Sachstand melden").sees("Bitte sagen Sie in einem Satz")
    expect(head.page.locator("[name=progress]")).to_have_value("10")
    head.finds_it_accessible().fills(text="Die ersten Tandems stehen, es fehlen Räume.").presses("Sachstand melden")
    head.is_told("Sachstand gemeldet").opens(f"measures/{code}/").sees("es fehlen Räume").finds_it_accessible()


def the_reader_sees_what_was_decided(person, code):
    reader = person("leser").opens(f"measures/{code}/").sees_heading(TITLE).sees("Beschlossen am")
    expect(reader.page.get_by_role("main")).not_to_contain_text("Im Jugendamt fehlen")
    expect(reader.page.get_by_role("link", name="Bearbeiten")).to_have_count(0)
