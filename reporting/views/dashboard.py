from django.db.models import F
from django.http import QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from measures.as_of import standing
from measures.forms.as_of import AsOfForm
from measures.forms.status import StatusForm
from measures.models import ResourceRequest
from measures.resource_sums import ResourceSums, lines_of
from reporting.agreement import last_agreement
from reporting.lights_over_time import LightsOverTime
from reporting.overview import overview
from strategy.as_of import today
from strategy.deadlines import dates_ahead, tasks_of
from strategy.models import Recall

from .recall import STATUS

TASKS_SHOWN = 4
ROWS_SHOWN = 5


@require_safe
def dashboard(request, strategy):
    """What is due for the person first, then how the measures stand; of a past day, how they stood."""
    as_of = AsOfForm(request.GET, request.strategy)
    with standing(request.strategy, request.actor, as_of.day) as measures:
        context = {"as_of": as_of, "day_asked": as_of.query, "today": today()}
        if as_of.is_valid():
            context |= at_a_glance(request, measures) | to_be_mended(measures)
            context["recorded_since"] = as_of.first_day()
        if as_of.is_valid() and not as_of.day:
            context |= what_is_due(request) | own_measures(request, measures) | recall_of(request)
        return render(request, "reporting/dashboard/dashboard.html", context)


def what_is_due(request):
    """The person's first tasks, one of them answered in place, and the next dates."""
    tasks = tasks_of(request.actor, request.strategy, today())
    shown = tasks[:TASKS_SHOWN]
    quick = next((task for task in shown if task.kind == "status"), None)
    return {
        "quick": quick,
        "quick_form": StatusForm.of(quick.object) if quick else None,
        "tasks": shown,
        "tasks_count": len(tasks),
        "overdue_count": sum(task.is_overdue(today()) for task in tasks),
        "dates": dates_ahead(request.actor, request.strategy, today())[:ROWS_SHOWN],
        "may_add": request.actor.has_perm("measures.add_measure", request.strategy),
    }


def own_measures(request, measures):
    """Those the person's unit leads, what needs care first."""
    own = measures.of_unit(request.actor.led_units).under_way().for_list().with_care(today()).with_urgency()
    in_order = own.order_by("care", "urgency", F("status_on").asc(nulls_first=True), "pk")
    return {"own": in_order[:ROWS_SHOWN], "own_count": own.count()}


def to_be_mended(measures):
    """What is stale, and what has no owner."""
    ownerless = measures.ownerless().for_list()
    return {
        "stale": measures.stale(today()).for_list().stalest_first()[:ROWS_SHOWN],
        "ownerless": ownerless[:ROWS_SHOWN],
        "ownerless_count": ownerless.count(),
    }


def at_a_glance(request, measures):
    """How the measures stand: by field, light, state, stage, over time, what they need, and how far people agree."""
    counted = overview(measures, request.strategy, today())
    requests = ResourceRequest.objects.filter(strategy=request.strategy, measure__in=measures.order_by().values("pk"))
    return {
        "overview": counted,
        "lights_over_time": LightsOverTime(measures, counted.lights, request.actor, today()),
        "resources": ResourceSums(QueryDict("rows=year"), lines_of(requests)),
        "agreement": last_agreement(request.actor, request.strategy, today()),
    }


def recall_of(request):
    """For those who may remind all: what they have asked for and can still take back."""
    if not request.actor.has_perm("strategy.ask_recall", request.strategy):
        return {"may_recall": False, "recall": None}
    return {"may_recall": True, "recall": Recall.objects.ahead(request.strategy, STATUS)}


@require_safe
def tasks(request, strategy):
    tasks = tasks_of(request.actor, request.strategy, today())
    overdue = sum(task.is_overdue(today()) for task in tasks)
    return render(request, "reporting/tasks.html", {"tasks": tasks, "overdue_count": overdue, "today": today()})
