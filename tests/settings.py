"""The portal's settings as the tests need them: the demo's safe defaults, the real database and broker."""

import os

import time_machine

os.environ.setdefault("DEMO", "true")

from worksttogether.settings import *  # noqa: F403
from worksttogether.settings import (
    CELERY_BEAT_SCHEDULE,
    CELERY_BROKER_TRANSPORT_OPTIONS,
    CELERY_BROKER_URL,
    DATABASES,
    LOGGING,
    MIDDLEWARE,
    REST_FRAMEWORK,
    STORAGES,
    VAR_DIR,
    formatter,
)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # speed: every test signs people in
if not os.environ.get("TEST_FILES"):  # what tests upload is gone after them; processes may need to share it
    STORAGES["default"] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    STORAGES["audit"] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
WHITENOISE_AUTOREFRESH = True  # looks a file up when it is asked for; else each new client reads them all
# Tests ask more in a minute than a program may, unless they are about that.
rate = os.environ.get("TEST_LIMIT") and f"{os.environ['TEST_LIMIT']}/min"
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = {"user": rate, "anonymous": rate}
if not os.environ.get("TEST_POOLED"):  # a pool keeps connections open that dropping the database waits for
    DATABASES["default"]["OPTIONS"].pop("pool", None)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # a file, as in the demo: memory has no WAL
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / f"test-{os.getpid()}.sqlite3"}

# Tests meet no other queue: neither a running demo's nor that of a second test run. Processes a test starts join it.
run = os.environ.get("TEST_RUN", os.getpid())
if CELERY_BROKER_URL.startswith("filesystem"):
    queue = VAR_DIR / f"test-queue-{run}"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(queue),
        "data_folder_out": str(queue),
        "control_folder": str(queue / "control"),
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = f"test-{run}-"

# Processes beside a test live at its time; those that wait for the clock of the queue do not wait for minutes.
if moment := os.environ.get("TEST_NOW"):
    time_machine.travel(moment).start()
if pace := os.environ.get("TEST_BEAT"):
    for entry in CELERY_BEAT_SCHEDULE.values():
        entry["schedule"] = float(pace)
        entry["options"].pop("expires")
if os.environ.get("TEST_LOGS"):  # as in production
    LOGGING["formatters"]["structured"] = formatter(readable=False)

# The portal as it must not be, for the negative controls of the tests with trouble in their names.
if os.environ.get("TEST_CARELESS"):
    SESSION_ENGINE = "django.contrib.sessions.backends.cache"
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CELERY_BROKER_URL}}
    REST_FRAMEWORK["DEFAULT_THROTTLE_CLASSES"] = ["rest_framework.throttling.UserRateThrottle"]
if os.environ.get("TEST_UNELECTED"):  # two clocks that tick at once
    CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
if os.environ.get("TEST_PATIENT"):
    CELERY_BROKER_TRANSPORT_OPTIONS.pop("socket_timeout")
if os.environ.get("TEST_UNGUARDED"):
    ROOT_URLCONF = "tests.unguarded"
if order := os.environ.get("TEST_CARELESS_ORDER"):  # the name of one in tests/careless.py
    MIDDLEWARE.insert(0, f"tests.careless.{order}")
if os.environ.get("TEST_CANCELLING"):
    CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
