"""Indicators of measures and of the strategy: all of them, one with its chart, and what is typed in."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from measures.disclosure import with_values
from measures.exchange.lists import indicator_sheet
from measures.exchange.writer import file_of
from measures.figures import IndicatorShown
from measures.forms.indicator import IndicatorFilterForm, IndicatorForm, NewIndicatorForm, ValueForm
from measures.history import history_of
from measures.models import Indicator, IndicatorValue, Measure
from strategy.as_of import end_of, past_day, today

from .edit import EditRow
from .past import of_any_day
from .step import Step, Words
from .typed import EnterRow

ROWS_ON_A_PAGE = 50


def indicators_in(request):
    """The indicators of this strategy that the actor may see."""
    return Indicator.objects.visible_to(request.actor).filter(strategy=request.strategy).for_list()


def indicator_of(request, pk):
    return get_object_or_404(indicators_in(request), pk=pk)


def value_of(request, indicator_pk, pk):
    values = IndicatorValue.objects.select_related("indicator__measure__strategy", "indicator__strategy")
    return get_object_or_404(values, indicator=indicator_of(request, indicator_pk), pk=pk)


def shown_to(request, indicator):
    sees_small = request.actor.has_perm("measures.view_small_values", indicator)
    return IndicatorShown(indicator, sees_small=sees_small)


@require_safe
@of_any_day()
def indicator_list(request, strategy):
    """All of them with latest value, trend and distance to the target, as the address asks, on any day."""
    visible = indicators_in(request)
    form = IndicatorFilterForm(request.GET, strategy=request.strategy)
    found = form.found_in(visible).in_order()
    if "export" in request.GET and form.is_valid():
        rows = [IndicatorShown(one, sees_small=False) for one in with_values(found)]
        return file_of(request.GET["export"], gettext("indicators"), [indicator_sheet(rows)])
    page = Paginator(found, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": [shown_to(request, one) for one in with_values(page.object_list)],
        "total": visible.count(),
        "may_add": not past_day() and request.actor.has_perm("measures.add_indicator", request.strategy),
        "removed": removed_from(request) if form.is_valid() and not form.is_asked else [],
    }
    return render(request, "measures/indicator/list.html", context)


def removed_from(request):
    """The traces of the strategy's own indicators that were deleted; a measure's stand in its history."""
    if not request.actor.has_perm("measures.view_small_values", request.strategy):
        return []
    gone = {"history_type": "-", "history_date__lt": end_of(today())}
    rows = Indicator.changes.filter(strategy_id=request.strategy.pk, measure_id=None, **gone)
    return rows.select_related("history_user").order_by("-history_date")[:ROWS_ON_A_PAGE]


@require_safe
@of_any_day()
def indicator(request, strategy, pk):
    """One of them with its course, today or as of a past day, on which it is only read."""
    found = with_values(indicators_in(request).filter(pk=pk))
    if not found:
        raise Http404
    row, actor = found[0], request.actor
    context = {
        "indicator": row,
        "shown": shown_to(request, row),
        "entries": history_of(row, actor, until=past_day()),
        "may_change": not past_day() and actor.has_perm("measures.change_indicator", row),
        "may_delete": not past_day() and actor.has_perm("measures.delete_indicator", row),
    }
    return render(request, "measures/indicator/indicator.html", context)


class EnterIndicator(EnterRow):
    permission = "measures.add_indicator"
    template_name = "measures/indicator/enter.html"

    def get_row(self):
        measures = Measure.objects.visible_to(self.request.actor).filter(strategy=self.request.strategy)
        self.measures = measures.select_related("strategy").order_by("field__position", "pk")
        self.measure = self.measures.filter(code=self.request.GET.get("measure", "").replace("\x00", "")[:10]).first()
        return Indicator(strategy=self.request.strategy)

    def form_of(self, data=None):
        return NewIndicatorForm(data, strategy=self.request.strategy, measures=self.measures, measure=self.measure)

    def get_back_url(self):
        if self.measure:
            return self.measure.get_absolute_url()
        return reverse("measures:indicators", args=[self.request.strategy.slug])


class EditIndicator(EditRow):
    permission = "measures.change_indicator"
    form_class = IndicatorForm
    template_name = "measures/indicator/edit.html"
    conflict_template_name = "measures/indicator/conflict.html"

    def get_row(self):
        return indicator_of(self.request, self.kwargs["pk"])

    def is_editable(self):
        return True


class EnterValue(EnterRow):
    permission = "measures.add_indicatorvalue"
    form_class = ValueForm
    template_name = "measures/indicator/enter_value.html"

    def get_row(self):
        return IndicatorValue(indicator=indicator_of(self.request, self.kwargs["pk"]), strategy=self.request.strategy)

    def get_back_url(self):
        return self.row.indicator.get_absolute_url()

    def enter(self, form):
        self.row.date_precision = IndicatorValue.DatePrecision.UNKNOWN
        return super().enter(form)


class EditValue(EditRow):
    permission = "measures.change_indicatorvalue"
    form_class = ValueForm
    template_name = "measures/indicator/edit_value.html"
    conflict_template_name = "measures/indicator/conflict.html"

    def get_row(self):
        return value_of(self.request, self.kwargs["pk"], self.kwargs["value"])

    def is_editable(self):
        return True


class RemoveRow(Step):
    """Like a step, but no state plays a part; the row goes, its changes stay."""

    verb = "remove"
    template_name = "measures/indicator/remove.html"

    def get_permission(self):
        return self.permission

    def is_possible(self):
        return True

    def take(self, form):
        label, back = self.get_label(), self.where_to()
        self.subject.remove(by=self.request.actor)
        messages.success(self.request, self.done_words() % {"object": label})
        return back

    def get_back_url(self):
        return self.where_to() if self.subject is None else self.subject.get_absolute_url()

    def get_context_data(self, **context):
        return super().get_context_data(indicator=self.get_indicator(), **context)


class RemoveIndicator(RemoveRow):
    permission = "measures.delete_indicator"
    words = {
        "remove": Words(
            _("Delete the indicator: %(object)s"),
            _("Delete indicator"),
            _("Deleted: %(object)s"),
            _("The indicator is deleted with all its values. That it existed stays on record."),
            is_final=True,
        )
    }

    def get_subject(self):
        return indicator_of(self.request, self.kwargs["pk"])

    def get_indicator(self):
        return self.subject

    def where_to(self):
        if self.subject is not None and self.subject.measure_id:
            return self.subject.measure.get_absolute_url()
        return reverse("measures:indicators", args=[self.request.strategy.slug])


class RemoveValue(RemoveRow):
    permission = "measures.delete_indicatorvalue"
    words = {
        "remove": Words(
            _("Delete the value: %(object)s"),
            _("Delete value"),
            _("Deleted: %(object)s"),
            _("The value is deleted. That it existed stays in the history of the indicator."),
            is_final=True,
        )
    }

    def get_subject(self):
        return value_of(self.request, self.kwargs["pk"], self.kwargs["value"])

    def get_indicator(self):
        return self.subject.indicator

    def where_to(self):
        return reverse("measures:indicator", args=[self.request.strategy.slug, self.kwargs["pk"]])
