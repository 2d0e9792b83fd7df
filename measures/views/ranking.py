"""Ranking rounds: which are open, what each is about, who votes, what has become of it."""

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from measures.models import Ballot, Measure, PriorityDecision, RankingRound

from .ranking_step import acts_of
from .step import steps_taken

State, Group = RankingRound.State, RankingRound.Group


def ranking_of(request, pk):
    """The round, if this actor may see it; else 404."""
    rankings = RankingRound.objects.visible_to(request.actor).filter(strategy=request.strategy)
    return get_object_or_404(rankings.select_related("strategy", "follows__strategy"), pk=pk)


@require_safe
def ranking_list(request, strategy):
    """What is open, mine first; below what is planned and what has ended."""
    if not request.actor.has_perm("measures.view_rankings", request.strategy):
        raise PermissionDenied("measures.view_rankings")
    visible = RankingRound.objects.visible_to(request.actor).filter(strategy=request.strategy)
    rankings = list(visible.for_list(request.actor))
    running = [ranking for ranking in rankings if ranking.is_open]
    running.sort(key=lambda ranking: (not ranking.waits_for_me, ranking.closes_at))
    context = {
        "running": running,
        "waiting": sum(ranking.waits_for_me for ranking in running),
        "planned": [ranking for ranking in rankings if ranking.state == State.PLANNED],
        "ended": [ranking for ranking in rankings if ranking.state not in (State.PLANNED, State.OPEN)],
        "may_add": request.actor.has_perm("measures.add_rankinground", request.strategy),
    }
    return render(request, "measures/ranking/list.html", context)


@require_safe
def ranking(request, strategy, pk):
    """One round, as far as this person may know about it."""
    shown, actor = ranking_of(request, pk), request.actor
    rows = list(shown.measures.select_related("measure__strategy", "field"))
    seen = set(Measure.objects.visible_to(actor).filter(round_measures__round=shown).values_list("pk", flat=True))
    for row in rows:
        row.is_linked = row.measure_id in seen
    may_count = actor.has_perm("measures.view_turnout_rankinground", shown)
    obstacles = what_is_missing(shown, actor)
    context = {
        "ranking": shown,
        "acts": acts_of(shown, actor, obstacles),
        "obstacles": obstacles,
        "rows": rows,
        "fields": [(field, list(of_field)) for field, of_field in groupby(rows, key=attrgetter("field"))],
        "ballot": Ballot.objects.visible_to(actor).filter(round=shown).first(),
        "groups": who_votes(shown, may_count),
        "may_count": may_count,
        "still_to_vote": shown.still_to_vote() if may_count and shown.is_open else [],
        "follows": shown.follows if shown.follows and actor.has_perm(VIEW, shown.follows) else None,
        "followers": RankingRound.objects.visible_to(actor).filter(follows=shown).select_related("strategy"),
        "steps": steps_taken(shown, str(shown)),
        "may_see_results": actor.has_perm("measures.view_results_rankinground", shown),
        "decisions": decisions_of(shown, actor),
        "may_see_reminders": actor.has_perm("strategy.view_dispatch", shown),
    }
    return render(request, "measures/ranking/ranking.html", context)


VIEW = "measures.view_rankinground"


def decisions_of(ranking, actor):
    """What the steering team has decided beside its results, the latest first."""
    decisions = PriorityDecision.objects.visible_to(actor).filter(round_measure__round=ranking)
    return list(decisions.select_related("priority", "round_measure", "measure__strategy"))


def what_is_missing(ranking, actor):
    """Sentences on what stands in the way of opening, for those who may open it."""
    if not ranking.may("open", actor):
        return []
    return [sentence for obstacle in ranking.obstacles() for sentence in obstacle.messages]


@dataclass(frozen=True)
class GroupShown:
    """A group with its weight, how many may vote, and (for those who may know) how many have."""

    label: str
    weight: object
    electors: int
    ballots: int | None


def who_votes(ranking, may_count):
    """As of today while the round is planned, as frozen from its opening on."""
    if ranking.opened_at is None:
        electors, ballots = Counter(group for group, _membership in ranking.voters()), {}
    else:
        turnout = ranking.turnout()
        electors = {row["group"]: row["electors"] for row in turnout}
        ballots = {row["group"]: row["ballots"] for row in turnout} if may_count else {}
    weights = dict(ranking.groups.values_list("group", "weight"))
    return [
        GroupShown(group.label, weights[group], electors.get(group, 0), ballots.get(group, 0) if may_count else None)
        for group in Group
        if group in weights
    ]
