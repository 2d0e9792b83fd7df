"""Promise P26: logs hold no secret, ballot or draft, but every sign-in and refusal; one line each, whatever it says."""

import json
import logging
import os
import re
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
import structlog
import yaml
from django.core import mail
from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.test import Client

from measures.models import Need
from reporting.models import CouncilReport
from strategy.models import CalendarFeed
from tests.factories import MembershipFactory, UserFactory
from tests.measures import rankings
from tests.pages import browser_of
from tests.processes import LIMIT, running, wait_until
from tests.reporting import reports
from tests.test_queue_in_trouble import Browser, web

pytestmark = pytest.mark.django_db

PASSWORD, MISTYPED = "Ein langes Kennwort 7", "Ein langes Kennwort 8"


@pytest.fixture(autouse=True)
def no_earlier_attempts():
    cache.clear()


@pytest.fixture
def person():
    user = MembershipFactory(user=UserFactory(username="anna", email="anna@example.org")).user
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client, login="anna", password=PASSWORD):
    return client.post("/accounts/login/", {"login": login, "password": password})


def told(log, *events):
    return [(line["event"], line["account"], line.get("because")) for line in log.lines if line["event"] in events]


# Who came in, and who was sent away


def test_every_sign_in_and_sign_out_stands_in_the_log(client, person, log):
    sign_in(client)
    client.post("/accounts/logout/")

    assert told(log, "signed_in", "signed_out") == [("signed_in", person.pk, None), ("signed_out", person.pk, None)]


def test_every_refused_sign_in_stands_in_the_log_and_says_why(client, person, log):
    sign_in(client, password=MISTYPED)
    sign_in(client, login="anna@example.org", password=MISTYPED)
    sign_in(client, login="nobody")
    for _attempt in range(5):
        sign_in(client, password=MISTYPED)
    person.is_active = False
    person.save()
    cache.clear()
    sign_in(client)

    assert told(log, "sign_in_refused", "signed_in") == [
        ("sign_in_refused", person.pk, "wrong name or password"),
        ("sign_in_refused", person.pk, "wrong name or password"),
        ("sign_in_refused", None, "wrong name or password"),
        *[("sign_in_refused", person.pk, "wrong name or password")] * 4,
        ("sign_in_refused", person.pk, "too many attempts"),
        ("sign_in_refused", person.pk, "account closed"),
    ]
    assert {line["level"] for line in log.of("sign_in_refused")} == {"warning"}


def refusals(cast):
    """{status: a request that gets it}"""
    slug, reader = cast.strategy.slug, browser_of(cast.reader)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.reader)
    return [
        (403, lambda: reader.get(f"/{slug}/measures/new/")),
        (403, lambda: reader.get(f"/{slug}/dispatch/")),
        (404, lambda: reader.get("/another-strategy/")),
        (403, lambda: strict.post(f"/{slug}/notifications/read/")),
        (404, lambda: Client().get("/calendar/old.ics")),
        (410, lambda: Client().get("/accounts/status/old/")),
    ]


def test_every_refusal_stands_in_the_log(cast, log):
    for status, request in refusals(cast):
        before = len(log.of("request_finished"))

        assert request().status_code == status
        (line,) = log.of("request_finished")[before:]
        assert (line["code"], line["level"]) == (status, "warning")


def test_a_host_we_do_not_know_stands_in_the_log(client, log):
    assert client.get("/", headers={"host": "elsewhere.example"}).status_code == 400
    assert any("elsewhere.example" in line["event"] for line in log.lines)


# What no line holds


def test_no_password_and_no_key_is_in_the_log(client, person, log):
    sign_in(client, password=MISTYPED)
    sign_in(client, login=PASSWORD)  # in the wrong field
    client.post("/accounts/password/reset/", {"email": "anna@example.org"})
    link = re.search(r"/accounts/password/reset/key/\S+", mail.outbox[0].body)[0]
    client.post(client.get(link).headers["Location"], {"password1": MISTYPED, "password2": MISTYPED})
    sign_in(client, password=MISTYPED)
    feed = CalendarFeed.objects.issue(person)
    Client().get(f"/calendar/{feed}.ics")
    structlog.get_logger("test").info("planted", words="Kanarienvogel")

    secrets = [PASSWORD, MISTYPED, link.rstrip("/").rpartition("/")[2].partition("-")[2], feed]
    secrets += [client.session.session_key, client.cookies["csrftoken"].value]
    assert [secret for secret in (*secrets, "Kanarienvogel") if secret in log.text] == ["Kanarienvogel"]
    assert len(told(log, "password_set")) == len(told(log, "signed_in")) == 1


def fail_on(row, **values):
    """The database refuses to store that, and somebody tells the log."""
    try:
        with transaction.atomic():
            type(row)._base_manager.filter(pk=row.pk).update(**values)
    except DatabaseError as fault:
        logging.getLogger("test").exception("not stored")
        return str(fault)
    pytest.fail("stored")


def test_what_the_database_quotes_of_a_row_does_not_reach_the_log(cast, log):
    """It complains with the whole row: a draft, a ballot."""
    need = cast.need(Need.State.DRAFT, title="Kanarienvogel", text="Kanarienvogel\nfrisst\nHirse")
    ballot = rankings.arrange(rankings.open_(cast), cast.department_head)

    complaints = [fail_on(need, version=-1), fail_on(ballot, version=-1)]

    assert ["Kanarienvogel" in complaints[0], str(ballot.order) in complaints[1]] == [True, True]
    assert [line["event"] for line in log.lines if "exception" in line] == ["not stored"] * 2
    assert all("version_check" in line["exception"] for line in log.of("not stored"))
    assert not any(word in log.text for word in ("Kanarienvogel", "Hirse", str(ballot.order)))


@pytest.mark.parametrize("end", ["", "\n\nThe above exception was the direct cause of the following exception:\n\nB"])
def test_what_follows_the_quoted_row_is_still_told(log, end):
    logging.getLogger("test").warning("A: violated\nDETAIL:  Failing row contains (1, Hirse\nund mehr).%s", end)

    assert log.lines[-1]["event"] == f"A: violated{end}"


# A line each


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\u2028b", "a\x85b", "a\x0bb", "a\x00b", "a\ud800b"])
def test_a_line_break_does_not_make_a_second_line(log, text):
    structlog.get_logger("test").info(text, more=text)
    logging.getLogger("test").info("%s", text)
    try:
        raise ValueError(text)
    except ValueError:
        logging.getLogger("test").exception("fault")

    assert [line["event"] for line in log.lines] == [text, text, "fault"]
    assert log.lines[0]["more"] == text


def test_nobody_writes_lines_of_their_own_by_an_address(client, log):
    client.get("/x%0A%7B%22event%22:%20%22signed_in%22%7D/")

    assert log.of("signed_in") == []
    assert any("signed_in" in line["request"] for line in log.of("request_finished"))


# What an operator finds by the number on the page


def test_a_refusal_tells_the_number_under_which_the_log_has_it(cast, log):
    answer = browser_of(cast.reader).get(f"/{cast.strategy.slug}/measures/new/")

    number = re.search(r"Number of this request: ([0-9a-f-]{36})", answer.content.decode())[1]
    assert {line["request_id"] for line in log.of("request_finished")} == {number}


def test_a_fault_tells_users_its_number_and_operators_everything(cast, log, monkeypatch):
    monkeypatch.setattr("strategy.views.start.Strategy.objects", None)
    client = browser_of(cast.reader)
    client.raise_request_exception = False

    answer = client.get("/strategies/")

    page = answer.content.decode()
    number = re.search(r"([0-9a-f]{8}-[0-9a-f-]{27})", page)[1]
    assert answer.status_code == 500
    assert ("NoneType" in page, "Traceback" in page) == (False, False)
    assert any("NoneType" in line.get("exception", "") and line["request_id"] == number for line in log.lines)


# What a task does for a request bears its number


@contextmanager
def services(folder, *names, **more):
    """Run as docker-compose.yml says; each tells a file of its name."""
    described = yaml.safe_load(Path("docker-compose.yml").read_text())["services"]
    with ExitStack() as stack:
        for name in names:
            command = described[name]["command"].split()
            stack.enter_context(running(*command, log=folder / f"{name}.log", **more))
        yield


FAREWELL = "\nworker: Warm shutdown (MainProcess)\n"  # Celery's own last words, which it lets nobody shape


def lines_of(folder, *names):
    """Each line is one JSON object, or this fails; the last one may still be on its way."""
    texts = [(folder / f"{name}.log").read_text().replace(FAREWELL, "") for name in names]
    return [json.loads(line) for text in texts for line in text.splitlines(keepends=True) if line.endswith("\n")]


def begun(lines, task):
    return [line for line in lines if line["event"] == "task_started" and line["task"] == task]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_task_bears_the_number_of_the_request_that_woke_it_and_none_where_a_sweep_did(cast, tmp_path):
    report, queue = reports.draft(cast), SimpleNamespace(url=os.environ["REDIS_URL"])
    joined, workers = {"TEST_LOGS": 1, "TEST_BEAT": 1}, ("reports", "maintenance")
    with web(queue, log=tmp_path / "web.log", **joined) as port, services(tmp_path, *workers, "beat", **joined):
        author = Browser(port, cast.project_group, LIMIT)
        author.send(f"/{cast.strategy.slug}/reports/{report.pk}/build/")
        wait_until(lambda: CouncilReport.objects.get(pk=report.pk).state == "ready")
        wait_until(lambda: begun(lines_of(tmp_path, *workers), "strategy.tasks.remind"))

    pages, tasks = lines_of(tmp_path, "web"), lines_of(tmp_path, *workers, "beat")
    (asked,) = [line for line in pages if line.get("request", "").startswith("POST")]
    (woken,) = [line for line in pages if line["event"] == "task_enqueued"]
    ours = [line for line in tasks if line.get("task_id") == woken["child_task_id"]]
    assert {line["request_id"] for line in [woken, *ours]} == {asked["request_id"]}
    assert {"task_started", "task_succeeded"} <= {line["event"] for line in ours}
    assert [line for line in tasks if "request_id" in line and line not in ours] == []
    sweeps = {line["task_id"] for line in begun(tasks, "strategy.tasks.sweep_reminders")}
    assert {line["parent_task_id"] for line in begun(tasks, "strategy.tasks.remind")} <= sweeps
