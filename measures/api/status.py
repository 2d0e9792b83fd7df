"""Status updates: read, and reported as on the page."""

from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, DateFilter
from rest_framework import serializers

from measures.forms.status import StatusForm
from measures.models import StatusUpdate
from strategy.api.problems import Invalid
from strategy.api.rows import Body, Row
from strategy.api.views import named
from strategy.filters import StrictFilterSet
from strategy.models import Light

from .typed import OfMeasures, checked, form_data


class StatusRow(Row):
    id = serializers.IntegerField(source="pk")
    measure = serializers.CharField(source="measure.code")
    light = serializers.CharField(source="light.code")
    progress = serializers.IntegerField(help_text=_("Percent."))
    text = serializers.CharField()
    next_steps = serializers.CharField()
    reported_on = serializers.DateField()
    source = serializers.CharField()
    provenance = serializers.DictField(child=serializers.CharField())


class StatusBody(Body):
    measure = serializers.CharField(max_length=10, help_text=_("Code of the measure."))
    light = serializers.SlugField(max_length=30, help_text=_("Code of a light that can be reported."))
    progress = serializers.IntegerField(min_value=0, max_value=100)
    text = serializers.CharField(
        max_length=2000,
        required=False,
        allow_blank=True,
        help_text=_("Needed where the measure is at risk or delayed."),
    )
    next_steps = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class StatusFilter(StrictFilterSet):
    measure = CharFilter("measure__code", label=_("Code of a measure"))
    since = DateFilter("reported_on", lookup_expr="gte", label=_("Reported on this day or later"))
    until = DateFilter("reported_on", lookup_expr="lte", label=_("Reported on this day or earlier"))

    class Meta:
        model = StatusUpdate
        fields = []


@named(_("Status updates"), _("One status update"), new=_("Report the status of a measure"), row=StatusRow)
class StatusUpdates(OfMeasures):
    row_class, body_class, queryset = StatusRow, StatusBody, StatusUpdate.objects.none()
    filterset_class = StatusFilter
    lookup_field, lookup_value_converter = "pk", "int"

    def get_queryset(self):
        return StatusUpdate.objects.filter(measure__in=self.measures_seen().values("pk"))

    def create(self, request, *args, **kwargs):
        body = self.body(request)
        measure = self.measure_named(body["measure"])
        self.require(measure.permission("report_status"), measure)
        light = Light.objects.filter(strategy=self.strategy, code=body["light"]).first()
        if light is None or not light.is_reportable:
            raise Invalid({"light": [_("This light cannot be reported.")]})
        form = checked(StatusForm(form_data(StatusForm, body | {"light": light.pk}), subject=measure))
        measure.report_status(by=self.actor, **form.details())
        return self.answer({"pk": measure.status_updates.latest().pk}, status=201)
