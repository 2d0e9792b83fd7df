"""Indicators and their values. What rests on fewer than five people is not told to programs, as it enters no file."""

from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter, CharFilter, NumberFilter
from rest_framework import serializers

from measures.disclosure import withheld
from measures.forms.indicator import IndicatorForm, NewIndicatorForm, ValueForm
from measures.models import Indicator, IndicatorValue, Measure
from strategy.api.problems import Invalid
from strategy.api.rows import Body, Row
from strategy.api.views import named
from strategy.filters import StrictFilterSet
from strategy.models import DatePrecision

from .typed import Removable, TypedRows, form_data

LARGEST_ID = 2**63 - 1
WITHHELD = _("Not told: it rests on fewer than five people, or would tell of them.")


def figure(**options):
    return serializers.DecimalField(16, 4, allow_null=True, **options)


class IndicatorRow(Row):
    later = ("is_withheld",)

    id = serializers.IntegerField(source="pk")
    version = serializers.IntegerField(help_text=_("Of what can be edited; also the ETag."))
    measure = serializers.CharField(
        source="measure.code", allow_null=True, help_text=_("Empty for indicators of the whole strategy.")
    )
    name = serializers.CharField()
    definition = serializers.CharField()
    unit = serializers.CharField(help_text=_("Unit of measurement."))
    decimals = serializers.IntegerField(allow_null=True)
    direction = serializers.ChoiceField(Indicator.Direction.choices, allow_blank=True)
    baseline = figure()
    baseline_on = serializers.DateField(allow_null=True)
    baseline_precision = serializers.ChoiceField(DatePrecision.choices)
    baseline_people = serializers.IntegerField(allow_null=True)
    is_withheld = serializers.BooleanField(help_text=WITHHELD)
    target = figure()
    target_year = serializers.IntegerField(allow_null=True)
    source = serializers.CharField()
    provenance = serializers.DictField(child=serializers.CharField())

    @classmethod
    def complete(cls, told, rows, view):
        kept_back = withheld_of([row["pk"] for row in rows])
        for row, indicator in zip(told, rows, strict=True):
            row["is_withheld"] = None in kept_back[indicator["pk"]]
            if row["is_withheld"]:
                row["baseline"] = row["baseline_people"] = None


class ValueRow(Row):
    later = ("is_withheld",)

    id = serializers.IntegerField(source="pk")
    version = serializers.IntegerField(help_text=_("Of what can be edited; also the ETag."))
    indicator = serializers.IntegerField()
    as_of = serializers.DateField(allow_null=True)
    date_precision = serializers.ChoiceField(IndicatorValue.DatePrecision.choices)
    value = figure()
    qualifier = serializers.ChoiceField(IndicatorValue.Qualifier.choices, allow_blank=True)
    scope = serializers.CharField(help_text=_("Whom or what it covers; empty: everything."))
    people = serializers.IntegerField(allow_null=True, help_text=_("How many people it rests on."))
    is_withheld = serializers.BooleanField(help_text=WITHHELD)
    source = serializers.CharField()
    provenance = serializers.DictField(child=serializers.CharField())

    @classmethod
    def complete(cls, told, rows, view):
        kept_back = withheld_of({row["indicator"] for row in rows})
        for row, value in zip(told, rows, strict=True):
            row["is_withheld"] = value["pk"] in kept_back[row["indicator"]]
            if row["is_withheld"]:
                row["value"] = row["people"] = None


def withheld_of(ids):
    """{indicator: the values it must not tell, None for its baseline}, in two questions."""
    indicators = Indicator.objects.filter(pk__in=ids).prefetch_related("values")
    return {one.pk: withheld(one, one.values.all()) for one in indicators}


class IndicatorBody(Body):
    name = serializers.CharField(max_length=200)
    definition = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    unit = serializers.CharField(max_length=60)
    decimals = serializers.IntegerField(min_value=0, max_value=4, required=False, allow_null=True)
    direction = serializers.ChoiceField(Indicator.Direction.choices, required=False, allow_blank=True)
    baseline = figure(required=False)
    baseline_on = serializers.DateField(required=False, allow_null=True)
    baseline_precision = serializers.ChoiceField(DatePrecision.choices, required=False)
    baseline_people = serializers.IntegerField(min_value=0, max_value=10_000_000, required=False, allow_null=True)
    target = figure(required=False)
    target_year = serializers.IntegerField(min_value=2000, max_value=2099, required=False, allow_null=True)
    source = serializers.CharField(max_length=500, required=False, allow_blank=True)


class NewIndicatorBody(IndicatorBody):
    measure = serializers.CharField(
        max_length=10, required=False, allow_null=True, help_text=_("Code; empty: of the whole strategy.")
    )


class ValueBody(Body):
    value = serializers.DecimalField(16, 4)
    as_of = serializers.DateField(required=False, allow_null=True)
    date_precision = serializers.ChoiceField(IndicatorValue.DatePrecision.choices, required=False)
    qualifier = serializers.ChoiceField(IndicatorValue.Qualifier.choices, required=False, allow_blank=True)
    scope = serializers.CharField(max_length=200, required=False, allow_blank=True)
    people = serializers.IntegerField(min_value=0, max_value=10_000_000, required=False, allow_null=True)
    source = serializers.CharField(max_length=500, required=False, allow_blank=True)


class NewValueBody(ValueBody):
    indicator = serializers.IntegerField(min_value=1)


class IndicatorFilter(StrictFilterSet):
    measure = CharFilter("measure__code", label=_("Code of a measure"))
    field = CharFilter("measure__field__letter", label=_("Letter of a field of action"))
    stale = BooleanFilter(method="out_of_date", label=_("Whose newest value is out of date"))

    class Meta:
        model = Indicator
        fields = []

    def out_of_date(self, indicators, name, wanted):
        stale = Indicator.objects.stale().values("pk")
        return indicators.filter(pk__in=stale) if wanted else indicators.exclude(pk__in=stale)


class ValueFilter(StrictFilterSet):
    indicator = NumberFilter(min_value=1, max_value=LARGEST_ID, decimal_places=0, label=_("Id of an indicator"))
    measure = CharFilter("indicator__measure__code", label=_("Code of a measure"))

    class Meta:
        model = IndicatorValue
        fields = []


@named(_("Indicators"), _("One indicator"), new=_("A new indicator"), edit=_("Edit an indicator"), row=IndicatorRow)
class Indicators(Removable, TypedRows):
    row_class, queryset = IndicatorRow, Indicator.objects.none()
    body_class, new_body_class = IndicatorBody, NewIndicatorBody
    form_class, filterset_class = IndicatorForm, IndicatorFilter

    def get_queryset(self):
        return Indicator.objects.visible_to(self.actor).filter(strategy=self.strategy).for_list()

    def new_row(self, body):
        return Indicator(strategy=self.strategy)

    def new_form(self, body):
        measure = self.measure_named(body["measure"]) if body.get("measure") else None
        data = form_data(IndicatorForm, body) | {"measure": measure.pk if measure else ""}
        seen = Measure.objects.visible_to(self.actor).filter(strategy=self.strategy)
        return NewIndicatorForm(data, strategy=self.strategy, measures=seen)


@named(_("Values of indicators"), _("One value"), new=_("A new value"), edit=_("Correct a value"), row=ValueRow)
class Values(Removable, TypedRows):
    row_class, queryset = ValueRow, IndicatorValue.objects.none()
    body_class, new_body_class = ValueBody, NewValueBody
    form_class, filterset_class = ValueForm, ValueFilter

    def get_queryset(self):
        seen = IndicatorValue.objects.visible_to(self.actor).filter(strategy=self.strategy)
        return seen.select_related("indicator__measure__strategy", "indicator__strategy")

    def new_row(self, body):
        seen = Indicator.objects.visible_to(self.actor).filter(strategy=self.strategy)
        indicator = seen.select_related("measure", "strategy").filter(pk=body["indicator"]).first()
        if indicator is None:
            raise Invalid({"indicator": [_("There is no indicator of this number.")]})
        unknown = IndicatorValue.DatePrecision.UNKNOWN
        return IndicatorValue(indicator=indicator, strategy=self.strategy, date_precision=unknown)
