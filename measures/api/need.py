"""Needs of the staff council, as far as one may see them."""

from collections import defaultdict

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, MultipleChoiceFilter
from rest_framework import serializers

from measures.models import Measure, Need
from measures.search import NEEDS
from strategy.api.rows import Row
from strategy.api.views import InStrategy, named
from strategy.filters import StrictFilterSet
from strategy.search import LONGEST, Words


class NeedRow(Row):
    later = ("affected_units",)

    id = serializers.UUIDField(source="pk")
    number = serializers.IntegerField(allow_null=True, help_text=_("Given at submission."))
    state = serializers.ChoiceField(Need.State.choices)
    kind = serializers.ChoiceField(Need.Kind.choices)
    legal_basis = serializers.ChoiceField(Need.LegalBasis.choices, allow_blank=True)
    resolved_on = serializers.DateField(allow_null=True)
    title = serializers.CharField()
    text = serializers.CharField()
    reasons = serializers.CharField()
    affected_units = serializers.ListField(child=serializers.IntegerField())
    affected_groups = serializers.CharField()
    employees_behind = serializers.IntegerField(allow_null=True, help_text=_("A number, never names."))
    urgency = serializers.ChoiceField(Need.Urgency.choices)
    wished_stage = serializers.IntegerField(source="wished_stage.number", allow_null=True)
    is_confidential = serializers.BooleanField(help_text=_("Stays out of everything that is public."))
    submitted_on = serializers.DateField(allow_null=True, help_text=_("Day of receipt."))
    acknowledged_on = serializers.DateField(allow_null=True)
    due_on = serializers.DateField(allow_null=True, help_text=_("The last day to answer."))
    outcome = serializers.ChoiceField(Need.Outcome.choices, allow_blank=True)
    answer_text = serializers.CharField()
    answered_on = serializers.DateField(allow_null=True)
    measure = serializers.CharField(
        source="measure_shown",
        allow_null=True,
        help_text=_("Code of the measure that has come of it; empty as long as it is not to be seen."),
    )
    merged_into = serializers.UUIDField(allow_null=True)
    deferred_to = serializers.IntegerField(source="deferred_to.number", allow_null=True)
    objection = serializers.CharField()
    objected_on = serializers.DateField(allow_null=True)
    objection_answer = serializers.CharField()
    objection_answered_on = serializers.DateField(allow_null=True)

    @classmethod
    def complete(cls, told, rows, view):
        through, units = Need.affected_units.through, defaultdict(list)
        found = through.objects.filter(need__in=[row["pk"] for row in rows]).order_by("organisationalunit")
        for need, unit in found.values_list("need", "organisationalunit"):
            units[need].append(unit)
        for row, need in zip(told, rows, strict=True):
            row["affected_units"] = units[need["pk"]]


def words_of(name, choices, label):
    return MultipleChoiceFilter(name, choices=choices, distinct=False, label=label)


class NeedQuestion(StrictFilterSet):
    q = CharFilter(method="search", max_length=LONGEST, label=_("Search"))
    state = words_of("state", Need.State.choices, _("State"))
    kind = words_of("kind", Need.Kind.choices, _("Kind"))
    urgency = words_of("urgency", Need.Urgency.choices, _("Urgency"))
    outcome = words_of("outcome", Need.Outcome.choices, _("Outcome"))

    class Meta:
        model = Need
        fields = []

    def search(self, needs, name, text):
        return NEEDS.search(needs, Words(text))


@named(_("Needs"), _("One need"))
class Needs(InStrategy):
    row_class, queryset, filterset_class = NeedRow, Need.objects.none(), NeedQuestion
    list_permission = "measures.view_needs"
    lookup_field, lookup_value_converter = "pk", "uuid"

    def get_queryset(self):
        shown = Measure.objects.visible_to(self.actor).filter(pk=OuterRef("measure")).values("code")
        needs = Need.objects.visible_to(self.actor).filter(strategy=self.strategy)
        return needs.annotate(measure_shown=Subquery(shown))
