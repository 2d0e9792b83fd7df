"""Alive, and able to work? Both answer without a sign-in."""

import pytest
from django.db import connection

from worksttogether import health
from worksttogether.celery import app

pytestmark = pytest.mark.django_db


def test_healthz_asks_nothing_but_the_process(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.sqlite
def test_readyz_is_content_with_a_whole_portal(client):
    response = client.get("/readyz")

    assert response.json() == {"database": "ok", "migrations": "ok", "broker": "ok"}
    assert response.status_code == 200


def test_readyz_finds_a_migration_that_was_not_run(client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")

    response = client.get("/readyz")

    assert response.json()["migrations"] == "pending"
    assert response.status_code == 503


def test_a_broker_that_is_gone_is_named_and_not_waited_for(monkeypatch):
    monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:1/0")

    assert health.broker() == "unreachable"


def test_answers_of_health_are_never_kept_by_a_cache(client):
    assert "no-store" in client.get("/readyz")["Cache-Control"]
    assert "no-store" in client.get("/healthz")["Cache-Control"]
