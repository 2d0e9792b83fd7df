"""Promise P6: Redis stopped, frozen or emptied: no request fails, nobody is logged out, no reminder lost or doubled."""

import socket
import time
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from measures.models import Measure, StatusUpdate
from reporting.models import CouncilReport
from strategy.models import Channel, MailPreferences, Notification, OutgoingMail, Reminder, ReminderRules
from strategy.tasks import remind, send_mail
from tests.factories import MilestoneFactory
from tests.pages import typed_on
from tests.processes import OwnRedis, beat, running, wait_until, worker
from tests.reporting import reports
from tests.services import free_port, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

OUTAGE = 60  # seconds
PATIENCE = 15  # seconds in which a page answers, whatever the queue does
TUESDAY = "2026-12-01T09:00+01:00"  # a working day, for the test and its processes alike


@pytest.fixture
def tuesday():
    with time_machine.travel(TUESDAY):
        yield


def deadlines(cast, count):
    """So many milestones due today; their two heads are told of each by a mail of its own."""
    measure = cast.measure(Measure.State.RUNNING)
    OutgoingMail.objects.all().delete(), Notification.objects.all().delete()
    for user in (cast.department_head, cast.administrative_head):
        MailPreferences.objects.create(user=user, deadline=Channel.AT_ONCE)
    ReminderRules.objects.create(strategy=cast.strategy, days_before=[], escalate_after=None)
    for _number in range(count):
        MilestoneFactory(measure=measure, due_on=timezone.localdate())
    return measure


def all_sent(count):
    sent = OutgoingMail.objects.filter(occasion__startswith="reminder", state=OutgoingMail.State.SENT)
    return sent.count() == count


def assert_each_once(server, count):
    taken = [(mail["id"], *mail["to"], mail["subject"]) for mail in server.taken()]
    assert len(taken) == len(set(taken)) == count
    assert len({mail[1:] for mail in taken}) == count
    assert Reminder.objects.filter(state=Reminder.State.SENT).count() == count


# Many hands


@pytest.mark.usefixtures("tuesday")
def test_two_clocks_and_four_workers_send_each_reminder_once(cast, mail_server, tmp_path):
    deadlines(cast, 60)
    with mail_server() as server, server.trouble("slow"):
        joined = {"TEST_NOW": TUESDAY, "TEST_BEAT": 0.5, "TEST_UNELECTED": 1, "EMAIL_URL": server.url}
        with (
            beat(tmp_path / "first", **joined),
            beat(tmp_path / "second", **joined),
            worker("--hostname", "a", **joined),
            worker("--hostname", "b", **joined),
            worker("--hostname", "c", **joined),
            worker("--hostname", "d", **joined),
        ):
            wait_until(lambda: all_sent(120), pause=0.5)
            time.sleep(5)  # whoever wanted to send once more would have done so by now

    assert_each_once(server, 120)


def deliver_twice(task, *arguments):
    """The same message, as a broker hands it out once more that has heard no thanks for it."""
    for _time in range(2):
        task.apply_async(arguments, task_id=f"{task.name}-{arguments}")


@pytest.mark.usefixtures("tuesday")
def test_a_broker_that_delivers_everything_twice_sends_nothing_twice(cast, mail_server):
    deadlines(cast, 20)
    with mail_server() as server, server.trouble("slow"):
        joined = {"TEST_NOW": TUESDAY, "EMAIL_URL": server.url}
        with worker("--hostname", "a", **joined), worker("--hostname", "b", **joined):
            deliver_twice(remind, cast.strategy.pk)
            wait_until(lambda: OutgoingMail.objects.count() == 40)
            deliver_twice(send_mail)
            wait_until(lambda: all_sent(40))
            deliver_twice(remind, cast.strategy.pk)  # and all of it again when it is done
            deliver_twice(send_mail)
            time.sleep(5)  # as above

    assert_each_once(server, 40)


# Redis in trouble


class Browser:
    """Somebody signed in at a web server of its own process."""

    def __init__(self, port, user, patience=PATIENCE):
        client = Client()
        client.force_login(user)
        self.port, self.patience = port, patience
        self.cookies = {"sessionid": client.cookies["sessionid"].value}

    def ask(self, method, url, data=None):
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=self.patience)) as connection:
            connection.request(method, url, data and urlencode(data, doseq=True), headers)
            answer = connection.getresponse()
            content = answer.read()
        for header in answer.headers.get_all("Set-Cookie") or []:
            name, _equals, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        return SimpleNamespace(status_code=answer.status, content=content, url=answer.headers.get("Location"))

    def get(self, url):
        return self.ask("GET", url)

    def send(self, url, **changes):
        """Fill in the form of that page and send it."""
        return self.ask("POST", url, typed_on(self.get(url), **changes))


@contextmanager
def web(own, **more):
    port = free_port()
    options = ["--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--threads", "4", "--log-level", "warning"]
    with running("gunicorn", "worksttogether.wsgi", *options, REDIS_URL=own.url, **more):
        wait_for(lambda: socket.create_connection(("127.0.0.1", port)).close(), ConnectionRefusedError)
        yield port


TROUBLES = pytest.mark.parametrize("trouble", ["stopped", "frozen", "emptied"])


@TROUBLES
@pytest.mark.usefixtures("tuesday")
def test_with_redis_in_trouble_for_a_minute_pages_answer_and_reminders_arrive_once(
    cast, mail_server, tmp_path, trouble
):
    measure = deadlines(cast, 5)
    report = reports.draft(cast)
    with mail_server() as server, OwnRedis(tmp_path) as own:
        joined = {"TEST_NOW": TUESDAY, "TEST_BEAT": 1, "EMAIL_URL": server.url, "REDIS_URL": own.url}
        with web(own, TEST_NOW=TUESDAY) as port, worker("--beat", "--schedule", str(tmp_path / "beat"), **joined):
            head, author = Browser(port, cast.department_head), Browser(port, cast.project_group)
            wait_until(lambda: all_sent(10), pause=0.5)
            with getattr(own, trouble)():
                begin = time.monotonic()
                for _number in range(5):
                    MilestoneFactory(measure=measure, due_on=timezone.localdate())
                assert_pages_work(cast, measure, report, head, author)
                if trouble != "emptied":
                    time.sleep(max(0, OUTAGE - (time.monotonic() - begin)))
                assert head.get(f"/{cast.strategy.slug}/").status_code == 200
            wait_until(lambda: all_sent(20), pause=0.5)
            wait_until(lambda: CouncilReport.objects.get(pk=report.pk).state == "ready", pause=0.5)
            time.sleep(5)

    assert len({mail["id"] for mail in server.taken()}) == len(server.taken())
    assert Reminder.objects.filter(state=Reminder.State.SENT, kind="milestone").count() == 20


def assert_pages_work(cast, measure, report, head, author):
    """Reading, writing, and the one step that wakes a worker; each within the patience of a person."""
    slug = cast.strategy.slug
    answers = [
        head.get(f"/{slug}/tasks/"),
        head.get("/accounts/me/"),
        head.send(f"/{slug}/measures/{measure.code}/status/new/", light=cast.light("disc").pk),
        author.send(f"/{slug}/reports/{report.pk}/build/"),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 302, 302]
    assert StatusUpdate.objects.filter(measure=measure).count() == 1
    assert CouncilReport.objects.get(pk=report.pk).state == "building"


@TROUBLES
def test_a_portal_that_kept_its_sessions_in_redis_would_be_noticed(cast, settings, tmp_path, trouble):
    """The negative control."""
    tasks = f"/{cast.strategy.slug}/tasks/"
    with OwnRedis(tmp_path) as own, web(own, TEST_CARELESS=1) as port:
        settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": own.url}}
        head = Browser(port, cast.department_head)
        assert head.get(tasks).status_code == 200

        with getattr(own, trouble)(), pytest.raises((AssertionError, TimeoutError)):
            assert head.get(tasks).status_code == 200


def test_a_page_that_waited_for_a_frozen_queue_would_be_noticed(cast, tmp_path):
    """The negative control."""
    report = reports.draft(cast)
    with OwnRedis(tmp_path) as own, web(own, TEST_PATIENT=1) as port:
        author = Browser(port, cast.project_group)

        with own.frozen(), pytest.raises(TimeoutError):
            author.send(f"/{cast.strategy.slug}/reports/{report.pk}/build/")
