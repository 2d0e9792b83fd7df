"""The history of a whole strategy: what its objects' own histories tell, and nothing else; page and feed."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from lxml import etree

from measures.models import FEWEST_PEOPLE, Indicator, Measure, Need
from strategy.actor import Actor
from strategy.history import feed_of, history_of
from strategy.history.stories import days_until
from strategy.history.structure import MAINTAINED
from strategy.models import Deputyship, HistoryFeed, Membership, Role, User
from tests.factories import IndicatorFactory, IndicatorValueFactory, MilestoneFactory
from tests.measures import rankings
from tests.pages import browser_of, text_of
from tests.reporting import reports

State = Measure.State
ATOM = {"a": "http://www.w3.org/2005/Atom"}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    User.objects.update(language="en")
    with translation.override("en"):
        yield


def lately():
    return days_until(timezone.localdate(), 30)


def feed(cast, who):
    return feed_of(cast.strategy, cast.actor(who), lately())


def words_of(entries):
    """What is read of an entry, as a line."""
    return sorted(
        f"{e.root} | {e.text} | {e.user} | {e.why} | {[(str(c.label), str(c.before), str(c.after)) for c in e.changes]}"
        for e in entries
    )


def page(cast, who, **query):
    return browser_of(getattr(cast, who)).get(reverse("strategy:history", args=[cast.strategy.slug]), query)


def busy(cast):
    """Something of every kind, with secrets of every kind among it."""
    for state in (State.DRAFT, State.IN_REVIEW, State.RUNNING):
        measure = cast.measure(state, title=f"Maßnahme {state}")
    measure.amend(by=cast.actor("project_group"), core=measure.core() | {"goal": "Ein anderes Ziel"})
    MilestoneFactory(measure=measure)
    small = IndicatorValueFactory(indicator=IndicatorFactory(measure=measure), people=FEWEST_PEOPLE - 1)
    IndicatorValueFactory(indicator=IndicatorFactory(measure=None, strategy=cast.strategy), value=small.value)
    for state in (Need.State.DRAFT, Need.State.SUBMITTED, Need.State.ANSWERED):
        cast.need(state)
    rankings.planned(cast)
    rankings.open_(cast)
    reports.draft(cast)
    cast.field.summary = "Neu gefasst"
    cast.field.save()


@pytest.mark.parametrize("who", Role.values)
def test_it_tells_each_reader_what_the_objects_own_histories_tell_them(cast, who):
    from strategy.history.told import ROOTS

    busy(cast)
    actor = cast.actor(who)
    roots = [
        row for root in ROOTS.values() if root.listed for row in root.listed(actor, cast.strategy).filter(root.only)
    ]

    one_by_one = [entry for root in roots for entry in history_of(root, actor)]

    assert words_of(one_by_one) == words_of(feed(cast, who))
    assert len(one_by_one) > 3


def test_a_discarded_draft_leaves_its_trace_with_those_who_could_see_it(cast):
    measure, need = cast.measure(title="Geheime Maßnahme"), cast.need(title="Geheimer Bedarf")
    measure.discard(by=cast.actor("project_group"))
    need.discard(by=cast.actor("staff_council"))

    told = {who: {f"{e.root}: {e.text}" for e in feed(cast, who) if e.is_gone} for who in Role.values}

    assert told.pop("project_group") == {
        f"{measure.code} Geheime Maßnahme: {text}" for text in ("Created", "Discarded")
    }
    assert told.pop("staff_council") == {"Geheimer Bedarf: Created", "Geheimer Bedarf: Discarded"}
    assert set(map(frozenset, told.values())) == {frozenset()}
    shown = page(cast, "project_group")
    assert "Geheime Maßnahme (deleted) Discarded" in text_of(shown)
    assert f'href="{measure.get_absolute_url()}"' not in shown.content.decode()


def test_an_indicator_that_is_gone_keeps_small_figures_to_itself(cast):
    indicator = IndicatorFactory(measure=None, strategy=cast.strategy, name="Fälle")
    IndicatorValueFactory(indicator=indicator, value=913, people=FEWEST_PEOPLE - 1)
    Indicator.objects.get(pk=indicator.pk).delete()

    told = {who: " ".join(words_of(feed(cast, who))) for who in ("project_group", "reader")}

    assert "Fälle" in told["reader"]
    assert ("913" in told["project_group"], "913" in told["reader"]) == (True, False)


def test_the_page_names_object_function_and_deputy_and_leads_to_the_object(cast):
    measure = cast.measure(State.RUNNING)
    User.objects.filter(pk=cast.department_head.pk).update(function="Amtsleitung 10")
    User.objects.filter(pk=cast.other_head.pk).update(function="Amtsleitung 51")
    today = timezone.localdate()
    deputyship = Deputyship.objects.create(
        strategy=cast.strategy,
        membership=Membership.objects.get(user=cast.department_head),
        deputy=cast.other_head,
        valid_from=today,
        valid_to=today,
    )
    deputy = Actor.deputising(User.objects.get(pk=cast.other_head.pk), deputyship)
    measure.report_status(by=deputy, light=cast.light("disc"), progress=5)

    shown = page(cast, "reader")

    assert f"{measure} Status reported Progress from 0 % to 5 % Amtsleitung 51, in place of Amtsleitung 10" in text_of(
        shown
    )
    assert f'href="{measure.get_absolute_url()}"' in shown.content.decode()


def test_it_is_cut_down_by_section_and_days(cast):
    cast.measure(State.RUNNING, title="Jobrad")
    cast.need(Need.State.SUBMITTED, title="Ruheräume")
    Need.changes.update(history_date=timezone.now() - timedelta(days=40))
    transitions = Need.objects.get().transitions
    transitions.update(at=timezone.now() - timedelta(days=40))
    ago = (timezone.localdate() - timedelta(days=30)).isoformat()

    def found(**query):
        words = text_of(page(cast, "project_group", **query))
        return "Jobrad" in words, "Ruheräume" in words

    assert found() == (True, False)
    assert found(days="90") == (True, True)
    assert found(days="90", section="needs") == (False, True)
    assert found(days="90", section="measures") == (True, False)
    assert found(until=ago) == (False, True)
    assert found(days="90", section="x\x00", until="tomorrow", page="x") == (True, True)
    assert "Nothing has happened in this time" in text_of(page(cast, "project_group", until="1950-01-01"))


@pytest.mark.parametrize("size", [1, 12])
def test_the_page_asks_of_what_has_happened_alone(cast, size, django_assert_num_queries):
    """Of the frame, which nobody has touched of late, it asks nothing."""
    for model in MAINTAINED:
        model.changes.update(history_date=timezone.now() - timedelta(days=40))
    for number in range(size):
        measure = cast.measure(State.RUNNING)
        MilestoneFactory(measure=measure)
        measure.edit(by=cast.actor("project_group"), version=measure.version, changes={"risks": f"Nr. {number}"})
        cast.measure().discard(by=cast.actor("project_group"))
    browser, address = browser_of(cast.project_group), reverse("strategy:history", args=[cast.strategy.slug])
    browser.get(address)

    with django_assert_num_queries(21):
        browser.get(address)


# The feed


def read(key, cast):
    return Client().get(reverse("strategy:history-feed", args=[key, cast.strategy.slug]))


def test_the_feed_tells_what_its_reader_may_read_and_keeps_its_ids(cast):
    measure = cast.measure(State.RUNNING, title="Jobrad & <b>Bahn</b>")
    measure.pause(by=cast.actor("steering_team"), reason="Kein Geld")
    cast.measure(title="Geheimer Entwurf")
    key = HistoryFeed.objects.issue(cast.reader)

    answer = read(key, cast)

    entries = etree.fromstring(answer.content).findall("a:entry", ATOM)
    titles = [entry.findtext("a:title", namespaces=ATOM) for entry in entries]
    assert titles[0] == f"{measure}: Paused"
    assert "Kein Geld" in entries[0].findtext("a:summary", namespaces=ATOM)
    assert entries[0].find("a:link", ATOM).get("href").endswith(measure.get_absolute_url())
    assert "Geheim" not in answer.content.decode()
    ids = [entry.findtext("a:id", namespaces=ATOM) for entry in entries]
    assert len(set(ids)) == len(ids)
    assert ids == [
        e.findtext("a:id", namespaces=ATOM) for e in etree.fromstring(read(key, cast).content).findall("a:entry", ATOM)
    ]
    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"], dict(answer.cookies)) == (
        "application/atom+xml; charset=utf-8",
        "private, no-store",
        {},
    )


def test_a_new_long_text_is_told_by_its_first_words(cast):
    """What the whole report says stands in the report."""
    text = "**Zuerst** das\n\n- Wichtige\n- " + " ".join(f"Wort{number}" for number in range(1, 60))
    reports.draft(cast, text=text)

    page = browser_of(cast.project_group).get(reverse("strategy:history", args=[cast.strategy.slug]))
    feed = read(HistoryFeed.objects.issue(cast.project_group), cast)

    for told in (page.content.decode(), feed.content.decode()):
        assert "Zuerst das – Wichtige – Wort1 Wort2" in told
        assert "**" not in told
        assert "Wort40" not in told


def test_an_address_that_is_renewed_revoked_or_of_somebody_who_left_finds_nothing(cast):
    browser, own = browser_of(cast.reader), reverse("strategy:history-address")
    made = browser.post(own).context["addresses"]
    (label, address) = made[0]
    assert (str(label), Client().get(address).status_code) == (cast.strategy.title, 200)
    (_label, renewed) = browser.post(own).context["addresses"][0]
    assert [Client().get(url).status_code for url in (address, renewed)] == [404, 200]

    Membership.objects.filter(user=cast.reader).update(valid_to=timezone.localdate() - timedelta(days=1))
    assert Client().get(renewed).status_code == 404
    Membership.objects.filter(user=cast.reader).update(valid_to=None)
    browser.post(reverse("strategy:history-address-revoke"))

    answers = [Client().get(url) for url in (renewed, "/calendar/unknown/x.atom", "/calendar/%00/x.atom")]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, b"There is no feed at this address.")}
    assert not HistoryFeed.objects.exists()
