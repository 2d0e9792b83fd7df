"""Promise P3: owner, state, number, strategy, version, role and the like, sent along with any form, are not written.

The forms come from the addresses (``tests/test_access_matrix.py``), the fields from the models: whatever a page's own
forms do not ask for is sent along, once by the form's name and once by that of its rows.
"""

from collections import Counter
from datetime import datetime

import pytest
from django.apps import apps
from django.db import models
from django.urls import reverse

from measures.forms.edit import MeasureForm
from strategy.models import User
from tests.factories import StrategyFactory
from tests.test_access_matrix import TABLE, URLS, furnish
from tests.test_foreign_ids import FORM_PAGES, KNOWN, forms_of, may, nothing_more, typed
from tests.world import Door, World, undone

pytestmark = pytest.mark.django_db

GUARDED = {
    "strategy", "state", "paused_from", "version", "number", "code", "role", "owner", "user", "membership", "deputy",
    "asked_by", "reported_by", "given_by", "written_by", "made_by", "answered_by", "submitted_by", "elector",
    "history_user", "in_place_of", "is_staff", "is_superuser", "is_active", "password", "username", "light", "progress",
    "priority", "submitted_on", "decided_on", "started_on", "completed_on", "status_on", "answered_on", "provenance",
    "outcome", "sha256", "receipt", "published_at", "opened_at", "closed_at", "last_number", "measure",
}  # fmt: skip
EVERY_DAY = {"measures:create", "measures:edit", "measures:submit", "measures:respond", "measures:need-create"}
PAGES = [pytest.param(name, marks=[] if name in EVERY_DAY else [pytest.mark.slow]) for name in FORM_PAGES]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), undone():
        world = furnish(World())
        world.elsewhere = StrategyFactory()
        world.known = known_rows()
        yield world


@pytest.fixture(scope="module")
def door(world):
    return Door(world)


def our_models():
    return [model for app in ("strategy", "measures", "reporting") for model in apps.get_app_config(app).get_models()]


def guarded_columns(model):
    return [column for column in model._meta.concrete_fields if column.name in GUARDED]


def kept(known):
    """{model: how often each combination of guarded values is stored}; what is new has no number one could compare."""
    return {
        model._meta.label: Counter(
            tuple(plain(value, column, known) for value, column in zip(values, columns, strict=True))
            for values in model._base_manager.values_list(*(column.attname for column in columns))
        )
        for model in our_models()
        if (columns := guarded_columns(model))
    }


def plain(value, column, known):
    if column.is_relation:
        return value if value is None or value in known[column.related_model] else "new"
    if column.name == "password":
        return value[:1]  # a new account's is random and of no use
    return "then" if isinstance(value, datetime) else repr(value)


def known_rows():
    """{model: ids} of everything that guarded values can lead to."""
    related = {
        column.related_model for model in our_models() for column in guarded_columns(model) if column.is_relation
    }
    return {model: set(model._base_manager.values_list("pk", flat=True)) for model in related}


def smuggled(row, world):
    """{field: what somebody might try to write}; of the page's own row first, then of any model that has the field."""
    order = [type(row)] if row is not None else []
    values = {}
    for model in [*order, *our_models()]:
        for column in model._meta.concrete_fields:
            if column.name in GUARDED:
                values.setdefault(column.name, rogue(column, world))
                values.setdefault(column.attname, values[column.name])
    return values


def rogue(column, world):
    if column.is_relation:
        if column.name == "strategy":
            return world.elsewhere.pk
        if column.related_model is User:
            return world.reader.pk
        last = column.related_model._base_manager.order_by("-pk").first()
        return last.pk if last else 1
    if column.choices:
        return column.flatchoices[-1][0]
    if isinstance(column, models.BooleanField):
        return "on"
    if isinstance(column, (models.DateField, models.DateTimeField)):
        return "2020-02-02"
    return "77" if isinstance(column, models.IntegerField) else "Schmuggel"


def along(forms, row, world):
    """The body of what is smuggled: nothing that one of the page's own forms asks for."""
    asked = {form.add_prefix(name) for form in forms for name in form.fields}
    prefixes = {form.prefix for form in forms}
    values = smuggled(row, world)
    named = {f"{prefix}-{name}" if prefix else name: value for prefix in prefixes for name, value in values.items()}
    return {name: value for name, value in named.items() if name not in asked}


def sent(world, door, who, url, body):
    with undone():
        return door.enter(who, "post", url, body).status_code, kept(world.known)


@pytest.mark.parametrize("name", PAGES)
def test_what_a_form_does_not_ask_for_is_not_written(name, world, door):
    page, who = TABLE[name], may(name)[0]
    url = reverse(name, kwargs=page.kwargs(world, URLS[name]))
    forms = forms_of(door.knock(who, "get", url))
    body = {key: value for form in forms for key, value in typed(form).items()} | KNOWN.get(name, nothing_more)(world)
    row = getattr(world, page.row) if page.row else None

    alone = sent(world, door, who, url, body)

    assert sent(world, door, who, url, along(forms, row, world) | body) == alone


def test_a_form_that_takes_the_state_along_is_found_out(world, door, monkeypatch):
    """Negative control: a form that hands on whatever was sent."""
    changed = MeasureForm.changed_values
    monkeypatch.setattr(
        MeasureForm, "changed_values", lambda form: changed(form) | {"progress": int(form.data.get("progress", 0))}
    )

    with pytest.raises(AssertionError):
        test_what_a_form_does_not_ask_for_is_not_written("measures:edit", world, door)
