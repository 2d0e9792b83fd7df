"""The council report: who sees and does what, co-signatures, four eyes, and what final means."""

import hashlib
import re
from datetime import date
from itertools import product

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext

from measures.models import Baseline, Measure
from reporting.models import CoSignature, CouncilReport, EditConflict, ReportDocument
from reporting.models.build import DamagedError
from reporting.verification import damages
from strategy.actor import Actor
from strategy.models import CouncilPaper, Deputyship, OutgoingMail, Role
from strategy.templatetags.portal import shown_date
from strategy.workflow import RuleViolation
from tests.factories import Cast, MembershipFactory

from . import reports

State = CouncilReport.State
EVERYBODY = ["project_group", "department_head", "other_head", "administrative_head", "staff_council", "steering_team",
             "reader", "administrator", "stranger"]  # fmt: skip
WORKING_ON_IT = {"project_group", "steering_team"}
HEADS_OF_UNIT = {"department_head", "administrative_head"}
INSIDE = set(EVERYBODY) - {"stranger"}


def said(english):
    """The sentence as people read it, whatever language the tests run in."""
    return re.escape(gettext(english))


# Sight


@pytest.mark.parametrize("state", State.values)
def test_sight_of_a_report_follows_its_state(cast, state):
    report = reports.IN_STATE[state](cast)

    seen = {name for name in EVERYBODY if cast.actor(name).has_perm("reporting.view_councilreport", report)}

    assert seen == (INSIDE if state in CouncilReport.PUBLISHED else WORKING_ON_IT)


def test_a_unit_asked_to_cosign_sees_the_draft(cast):
    report = reports.draft(cast, cosigning_units=[cast.unit])

    seen = {name for name in EVERYBODY if cast.actor(name).has_perm("reporting.view_councilreport", report)}

    assert seen == WORKING_ON_IT | HEADS_OF_UNIT


@pytest.mark.parametrize("state", State.values)
def test_list_and_rule_of_sight_agree(cast, state):
    reports.IN_STATE[state](cast)
    reports.draft(cast, cosigning_units=[cast.other_unit])

    for name, report in product(EVERYBODY, CouncilReport.objects.all()):
        actor = cast.actor(name)
        listed = CouncilReport.objects.visible_to(actor).filter(pk=report.pk).exists()
        assert listed == actor.has_perm("reporting.view_councilreport", report), (name, report.state)
        for document in ReportDocument.objects.filter(report=report):
            held = ReportDocument.objects.visible_to(actor).filter(pk=document.pk).exists()
            assert held == actor.has_perm("reporting.view_reportdocument", document), (name, document.variant)


def test_reader_and_administrator_never_get_the_non_public_version(cast):
    report = reports.final(cast)
    hidden = report.reportdocuments.get(variant="nonpublic", format="pdf")

    seen = {name for name in EVERYBODY if cast.actor(name).has_perm("reporting.view_reportdocument", hidden)}

    assert seen == INSIDE - {"reader", "administrator"}


# The machine


ALLOWED = {
    "build": ({State.DRAFT}, {"project_group"}),
    "cancel": ({State.BUILDING}, {"project_group"}),
    "reopen": ({State.READY}, {"project_group"}),
    "submit": ({State.READY}, {"project_group"}),
    "send_back": ({State.SUBMITTED}, {"steering_team"}),
    "finalise": ({State.SUBMITTED}, {"steering_team"}),
    "supersede": ({State.FINAL}, {"steering_team"}),
    "release": ({State.FINAL}, {"project_group"}),
}
DETAILS = {
    "finalise": {"typed_number": reports.NUMBER},
    "send_back": {"reason": "Bitte kürzen"},
    "supersede": {"reason": "Zahlendreher"},
}


@pytest.mark.parametrize("state", State.values)
def test_each_verb_goes_from_its_state_by_its_people_alone(cast, state):
    report = reports.IN_STATE[state](cast)

    for verb, (sources, people) in ALLOWED.items():
        for name in EVERYBODY:
            assert report.may(verb, cast.actor(name)) == (state in sources and name in people), (verb, name)
        if state not in sources:
            by = cast.actor(next(iter(people)))
            with pytest.raises(RuleViolation):
                getattr(report, verb)(by=by, **DETAILS.get(verb, {}))
    report.refresh_from_db()
    assert report.state == state


@pytest.mark.parametrize("verb", ALLOWED)
def test_who_may_not_take_a_step_is_refused(cast, verb):
    sources, people = ALLOWED[verb]
    report = reports.IN_STATE[next(iter(sources))](cast)

    for name in set(EVERYBODY) - people:
        with pytest.raises(PermissionDenied):
            getattr(report, verb)(by=cast.actor(name), **DETAILS.get(verb, {}))
    assert not report.transitions.filter(verb=verb).exists() or verb == "build"


def test_only_the_portal_itself_ends_a_build(cast):
    report = reports.IN_STATE[State.BUILDING](cast)
    build = report.latest_build()

    for name in EVERYBODY:
        for step in (report.complete_build, report.fail_build):
            with pytest.raises(PermissionDenied):
                step(by=cast.actor(name), build=build, reason="x")
    with pytest.raises(PermissionDenied):
        report.complete_build(by=Actor.system(Cast().strategy), build=build)


def test_submit_asks_for_number_date_and_sessions(cast):
    report = reports.ready(cast, reports.draft(cast, number="", dated_on=None))

    with pytest.raises(RuleViolation) as refusal:
        report.submit(by=cast.actor("project_group"))

    assert len(refusal.value.messages) == 3
    assert report.missing_to_submit() == refusal.value.messages[:2]


def test_submit_refuses_a_report_that_changed_since_its_build(cast):
    report = reports.ready(cast)
    report.signatures.update(function="Zweiter Bürgermeister")

    with pytest.raises(
        RuleViolation,
        match=said("Number, sessions or co-signatures have changed since the build. Please reopen and build again."),
    ):
        report.submit(by=cast.actor("project_group"))


def test_build_asks_for_the_text(cast):
    report = reports.draft(cast, text="", kind="decision")

    with pytest.raises(RuleViolation) as refusal:
        report.build(by=cast.actor("project_group"))

    assert set(refusal.value.messages) == set(report.missing_to_build().values())
    assert set(report.missing_to_build()) == {"text", "motion"}


# Four eyes


def test_nobody_finalises_what_they_have_submitted(cast):
    both = cast.member(Role.PROJECT_GROUP, name="both")
    _also(cast, both, Role.STEERING_TEAM)
    report = reports.ready(cast)
    report.submit(by=Actor.of(both))

    with pytest.raises(PermissionDenied):
        report.finalise(by=Actor.of(both), typed_number=reports.NUMBER)

    report.finalise(by=cast.actor("steering_team"), typed_number=reports.NUMBER)
    assert report.state == State.FINAL


def test_nobody_finalises_for_the_one_who_submitted(cast):
    """Neither the person stood for nor a deputy of the submitter counts as a second pair of eyes."""
    both = cast.member(Role.PROJECT_GROUP, name="both")
    seat = _also(cast, both, Role.STEERING_TEAM)
    today = timezone.localdate()
    deputyship = Deputyship(membership=seat, deputy=cast.steering_team, valid_from=today, valid_to=today)
    report = reports.ready(cast)
    report.submit(by=Actor.of(both))

    with pytest.raises(PermissionDenied):
        report.finalise(by=Actor.deputising(cast.steering_team, deputyship), typed_number=reports.NUMBER)


def _also(cast, user, role):
    return MembershipFactory(strategy=cast.strategy, user=user, role=role)


def test_finalise_wants_the_number_typed(cast):
    report = reports.submitted(cast)

    with pytest.raises(RuleViolation) as refusal:
        report.finalise(by=cast.actor("steering_team"), typed_number="102/2026")

    assert set(refusal.value.message_dict) == {"typed_number"}


# Co-signatures


def test_a_changed_text_lapses_cosignatures_visibly(cast):
    report = reports.asked(cast)
    signed = reports.sign(cast, report, remark="Einverstanden")

    reports.edit(cast, report, text="Ein anderer Text.")

    signed.refresh_from_db()
    assert signed.state == CoSignature.State.LAPSED
    assert [entry.verb for entry in signed.transitions.all()] == ["ask", "sign", "lapse"]
    assert OutgoingMail.objects.filter(recipient=cast.department_head, subject__contains=report).count() == 2


def test_number_date_and_session_leave_cosignatures_standing(cast):
    report = reports.asked(cast, number="", dated_on=None)
    signed = reports.sign(cast, report)

    reports.edit(cast, report, number="7/2027", dated_on=date(2027, 1, 4), rows=lambda: reports.add_rows(cast, report))

    signed.refresh_from_db()
    assert signed.state == CoSignature.State.SIGNED


def test_an_annex_is_part_of_the_text(cast):
    report = reports.asked(cast)
    signed = reports.sign(cast, report)

    reports.edit(cast, report, rows=lambda: report.annexes.create(strategy=cast.strategy, title="Broschüre"))

    signed.refresh_from_db()
    assert signed.state == CoSignature.State.LAPSED


def test_nobody_signs_a_text_that_changed_while_they_read(cast):
    report = reports.asked(cast)
    read = report.text_hash()
    reports.edit(cast, report, text="Inzwischen geändert.")

    with pytest.raises(
        RuleViolation, match=said("The text has changed since you opened this page. Please read it again.")
    ):
        report.cosignatures.get(unit=cast.unit).sign(by=cast.actor("department_head"), text_hash=read)


def test_only_a_head_of_the_unit_asked_signs(cast):
    report = reports.asked(cast)
    row = report.cosignatures.get(unit=cast.unit)

    for name in set(EVERYBODY) - HEADS_OF_UNIT:
        with pytest.raises(PermissionDenied):
            row.sign(by=cast.actor(name), text_hash=report.text_hash())


def test_submit_waits_for_every_cosignature_and_a_build_that_prints_them(cast):
    report = reports.asked(cast)
    reports.sign(cast, report)
    report = reports.ready(cast, report)
    with pytest.raises(RuleViolation, match=said("Not every unit asked has co-signed.")):
        report.submit(by=cast.actor("project_group"))

    reports.sign(cast, report, "other_head")
    with pytest.raises(
        RuleViolation,
        match=said("Number, sessions or co-signatures have changed since the build. Please reopen and build again."),
    ):
        report.submit(by=cast.actor("project_group"))

    report.reopen(by=cast.actor("project_group"))
    report = reports.submitted(cast, report)
    assert report.state == State.SUBMITTED


def test_submitted_reports_are_not_cosigned_any_more(cast):
    report = reports.submitted(cast)
    row = CoSignature.objects.create(report=report, unit=cast.unit, strategy=cast.strategy)

    assert not row.may("sign", cast.actor("department_head"))
    with pytest.raises(RuleViolation, match=said("The report has been submitted, co-signing is over.")):
        row.sign(by=cast.actor("department_head"), text_hash=report.text_hash())


# Editing


def test_the_second_editor_is_told(cast):
    report = reports.draft(cast)
    version = report.version
    reports.edit(cast, report, text="Zuerst")

    with pytest.raises(EditConflict) as conflict:
        report.edit(by=cast.actor("project_group"), version=version, changes={"text": "Danach"})

    assert conflict.value.report.text == "Zuerst"


@pytest.mark.parametrize("state", sorted(set(State.values) - {State.DRAFT}))
def test_only_a_draft_is_edited(cast, state):
    report = reports.IN_STATE[state](cast)

    with pytest.raises(RuleViolation, match=said("Only a draft can be edited; please reopen the report first.")):
        reports.edit(cast, report, text="x")


def test_a_new_report_is_prefilled_from_the_last_final_one(cast):
    last = reports.final(cast)

    new = CouncilReport.objects.create_draft(by=cast.actor("project_group"), strategy=cast.strategy, subject="Neu")

    assert (new.predecessor, new.text, new.number, new.subject) == (last, last.text, "", "Neu")
    assert [(row.body, row.session) for row in new.consultations.all()] == [(last.consultations.get().body, None)]
    assert [row.function for row in new.signatures.all()] == ["Erster Bürgermeister"]


# What final means


def test_final_report_is_a_council_paper_with_a_baseline_of_each_measure(cast):
    report = reports.final(cast)

    assert (report.paper.number, report.paper.dated_on) == (reports.NUMBER, date(2026, 12, 1))
    assert CouncilPaper.objects.filter(strategy=cast.strategy, number=reports.NUMBER).count() == 1
    assert (
        Baseline.objects.filter(kind=Baseline.Kind.REPORT).count() == Measure.objects.exclude(submitted_on=None).count()
    )


def test_finalising_changes_no_byte(cast):
    report = reports.submitted(cast)
    before = {d.seal_name: bytes(d.content) for d in ReportDocument.objects.filter(report=report)}

    report.finalise(by=cast.actor("steering_team"), typed_number=reports.NUMBER)

    assert {d.seal_name: d.checked_bytes() for d in ReportDocument.objects.filter(report=report)} == before
    assert set(report.seal) == {*before, "public/projection", "nonpublic/projection"}


def test_a_second_final_report_with_the_same_number_is_refused(cast):
    reports.final(cast)
    second = reports.submitted(cast)

    with pytest.raises(
        RuleViolation, match=said("There is a final report with this number; it has to be superseded first.")
    ):
        second.finalise(by=cast.actor("steering_team"), typed_number=reports.NUMBER)


def test_superseding_names_another_final_report_of_the_strategy(cast):
    first, other = reports.final(cast), reports.final(Cast())
    second = reports.final(cast, reports.draft(cast, number="102/2026"))
    for wrong in (other, first):
        with pytest.raises(RuleViolation):
            first.supersede(by=cast.actor("steering_team"), reason="Ersetzt", replacement=wrong)

    first.supersede(by=cast.actor("steering_team"), reason="Ersetzt", replacement=second)

    assert (first.state, first.replacement) == (State.SUPERSEDED, second)


@pytest.mark.parametrize("variant", ["public", "nonpublic"])
def test_stored_bytes_are_never_written_again(cast, variant):
    document = reports.final(cast).reportdocuments.get(variant=variant, format="pdf")
    document.content = b"anders"

    with pytest.raises(TypeError):
        document.save()


def test_tampering_is_found_even_where_the_hash_was_made_to_fit(cast):
    report = reports.final(cast)
    document = report.reportdocuments.get(variant="public", format="pdf")
    other = hashlib.sha256(b"anders").hexdigest()
    ReportDocument.objects.filter(pk=document.pk).update(content=b"anders", sha256=other)

    with pytest.raises(DamagedError):
        ReportDocument.objects.get(pk=document.pk).checked_bytes()
    assert "public/pdf: not the bytes that were stored" in damages(report)


def test_steps_are_announced_to_those_they_concern(cast):
    report = reports.submitted(cast)
    asked = OutgoingMail.objects.get(recipient=cast.steering_team, subject__contains=str(report))
    assert shown_date(timezone.localdate()) in asked.subject  # there is no day by which, so since when
    report.send_back(by=cast.actor("steering_team"), reason="Bitte kürzen")

    mails = OutgoingMail.objects.filter(strategy=cast.strategy, subject__contains=str(report))

    assert {mail.recipient for mail in mails} == {cast.steering_team, cast.project_group}
