"""Reading measures: the list, the sheet, the status updates."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from measures.as_of import standing
from measures.disclosure import with_values
from measures.exchange.export import sheets_of
from measures.exchange.writer import file_of
from measures.figures import IndicatorShown, ResourceTable
from measures.filters import MeasureFilter, choices_of, in_order
from measures.forms.as_of import AsOfForm
from measures.history import history_of
from measures.list_columns import ChosenColumns
from measures.list_views import address_of, asked_for, views_of
from measures.models import (
    Measure,
    MeasureLink,
    Need,
    PriorityDecision,
    RankingRound,
    ResourceRequest,
    Review,
    RoundMeasure,
    StaffParticipation,
    TextVersion,
)
from measures.quality import quality_of
from measures.rows import rows_of
from strategy.as_of import end_of, past_day, today
from strategy.models import Strategy

from .acts import acts_of, acts_on_past
from .participation import law
from .past import of_any_day
from .statements import reviews_with_answers, texts_since
from .step import measure_of

ROWS_ON_A_PAGE = 50
ENTRIES_ON_THE_SHEET = 3


@require_safe
@vary_on_headers("HX-Target")
def measure_list(request, strategy):
    """The measures the person may see, cut down and sorted by the address, today or as of a past day."""
    as_of = AsOfForm(request.GET, request.strategy)
    with standing(request.strategy, request.actor, as_of.day) as visible:
        return list_of(request, visible if as_of.is_valid() else visible.none(), as_of)


def list_of(request, visible, as_of):
    choices = choices_of(as_it_stood(request.strategy), visible)
    filters = MeasureFilter(request.GET, visible, actor=request.actor, choices=choices)
    sees_quality = request.actor.has_perm("measures.view_quality", request.strategy)
    found = in_order(filters.qs, request.GET.get("ordering", ""), sees_quality)
    columns = ChosenColumns(request.GET, filters)
    if "export" in request.GET and filters.is_valid() and as_of.is_valid():
        return as_file(request, found, columns)
    census, views = views_of(filters, kept=columns.query, as_of=as_of.query)
    page = page_of(found, census.count(filters.question), request.GET.get("page"))
    asked = asked_for(views, request.GET)
    context = {
        "as_of": as_of,
        "filters": filters,
        "problems": [*as_of.problems, *filters.problems],
        "pickers": filters.pickers(census),
        "page": page,
        "rows": rows_of(page.object_list, columns, choices, today()),
        "columns": columns,
        "reset": address_of(columns.query | as_of.query),
        "views": [(view, view == asked) for view in views],
        "total": views[0].count,
        "ways_out": ways_out(filters, census) if not page.paginator.count else [],
        **({} if as_of.day else acts_on_list(request, filters, columns, asked)),
        "fragment": request.htmx.target,
    }
    part = {"results": "#results", "list": "#list"}.get(request.htmx.target, "")
    return render(request, f"measures/measure_list.html{part}", context)


def as_it_stood(strategy):
    """The strategy itself, or its row of the past day that is read."""
    return Strategy.objects.get(pk=strategy.pk) if past_day() else strategy


def acts_on_list(request, filters, columns, asked):
    """What the person may do with the list; nothing with that of a past day."""
    return {
        "saved": saved_view_to_change(request, asked),
        "may_save": (filters.active or columns.named) and filters.is_valid() and not (asked and asked.saved),
        "may_add": request.actor.has_perm("measures.add_measure", request.strategy),
        "may_recall": request.actor.has_perm("strategy.ask_recall", request.strategy),
        "may_edit": request.actor.has_perm("measures.add_bulkedit", request.strategy),
    }


def saved_view_to_change(request, asked):
    """The saved view that is shown, where this person may rename and delete it."""
    saved = asked and asked.saved
    return saved if saved and request.actor.has_perm("measures.change_savedview", saved) else None


def as_file(request, found, columns):
    """All the filter shows, not only a page of it."""
    name = f"{_('Measures')}-{today():%Y-%m-%d}"
    return file_of(request.GET["export"], name, sheets_of(found, request.strategy, columns))


def page_of(found, count, number):
    """A page of the rows found, which have been counted already."""
    paginator = Paginator(found, ROWS_ON_A_PAGE)
    paginator.count = count
    return paginator.get_page(number)


def ways_out(filters, census):
    """[(filter, its label, measures found without it)] of the filters that alone stand in the way."""
    held = filters.question or {}
    counts = {name: census.count({key: held[key] for key in held if key != name}) for name in held}
    return [(name, filters.filters[name].label, count) for name, count in counts.items() if count]


@require_safe
def measure_detail(request, strategy, code):
    """All there is to know about a measure on one page, as far as this person may know it, today or on a past day."""
    as_of = AsOfForm(request.GET, request.strategy)
    with standing(request.strategy, request.actor, as_of.day) as measures:
        if measure := measures.for_list().filter(code=code).first():
            context = sheet_of(measure, request.actor) | {"as_of": as_of}
            return render(request, "measures/measure_detail.html", context)
    measure = measure_of(request, code)  # it is there, only not on that day
    as_of.add_error("on", _("When that day ended, this measure was not there for you yet."))
    context = sheet_of(measure, request.actor) | {"as_of": as_of}
    return render(request, "measures/measure_detail.html", context)


def sheet_of(measure, actor):
    reviews = reviews_of(measure, actor)
    amendment = open_amendment(measure, actor)
    updates = measure.status_updates.select_related("light", "reported_by", "in_place_of")
    entries = history_of(measure, actor, until=past_day())
    resources = ResourceTable(measure.resource_requests.select_related("council_paper"))
    decisions = priority_decisions(measure, actor)
    links = list(MeasureLink.objects.visible_to(actor).of(measure))
    return {
        "measure": measure,
        "today": today(),
        "amendment": amendment,
        "involved": list(measure.involved_units.all()),
        "tags": list(measure.tags.all()),
        "status": updates.first(),
        "status_count": updates.count(),
        "indicators": indicators_of(measure, actor),
        "milestones": milestones_of(measure, today()),
        "resources": resources,
        "review": reviews[0] if reviews else None,
        "earlier_reviews": reviews[1:],
        "participations": participations_of(measure, actor),
        "decisions": decisions,
        "papers": papers_of(measure, decisions, resources),
        "texts": texts_of(measure),
        "agreements": measure.worksagreements.all(),
        "surveys": measure.surveys.all(),
        "references": measure.references.all(),
        "attachments": measure.attachments.all(),
        "needs": needs_behind(measure, actor),
        "related": [(*link.seen_from(measure), link.reason) for link in links],
        "merge": merge_proposed(measure, links),
        "rank": rank_of(measure, actor),
        "versions": TextVersion.objects.visible_to(actor).filter(measure=measure).count(),
        "quality": quality_shown(measure, actor),
        "entries": entries[:ENTRIES_ON_THE_SHEET],
        "entries_count": len(entries),
        **({"acts": acts_on_past(measure)} if past_day() else acts_on_sheet(measure, actor, reviews, amendment)),
    }


def acts_on_sheet(measure, actor, reviews, amendment):
    """What the person may do from here."""
    request = ResourceRequest(measure=measure, strategy=measure.strategy)
    return {
        "acts": acts_of(measure, actor, reviews, amendment),
        "may_add_indicator": actor.has_perm("measures.add_indicator", measure.strategy),
        "may_add_resource": not measure.is_ended and actor.has_perm("measures.add_resourcerequest", request),
        "may_change": not measure.is_ended and actor.has_perm("measures.change_measure", measure),
        "may_see_reminders": actor.has_perm("strategy.view_dispatch", measure),
    }


def quality_shown(measure, actor):
    """For project group and lead unit, as long as the measure is under way; who leads it today says nothing of then."""
    permission, of = "measures.view_quality_measure", measure
    if past_day():
        permission, of = "measures.view_quality", measure.strategy
    return None if measure.is_ended or not actor.has_perm(permission, of) else quality_of(measure, actor)


def indicators_of(measure, actor):
    sees_small = actor.has_perm("measures.view_small_values", measure)
    rows = with_values(measure.indicators.select_related("strategy"))
    return [IndicatorShown(one, sees_small=sees_small) for one in rows]


def reviews_of(measure, actor):
    """The reviews of the measure, the newest first, with the statements this actor may read."""
    reviews = Review.objects.visible_to(actor).filter(measure=measure)
    shown = reviews_with_answers(actor, reviews.select_related("text_version", "measure__strategy"))
    return texts_since(shown, measure)


def open_amendment(measure, actor):
    proposals = TextVersion.objects.visible_to(actor).filter(measure=measure, state__in=TextVersion.OPEN)
    return proposals.select_related("measure__strategy").first()


def milestones_of(measure, today):
    """The milestones in order, each with ``mark``: reached, overdue, next or open."""
    milestones = list(measure.milestones.all())
    ahead = [milestone for milestone in milestones if not milestone.is_reached]
    for milestone in milestones:
        if milestone.is_reached:
            milestone.mark = "reached"
        elif milestone.is_overdue(today) and not measure.is_ended:
            milestone.mark = "overdue"
        else:
            milestone.mark = "next" if milestone == ahead[0] else "open"
    return milestones


def participations_of(measure, actor):
    """The formal participations, each with its clock and the notes on the law."""
    participations = list(StaffParticipation.objects.visible_to(actor).for_list().filter(measure=measure))
    for participation in participations:
        participation.running_clock = participation.clock()
        participation.law = law(participation)
        participation.may_state_view = not past_day() and participation.may("state_view", actor)
    return participations


def priority_decisions(measure, actor):
    """The decisions on its priority, each with the ``round`` it stood beside, if the actor may see its results."""
    decisions = list(PriorityDecision.objects.visible_to(actor).on(measure))
    beside = {decision.round_measure_id for decision in decisions} - {None}
    seen = RankingRound.objects.results_visible_to(actor)
    rows = RoundMeasure.objects.filter(pk__in=beside, round__in=seen).values("pk", "round_id", "round__title")
    rounds = {row["pk"]: row for row in rows} if beside else {}
    for decision in decisions:
        decision.round = rounds.get(decision.round_measure_id)
    return decisions


def rank_of(measure, actor):
    """Its place in the ranking published last, as far as the actor may see it: {round_id, title, place, places}."""
    seen = RankingRound.objects.results_visible_to(actor).filter(state=RankingRound.State.PUBLISHED, is_trial=False)
    seen = seen.filter(published_at__lt=end_of(today()))
    ranked = RoundMeasure.objects.filter(measure=measure, round__in=seen).order_by("-round__published_at")
    latest = ranked.values("pk", "round_id", "round__title", "round__results__items").first()
    found = latest and latest["round__results__items"]
    if not found:
        return None
    place = next(row["place"] for row in found if row["item"] == latest["pk"])
    return {"round_id": latest["round_id"], "title": latest["round__title"], "place": place, "places": len(found)}


def texts_of(measure):
    """The texts beside the goal that are filled in, in the order of the sheet: [{name, heading, text}]."""
    names = ("initial_situation", "target_group", "experience", "risks")
    headings = {name: capfirst(Measure._meta.get_field(name).verbose_name) for name in names}
    texts = ((name, getattr(measure, name)) for name in names)
    return [{"name": name, "heading": headings[name], "text": text} for name, text in texts if text]


def papers_of(measure, decisions, resources):
    papers = {decision.council_paper for decision in decisions if decision.council_paper_id} | resources.papers
    papers |= set(measure.council_papers.all())
    return sorted(papers, key=str)


def needs_behind(measure, actor):
    """The needs of the staff council that it came from or took in, as far as the actor may see them."""
    return Need.objects.visible_to(actor).behind(measure)


def merge_proposed(measure, links):
    """The proposal to merge it into another measure; nothing once it has ended."""
    own = (link for link in links if link.source_measure_id == measure.pk)
    return None if measure.is_ended else next((link for link in own if link.kind == link.Kind.MERGED_INTO), None)


@require_safe
@of_any_day()
def status_list(request, strategy, code):
    """All status updates of a measure, the newest first, up to today or to a past day."""
    measure = measure_of(request, code)
    updates = measure.status_updates.select_related("light", "reported_by", "in_place_of")
    page = Paginator(updates, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    may_report = not past_day() and measure.may("report_status", request.actor)
    context = {"measure": measure, "page": page, "may_report": may_report}
    return render(request, "measures/status_list.html", context)
