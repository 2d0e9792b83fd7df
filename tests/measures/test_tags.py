"""Tags: typed at a measure, found again in the list, told in the history."""

import pytest
from django.urls import reverse
from django.utils import translation

from measures.history import history_of
from measures.models import Measure, Tag
from tests.factories import Cast
from tests.pages import browser_of, text_of, typed_on

State = Measure.State


@pytest.fixture
def writer(cast):
    return browser_of(cast.project_group)


def edit_url(measure):
    return reverse("measures:edit", args=[measure.strategy.slug, measure.code])


def list_url(cast, query=""):
    return reverse("measures:list", args=[cast.strategy.slug]) + query


def tag(cast, measure, *names):
    measure.refresh_from_db()
    measure.edit(by=cast.actor("project_group"), version=measure.version, changes={"tags": list(names)})


def names(measure):
    return [tag.name for tag in measure.tags.all()]


def test_tags_are_made_by_typing_them(cast, writer):
    measure, other = cast.measure(), cast.measure()
    tag(cast, other, "Kita")

    writer.post(edit_url(measure), typed_on(writer.get(edit_url(measure)), tags=" #Homeoffice,  kita ; ,homeOffice"))

    assert names(measure) == ["Homeoffice", "Kita"]
    assert sorted(Tag.objects.values_list("strategy", "name")) == [
        (cast.strategy.pk, "Homeoffice"),
        (cast.strategy.pk, "Kita"),
    ]
    assert "In use so far: Homeoffice, Kita." in text_of(writer.get(edit_url(other)))
    assert text_of(writer.get(measure.get_absolute_url())).count("Tags Homeoffice , Kita") == 1


def test_another_strategys_tag_of_that_name_is_another_tag(cast, writer):
    tag(cast, measure := cast.measure(), "Kita")
    elsewhere = Cast()
    tag(elsewhere, theirs := elsewhere.measure(), "Kita")

    assert measure.tags.get() != theirs.tags.get()
    assert theirs.tags.get().strategy == elsewhere.strategy


BAD = [
    ("x" * 41, f"A tag has at most 40 characters: “{'x' * 41}”."),
    (",".join(map(str, range(21))), "Please choose at most 20 tags."),
    ("Kita\x00", "Null characters are not allowed."),
]


@pytest.mark.parametrize(("typed", "message"), BAD)
def test_what_is_no_tag_is_refused_and_stays_in_the_form(cast, writer, typed, message):
    url = edit_url(cast.measure())

    answer = writer.post(url, typed_on(writer.get(url), tags=typed))

    assert list(answer.context["form"].errors) == ["tags"]
    assert message in text_of(answer)
    assert answer.context["form"]["tags"].value() == typed
    assert not Tag.objects.exists()


def test_tags_are_told_in_one_entry_with_what_was_saved_along(cast):
    measure = cast.measure()
    tag(cast, measure, "Kita")
    measure.edit(
        by=cast.actor("project_group"),
        version=measure.version,
        changes={"tags": ["Wohnen"], "responsible_function": "Sachgebietsleitung"},
    )

    with translation.override("en"):
        newest, before, *_rest = [
            [(str(change.label), change.before, change.after) for change in entry.changes]
            for entry in history_of(measure, cast.actor("project_group"))
        ]

    assert before == [("tags", "", "Kita")]
    assert sorted(newest) == [
        ("responsible function", "Abteilungsleitung", "Sachgebietsleitung"),
        ("tags", "Kita", "Wohnen"),
    ]


def test_of_two_editors_tags_none_is_lost_and_nobody_is_asked(cast, writer):
    tag(cast, measure := cast.measure(), "Kita", "Wohnen")
    typed = typed_on(writer.get(edit_url(measure)), tags="Kita, Wohnen, Zulage", goal="Meins")
    tag(cast, measure, "Kita", "Nachwuchs")

    page = writer.post(edit_url(measure), typed)
    answer = writer.post(edit_url(measure), typed_on(page))

    assert page.status_code == 409
    assert page.context["questions"] == []
    assert "Tags: Kita, Nachwuchs" in text_of(page)
    assert answer.status_code == 302
    assert (names(measure), Measure.objects.get(pk=measure.pk).goal) == (["Kita", "Nachwuchs", "Zulage"], "Meins")


def test_the_list_is_filtered_by_tags_and_offers_only_those_one_can_see(cast):
    tag(cast, running := cast.measure(State.RUNNING, title="Läuft"), "Kita", "Wohnen")
    tag(cast, cast.measure(title="Entwurf"), "Geheimer Plan", "Kita")
    cast.measure(State.RUNNING, title="Ohne")
    reader = browser_of(cast.reader)

    page = reader.get(list_url(cast, "?tag=Kita&tag=Wohnen"))
    unknown = reader.get(list_url(cast, "?tag=Geheimer Plan"))

    assert [row.code for row in page.context["rows"]] == [running.code]
    assert "Geheimer Plan" not in text_of(page)
    assert unknown.context["rows"] == []
    assert unknown.context["filters"].problems != []
