"""The audit trail as its administrator reads it: accesses and rights, by time, kind and person, without contents."""

from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.urls import reverse
from django.utils import timezone

from measures.models import Measure
from strategy import audit
from strategy.audit import head
from strategy.models import AccessEvent, AuditHead, Membership
from tests.factories import MembershipFactory, StrategyFactory
from tests.measures import rankings
from tests.pages import browser_of, text_of

pytestmark = pytest.mark.django_db

KIND = AccessEvent.Kind


@pytest.fixture(autouse=True)
def no_heads_of_other_tests(settings):
    settings.STORAGES = settings.STORAGES | {}


def opened(cast, who="administrator", **query):
    return browser_of(getattr(cast, who)).get(reverse("strategy:audit", args=[cast.strategy.slug]), query)


def access(cast, kind=KIND.EXPORTED, user=None, **values):
    values = {"strategy": cast.strategy, "address": "measures:list"} | values
    return AccessEvent.objects.create(kind=kind, user=user or cast.reader, **values)


def shown(answer):
    return [(entry.what, entry.about) for entry in answer.context["entries"]]


def test_it_tells_who_did_what_kind_of_thing_when(cast):
    measure = cast.measure(Measure.State.DECIDED)
    access(cast, KIND.DOWNLOADED, cast.steering_team, reference=measure.code, in_place_of=cast.reader)

    text = text_of(opened(cast, kind="downloaded"))

    assert f"{measure.code} · Measures" in text
    assert f"{cast.steering_team} in place of {cast.reader} file fetched" in text


def test_reasons_are_told_in_words(cast):
    access(cast, KIND.FACTOR_ADDED, strategy=None, address="", because="totp")
    access(cast, KIND.SIGN_IN_REFUSED, strategy=None, address="", because="something new")

    assert shown(opened(cast, kind=KIND.FACTOR_ADDED)) == [("second factor set up", "app with codes")]
    assert shown(opened(cast, kind=KIND.SIGN_IN_REFUSED)) == [("sign-in refused", "something new")]


@pytest.mark.parametrize("asked", [{"first": "gestern"}, {"kind": "nothing"}, {"person": "0"}])
def test_what_cannot_be_understood_is_not_taken_for_a_time_without_entries(cast, asked):
    access(cast)

    text = text_of(opened(cast, **asked))

    assert "This question cannot be understood, so nothing is shown." in text
    assert "Nothing in this time" not in text


@pytest.mark.parametrize("who", ["project_group", "steering_team", "staff_council", "reader"])
def test_nobody_else_reads_it(cast, who):
    assert opened(cast, who).status_code == 403


def test_what_belongs_to_another_strategy_is_not_there(cast):
    other = MembershipFactory(strategy=StrategyFactory())
    for user in (other.user, cast.reader):
        AccessEvent.objects.create(kind=KIND.SIGNED_IN, user=user)
        access(cast, strategy=other.strategy, user=user)
    access(cast, user=other.user, strategy=None, kind=KIND.SIGN_IN_REFUSED)

    answer = opened(cast)

    kinds = [entry for entry in answer.context["entries"] if entry.what != "roles and deputyships changed"]
    assert [(str(entry.who), entry.what) for entry in kinds] == [(str(cast.reader), "signed in")]


def test_a_code_its_reader_may_not_know_is_not_told(cast):
    """A measure before its decision: that a file was fetched is told, of what not."""
    draft, decided = cast.measure(Measure.State.DRAFT), cast.measure(Measure.State.DECIDED)
    for measure in (draft, decided):
        access(cast, KIND.DOWNLOADED, cast.project_group, reference=measure.code)

    assert shown(opened(cast, kind="downloaded")) == [
        ("file fetched", f"{decided.code} · Measures"),
        ("file fetched", "Measures"),
    ]


def test_no_ballot_and_no_draft_comes_into_it(cast):
    ballot = rankings.arrange(rankings.open_(cast), cast.department_head)
    cast.need("draft", title="Kanarienvogel", text="Kanarienvogel")
    audit.seal()

    answer = opened(cast)
    table = opened(cast, export="csv")

    assert "Kanarienvogel" not in answer.content.decode() + table.content.decode()
    assert str(ballot.order)[1:-1] not in answer.content.decode() + table.content.decode()


def test_roles_given_and_taken_stand_in_it(cast):
    membership = Membership.objects.get(user=cast.reader)
    membership.valid_to = timezone.localdate()
    membership.save()

    first = opened(cast, kind="rights").context["entries"][0]

    assert (first.what, first.about) == ("roles and deputyships changed", f"Reader: {cast.reader} (changed)")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"new"}),
        ({"first": "2020-01-01"}, {"new", "old"}),
        ({"first": "2020-01-01", "last": "2020-12-31"}, set()),
        ({"kind": "refused"}, set()),
        ({"kind": "unknown"}, set()),
        ({"first": "gestern"}, set()),
        ({"first": "0001-01-01", "last": "9999-12-31"}, set()),
        ({"person": "0"}, set()),
        ({"person": "9" * 30}, set()),
    ],
)
def test_it_is_filtered_and_half_a_question_gets_no_answer(cast, query, found):
    access(cast, address="new")
    access(cast, address="old", at=timezone.now() - timedelta(days=60))

    told = {about for what, about in shown(opened(cast, **query)) if what == "table exported"}

    assert told == found


def test_it_is_filtered_by_person(cast):
    access(cast, address="one")
    access(cast, address="other", user=cast.steering_team)

    assert shown(opened(cast, kind="exported")) == [("table exported", "other"), ("table exported", "one")]
    assert shown(opened(cast, kind="exported", person=cast.reader.pk)) == [("table exported", "one")]


@pytest.mark.parametrize("count", [2, 60])
def test_it_asks_the_same_questions_for_few_and_for_many(cast, count, django_assert_num_queries):
    codes = [cast.measure(Measure.State.DECIDED).code for _number in range(2)]
    for number in range(count):
        access(cast, reference=codes[number % 2])
    browser, url = browser_of(cast.administrator), reverse("strategy:audit", args=[cast.strategy.slug])
    browser.get(url)

    with django_assert_num_queries(11):
        browser.get(url, {"kind": "exported"})


def test_the_table_holds_what_the_filter_shows_and_no_formula(cast):
    cast.reader.function = "=HYPERLINK(1)"
    access(cast, user=cast.reader)
    cast.reader.save()
    access(cast, KIND.REFUSED)

    table = opened(cast, kind="exported", export="csv")

    lines = table.content.decode().splitlines()
    assert len(lines) == 2
    assert ",'=HYPERLINK(1)," in lines[1]
    assert AccessEvent.objects.filter(kind=KIND.AUDIT_READ, user=cast.administrator).count() == 1


def test_another_kind_of_file_is_not_there(cast):
    assert opened(cast, export="pdf").status_code == 404


def test_it_tells_the_state_of_the_chain(cast):
    assert "Nothing has been sealed yet" in text_of(opened(cast))

    audit.seal()
    audit.check()
    text = text_of(opened(cast))
    assert f"Sealed {AuditHead.objects.get().position} entries" in text
    assert f"Kept outside up to entry {AuditHead.objects.get().position}" in text
    assert ": whole" in text


def test_it_tells_of_a_broken_chain(cast, log):
    access(cast)
    audit.seal()
    for kept in head.kept():
        storages["audit"].delete(kept.name)

    audit.check()

    assert "1 break, please call" in text_of(opened(cast))
    assert log.of("audit_broken")[0]["why"] == "no head is kept outside"
