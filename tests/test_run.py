"""What ./run tells people before it does anything."""

import os
import subprocess

import pytest


@pytest.fixture
def machine(tmp_path):
    """Puts programs of our own before those of the machine; ``machine(name="script")`` gives the environment."""

    def put(**programs):
        for name, script in programs.items():
            path = tmp_path / name.replace("_", "-")
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
        return {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}

    return put


def run(*arguments, env=None):
    return subprocess.run(["./run", *arguments], env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def test_without_a_verb_the_verbs_are_listed():
    listed = run().stdout

    assert listed == run("help").stdout
    assert [line.split()[1] for line in listed.splitlines()] == [
        "demo",
        "test",
        "test-all",
        "check",
        "sbom",
        "bench",
        "help",
    ]


def test_an_unknown_verb_is_refused_with_the_list():
    refused = run("deploy")

    assert refused.returncode == 2
    assert refused.stderr == run("help").stdout


def test_who_is_not_root_gets_one_sentence_naming_the_packages(machine):
    bare = machine(dpkg_query="exit 1", apt_get="exit 0", id="echo 1000", python3="exit 1")

    refused = run("demo", env=bare)

    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr == (
        "Some Debian packages are missing; please run as root: apt-get install libpango-1.0-0 libpangoft2-1.0-0"
        " libharfbuzz-subset0 fonts-dejavu-core python3 python3-venv\n"
    )


def test_the_tests_name_browser_and_services_too(machine):
    bare = machine(dpkg_query="exit 1", apt_get="exit 0", id="echo 1000", python3="exit 1")

    refused = run("test", env={**bare, "CHROMIUM": ""}).stderr

    assert refused.count("\n") == 1
    assert {"gettext", "python3-venv", "postgresql", "redis-server"} <= set(refused.split())


def test_a_failing_installation_shows_why_and_stops(machine):
    bare = machine(dpkg_query="exit 1", apt_get="echo no space left; exit 100", id="echo 0")

    refused = run("demo", env=bare)

    assert refused.returncode == 1
    assert "no space left" in refused.stderr
    assert "apt-get could not install" in refused.stderr
