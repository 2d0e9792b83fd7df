"""Reporting how a measure stands."""

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from measures.forms.status import StatusForm
from measures.models import Measure, StatusUpdate
from strategy.models import Role
from tests.factories import Cast
from tests.pages import browser_of, text_of, typed_on

State = Measure.State


def report_url(measure):
    return reverse("measures:report-status", args=[measure.strategy.slug, measure.code])


@pytest.fixture
def measure(cast):
    return cast.measure(State.RUNNING)


@pytest.fixture
def head(cast):
    return browser_of(cast.department_head)


def test_the_lead_unit_reports_in_three_fields(cast, measure, head):
    typed = {"light": cast.light("triangle").pk, "progress": 40, "text": "Es fehlt Personal.", "next_steps": "Stelle"}

    answer = head.post(report_url(measure), typed_on(head.get(report_url(measure)), **typed))

    update = StatusUpdate.objects.get()
    assert answer.url == measure.get_absolute_url()
    assert (update.light, update.progress, update.text, update.next_steps) == (
        cast.light("triangle"), 40, "Es fehlt Personal.", "Stelle",
    )  # fmt: skip
    assert update.reported_by == cast.department_head
    measure.refresh_from_db()
    assert (measure.light, measure.progress, measure.status_on) == (update.light, 40, update.reported_on)
    assert "Next one due on" in text_of(head.get(answer.url))


@pytest.mark.parametrize("shape", ["triangle", "octagon"])
def test_yellow_and_red_need_a_sentence(cast, measure, head, shape):
    typed = typed_on(head.get(report_url(measure)), light=cast.light(shape).pk, text="  ")

    answer = head.post(report_url(measure), typed)

    assert "Please say in one sentence what the reason is." in text_of(answer)
    assert not StatusUpdate.objects.exists()


def test_only_the_three_lights_of_a_running_measure_can_be_reported(cast, measure, head):
    page = head.get(report_url(measure))
    assert [str(light) for light in page.context["form"].fields["light"].queryset] == [
        "planmäßig",
        "gefährdet",
        "verzögert",
    ]

    foreign = Cast().light("disc")
    for light in (cast.light("ring"), cast.light("square"), foreign):
        answer = head.post(report_url(measure), typed_on(page, light=light.pk))
        assert "Select a valid choice" in text_of(answer)
    assert not StatusUpdate.objects.exists()


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("progress", "-1"),
        ("progress", "101"),
        ("progress", "9" * 30),
        ("progress", "viel"),
        ("progress", ""),
        ("progress", "\x00"),
        ("light", ""),
        ("light", "\x00"),
        ("light", "9" * 30),
        ("text", "x" * 2001),
        ("text", "a\x00b"),
        ("next_steps", "x" * 1001),
    ],
)
def test_bad_input_is_told_at_its_field(cast, measure, head, name, bad):
    typed = {"light": cast.light("disc").pk, "text": "Läuft", "next_steps": "Weiter"} | {name: bad}

    answer = head.post(report_url(measure), typed_on(head.get(report_url(measure)), **typed))

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [name]
    assert "<title>Error: " in answer.content.decode()
    again = typed_on(answer)
    assert all(again[key] == [typed[key]] for key in ("text", "next_steps") if key != name)
    assert not StatusUpdate.objects.exists()


def test_two_clicks_report_once(cast, measure, head):
    typed = typed_on(head.get(report_url(measure)), light=cast.light("disc").pk, text="Läuft")

    answers = [head.post(report_url(measure), typed) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert StatusUpdate.objects.count() == 1


def test_who_reports(cast, measure):
    allowed = {"project_group", "department_head", "administrative_head"}

    for name in [*Role.values, "other_head", "stranger"]:
        expected = 200 if name in allowed else 404 if name == "stranger" else 403
        assert browser_of(getattr(cast, name)).get(report_url(measure)).status_code == expected, name


def test_the_task_on_the_overview_is_answered_in_place(cast, measure, head):
    """What ``measures/status/_quick.html`` sends is enough, and leads back to where it stands."""
    overview = f"/{cast.strategy.slug}/"
    form = StatusForm.of(measure)
    request = head.get(report_url(measure)).wsgi_request
    request.path = overview
    request.META["QUERY_STRING"] = ""
    html = render_to_string(
        "measures/status/_quick.html", {"measure": measure, "form": form, "strategy": cast.strategy}, request
    )
    assert f'action="{report_url(measure)}"' in html
    assert f'name="next" value="{overview}"' in html
    quick = {
        "token": str(form["token"].value()),
        "next": overview,
        "light": cast.light("disc").pk,
        "progress": 65,
        "text": "Läuft",
    }

    answer = head.post(report_url(measure), quick)
    unclear = head.post(report_url(measure), quick | {"token": "", "light": cast.light("octagon").pk, "text": ""})

    assert answer.url == overview
    assert StatusUpdate.objects.get().text == "Läuft"
    assert typed_on(unclear)["next"] == [overview]
