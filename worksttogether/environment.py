"""What differs between machines, read here and nowhere else; outside the demo unsafe values are refused by name."""

from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qs, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
DEMO_KEY = "demo-only-key-that-every-reader-of-the-source-knows"
SHORTEST_KEY = 50  # what Django's own deployment check asks for
SHORTEST_TOKEN = 32
S3 = {"s3": "https", "s3+http": "http"}  # the second for a trial on one machine
MAIL_THAT_ARRIVES_NOWHERE = ("console", "dummy", "filebased", "locmem")


class Environment:
    """The variables of one process. DEMO=true stands for a trial on one machine, everything else is production."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.env = environ.Env()
        self.env.ENVIRON = variables

    @cached_property
    def demo(self) -> bool:
        return self.env.bool("DEMO", default=False)

    @cached_property
    def debug(self) -> bool:
        debug = self.env.bool("DEBUG", default=False)
        if debug and not self.demo:
            self.refuse("DEBUG", "shows the inside of the portal to everyone; leave it out")
        return debug

    @cached_property
    def secret_key(self) -> str:
        key = self.required("SECRET_KEY", demo=DEMO_KEY)
        self.refuse_weak("SECRET_KEY", key)
        return key

    @cached_property
    def secret_key_fallbacks(self) -> list[str]:
        """Keys that signed what is still about, while they are being replaced; nothing new is signed with them."""
        keys = self.env.list("SECRET_KEY_FALLBACKS", default=[])
        for key in keys:
            self.refuse_weak("SECRET_KEY_FALLBACKS", key)
        return keys

    @cached_property
    def metrics_token(self) -> str:
        """What whoever asks for figures of operation has to show; without one nobody gets any."""
        token = self.env.str("METRICS_TOKEN", default="")
        if token and not self.demo and len(token) < SHORTEST_TOKEN:
            self.refuse("METRICS_TOKEN", f"needs at least {SHORTEST_TOKEN} random characters, or leave it out")
        return token

    @cached_property
    def base_url(self) -> str:
        """Where people reach the portal; links in mails start with it."""
        url = self.required("BASE_URL", demo=f"http://127.0.0.1:{self.port}").rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path:
            self.refuse("BASE_URL", "must look like https://personalstrategie.example")
        if not self.demo and parts.scheme != "https":
            self.refuse("BASE_URL", "must start with https://, passwords travel over it")
        return url

    @cached_property
    def port(self) -> int:
        return self.number("PORT", default=8000)

    @cached_property
    def https(self) -> bool:
        return self.base_url.startswith("https://")

    @cached_property
    def allowed_hosts(self) -> list[str]:
        hosts = self.env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"] if self.demo else [])
        if not hosts:
            self.refuse("ALLOWED_HOSTS", "is missing; name the hosts of BASE_URL, parted by commas")
        if not self.demo and any(host.startswith("*") for host in hosts):
            self.refuse("ALLOWED_HOSTS", "must name hosts, not *")
        return hosts

    @cached_property
    def proxies(self) -> int:
        """How many proxies of our own stand in front; only their word on https and client address is taken."""
        return self.number("PROXIES", default=0)

    @cached_property
    def var(self) -> Path:
        """Where the portal writes files: uploaded ones without STORAGE_URL; the demo its database, queue and mails."""
        return Path(self.env.str("VAR_DIR", default="") or BASE_DIR / "var")

    @cached_property
    def alive_file(self) -> Path | None:
        """A file that worker and clock touch as long as they live, for the health checks of containers."""
        name = self.env.str("ALIVE_FILE", default="")
        return Path(name) if name else None

    @cached_property
    def storage(self) -> dict[str, Any]:
        """Where uploaded files lie: under VAR_DIR, or with STORAGE_URL in a bucket that all machines share."""
        return self.bucket("STORAGE_URL") or {"BACKEND": "django.core.files.storage.FileSystemStorage"}

    @cached_property
    def audit_storage(self) -> dict[str, Any]:
        """Where the heads of the audit trail's chain lie: best where the database's administrator cannot write."""
        found = self.bucket("AUDIT_URL") or self.bucket("STORAGE_URL", folder="audit/")
        if found:
            return found
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": self.var / "audit"},
        }

    def bucket(self, name: str, folder: str = "") -> dict[str, Any]:
        """The storage of an address like s3://key:secret@host/bucket?region=…, or nothing."""
        url = self.env.str(name, default="")
        if not url:
            return {}
        parts, more = urlsplit(url), parse_qs(url.partition("?")[2])
        bucket = parts.path.strip("/")
        if parts.scheme not in S3 or not (parts.hostname and parts.username and parts.password and bucket):
            self.refuse(name, "must look like s3://key:secret@host/bucket")
        if "/" in bucket or set(more) - {"region"}:
            self.refuse(name, "names a bucket and, after a question mark, nothing but region=…")
        if not self.demo and S3[parts.scheme] != "https":
            self.refuse(name, "must start with s3://, files and their key travel over it")
        return {
            "BACKEND": "strategy.storage.Bucket",
            "OPTIONS": {
                "endpoint_url": f"{S3[parts.scheme]}://{parts.netloc.rpartition('@')[2]}",
                "access_key": unquote(parts.username),
                "secret_key": unquote(parts.password),
                "bucket_name": bucket,
                "region_name": more.get("region", ["us-east-1"])[0],
                "location": folder,
            },
        }

    @cached_property
    def database(self) -> dict[str, Any]:
        url = self.required("DATABASE_URL", demo=f"sqlite:///{self.var}/demo.sqlite3")
        return self.env.db_url_config(url)

    @cached_property
    def broker(self) -> str:
        return self.required("REDIS_URL", demo="filesystem://")

    @cached_property
    def email(self) -> dict[str, Any]:
        url = self.required("EMAIL_URL", demo=f"filemail:///{self.var}/mail")
        config = self.env.email_url_config(url)
        if not self.demo and any(kind in config["EMAIL_BACKEND"] for kind in MAIL_THAT_ARRIVES_NOWHERE):
            self.refuse("EMAIL_URL", "would send no mail to anyone; name an SMTP server")
        return config

    @cached_property
    def email_from(self) -> str:
        return self.required("EMAIL_FROM", demo="worksttogether <demo@example.org>")

    @cached_property
    def oparl_body(self) -> str:
        """The city's Body in its council information system, which the papers of reports name."""
        return self.address("OPARL_BODY")

    @cached_property
    def oparl_licence(self) -> str:
        """Under which the public papers may be used."""
        return self.address("OPARL_LICENCE")

    @cached_property
    def oparl_name(self) -> str:
        """What the city is called in OParl; a portal that is not told goes by its host."""
        return self.env.str("OPARL_NAME", default="") or str(urlsplit(self.base_url).hostname)

    @cached_property
    def webhooks_inside(self) -> bool:
        """Whether programs within the city's own network may be told of steps, too."""
        return self.env.bool("WEBHOOKS_INSIDE", default=False)

    @cached_property
    def oidc(self) -> dict[str, Any] | None:
        """The city's sign-in service (OpenID Connect), as the library wants it; None where there is none.

        Its name in our addresses is made of the issuer: a subject of one service is nobody in another.
        """
        issuer = self.address("OIDC_ISSUER").rstrip("/")
        if not issuer:
            return None
        if not self.demo and not issuer.startswith("https://"):
            self.refuse("OIDC_ISSUER", "must begin with https://")
        for name in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"):
            if not self.env.str(name, default=""):
                self.refuse(name, "is missing; OIDC_ISSUER is given")
        return {
            "provider_id": f"oidc-{sha256(issuer.encode()).hexdigest()[:8]}",
            "name": self.env.str("OIDC_NAME", default="") or "Dienstkonto",
            "client_id": self.env.str("OIDC_CLIENT_ID"),
            "secret": self.env.str("OIDC_CLIENT_SECRET"),
            "settings": {"server_url": issuer, "oauth_pkce_enabled": True},
        }

    @cached_property
    def oidc_groups_claim(self) -> str:
        return self.env.str("OIDC_GROUPS_CLAIM", default="") or "groups"

    @cached_property
    def oidc_match_email(self) -> bool:
        """Whether the service's verified e-mail addresses lead to accounts that exist already."""
        return self.env.bool("OIDC_MATCH_EMAIL", default=False)

    def address(self, name: str) -> str:
        url = self.env.str(name, default="")
        if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
            self.refuse(name, "must be an address that begins with https://")
        return url

    def required(self, name: str, *, demo: str) -> str:
        value = self.env.str(name, default="")
        if value:
            return value
        if not self.demo:
            self.refuse(name, "is missing; the table in the README tells what it stands for")
        return demo

    def number(self, name: str, *, default: int) -> int:
        text = self.env.str(name, default="") or str(default)
        if not text.isdecimal():
            self.refuse(name, f"must be a whole number, not {text}")
        return int(text)

    def refuse_weak(self, name: str, key: str) -> None:
        if not self.demo and (len(key) < SHORTEST_KEY or len(set(key)) < 5 or key == DEMO_KEY):
            self.refuse(name, f"needs at least {SHORTEST_KEY} random characters")

    def refuse(self, name: str, why: str) -> NoReturn:
        raise ImproperlyConfigured(f"{name} {why}. (For a trial on one machine: ./run demo)")
