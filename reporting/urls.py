"""What leaves the house: dashboard and council reports, below ``/<strategy>/``."""

from django.urls import path

from measures.forms.step import ReasonForm
from reporting.forms.step import FinaliseForm, SignForm, SupersedeForm
from reporting.views import brochure, dashboard, edit, measure_sheet, need_form, recall, report, series, step, timeline

app_name = "reporting"
urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("tasks/", dashboard.tasks, name="tasks"),
    path("recall/", recall.recall, name="recall"),
    path("recall/<int:pk>/withdraw/", recall.withdraw, name="recall-withdraw"),
    path("measures/<code:code>/sheet.pdf", measure_sheet.measure_sheet, name="measure-sheet"),
    path("needs/form.pdf", need_form.need_form, name="need-form"),
    path("timeline/", timeline.timeline, name="timeline"),
    path("timeline.pdf", timeline.timeline_pdf, name="timeline-pdf"),
    path("brochure/", brochure.brochure, name="brochure"),
    path("brochure.pdf", brochure.brochure_pdf, name="brochure-pdf"),
    path("reports/", report.report_list, name="reports"),
    path("reports/new/", edit.Create.as_view(), name="report-create"),
    path("reports/plan/", series.Plan.as_view(), name="report-plan"),
    path("reports/<int:pk>/", report.report_detail, name="report"),
    path("reports/<int:pk>/history/", report.report_history, name="report-history"),
    path("reports/<int:pk>/reminders/", report.report_reminders, name="report-reminders"),
    path("reports/<int:pk>/edit/", edit.Edit.as_view(), name="report-edit"),
    path("reports/<int:pk>/edit/preview/", edit.live_preview, name="report-live-preview"),
    path("reports/<int:pk>/updates/", series.updates, name="report-updates"),
    path("reports/<int:pk>/ask-units/", step.ReportStep.as_view(verb="ask_units"), name="report-ask-units"),
    path("reports/<int:pk>/discard/", step.Discard.as_view(), name="report-discard"),
    path("reports/<int:pk>/supplement/", series.Supplement.as_view(), name="report-supplement"),
    path("reports/<int:pk>/preview/", report.report_preview, name="report-preview"),
    path("reports/<int:pk>/progress/", report.report_progress, name="report-progress"),
    path("reports/<int:pk>/pdf/", report.report_document, {"kind": "pdf"}, name="report-pdf"),
    path("reports/<int:pk>/docx/", report.report_document, {"kind": "docx"}, name="report-docx"),
    path("reports/<int:pk>/xlsx/", report.report_document, {"kind": "xlsx"}, name="report-xlsx"),
    path("reports/<int:pk>/oparl/", report.report_document, {"kind": "oparl"}, name="report-oparl"),
    path("reports/<int:pk>/build/", step.Build.as_view(), name="report-build"),
    path("reports/<int:pk>/cancel/", step.ReportStep.as_view(verb="cancel"), name="report-cancel"),
    path("reports/<int:pk>/reopen/", step.ReportStep.as_view(verb="reopen"), name="report-reopen"),
    path("reports/<int:pk>/submit/", step.ReportStep.as_view(verb="submit"), name="report-submit"),
    path(
        "reports/<int:pk>/send-back/",
        step.ReportStep.as_view(verb="send_back", form_class=ReasonForm),
        name="report-send-back",
    ),
    path(
        "reports/<int:pk>/finalise/",
        step.ReportStep.as_view(verb="finalise", form_class=FinaliseForm),
        name="report-finalise",
    ),
    path(
        "reports/<int:pk>/supersede/",
        step.ReportStep.as_view(verb="supersede", form_class=SupersedeForm),
        name="report-supersede",
    ),
    path("reports/<int:pk>/release/", step.ReportStep.as_view(verb="release"), name="report-release"),
    path(
        "reports/<int:pk>/withdraw-release/",
        step.ReportStep.as_view(verb="withdraw_release", form_class=ReasonForm),
        name="report-withdraw-release",
    ),
    path(
        "reports/<int:pk>/cosignatures/<int:cosignature>/sign/",
        step.Sign.as_view(form_class=SignForm),
        name="report-cosign",
    ),
]
