"""Arriving, and what people choose for themselves."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from strategy.models import Deputyship, Membership, Role, User
from tests.factories import MembershipFactory, UserFactory
from tests.pages import FormReader

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(client):
    user = MembershipFactory().user
    client.force_login(user)
    return user


def deputyship(cast, member, deputy, days=3):
    today = timezone.localdate()
    return Deputyship.objects.create(
        membership=Membership.objects.get(strategy=cast.strategy, user=getattr(cast, member)),
        deputy=getattr(cast, deputy),
        valid_from=today,
        valid_to=today + timedelta(days=days),
    )


def test_the_only_strategy_opens_by_itself(client, member):
    assert client.get("/").headers["Location"] == f"/{member.memberships.get().strategy.slug}/"


def test_with_several_strategies_one_is_chosen(client, member):
    second = MembershipFactory(user=member, role=Role.READER).strategy

    assert client.get("/").headers["Location"] == "/strategies/"
    assert set(client.get("/strategies/").context["roles_by_strategy"]) == {
        second,
        member.memberships.get(role=Role.PROJECT_GROUP).strategy,
    }


def test_who_has_no_role_is_told_so(client):
    client.force_login(UserFactory())

    page = client.get("/", follow=True)

    assert page.redirect_chain == [("/strategies/", 302)]
    assert "You have no role in any strategy yet" in page.content.decode()


def test_a_role_that_has_ended_opens_nothing(client, member):
    Membership.objects.filter(user=member).update(valid_to=timezone.localdate() - timedelta(days=1))
    slug = member.memberships.get().strategy.slug

    assert client.get(f"/{slug}/").status_code == 404
    assert client.get("/").headers["Location"] == "/strategies/"


# Language


def test_the_language_stays_with_the_person(client, member):
    response = client.post("/language/", {"language": "de", "next": "/accounts/me/"})

    member.refresh_from_db()
    assert (member.language, response.headers["Location"]) == ("de", "/accounts/me/")
    assert '<html lang="de">' in client.get("/accounts/me/").content.decode()


def test_the_sign_in_page_remembers_the_language_by_cookie(client):
    client.post("/language/", {"language": "de", "next": "/accounts/login/"})

    assert '<html lang="de">' in client.get("/accounts/login/").content.decode()


@pytest.mark.parametrize("language", ["xx", "", "de\x00", "../../etc"])
def test_an_unknown_language_changes_nothing(client, member, language):
    response = client.post("/language/", {"language": language})

    member.refresh_from_db()
    assert (response.status_code, member.language) == (302, "en")


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""])
def test_the_language_switch_leads_to_no_other_site(client, member, target):
    assert client.post("/language/", {"language": "de", "next": target}).headers["Location"] == "/"


# Deputies


def test_a_deputy_acts_with_the_rights_of_the_member(cast, client):
    client.force_login(cast.reader)
    draft = cast.measure()

    before = client.get(draft.get_absolute_url()).status_code
    client.post("/act-as/", {"deputyship": deputyship(cast, "project_group", "reader").pk})
    during = client.get(f"/{cast.strategy.slug}/measures/{draft.code}/submit/").status_code
    client.post("/act-as/", {"deputyship": ""})
    after = client.get(draft.get_absolute_url()).status_code

    assert (before, during, after) == (404, 200, 404)


def test_taking_up_and_leaving_a_deputyship_is_said(cast, client):
    client.force_login(cast.reader)
    chosen = deputyship(cast, "steering_team", "reader")

    taken = client.post("/act-as/", {"deputyship": chosen.pk}, follow=True)
    left = client.post("/act-as/", {"deputyship": ""}, follow=True)

    assert next(str(m) for m in taken.context["messages"]).startswith("You now act in place of Steering team")
    assert [str(m) for m in left.context["messages"]] == ["You act with your own rights again."]


def test_a_deputy_who_follows_a_link_with_their_own_rights_is_offered_those_of_the_member(cast, client):
    client.force_login(cast.reader)
    chosen = deputyship(cast, "project_group", "reader")
    hidden = cast.measure().get_absolute_url()
    forbidden = f"/{cast.strategy.slug}/measures/new/"

    for url, status in ((hidden, 404), (forbidden, 403)):
        refused = client.get(url)
        assert refused.status_code == status
        taken = client.post("/act-as/", typed_for(refused, "/act-as/", chosen), follow=True)
        assert (taken.status_code, taken.redirect_chain[-1][0]) == (200, url)
        assert "You stand in for somebody today" not in client.get(f"/{cast.strategy.slug}/nothing/").content.decode()
        client.post("/act-as/", {"deputyship": ""})


def typed_for(page, action, chosen):
    """What the button of the page's last form with that address sends."""
    reader = FormReader()
    reader.feed(page.content.decode())
    fields = [fields for address, fields in reader.forms if address == action][-1]
    return dict(fields) | {"deputyship": chosen.pk}


def test_nobody_takes_up_the_deputyship_of_others(cast, client):
    foreign = deputyship(cast, "project_group", "steering_team")
    client.force_login(cast.reader)

    assert client.post("/act-as/", {"deputyship": foreign.pk}).status_code == 404
    assert "deputyship" not in client.session


@pytest.mark.parametrize("nonsense", ["0", "-1", "x", "9" * 30, "\x00", "１"])
def test_a_deputyship_that_does_not_exist_is_not_found(cast, client, nonsense):
    client.force_login(cast.reader)

    assert client.post("/act-as/", {"deputyship": nonsense}).status_code == 404


def test_a_deputyship_ends_with_its_last_day_in_the_middle_of_a_session(cast, client):
    chosen = deputyship(cast, "project_group", "reader")
    client.force_login(cast.reader)
    client.post("/act-as/", {"deputyship": chosen.pk})
    Deputyship.objects.filter(pk=chosen.pk).update(
        valid_from=timezone.localdate() - timedelta(days=9), valid_to=timezone.localdate() - timedelta(days=1)
    )

    assert client.get("/accounts/me/").context["actor"].in_place_of is None


# Own account


def test_my_account_shows_roles_and_deputies(cast, client):
    mine, theirs = deputyship(cast, "reader", "steering_team"), deputyship(cast, "staff_council", "reader")
    deputyship(cast, "administrator", "project_group")
    client.force_login(cast.reader)

    context = client.get("/accounts/me/").context

    assert [m.role for m in context["memberships"]] == [Role.READER]
    assert (list(context["deputies"]), list(context["stands_in"])) == ([mine], [theirs])


def test_the_own_address_changes_only_with_the_password(client, member):
    member.set_password("Ein langes Kennwort 7")
    member.save()
    client.force_login(member)

    refused = client.post("/accounts/me/email/", {"email": "neu@example.org", "password": "falsch"})
    accepted = client.post("/accounts/me/email/", {"email": "Neu@Example.org", "password": "Ein langes Kennwort 7"})

    assert refused.context["form"].errors == {"password": ["The password is wrong."]}
    assert accepted.headers["Location"] == "/accounts/me/"
    assert User.objects.get(pk=member.pk).email == "neu@example.org"
    assert [row.email for row in member.changes.order_by("history_id")][-1] == "neu@example.org"


def test_nobody_finds_out_the_password_at_an_open_browser(client, member):
    member.set_password("Ein langes Kennwort 7")
    member.save()
    client.force_login(member)
    cache.clear()

    def guess(password):
        return client.post("/accounts/me/email/", {"email": "neu@example.org", "password": password}).status_code

    assert [guess(f"Kennwort {number}") for number in range(11)] == [200] * 10 + [429]
    assert guess("Ein langes Kennwort 7") == 429
    assert client.get("/accounts/me/email/").status_code == 200
    cache.clear()
    assert guess("Ein langes Kennwort 7") == 302


def test_the_old_address_opens_nothing_any_more(client, member):
    member.set_password("Ein langes Kennwort 7")
    member.save()
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    client.force_login(member)

    client.post("/accounts/me/email/", {"email": "neu@example.org", "password": "Ein langes Kennwort 7"})
    client.logout()
    for address in (member.email, "neu@example.org"):
        client.post("/accounts/password/reset/", {"email": address})

    assert ["/password/reset/key/" in message.body for message in mail.outbox] == [False, True]


def test_nobody_takes_over_the_address_of_another_account(client, member):
    member.set_password("Ein langes Kennwort 7")
    member.save()
    client.force_login(member)
    UserFactory(username="otto", email="otto@example.org")

    response = client.post("/accounts/me/email/", {"email": "OTTO@example.org", "password": "Ein langes Kennwort 7"})

    assert response.context["form"].errors == {"email": ["This e-mail address belongs to another account."]}


def test_a_sign_in_is_no_change_of_the_person(client, member):
    before = member.changes.count()

    client.logout()
    client.force_login(member)

    assert member.changes.count() == before


@pytest.mark.parametrize("name", ["accessibility", "privacy", "imprint", "help"])
def test_everybody_may_read_the_legal_pages(client, name):
    assert client.get(f"/pages/{name}/").status_code == 200
    assert client.get("/pages/secret/").status_code == 404
