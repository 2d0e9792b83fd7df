"""The build: progress, cancelling, races, lost workers; and the whole way to the PDF by a real worker."""

import hashlib
import io
import json
import time
from datetime import timedelta

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from measures.models import Measure
from reporting import building, tasks
from reporting.models import CouncilReport, Projection, ReportBuild, ReportDocument, Variant
from reporting.models.build import BuildStoppedError
from reporting.verification import damages
from strategy.models import OutgoingMail
from strategy.workflow import RuleViolation
from tests.factories import MilestoneFactory

from . import reports

State, Build = CouncilReport.State, ReportBuild.State
PAGES = dict.fromkeys(Variant, 1)


def reread(row):
    return type(row).objects.get(pk=row.pk)


def test_a_build_stores_a_projection_and_a_document_for_each_variant(cast):
    report = reports.ready(cast)

    assert report.state == State.READY
    assert report.latest_build().state == Build.DONE
    assert {row.variant for row in Projection.objects.filter(report=report)} == set(Variant)
    assert {row.variant for row in ReportDocument.objects.filter(report=report)} == set(Variant)


def test_each_variant_has_a_checksum_of_its_own(cast):
    report = reports.ready(cast)

    public, nonpublic = (Projection.objects.get(report=report, variant=variant) for variant in Variant)

    assert public.sha256 != nonpublic.sha256
    assert b'"variant":"public"' in bytes(public.content)


def test_a_cancelled_build_stores_nothing(cast):
    build = reports.started(cast)
    data = building.freeze(build)
    reread(build.report).cancel(by=cast.actor("project_group"))

    with pytest.raises(BuildStoppedError):
        build.advance(ReportBuild.Phase.CHECK, 90)
    with pytest.raises(BuildStoppedError):
        building.store(build, data, reports.FILES, PAGES)

    assert not ReportDocument.objects.filter(report=build.report).exists()
    assert reread(build.report).state == State.DRAFT
    assert reread(build).state == Build.CANCELLED


def test_the_result_of_an_older_build_is_dropped(cast):
    """Cancelled and asked for again: the first worker comes last and changes nothing."""
    stale = reports.started(cast)
    data = building.freeze(stale)
    reread(stale.report).cancel(by=cast.actor("project_group"))
    report = reports.ready(cast, reread(stale.report))
    documents = set(ReportDocument.objects.values_list("pk", flat=True))

    with pytest.raises(BuildStoppedError):
        building.store(stale, data, reports.FILES, PAGES)
    building.give_up(stale, "zu spät")

    assert set(ReportDocument.objects.values_list("pk", flat=True)) == documents
    assert reread(report).state == State.READY


def test_of_two_workers_one_builds(cast):
    report = reports.draft(cast)
    report.build(by=cast.actor("project_group"))
    build = report.latest_build()

    assert [build.claim(), build.claim()] == [True, False]


def test_a_second_press_of_build_is_refused(cast):
    report = reports.draft(cast)
    same = reread(report)
    report.build(by=cast.actor("project_group"))

    with pytest.raises(RuleViolation):
        same.build(by=cast.actor("project_group"))
    assert report.builds.count() == 1


def test_a_report_without_measures_fails_with_a_reason(cast):
    report = reports.draft(cast, scope_states=[Measure.State.COMPLETED])
    report.build(by=cast.actor("project_group"))

    building.run(report.latest_build().pk)

    build = report.latest_build()
    assert (reread(report).state, build.state, build.phase) == (State.DRAFT, Build.FAILED, "data")
    assert build.problem == report.transitions.get(verb="fail_build").reason != ""
    assert OutgoingMail.objects.filter(recipient=cast.project_group, body__contains=build.problem).count() == 1


def test_a_worker_that_is_gone_gives_the_report_back(cast):
    build = reports.started(cast)
    quiet = timezone.now() - ReportBuild.LOST_AFTER - timedelta(seconds=1)
    ReportBuild.objects.filter(pk=build.pk).update(seen_at=quiet)

    tasks.give_up_lost_build(build.pk)

    assert (reread(build.report).state, reread(build).state) == (State.DRAFT, Build.FAILED)
    assert reread(build).problem
    with pytest.raises(BuildStoppedError):
        building.store(build, building.freeze(reports.started(cast, reread(build.report))), reports.FILES, PAGES)


def test_a_build_that_shows_life_is_left_alone(cast):
    build = reports.started(cast)

    tasks.give_up_lost_build(build.pk)

    assert reread(build).state == Build.RUNNING


def test_the_sweep_wakes_what_no_worker_took(cast, monkeypatch):
    report = reports.draft(cast)
    report.build(by=cast.actor("project_group"))
    woken = []
    monkeypatch.setattr(tasks.build_report, "delay", woken.append)

    tasks.sweep_builds()
    ReportBuild.objects.update(asked_at=timezone.now() - ReportBuild.WAKE_AFTER - timedelta(seconds=1))
    tasks.sweep_builds()

    assert woken == [report.latest_build().pk]


def test_a_queue_that_is_away_is_told_and_nothing_is_lost(transactional_db, cast, client, monkeypatch):
    def away(build_id):
        raise OperationalError("no route")

    monkeypatch.setattr(tasks.build_report, "delay", away)
    with transaction.atomic():
        report = reports.draft(cast)
    client.force_login(cast.project_group)
    address = reverse("reporting:report-build", args=[cast.strategy.slug, report.pk])
    token = client.get(address).context["form"]["token"].value()

    client.post(address, {"token": token})

    assert report.latest_build().state == Build.WAITING
    assert [message.level_tag for message in client.get(report.get_absolute_url()).context["messages"]] == [
        "success",
        "warning",
    ]


def test_an_unexpected_fault_is_told_to_people_and_to_the_log(cast, monkeypatch):
    def broken(*args, **options):
        raise ZeroDivisionError

    monkeypatch.setattr(building, "rendered", broken)
    report = reports.draft(cast)
    report.build(by=cast.actor("project_group"))

    with pytest.raises(ZeroDivisionError):
        building.run(report.latest_build().pk)

    assert reread(report).state == State.DRAFT


def test_what_the_checker_finds_fails_the_build(cast, monkeypatch):
    monkeypatch.setattr(building.checker, "check", lambda pdf: ["Seite 3: Bild ohne Alternativtext"])
    report = reports.draft(cast, paper_only=True)
    report.build(by=cast.actor("project_group"))

    building.run(report.latest_build().pk)

    assert "Bild ohne Alternativtext" in report.latest_build().problem
    assert not ReportDocument.objects.filter(report=report).exists()


def test_the_whole_build_makes_two_sound_documents(cast):
    for title in ("Konzept", "Beschluss"):
        MilestoneFactory(measure=cast.measure(Measure.State.RUNNING), title=title)
    report = reports.draft(cast)
    report.build(by=cast.actor("project_group"))

    building.run(report.latest_build().pk)

    report, build = reread(report), report.latest_build()
    assert (report.state, build.share, build.problem) == (State.READY, 100, "")
    assert damages(report) == []
    for document in report.reportdocuments.filter(format="pdf"):
        with pikepdf.open(io.BytesIO(bytes(document.content))) as pdf:
            assert len(pdf.pages) == document.pages > 1
            assert pdf.docinfo["/Title"] == "GRDrs 101/2026: Stand"


def test_final_bytes_stay_when_the_data_change(cast):
    report = reports.final(cast)
    before = {row.seal_name: row.checked_bytes() for row in report.reportdocuments.all()}

    Measure.objects.update(title="Ganz anders")
    cast.measure(Measure.State.DECIDED)

    assert {row.seal_name: row.checked_bytes() for row in report.reportdocuments.all()} == before


def test_commands_write_the_stored_bytes_and_find_damage(cast, tmp_path, capsys):
    report, file = reports.final(cast), tmp_path / "report.pdf"
    document = report.reportdocuments.get(variant="public", format="pdf")

    call_command("build_report", report.pk, variant="public", output=file)
    assert file.read_bytes() == bytes(document.content)
    assert document.sha256 in capsys.readouterr().out

    ReportDocument.objects.filter(pk=document.pk).update(content=b"%PDF anders")
    with pytest.raises(CommandError):
        call_command("build_report", report.pk, variant="public", output=file)
    with pytest.raises(CommandError, match="1 of 1 reports are damaged"):
        call_command("verify_reports")
    assert "public/pdf: not the bytes that were stored" in capsys.readouterr().err


def test_files_of_other_data_are_found(cast):
    report = reports.draft(cast, paper_only=True)
    report.build(by=cast.actor("project_group"))
    building.run(report.latest_build().pk)
    for kind in ("docx", "xlsx"):
        public, other = (report.reportdocuments.get(variant=variant, format=kind) for variant in Variant)
        ReportDocument.objects.filter(pk=public.pk).update(content=other.content, sha256=other.sha256)

    paper = report.reportdocuments.get(format="oparl")
    content = bytes(paper.content).replace(b"projectionSha256", b"somethingElse")
    sha256 = hashlib.sha256(content).hexdigest()
    ReportDocument.objects.filter(pk=paper.pk).update(content=content, sha256=sha256)

    assert sorted(damages(reread(report))) == [
        "public/docx: made from another projection",
        "public/oparl: made from another projection",
        "public/xlsx: made from another projection",
    ]


def test_the_command_makes_what_the_build_stores(cast, tmp_path):
    report, file = reports.draft(cast, paper_only=True), tmp_path / "report"
    report.build(by=cast.actor("project_group"))
    building.run(report.latest_build().pk)

    for document in report.reportdocuments.all():
        call_command("build_report", report.pk, variant=document.variant, kind=document.format, output=file)
        assert file.read_bytes() == bytes(document.content), document


def test_the_public_variant_alone_is_published(cast, tmp_path, settings):
    settings.BASE_URL = "https://strategie.stuttgart.example"
    report = reports.draft(cast, paper_only=True)
    report.build(by=cast.actor("project_group"))
    building.run(report.latest_build().pk)

    kinds = {variant: set() for variant in Variant}
    for document in report.reportdocuments.all():
        kinds[document.variant].add(document.format)
    assert kinds == {"public": {"pdf", "docx", "xlsx", "oparl"}, "nonpublic": {"pdf", "docx", "xlsx"}}
    said = json.loads(bytes(report.reportdocuments.get(format="oparl").content))
    assert said["web"] == f"https://strategie.stuttgart.example{report.get_absolute_url()}"
    for told, kind in zip([said["mainFile"], *said["auxiliaryFile"]], ("pdf", "docx", "xlsx"), strict=True):
        document = report.reportdocuments.get(format=kind, variant="public")
        assert told["sha512Checksum"] == hashlib.sha512(bytes(document.content)).hexdigest()
        assert told["downloadUrl"] == f"https://strategie.stuttgart.example{document.get_absolute_url()}"
        assert (told["fileName"], told["mimeType"]) == (document.filename, document.mime)
    with pytest.raises(CommandError, match="The nonpublic variant has no OParl file"):
        call_command("build_report", report.pk, variant="nonpublic", kind="oparl", output=tmp_path / "x")


def test_a_build_by_a_real_worker_over_the_real_queue(worker, cast):
    with transaction.atomic():
        report = reports.draft(cast, paper_only=True)
    report.build(by=cast.actor("project_group"))

    assert tasks.wake(report.latest_build().pk)

    limit = time.monotonic() + 60
    while reread(report).state == State.BUILDING:
        assert time.monotonic() < limit, "the worker did nothing"
        time.sleep(0.1)
    assert report.latest_build().problem == ""
    assert reread(report).state == State.READY
