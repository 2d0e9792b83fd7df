"""What differs between machines: safe values start, unsafe ones are refused by name."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.checks import PRODUCTION
from worksttogether.environment import BASE_DIR, DEMO_KEY, Environment

READERS = {
    "DEBUG": "debug",
    "SECRET_KEY": "secret_key",
    "SECRET_KEY_FALLBACKS": "secret_key_fallbacks",
    "METRICS_TOKEN": "metrics_token",
    "STORAGE_URL": "storage",
    "AUDIT_URL": "audit_storage",
    "VAR_DIR": "var",
    "ALIVE_FILE": "alive_file",
    "DEMO": "demo",
    "ALLOWED_HOSTS": "allowed_hosts",
    "BASE_URL": "base_url",
    "DATABASE_URL": "database",
    "REDIS_URL": "broker",
    "EMAIL_URL": "email",
    "OPARL_BODY": "oparl_body",
    "OPARL_LICENCE": "oparl_licence",
    "WEBHOOKS_INSIDE": "webhooks_inside",
    "OPARL_NAME": "oparl_name",
    "OIDC_ISSUER": "oidc",
    "OIDC_CLIENT_ID": "oidc",
    "OIDC_CLIENT_SECRET": "oidc",
    "OIDC_NAME": "oidc",
    "OIDC_GROUPS_CLAIM": "oidc_groups_claim",
    "OIDC_MATCH_EMAIL": "oidc_match_email",
    "EMAIL_FROM": "email_from",
    "PORT": "port",
    "PROXIES": "proxies",
}
UNSAFE = [
    ("DEBUG", "true"),
    ("SECRET_KEY", ""),
    ("SECRET_KEY", "short"),
    ("SECRET_KEY", "a" * 60),
    ("SECRET_KEY", DEMO_KEY),
    ("SECRET_KEY_FALLBACKS", f"{PRODUCTION['SECRET_KEY']},short"),
    ("SECRET_KEY_FALLBACKS", DEMO_KEY),
    ("METRICS_TOKEN", "guessed"),
    ("STORAGE_URL", "/var/lib/portal"),
    ("STORAGE_URL", "https://key:secret@storage.example/bucket"),
    ("STORAGE_URL", "s3://storage.example/bucket"),
    ("STORAGE_URL", "s3://key:secret@storage.example"),
    ("STORAGE_URL", "s3://key:secret@storage.example/bucket/folder"),
    ("STORAGE_URL", "s3://key:secret@storage.example/bucket?acl=public-read"),
    ("STORAGE_URL", "s3+http://key:secret@storage.example/bucket"),
    ("AUDIT_URL", "/var/lib/portal/audit"),
    ("AUDIT_URL", "s3+http://key:secret@storage.example/bucket"),
    ("OIDC_ISSUER", "http://login.example"),
    ("OIDC_ISSUER", "login.example"),
    ("ALLOWED_HOSTS", ""),
    ("ALLOWED_HOSTS", "*"),
    ("ALLOWED_HOSTS", "portal.example,*"),
    ("BASE_URL", ""),
    ("BASE_URL", "http://portal.example"),
    ("BASE_URL", "https://"),
    ("BASE_URL", "https://portal.example/path"),
    ("BASE_URL", "ftp://portal.example"),
    ("DATABASE_URL", ""),
    ("REDIS_URL", ""),
    ("EMAIL_URL", ""),
    ("EMAIL_URL", "consolemail://"),
    ("EMAIL_URL", "dummymail://"),
    ("EMAIL_URL", "memorymail://"),
    ("EMAIL_URL", "filemail:///tmp/mail"),
    ("EMAIL_FROM", ""),
    ("PORT", "http"),
    ("PROXIES", "-1"),
    ("OPARL_BODY", "ris.stuttgart.example/body/1"),
    ("OPARL_LICENCE", "javascript:alert(1)"),
]


@pytest.mark.parametrize(("name", "value"), UNSAFE)
def test_production_refuses_unsafe_values_by_name(name, value):
    machine = Environment({**PRODUCTION, name: value})

    with pytest.raises(ImproperlyConfigured, match=f"^{name} "):
        getattr(machine, READERS[name])


@pytest.mark.parametrize("reader", READERS.values())
def test_production_takes_safe_values(reader):
    getattr(Environment(PRODUCTION), reader)


@pytest.mark.parametrize("reader", READERS.values())
def test_the_demo_needs_no_variable(reader):
    getattr(Environment({"DEMO": "true"}), reader)


@pytest.mark.parametrize("missing", ["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"])
def test_a_sign_in_service_needs_its_credentials(missing):
    given = {"OIDC_ISSUER": "https://login.example", "OIDC_CLIENT_ID": "portal", "OIDC_CLIENT_SECRET": "secret"}

    with pytest.raises(ImproperlyConfigured, match=f"^{missing} "):
        _service = Environment({**PRODUCTION, **given, missing: ""}).oidc


def test_a_subject_of_one_service_is_nobody_in_another():
    given = {"OIDC_CLIENT_ID": "portal", "OIDC_CLIENT_SECRET": "secret"}
    issuers = ("https://login.example", "https://login.example/", "https://other.example")

    here, same, other = (
        Environment({**PRODUCTION, **given, "OIDC_ISSUER": issuer}).oidc["provider_id"] for issuer in issuers
    )

    assert here == same != other


def test_the_demo_links_to_its_own_port():
    assert Environment({"DEMO": "true", "PORT": "8001"}).base_url == "http://127.0.0.1:8001"


def test_an_empty_variable_counts_as_missing():
    machine = Environment({"DEMO": "true", "PORT": "", "VAR_DIR": "", "DATABASE_URL": "", "REDIS_URL": ""})

    assert (machine.port, machine.var, machine.broker) == (8000, BASE_DIR / "var", "filesystem://")


def test_links_start_with_the_address_without_its_last_slash():
    assert Environment({**PRODUCTION, "BASE_URL": "https://portal.example/"}).base_url == "https://portal.example"


def test_a_bucket_is_described_by_one_address():
    url = "s3://key:a%2Fb%40c@storage.example:9000/personal?region=eu-central-1"

    assert Environment({**PRODUCTION, "STORAGE_URL": url}).storage["OPTIONS"] == {
        "endpoint_url": "https://storage.example:9000",
        "access_key": "key",
        "secret_key": "a/b@c",
        "bucket_name": "personal",
        "region_name": "eu-central-1",
        "location": "",
    }


def variables_read():
    """The names that environment.py reads, as they stand in its code."""
    code = Path("worksttogether/environment.py").read_text()
    return set(re.findall(r'self\.(?:required|number|address|bucket|env\.\w+)\("([A-Z_]+)"', code))


def test_the_readme_tells_what_each_variable_stands_for():
    rows = re.findall(r"^\| `([A-Z_]+)` \|", Path("README.md").read_text(), re.MULTILINE)

    assert sorted(rows) == sorted(variables_read() | {"WEB_CONCURRENCY"})  # the last is gunicorn's own
    assert variables_read() - {"DEBUG"} <= READERS.keys() | {"DEBUG"}


def test_the_template_of_env_has_the_same_variables():
    names = re.findall(r"^(?:# )?([A-Z_]+)=", Path("docs/operation/env.example").read_text(), re.MULTILINE)

    assert sorted(names) == sorted(variables_read() | {"WEB_CONCURRENCY", "POSTGRES_PASSWORD"})


def start(module, **variables):
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "-c", f"import {module}"]
    return subprocess.run(command, env={**kept, **variables}, capture_output=True, text=True)


def test_a_web_server_without_configuration_does_not_start():
    started = start("worksttogether.wsgi")

    assert started.returncode == 1
    assert "ImproperlyConfigured: SECRET_KEY is missing" in started.stderr


def test_a_web_server_with_safe_values_starts(tmp_path):
    assert start("worksttogether.wsgi", **PRODUCTION, VAR_DIR=str(tmp_path)).returncode == 0


@pytest.mark.parametrize("name", ["ALLOWED_HOSTS", "BASE_URL", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "EMAIL_FROM"])
def test_a_web_server_names_the_variable_that_is_missing(name):
    variables = {key: value for key, value in PRODUCTION.items() if key != name}

    assert f"ImproperlyConfigured: {name} is missing" in start("worksttogether.wsgi", **variables).stderr
