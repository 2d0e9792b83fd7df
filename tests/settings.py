"""The portal's settings as the tests need them: the demo's safe defaults, the real database and broker."""

import os

os.environ.setdefault("DEMO", "true")

from worksttogether.settings import *  # noqa: E402, F403
from worksttogether.settings import DATABASES, VAR_DIR

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # speed: every test signs people in
DATABASES["default"]["OPTIONS"].pop("pool", None)  # a pool keeps connections open that dropping the database waits for
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}  # a file, as in the demo: memory has no WAL
