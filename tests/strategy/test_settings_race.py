"""Two administrators at once cannot leave a strategy without one."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from strategy.models import Membership, Role
from tests.factories import MembershipFactory, StrategyFactory

ROUNDS = 10

pytestmark = pytest.mark.django_db(transaction=True)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def remove(session, membership, start):
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    url = reverse("strategy:members-delete", args=[membership.strategy.slug, membership.pk])
    try:
        start.wait()
        return client.post(url, {"token": uuid4()}).status_code
    finally:
        connection.close()


def test_two_administrators_cannot_take_each_others_role_at_once():
    left = []
    for _round in range(ROUNDS):
        strategy, start = StrategyFactory(), threading.Barrier(2)
        first, second = MembershipFactory.create_batch(2, strategy=strategy, role=Role.ADMINISTRATOR)
        errands = [(signed_in(first.user), second, start), (signed_in(second.user), first, start)]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda errand: remove(*errand), errands))
        left.append(Membership.objects.administering(strategy).count())

    assert left == [1] * ROUNDS
