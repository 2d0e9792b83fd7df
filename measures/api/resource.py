"""Positions and funds, with the steps of their answer."""

from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, NumberFilter
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from measures.forms.resource import AnswerForm, PartlyForm, ResourceForm
from measures.forms.step import StepForm
from measures.models import ResourceRequest
from strategy.api.rows import Body, Row
from strategy.api.views import named
from strategy.filters import StrictFilterSet

from .typed import TypedRows, checked, form_data


class ResourceRow(Row):
    id = serializers.IntegerField(source="pk")
    version = serializers.IntegerField(help_text=_("Of what can be edited; also the ETag."))
    measure = serializers.CharField(source="measure.code")
    kind = serializers.ChoiceField(ResourceRequest.Kind.choices)
    year = serializers.IntegerField(help_text=_("Budget year."))
    amount = serializers.DecimalField(14, 2, help_text=_("Full-time equivalents or euros."))
    granted_amount = serializers.DecimalField(14, 2, allow_null=True)
    state = serializers.ChoiceField(ResourceRequest.State.choices)
    council_paper = serializers.IntegerField(allow_null=True, help_text=_("The paper of the council's answer."))
    term = serializers.ChoiceField(ResourceRequest.Term.choices, allow_blank=True)
    until = serializers.DateField(allow_null=True, help_text=_("End of a fixed term."))
    pay_grade = serializers.CharField()
    purpose = serializers.CharField()
    source = serializers.CharField()
    provenance = serializers.DictField(child=serializers.CharField())


class ResourceBody(Body):
    kind = serializers.ChoiceField(ResourceRequest.Kind.choices)
    year = serializers.IntegerField(min_value=2000, max_value=2099)
    amount = serializers.DecimalField(14, 2, min_value=0)
    term = serializers.ChoiceField(ResourceRequest.Term.choices, required=False, allow_blank=True)
    until = serializers.DateField(required=False, allow_null=True)
    pay_grade = serializers.CharField(max_length=60, required=False, allow_blank=True)
    purpose = serializers.CharField(max_length=300, required=False, allow_blank=True)
    source = serializers.CharField(max_length=500, required=False, allow_blank=True)


class NewResourceBody(ResourceBody):
    measure = serializers.CharField(max_length=10, help_text=_("Code; it cannot be changed afterwards."))


class AnswerBody(Body):
    council_paper = serializers.IntegerField(min_value=1, help_text=_("Id of the paper of the council's answer."))


class PartlyBody(AnswerBody):
    granted_amount = serializers.DecimalField(14, 2, min_value=0)


class ResourceFilter(StrictFilterSet):
    measure = CharFilter("measure__code", label=_("Code of a measure"))
    year = NumberFilter(label=_("Budget year"), min_value=0, max_value=9999)
    kind = ChoiceFilter(choices=ResourceRequest.Kind.choices, label=_("Kind"))
    state = ChoiceFilter(choices=ResourceRequest.State.choices, label=_("State"))

    class Meta:
        model = ResourceRequest
        fields = []


def step(summary, body=None):
    return extend_schema(summary=summary, request=body, responses={200: ResourceRow}, filters=False)


@named(
    _("Resource requests"),
    _("One resource request"),
    new=_("A new request, noted"),
    edit=_("Edit a request that is only noted"),
    row=ResourceRow,
)
class Resources(TypedRows):
    row_class, queryset = ResourceRow, ResourceRequest.objects.none()
    body_class, new_body_class = ResourceBody, NewResourceBody
    form_class, filterset_class = ResourceForm, ResourceFilter

    def get_queryset(self):
        seen = ResourceRequest.objects.visible_to(self.actor).filter(strategy=self.strategy)
        return seen.select_related("measure__strategy")

    def new_row(self, body):
        return ResourceRequest(measure=self.measure_named(body["measure"]), strategy=self.strategy)

    # The council's answer

    @step(_("Registered for the budget"))
    @action(detail=True, methods=["post"])
    def register(self, request, *args, **kwargs):
        return self.take("register", Body, StepForm)

    @step(_("Granted by the council"), AnswerBody)
    @action(detail=True, methods=["post"])
    def grant(self, request, *args, **kwargs):
        return self.take("grant", AnswerBody, AnswerForm)

    @step(_("Granted in part"), PartlyBody)
    @action(detail=True, methods=["post"], url_path="grant-partly")
    def grant_partly(self, request, *args, **kwargs):
        return self.take("grant_partly", PartlyBody, PartlyForm)

    @step(_("Refused by the council"), AnswerBody)
    @action(detail=True, methods=["post"])
    def refuse(self, request, *args, **kwargs):
        return self.take("refuse", AnswerBody, AnswerForm)

    @extend_schema(summary=_("Delete a request that is only noted"), request=None, responses={204: None}, filters=False)
    @action(detail=True, methods=["post"])
    def discard(self, request, *args, **kwargs):
        self.take("discard", Body, StepForm, answer=False)
        return Response(status=204)

    def take(self, verb, body_class, form_class, answer=True):
        """The step of a request, asked what its page asks."""
        row = self.row()
        self.require(row.permission(verb), row)
        data = form_data(form_class, self.body(self.request, body_class))
        getattr(row, verb)(by=self.actor, **checked(form_class(data, subject=row)).details())
        return self.answer(self.lookup()) if answer else None
