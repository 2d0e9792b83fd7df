"""Promise P27: the check of advisories fails where there is a vulnerability, and says so where nobody can be asked."""

import json
import subprocess

import pytest

from tests import checks

KNOWN = {
    "dependencies": [{"name": "django", "version": "5.2", "vulns": [{"id": "X-1"}]}, {"name": "rules", "vulns": []}]
}
CLEAN = {"dependencies": [{"name": "django", "version": "5.2", "vulns": []}]}
SKIPPED = {"dependencies": [{"name": "django", "skip_reason": "not found"}]}
NPM_KNOWN, NPM_CLEAN = {"vulnerabilities": {"htmx.org": {"severity": "high"}}}, {"vulnerabilities": {}}


def answering(monkeypatch, python, npm):
    def run(command, **options):
        told = python if "pip-audit" in str(command[0]) else npm
        if isinstance(told, Exception):
            raise told
        return subprocess.CompletedProcess(command, 1, told if isinstance(told, str) else json.dumps(told), "")

    monkeypatch.setattr(checks.subprocess, "run", run)


def test_a_known_vulnerability_fails_the_check(monkeypatch):
    answering(monkeypatch, KNOWN, NPM_KNOWN)

    assert checks.advisories().splitlines() == [
        "Python: django has a known vulnerability",
        "npm: htmx.org has a known vulnerability",
    ]


def test_locks_without_any_pass(monkeypatch, capsys):
    answering(monkeypatch, CLEAN, NPM_CLEAN)

    assert checks.advisories() == ""
    assert "not checked" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "silence",
    [
        subprocess.TimeoutExpired("pip-audit", 20),
        FileNotFoundError("npm"),
        "",
        "<html>",
        {"error": {"code": "ENOTFOUND"}},
        {"message": "405 Method Not Allowed"},
    ],
)
def test_where_nobody_answers_it_says_not_checked(monkeypatch, capsys, silence):
    answering(monkeypatch, silence, silence)

    assert checks.advisories() == ""
    assert capsys.readouterr().out.count("not checked") == 2


def test_a_mirror_that_knows_no_advisories_has_not_checked_anything(monkeypatch, capsys):
    answering(monkeypatch, SKIPPED, NPM_CLEAN)

    assert checks.advisories() == ""
    assert "Python: not checked" in capsys.readouterr().out
