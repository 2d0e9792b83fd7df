"""The demo as a newcomer starts it: real processes, an own folder, no service but ours."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager

import pytest

from tests.checks import PRODUCTION
from tests.services import free_port

LIMIT = 120  # seconds against hanging
COMMAND = [sys.executable, "manage.py", "demo"]
READY = "Mails are written to var/mail, logs to var/log. Ctrl-C stops everything.\n"


@pytest.fixture
def environment(tmp_path):
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    mine = {"DEMO": "true", "VAR_DIR": str(tmp_path), "PORT": str(free_port()), "PYTHONUNBUFFERED": "1"}
    return {**kept, **mine, "DJANGO_SETTINGS_MODULE": "worksttogether.settings"}


@contextmanager
def demo(environment, stop=signal.SIGTERM):
    """Yields what the demo said until it was ready; its last words and exit code are asserted."""
    with subprocess.Popen(COMMAND, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as run:
        said = read_until_ready(run)
        try:
            yield said
        finally:
            run.send_signal(stop)
            last_words, _ = run.communicate(timeout=LIMIT)
    assert last_words.strip() == "Stopped; the data stays in var/."
    assert run.returncode == 0


def read_until_ready(run):
    said = ""
    while not said.endswith(READY):
        line = run.stdout.readline()
        assert line, f"the demo ended: {said}"
        said += line
    return said


def test_the_demo_starts_serves_stops_and_keeps_its_data(environment):
    address = f"http://127.0.0.1:{environment['PORT']}"

    with demo(environment) as said:
        assert f"The portal is ready: {address}" in said
        assert "48 measures, " in said
        assert "  projektgruppe " in said
        with urllib.request.urlopen(f"{address}/accounts/login/") as page:
            assert 'name="password"' in page.read().decode()
        with urllib.request.urlopen(f"{address}/static/vendor/kern.min.css") as style:
            assert style.headers["Content-Type"].startswith("text/css")

    with demo(environment, stop=signal.SIGINT) as said:
        assert "measures" not in said
        assert "  projektgruppe " in said


def refuse(environment):
    return subprocess.run(COMMAND, env=environment, capture_output=True, text=True, timeout=LIMIT)


def test_a_taken_port_is_named_before_anything_is_touched(environment, tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(environment["PORT"])))
        other.listen()
        refused = refuse(environment)

    assert refused.returncode == 1
    assert f"127.0.0.1:{environment['PORT']} is taken. Another port: PORT=8001 ./run demo" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_production_makes_no_accounts_with_a_known_password(environment):
    refused = refuse({**environment, **PRODUCTION})

    assert refused.returncode == 1
    assert "DEMO=true says that this is wanted" in refused.stderr
