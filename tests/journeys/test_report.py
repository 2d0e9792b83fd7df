"""From a draft report to the PDF in the steering team's hands, with a real worker."""

import json
from io import BytesIO

import pikepdf
import pytest

from reporting.models import CouncilReport
from reporting.print.checker import check

pytestmark = pytest.mark.usefixtures("worker")
SUBJECT = "Personalstrategie 2030: Sachstand der Umsetzung im Herbst"
BUILD_LIMIT = 180_000  # against hanging, not a measure of speed


def test_a_report_is_drafted_built_approved_and_downloaded(person, demo):
    address = it_is_drafted(person)
    it_is_built_while_one_watches(person, address)
    it_is_approved_by_four_eyes(person, address)

    report = CouncilReport.objects.get(strategy=demo, number="123/2026")
    pdf = the_pdf(person("lenkungsteam"), address, "nonpublic")
    assert check(pdf) == []
    assert pdf == the_pdf(person("projektgruppe"), address, "nonpublic")
    assert report.state == CouncilReport.State.FINAL
    measures = [measure["code"] for field in data_inside(pdf)["fields"] for measure in field["measures"]]
    assert "D1" in measures


def it_is_drafted(person):
    group = person("projektgruppe").opens("reports/").follows("Bericht entwerfen").finds_it_accessible()
    group.fills(subject=SUBJECT).presses("Entwurf anlegen").sees_heading("Bericht bearbeiten")
    address = group.page.url.split("personalstrategie-2030/")[1].removesuffix("edit/")
    group.opens(f"{address}edit/").finds_it_accessible()
    group.fills(subject=SUBJECT, number="123/2026", dated_on="2026-11-20", text="Der Stand im Überblick.")
    for box in group.page.locator("main [name=cosigning_units]:checked").all():
        box.uncheck()
    group.fills(originators="Referat Allgemeine Verwaltung/Kultur und Recht")
    group.presses("Gremium hinzufügen")
    group.page.locator("main select[name$=-session]:visible").last.select_option(index=1)
    group.page.locator("main select[name$=-purpose]:visible").last.select_option(label="Kenntnisnahme")
    group.presses("Bericht speichern").sees_heading("Sachstand der Umsetzung im Herbst").finds_it_accessible()
    return address


def it_is_built_while_one_watches(person, address):
    group = person("projektgruppe").opens(address).presses("Bericht bauen")
    group.page.get_by_role("link", name="Dem Lenkungsteam vorlegen").wait_for(timeout=BUILD_LIMIT)
    group.finds_it_accessible()


def it_is_approved_by_four_eyes(person, address):
    group = person("projektgruppe").opens(address).follows("Dem Lenkungsteam vorlegen")
    group.presses("Dem Lenkungsteam vorlegen").sees("Vorgelegt")
    steering = person("lenkungsteam").opens(address).follows("Bericht endgültig freigeben").finds_it_accessible()
    steering.fills(typed_number="124/2026").presses("Bericht endgültig freigeben")
    steering.sees("Das ist nicht die Nummer des Berichts.")
    steering.fills(typed_number="123/2026").presses("Bericht endgültig freigeben").sees("Endgültig")


def the_pdf(who, address, variant):
    answer = who.page.request.get(f"/personalstrategie-2030/{address}pdf/?variant={variant}")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    return answer.body()


def data_inside(pdf):
    with pikepdf.open(BytesIO(pdf)) as opened:
        return json.loads(opened.attachments["datenstand.json"].get_file().read_bytes())
