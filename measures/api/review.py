"""Reviews with the statements one may read: of units and of the staff council, never of persons."""

from collections import defaultdict

from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter
from rest_framework import serializers

from measures.models import Condition, Review, ReviewResponse, ReviewSlot
from strategy.api.rows import Row
from strategy.api.views import InStrategy, named
from strategy.filters import StrictFilterSet


class ConditionTold(serializers.Serializer):
    text = serializers.CharField()
    state = serializers.ChoiceField(Condition.State.choices)
    due_on = serializers.DateField(allow_null=True)
    met_on = serializers.DateField(allow_null=True)
    how = serializers.CharField(help_text=_("How it was met."))


class StatementTold(serializers.Serializer):
    vote = serializers.ChoiceField(ReviewResponse.Vote.choices)
    text = serializers.CharField()
    given_at = serializers.DateTimeField()
    state = serializers.ChoiceField(ReviewResponse.State.choices)
    settlement = serializers.CharField(help_text=_("How the steering team has settled an objection."))
    conditions = ConditionTold(many=True)


class SlotTold(serializers.Serializer):
    unit = serializers.IntegerField(allow_null=True, help_text=_("Empty: the staff council."))
    state = serializers.ChoiceField(ReviewSlot.State.choices)
    statement = StatementTold(allow_null=True, help_text=_("Empty as long as there is none, or none to be seen."))


class ReviewRow(Row):
    later = ("slots",)

    id = serializers.IntegerField(source="pk")
    measure = serializers.CharField(source="measure.code")
    text_version = serializers.IntegerField(
        source="text_version.number", help_text=_("Number of the text asked about.")
    )
    state = serializers.ChoiceField(Review.State.choices)
    opened_on = serializers.DateField()
    due_on = serializers.DateField(help_text=_("The last day to answer."))
    closed_on = serializers.DateField(allow_null=True)
    slots = SlotTold(many=True)

    @classmethod
    def complete(cls, told, rows, view):
        ids = [row["pk"] for row in rows]
        statements = statements_on(ids, view.actor)
        slots = defaultdict(list)
        for slot in ReviewSlot.objects.filter(review__in=ids).values("pk", "review", "unit", "state"):
            statement = statements.get(slot["pk"])
            slots[slot["review"]].append({"unit": slot["unit"], "state": slot["state"], "statement": statement})
        for row, review in zip(told, rows, strict=True):
            row["slots"] = slots[review["pk"]]


def statements_on(reviews, actor):
    """{slot: the statement that counts, as far as the actor may read it}, in two questions."""
    seen = ReviewResponse.objects.visible_to(actor).counting().filter(slot__review__in=reviews)
    found = list(seen.order_by().values("pk", "slot", *StatementTold().fields.keys() - {"conditions"}))
    conditions = defaultdict(list)
    names = tuple(ConditionTold().fields)
    for row in Condition.objects.filter(response__in=[one["pk"] for one in found]).values("response", *names):
        conditions[row["response"]].append({name: row[name] for name in names})
    return {
        one.pop("slot"): {name: one[name] for name in one if name != "pk"} | {"conditions": conditions[one["pk"]]}
        for one in found
    }


class ReviewFilter(StrictFilterSet):
    measure = CharFilter("measure__code", label=_("Code of a measure"))
    state = ChoiceFilter(choices=Review.State.choices, label=_("State"))

    class Meta:
        model = Review
        fields = []


@named(_("Reviews"), _("One review"))
class Reviews(InStrategy):
    row_class, queryset, filterset_class = ReviewRow, Review.objects.none(), ReviewFilter
    list_permission = "measures.view_reviews"
    lookup_field, lookup_value_converter = "pk", "int"

    def get_queryset(self):
        return Review.objects.visible_to(self.actor).filter(strategy=self.strategy)
