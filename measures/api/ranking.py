"""Ranking rounds and, once they may be seen, their results. No address of the API tells of a ballot."""

from collections import defaultdict

from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from rest_framework import serializers

from measures.models import RankingRound, RoundMeasure
from strategy.api.rows import Row
from strategy.api.views import InStrategy, named
from strategy.filters import StrictFilterSet


class RankedTold(serializers.Serializer):
    code = serializers.CharField()
    title = serializers.CharField(help_text=_("As it was when the round opened."))


class RoundRow(Row):
    later = ("measures", "results")

    id = serializers.IntegerField(source="pk")
    title = serializers.CharField()
    question = serializers.CharField()
    state = serializers.ChoiceField(RankingRound.State.choices)
    method = serializers.ChoiceField(RankingRound.Method.choices)
    top_n = serializers.IntegerField(allow_null=True, help_text=_("Places that are given."))
    smallest_group = serializers.IntegerField(help_text=_("Fewest ballots behind a figure."))
    is_trial = serializers.BooleanField()
    opens_at = serializers.DateTimeField(allow_null=True)
    closes_at = serializers.DateTimeField(allow_null=True)
    opened_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    measures = RankedTold(many=True)
    results = serializers.DictField(
        allow_null=True,
        help_text=_("Places, Borda, mean and median rank, quartiles, Kendall's W; empty as long as they are not told."),
    )

    @classmethod
    def complete(cls, told, rows, view):
        ids = [row["pk"] for row in rows]
        measures, codes = defaultdict(list), {}
        ranked = RoundMeasure.objects.filter(round__in=ids).order_by("round", "position", "pk")
        for row in ranked.values("pk", "round", "code", "title"):
            measures[row["round"]].append({"code": row["code"], "title": row["title"]})
            codes[row["pk"]] = row["code"]
        shown = RankingRound.objects.results_visible_to(view.actor).filter(pk__in=ids)
        results = {pk: with_codes(found, codes) for pk, found in shown.values_list("pk", "results")}
        for row, one in zip(told, rows, strict=True):
            row |= {"measures": measures[one["pk"]], "results": results.get(one["pk"])}


def with_codes(results, codes):
    """The stored results with the codes of measures in the place of the numbers of rows."""
    if results is None:
        return None
    told = {**results, "items": [row | {"item": codes.get(row["item"])} for row in results["items"]]}
    if pairs := results.get("pairwise"):
        told["pairwise"] = pairs | {"order": [codes.get(item) for item in pairs["order"]]}
    winner, cycle = results["condorcet"]["winner"], results["condorcet"]["cycle"]
    told["condorcet"] = {"winner": codes.get(winner), "cycle": [codes.get(item) for item in cycle]}
    return told


class RoundFilter(StrictFilterSet):
    state = ChoiceFilter(choices=RankingRound.State.choices, label=_("State"))

    class Meta:
        model = RankingRound
        fields = []


@named(_("Ranking rounds"), _("One ranking round"))
class Rankings(InStrategy):
    row_class, queryset, filterset_class = RoundRow, RankingRound.objects.none(), RoundFilter
    list_permission = "measures.view_rankings"
    lookup_field, lookup_value_converter = "pk", "int"

    def get_queryset(self):
        return RankingRound.objects.visible_to(self.actor).filter(strategy=self.strategy)
