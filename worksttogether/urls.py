"""The table of contents: sign-in, health, and the three apps under the strategy they show."""

from allauth.account import views as account
from django.urls import include, path, re_path

from measures.views.quick_status import quick_status
from strategy.views.api_docs import api_docs
from worksttogether import health
from worksttogether.metrics import metrics

handler400 = "worksttogether.errors.bad_request"
handler403 = "worksttogether.errors.denied"
handler404 = "worksttogether.errors.not_found"
handler500 = "worksttogether.errors.fault"

accounts = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("accounts/", include(accounts)),
    path("accounts/status/<str:key>/", quick_status, name="quick-status"),
    path("api/docs/", api_docs, name="api-docs"),
    path("api/", include("worksttogether.api")),
    path("oparl/", include("worksttogether.oparl")),
    path("", include("strategy.urls")),
    path("<slug:strategy>/", include("measures.urls")),
    path("<slug:strategy>/", include("reporting.urls")),
]
