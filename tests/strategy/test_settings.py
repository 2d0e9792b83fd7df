"""Maintaining a strategy: what administrators can change, and what nobody can."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from strategy.models import (
    CouncilPaper,
    CouncilSession,
    Deputyship,
    FieldOfAction,
    Membership,
    OrganisationalUnit,
    Phase,
    Role,
    Stage,
    User,
)
from strategy.views.kinds import KINDS
from tests.factories import (
    CouncilPaperFactory,
    CouncilSessionFactory,
    FieldFactory,
    MembershipFactory,
    PhaseFactory,
    PriorityFactory,
    StageFactory,
    UnitFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate


@pytest.fixture
def admin(cast, client):
    client.force_login(cast.administrator)
    return client


def url(cast, name, *parts):
    return reverse(f"strategy:{name}", args=[cast.strategy.slug, *parts])


def create(client, cast, kind, /, **typed):
    return client.post(url(cast, f"{kind}-create"), {"token": uuid4(), **typed})


def edit(client, cast, kind, row, /, **typed):
    return client.post(url(cast, f"{kind}-edit", row.pk), typed)


def delete(client, cast, kind, row):
    return client.post(url(cast, f"{kind}-delete", row.pk), {"token": uuid4()})


def errors(response):
    return dict(response.context["form"].errors)


def membership(cast, name):
    return Membership.objects.get(strategy=cast.strategy, user=getattr(cast, name))


# Each kind: made, changed, deleted, with a row of history each time

NEW_ROWS = {
    "fields": (FieldOfAction, {"letter": "q", "title": "Neues Feld"}, {"title": "Anderes Feld"}),
    "stages": (Stage, {"number": 7, "title": "Stufe 7"}, {"title": "Siebte Stufe"}),
    "phases": (Phase, {"title": "Probe"}, {"title": "Erprobung"}),
    "units": (OrganisationalUnit, {"kind": "amt", "name": "Amt für Zukunft"}, {"name": "Zukunftsamt"}),
    "papers": (CouncilPaper, {"title": "Vorlage"}, {"title": "Mitteilungsvorlage"}),
}


@pytest.mark.parametrize("kind", NEW_ROWS)
def test_a_row_is_made_changed_and_deleted_and_each_step_is_kept(cast, admin, kind):
    model, first, second = NEW_ROWS[kind]

    assert create(admin, cast, kind, **first).headers["Location"] == url(cast, kind)
    row = model.objects.latest("pk")
    assert edit(admin, cast, kind, row, **(first | second)).headers["Location"] == url(cast, kind)
    assert delete(admin, cast, kind, row).headers["Location"] == url(cast, kind)

    assert (row.strategy, model.objects.filter(pk=row.pk).exists()) == (cast.strategy, False)
    kept = model.changes.filter(id=row.pk).order_by("history_id")
    assert [(entry.history_type, entry.history_user) for entry in kept] == [
        ("+", cast.administrator),
        ("~", cast.administrator),
        ("-", cast.administrator),
    ]


def test_a_second_click_makes_nothing_new(cast, admin):
    typed = {"token": uuid4(), "letter": "Q", "title": "Neues Feld"}

    answers = [admin.post(url(cast, "fields-create"), typed).headers["Location"] for _click in range(2)]

    assert answers == [url(cast, "fields")] * 2
    assert FieldOfAction.objects.filter(letter="Q").count() == 1


def test_a_second_click_on_delete_leads_to_the_list(cast, admin):
    row, token = PhaseFactory(strategy=cast.strategy), uuid4()

    answers = [admin.post(url(cast, "phases-delete", row.pk), {"token": token}).status_code for _click in range(2)]

    assert answers == [302, 302]


def test_what_is_taken_is_said_at_once(cast, admin):
    field = create(admin, cast, "fields", letter="a", title="Noch eins")
    stage = create(admin, cast, "stages", number=1, title="Noch eine")

    assert errors(field) == {"__all__": ["This letter is taken; please choose another."]}
    assert errors(stage) == {"__all__": ["This number is taken; please choose another."]}


def test_another_strategy_may_use_the_same_letter(cast, admin):
    FieldFactory(letter="Q")

    assert create(admin, cast, "fields", letter="Q", title="Unseres").status_code == 302


def test_a_letter_in_use_never_changes(cast, admin):
    cast.measure()

    edit(admin, cast, "fields", cast.field, letter="Z", title="Umbenannt")

    cast.field.refresh_from_db()
    assert (cast.field.letter, cast.field.title) == ("A", "Umbenannt")


def test_what_is_typed_is_no_example_any_more(cast, admin):
    cast.stage.provenance = {"title": "example", "starts_on": "example"}
    cast.stage.save()

    edit(admin, cast, "stages", cast.stage, number=1, title="Start")

    cast.stage.refresh_from_db()
    assert cast.stage.provenance == {"starts_on": "example"}


@pytest.mark.parametrize(
    ("kind", "typed", "field"),
    [
        ("fields", {"letter": "Ä", "title": "x"}, "letter"),
        ("fields", {"letter": "Q", "title": "x" * 201}, "title"),
        ("fields", {"letter": "Q", "title": "a\x00b"}, "title"),
        ("stages", {"number": "９９９９９９", "title": "x"}, "number"),
        ("stages", {"number": 5, "title": "x", "starts_on": "31.02.2027"}, "starts_on"),
        ("stages", {"number": 5, "title": "x", "starts_on": "2027-01-02", "ends_on": "2027-01-01"}, "__all__"),
        ("units", {"kind": "ministry", "name": "x"}, "kind"),
        ("units", {"kind": "amt", "name": "x", "parent": "9" * 30}, "parent"),
        ("sessions", {"body": "x", "held_on": "2027-01-01"}, "body"),
        ("members", {"username": "gibt-es-nicht", "role": "reader"}, "username"),
        ("members", {"username": "", "role": "king"}, "role"),
    ],
)
def test_bad_input_is_named_at_its_field_and_kept(cast, admin, kind, typed, field):
    response = create(admin, cast, kind, **typed)

    assert response.status_code == 200
    assert field in errors(response)
    assert response.context["form"].data.dict().items() >= {name: str(text) for name, text in typed.items()}.items()


# Order


def test_fields_move_one_place_and_stay_at_the_ends(cast, admin):
    second = FieldFactory(strategy=cast.strategy, letter="B", position=1)

    def order():
        return [field.letter for field in FieldOfAction.objects.filter(strategy=cast.strategy)]

    seen = [order()]
    for to in ("up", "up", "down", "down"):
        admin.post(url(cast, "fields-move", second.pk), {"to": to})
        seen.append(order())

    assert seen == [["A", "B"], ["B", "A"], ["B", "A"], ["A", "B"], ["A", "B"]]


def test_a_new_word_of_a_scale_stands_last_and_gets_a_code(cast, admin):
    PhaseFactory(strategy=cast.strategy, code="probe", position=4)

    create(admin, cast, "phases", title="Probe")

    phase = Phase.objects.latest("pk")
    assert (phase.code, phase.position) == ("probe-2", 5)


def test_words_of_lights_change_but_no_light_comes_or_goes(cast, admin):
    light = cast.light("disc")

    edit(admin, cast, "lights", light, title="im Plan")

    light.refresh_from_db()
    assert (light.title, light.shape, light.code) == ("im Plan", "disc", "on-track")
    assert admin.get(f"/{cast.strategy.slug}/settings/lights/new/").status_code == 404
    assert admin.get(f"/{cast.strategy.slug}/settings/lights/{light.pk}/delete/").status_code == 404


# Units


def test_a_unit_in_use_is_ended_not_deleted(cast, admin):
    cast.measure()

    page = admin.get(url(cast, "units-delete", cast.unit.pk))
    refused = delete(admin, cast, "units", cast.unit)
    ended = edit(admin, cast, "units", cast.unit, kind="amt", name=cast.unit.name, valid_to=TODAY() - timedelta(days=1))

    assert (page.context["used_by"], page.context["has_end"]) == (["measures", "memberships"], True)
    assert "Delete for good" not in page.content.decode()
    assert errors(refused) == {"__all__": ["It is used by: measures, memberships."]}
    assert ended.status_code == 302
    assert not OrganisationalUnit.objects.valid().filter(pk=cast.unit.pk).exists()


def test_an_involved_unit_is_in_use(cast, admin):
    third = UnitFactory(strategy=cast.strategy)
    cast.measure(involved_units=[third])

    assert errors(delete(admin, cast, "units", third)) == {"__all__": ["It is used by: measures."]}


def test_no_draft_of_the_staff_council_is_named_by_what_it_uses(cast, admin):
    stage = StageFactory(strategy=cast.strategy)
    need = cast.need(wished_stage=stage)

    assert errors(delete(admin, cast, "stages", stage)) == {"__all__": ["It is used by: drafts of others."]}
    cast.measure(stage=stage)
    assert errors(delete(admin, cast, "stages", stage)) == {"__all__": ["It is used by: measures."]}
    cast.submit_need(need)
    assert errors(delete(admin, cast, "stages", stage)) == {"__all__": ["It is used by: measures, needs."]}


def test_units_stand_below_the_one_they_belong_to(cast, admin):
    below = UnitFactory(strategy=cast.strategy, number="10-1", parent=cast.unit)
    deeper = UnitFactory(strategy=cast.strategy, number="00", parent=below)

    lines = admin.get(url(cast, "units")).context["lines"]

    assert [(line["row"], line["depth"]) for line in lines] == [
        (cast.unit, 0),
        (below, 1),
        (deeper, 2),
        (cast.other_unit, 0),
    ]


def test_a_unit_belongs_neither_to_itself_nor_to_one_below(cast, admin):
    below = UnitFactory(strategy=cast.strategy, parent=cast.unit)

    for parent in (cast.unit, below):
        response = edit(admin, cast, "units", cast.unit, kind="amt", name="Amt", parent=parent.pk)
        assert "parent" in errors(response)


def test_units_are_searched_by_number_and_name(cast, admin):
    found = admin.get(url(cast, "units"), {"q": "Jugend"}).context["lines"]

    assert [line["row"] for line in found] == [cast.other_unit]
    assert admin.get(url(cast, "units"), {"q": "\x00"}).status_code == 200
    assert "No row contains" in admin.get(url(cast, "units"), {"q": "gibt es nicht"}).content.decode()


# Members


def test_a_role_holds_from_the_next_request_on_and_ends_so(cast, admin, client):
    newcomer = UserFactory(username="neu")
    slug = cast.strategy.slug

    def sees(path):
        client.force_login(newcomer)
        status = client.get(path).status_code
        client.force_login(cast.administrator)
        return status

    before = sees(f"/{slug}/settings/papers/")
    create(client, cast, "members", username="NEU", role="project_group")
    during = sees(f"/{slug}/settings/papers/")
    role = Membership.objects.get(user=newcomer)
    edit(client, cast, "members", role, role="project_group", valid_to=TODAY() - timedelta(days=1))
    after = sees(f"/{slug}/settings/papers/")

    assert (before, during, after) == (404, 200, 404)


def test_a_head_needs_a_unit(cast, admin):
    response = create(admin, cast, "members", username=cast.reader.username, role="department_head")

    assert errors(response) == {"unit": ["A head leads a unit: please choose it."]}


def test_the_same_role_is_not_given_twice(cast, admin):
    response = create(admin, cast, "members", username=cast.reader.username, role="reader")

    assert errors(response) == {"__all__": ["This person holds the role already."]}


def test_a_role_somebody_has_acted_in_is_ended_not_deleted(cast, admin):
    cast.measure("in_review")

    assert errors(delete(admin, cast, "members", membership(cast, "project_group"))) == {
        "__all__": ["It is used by: transitions."]
    }
    assert delete(admin, cast, "members", membership(cast, "reader")).status_code == 302


def test_the_last_administrator_stays(cast, admin):
    last = membership(cast, "administrator")
    sentence = (
        "Then nobody could maintain this strategy any more: "
        "please give somebody else the role of administrator first, without an end."
    )

    refusals = [
        delete(admin, cast, "members", last),
        edit(admin, cast, "members", last, role="reader"),
        edit(admin, cast, "members", last, role="administrator", valid_to=TODAY() + timedelta(days=90)),
        edit(admin, cast, "members", last, role="administrator", valid_from=TODAY() + timedelta(days=1)),
        admin.post(
            url(cast, "person-edit", cast.administrator.pk),
            {"username": cast.administrator.username, "email": "admin@example.org", "language": "de"},
        ),
    ]

    assert [errors(refusal) for refusal in refusals] == [{"__all__": [sentence]}] * 5
    last.refresh_from_db()
    cast.administrator.refresh_from_db()
    assert (last.role, last.valid_to, cast.administrator.is_active) == ("administrator", None, True)


def test_with_a_second_administrator_the_first_may_go(cast, admin):
    MembershipFactory(strategy=cast.strategy, role=Role.ADMINISTRATOR)

    assert delete(admin, cast, "members", membership(cast, "administrator")).status_code == 302
    assert admin.get(url(cast, "members")).status_code == 404


def test_a_closed_account_is_no_second_administrator(cast, admin):
    MembershipFactory(strategy=cast.strategy, role=Role.ADMINISTRATOR, user__is_active=False)

    assert delete(admin, cast, "members", membership(cast, "administrator")).status_code == 200


# People

PERSON = {"username": "neu", "function": "Sachgebietsleitung", "email": "Neu@Example.org", "language": "de"}


def test_a_new_person_gets_an_account_without_a_password(cast, admin):
    response = admin.post(url(cast, "person-create"), {"token": uuid4(), "role": "reader", **PERSON}, follow=True)

    person = User.objects.get(username="neu")
    assert (person.email, person.function, person.has_usable_password()) == (
        "neu@example.org",
        "Sachgebietsleitung",
        False,
    )
    assert [(m.strategy, m.role) for m in person.memberships.all()] == [(cast.strategy, "reader")]
    assert "neu@example.org" in next(str(message) for message in response.context["messages"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "OTTO"}, "username"),
        ({"username": "neu@example.org"}, "username"),
        ({"email": "OTTO@example.org"}, "email"),
        ({"email": ""}, "email"),
        ({"language": "xx"}, "language"),
        ({"role": ""}, "role"),
        ({"role": "administrative_head"}, "unit"),
    ],
)
def test_a_person_with_a_mistake_is_not_half_made(cast, admin, change, field):
    UserFactory(username="otto", email="otto@example.org")
    people = User.objects.count()

    response = admin.post(url(cast, "person-create"), {"token": uuid4(), "role": "reader", **PERSON, **change})

    assert list(errors(response)) == [field]
    assert User.objects.count() == people


def test_the_address_is_the_persons_own_after_the_first_sign_in(cast, admin):
    """With the address comes the password: no administrator may take over an account, least of all the council's."""
    council = cast.staff_council
    typed = {"username": council.username, "email": "mine@example.org", "language": "de", "is_active": "on"}
    page = url(cast, "person-edit", council.pk)

    User.objects.filter(pk=council.pk).update(last_login=timezone.now())
    admin.post(page, typed | {"function": "GPR"})
    council.refresh_from_db()
    afterwards = (council.email, council.function)
    User.objects.filter(pk=council.pk).update(last_login=None)
    admin.post(page, typed)
    council.refresh_from_db()

    assert afterwards == (f"{council.username}@example.org", "GPR")
    assert council.email == "mine@example.org"


def test_a_password_set_under_the_address_before_opens_nothing_under_the_new_one(cast, admin):
    """An administrator might set it at an address of their own, and then give the account to somebody."""
    reader = cast.reader
    reader.set_password("Ein langes Kennwort 7")
    reader.save()

    typed = {"username": reader.username, "email": "somebody@example.org", "language": "de", "is_active": "on"}
    admin.post(url(cast, "person-edit", reader.pk), typed)

    reader.refresh_from_db()
    assert (reader.email, reader.has_usable_password()) == ("somebody@example.org", False)


def test_a_closed_account_sees_nothing_from_the_next_request_on(cast, admin, client):
    reader = cast.reader
    admin.post(
        url(cast, "person-edit", reader.pk),
        {"username": reader.username, "email": reader.email, "language": "de"},
    )
    client.force_login(reader)

    assert client.get(f"/{cast.strategy.slug}/").headers["Location"].startswith("/accounts/login/")


def test_a_person_of_two_strategies_is_changed_by_neither_administrator(cast, admin):
    reader = cast.reader
    MembershipFactory(user=reader)

    page = admin.get(url(cast, "person-edit", reader.pk))
    refused = admin.post(
        url(cast, "person-edit", reader.pk), {"username": "x", "email": "x@example.org", "language": "de"}
    )

    assert page.context["is_shared"]
    assert b'name="email"' not in page.content
    assert refused.status_code == 403
    assert User.objects.get(pk=reader.pk).username == reader.username


def test_people_of_another_strategy_have_no_page_here(cast, admin):
    assert admin.get(url(cast, "person-edit", cast.stranger.pk)).status_code == 404


# Deputies


def test_a_deputy_is_a_member_and_somebody_else(cast, admin):
    typed = {"membership": membership(cast, "staff_council").pk, "valid_from": TODAY(), "valid_to": TODAY()}

    stranger = create(admin, cast, "deputies", deputy=cast.stranger.pk, **typed)
    themselves = create(admin, cast, "deputies", deputy=cast.staff_council.pk, **typed)
    colleague = create(admin, cast, "deputies", deputy=cast.reader.pk, **typed)

    assert (list(errors(stranger)), list(errors(themselves))) == (["deputy"], ["deputy"])
    assert colleague.status_code == 302
    assert [d.deputy for d in Deputyship.objects.usable_by(cast.reader)] == [cast.reader]


def test_a_deputyship_ends_after_it_begins(cast, admin):
    response = create(
        admin,
        cast,
        "deputies",
        membership=membership(cast, "staff_council").pk,
        deputy=cast.reader.pk,
        valid_from=TODAY(),
        valid_to=TODAY() - timedelta(days=1),
    )

    assert errors(response) == {"__all__": ["The end lies before the beginning."]}


# The strategy itself, and who maintains what


def test_texts_and_rhythms_change(cast, admin):
    rhythms = {"status_rhythm_days": 60, "review_days": 14, "formal_participation_days": 21, "need_answer_days": 28}
    rhythms["report_rhythm_months"] = 3
    typed = {"title": "Neu"} | rhythms

    admin.post(url(cast, "settings-edit"), typed | {"slug": "gekapert", "is_demo": "on"})
    no_days = admin.post(url(cast, "settings-edit"), typed | {"status_rhythm_days": 0})

    slug = cast.strategy.slug
    cast.strategy.refresh_from_db()
    assert (cast.strategy.title, cast.strategy.slug) == ("Neu", slug)
    assert {name: getattr(cast.strategy, name) for name in rhythms} == rhythms
    assert list(errors(no_days)) == ["status_rhythm_days"]


def test_the_project_group_maintains_sessions_and_papers_alone(cast, client):
    client.force_login(cast.project_group)
    body = UnitFactory(strategy=cast.strategy, kind=OrganisationalUnit.Kind.BODY)

    create(client, cast, "sessions", body=body.pk, held_on="2027-02-01", is_public="on")
    again = create(client, cast, "sessions", body=body.pk, held_on="2027-02-01", is_public="on")

    assert CouncilSession.objects.filter(strategy=cast.strategy).count() == 1
    assert errors(again) == {"__all__": ["This session is on record already."]}
    assert client.get(url(cast, "units")).status_code == 403
    assert f'href="{url(cast, "settings")}"' not in client.get(url(cast, "papers")).content.decode()


def test_the_overview_counts_what_there_is(cast, admin):
    StageFactory()
    counts = {line["kind"].name: line["count"] for line in admin.get(url(cast, "settings")).context["kinds"]}

    assert counts == {
        "fields": 1,
        "stages": 1,
        "phases": 0,
        "priorities": 1,
        "lights": 5,
        "units": 2,
        "members": 8,
        "deputies": 0,
        "sessions": 0,
        "papers": 0,
        "groups": 0,
    }


MAKE_MORE = {
    "fields": FieldFactory,
    "stages": StageFactory,
    "phases": PhaseFactory,
    "priorities": PriorityFactory,
    "units": lambda strategy: UnitFactory(strategy=strategy, predecessor=UnitFactory(strategy=strategy)),
    "members": lambda strategy: MembershipFactory(
        strategy=strategy, role="department_head", unit=UnitFactory(strategy=strategy)
    ),
    "sessions": CouncilSessionFactory,
    "papers": CouncilPaperFactory,
}


@pytest.mark.parametrize("kind", MAKE_MORE)
def test_a_long_list_asks_as_little_as_a_short_one(cast, admin, kind, connection_queries):
    counts = []
    for _size in range(2):
        for _row in range(6):
            MAKE_MORE[kind](strategy=cast.strategy)
        counts.append(connection_queries(lambda: admin.get(url(cast, kind))))

    assert counts[0] == counts[1]


@pytest.fixture
def connection_queries():
    from django.db import connection

    def count(request):
        with CaptureQueriesContext(connection) as queries:
            request()
        return len(queries)

    return count


def test_the_pages_offer_what_the_kinds_promise(cast, admin):
    """Every kind has its list, and its forms where rows come and go."""
    pages = {kind.name: admin.get(reverse(kind.list_url, args=[cast.strategy.slug])).content for kind in KINDS.values()}

    offers = {name: reverse_or_nothing(cast, name) in page.decode() for name, page in pages.items()}

    assert offers == {kind.name: not kind.is_fixed for kind in KINDS.values()}


def reverse_or_nothing(cast, name):
    return url(cast, f"{name}-create") if not KINDS[name].is_fixed else "no such address"
