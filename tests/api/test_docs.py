"""What docs/api.md promises is so: its example verifies what the portal signs."""

import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

from strategy.models import Webhook, WebhookDelivery
from strategy.webhooks import signed

TEXT = Path("docs/api.md").read_text()


@pytest.fixture
def is_from_the_portal():
    code = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL)[1]
    names = {}
    exec(code, names)  # noqa: S102 - our own page
    return names["is_from_the_portal"]


def test_the_example_verifies_what_is_signed_and_nothing_else(is_from_the_portal):
    hook, row = Webhook(), WebhookDelivery(body='{"type":"test","text":"ü"}')
    headers, body = signed(hook, row, datetime.now(UTC)), row.body.encode()
    late = signed(hook, row, datetime.fromtimestamp(time.time() - 600, UTC))

    assert is_from_the_portal(hook.secret, headers, body)
    assert not is_from_the_portal(hook.secret, headers, body + b" ")
    assert not is_from_the_portal(Webhook(salt="0").secret, headers, body)
    assert not is_from_the_portal(hook.secret, headers | {"webhook-id": "1"}, body)
    assert not is_from_the_portal(hook.secret, late, body)


def test_the_limits_are_those_of_the_settings():
    assert f"up to {settings.API_LIMITS['user']} times a minute" in TEXT
    assert f"asks {settings.API_LIMITS['anonymous']} times" in TEXT
