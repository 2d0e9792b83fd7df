"""The staff council's needs in the report: what became of them, and what never leaves the council or the house."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from measures.models import Measure, Need, NeedNote
from reporting.models import CouncilReport, Variant
from reporting.print import projection as printed
from reporting.print.render import render
from reporting.projection import Contents
from strategy.models import Light
from tests.factories import Cast, StageFactory

from . import reports
from .print.reading import squeezed, text_of
from .print.test_render import opened

N, OUTCOME = Need.State, Need.Outcome
CANARY = "Kanarienvogel"


def projected(cast, variant=Variant.NONPUBLIC):
    """As on the tenth day after what was received today."""
    report = CouncilReport.objects.filter(strategy=cast.strategy).first() or reports.draft(cast)
    return Contents.read(report, as_of=timezone.localdate() + timedelta(days=10)).project(variant)


def needs_of(cast, variant=Variant.NONPUBLIC):
    return {need.number: need for need in projected(cast, variant).needs}


def answered(cast, outcome, **details):
    need = cast.need(N.ACKNOWLEDGED)
    cast.answer_need(need, outcome=outcome, **details)
    return need


def test_the_report_tells_every_outcome(cast):
    running, stage = (
        cast.measure(Measure.State.RUNNING),
        StageFactory(strategy=cast.strategy, number=3, title="Stufe 3"),
    )
    light = cast.light(Light.Shape.TRIANGLE)
    running.report_status(by=cast.actor("project_group"), light=light, progress=20, text="Es fehlt Personal.")
    waiting = cast.need(N.SUBMITTED)
    merged = answered(cast, OUTCOME.MERGED, measure=running)
    answered(cast, OUTCOME.MERGED, merged_into=merged)
    answered(cast, OUTCOME.DEFERRED, deferred_to=stage)
    cast.need(N.SETTLED)
    today = timezone.localdate().isoformat()

    shown = needs_of(cast)

    assert [
        (need.outcome, need.measure, need.light, need.need, need.stage, need.reason, need.is_settled)
        for need in shown.values()
    ] == [
        ("", "", None, "", "", "", False),
        ("merged", running.code, light.code, "", "", "Kein Geld", False),
        ("merged", "", None, merged.code, "", "Kein Geld", False),
        ("deferred", "", None, "", "Stufe 3", "Kein Geld", False),
        ("declined", "", None, "", "", "Kein Geld", True),
    ]
    assert (shown["N1"].received_on, shown["N1"].due_on) == (today, waiting.due_on.isoformat())
    assert {need.answered_on for need in shown.values()} == {"", today}


def test_an_objection_is_told_by_its_day_and_its_answer(cast):
    need = cast.need(N.OBJECTED)
    open_objection = needs_of(cast)["N1"]
    need.answer_objection(by=cast.actor("steering_team"), reason="Es bleibt dabei")

    closed_objection = needs_of(cast)["N1"]

    today = timezone.localdate().isoformat()
    assert (open_objection.objected_on, open_objection.objection_answered_on) == (today, "")
    assert (closed_objection.objection_answered_on, closed_objection.objection_answer) == (today, "Es bleibt dabei")


@pytest.mark.parametrize("variant", Variant)
def test_drafts_notes_and_what_was_withdrawn_are_in_no_variant(cast, variant):
    marked = {"title": f"{CANARY} im Titel", "text": f"{CANARY} im Text", "reasons": f"{CANARY} im Grund"}
    cast.need(N.DRAFT, **marked)
    cast.need(N.WITHDRAWN, **marked)
    told = cast.need(N.SUBMITTED, title="Bekannt", text=f"{CANARY} im Text", reasons=f"{CANARY} im Grund")
    NeedNote.objects.write(told, by=cast.actor("staff_council"), text=f"{CANARY} unter uns")
    cast.acknowledge(told)
    cast.answer_need(told)
    told.object(by=cast.actor("staff_council"), reason=f"{CANARY} im Einwand")

    shown = projected(cast, variant)

    assert [need.title for need in shown.needs] == ["Bekannt"]
    assert_absent(CANARY, shown)


def test_a_confidential_need_is_in_the_nonpublic_variant_alone(cast):
    secret = cast.need(N.SUBMITTED, title=CANARY, is_confidential=True)
    answered(cast, OUTCOME.MERGED, merged_into=secret)
    assert secret.code == "N1"

    public, nonpublic = (projected(cast, variant) for variant in Variant)

    assert [need.number for need in public.needs] == ["N2"]
    assert [(need.outcome, need.need) for need in public.needs] == [("merged", "")]
    assert_absent(CANARY, public)
    first, second = nonpublic.needs
    assert (first.title, first.is_confidential, second.need) == (CANARY, True, "N1")
    assert squeezed(f"{CANARY} (vertraulich)") in squeezed(pages_of(nonpublic))  # the negative control


def test_a_measure_is_named_only_where_it_may_be_seen(cast):
    """An adopted need becomes a draft; it is named when it has been handed over, in public when it is decided."""
    whole = {"goal": "Ruhe", "stage": cast.stage, "lead_unit": cast.unit, "responsible_function": "Amtsleitung"}
    measure = answered(cast, OUTCOME.ADOPTED, draft={"field": cast.field, **whole}).measure

    def named():
        return [needs_of(cast, variant)["N1"].measure for variant in (Variant.PUBLIC, Variant.NONPUBLIC)]

    assert named() == ["", ""]
    cast.submit(measure)
    assert named() == ["", measure.code]
    cast.agree(measure)
    cast.decide(measure)
    assert named() == [measure.code, measure.code]


def test_a_long_reason_is_cut_between_words(cast):
    need = cast.need(N.ACKNOWLEDGED)
    need.answer(by=cast.actor("project_group"), reason="**Gründe** genug. " * 40, outcome=OUTCOME.DECLINED)

    reason = needs_of(cast)["N1"].reason

    assert len(reason) <= 200
    assert reason.endswith("Gründe genug. …")


def test_a_paper_without_annexes_holds_no_needs(cast):
    cast.need(N.SUBMITTED)
    reports.draft(cast, paper_only=True)

    assert needs_of(cast) == {}


def test_needs_of_another_strategy_stay_there(cast):
    Cast().need(N.SUBMITTED)

    assert needs_of(cast) == {}


def test_the_preview_shows_the_needs_of_the_version_chosen(client, cast):
    cast.need(N.SUBMITTED, title="Ruheräume")
    cast.need(N.SUBMITTED, title=CANARY, is_confidential=True)
    cast.need(N.DRAFT, title="Nur ein Entwurf")
    report = reports.draft(cast)

    shown = {variant: page(client, cast.project_group, report, variant) for variant in Variant}

    for html in shown.values():
        assert html.count("Ruheräume") == 1
        assert "Nur ein Entwurf" not in html
    assert [html.count(CANARY) for html in shown.values()] == [0, 1]


def test_a_reader_never_sees_a_confidential_need(client, cast):
    """Neither in the preview nor in the file of a report that is final; the other version is not there for them."""
    cast.need(N.SUBMITTED, title="Ruheräume")
    cast.need(N.SUBMITTED, title=CANARY, is_confidential=True)
    report = reports.final(cast)

    html = page(client, cast.reader, report)

    assert ("Ruheräume" in html, CANARY in html) == (True, False)
    assert CANARY in page(client, cast.staff_council, report, Variant.NONPUBLIC)
    for name in ("report", "report-preview", "report-pdf"):
        url = reverse(f"reporting:{name}", args=[cast.strategy.slug, report.pk])
        client.force_login(cast.reader)
        assert client.get(url, {"variant": Variant.NONPUBLIC}).status_code == 404


def page(client, user, report, variant=Variant.PUBLIC):
    client.force_login(user)
    url = reverse("reporting:report-preview", args=[report.strategy.slug, report.pk])
    return client.get(url, {"variant": variant}).content.decode()


def assert_absent(word, shown):
    assert word not in printed.canonical(shown).decode()
    assert word not in pages_of(shown)


def pages_of(shown):
    with opened(render(shown)) as pdf:
        return text_of(pdf)
