"""Builds a report: freezes the data, renders the files of each variant, checks and stores them; or says why not."""

import io
from functools import partial

import pikepdf
import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.utils.translation import gettext

from reporting.documents import Format, rendered
from reporting.models import CouncilReport, Projection, ReportBuild, ReportDocument, Variant
from reporting.models.build import BuildStoppedError
from reporting.print import checker
from reporting.print import projection as printed
from reporting.print.render import quiet_collector, versions
from reporting.projection import Contents
from strategy.actor import Actor
from strategy.workflow import RuleViolation

log = structlog.get_logger(__name__)

Phase = ReportBuild.Phase

# How much of the whole each phase takes, in percent, as measured with 48 measures.
BEGINS_AT = {Phase.DATA: 0, Phase.PUBLIC: 5, Phase.NONPUBLIC: 48, Phase.CHECK: 92, Phase.STORE: 98}
SETTING = {Variant.PUBLIC: (Phase.PUBLIC, Phase.NONPUBLIC), Variant.NONPUBLIC: (Phase.NONPUBLIC, Phase.CHECK)}


class BuildFailedError(Exception):
    """The report cannot be built as it is; the message tells people what to change."""


def run(build_id):
    """Build what was asked for. Does nothing for a build that somebody else has begun or nobody wants."""
    build = ReportBuild.objects.select_related("report__strategy").filter(pk=build_id).first()
    if build is None or not build.claim():
        log.info("build_not_wanted", build=build_id)
        return
    try:
        with quiet_collector():
            _build(build)
    except BuildStoppedError:
        log.info("build_stopped", build=build.pk)
    except BuildFailedError as problem:
        give_up(build, str(problem))
    except SoftTimeLimitExceeded:
        give_up(build, gettext("It took too long. Please narrow the scope or shorten the texts."))
        raise
    except Exception:
        give_up(build, gettext("Something went wrong in the portal; the operators find the details in the log."))
        raise


def give_up(build, reason):
    """Return the report to its authors with the reason, unless nobody waits for this build any more."""
    report = CouncilReport.objects.select_related("strategy").get(pk=build.report_id)
    try:
        report.fail_build(by=Actor.system(report.strategy), reason=reason, build=build)
    except RuleViolation:
        log.info("build_not_wanted", build=build.pk)
    else:
        log.warning("build_failed", build=build.pk, report=report.pk, reason=reason)


def _build(build):
    data = freeze(build)
    files = {}
    for variant in Variant:
        begins, ends = SETTING[variant]
        progress = partial(_advance, build, begins, ends)
        files[variant] = rendered(printed.read(data[variant]), build.report.get_absolute_url(), progress)
    build.advance(Phase.CHECK, BEGINS_AT[Phase.CHECK])
    pages = {variant: check(made[Format.PDF]) for variant, made in files.items()}
    build.advance(Phase.STORE, BEGINS_AT[Phase.STORE], pages=pages[Variant.NONPUBLIC])
    store(build, data, files, pages)


def freeze(build):
    """{variant: projection as canonical JSON} of one moment; keeps what is needed when the report is final."""
    contents = Contents.read(build.report)
    if not contents.measures and not build.report.paper_only:
        raise BuildFailedError(gettext("There is no measure in the scope. Please widen it."))
    made_with = versions()
    data = {variant: printed.canonical(contents.project(variant, made_with)) for variant in Variant}
    build.paper_hash, build.plans = contents.paper_hash, contents.plans_now()
    build.save(update_fields=["paper_hash", "plans"])
    checksum = printed.digest(data[Variant.NONPUBLIC])[:8]
    build.advance(Phase.PUBLIC, BEGINS_AT[Phase.PUBLIC], measures=len(contents.measures), checksum=checksum)
    return data


def _advance(build, begins, ends, phase, share):
    """Note every percent, not every page."""
    start, end = BEGINS_AT[begins], BEGINS_AT[ends]
    percent = start + int((end - start) * share)
    if (build.phase, build.share) != (begins, percent):
        build.advance(begins, percent)


def check(pdf):
    """How many pages it has.

    Raises:
        BuildFailedError: its structure would shut out people who hear it instead of seeing it.
    """
    if problems := checker.check(pdf):
        sentence = gettext("The accessibility check found: %(problems)s")
        raise BuildFailedError(sentence % {"problems": "; ".join(map(str, problems[:5]))})
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return len(document.pages)


def store(build, data, files, pages):
    """All or nothing: projections, documents, and the report's next state.

    Takes {variant: projection as JSON}, {variant: {format: bytes}} and {variant: number of the PDF's pages}.

    Raises:
        BuildStoppedError: the report does not wait for this build any more; nothing has been stored.
    """
    report, place = build.report, {"report": build.report, "build": build, "strategy_id": build.strategy_id}
    try:
        with transaction.atomic():
            for variant in Variant:
                Projection(variant=variant, content=data[variant], **place).save()
                for kind, content in files[variant].items():
                    count = pages[variant] if kind == Format.PDF else 0
                    ReportDocument(variant=variant, format=kind, content=content, pages=count, **place).save()
            build.share = 100
            build.save(update_fields=["share"])
            report.complete_build(by=Actor.system(report.strategy), build=build)
    except RuleViolation as unwanted:
        raise BuildStoppedError from unwanted


def give_up_lost(build):
    give_up(build, gettext("The process that built it is gone, perhaps it was restarted. Please build again."))
