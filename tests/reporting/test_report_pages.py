"""The pages of council reports over HTTP: who gets which answer, forms, conflicts, downloads."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from measures.models import Measure
from reporting.models import CouncilReport, ReportDocument, ReportDownload
from reporting.views.report import DEEDS
from strategy import planner
from strategy.models import OutgoingMail
from tests.factories import Cast, CouncilSessionFactory

from . import reports

State = CouncilReport.State


def address(report, name="report", *more):
    return reverse(f"reporting:{name}", args=[report.strategy.slug, report.pk, *more])


def page(client, user, url, **options):
    client.force_login(user)
    return client.get(url, **options)


def form_data(client, url):
    """What a browser would send back from the form as it is shown."""
    form = client.get(url).context["form"]
    forms = [form, *(row for rows in form.rows for row in rows.forms)]
    data = {
        f"{rows.prefix}-{name}": value for rows in form.rows for name, value in rows.management_form.initial.items()
    }
    for one in forms:
        for field in one:
            value = field.value()
            if value in (None, "", False) or field.name == "DELETE":
                continue
            data[field.html_name] = "on" if value is True else value
    return data


def press(client, user, report, name, *more, **typed):
    client.force_login(user)
    url = address(report, name, *more)
    form = client.get(url).context["form"]
    hidden = {field.html_name: field.value() for field in form.hidden_fields()}
    return client.post(url, {**hidden, **typed})


# Sight over HTTP


@pytest.mark.parametrize("name", ["department_head", "staff_council", "reader", "administrator"])
@pytest.mark.parametrize("url", ["", "-preview", "-pdf", "-progress", "-edit", "-build", "-submit", "-finalise"])
def test_a_draft_is_not_there_for_others(client, cast, name, url):
    report = reports.draft(cast)

    assert page(client, getattr(cast, name), address(report, f"report{url}")).status_code == 404


def test_final_report_shows_readers_the_public_version_alone(client, cast):
    report = reports.asked(cast)
    for name in ("department_head", "other_head"):
        reports.sign(cast, report, name, remark="Kanarienvogel")
    report = reports.final(cast, report)

    shown = page(client, cast.reader, address(report))

    assert shown.status_code == 200
    assert {document.variant for document in shown.context["documents"]} == {"public"}
    assert [entry["text"] for entry in shown.context["history"]] == [DEEDS["finalise"]]
    assert "Kanarienvogel" not in shown.content.decode()
    for url in ("report", "report-preview", *(f"report-{kind}" for kind in ReportDocument.Format.values)):
        assert page(client, cast.reader, address(report, url) + "?variant=nonpublic").status_code == 404
    for name in ("department_head", "staff_council"):
        assert (
            page(client, getattr(cast, name), address(report, "report-pdf") + "?variant=nonpublic").status_code == 200
        )


def test_a_report_of_another_strategy_is_not_there(client, cast):
    foreign = reports.final(Cast())
    url = reverse("reporting:report", args=[cast.strategy.slug, foreign.pk])

    assert page(client, cast.project_group, url).status_code == 404
    assert page(client, cast.project_group, address(foreign)).status_code == 404


def test_list_shows_what_one_may_see_in_a_constant_number_of_queries(client, cast, django_assert_num_queries):
    reports.draft(cast)
    reports.final(cast)
    url = reverse("reporting:reports", args=[cast.strategy.slug])

    assert [row.state for row in page(client, cast.reader, url).context["page"]] == [State.FINAL]
    assert len(page(client, cast.project_group, url).context["page"]) == 2
    for number in range(2):
        for name, queries in QUERIES_OF_THE_LIST.items():
            client.force_login(getattr(cast, name))
            client.get(url)
            with django_assert_num_queries(queries):
                client.get(url)
        for _ in range(4 * (1 - number)):
            reports.draft(cast)


QUERIES_OF_THE_LIST = {"project_group": 12, "reader": 9}


def test_the_page_of_a_report_asks_the_same_questions_for_few_and_many_measures(client, cast):
    report = reports.asked(cast)
    client.force_login(cast.project_group)

    few = questions(client, address(report))
    for _number in range(12):
        cast.measure(Measure.State.DECIDED)

    assert questions(client, address(report)) == few


def questions(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


@pytest.mark.parametrize(("sent", "made"), [(60, 60), (61, 60), (2**31, 60)])
def test_more_rows_than_a_paper_has_are_refused_without_being_made(client, cast, sent, made):
    report = reports.draft(cast)
    client.force_login(cast.project_group)
    url = address(report, "report-edit")

    answer = client.post(url, form_data(client, url) | {"annexes-TOTAL_FORMS": sent})

    annexes = next(rows for rows in answer.context["form"].rows if rows.prefix == "annexes")
    assert (answer.status_code, len(annexes.forms)) == (200, made)
    assert annexes.non_form_errors()


# Downloads


@pytest.mark.parametrize(
    ("kind", "ending", "mime"),
    [
        ("pdf", "pdf", "application/pdf"),
        ("docx", "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("xlsx", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("oparl", "json", "application/json"),
    ],
)
def test_a_document_comes_with_its_name_its_hash_and_an_entry_on_record(client, cast, kind, ending, mime):
    report = reports.final(cast)
    document = report.reportdocuments.get(variant="public", format=kind)

    answer = page(client, cast.reader, document.get_absolute_url())

    assert answer.content == bytes(document.content)
    assert (answer["Content-Type"], answer["ETag"]) == (mime, f'"{document.sha256}"')
    assert answer["Content-Disposition"] == f'attachment; filename="GRDrs-101-2026-public.{ending}"'
    taken = ReportDownload.objects.get()
    assert (taken.user, taken.document, taken.format, taken.was_intact) == (cast.reader, document, kind, True)
    assert client.get(document.get_absolute_url(), headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert ReportDownload.objects.count() == 1


def test_the_page_lists_every_document_with_size_and_hash_the_pdf_first(client, cast):
    report = reports.final(cast)

    shown = page(client, cast.project_group, address(report))

    listed = [(document.variant, document.format) for document in shown.context["documents"]]
    kinds = ["pdf", "docx", "xlsx", "oparl"]
    assert listed == [*(("public", kind) for kind in kinds), *(("nonpublic", kind) for kind in kinds[:-1])]
    for document in shown.context["documents"]:
        assert f'href="{document.get_absolute_url()}"' in shown.content.decode()
        assert f"SHA-256 {document.sha256}" in shown.content.decode()


def test_a_document_can_be_looked_at_as_well_as_taken_away(client, cast):
    """As OParl wants of the two addresses of a file; both are put on record."""
    report = reports.final(cast)

    answer = page(client, cast.reader, address(report, "report-pdf") + "?variant=public&inline=1")

    assert answer["Content-Disposition"] == 'inline; filename="GRDrs-101-2026-public.pdf"'
    assert ReportDownload.objects.count() == 1


def test_a_supplement_with_quotes_stays_in_the_name_of_the_file(client, cast):
    report = reports.final(cast)
    CouncilReport.objects.filter(pk=report.pk).update(supplement='"x"; filename=a.exe – Ä')

    answer = page(client, cast.reader, address(report, "report-pdf"))

    name = "GRDrs-101-2026-%22x%22%3B-filename%3Da.exe-%E2%80%93-%C3%84-public.pdf"
    assert answer["Content-Disposition"] == f"attachment; filename*=utf-8''{name}"


def test_damaged_bytes_are_not_handed_out(client, cast):
    report = reports.final(cast)
    ReportDocument.objects.filter(variant="public").update(content=b"%PDF anders")

    answer = page(client, cast.reader, address(report, "report-pdf"))

    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (500, "text/html")
    assert b"%PDF" not in answer.content
    assert not ReportDownload.objects.get().was_intact


@pytest.mark.parametrize("variant", ["", "secret", "PUBLIC", "public'--"])
def test_an_unknown_variant_is_not_there(client, cast, variant):
    report = reports.final(cast)

    assert page(client, cast.project_group, address(report, "report-pdf") + f"?variant={variant}").status_code == 404


@pytest.mark.slow
def test_a_thousand_downloads_are_the_same_bytes(client, cast):
    """Promise P8."""
    report = reports.final(cast)
    client.force_login(cast.reader)

    assert {client.get(address(report, "report-pdf")).content for _ in range(1000)} == {
        bytes(report.reportdocuments.get(variant="public", format="pdf").content)
    }
    assert ReportDownload.objects.count() == 1000


# Forms


def test_a_draft_is_created_once_and_leads_to_its_form(client, cast):
    client.force_login(cast.project_group)
    url = reverse("reporting:report-create", args=[cast.strategy.slug])
    typed = {"subject": "Sachstand", "kind": "information", "token": client.get(url).context["form"]["token"].value()}

    first, second = client.post(url, typed), client.post(url, typed)

    report = CouncilReport.objects.get()
    assert first.url == second.url == address(report, "report-edit")


def test_form_saves_texts_rows_and_scope(client, cast):
    report = reports.draft(cast, number="", scope_fields=[])
    session = CouncilSessionFactory(strategy=cast.strategy)
    client.force_login(cast.project_group)
    url = address(report, "report-edit")
    data = form_data(client, url) | {
        "text": "Erster Absatz.\r\n\r\nZweiter.",
        "number": "7/2027",
        "scope_fields": [cast.field.pk],
        "scope_states": ["running"],
        "cosigning_units": [cast.unit.pk],
        "consultations-1-session": session.pk,
        "consultations-1-purpose": "decision",
        "annexes-0-title": "Broschüre",
    }

    answer = client.post(url, data)

    assert answer.status_code == 302, [answer.context["form"].errors, [r.errors for r in answer.context["form"].rows]]
    report.refresh_from_db()
    assert (report.text, report.number, report.scope_states) == ("Erster Absatz.\n\nZweiter.", "7/2027", ["running"])
    assert list(report.scope_fields.all()) == [cast.field]
    assert [row.unit for row in report.cosignatures.all()] == [cast.unit]
    assert [(row.session, row.purpose) for row in report.consultations.all()][1:] == [(session, "decision")]
    assert [annex.title for annex in report.annexes.all()] == ["Broschüre"]
    assert OutgoingMail.objects.filter(recipient=cast.department_head, subject__contains="Stand").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "972-2023"),
        ("number", "٩٧٢/2023"),
        ("subject", ""),
        ("subject", "x" * 201),
        ("text", "x" * 20001),
        ("dated_on", "31.02.2026"),
        ("scope_fields", "99999999999999999999"),
        ("scope_states", "draft"),
        ("cosigning_units", "0"),
        ("version", ""),
        ("consultations-0-session", "0"),
        ("consultations-1-purpose", "decision"),
        ("subject", "a\x00b"),
    ],
)
def test_what_was_typed_wrongly_is_said_and_kept(client, cast, field, value):
    report = reports.draft(cast)
    client.force_login(cast.project_group)
    url = address(report, "report-edit")
    data = form_data(client, url) | {"foreword": "Bleibt stehen.", field: value}

    answer = client.post(url, data)

    assert answer.status_code == 200
    assert "Bleibt stehen." in answer.content.decode()
    report.refresh_from_db()
    assert (report.version, report.foreword) == (2, "")


def test_rows_of_another_strategy_cannot_be_chosen(client, cast):
    report, other = reports.draft(cast), Cast()
    foreign = CouncilSessionFactory(strategy=other.strategy)
    client.force_login(cast.project_group)
    url = address(report, "report-edit")
    for wrong in (
        {"scope_fields": [other.field.pk]},
        {"scope_stages": [other.stage.pk]},
        {"cosigning_units": [other.unit.pk]},
        {"consultations-0-session": foreign.pk},
        {"predecessor": reports.final(other).pk},
    ):
        assert client.post(url, form_data(client, url) | wrong).status_code == 200, wrong
    report.refresh_from_db()
    assert report.version == 2


def test_two_editors_lose_nothing(client, cast):
    report = reports.draft(cast, foreword="", outlook="")
    client.force_login(cast.project_group)
    url = address(report, "report-edit")
    typed = form_data(client, url) | {"text": "Mein Text", "outlook": "Mein Ausblick"}
    reports.edit(cast, report, text="Anderer Text", foreword="Andere Vorbemerkung")

    asked = client.post(url, typed)

    assert asked.status_code == 409
    form = asked.context["form"]
    assert (form["text"].value(), form["outlook"].value()) == ("Mein Text", "Mein Ausblick")
    assert form["foreword"].value() == "Andere Vorbemerkung"
    assert [(d.name, d.stored) for d in asked.context["differences"]] == [("text", "Anderer Text")]
    assert form["version"].value() == str(report.version)
    report.refresh_from_db()
    assert report.text == "Anderer Text"


def test_a_form_of_a_report_that_is_no_draft_any_more_keeps_what_was_typed(client, cast):
    report = reports.draft(cast)
    client.force_login(cast.project_group)
    url = address(report, "report-edit")
    typed = form_data(client, url) | {"text": "Spät getippt"}
    reports.ready(cast, report)

    answer = client.post(url, typed)

    assert answer.status_code == 409
    assert "Spät getippt" in answer.content.decode()


# Steps


def test_the_way_over_http_to_a_final_report(client, cast, monkeypatch):
    monkeypatch.setattr("reporting.tasks.build_report.delay", lambda build_id: None)
    report = reports.asked(cast)
    for name, user in (("department_head", cast.department_head), ("other_head", cast.other_head)):
        row = report.cosignatures.get(unit=cast.unit if name == "department_head" else cast.other_unit)
        assert press(client, user, report, "report-cosign", row.pk, remark="Einverstanden").url == address(report)
    assert press(client, cast.project_group, report, "report-build").url == address(report)
    assert press(client, cast.project_group, report, "report-cancel").url == address(report)
    report.refresh_from_db()
    report = reports.ready(cast, report)

    assert press(client, cast.project_group, report, "report-submit").url == address(report)
    wrong = press(client, cast.steering_team, report, "report-finalise", typed_number="102/2026")
    assert wrong.context["form"].errors.keys() == {"typed_number"}
    assert press(client, cast.steering_team, report, "report-finalise", typed_number="101/2026").url == address(report)
    answer = press(client, cast.steering_team, report, "report-supersede", reason="Zahlendreher")

    assert answer.url == address(report)
    report.refresh_from_db()
    assert report.state == State.SUPERSEDED
    assert "Zahlendreher" in page(client, cast.reader, address(report)).content.decode()


def test_signing_shows_the_new_text_after_a_change(client, cast):
    report = reports.asked(cast)
    row = report.cosignatures.get(unit=cast.unit)
    client.force_login(cast.department_head)
    url = address(report, "report-cosign", row.pk)
    form = client.get(url).context["form"]
    hidden = {field.html_name: field.value() for field in form.hidden_fields()}
    reports.edit(cast, report, text="Inzwischen geändert.")

    refused = client.post(url, {**hidden, "remark": "Einverstanden"})

    assert "Inzwischen geändert." in refused.content.decode()
    assert refused.context["form"]["text_hash"].value() == report.text_hash()
    assert refused.context["form"]["remark"].value() == "Einverstanden"


def test_progress_answers_only_when_something_has_moved(client, cast):
    build = reports.started(cast)
    report = build.report
    url = address(report, "report-progress")
    client.force_login(cast.project_group)
    htmx = {"HX-Request": "true"}

    assert client.get(f"{url}?seen=data-0", headers=htmx).status_code == 204
    build.advance("public", 30, measures=2)
    moved = client.get(f"{url}?seen=data-0", headers=htmx).content.decode()
    assert all(part in moved for part in ('id="build"', "30 %", 'role="status"'))
    assert "role=" not in client.get(f"{url}?seen=public-20", headers=htmx).content.decode().split("</section>")[1]
    CouncilReport.objects.get(pk=report.pk).cancel(by=cast.actor("project_group"))
    assert client.get(f"{url}?seen=public-30", headers=htmx)["HX-Refresh"] == "true"
    assert client.get(url).url == address(report)


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("name", ["project_group", "steering_team"])
def test_the_page_stands_in_every_state(client, cast, state, name):
    report = reports.IN_STATE[state](cast)

    for url in ("report", "report-preview"):
        for variant in ("public", "nonpublic"):
            answer = page(client, getattr(cast, name), f"{address(report, url)}?variant={variant}")
            assert answer.status_code == 200


@pytest.mark.parametrize("clicks", [10, pytest.param(50, marks=pytest.mark.slow)])
def test_many_clicks_on_finalise_make_one_final_report(transactional_db, cast, clicks):
    """Promise P9: one deed, one council paper, one mail."""
    with transaction.atomic():
        report = reports.submitted(cast)
    url = address(report, "report-finalise")
    clients = [signed_in(cast.steering_team) for _ in range(10)]
    answers = []

    def click(client):
        token = client.get(url).context["form"]["token"].value() if report.state == State.SUBMITTED else ""
        barrier.wait()
        typed = {"token": token, "typed_number": "101/2026"}
        answers.extend(client.post(url, typed).status_code for _ in range(clicks // len(clients)))
        connections.close_all()

    barrier = threading.Barrier(len(clients))
    threads = [threading.Thread(target=click, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    report.refresh_from_db()
    assert len(answers) == clicks
    assert set(answers) <= {302, 409}
    assert report.state == State.FINAL
    assert report.transitions.filter(verb="finalise").count() == 1
    assert OutgoingMail.objects.filter(recipient=cast.project_group, subject__contains=str(report)).count() == 1
    assert CouncilReport.objects.filter(number="101/2026", state=State.FINAL).count() == 1


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


# The log of reminders


def test_the_log_of_a_report_tells_who_will_be_reminded_to_sign(client, cast):
    report = reports.asked(cast, cosign_due_on=timezone.localdate() + timedelta(days=20))
    planner.remind(cast.strategy)

    shown = page(client, cast.project_group, address(report, "report-reminders")).context["page"].object_list

    asked = {cast.department_head, cast.administrative_head, cast.other_head}
    assert {(row.recipient, row.kind, row.state) for row in shown} == {(who, "cosignature", "planned") for who in asked}
    link = address(report, "report-reminders")
    assert link in page(client, cast.project_group, address(report)).content.decode()
    assert link not in page(client, cast.steering_team, address(report)).content.decode()
