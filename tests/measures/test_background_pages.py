"""Works agreements, surveys and literature over HTTP: added, edited, removed, refused at their field."""

import pytest
from django.urls import reverse

from measures.models import Measure, Reference, Survey, WorksAgreement
from tests.pages import browser_of, text_of, typed_on

State = Measure.State
KINDS = {"agreement": WorksAgreement, "survey": Survey, "reference": Reference}


@pytest.fixture
def writer(cast):
    return browser_of(cast.project_group)


@pytest.fixture
def measure(cast):
    return cast.measure(State.RUNNING)


def address(measure, page, *args):
    return reverse(f"measures:{page}", args=[measure.strategy.slug, measure.code, *args])


def send(browser, page, /, **typed):
    return browser.post(page, typed_on(browser.get(page), **typed))


@pytest.mark.parametrize("name", KINDS)
def test_it_is_added_edited_and_removed_from_the_sheet(writer, measure, name):
    model, back = KINDS[name], f"{measure.get_absolute_url()}#{name}s"

    added = send(writer, address(measure, f"{name}-create"), title="Leitfaden", url="https://www.stuttgart.de/x")
    row = model.objects.get()
    edited = send(writer, address(measure, f"{name}-edit", row.pk), title="Handreichung")

    assert (added.status_code, added.url, edited.url) == (302, back, back)
    row.refresh_from_db()
    assert (row.title, row.url, row.version) == ("Handreichung", "https://www.stuttgart.de/x", 2)
    sheet = writer.get(measure.get_absolute_url()).content.decode()
    assert address(measure, f"{name}-edit", row.pk) in sheet
    assert address(measure, f"{name}-delete", row.pk) in sheet
    assert send(writer, address(measure, f"{name}-delete", row.pk)).url == measure.get_absolute_url()
    assert not model.objects.exists()


@pytest.mark.parametrize(
    ("name", "field", "typed"),
    [
        ("agreement", "concluded_on", {"state": "negotiating", "concluded_on": "1.6.2026"}),
        ("agreement", "concluded_on", {"state": "concluded", "concluded_on": "12.2199"}),
        ("survey", "respondents", {"respondents": "4"}),
        ("survey", "held_on", {"held_on": "2199"}),
        ("survey", "held_on", {"held_on": "Sommer"}),
        ("reference", "url", {"url": "file:///C:/digitalmoves"}),
        ("reference", "accessed_on", {"accessed_on": "31.12.2999"}),
        ("reference", "title", {"title": ""}),
        ("reference", "title", {"title": "a\x00b"}),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_stays_typed(writer, measure, name, field, typed):
    answer = send(writer, address(measure, f"{name}-create"), **{"title": "Leitfaden"} | typed)

    assert answer.status_code == 200
    form = answer.context["form"]
    assert list(form.errors) == [field]
    assert form[field].value() == typed[field]
    assert not KINDS[name].objects.exists()


def test_days_are_kept_as_exactly_as_they_are_known(writer, measure):
    send(writer, address(measure, "survey-create"), title="Befragung", held_on="2020", respondents="1200")

    survey = Survey.objects.get()
    assert (str(survey.held_on), survey.date_precision, survey.respondents) == ("2020-01-01", "year", 1200)


def test_who_saves_second_is_asked(writer, measure, cast):
    by = cast.actor("project_group")
    row = Reference(measure=measure, title="Leitfaden")
    row.enter(by=by)
    url = address(measure, "reference-edit", row.pk)
    typed = typed_on(writer.get(url), title="Zweite")
    row.edit(by=by, version=1, changes={"title": "Erste"})

    answer = writer.post(url, typed)

    assert answer.status_code == 409
    assert {"Erste", "Zweite"} <= {getattr(answer.context["questions"][0], side) for side in ("mine", "theirs")}
    assert Reference.objects.get().title == "Erste"


@pytest.mark.parametrize("page", ["create", "edit", "delete"])
def test_with_the_measure_it_ends(writer, cast, page):
    measure = cast.measure(State.COMPLETED)
    row = Reference.objects.create(measure=measure, title="Leitfaden")

    answer = writer.get(address(measure, f"reference-{page}", *([row.pk] if page != "create" else [])))

    assert answer.status_code == 409
    assert "This measure has ended and is no longer edited." in text_of(answer)
    assert Reference.objects.exists()


def test_who_only_reads_finds_no_way_to_change(cast, measure):
    Reference.objects.create(measure=measure, title="Leitfaden")

    html = browser_of(cast.reader).get(measure.get_absolute_url()).content.decode()

    assert "Leitfaden" in html
    assert "/references/" not in html


def test_a_row_is_found_below_its_own_measure_alone(writer, cast, measure):
    row = Reference.objects.create(measure=measure, title="Leitfaden")

    assert writer.get(address(cast.measure(State.RUNNING), "reference-edit", row.pk)).status_code == 404
