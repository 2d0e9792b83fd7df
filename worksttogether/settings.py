"""Settings in the order of Django's documentation; what differs between machines comes from environment.py."""

import logging
import os

import structlog
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from .environment import BASE_DIR, Environment
from .logs import CHAIN, formatter

machine = Environment(os.environ)

DEBUG = machine.debug
DEMO = machine.demo
SECRET_KEY = machine.secret_key
SECRET_KEY_FALLBACKS = machine.secret_key_fallbacks
ALLOWED_HOSTS = machine.allowed_hosts
BASE_URL = machine.base_url
VAR_DIR = machine.var
METRICS_TOKEN = machine.metrics_token
ALIVE_FILE = machine.alive_file
OPARL_BODY, OPARL_LICENCE, OPARL_NAME = machine.oparl_body, machine.oparl_licence, machine.oparl_name

INSTALLED_APPS = [
    "strategy",
    "measures",
    "reporting",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "django_filters",
    "django_htmx",
    "django_prometheus",
    "django_structlog",
    "drf_spectacular",
    "rest_framework",
    "rules",
    "simple_history",
    "template_partials",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "worksttogether.middleware.RequestLog",
    "worksttogether.middleware.NothingKeptMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "worksttogether.middleware.SignInMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "strategy.middleware.ActorMiddleware",
    "strategy.middleware.SavedFormMiddleware",
    "worksttogether.middleware.SecondFactorMiddleware",
    "strategy.access.AccessMiddleware",
    "worksttogether.middleware.BodyLimitMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "worksttogether.urls"
WSGI_APPLICATION = "worksttogether.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "strategy.context_processors.portal",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Database: SQLite takes its write lock at BEGIN and waits for it, or half of concurrent writes would fail.
SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
# While the database is away a request waits a little, then gets a page that says so; nobody waits for longer than that
# once it is back, however long it was away.
POSTGRESQL_OPTIONS = {"pool": {"min_size": 1, "max_size": 10, "timeout": 5, "reconnect_timeout": 5}}
DATABASES = {"default": machine.database}
DATABASES["default"].setdefault("OPTIONS", {}).update(
    SQLITE_OPTIONS if machine.database["ENGINE"].endswith("sqlite3") else POSTGRESQL_OPTIONS
)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True  # a connection from before a restart is no use
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sessions and rate limits live in the database, so that the broker may be gone without anyone noticing.
SESSION_ENGINE = "strategy.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60  # from the sign-in on: a working day
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if DEMO
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
}

# People
AUTH_USER_MODEL = "strategy.User"
AUTHENTICATION_BACKENDS = ["strategy.backends.OneLookBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "strategy.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "strategy.forms.sign_in.LoginForm",
    "reauthenticate": "strategy.forms.sign_in.ReauthenticateForm",
    "change_password": "strategy.forms.sign_in.ChangePasswordForm",
    "reset_password": "strategy.forms.sign_in.ResetPasswordForm",
    "reset_password_from_key": "strategy.forms.sign_in.ResetPasswordKeyForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # the form writes to them in our words
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# The library's own reads and writes more for those who have an account: the time of that tells them from strangers.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {  # a whole town hall may stand behind one address
    "login": "120/m/ip",
    "login_failed": "30/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/m/key",
}
OIDC, OIDC_GROUPS_CLAIM, OIDC_MATCH_EMAIL = machine.oidc, machine.oidc_groups_claim, machine.oidc_match_email
SOCIALACCOUNT_ADAPTER = "strategy.single_sign_on.SingleSignOnAdapter"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [OIDC] if OIDC else []}}
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form would be sent on to another site, which the policy forbids
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
MFA_ADAPTER = "strategy.second_factor.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "strategy.forms.sign_in.SecondFactorForm",
    "reauthenticate": "strategy.forms.sign_in.SecondFactorAgainForm",
    "activate_totp": "strategy.forms.sign_in.AppForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "worksttogether"
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # accounts are made by administrators
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not machine.https
ALLAUTH_TRUSTED_PROXY_COUNT = machine.proxies

# Language and time
LANGUAGE_CODE = "de"
LANGUAGES = [("de", _("German")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Europe/Berlin"
USE_TZ = True

# Files
STATIC_URL = "static/"
STATIC_ROOT = None if DEMO else BASE_DIR / "staticfiles"  # the demo serves the files where they lie
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEMO
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": machine.storage,
    "audit": machine.audit_storage,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
LARGEST_BODY = 25 * 1024 * 1024  # a body above it is answered by the 413 page
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # of it, everything but files

# Mail
globals().update(machine.email)
DEFAULT_FROM_EMAIL = machine.email_from
SERVER_EMAIL = machine.email_from
EMAIL_TIMEOUT = 20

# Security
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "worksttogether.errors.form_expired"
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = SECURE_SSL_REDIRECT = machine.https
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if machine.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = machine.https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if machine.proxies else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # KERN's icons are data URIs
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# API
API_LIMITS = {"user": 600, "anonymous": 120}  # requests a minute: of a person, of a network address
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "strategy.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "strategy.api.authentication.WithinScope",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["strategy.api.parsing.Json"],
    "DEFAULT_PAGINATION_CLASS": "strategy.api.paging.SignedCursor",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,  # a list of what may be sent would tell of rows; the schema says it without
    "DEFAULT_THROTTLE_CLASSES": ["strategy.api.limits.PerPerson"],
    "DEFAULT_THROTTLE_RATES": {name: f"{number}/min" for name, number in API_LIMITS.items()},
    "NUM_PROXIES": machine.proxies,  # what a client says of its own address counts for nothing
    "EXCEPTION_HANDLER": "strategy.api.problems.handle",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "worksttogether",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1/strategies/{slug}",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "strategy.api.schema.with_problems",
        "worksttogether.api_schema.with_words_and_examples",
    ],
    "COMPONENT_SPLIT_REQUEST": True,
}

WEBHOOKS_INSIDE = machine.webhooks_inside

# Work behind the pages: the broker only wakes the workers, what is due stands in the database.
CELERY_BROKER_URL = machine.broker
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "data_folder_in": str(VAR_DIR / "queue"),
        "data_folder_out": str(VAR_DIR / "queue"),
        "control_folder": str(VAR_DIR / "queue" / "control"),
    }
    if machine.broker.startswith("filesystem")
    else {
        "socket_connect_timeout": 2,
        "socket_timeout": 5,  # a page waits no longer for a broker that has frozen
        "visibility_timeout": 15 * 60,  # above the longest task: what is silent for longer is given to another worker
    }
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False  # a request never waits for a broker that is gone
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_EXPIRES = 60 * 60
CELERY_TASK_TIME_LIMIT = 5 * 60
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False  # a build needs no broker to end
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "maintenance"
CELERY_TASK_QUEUES = {name: {"exchange": name, "routing_key": name} for name in ("mail", "reports", "maintenance")}
CELERY_TASK_ROUTES = {"strategy.tasks.send_mail": {"queue": "mail"}, "reporting.tasks.*": {"queue": "reports"}}
CELERY_BEAT_SCHEDULER = "worksttogether.beat.ElectedScheduler"
CELERY_BEAT_SCHEDULE = {
    "send mail": {"task": "strategy.tasks.send_mail", "schedule": 60, "options": {"expires": 55}},
    "remind": {"task": "strategy.tasks.sweep_reminders", "schedule": 5 * 60, "options": {"expires": 4 * 60}},
    "sweep builds": {
        "task": "reporting.tasks.sweep_builds",
        "schedule": 60,
        "options": {"expires": 55, "queue": "maintenance"},  # a long build must not keep its own sweep waiting
    },
    "tidy api": {"task": "strategy.tasks.tidy_api", "schedule": 60 * 60, "options": {"expires": 55 * 60}},
    "sweep webhooks": {"task": "strategy.tasks.sweep_webhooks", "schedule": 60, "options": {"expires": 55}},
    "sweep imports": {"task": "measures.tasks.sweep_imports", "schedule": 60, "options": {"expires": 55}},
    "seal audit": {"task": "strategy.tasks.seal_audit", "schedule": 60, "options": {"expires": 55}},
    "sweep files": {"task": "strategy.tasks.sweep_files", "schedule": 5 * 60, "options": {"expires": 4 * 60}},
    "sweep sessions": {"task": "strategy.tasks.sweep_sessions", "schedule": 60 * 60, "options": {"expires": 50 * 60}},
    "check audit": {
        "task": "strategy.tasks.check_audit",
        "schedule": crontab(hour=4, minute=10),
        "options": {"expires": 6 * 60 * 60},
    },
    "forget": {
        "task": "strategy.tasks.sweep_retention",
        "schedule": crontab(hour=3, minute=10),
        "options": {"expires": 6 * 60 * 60},
    },
    "sweep rankings": {"task": "measures.tasks.sweep_rankings", "schedule": 60, "options": {"expires": 55}},
}
CELERY_TIMEZONE = TIME_ZONE

# Logs: one JSON object a line in production, readable lines in the demo
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # no more about people than the work needs
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # the line at the end says it all
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *CHAIN,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
)
logging.captureWarnings(True)  # a warning of Python's is a line like any other
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"structured": formatter(readable=DEMO)},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {name: {"level": "WARNING"} for name in ("fontTools", "pikepdf", "weasyprint")},  # they tell each step
}
