"""GRDrs 972/2023 typed into the portal through its forms: it comes out as the published paper, part by part."""

from datetime import date

from django.urls import reverse

from measures.models import Measure
from reporting.models import CouncilReport, Variant
from reporting.print import pages
from reporting.projection import Contents
from strategy.models import OrganisationalUnit
from tests.factories import CouncilSessionFactory, UnitFactory
from tests.pages import typed_on

from .print import samples

PUBLISHED = samples.grdrs_972_2023().paper
TEXT = samples.TEXT_OF_972.read_text().strip()


def sessions(cast):
    for name, day in (("Verwaltungsausschuss", date(2023, 10, 11)), ("Gemeinderat", date(2023, 10, 12))):
        body = UnitFactory(strategy=cast.strategy, name=name, kind=OrganisationalUnit.Kind.BODY)
        yield CouncilSessionFactory(strategy=cast.strategy, body=body, held_on=day)


def typed(client, cast):
    """The report as somebody types it: first the draft, then all sections of its form."""
    client.force_login(cast.project_group)
    new = reverse("reporting:report-create", args=[cast.strategy.slug])
    edit = client.post(new, typed_on(client.get(new), subject=PUBLISHED.subject)).url
    fields = {
        "subject": PUBLISHED.subject,
        "kind": "information",
        "originators": "Referat Allgemeine Verwaltung/Kultur und Recht",
        "number": "972/2023",
        "dated_on": "2023-10-10",
        "paper_only": "on",
        "text": TEXT.replace("\n", "\r\n"),
        "consultations-TOTAL_FORMS": 2,
        "signatures-TOTAL_FORMS": 1,
        "signatures-0-name": "Dr. Fabian Mayer",
        "signatures-0-function": "Erster Bürgermeister",
        "annexes-TOTAL_FORMS": 1,
        "annexes-0-title": "Broschüre workSTUgether Personalstrategie Stuttgart 2030",
    }
    for number, session in enumerate(sessions(cast)):
        fields |= {
            f"consultations-{number}-session": session.pk,
            f"consultations-{number}-body": "",
            f"consultations-{number}-purpose": "information",
            f"consultations-{number}-is_public": "on",
        }
    answer = client.post(edit, typed_on(client.get(edit), **fields))
    assert answer.status_code == 302, answer.context["form"].errors
    return CouncilReport.objects.get()


def test_the_published_paper_comes_out_as_it_was_typed(client, cast):
    cast.measure(Measure.State.DECIDED)
    report = typed(client, cast)

    for variant in Variant:
        paper = Contents.read(report).project(variant).paper
        assert paper == PUBLISHED


def test_its_headings_tables_and_lines_stand_in_the_order_of_the_paper(client, cast):
    report = typed(client, cast)
    front = pages.front(Contents.read(report).project(Variant.PUBLIC), "0" * 64, {})
    html = front.replace("\xa0", " ")

    in_order = [
        "Landeshauptstadt Stuttgart",
        "Referat Allgemeine Verwaltung/Kultur und Recht",
        "Gz:",
        "972/2023",
        "Stuttgart, 10.10.2023",
        "Personalstrategie 2030",
        "Mitteilungsvorlage",
        "Vorlage an", "zur", "Sitzungsart", "Sitzungstermin",
        "Verwaltungsausschuss", "Kenntnisnahme", "öffentlich", "11.10.2023",
        "Gemeinderat", "Kenntnisnahme", "öffentlich", "12.10.2023",
        "Bericht:",
        "Vor dem Hintergrund steigender Herausforderungen",
        "im weiteren Prozess der kommenden Jahre.",
        "Mitzeichnung der beteiligten Stellen:", "<p>-</p>",
        "Vorliegende Anfragen/Anträge:", "<p>-</p>",
        "Erledigte Anfragen/Anträge:", "<p>-</p>",
        "Dr. Fabian Mayer", "Erster Bürgermeister",
        "Anlagen", "Broschüre", "Anlage 1 zu",
    ]  # fmt: skip
    place = 0
    for words in in_order:
        assert words in html[place:], f"{words} is missing or stands too early"
        place = html.index(words, place) + len(words)
