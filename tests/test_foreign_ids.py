"""Promise P2: ids of another strategy in path, body, filter and ordering: nothing seen, nothing written."""

import re
from datetime import date
from uuid import UUID

import pytest
from django import forms
from django.forms.formsets import BaseFormSet
from django.urls import reverse

from measures.forms.fields import PartialDateField
from strategy.models import User
from tests.test_access_matrix import FOREIGN, TABLE, URLS, furnish
from tests.world import INSIDE, Door, World, everything_stored, undone

pytestmark = pytest.mark.django_db

NOWHERE = {"pk": 2**40, "cosignature": 2**40, "number": 9999, "code": "ZZ999"}
OF_A_ROW = ("pk", "cosignature", "code", "attachment")


def nowhere(part, value):
    """What looks like this part of an address and leads to nothing."""
    return UUID(int=1) if isinstance(value, UUID) else NOWHERE[part]


@pytest.fixture(scope="module")
def worlds(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), undone():
        yield furnish(World()), furnish(World(FOREIGN, "Z"))


@pytest.fixture(scope="module")
def here(worlds):
    return worlds[0]


@pytest.fixture(scope="module")
def there(worlds):
    return worlds[1]


@pytest.fixture(scope="module")
def door(here):
    return Door(here)


def may(name, method="get"):
    """Who gets the page shown, or what is missing in a form."""
    return [who for who in INSIDE if TABLE[name].expected(who, method, True) in (200, 302, 422)]


# Path

ROW_PARTS = [
    (name, part) for name, parts in sorted(URLS.items()) for part in parts if part in OF_A_ROW and TABLE[name].row
]


@pytest.mark.parametrize(("name", "part"), ROW_PARTS)
def test_a_row_of_another_strategy_is_like_one_that_is_not_there(name, part, here, there, door):
    own, foreign = (TABLE[name].kwargs(world, URLS[name]) for world in (here, there))
    values = (foreign[part], nowhere(part, own[part]))
    swapped, unknown = (reverse(name, kwargs=own | {part: value}) for value in values)
    knocking = {may(name)[0] if may(name) else may(name, "post")[0], "staff_council", "reader"}
    cells = [(who, method) for who in sorted(knocking) for method in ("get", "post")]

    answers = {cell: door.knock(*cell, swapped).status_code for cell in cells}

    assert answers == {cell: door.knock(*cell, unknown).status_code for cell in cells}
    assert {answers[who, method] for who, method in cells if who in may(name, method)} == {404}


# Body


def forms_of(response):
    """All forms a page shows, those of its formsets among them, each once."""
    found = {}
    for layer in response.context or ():
        for scope in getattr(layer, "dicts", [layer]):
            for value in scope.values():
                for form in flattened(value):
                    found[form.prefix or "", type(form)] = form
    return [form for form in found.values() if "__prefix__" not in str(form.prefix)]


def flattened(value):
    if isinstance(value, BaseFormSet):
        return [value.management_form, *value.forms]
    return [value] if isinstance(value, forms.BaseForm) else []


def choices_of_rows(form):
    return {
        name: field
        for name, field in form.fields.items()
        if isinstance(field, forms.ModelChoiceField) and not field.disabled
    }


def typed(form):
    """What somebody would send who fills in everything that is asked for."""
    body = {}
    for bound in form:
        value = bound.value()
        if value in (None, "", []) and not bound.is_hidden:
            value = sample(bound.field)
        if value is not None and not bound.field.disabled:
            body[bound.html_name] = value
    return body


SAMPLES = {
    PartialDateField: "31.12.2025",
    forms.DateField: date(2027, 3, 1),
    forms.EmailField: "neu@example.org",
    forms.IntegerField: 7,
}
#: What nobody can guess from the form alone.
KNOWN = {
    "strategy:members-create": lambda world: {"username": world.reader.username},
    "strategy:deputies-create": lambda world: {"deputy": world.reader.pk},
    "measures:need-create": lambda world: {"kind": "application"},
    "measures:need-edit": lambda world: {"kind": "application"},
}


def nothing_more(world):
    return {}


def sample(field):
    if isinstance(field, forms.ModelChoiceField):
        first = field.queryset.first()
        many = isinstance(field, forms.ModelMultipleChoiceField)
        return None if first is None or many else field.prepare_value(first)
    if isinstance(field, forms.ChoiceField):
        values = [value for value, _label in field.choices if value]
        return None if isinstance(field, forms.MultipleChoiceField) else values[0]
    if isinstance(field, forms.BooleanField):
        return None
    return next((value for kind, value in SAMPLES.items() if isinstance(field, kind)), "W")


def foreign_row(model, there):
    if model is User:
        return there.project_group
    return model._base_manager.filter(strategy=there.strategy).first()


def smuggled(form, there):
    """[(field, its name in the body, a row of the other strategy)]"""
    fields = choices_of_rows(form).items()
    rows = [(name, field, foreign_row(field.queryset.model, there)) for name, field in fields]
    return [(field, form.add_prefix(name), row) for name, field, row in rows if row]


def offered(field, there):
    """The other strategy's rows that can be chosen in a field."""
    strangers = (
        {"memberships__strategy": there.strategy} if field.queryset.model is User else {"strategy": there.strategy}
    )
    return list(field.queryset.filter(**strangers))


def stored_of(row):
    return type(row)._base_manager.filter(pk=row.pk).values().get()


FORM_PAGES = sorted(name for name in URLS if TABLE[name].post.get(200) and "strategy" in URLS[name])


@pytest.mark.parametrize("name", FORM_PAGES)
def test_a_form_neither_offers_nor_takes_rows_of_another_strategy(name, here, there, door):
    """The same body is taken with a row of ours in its place, so that it is the foreign one which stops it."""
    who, url = may(name)[0], reverse(name, kwargs=TABLE[name].kwargs(here, URLS[name]))
    shown = forms_of(door.knock(who, "get", url))
    body = {key: value for form in shown for key, value in typed(form).items()} | KNOWN.get(name, nothing_more)(here)
    found = [intrusion for form in shown for intrusion in smuggled(form, there)]
    before = everything_stored()

    if found:
        taken = door.knock(who, "post", url, body)
        assert (taken.status_code, [form.errors for form in forms_of(taken) if form.errors]) == (302, [])
    for field, key, intruder in found:
        is_own_row = key.endswith(
            "-id"
        )  # a formset's row says which one it is; Django asks it of all, takes only its own
        assert is_own_row or offered(field, there) == []
        with undone():
            stored, answer = (
                stored_of(intruder),
                door.enter(who, "post", url, body | {key: field.prepare_value(intruder)}),
            )
            assert stored_of(intruder) == stored
            if not is_own_row:
                assert (key, answer.status_code) in [(key, status) for status in (200, 409, 422)]
                assert everything_stored() == before
        assert FOREIGN not in answer.content.decode()


# Filter and ordering

FILTERS = {
    "field": "field",
    "stage": "stage",
    "unit": "unit",
    "priority": "priority",
    "light": "a_light",
    "phase": "phase",
}
RELATIONS = ("strategy__title", "lead_unit__memberships__user__password", "-status_updates__text", "pk", "\x00")


def codes(answer):
    return re.findall(r'/measures/([A-Z]+\d+)/"', answer.content.decode())


@pytest.mark.parametrize("who", INSIDE)
def test_a_filter_by_a_row_of_another_strategy_finds_and_tells_nothing(who, here, there, door):
    url = reverse("measures:list", args=[here.strategy.slug])

    answers = {name: door.knock(who, "get", url, {name: getattr(there, row).pk}) for name, row in FILTERS.items()}
    found = codes(door.knock(who, "get", url, {"q": FOREIGN}))

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(FILTERS, 200)
    assert [name for name, answer in answers.items() if FOREIGN in answer.content.decode()] == []
    assert found == []


@pytest.mark.parametrize("ordering", RELATIONS)
def test_the_order_follows_no_hidden_relation(ordering, here, door):
    url = reverse("measures:list", args=[here.strategy.slug])

    plain, ordered = (codes(door.knock("reader", "get", url, query)) for query in ({}, {"ordering": ordering}))

    assert ordered == plain
    assert plain != []
