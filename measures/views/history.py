"""The whole history of an object of the work, as far as the person may read it: one view a kind, one page for all."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from measures.models import Indicator, ResourceRequest, Review, TextVersion
from strategy.views.history import history_page

from .need import need_of
from .participation import participation_of
from .ranking import ranking_of
from .step import measure_of


def address(request, name, *args):
    return reverse(f"measures:{name}", args=[request.strategy.slug, *args])


def to_measure(request, measure):
    return [(_("Measures"), address(request, "list")), (measure, measure.get_absolute_url())]


@require_safe
def measure_history(request, strategy, code):
    measure = measure_of(request, code)
    return history_page(request, measure, to_measure(request, measure), measure=measure)


@require_safe
def need_history(request, strategy, pk):
    need = need_of(request, pk)
    return history_page(request, need, [(_("Needs"), address(request, "needs")), (need, need.get_absolute_url())])


@require_safe
def review_history(request, strategy, pk):
    reviews = Review.objects.visible_to(request.actor).filter(strategy=request.strategy)
    review = get_object_or_404(reviews.for_list(), pk=pk)
    crumbs = [(_("Reviews"), address(request, "reviews")), (review, review.get_absolute_url())]
    return history_page(request, review, crumbs)


@require_safe
def version_history(request, strategy, code, number):
    """A text on its way: proposed, agreed, in force or not."""
    measure = measure_of(request, code)
    versions = TextVersion.objects.visible_to(request.actor).filter(measure=measure)
    version = get_object_or_404(versions, number=number)
    title = _("Version %(number)s") % {"number": number}
    here = address(request, "version", code, number)
    return history_page(request, version, [*to_measure(request, measure), (title, here)])


@require_safe
def participation_history(request, strategy, code, pk):
    participation = participation_of(request, code, pk)
    here = (_("Formal participation"), participation.get_absolute_url())
    return history_page(request, participation, [*to_measure(request, participation.measure), here])


@require_safe
def ranking_history(request, strategy, pk):
    """Of the round itself; no ballot has a history."""
    ranking = ranking_of(request, pk)
    crumbs = [(_("Prioritisation"), address(request, "rankings")), (ranking, ranking.get_absolute_url())]
    return history_page(request, ranking, crumbs)


@require_safe
def resource_history(request, strategy, pk):
    row = part_of(request, ResourceRequest, pk)
    here = f"{row.measure.get_absolute_url()}#resources"
    return history_page(request, row, [*to_measure(request, row.measure), (row, here)])


@require_safe
def indicator_history(request, strategy, pk):
    """Of a measure's indicator, or one of the strategy as a whole."""
    row = part_of(request, Indicator, pk)
    if row.measure is None:
        return history_page(request, row, [(row, "")])
    here = f"{row.measure.get_absolute_url()}#indicators"
    return history_page(request, row, [*to_measure(request, row.measure), (row, here)])


def part_of(request, model, pk):
    """The resource request or indicator that this actor may see; else 404."""
    rows = model.objects.visible_to(request.actor).filter(strategy=request.strategy)
    return get_object_or_404(rows.select_related("measure__strategy"), pk=pk)
