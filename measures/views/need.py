"""Reading needs of the staff council: the list, and one need."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from measures.exchange.lists import need_sheet
from measures.exchange.writer import file_of
from measures.forms.attachment import AttachForm
from measures.forms.need import AnswerForm, NoteForm
from measures.law import NO_CONSEQUENCE, OF_AN_APPLICATION
from measures.models import Attachment, Need, NeedNote
from measures.need_filters import NeedFilter
from strategy.as_of import end_of, past_day, today
from strategy.templatetags.portal import shown_date

from .past import of_any_day

ROWS_ON_A_PAGE = 50
DRAFTS_ON_TOP = 5
VERBS = (
    "submit",
    "discard",
    "withdraw",
    "acknowledge",
    "extend",
    "answer",
    "settle",
    "object",
    "answer_objection",
)


def needs_in(request):
    """The needs of this strategy that the actor may see, each with what a row or a page shows of its links."""
    needs = Need.objects.visible_to(request.actor).filter(strategy=request.strategy)
    return needs.for_list().select_related("measure__light", "wished_stage")


def need_of(request, pk):
    """The need, if this actor may see it; else 404."""
    return get_object_or_404(needs_in(request), pk=pk)


@require_safe
@of_any_day(needs=True)
def need_list(request, strategy):
    """What has been handed over, open first; the council's drafts apart from it, for the council alone; on any day."""
    actor = request.actor
    if not actor.has_perm("measures.view_needs", request.strategy):
        raise PermissionDenied("measures.view_needs")
    needs, drafts = needs_in(request).exclude(state=Need.State.DRAFT), None
    if actor.has_perm("measures.view_draft_needs", request.strategy):
        drafts = needs_in(request).drafts().order_by("-created_at")
    only_drafts = drafts is not None and request.GET.getlist("state") == [Need.State.DRAFT]
    filters = NeedFilter(request.GET, needs)
    if "export" in request.GET and not (only_drafts or filters.unknown):
        return exported(request, filters.found)
    page = Paginator(drafts if only_drafts else filters.found, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    views, facets = filters.counted()
    for row in page:
        show_measure(row, actor)
    context = {
        "page": page,
        "filters": filters,
        "views": views,
        "facets": facets,
        "total": views[0].count,
        "only_drafts": only_drafts,
        "discarded": discarded_drafts(request) if only_drafts else [],
        "drafts": drafts[:DRAFTS_ON_TOP] if drafts is not None and not only_drafts else [],
        "draft_count": drafts.count() if drafts is not None else 0,
        "may_add": not past_day() and actor.has_perm("measures.add_need", request.strategy),
    }
    return render(request, "measures/need/list.html", context)


def exported(request, needs):
    rows = list(needs)
    for row in rows:
        show_measure(row, request.actor)
    return file_of(request.GET["export"], _("needs"), [need_sheet(rows)])


def discarded_drafts(request):
    """The latest traces of drafts the council had given up."""
    steps = Need.objects.discarded(request.actor).filter(strategy=request.strategy, at__lt=end_of(today()))
    return steps.select_related("user").order_by("-at", "-pk")[:ROWS_ON_A_PAGE]


def show_measure(need, actor):
    """Mark whether the actor may see the measure: while it is a draft its page is the project group's alone."""
    need.sees_measure = need.measure is not None and actor.has_perm("measures.view_measure", need.measure)
    need.running_clock = need.clock() if need.submitted_on else None


@require_safe
@of_any_day(needs=True)
def need(request, strategy, pk):
    """One need: its clock, what is asked for, the answer or the form for it, its way and what it is linked with.

    On a past day it is only read.
    """
    row, actor = need_of(request, pk), request.actor
    show_measure(row, actor)
    may = {verb: not past_day() and row.may(verb, actor) for verb in VERBS}
    may_edit = not past_day() and row.state == Need.State.DRAFT and actor.has_perm("measures.change_need", row)
    context = {
        "need": row,
        "may": may | {"edit": may_edit},
        "way": way_of(row),
        "interim": row.transitions.filter(verb="extend", at__lt=end_of(today())).last() if row.submitted_on else None,
        "units": row.affected_units.all(),
        "taken_in": row.merged_needs.visible_to(actor).order_by("number"),
        "attachments": Attachment.objects.visible_to(actor).filter(need=row).select_related("need__strategy"),
        "may_see_reminders": not past_day() and actor.has_perm("strategy.view_dispatch", row),
        "law": {"notes": OF_AN_APPLICATION, "no_consequence": NO_CONSEQUENCE},
        **council_only(row, actor),
        **similar_to(row, actor, may),
    }
    if may["answer"]:
        context["answer_form"] = AnswerForm(subject=row, actor=actor)
    return render(request, "measures/need/need.html", context)


def council_only(need, actor):
    """Internal notes, and what is missing before submission."""
    if not actor.has_perm("measures.view_neednote", need):
        return {}
    is_draft = need.state == Need.State.DRAFT and not past_day()
    labels = [need._meta.get_field(name).verbose_name for name in need.missing_for_submission()] if is_draft else []
    notes = NeedNote.objects.visible_to(actor).filter(need=need)
    return {
        "sees_notes": True,
        "notes": notes.filter(written_at__lt=end_of(today())).select_related("written_by"),
        "note_form": None if past_day() else NoteForm(subject=need),
        "attach_form": AttachForm(subject=need) if is_draft else None,
        "missing": labels,
    }


def similar_to(need, actor, may):
    """What resembles it, for those who draft it or answer it."""
    if not (may["submit"] or may["answer"]):
        return {}
    needs = [(other, share) for other, share in need.similar_needs(actor) if other.state != Need.State.DRAFT]
    return {"similar_measures": need.similar_measures(actor), "similar_needs": needs}


def way_of(need):
    """The stations of a need, as ``components/steps.html`` shows them."""
    answered = need.answered_on is not None
    received = {"title": _("Received"), "state": "done"}
    if not need.submitted_on:
        return [{"title": _("Draft"), "text": _("only the staff council sees it"), "state": "current"}]
    way = [received | {"text": _("%(day)s, staff council") % {"day": shown_date(need.submitted_on)}}]
    if need.state == Need.State.WITHDRAWN:
        return [*way, {"title": _("Withdrawn"), "text": _("by the staff council"), "state": "current"}]
    way.append(
        {
            "title": _("Receipt confirmed"),
            "text": need.acknowledged_on and _("%(day)s, project group") % {"day": shown_date(need.acknowledged_on)},
            "state": "done" if need.acknowledged_on else "",
        }
    )
    way.append(
        {
            "title": _("Answer"),
            "text": (
                _("%(day)s: %(outcome)s") % {"day": shown_date(need.answered_on), "outcome": need.get_outcome_display()}
                if answered
                else _("until %(day)s") % {"day": shown_date(need.due_on)}
            ),
            "state": "done" if answered else "current",
        }
    )
    return [*way, *end_of_the_way(need)]


def end_of_the_way(need):
    if need.objected_on:
        yield {"title": _("Objection"), "text": shown_date(need.objected_on), "state": "done"}
        yield {
            "title": _("Answer of the steering team"),
            "text": shown_date(need.objection_answered_on),
            "state": "done" if need.objection_answered_on else "current",
        }
    is_settled = need.state == Need.State.SETTLED
    waits = need.state == Need.State.ANSWERED
    title = _("Settled") if need.objected_on or is_settled else _("Settled or objection")
    hint = "" if need.objected_on or is_settled else _("possible once, the steering team answers")
    yield {"title": title, "text": hint, "state": "done" if is_settled else "current" if waits else ""}
