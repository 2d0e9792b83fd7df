"""The frame: start page, strategies to choose from, and the settings of one."""

from django.urls import include, path

from strategy.views import (
    audit,
    calendar,
    data,
    dispatch,
    history,
    history_feed,
    mail,
    notification,
    prose,
    search,
    security,
    settings,
    start,
    token,
    webhook,
)
from strategy.views.kinds import KINDS

app_name = "strategy"


def pages_of(kind):
    """List, form and deletion of one kind of rows; what is fixed is only worded, what is ordered can be moved."""
    yield path("", settings.KindList.as_view(kind=kind), name=kind.name)
    yield path("<int:pk>/", settings.KindEdit.as_view(kind=kind), name=f"{kind.name}-edit")
    yield path("<int:pk>/history/", history.structure_history, {"kind": kind.name}, name=f"{kind.name}-history")
    if not kind.is_fixed:
        yield path("new/", settings.KindCreate.as_view(kind=kind), name=f"{kind.name}-create")
        yield path("<int:pk>/delete/", settings.KindDelete.as_view(kind=kind), name=f"{kind.name}-delete")
    if kind.is_ordered:
        yield path("<int:pk>/move/", settings.KindMove.as_view(kind=kind), name=f"{kind.name}-move")


settings_pages = [
    path("", settings.Overview.as_view(), name="settings"),
    path("strategy/", settings.StrategyEdit.as_view(), name="settings-edit"),
    path("strategy/history/", history.strategy_history, name="settings-history"),
    path("sign-in/", settings.SignInEdit.as_view(), name="settings-sign-in"),
    path("reminders/", settings.RemindersEdit.as_view(), name="settings-reminders"),
    path("members/new-person/", settings.PersonCreate.as_view(kind=KINDS["members"]), name="person-create"),
    path("webhooks/", webhook.webhooks, name="webhooks"),
    path("webhooks/new/", webhook.create, name="webhook-create"),
    path("webhooks/<int:pk>/", webhook.webhook, name="webhook"),
    path("webhooks/<int:pk>/rotate/", webhook.rotate, name="webhook-rotate"),
    path("webhooks/<int:pk>/delete/", webhook.delete, name="webhook-delete"),
    path("webhooks/<int:pk>/test/", webhook.test, name="webhook-test"),
    path("webhooks/<int:pk>/resend/", webhook.resend, name="webhook-resend"),
    path("people/<int:pk>/", settings.PersonEdit.as_view(), name="person-edit"),
    path("people/<int:pk>/anonymise/", data.anonymise, name="person-anonymise"),
    path("retention/", data.RetentionEdit.as_view(), name="settings-retention"),
    path("audit/", audit.audit_trail, name="audit"),
    *(path(f"{kind.name}/", include(list(pages_of(kind)))) for kind in KINDS.values()),
]

urlpatterns = [
    path("", start.start, name="start"),
    path("strategies/", start.switch, name="switch"),
    path("act-as/", start.act_as, name="act-as"),
    path("language/", start.language, name="language"),
    path("pages/<slug:name>/", start.page, name="page"),
    path("prose/", prose.prose, name="prose"),
    path("accounts/me/", start.account, name="account"),
    path("accounts/me/email/", start.own_email, name="own-email"),
    path("accounts/me/security/", security.security, name="security"),
    path("accounts/me/security/end/", security.end_session, name="session-end"),
    path("accounts/me/security/end-all/", security.end_all_sessions, name="sessions-end"),
    path("accounts/me/data/", data.own_data, name="own-data"),
    path("accounts/me/data/file/", data.own_data_file, name="own-data-file"),
    path("accounts/me/mails/", mail.preferences, name="mail-preferences"),
    path("<slug:strategy>/search/", search.search, name="search"),
    path("<slug:strategy>/notifications/", notification.notification_list, name="notifications"),
    path("<slug:strategy>/notifications/read/", notification.read_all, name="notifications-read"),
    path("<slug:strategy>/notifications/<int:pk>/", notification.notification, name="notification"),
    path("<slug:strategy>/dispatch/", dispatch.dispatch, name="dispatch"),
    path("<slug:strategy>/dispatch/mails/", dispatch.mails, name="mails"),
    path("<slug:strategy>/dispatch/mails/resend/", dispatch.resend_all, name="mails-resend"),
    path("<slug:strategy>/dispatch/<int:pk>/resend/", dispatch.resend, name="mail-resend"),
    path("accounts/me/calendar/", calendar.calendar, name="calendar"),
    path("accounts/me/calendar/revoke/", calendar.revoke, name="calendar-revoke"),
    path("accounts/me/tokens/", token.tokens, name="tokens"),
    path("accounts/me/tokens/<int:pk>/revoke/", token.revoke, name="token-revoke"),
    path("calendar/<str:key>.ics", calendar.feed, name="calendar-feed"),
    path("accounts/me/feed/", history_feed.address, name="history-address"),
    path("accounts/me/feed/revoke/", history_feed.revoke, name="history-address-revoke"),
    path("calendar/<str:key>/<slug:slug>.atom", history_feed.feed, name="history-feed"),
    path("<slug:strategy>/history/", history_feed.history, name="history"),
    path("<slug:strategy>/settings/", include(settings_pages)),
]
