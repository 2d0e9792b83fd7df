"""The table of contents: sign-in, health, and the three apps under the strategy they show."""

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkey
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from measures.views.quick_status import quick_status
from strategy.views import single_sign_on as sign_on
from strategy.views.api_docs import api_docs
from worksttogether import health
from worksttogether.metrics import metrics

handler400 = "worksttogether.errors.bad_request"
handler403 = "worksttogether.errors.denied"
handler429 = "worksttogether.errors.too_many"
handler404 = "worksttogether.errors.not_found"
handler500 = "worksttogether.errors.fault"

accounts = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    # where the library leads who has no password; here the sign-in service is their way in
    path("password/set/", RedirectView.as_view(pattern_name="strategy:security"), name="account_set_password"),
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

single_sign_on = [
    path("<slug:provider_id>/login/", sign_on.login, name="openid_connect_login"),
    path("<slug:provider_id>/login/callback/", sign_on.callback, name="openid_connect_callback"),
]

second_factors = [
    path("", RedirectView.as_view(pattern_name="strategy:security"), name="mfa_index"),
    path("authenticate/", second_factor.authenticate, name="mfa_authenticate"),
    path("reauthenticate/", second_factor.reauthenticate, name="mfa_reauthenticate"),
    path("app/activate/", totp.activate_totp, name="mfa_activate_totp"),
    path("app/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("codes/generate/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("passkeys/", RedirectView.as_view(pattern_name="strategy:security"), name="mfa_list_webauthn"),
    path("passkeys/add/", passkey.add_webauthn, name="mfa_add_webauthn"),
    path("passkeys/login/", login_not_required(passkey.login_webauthn), name="mfa_login_webauthn"),
    path("passkeys/reauthenticate/", passkey.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("passkeys/<int:pk>/remove/", passkey.remove_webauthn, name="mfa_remove_webauthn"),
    path("passkeys/<int:pk>/edit/", passkey.edit_webauthn, name="mfa_edit_webauthn"),
]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("accounts/", include(accounts)),
    path("accounts/second-factor/", include(second_factors)),
    path("accounts/single-sign-on/", include(single_sign_on)),
    path("accounts/status/<str:key>/", quick_status, name="quick-status"),
    path("api/docs/", api_docs, name="api-docs"),
    path("api/", include("worksttogether.api")),
    path("oparl/", include("worksttogether.oparl")),
    path("", include("strategy.urls")),
    path("<slug:strategy>/", include("measures.urls")),
    path("<slug:strategy>/", include("reporting.urls")),
]
