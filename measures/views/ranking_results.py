"""What a ranking round has found: for everybody, for experts, as a file."""

from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from measures.exchange.writer import csv_file
from measures.expert_findings import FirstPlaces, Pairs, SurePlace
from measures.findings import PLACES_AT_FIRST, Findings
from measures.models import Ballot, Measure, RankingRound
from strategy.models import Priority

from .ranking import decisions_of, ranking_of
from .ranking_step import acts_of

SEE_RESULTS = "measures.view_results_rankinground"


@require_safe
def ranking_results(request, strategy, pk):
    """The results, or that they are not there yet for this person."""
    ranking, actor = ranking_of(request, pk), request.actor
    if not actor.has_perm(SEE_RESULTS, ranking):
        return render(request, "measures/ranking/results_later.html", {"ranking": ranking})
    findings = findings_of(ranking, actor)
    if request.GET.get("export") == "csv":
        return csv_file(f"{_('results')}-{ranking.pk}", table_of(findings))
    shows_all = request.GET.get("places") == "all" or len(findings.places) <= PLACES_AT_FIRST
    context = {
        "ranking": ranking,
        "findings": findings,
        "acts": acts_of(ranking, actor),
        "places": findings.places if shows_all else findings.places[:PLACES_AT_FIRST],
        "shows_all": shows_all,
        "chosen": findings.chosen(request.GET.get("item")),
        "highest": Priority.objects.filter(strategy=ranking.strategy_id).first(),
        "earlier": earlier_of(ranking, actor),
        "decisions": decisions_of(ranking, actor),
        "receipt": receipt_of(request, findings),
    }
    if context["earlier"]:
        context["moves"] = findings.moves_since(context["earlier"])
    return render(request, "measures/ranking/results.html", context)


def findings_of(ranking, actor):
    rows = list(ranking.measures.select_related("measure__strategy", "measure__priority", "field"))
    seen = set(Measure.objects.visible_to(actor).filter(round_measures__round=ranking).values_list("pk", flat=True))
    for row in rows:
        row.is_linked = row.measure_id in seen
    return Findings(ranking, rows)


def earlier_of(ranking, actor):
    """The findings of the round this one follows, if this person may see them."""
    followed = RankingRound.objects.results_visible_to(actor).filter(pk=ranking.follows_id).first()
    return followed and Findings(followed, followed.measures.all())


def receipt_of(request, findings):
    """Whether one's own ballot counts, and the answer to a receipt that was typed."""
    mine = Ballot.objects.visible_to(request.actor).counting().filter(round=findings.ranking).first()
    typed = request.GET.get("receipt", "").strip().lower()
    return {
        "mine": mine,
        "mine_counts": mine is not None and findings.counts(mine.receipt),
        "typed": typed,
        "typed_counts": findings.counts(typed),
    }


def table_of(findings):
    """The common order as rows of a file; a group that is not shown has no column."""
    groups = [(group.group, group.label) for group in findings.groups]
    yield [
        *(_("Place"), _("Code"), _("Measure"), _("Field of action"), _("Proposal"), _("Borda count"), _("Mean place")),
        *(_("Median"), _("Lower quartile"), _("Upper quartile"), _("First places"), _("Interval from"), _("to")),
        _("Distance between groups"),
        *(_("Median %(group)s") % {"group": label} for _group, label in groups),
    ]
    for place in findings.places:
        row, figures = place.row, place.figures
        first = figures["first_places"]
        yield [
            *(place.number, row.code, row.title, str(row.field), _("yes") if place.is_proposed else ""),
            *(figures[name] for name in ("borda", "mean", "median", "q1", "q3")),
            _("fewer than %(count)d, or not told apart") % {"count": findings.smallest} if first is None else first,
            *figures["interval"],
            figures["contrast"],
            *(figures["groups"][group]["median"] for group, _label in groups),
        ]


@require_safe
def ranking_experts(request, strategy, pk):
    """Pairs, first places, intervals, tests: each with what it means."""
    ranking, actor = ranking_of(request, pk), request.actor
    if not actor.has_perm(SEE_RESULTS, ranking):
        raise Http404
    findings = findings_of(ranking, actor)
    context = {"ranking": ranking, "findings": findings}
    if findings.is_shown:
        pairs = Pairs(findings)
        if request.GET.get("export") == "csv":
            return csv_file(f"{_('pairs')}-{ranking.pk}", pairs.table())
        context |= {
            "pairs": pairs,
            "first": FirstPlaces(findings),
            "sure_places": [SurePlace(place) for place in findings.places],
        }
    return render(request, "measures/ranking/experts.html", context)
