from django.db.models import F
from django.http import QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from measures.forms.status import StatusForm
from measures.models import Measure, ResourceRequest
from measures.resource_sums import ResourceSums, lines_of
from reporting.agreement import last_agreement
from reporting.lights_over_time import LightsOverTime
from reporting.overview import overview
from strategy.deadlines import dates_ahead, tasks_of
from strategy.models import Recall

from .recall import STATUS

TASKS_SHOWN = 4
ROWS_SHOWN = 5


@require_safe
def dashboard(request, strategy):
    """What is due for the person first, then how the measures stand, then what is stale or has no owner."""
    today = timezone.localdate()
    measures = Measure.objects.visible_to(request.actor).filter(strategy=request.strategy)
    tasks = tasks_of(request.actor, request.strategy, today)
    stale = measures.stale(today).for_list().stalest_first()
    ownerless = measures.ownerless().for_list()
    own = measures.of_unit(request.actor.led_units).under_way().for_list().with_care(today).with_urgency()
    shown = tasks[:TASKS_SHOWN]
    quick = next((task for task in shown if task.kind == "status"), None)
    context = {
        "today": today,
        "quick": quick,
        "quick_form": StatusForm.of(quick.object) if quick else None,
        "tasks": shown,
        "tasks_count": len(tasks),
        "overdue_count": sum(task.is_overdue(today) for task in tasks),
        **at_a_glance(request, measures, today),
        "agreement": last_agreement(request.actor, request.strategy),
        "stale": stale[:ROWS_SHOWN],
        "ownerless": ownerless[:ROWS_SHOWN],
        "ownerless_count": ownerless.count(),
        "own": own.order_by("care", "urgency", F("status_on").asc(nulls_first=True), "pk")[:ROWS_SHOWN],
        "own_count": own.count(),
        "dates": dates_ahead(request.actor, request.strategy, today)[:ROWS_SHOWN],
        **recall_of(request),
        "may_add": request.actor.has_perm("measures.add_measure", request.strategy),
    }
    return render(request, "reporting/dashboard/dashboard.html", context)


def at_a_glance(request, measures, today):
    """How the measures stand that day: by field, light, state, stage, over time, and what they need."""
    counted = overview(measures, request.strategy, today)
    requests = ResourceRequest.objects.filter(strategy=request.strategy, measure__in=measures.order_by().values("pk"))
    return {
        "overview": counted,
        "lights_over_time": LightsOverTime(measures, counted.lights, today),
        "resources": ResourceSums(QueryDict("rows=year"), lines_of(requests)),
    }


def recall_of(request):
    """For those who may remind all: what they have asked for and can still take back."""
    if not request.actor.has_perm("strategy.ask_recall", request.strategy):
        return {"may_recall": False, "recall": None}
    return {"may_recall": True, "recall": Recall.objects.ahead(request.strategy, STATUS)}


@require_safe
def tasks(request, strategy):
    today = timezone.localdate()
    tasks = tasks_of(request.actor, request.strategy, today)
    overdue = sum(task.is_overdue(today) for task in tasks)
    return render(request, "reporting/tasks.html", {"tasks": tasks, "overdue_count": overdue, "today": today})
