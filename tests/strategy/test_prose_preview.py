"""The preview of prose: what the pages will show, and nothing that runs."""

import pytest
from django.urls import reverse

from tests.factories import UserFactory
from tests.pages import browser_of

pytestmark = pytest.mark.django_db


def test_the_preview_shows_what_the_pages_will_show():
    answer = browser_of(UserFactory()).post(reverse("strategy:prose"), {"text": "**fett**\r\n\r\n- eins"})

    assert answer.content.decode() == "<p><strong>fett</strong></p>\n<ul>\n<li>eins</li>\n</ul>\n"


def test_the_preview_lets_no_script_through():
    answer = browser_of(UserFactory()).post(reverse("strategy:prose"), {"text": "<script>x</script>[a](javascript:x)"})

    assert "<script" not in answer.content.decode()
    assert "href" not in answer.content.decode()


def test_the_preview_takes_no_more_than_a_field():
    assert browser_of(UserFactory()).post(reverse("strategy:prose"), {"text": "a" * 20_001}).status_code == 400
