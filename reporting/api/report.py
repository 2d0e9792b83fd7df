"""Council reports and what has been built of them."""

from collections import defaultdict

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from rest_framework import serializers

from reporting.models import CouncilReport, ReportDocument, Variant
from strategy.api.rows import Row
from strategy.api.views import InStrategy, named
from strategy.filters import StrictFilterSet
from strategy.letters import absolute


class DocumentTold(serializers.Serializer):
    variant = serializers.ChoiceField(Variant.choices)
    format = serializers.ChoiceField(ReportDocument.Format.choices)
    pages = serializers.IntegerField()
    sha256 = serializers.CharField(help_text=_("Of its bytes, which never change once the report is final."))


class ReportRow(Row):
    later = ("url", "documents")

    id = serializers.IntegerField(source="pk")
    url = serializers.URLField(help_text=_("Its page, where the documents are fetched."))
    number = serializers.CharField(help_text=_("Number of the paper; empty until it is given."))
    supplement = serializers.CharField()
    state = serializers.ChoiceField(CouncilReport.State.choices)
    kind = serializers.ChoiceField(CouncilReport.Kind.choices)
    dated_on = serializers.DateField(allow_null=True)
    subject = serializers.CharField()
    about = serializers.CharField()
    motion = serializers.CharField()
    text = serializers.CharField()
    financial_effects = serializers.CharField()
    finalised_at = serializers.DateTimeField(allow_null=True)
    predecessor = serializers.IntegerField(allow_null=True, help_text=_("The report it is compared with."))
    replacement = serializers.IntegerField(allow_null=True, help_text=_("The report that has replaced it."))
    documents = DocumentTold(many=True)

    @classmethod
    def complete(cls, told, rows, view):
        documents, names = defaultdict(list), tuple(DocumentTold().fields)
        seen = ReportDocument.objects.visible_to(view.actor).filter(report__in=[row["pk"] for row in rows])
        for document in seen.values("report", *names):
            documents[document["report"]].append({name: document[name] for name in names})
        for row in told:
            url = absolute(reverse("reporting:report", args=[view.strategy.slug, row["id"]]))
            row |= {"url": url, "documents": documents[row["id"]]}


class ReportFilter(StrictFilterSet):
    state = ChoiceFilter(choices=CouncilReport.State.choices, label=_("State"))

    class Meta:
        model = CouncilReport
        fields = []


@named(_("Council reports"), _("One report"))
class Reports(InStrategy):
    row_class, queryset, filterset_class = ReportRow, CouncilReport.objects.none(), ReportFilter
    lookup_field, lookup_value_converter = "pk", "int"

    def get_queryset(self):
        return CouncilReport.objects.visible_to(self.actor).filter(strategy=self.strategy)
