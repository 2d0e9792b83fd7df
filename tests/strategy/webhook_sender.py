"""A worker that tells webhooks, to be killed: ``python -m tests.strategy.webhook_sender PK``."""

import sys
import time

import django

django.setup()

from strategy import webhooks  # noqa: E402  needs the settings

while True:
    webhooks.deliver(int(sys.argv[1]))
    time.sleep(0.05)
