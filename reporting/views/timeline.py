"""The timeline of the measures one may see: as a picture, as a table, on paper."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from measures.census import Census
from measures.filters import MeasureFilter, choices_of
from measures.models import Baseline, Measure
from reporting.timeline import Timeline
from strategy.models import Light

PLANS = {
    "": _("no plan"),
    Baseline.Kind.DECIDED.value: _("the plan as decided"),
    Baseline.Kind.REPORT.value: _("the plan as of the last report"),
}
PICKED_BY = ("field", "stage", "state", "light", "priority", "unit")


@require_safe
def timeline(request, strategy):
    filters, shown = asked_for(request)
    is_table = request.GET.get("view") == "table"
    context = {
        "timeline": shown,
        "filters": filters,
        "pickers": [picker for picker in filters.pickers(Census(filters)) if picker.name in PICKED_BY],
        "plans": PLANS.items(),
        "plan_word": PLANS[shown.kind],
        "is_table": is_table,
        "chart": None if is_table else shown.chart(),
        "lights": Light.objects.filter(strategy=request.strategy),
    }
    return render(request, "reporting/timeline/timeline.html", context)


@require_safe
def timeline_pdf(request, strategy):
    """On A3, of what the filter shows; made anew for each reader."""
    from reporting.print.timeline import render as printed  # loads WeasyPrint, which nothing else in a page needs

    filters, shown = asked_for(request)
    with override("de"):  # the words of the house's papers
        asked = [label for _name, _value, label in filters.active]
        pdf = printed(shown, asked, str(PLANS[shown.kind]) if shown.kind else "")
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="zeitplan-{shown.today:%Y-%m-%d}.pdf"'
    patch_cache_control(answer, private=True, no_cache=True)
    return answer


def asked_for(request):
    """The filters of the address, and the timeline of what they find; dropped measures only where asked for."""
    measures = Measure.objects.visible_to(request.actor).filter(strategy=request.strategy)
    if "state" not in request.GET:
        measures = measures.exclude(state=Measure.State.DROPPED)
    choices = choices_of(request.strategy, measures)
    filters = MeasureFilter(request.GET, measures, actor=request.actor, choices=choices)
    kind = request.GET.get("plan", "")
    return filters, Timeline(request.strategy, filters.qs, timezone.localdate(), kind if kind in PLANS else "")
