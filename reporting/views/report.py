"""Reading reports: the list, one report with its build and preview, and its documents."""

from datetime import timedelta

import structlog
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRefresh

from reporting.history import DEEDS
from reporting.models import CoSignature, CouncilReport, Projection, ReportDocument, ReportDownload, Variant
from reporting.models.build import DamagedError
from reporting.outline import labels_to_revise, outline
from reporting.preview import preview_of
from reporting.series import counts_of, next_of
from strategy.forms.once import OnceForm
from strategy.views.history import history_page
from strategy.views.reminders import reminder_log

log = structlog.get_logger(__name__)

ROWS_ON_A_PAGE = 50


def report_of(request, pk):
    """The report, if this actor may see it; else 404."""
    reports = CouncilReport.objects.visible_to(request.actor).filter(strategy=request.strategy)
    return get_object_or_404(
        reports.select_related(
            "strategy", "predecessor", "replacement", "paper", "planned_for__body", "supplement_to__strategy"
        ),
        pk=pk,
    )


@require_safe
def report_list(request, strategy):
    reports = CouncilReport.objects.visible_to(request.actor).filter(strategy=request.strategy).for_list()
    page = Paginator(reports, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    may_add = request.actor.has_perm("reporting.add_councilreport", CouncilReport(strategy=request.strategy))
    context = {"page": page, "may_add": may_add}
    if request.actor.has_perm("reporting.view_planning", request.strategy):
        context["next"] = next_of(request.strategy)
    return render(request, "reporting/report/list.html", context)


@require_safe
def report_detail(request, strategy, pk):
    report = report_of(request, pk)
    variant = variant_asked(request, report)
    cosignatures = cosignatures_of(report, request.actor)
    context = {
        "report": report,
        "outline": outline(report),
        "cosignatures": cosignatures,
        "has_noted": any(row.state == CoSignature.State.PLANNED for row, _may_sign in cosignatures),
        "supplements": CouncilReport.objects.visible_to(request.actor).filter(supplement_to=report).order_by("pk"),
        "to_sign": next((row for row, may_sign in cosignatures if may_sign and row.is_outstanding), None),
        "documents": documents_of(report, request.actor),
        "last_build": report.latest_done_build(),
        "history": history_of(report, request.actor),
        "steps": steps_of(report, request.actor),
        "missing": missing_of(report),
        "unrevised": unrevised_of(report),
        "updates": counts_of(report) if report.waits_for_updates else None,
        "may_supplement": may_supplement(report, request.actor),
        "once": OnceForm(),
        "may_see_reminders": request.actor.has_perm("strategy.view_dispatch", report),
        **preview_context(report, variant, request.actor),
        **build_context(report, request.actor),
    }
    return render(request, "reporting/report/detail.html", context)


@require_safe
@vary_on_headers("HX-Request")
def report_progress(request, strategy, pk):
    """The build panel for the page's polling: nothing where nothing has moved, the whole page at the end."""
    report = report_of(request, pk)
    if not request.htmx:
        return redirect(report)
    context = {"report": report, "once": OnceForm(), **build_context(report, request.actor)}
    if report.state != CouncilReport.State.BUILDING:
        return HttpResponseClientRefresh()
    phase, _, share = request.GET.get("seen", "").partition("-")
    build = context["build"]
    if (phase, share) == (build.phase, str(build.share)):
        return HttpResponse(status=204)
    context["say"] = phase != build.phase
    return render(request, "reporting/report/detail.html#build", context)


@require_safe
def report_preview(request, strategy, pk):
    report = report_of(request, pk)
    variant = variant_asked(request, report)
    context = {"report": report, **preview_context(report, variant, request.actor)}
    return render(request, "reporting/report/preview.html", context)


@require_GET
def report_document(request, strategy, pk, kind):
    """The stored bytes, checked against their hash; each copy handed out is put on record, so HEAD hands out none.

    With ``inline`` it is shown where it can be, as OParl wants of the address under which a file is looked at.
    """
    report = report_of(request, pk)
    documents = ReportDocument.objects.visible_to(request.actor).filter(report=report)
    newest = documents.filter(format=kind).select_related("report", "build").order_by("-build__number")
    document = newest.filter(variant=request.GET.get("variant", Variant.PUBLIC)).first()
    if document is None:
        raise Http404
    try:
        content = document.checked_bytes()
        document.projection().checked_bytes()
    except (DamagedError, Projection.DoesNotExist) as damage:
        return damaged(request, document, damage)
    answer = get_conditional_response(request, etag=f'"{document.sha256}"')
    if answer is None or answer.status_code != 304:
        put_on_record(request, document, was_intact=True)
        answer = as_file(document, content, as_attachment="inline" not in request.GET)
    answer["ETag"] = f'"{document.sha256}"'
    patch_cache_control(answer, private=True, no_cache=True)
    return answer


def as_file(document, content, *, as_attachment):
    answer = HttpResponse(content, content_type=document.mime)
    answer["Content-Disposition"] = content_disposition_header(as_attachment, document.filename)
    return answer


def damaged(request, document, damage):
    """Somebody has to look at the storage; nobody gets bytes that are not the ones approved."""
    log.error("stored_document_damaged", document=document.pk, report=document.report_id, damage=str(damage))
    put_on_record(request, document, was_intact=False)
    return render(request, "reporting/report/damaged.html", {"report": document.report}, status=500)


def put_on_record(request, document, was_intact):
    ReportDownload(
        strategy_id=document.strategy_id,
        report_id=document.report_id,
        document=document,
        variant=document.variant,
        format=document.format,
        sha256=document.sha256,
        was_intact=was_intact,
        user=request.user,
        in_place_of=request.actor.in_place_of,
    ).save()


# What the pages show


def variants_of(report, actor):
    sees_all = actor.has_perm("reporting.view_nonpublic_councilreport", report)
    return [Variant.PUBLIC, Variant.NONPUBLIC] if sees_all else [Variant.PUBLIC]


def variant_asked(request, report):
    variants = variants_of(report, request.actor)
    asked = request.GET.get("variant", variants[-1])
    if asked not in variants:
        raise Http404
    return Variant(asked)


def preview_context(report, variant, actor):
    return {"preview": preview_of(report, variant), "variants": variants_of(report, actor), "variant": variant}


def build_context(report, actor):
    build = report.latest_build()
    return {
        "build": build,
        "phases": phases_of(build) if build else [],
        "remaining": remaining(build) if build else None,
        "may_cancel": report.may("cancel", actor),
    }


def phases_of(build):
    """The phases as stations of a way: what is done, what is being done, what is still to come."""
    return [
        {"name": phase.value, "title": phase.label, "state": station(index, build.step)}
        for index, phase in enumerate(build.Phase, start=1)
    ]


def station(index, step):
    return "done" if index < step else "current" if index == step else ""


def remaining(build, at=None):
    """How many seconds it will take still, in steps of ten; None while that would be a guess."""
    if not build.started_at or build.share < 15:
        return None
    passed = (at or timezone.now()) - build.started_at
    left = passed * (100 - build.share) / build.share
    return 10 * (1 + int(left / timedelta(seconds=10)))


def documents_of(report, actor):
    newest = report.latest_done_build()
    if newest is None:
        return []
    rows = ReportDocument.objects.visible_to(actor).filter(build=newest).select_related("strategy")
    return rows.without_bytes().in_order()


def cosignatures_of(report, actor):
    """[(co-signature, whether this actor may sign it now)]; remarks are for those who take part."""
    rows = report.cosignatures.select_related("unit", "report")
    return [(row, row.may("sign", actor)) for row in rows]


def history_of(report, actor):
    """What has been done with it; who sees the public version alone, since it has been final."""
    entries = report.transitions.select_related("user", "in_place_of")
    if not actor.has_perm("reporting.view_nonpublic_councilreport", report):
        entries = entries.filter(at__gte=report.finalised_at)
    return [
        {"at": entry.at, "text": DEEDS.get(entry.verb, entry.verb), "who": who_did(entry), "why": entry.reason}
        for entry in entries.order_by("-at", "-pk")
    ]


@require_safe
def report_history(request, strategy, pk):
    """Steps and texts, for each reader from when the report became theirs to see."""
    report = report_of(request, pk)
    list_url = reverse("reporting:reports", args=[request.strategy.slug])
    return history_page(request, report, [(_("Reports"), list_url), (report, report.get_absolute_url())])


@require_safe
def report_reminders(request, strategy, pk):
    """Of the report and of its co-signatures."""
    report = report_of(request, pk)
    crumbs = [
        (_("Reports"), reverse("reporting:reports", args=[request.strategy.slug])),
        (report, report.get_absolute_url()),
    ]
    return reminder_log(request, report, crumbs, report.cosignatures.all())


def who_did(entry):
    if entry.user is None:
        return _("the portal")
    if entry.in_place_of is None:
        return entry.user
    return _("%(person)s in place of %(member)s") % {"person": entry.user, "member": entry.in_place_of}


STEPS = (
    "build",
    "ask_units",
    "discard",
    "submit",
    "finalise",
    "send_back",
    "reopen",
    "supersede",
    "release",
    "withdraw_release",
)


def steps_of(report, actor):
    """The verbs this person may use now, as {verb: True}."""
    return {verb: True for verb in STEPS if report.may(verb, actor)}


def may_supplement(report, actor):
    return report.state == CouncilReport.State.FINAL and actor.has_perm("reporting.add_councilreport", report)


def unrevised_of(report):
    """What was taken over from the last report and nobody has read again since, as a list of one sentence or none."""
    names = [str(label) for name, label in labels_to_revise(report)] if not report.is_published else []
    words = {"parts": ", ".join(names)}
    return [gettext("Taken over from the last report and not read again: %(parts)s.") % words] if names else []


def missing_of(report):
    """Sentences on what stands in the way of the next step."""
    if report.state == CouncilReport.State.DRAFT:
        return list(report.missing_to_build().values())
    return report.missing_to_submit() if report.state == CouncilReport.State.READY else []
