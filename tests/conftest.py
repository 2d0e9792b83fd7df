"""What all tests share: a browser that speaks German, a check for accessibility, a worker on the real broker."""

import gc
import io
import json
import logging
import os
import shutil
from contextlib import ExitStack
from copy import deepcopy
from pathlib import Path

import pytest
import redis
from celery.contrib.testing.worker import start_worker
from django.conf import settings as django_settings
from hypothesis import settings

from worksttogether import logs
from worksttogether.celery import app

AXE = Path("node_modules/axe-core/axe.min.js")
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NO_BACKGROUND_TRAFFIC = [
    "--no-sandbox",  # root has none, as in CI
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

settings.register_profile("portal", deadline=None)  # a busy machine is no fault of the portal
settings.load_profile("portal")

# Playwright's own event loop runs in this thread, beside Django's database calls and not around them.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """What a test commits need not outlive a power cut; the processes it starts wait for the disk as they must."""
    default = django_settings.DATABASES["default"]
    if default["ENGINE"].endswith("postgresql"):
        default["OPTIONS"]["options"] = "-c synchronous_commit=off"


@pytest.fixture(scope="session", autouse=True)
def own_queue():
    """The queue of this run is its own (see tests/settings.py): it comes and goes with it."""
    options = app.conf.broker_transport_options
    if "data_folder_in" in options:
        Path(options["control_folder"]).mkdir(parents=True)
        yield
        shutil.rmtree(options["data_folder_in"])
    else:
        yield
        with redis.from_url(app.conf.broker_url) as broker:
            for key in broker.scan_iter(match=f"{options['global_keyprefix']}*"):
                broker.delete(key)


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in a hook of its own
def pytest_collection_modifyitems(items):
    """What a module builds once for its tests, one process builds. Browser tests know themselves by their fixture; of
    them only the journeys are quick enough for every run.
    """
    for item in items:
        if "cast" in item.fixturenames and not commits(item):
            item.fixturenames.insert(0, "made_once")  # before the test's own transaction begins
        fixtures = [fixture for found in item._fixtureinfo.name2fixturedefs.values() for fixture in found]
        if any(fixture.scope == "module" for fixture in fixtures):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
        if {"page", "context"} <= set(item.fixturenames):  # a parameter may be called page, too
            item.add_marker("browser")
            item.add_marker("slow")


def pytest_collection_finish():
    """What has been loaded stays: the collector need not look through all of it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    """What a test has logged travels between the processes of a run, which is as UTF-8."""
    report = yield
    report.sections = [(name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections]
    return report


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    return {**browser_type_launch_args, "executable_path": chromium, "args": NO_BACKGROUND_TRAFFIC}


@pytest.fixture(scope="session")
def base_url(live_server):
    return live_server.url


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "locale": "de-DE", "timezone_id": "Europe/Berlin"}


@pytest.fixture
def page(page):
    """A page of the live server; a script error or a breach of the content security policy fails its test."""
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if is_problem(message) else None)
    yield page
    assert problems == []


def is_problem(message):
    return message.type == "error" and not message.text.startswith("Failed to load resource")


@pytest.fixture(scope="session")
def axe():
    """``axe(page)`` asserts that axe finds nothing on the page as it stands."""
    source = AXE.read_text()

    def assert_accessible(page):
        page.evaluate(source)
        found = page.evaluate("rules => axe.run({runOnly: rules})", AXE_RULES)
        assert [describe(violation) for violation in found["violations"]] == []

    return assert_accessible


def describe(violation):
    places = [node["target"][0] for node in violation["nodes"]]
    return f"{violation['id']}: {violation['help']} at {', '.join(map(str, places))}"


@pytest.fixture
def worker(transactional_db):
    """A real worker on the real broker, in a thread of its own, for as long as the test runs."""
    app.control.purge()
    with start_worker(app, pool="threads", concurrency=2, perform_ping_check=False, shutdown_timeout=30) as running:
        yield running


@pytest.fixture
def cast(db, request):
    """One strategy with one person a role: see ``tests.factories.Cast``. Each test gets it as it was made."""
    from tests.factories import Cast  # needs the apps loaded

    return deepcopy(request.getfixturevalue("made_once")) if "made_once" in request.fixturenames else Cast()


@pytest.fixture(scope="module")
def spoken():
    """What the people of the cast read."""
    return "de"


UNCOMMITTED = ExitStack()  # what stands in the database until the module ends, or until a test that commits


@pytest.fixture(scope="module")
def uncommitted(spoken, django_db_setup, django_db_blocker):
    """A module's own transaction: what is made within stands for its tests, unless they commit, and is then undone."""
    from strategy.models import User
    from tests.world import undone

    with django_db_blocker.unblock(), UNCOMMITTED, pytest.MonkeyPatch.context() as patch:
        UNCOMMITTED.enter_context(undone())
        patch.setattr(User._meta.get_field("language"), "default", spoken)
        yield


@pytest.fixture(scope="module")
def made_once(uncommitted):
    """The cast of all tests of a module: making it takes longer than most of them."""
    from tests.factories import Cast

    return Cast()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    if commits(item):
        UNCOMMITTED.close()


def commits(item):
    """Whether others see what the test writes, so that nothing can be undone around it."""
    marker = item.get_closest_marker("django_db")
    return {"transactional_db", "live_server"} & set(item.fixturenames) or (marker and marker.kwargs.get("transaction"))


@pytest.fixture
def mail_server(tmp_path, settings):
    """``with mail_server() as server``: a real mail server to which all mail goes; outside of it, it is down."""
    from tests.smtp import MailServer  # of all tests here, only those with this fixture need it

    def at_hand():
        server = MailServer(tmp_path)
        for name, value in server.settings().items():
            setattr(settings, name, value)
        return server

    return at_hand


class Log:
    """What has been logged since the test began, written as in production, down to the finest level."""

    def __init__(self):
        self.handler = logging.StreamHandler(io.StringIO())
        options = logs.formatter(readable=False)
        self.handler.setFormatter(options.pop("()")(**options))

    @property
    def text(self):
        return self.handler.stream.getvalue()

    @property
    def lines(self):
        """Each line is one JSON object, or this fails."""
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, event):
        return [line for line in self.lines if line["event"] == event]


@pytest.fixture
def log():
    kept, root = Log(), logging.getLogger()
    level = root.level
    root.addHandler(kept.handler)
    root.setLevel(logging.DEBUG)
    yield kept
    root.removeHandler(kept.handler)
    root.setLevel(level)
