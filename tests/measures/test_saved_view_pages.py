"""The pages of the views somebody saves: above the list, saved from it, renamed, deleted."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from measures.models import Measure, SavedView
from tests.pages import browser_of, text_of

pytestmark = pytest.mark.django_db


QUERIES = 7  # session, user, memberships, choices, saved views, census, the menu; no rows


def at(cast, name="list", *args):
    return reverse(f"measures:{name}", args=[cast.strategy.slug, *args])


def keep(cast, who="reader", name="Läuft", query="state=running", **values):
    return SavedView.objects.keep(cast.strategy, by=cast.actor(who), name=name, query=query, **values)


def token_in(response):
    return str(response.context["form"]["token"].value())


def send(browser, address, **typed):
    return browser.post(address, {"token": token_in(browser.get(address)), **typed})


def tabs(response):
    return {view.label: view.count for view, _is_asked in response.context["views"] if view.saved}


def test_a_view_is_saved_from_the_list_and_found_above_it(cast):
    cast.measure(Measure.State.RUNNING)
    cast.measure(Measure.State.DRAFT)
    reader = browser_of(cast.reader)
    question = "?state=running&q=&page=3&ordering=-title&foo=1&columns=stage&columns=nonsense"

    offered = reader.get(at(cast) + question).content.decode()
    response = send(reader, at(cast, "view-create") + question, name="  Läuft ")

    assert at(cast, "view-create") in offered
    view = SavedView.objects.get()
    assert (view.name, view.owner, view.is_shared) == ("Läuft", cast.reader, False)
    assert parse_qs(urlsplit(response.url).query) == {
        "state": ["running"],
        "ordering": ["-title"],
        "columns": ["stage"],
    }
    shown = reader.get(response.url)
    assert tabs(shown) == {"Läuft": 1}
    assert [view.label for view, is_asked in shown.context["views"] if is_asked] == ["Läuft"]
    assert at(cast, "view-create") not in shown.content.decode()
    assert at(cast, "view-delete", view.pk) in shown.content.decode()


def test_before_a_view_is_saved_its_page_tells_what_it_holds(cast):
    question = "?state=running&ordering=-title&columns=stage&columns=tags&columns=completeness"

    page = text_of(browser_of(cast.reader).get(at(cast, "view-create") + question))

    assert "State: Running Sorted by: Measure, descending Columns: Stage, Tags" in " ".join(page.split())
    assert "Completeness" not in page


def test_a_list_without_filters_offers_no_view(cast):
    assert at(cast, "view-create") not in browser_of(cast.reader).get(at(cast)).content.decode()


@pytest.mark.parametrize("question", ["?light=purple", "?q=a%00b", "?unit=99999999999999999999"])
def test_what_the_list_does_not_understand_is_not_saved(cast, question):
    response = send(browser_of(cast.reader), at(cast, "view-create") + question, name="Meine")

    assert len(response.context["form"].non_field_errors()) == 1
    assert response.context["form"]["name"].value() == "Meine"
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("name", ["", "a\x00b", "ä" * 61, "Läuft"])
def test_a_name_that_does_not_do_says_so_at_its_field(cast, name):
    keep(cast)

    response = send(browser_of(cast.reader), at(cast, "view-create") + "?stale=on", name=name)

    assert list(response.context["form"].errors) == ["name"]
    assert SavedView.objects.count() == 1


def test_a_view_is_renamed_shared_and_deleted(cast):
    view = keep(cast, "project_group")
    browser = browser_of(cast.project_group)

    send(browser, at(cast, "view-edit", view.pk), name="Für alle", is_shared="on")
    assert tabs(browser_of(cast.reader).get(at(cast))) == {"Für alle": 0}
    assert at(cast, "view-delete", view.pk) not in browser_of(cast.reader).get(view.get_absolute_url()).content.decode()

    assert send(browser, at(cast, "view-delete", view.pk)).url == at(cast)
    assert not SavedView.objects.exists()


def test_who_may_not_share_is_not_asked_and_not_heard(cast):
    reader = browser_of(cast.reader)

    send(reader, at(cast, "view-create") + "?stale=on", name="Meine", is_shared="on")

    assert not SavedView.objects.get().is_shared


@pytest.mark.parametrize("page", ["view-edit", "view-delete"])
def test_somebody_elses_view_is_not_there(cast, page):
    view = keep(cast)
    browser = browser_of(cast.project_group)

    assert tabs(browser.get(at(cast))) == {}
    for pk in (view.pk, 2**70):
        assert browser.get(at(cast, page, pk)).status_code == 404
        assert browser.post(at(cast, page, pk), {"name": "x"}).status_code == 404


def test_a_view_that_is_no_longer_understood_finds_nothing_and_can_be_deleted(cast):
    view = keep(cast, query="light=gone")
    reader = browser_of(cast.reader)

    assert tabs(reader.get(at(cast))) == {"Läuft": 0}
    assert at(cast, "view-delete", view.pk) in reader.get(view.get_absolute_url()).content.decode()


@pytest.mark.parametrize("views", [1, 12])
def test_however_many_views_there_are_the_list_asks_as_often(cast, views, django_assert_num_queries):
    for number in range(views):
        keep(cast, name=f"Sicht {number}", query="state=running&q=Ausbildung")
    reader = browser_of(cast.reader)
    reader.get(at(cast))

    with django_assert_num_queries(QUERIES):
        assert len(tabs(reader.get(at(cast)))) == views


def test_the_page_of_a_view_tells_what_it_holds(cast):
    narrow = keep(cast, query="state=running&stale=on&ordering=-title&columns=stage")
    whole = keep(cast, name="Alles", query="")
    reader = browser_of(cast.reader)

    assert reader.get(at(cast, "view-edit", narrow.pk)).context["step"]["consequences"] == [
        "State: Running",
        "Status out of date",
        "Sorted by: Measure, descending",
        "Columns: Stage",
    ]
    assert "All measures, in the usual order." in reader.get(at(cast, "view-edit", whole.pk)).content.decode()
