"""The frame: strategies one belongs to, their fields of action, stages and units."""

from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.viewsets import GenericViewSet

from strategy.filters import StrictFilterSet
from strategy.models import FieldOfAction, OrganisationalUnit, Stage, Strategy

from .authentication import actor_of
from .rows import Row
from .views import PAGING, InStrategy, named, refuse_unknown


class StrategyRow(Row):
    slug = serializers.CharField(help_text=_("Name in the address."))
    title = serializers.CharField()
    subtitle = serializers.CharField()
    vision = serializers.CharField()
    lang = serializers.CharField(help_text=_("Language of the contents."))
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    is_demo = serializers.BooleanField(help_text=_("Whether what stands here is demo data."))


class FieldRow(Row):
    letter = serializers.CharField(help_text=_("Codes of measures begin with it."))
    title = serializers.CharField()
    summary = serializers.CharField()
    position = serializers.IntegerField(help_text=_("Place in the order of the strategy."))


class StageRow(Row):
    number = serializers.IntegerField()
    title = serializers.CharField()
    summary = serializers.CharField()
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)


class UnitRow(Row):
    id = serializers.IntegerField(source="pk", help_text=_("By this measures name their units."))
    kind = serializers.ChoiceField(OrganisationalUnit.Kind.choices)
    number = serializers.CharField(help_text=_("For example 10; several units may have had it, one after the other."))
    abbreviation = serializers.CharField()
    name = serializers.CharField()
    parent = serializers.IntegerField(allow_null=True, help_text=_("The unit it belongs to."))
    predecessor = serializers.IntegerField(allow_null=True, help_text=_("The unit it has come from."))
    valid_from = serializers.DateField(allow_null=True)
    valid_to = serializers.DateField(allow_null=True, help_text=_("Its last day."))


class UnitFilter(StrictFilterSet):
    valid = BooleanFilter(method="valid_today", label=_("Those that exist today"))

    class Meta:
        model = OrganisationalUnit
        fields = []

    def valid_today(self, units, name, wanted):
        valid = OrganisationalUnit.objects.valid().values("pk")
        return units.filter(pk__in=valid) if wanted else units.exclude(pk__in=valid)


@extend_schema_view(list=extend_schema(summary=_("Strategies in which one has a role"), tags=["strategies"]))
class Strategies(mixins.ListModelMixin, GenericViewSet):
    row_class = serializer_class = StrategyRow
    queryset = Strategy.objects.none()

    def get_ordering(self):
        return ("pk",)

    def list(self, request, *args, **kwargs):
        refuse_unknown(request.query_params, PAGING)
        mine = Strategy.objects.visible_to(actor_of(request))
        page = self.paginate_queryset(StrategyRow.select(mine))
        return self.get_paginated_response(StrategyRow.tell(page, self))


class Structure(InStrategy):
    """What everybody sees who has a role in the strategy."""

    def get_queryset(self):
        return type(self).queryset.model.objects.filter(strategy=self.strategy)


@named(_("Fields of action"), _("One field of action"))
class Fields(Structure):
    row_class, queryset = FieldRow, FieldOfAction.objects.none()
    lookup_field, ordering = "letter", ("position", "letter")


@named(_("Stages"), _("One stage"))
class Stages(Structure):
    row_class, queryset = StageRow, Stage.objects.none()
    lookup_field, lookup_value_converter, ordering = "number", "int", ("number",)


@named(_("Organisational units"), _("One unit"))
class Units(Structure):
    row_class, queryset, filterset_class = UnitRow, OrganisationalUnit.objects.none(), UnitFilter
    lookup_field, lookup_value_converter = "pk", "int"
