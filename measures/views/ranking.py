"""Ranking rounds: which are open, what each is about, who has voted."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from measures.models import RankingRound


@require_safe
def ranking_list(request, strategy):
    rounds = RankingRound.objects.visible_to(request.actor).filter(strategy=request.strategy)
    return render(request, "measures/ranking/list.html", {"rounds": rounds})


@require_safe
def ranking(request, strategy, pk):
    rounds = RankingRound.objects.visible_to(request.actor).filter(strategy=request.strategy)
    shown = get_object_or_404(rounds.select_related("strategy"), pk=pk)
    return render(request, "measures/ranking/ranking.html", {"round": shown})
