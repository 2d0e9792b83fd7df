import pytest
from django.core.management import CommandError, call_command

from strategy.actor import Actor
from strategy.models import Light, Phase, Priority, Strategy, User

pytestmark = pytest.mark.django_db
FIRST = {"title": "Personalstrategie", "administrator": "erste", "email": "erste@example.org"}


def test_a_strategy_begins_with_scales_and_an_administrator(capsys):
    call_command("create_strategy", "personal", **FIRST)

    strategy = Strategy.objects.get(slug="personal")
    person = User.objects.get(username="erste")
    assert Actor.of(person).has_perm("strategy.change_strategy", strategy)
    assert (person.is_superuser, person.has_usable_password()) == (False, False)
    assert {light.shape for light in Light.objects.filter(strategy=strategy)} == set(Light.Shape)
    assert Phase.objects.filter(strategy=strategy).count() == Priority.objects.filter(strategy=strategy).count() == 4
    assert "1 administrator, erste" in capsys.readouterr().out.splitlines()[-1]


def test_a_reserved_word_is_no_address():
    with pytest.raises(CommandError):
        call_command("create_strategy", "static", **FIRST)

    assert not User.objects.exists()


def test_a_new_administrator_needs_an_address():
    with pytest.raises(CommandError):
        call_command("create_strategy", "personal", title="P", administrator="erste")

    assert not Strategy.objects.exists()
