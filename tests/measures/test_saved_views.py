"""Views somebody keeps for themselves or shares: who sees them, who changes them, how many there can be."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from measures.models import SavedView
from strategy.workflow import RuleViolation
from tests.factories import Cast
from tests.measures.test_races import HANDS, at_once

pytestmark = pytest.mark.django_db


def keep(cast, who="reader", name="Meine", query="light=delayed", **values):
    return SavedView.objects.keep(cast.strategy, by=cast.actor(who), name=name, query=query, **values)


@pytest.fixture
def views(cast):
    """A private and a shared one here, a shared one elsewhere."""
    return (
        keep(cast),
        keep(cast, "project_group", "Alle", is_shared=True),
        keep(Cast(), "project_group", is_shared=True),
    )


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("reader", {"Meine", "Alle"}),
        ("project_group", {"Alle"}),
        ("administrator", {"Alle"}),
        ("staff_council", {"Alle"}),
    ],
)
def test_one_sees_ones_own_views_and_the_shared_ones(cast, views, who, seen):
    found = set(SavedView.objects.visible_to(cast.actor(who)))

    assert {view.name for view in found} == seen
    assert found == {view for view in views if cast.actor(who).has_perm("measures.view_savedview", view)}


def test_who_shares_a_view_belongs_to_the_project_group(cast, views):
    private, _shared, _elsewhere = views

    with pytest.raises(PermissionDenied):
        keep(cast, "reader", "Zweite", is_shared=True)
    with pytest.raises(PermissionDenied):
        private.edit(by=cast.actor("reader"), name="Meine", is_shared=True)
    with pytest.raises(PermissionDenied):
        private.edit(by=cast.actor("project_group"), name="Meine", is_shared=True)

    assert SavedView.objects.filter(is_shared=True, strategy=cast.strategy).count() == 1


def test_the_project_group_looks_after_all_shared_views_and_nobody_else_does(cast, views):
    private, shared, _elsewhere = views
    other = Cast()

    for actor in (cast.actor("reader"), other.actor("project_group")):
        with pytest.raises(PermissionDenied):
            shared.remove(by=actor)
    with pytest.raises(PermissionDenied):
        private.remove(by=cast.actor("project_group"))
    shared.edit(by=cast.actor("project_group"), name="Für alle", is_shared=True)
    shared.remove(by=cast.actor("project_group"))

    assert set(SavedView.objects.filter(strategy=cast.strategy)) == {private}


def test_a_name_is_given_once_and_views_are_few(cast):
    for number in range(SavedView.MOST):
        keep(cast, name=f"Sicht {number}")

    with pytest.raises(RuleViolation) as too_many:
        keep(cast, name="Noch eine")
    with pytest.raises(RuleViolation) as taken:
        SavedView.objects.first().edit(by=cast.actor("reader"), name="Sicht 5", is_shared=False)

    assert "12" in too_many.value.messages[0]
    assert set(taken.value.message_dict) == {"name"}
    keep(cast, "administrator", "Sicht 1")
    assert SavedView.objects.count() == SavedView.MOST + 1


def test_a_view_that_has_been_deleted_is_not_stored_again(cast):
    view, twin = keep(cast), SavedView.objects.get()
    twin.remove(by=cast.actor("reader"))

    with pytest.raises(RuleViolation):
        view.edit(by=cast.actor("reader"), name="Wieder da", is_shared=False)

    assert not SavedView.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_who_save_one_name_at_once_one_keeps_it_and_the_others_are_told():
    with transaction.atomic():
        cast = Cast()

    def save(_number):
        try:
            keep(cast)
        except RuleViolation as refusal:
            return type(refusal)

    outcomes = at_once(HANDS, save)

    assert (outcomes.count(None), outcomes.count(RuleViolation)) == (1, HANDS - 1)
    assert SavedView.objects.count() == 1
