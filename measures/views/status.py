"""How a measure stands, reported in less than two minutes."""

from datetime import timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from measures.forms.status import StatusForm

from .step import MeasureStep, Words


class ReportStatus(MeasureStep):
    verb = "report_status"
    form_class = StatusForm
    template_name = "measures/status/report.html"
    words = {
        "report_status": Words(
            _("Report the status of %(object)s"),
            _("Report status"),
            _("Status reported: %(object)s. Next one due on %(next)s."),
        )
    }

    def done_words(self):
        due_on = timezone.localdate() + timedelta(days=self.request.strategy.status_rhythm_days)
        return super().done_words() % {"object": "%(object)s", "next": date_format(due_on, "SHORT_DATE_FORMAT")}

    def get_context_data(self, **context):
        latest = self.subject.status_updates.select_related("light", "reported_by").first()
        return super().get_context_data(latest=latest, next=self.request.POST.get("next", ""), **context)
