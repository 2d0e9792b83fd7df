"""The form for needs: one accessible page, whatever the strategy is called, for everybody who takes part."""

import io

import pikepdf
import pytest
from django.urls import reverse

from reporting.print.checker import check
from reporting.print.need_form import NeedForm, render
from tests.pages import browser_of

from .reading import squeezed, text_of

NAMES = ["Personalstrategie 2030", "W" * 200, "Sehr lange Strategie " * 9, "<script>alert(1)</script>", "A\u00adB & C"]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_one_page_and_keeps_the_structure(name):
    pdf = render(NeedForm(name, 21))

    assert check(pdf) == []
    assert len(pikepdf.open(io.BytesIO(pdf)).pages) == 1


def test_it_says_what_to_leave_out_and_how_long_the_answer_takes():
    with pikepdf.open(io.BytesIO(render(NeedForm("Personalstrategie 2030", 28)))) as pdf:
        words = squeezed(text_of(pdf))

    assert squeezed("Bitte ohne Namen.") in words
    assert squeezed("innerhalb von 28 Kalendertagen ab Eingang") in words


def test_the_same_form_gives_the_same_bytes():
    form = NeedForm("Personalstrategie 2030", 21)

    assert render(form) == render.__wrapped__(form)


@pytest.mark.django_db
def test_it_is_downloaded_from_the_list_of_needs(cast):
    browser = browser_of(cast.staff_council)
    url = reverse("reporting:need-form", args=[cast.strategy.slug])

    answer = browser.get(url)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert url in browser.get(reverse("measures:needs", args=[cast.strategy.slug])).content.decode()
