"""The demo's council papers: the published one word for word, a sample and a draft."""

import json
import re
from io import BytesIO, StringIO
from pathlib import Path

import pikepdf
import pytest
from django.core.management import call_command
from django.test import Client

from measures.models import Baseline, Measure
from reporting.management.commands.load_demo import FOLDER
from reporting.models import CouncilReport
from strategy.models import OutgoingMail
from tests.reporting.print.reading import text_of

PUBLISHED = (Path(FOLDER) / "grdrs-972-2023.txt").read_text(encoding="utf-8")
DESCRIBED = json.loads((Path(FOLDER) / "reports.json").read_text(encoding="utf-8"))


def test_the_published_text_has_no_line_breaks_left():
    paragraphs = PUBLISHED.strip().split("\n\n")
    assert [paragraph.split()[0] for paragraph in paragraphs] == ["Vor", "Der", "Die", "Die"]
    assert not re.search(r"\w-\s", PUBLISHED.replace("Haupt- und", "").replace("Personalgewinnung und -bindung", ""))
    assert not re.search(r"[^\n]\n[^\n]", PUBLISHED.strip())
    assert "Haupt- und Personalamts" in PUBLISHED
    assert "Personalgewinnung und -bindung" in PUBLISHED


def test_what_is_made_up_says_so():
    for description in DESCRIBED[1:]:
        values = description["values"]
        assert values["source"] == "Beispiel"
        typed = {"text", "foreword", "deviations", "participation", "outlook", "subject", "about"} & set(values)
        assert typed <= set(description["marks"])
        for name in {"foreword", "deviations", "participation", "outlook"} & typed:
            assert values[name].startswith("Beispieltext:")
        assert "Muster" in values["about"]


@pytest.mark.slow
@pytest.mark.sqlite
@pytest.mark.django_db
def test_papers_are_made_by_the_real_build():
    out = StringIO()
    call_command("load_demo", stdout=out)
    assert "3 council papers" in out.getvalue().splitlines()[-1]
    published, sample, draft = CouncilReport.objects.order_by("pk")
    assert [report.state for report in (published, sample, draft)] == ["final", "final", "draft"]
    assert published.reference == "GRDrs 972/2023"
    assert published.text == PUBLISHED.strip()
    assert published.paper.source.startswith("https://")
    assert [(row.body.name, f"{row.held_on}") for row in published.consultations.all()] == [
        ("Verwaltungsausschuss", "2023-10-11"),
        ("Gemeinderat", "2023-10-12"),
    ]
    assert [(row.name, row.function) for row in published.signatures.all()] == [
        ("Dr. Fabian Mayer", "Erster Bürgermeister")
    ]
    assert sample.supplement == "(Muster)"
    assert not sample.cosignatures.outstanding().exists()
    assert [row.state for row in draft.cosignatures.all()] == ["asked", "asked"]
    for report, fewest in ((published, 2), (sample, 30)):
        assert {document.format for document in report.reportdocuments.all()} == {"pdf", "docx", "xlsx", "oparl"}
        for document in report.reportdocuments.filter(format="pdf"):
            assert document.checked_bytes().startswith(b"%PDF")
            assert document.pages >= fewest
    shown = Measure.objects.filter(submitted_on__isnull=False).count()
    assert Baseline.objects.filter(kind=Baseline.Kind.REPORT).count() == shown  # by the sample alone
    assert not OutgoingMail.objects.exists()
    assert_anybody_fetches_the_sample_alone(sample)


def assert_anybody_fetches_the_sample_alone(sample):
    """Under ``/oparl/``, from the first address on, without signing in; and it says what it is."""
    harvester = Client()
    body = harvester.get("/oparl/").json()["body"]
    (body,) = harvester.get(body).json()["data"]
    (paper,) = harvester.get(body["paper"]).json()["data"]
    assert (paper["name"], paper["reference"]) == (sample.subject, f"{sample.number} (Muster)")
    with pikepdf.open(BytesIO(harvester.get(paper["mainFile"]["accessUrl"]).content)) as pdf:
        assert "(Muster)" in text_of(pdf)
