"""The queue's workers and its clock: tasks live in the apps' tasks.py, the schedule in the settings."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "worksttogether.settings")

app = Celery("worksttogether")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
