"""Milestones. They are edited with their measure, and so carry its version."""

from functools import partial

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter, CharFilter, DateFilter
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.response import Response

from measures.forms.edit import PREFIX, MilestoneFormSet
from measures.forms.fields import PartialDate
from measures.models import Measure, Milestone
from strategy.api.problems import Invalid, Outdated
from strategy.api.rows import Body, Row
from strategy.api.views import IF_MATCH, named
from strategy.filters import StrictFilterSet
from strategy.models import DatePrecision, EditConflict

from .typed import OfMeasures

TYPED = ("title", "due_on", "reached_on")


class MilestoneRow(Row):
    id = serializers.IntegerField(source="pk")
    version = serializers.IntegerField(source="measure.version", help_text=_("Of its measure; also the ETag."))
    measure = serializers.CharField(source="measure.code")
    title = serializers.CharField()
    due_on = serializers.DateField()
    date_precision = serializers.ChoiceField(DatePrecision.choices)
    reached_on = serializers.DateField(allow_null=True)
    source = serializers.CharField()
    provenance = serializers.DictField(child=serializers.CharField())


class MilestoneBody(Body):
    title = serializers.CharField(max_length=300)
    due_on = serializers.DateField()
    date_precision = serializers.ChoiceField(DatePrecision.choices, required=False)
    reached_on = serializers.DateField(required=False, allow_null=True)


class NewMilestoneBody(MilestoneBody):
    measure = serializers.CharField(max_length=10, help_text=_("Code of the measure."))


class MilestoneFilter(StrictFilterSet):
    measure = CharFilter("measure__code", label=_("Code of a measure"))
    reached = BooleanFilter("reached_on", lookup_expr="isnull", exclude=True, label=_("Reached"))
    due_after = DateFilter("due_on", lookup_expr="gte", label=_("Due on this day or later"))
    due_before = DateFilter("due_on", lookup_expr="lte", label=_("Due on this day or earlier"))

    class Meta:
        model = Milestone
        fields = []


@extend_schema_view(destroy=extend_schema(summary=_("Remove it; what it was stays on record"), parameters=[IF_MATCH]))
@named(_("Milestones"), _("One milestone"), new=_("A new milestone"), edit=_("Edit a milestone"), row=MilestoneRow)
class Milestones(OfMeasures):
    row_class, queryset, filterset_class = MilestoneRow, Milestone.objects.none(), MilestoneFilter
    body_class, new_body_class = MilestoneBody, NewMilestoneBody
    lookup_field, lookup_value_converter = "pk", "int"

    def get_queryset(self):
        seen = self.measures_seen().values("pk")
        return Milestone.objects.filter(measure__in=seen).select_related("measure__strategy")

    def create(self, request, *args, **kwargs):
        self.require("measures.change_measure", Measure(strategy=self.strategy))
        body = self.body(request)
        measure = self.measure_named(body["measure"])
        with transaction.atomic():
            measure.reread_locked()
            self.save(measure, measure.version, row_data(None, body))
            newest = measure.milestones.order_by("pk").last()
        return self.answer({"pk": newest.pk}, status=201)

    def partial_update(self, request, *args, **kwargs):
        milestone, version = self.meant(request)
        body = self.body(request, partial=True)
        self.save(milestone.measure, version, row_data(milestone, body))
        return self.answer(self.lookup())

    def destroy(self, request, *args, **kwargs):
        milestone, version = self.meant(request)
        self.save(milestone.measure, version, row_data(milestone, {}) | {f"{PREFIX}-0-DELETE": "on"})
        return Response(status=204)

    def meant(self, request):
        """(the milestone in the address, the version of its measure that the writer has read)"""
        milestone, which = self.found_or_404(self.get_queryset().filter(**self.lookup())), self.lookup()
        self.require("measures.change_measure", milestone.measure)
        version = self.version_meant(request, which)
        if version != milestone.measure.version:
            raise Outdated(self.told(**which))
        return milestone, version

    def save(self, measure, version, data):
        formset = MilestoneFormSet.of(data, measure)
        if not formset.is_valid():
            raise Invalid(
                {**formset.forms[0].errors, **({"": general} if (general := formset.non_form_errors()) else {})}
            )
        try:
            measure.edit(
                by=self.actor, version=version, changes={}, milestones=partial(formset.save, measure, self.actor)
            )
        except EditConflict as conflict:
            raise Outdated(None) from conflict


def row_data(milestone, body):
    """The form data of one row: what is sent over what is stored, with what was stored as its hidden initial."""
    stored = stored_words(milestone)
    typed = stored | {name: "" if value is None else str(value) for name, value in body.items() if name in TYPED}
    if "due_on" in body or "date_precision" in body:
        day = body.get("due_on") or milestone.due_on
        exactly = body.get("date_precision") or (milestone.date_precision if milestone else DatePrecision.DAY)
        typed["due_on"] = str(PartialDate(day, exactly))
    data = {f"{PREFIX}-TOTAL_FORMS": 1, f"{PREFIX}-INITIAL_FORMS": 0}
    data |= {f"{PREFIX}-0-{name}": value for name, value in typed.items()}
    data |= {f"initial-{PREFIX}-0-{name}": stored[name] for name in TYPED}
    return data | ({f"{PREFIX}-0-id": milestone.pk} if milestone else {})


def stored_words(milestone):
    if milestone is None:
        return dict.fromkeys(TYPED, "")
    due, reached = (
        PartialDate.of(milestone.due_on, milestone.date_precision),
        PartialDate.of(milestone.reached_on, DatePrecision.DAY),
    )
    return {"title": milestone.title, "due_on": str(due), "reached_on": str(reached or "")}
