"""A program that asks the API with somebody's key."""

import json

import pytest
from django.test import Client

from strategy.models import ApiToken
from tests.world import World


@pytest.fixture
def world(db):
    return World()


class Program:
    """Asks with a token of that person; addresses are given below the strategy."""

    def __init__(self, world, who, scope="write"):
        self.client, self.world = Client(), world
        user = getattr(world, who) if isinstance(who, str) else who
        self.token, self.key = ApiToken.objects.issue(user, name="Test", scope=scope, days=30)

    def url(self, address):
        return f"/api/v1/strategies/{self.world.strategy.slug}/{address}"

    def ask(self, method, address, body=None, **headers):
        url = address if address.startswith(("http", "/")) else self.url(address)
        content = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        sent = {"Authorization": f"Bearer {self.key}"} | {
            name.replace("_", "-"): text for name, text in headers.items()
        }
        return getattr(self.client, method)(url, headers=sent, **content)

    def get(self, address, **parameters):
        answer = self.ask("get", address) if not parameters else self.with_parameters(address, parameters)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def with_parameters(self, address, parameters):
        return self.client.get(self.url(address), parameters, headers={"Authorization": f"Bearer {self.key}"})

    def rows(self, address, **parameters):
        return self.get(address, **parameters)["results"]


@pytest.fixture
def program(world):
    return lambda who="project_group", **options: Program(world, who, **options)
