"""The queue's workers and its clock: tasks live in the apps' tasks.py, the schedule in the settings."""

import os

from celery import Celery
from celery.signals import heartbeat_sent, worker_ready
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "worksttogether.settings")

app = Celery("worksttogether")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)  # what a task logs bears its id and that of the request it came from


@worker_ready.connect
@heartbeat_sent.connect
def sign_of_life(**_signal):
    """For the health checks of containers: a file that is no older than the last beat of this process."""
    from django.conf import settings  # the settings import this package

    if settings.ALIVE_FILE:
        settings.ALIVE_FILE.touch()
