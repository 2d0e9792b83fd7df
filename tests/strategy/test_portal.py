"""The tags and filters that pages are built from, and the one template of all form fields."""

import re
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
import time_machine
from django import forms
from django.core.paginator import Paginator
from django.template import RequestContext, Template
from django.test import RequestFactory
from django.utils import translation
from django.utils.formats import date_format

from strategy.forms.once import OnceForm
from strategy.models import Light
from strategy.templatetags import portal


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def rendered(source, path="/", **context):
    request = RequestFactory().get(path)
    return Template("{% load portal %}" + source).render(RequestContext(request, context))


# Lights and bars


def test_a_light_is_shape_and_word():
    shown = portal.light(Light(shape="triangle", title="at <risk>"))

    assert re.sub(r"href=\"[^\"]*#", 'href="#', shown) == (
        '<span class="light"><svg aria-hidden="true"><use href="#light-triangle"/></svg>at &lt;risk&gt;</span>'
    )


def test_every_shape_is_drawn_in_the_sprite():
    sprite = Path("static/icons.svg").read_text()

    drawn = set(re.findall(r'id="light-(\w+)"', sprite))
    assert drawn == set(Light.Shape.values)


@pytest.mark.parametrize(
    ("share", "of", "width"), [(0, 100, 0), (17, 21, 81), (130, 100, 100), (-5, 100, 0), (1, 0, 0)]
)
def test_a_bar_stays_within_its_frame(share, of, width):
    assert f'<rect width="{width}" height="6"/>' in portal.bar(share, of)


def test_parts_of_a_whole_are_drawn_side_by_side():
    shown = portal.stack_bar([("octagon", 1), ("triangle", 0), ("disc", 3)], 8)

    assert re.findall(r'class="(\w+)" x="([\d.]+)" width="([\d.]+)"', shown) == [
        ("octagon", "0.0", "11.7"),
        ("disc", "12.5", "36.7"),
    ]


def test_a_mark_stands_only_beside_values_that_are_not_documented():
    row = SimpleNamespace(marks=lambda: {"light": "example value", "goal": "derived"})

    assert portal.provenance(row, "goal") == '<span class="tag tag--demo">derived</span>'
    assert portal.provenance(row, "title") == ""
    assert portal.provenance(row).count("tag--demo") == 2


# Dates


@pytest.mark.parametrize(
    ("precision", "shown"),
    [("day", "17 Oct 2026"), ("month", "October 2026"), ("year", "2026"), ("unknown", "date not on record")],
)
def test_a_day_is_shown_as_exactly_as_it_is_known(precision, shown):
    assert portal.shown_date(date(2026, 10, 17), precision) == shown


@pytest.mark.parametrize(
    ("days", "words"),
    [(-3, "3 days overdue"), (-1, "1 day overdue"), (0, "today"), (1, "tomorrow"), (14, "in 14 days")],
)
@time_machine.travel("2026-11-20 23:30 +01:00", tick=False)
def test_a_task_says_how_long_there_is(days, words):
    due = date(2026, 11, 20) + timedelta(days=days)

    assert portal.until(due) == words
    assert portal.is_past(due) == (days < 0)


@time_machine.travel("2026-11-20 23:30 +01:00", tick=False)
def test_an_age_is_counted_in_berlin_days():
    assert [portal.ago(day) for day in (date(2026, 11, 20), date(2026, 10, 17), None)] == [
        "today",
        "34 days ago",
        "never",
    ]


# Lists


def test_taking_a_filter_away_keeps_the_others_and_goes_to_the_first_page():
    shown = rendered('{% without "light" "at-risk" %}', "/?light=at-risk&light=delayed&q=Kita&page=3")

    assert shown == "?light=delayed&amp;q=Kita"


def test_a_column_is_sorted_the_other_way_round_at_the_second_press():
    fresh = rendered('{% sort_header "title" "Title" %}', "/?q=Kita")
    again = rendered('{% sort_header "title" "Title" %}', "/?q=Kita&ordering=title")

    assert 'href="?q=Kita&amp;ordering=title"' in fresh
    assert "aria-sort" not in fresh
    assert 'href="?q=Kita&amp;ordering=-title"' in again
    assert 'aria-sort="ascending"' in again


def test_the_pager_keeps_the_filters():
    shown = rendered("{% pager page %}", "/?q=Kita&page=2", page=Paginator(range(120), 50).page(2))

    assert "51 to 100 of 120 shown." in shown
    pages = re.findall(r'href="\?q=Kita&amp;page=(\d)"', shown)
    assert pages == ["1", "1", "3", "3"]


def test_the_way_here_ends_with_this_page_without_a_link():
    shown = rendered('{% crumbs "Measures" "/m/" "D1" "/m/D1/" "Edit" %}')

    assert re.findall(r"<li.*?</li>", shown) == [
        '<li><a href="/m/">Measures</a></li>',
        '<li><a href="/m/D1/">D1</a></li>',
        '<li aria-current="page">Edit</li>',
    ]


# Forms


class Sample(forms.Form):
    title = forms.CharField(label="Title", help_text="Short <and> clear")
    note = forms.CharField(label="Note", required=False)
    vote = forms.ChoiceField(label="Vote", choices=[("y", "yes"), ("n", "no")], widget=forms.RadioSelect)
    sure = forms.BooleanField(label="Sure", required=False)

    def clean(self):
        raise forms.ValidationError("Not like this.")


def test_a_field_is_described_by_its_hint_and_its_error():
    shown = str(Sample({"title": ""})["title"].as_field_group())

    described_by = re.search(r'aria-describedby="([^"]+)"', shown)[1].split()
    assert described_by == ["id_title_helptext", "id_title_error"]
    assert all(f'id="{name}"' in shown for name in described_by)
    assert 'aria-invalid="true"' in shown
    assert "Short &lt;and&gt; clear" in shown


def test_only_fields_that_may_stay_empty_say_so():
    optional = [field.name for field in Sample() if "(optional)" in field.as_field_group()]

    assert optional == ["note"]


def test_buttons_of_one_question_share_a_legend():
    shown = str(Sample()["vote"].as_field_group())

    assert re.findall(r"<legend[^>]*>(\w+)", shown) == ["Vote"]
    assert shown.count("<label") == 2


def test_the_summary_links_to_every_field_that_has_an_error():
    shown = rendered("{% error_summary form %}", form=Sample({"title": ""}))

    assert re.findall(r'href="#(\w+)"', shown) == ["id_title", "id_vote"]
    assert "Not like this." in shown
    assert "2 fields need a correction" in shown


def test_the_summary_of_a_step_without_fields_speaks_of_none():
    """It said that a field needed a correction, and that everything typed was still there."""
    form = OnceForm({"token": str(uuid4())})
    form.add_error(None, "One objection has to be settled first.")

    shown = rendered("{% error_summary form %}", form=form)

    assert re.findall(r">([^<>]*\w[^<>]*)<", shown) == ["Not saved yet", "One objection has to be settled first."]


def test_a_list_that_may_be_left_asks_in_words():
    kinds = forms.TypedChoiceField(choices=[("", "---------"), ("a", "A")])

    assert re.findall(r"<option[^>]*>([^<]*)<", kinds.widget.render("kind", None)) == ["Please choose", "A"]


def test_there_is_no_summary_without_errors():
    assert rendered("{% error_summary form %}", form=Sample()).strip() == ""


@pytest.mark.parametrize(("form", "word"), [("F", "Mai"), ("M", "Mai"), ("E", "Mai")])
def test_no_text_of_ours_takes_the_name_of_a_month(form, word):
    with translation.override("de"):
        assert date_format(date(2026, 5, 1), form) == word
