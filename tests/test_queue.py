"""A task goes through the real broker to a real worker, on Redis as on files."""

import re
import time
from pathlib import Path

import pytest
import yaml

from strategy.models import OutgoingMail
from strategy.tasks import send_mail
from tests.factories import MembershipFactory
from worksttogether.celery import app

LIMIT = 30  # seconds against hanging


@pytest.mark.sqlite
@pytest.mark.usefixtures("worker")
def test_a_mail_of_the_outbox_is_sent_by_the_worker(mailoutbox):
    member = MembershipFactory()
    letter = OutgoingMail.objects.queue(
        strategy_id=member.strategy_id, recipient=member.user, occasion="test", subject="Frist", body="Bis Freitag."
    )

    send_mail.delay()

    wait_until(lambda: OutgoingMail.objects.get(pk=letter.pk).state == OutgoingMail.State.SENT)
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [([member.user.email], "Frist")]


def wait_until(condition):
    limit = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < limit, "the worker did nothing"
        time.sleep(0.05)


def test_every_task_of_the_schedule_exists():
    app.loader.import_default_modules()

    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


@pytest.mark.parametrize(("task", "queue"), [("strategy.tasks.send_mail", "mail"), ("reporting.tasks.any", "reports")])
def test_each_kind_of_work_has_its_queue(task, queue):
    assert app.amqp.router.route({}, task)["queue"].name == queue


def test_in_production_each_queue_has_a_worker_of_its_own_and_one_clock_ticks():
    services = yaml.safe_load(Path("docker-compose.yml").read_text())["services"]
    commands = [service["command"] for service in services.values() if "celery" in service.get("command", "")]

    served = [re.findall(r"--queues (\S+)", command) for command in commands if " worker " in command]
    assert sorted(served) == [[name] for name in sorted(app.amqp.queues)]
    assert len([command for command in commands if " beat " in command]) == 1
