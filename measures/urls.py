"""The work: measures and reviews, below ``/<strategy>/``."""

from django.urls import include, path, register_converter

from measures.forms import attachment as attachment_forms
from measures.forms import need as need_forms
from measures.forms import ranking as ranking_forms
from measures.forms import step as forms
from measures.forms.step import ReasonForm
from measures.views import (
    amendment,
    attachment,
    background,
    ballot,
    bulk,
    condition,
    copying,
    edit,
    exchange,
    history,
    indicator,
    link,
    measure,
    need,
    need_edit,
    participation,
    quality,
    ranking,
    ranking_decide,
    ranking_edit,
    ranking_results,
    ranking_step,
    reminders,
    resource,
    resource_list,
    review,
    review_step,
    saved_view,
    status,
    text_version,
)
from measures.views.amendment import AmendmentStep
from measures.views.need_step import AnswerNeed, NeedStep, WriteNote
from measures.views.ranking_step import RankingStep
from measures.views.step import MeasureStep


class CodeConverter:
    """A measure's code, as long as the database holds it; nothing a database would choke on."""

    regex = r"[^/\x00-\x1f]{1,10}"

    def to_python(self, code):
        return code

    def to_url(self, code):
        return code


register_converter(CodeConverter, "code")

app_name = "measures"

steps = [
    path("submit/", MeasureStep.as_view(verb="submit"), name="submit"),
    path("send-back/", MeasureStep.as_view(verb="send_back", form_class=ReasonForm), name="send-back"),
    path("agree/", MeasureStep.as_view(verb="agree", form_class=forms.AgreeForm), name="agree"),
    path("decide/", MeasureStep.as_view(verb="decide", form_class=forms.DecideForm), name="decide"),
    path("prioritise/", MeasureStep.as_view(verb="prioritise", form_class=forms.PrioritiseForm), name="prioritise"),
    path("start/", MeasureStep.as_view(verb="start"), name="start"),
    path("complete/", MeasureStep.as_view(verb="complete", form_class=forms.CompleteForm), name="complete"),
    path("pause/", MeasureStep.as_view(verb="pause", form_class=ReasonForm), name="pause"),
    path("resume/", MeasureStep.as_view(verb="resume", form_class=ReasonForm), name="resume"),
    path("drop/", MeasureStep.as_view(verb="drop", form_class=forms.DropForm), name="drop"),
    path("discard/", MeasureStep.as_view(verb="discard"), name="discard"),
    path("status/new/", status.ReportStatus.as_view(), name="report-status"),
]

amendments = [
    path("new/", amendment.Amend.as_view(), name="amend"),
    path("<int:number>/", amendment.amendment, name="amendment"),
    path("<int:number>/agree/", AmendmentStep.as_view(verb="agree"), name="amendment-agree"),
    path("<int:number>/decide/", AmendmentStep.as_view(verb="decide", form_class=ReasonForm), name="amendment-decide"),
    path("<int:number>/reject/", AmendmentStep.as_view(verb="reject", form_class=ReasonForm), name="amendment-reject"),
    path("<int:number>/withdraw/", AmendmentStep.as_view(verb="withdraw"), name="amendment-withdraw"),
]

participations = [
    path("new/", participation.OpenParticipation.as_view(), name="participation-create"),
    path("<int:pk>/", participation.participation, name="participation"),
    path("<int:pk>/history/", history.participation_history, name="participation-history"),
    path("<int:pk>/state-view/", participation.StateView.as_view(), name="participation-state-view"),
    path("<int:pk>/conclude/", participation.Conclude.as_view(), name="participation-conclude"),
    path("<int:pk>/inform-again/", participation.InformAgain.as_view(), name="participation-inform-again"),
    path("<int:pk>/extend/", participation.Extend.as_view(), name="participation-extend"),
    path("<int:pk>/specify/", participation.Specify.as_view(), name="participation-specify"),
]

links = [
    path("new/", link.AddLink.as_view(), name="link-create"),
    path("<int:pk>/delete/", link.RemoveLink.as_view(), name="link-delete"),
]

resources = [
    path("new/", resource.EnterResource.as_view(), name="resource-create"),
    path("<int:pk>/", resource.resource, name="resource"),
    path("<int:pk>/edit/", resource.EditResource.as_view(), name="resource-edit"),
    path("<int:pk>/register/", resource.Register.as_view(), name="resource-register"),
    path("<int:pk>/grant/", resource.Grant.as_view(), name="resource-grant"),
    path("<int:pk>/grant-partly/", resource.GrantPartly.as_view(), name="resource-grant-partly"),
    path("<int:pk>/refuse/", resource.Refuse.as_view(), name="resource-refuse"),
    path("<int:pk>/discard/", resource.Discard.as_view(), name="resource-discard"),
]


def background_of(kind):
    """Add, edit and remove rows of one of the lists beside a measure."""
    return [
        path("new/", background.Add.as_view(kind=kind), name=f"{kind.name}-create"),
        path("<int:pk>/edit/", background.Edit.as_view(kind=kind), name=f"{kind.name}-edit"),
        path("<int:pk>/delete/", background.Remove.as_view(kind=kind), name=f"{kind.name}-delete"),
    ]


indicators = [
    path("", indicator.indicator_list, name="indicators"),
    path("new/", indicator.EnterIndicator.as_view(), name="indicator-create"),
    path("<int:pk>/", indicator.indicator, name="indicator"),
    path("<int:pk>/edit/", indicator.EditIndicator.as_view(), name="indicator-edit"),
    path("<int:pk>/delete/", indicator.RemoveIndicator.as_view(), name="indicator-delete"),
    path("<int:pk>/values/new/", indicator.EnterValue.as_view(), name="indicator-value-create"),
    path("<int:pk>/values/<int:value>/edit/", indicator.EditValue.as_view(), name="indicator-value-edit"),
    path("<int:pk>/values/<int:value>/delete/", indicator.RemoveValue.as_view(), name="indicator-value-delete"),
]

reviews = [
    path("", review.review_list, name="reviews"),
    path("formal/", participation.participation_list, name="participations"),
    path("conditions/", condition.condition_list, name="conditions"),
    path("<int:pk>/", review.review, name="review"),
    path("<int:pk>/remind/", review_step.Remind.as_view(), name="review-remind"),
    path("<int:pk>/extend/", review_step.Extend.as_view(), name="review-extend"),
    path("<int:pk>/withdraw/", review_step.Withdraw.as_view(), name="review-withdraw"),
    path("slots/<int:pk>/respond/", review_step.Respond.as_view(), name="respond"),
    path("responses/<int:pk>/settle/", review_step.Settle.as_view(), name="settle"),
    path("conditions/<int:pk>/schedule/", condition.ScheduleCondition.as_view(), name="schedule-condition"),
    path("conditions/<int:pk>/meet/", condition.MeetCondition.as_view(), name="meet-condition"),
    path("<int:pk>/history/", history.review_history, name="review-history"),
]

ballots = [
    path("", ballot.ballot, name="ballot"),
    path("arrange/", ballot.arrange, name="ballot-arrange"),
    path("undo/", ballot.undo, name="ballot-undo"),
    path("submit/", ballot.Submit.as_view(), name="ballot-submit"),
    path("withdraw/", ballot.Withdraw.as_view(), name="ballot-withdraw"),
]

one_ranking = [
    path("", ranking.ranking, name="ranking"),
    path("history/", history.ranking_history, name="ranking-history"),
    path("edit/", ranking_edit.Edit.as_view(), name="ranking-edit"),
    path("open/", ranking_step.Open.as_view(), name="ranking-open"),
    path("close/", RankingStep.as_view(verb="close", form_class=ranking_forms.CloseForm), name="ranking-close"),
    path("extend/", RankingStep.as_view(verb="extend", form_class=ranking_forms.ExtendForm), name="ranking-extend"),
    path("publish/", RankingStep.as_view(verb="publish"), name="ranking-publish"),
    path("cancel/", RankingStep.as_view(verb="cancel", form_class=ReasonForm), name="ranking-cancel"),
    path("copy/", ranking_step.Copy.as_view(form_class=ranking_forms.CopyForm), name="ranking-copy"),
    path("ballot/", include(ballots)),
    path("results/", ranking_results.ranking_results, name="ranking-results"),
    path("reminders/", reminders.ranking_reminders, name="ranking-reminders"),
    path("results/experts/", ranking_results.ranking_experts, name="ranking-experts"),
    path("decide/", ranking_decide.Decide.as_view(), name="ranking-decide"),
]

rankings = [
    path("", ranking.ranking_list, name="rankings"),
    path("new/", ranking_edit.Create.as_view(), name="ranking-create"),
    path("<int:pk>/", include(one_ranking)),
]

attachments = [
    path("new/", attachment.AttachToMeasure.as_view(form_class=attachment_forms.AttachForm), name="attach"),
    path("<uuid:attachment>/", attachment.measure_attachment, name="attachment"),
    path("<uuid:attachment>/delete/", attachment.RemoveFromMeasure.as_view(), name="attachment-delete"),
]

one_measure = [
    path("", measure.measure_detail, name="detail"),
    path("history/", history.measure_history, name="history"),
    path("reminders/", reminders.measure_reminders, name="reminders"),
    path("status/", measure.status_list, name="status-list"),
    path("versions/", text_version.version_list, name="versions"),
    path("versions/<int:number>/", text_version.version, name="version"),
    path("versions/<int:number>/history/", history.version_history, name="version-history"),
    path("edit/", edit.Edit.as_view(), name="edit"),
    path("copy/", copying.Copy.as_view(), name="copy"),
    path("continue/", copying.Copy.as_view(verb="continue", is_successor=True), name="continue"),
    *steps,
    path("amendment/", include(amendments)),
    path("participation/", include(participations)),
    path("links/", include(links)),
    path("resources/", include(resources)),
    path("attachments/", include(attachments)),
    *(path(f"{kind.name}s/", include(background_of(kind))) for kind in background.KINDS),
]

one_import = [
    path("", exchange.import_run, name="import"),
    path("columns/", exchange.columns, name="import-columns"),
    path("confirm/", exchange.confirm, name="import-confirm"),
    path("cancel/", exchange.cancel, name="import-cancel"),
]

imports = [
    path("", exchange.upload, name="imports"),
    path("template/", exchange.template, name="import-template"),
    path("<uuid:pk>/", include(one_import)),
]

need_steps = [
    path("submit/", NeedStep.as_view(verb="submit"), name="need-submit"),
    path("acknowledge/", NeedStep.as_view(verb="acknowledge"), name="need-acknowledge"),
    path("extend/", NeedStep.as_view(verb="extend", form_class=need_forms.ExtendForm), name="need-extend"),
    path("answer/", AnswerNeed.as_view(), name="need-answer"),
    path("settle/", NeedStep.as_view(verb="settle"), name="need-settle"),
    path("object/", NeedStep.as_view(verb="object", form_class=need_forms.ObjectForm), name="need-object"),
    path(
        "answer-objection/",
        NeedStep.as_view(verb="answer_objection", form_class=need_forms.AnswerObjectionForm),
        name="need-answer-objection",
    ),
    path("withdraw/", NeedStep.as_view(verb="withdraw"), name="need-withdraw"),
    path("discard/", NeedStep.as_view(verb="discard"), name="need-discard"),
]

need_attachments = [
    path("new/", attachment.AttachToNeed.as_view(form_class=attachment_forms.AttachForm), name="need-attach"),
    path("<uuid:attachment>/", attachment.need_attachment, name="need-attachment"),
    path("<uuid:attachment>/delete/", attachment.RemoveFromNeed.as_view(), name="need-attachment-delete"),
]

one_need = [
    path("", need.need, name="need"),
    path("edit/", need_edit.EditNeed.as_view(), name="need-edit"),
    path("history/", history.need_history, name="need-history"),
    path("reminders/", reminders.need_reminders, name="need-reminders"),
    path("notes/new/", WriteNote.as_view(form_class=need_forms.NoteForm), name="need-note"),
    path("attachments/", include(need_attachments)),
    *need_steps,
]

bulk_edits = [
    path("", bulk.Bulk.as_view(), name="bulk"),
    path("<int:pk>/", bulk.bulk_edit, name="bulk-edit"),
    path("<int:pk>/apply/", bulk.Apply.as_view(), name="bulk-apply"),
    path("<int:pk>/undo/", bulk.Undo.as_view(), name="bulk-undo"),
]

needs = [
    path("", need.need_list, name="needs"),
    path("new/", need_edit.CreateNeed.as_view(), name="need-create"),
    path("<uuid:pk>/", include(one_need)),
]

saved_views = [
    path("new/", saved_view.SaveView.as_view(), name="view-create"),
    path("<int:pk>/", saved_view.NameView.as_view(), name="view-edit"),
    path("<int:pk>/delete/", saved_view.DeleteView.as_view(), name="view-delete"),
]

urlpatterns = [
    path("measures/", measure.measure_list, name="list"),
    path("measures/new/", edit.Create.as_view(), name="create"),
    path("measures/import/", include(imports)),
    path("measures/bulk/", include(bulk_edits)),
    path("measures/views/", include(saved_views)),
    path("measures/<code:code>/", include(one_measure)),
    path("quality/", quality.quality, name="quality"),
    path("reviews/", include(reviews)),
    path("rankings/", include(rankings)),
    path("needs/", include(needs)),
    path("resources/", resource_list.resource_list, name="resources"),
    path("indicators/", include(indicators)),
    path("resources/<int:pk>/history/", history.resource_history, name="resource-history"),
    path("indicators/<int:pk>/history/", history.indicator_history, name="indicator-history"),
]
