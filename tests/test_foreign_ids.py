"""Promise P2: ids of another strategy in path, body, filter and ordering: nothing seen, nothing written."""

import re
from datetime import date
from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit
from uuid import UUID

import pytest
from django import forms
from django.apps import apps
from django.forms.formsets import BaseFormSet
from django.urls import resolve, reverse

from measures.forms.fields import FigureField, PartialDateField
from measures.forms.resource import YearField
from strategy.models import StrategyBound, User
from tests.test_access_matrix import FOREIGN, TABLE, URLS, furnish
from tests.world import INSIDE, Door, World, everything_stored, undone

pytestmark = pytest.mark.django_db

NOWHERE = {"pk": 2**40, "cosignature": 2**40, "number": 9999, "value": 2**40, "code": "ZZ999"}
OF_A_ROW = ("pk", "cosignature", "code", "attachment", "value")


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
    return [who for who in INSIDE if TABLE[name].expected(who, method, True) in (200, 302, 415, 422)]


# Path

ROW_PARTS = [
    (name, part) for name, parts in sorted(URLS.items()) for part in parts if part in OF_A_ROW and TABLE[name].row
]


@pytest.mark.parametrize(("name", "part"), ROW_PARTS)
@pytest.mark.parametrize("others", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["allowed", "others"])
def test_a_row_of_another_strategy_is_like_one_that_is_not_there(name, part, others, here, there, door):
    """To whoever may open the page in their own strategy; in the slow run to others, too."""
    own, foreign = (TABLE[name].kwargs(world, URLS[name]) for world in (here, there))
    values = (foreign[part], nowhere(part, own[part]))
    swapped, unknown = (reverse(name, kwargs=own | {part: value}) for value in values)
    allowed = (may(name) or may(name, "post"))[0]
    cells = [("staff_council", "get"), ("reader", "post")] if others else [(allowed, "get"), (allowed, "post")]

    answers = {cell: door.knock(*cell, swapped).status_code for cell in cells}

    assert answers == {cell: door.knock(*cell, unknown).status_code for cell in cells}
    opened = {answers[who, method] for who, method in cells if who in may(name, method)}
    assert opened == {404} if not others else opened <= {404}


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
    YearField: "2026",
    FigureField: "7",
    forms.IntegerField: 7,
}
#: What nobody can guess from the form alone.
KNOWN = {
    "strategy:members-create": lambda world: {"username": world.reader.username},
    "strategy:deputies-create": lambda world: {"deputy": world.reader.pk},
    "reporting:report-plan": lambda world: {"updates_due_on": ""},
    "reporting:report-edit": lambda world: {"updates_due_on": ""},
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


FORM_PAGES = sorted(
    name for name in URLS if TABLE[name].post.get(200) and "strategy" in URLS[name] and 405 not in TABLE[name].get
)


@pytest.mark.parametrize("name", FORM_PAGES)
def test_a_form_neither_offers_nor_takes_rows_of_another_strategy(name, here, there, door):
    """The same body is taken with a row of ours in its place, so that it is the foreign one which stops it."""
    who, url = may(name)[0], reverse(name, kwargs=TABLE[name].kwargs(here, URLS[name]))
    shown = forms_of(door.knock(who, "get", url))
    body = {key: value for form in shown for key, value in typed(form).items()} | KNOWN.get(name, nothing_more)(here)
    found = [intrusion for form in shown for intrusion in smuggled(form, there)]

    if found:
        taken = door.knock(who, "post", url, body)
        assert (taken.status_code, [form.errors for form in forms_of(taken) if form.errors]) == (302, [])
    with undone():
        before, refused = everything_stored() if found else {}, []
        for field, key, intruder in found:
            is_own_row = key.endswith("-id")  # which row a formset's form is about: Django takes only its own
            assert is_own_row or offered(field, there) == []
            smuggling = body | {key: field.prepare_value(intruder)}
            answer = door.knock(who, "post", url, smuggling) if is_own_row else door.enter(who, "post", url, smuggling)
            refused += [] if is_own_row else [(key, answer.status_code)]
            assert FOREIGN not in answer.content.decode()
        assert [(key, status) for key, status in refused if status not in (200, 409, 422)] == []
        assert not found or everything_stored() == before


# Every control of every page: filters, orders, hidden fields, forms that lead elsewhere


class Controls(HTMLParser):
    """What a browser would send from a page, as {(method, path, name)}: of its forms, and of links with a query."""

    def __init__(self, path):
        super().__init__()
        self.path, self.form, self.found = path, None, set()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            form = (attrs.get("method", "get"), self.within(attrs.get("action", "")))
            self.form = None if form == ("post", self.path) else form  # its fields are asked above, as a form's
        elif tag in ("input", "select", "textarea", "button") and self.form and attrs.get("name"):
            self.add(*self.form, attrs["name"])
        elif tag == "a" and "?" in attrs.get("href", ""):
            address = self.within(attrs["href"])
            for name in parse_qs(urlsplit(attrs["href"]).query, keep_blank_values=True):
                self.add("get", address, name)

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None

    def within(self, address):
        return urlsplit(urljoin(self.path, address)).path

    def add(self, method, path, name):
        self.found.add((method, path, name))


NOT_AN_ID = ("csrfmiddlewaretoken", "token", "next")


@pytest.fixture(scope="module")
def controls(here, door):
    """{(method, name of the address, kind of field): (who, path, field)} of all pages, each as the first who may."""
    found = {}
    for name, parts in sorted(URLS.items()):
        people = [who for who in INSIDE if TABLE[name].expected(who, "get", True) == 200]
        if "strategy" not in parts or not people:
            continue
        path = reverse(name, kwargs=TABLE[name].kwargs(here, parts))
        answer = door.knock(people[0], "get", path)
        if not answer.streaming and "html" in answer.headers["Content-Type"]:
            reader = Controls(path)
            reader.feed(answer.content.decode())
            for method, address, field in sorted(reader.found):
                if field not in NOT_AN_ID and address.startswith("/"):
                    found.setdefault(
                        (method, route_of(address), re.sub("[0-9]+", "#", field)), (people[0], address, field)
                    )
    return found


def route_of(path):
    return resolve(path).view_name


def strangers(there):
    """What a row of the other strategy could be named by; none of it carries its mark, which an error would repeat."""
    measure = there.running
    ids = [measure.pk, there.slot.pk, there.a_light.pk, there.unit.pk]
    return [there.field.letter, measure.code, there.need_submitted.pk, *ids]


def rows_of(strategy):
    """Everything stored in a strategy."""
    ours = [model for app in ("strategy", "measures", "reporting") for model in apps.get_app_config(app).get_models()]
    bound = [model for model in ours if issubclass(model, StrategyBound)]
    return {model._meta.label: list(model._base_manager.filter(strategy=strategy).values_list()) for model in bound}


def test_no_control_of_any_page_lets_a_row_of_another_strategy_in(controls, here, there, door):
    values, before, leaks = strangers(there), rows_of(there.strategy), []

    for (method, route, _kind), (who, path, field) in sorted(controls.items()):
        with undone():
            answer = door.enter(who, method, path, {field: values})
            said = b"".join(answer) if answer.streaming else answer.content
            leaked = FOREIGN in said.decode(errors="replace") or answer.status_code >= 500
            leaks += [(method, route, field)] if leaked else []
            if method == "post" and rows_of(there.strategy) != before:
                leaks.append((method, route, field, "written"))

    assert leaks == []


def test_the_controls_of_filters_orders_and_forms_are_among_them(controls):
    """What is not found cannot be asked: filters of lists, orders, forms that lead to another address."""
    asked = ("q", "light", "field", "state", "unit", "stage", "priority", "rule", "stale", "ordering")
    filters = {("get", "measures:list", name) for name in asked}
    others = {
        ("get", "measures:needs", "state"),
        ("get", "measures:version", "against"),
        ("get", "measures:bulk", "m"),
        ("post", "measures:ballot-arrange", "move"),
        ("post", "measures:ballot-arrange", "place-#"),
    }

    assert (filters | others) - set(controls) == set()


# Filter and ordering by what another strategy calls its own

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
