"""Every kind of page, in light, dark and narrow: axe finds nothing, nothing scrolls sideways, one heading leads."""

import re
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db.models import F
from django.utils import timezone

from measures import quick_status
from measures.as_of import FRAME, OF_MEASURES
from measures.models import (
    Attachment,
    Indicator,
    IndicatorValue,
    Measure,
    Milestone,
    Need,
    ResourceRequest,
    StaffParticipation,
)
from reporting.models import CouncilReport
from tests.measures import rankings, sheets

WIDTHS = {"light": 1440, "dark": 1440, "narrow": 360}
TALL = 2400  # so that nothing lies half under a sticky bar, where it would be too small a target
TO_THE_TOP = (
    "scrollTo({top: 0, behavior: 'instant'})"  # what has scrolled half under a sticky bar is too small a target
)


@pytest.fixture
def cast(transactional_db):
    from tests.factories import Cast  # needs the apps loaded

    return Cast()


@pytest.fixture
def running(cast):
    """A measure with much to show on its sheet, beside one that still asks for statements."""
    cast.measure(Measure.State.IN_REVIEW)
    measure = cast.measure(Measure.State.RUNNING)
    Milestone.objects.create(strategy=cast.strategy, measure=measure, title="Roll-out", due_on="2026-01-31")
    measure.report_status(
        by=cast.actor("project_group"), light=cast.light("triangle"), progress=40, text="Der Haushalt ist gesperrt."
    )
    return measure


@pytest.fixture
def open_as(page, client, live_server, cast):
    """Opens pages of the strategy as somebody of the cast."""

    def open_as(role, path):
        client.force_login(getattr(cast, role))
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key, "url": live_server.url}
        page.context.add_cookies([cookie])
        assert page.goto(f"/{cast.strategy.slug}/{path}").ok
        return page

    return open_as


@pytest.fixture
def assert_good(axe):
    def assert_good(page):
        assert page.locator("h1").count() == 1
        assert page.locator('a[href=""]:not([aria-current])').count() == 0
        for mode, width in WIDTHS.items():
            page.emulate_media(color_scheme="dark" if mode == "dark" else "light")
            page.set_viewport_size({"width": width, "height": TALL})
            axe(page)
        page.set_viewport_size({"width": 320, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0

    return assert_good


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("project_group", ""),
        ("department_head", ""),
        ("department_head", "tasks/"),
        ("project_group", "measures/?q=nichts&stale=1"),
        ("project_group", "measures/new/"),
        ("project_group", "measures/views/new/?stale=on"),
        ("project_group", "measures/import/"),
        ("project_group", "reviews/"),
        ("project_group", "reviews/conditions/"),
        ("project_group", "quality/"),
        ("staff_council", "notifications/"),
        ("project_group", "dispatch/"),
        ("project_group", "dispatch/mails/"),
        ("project_group", "recall/"),
        ("staff_council", "needs/new/"),
        ("project_group", "reports/"),
        ("project_group", "reports/new/"),
        ("project_group", "reports/plan/"),
        ("administrator", "settings/"),
        ("administrator", "settings/units/"),
        ("administrator", "settings/members/"),
        ("administrator", "settings/members/new-person/"),
        ("administrator", "settings/strategy/"),
        ("administrator", "settings/reminders/"),
        ("administrator", "settings/retention/"),
        ("administrator", "settings/audit/"),
        ("administrator", "settings/sign-in/"),
        ("administrator", "settings/webhooks/"),
        ("administrator", "settings/webhooks/new/"),
        ("administrator", "settings/people/{reader}/anonymise/"),
    ],
)
def test_a_page_can_be_used_by_everyone(open_as, assert_good, running, cast, role, path):
    assert_good(open_as(role, path.format(reader=cast.reader.pk)))


@pytest.mark.parametrize("path", ["security/", "data/", "mails/", "tokens/", "email/"])
def test_a_page_about_oneself_can_be_used_by_everyone(page, open_as, assert_good, path):
    open_as("reader", "")

    assert page.goto(f"/accounts/me/{path}").ok

    assert_good(page)


@pytest.mark.parametrize("path", ["", "rotate/", "delete/"])
def test_a_webhook_can_be_used_by_everyone(open_as, assert_good, cast, path):
    from strategy.models import Webhook  # needs the apps loaded

    values = {"name": "Datendrehscheibe", "url": "https://hub.example/in", "kinds": ["measure"]}
    webhook = Webhook.objects.create(strategy=cast.strategy, **values)

    assert_good(open_as("administrator", f"settings/webhooks/{webhook.pk}/{path}"))


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("project_group", "history/"),
        ("project_group", "reminders/"),
        ("project_group", "edit/"),
        ("department_head", "status/new/"),
        ("steering_team", "pause/"),
    ],
)
def test_a_page_of_a_measure_can_be_used_by_everyone(open_as, assert_good, running, role, path):
    assert_good(open_as(role, f"measures/{running.code}/{path}"))


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("project_group", "resources/"),
        ("project_group", "indicators/"),
        ("project_group", "indicators/{indicator}/"),
        ("project_group", "timeline/?plan=decided"),
        ("reader", "timeline/?view=table"),
        ("reader", "brochure/"),
        ("project_group", "history/"),
    ],
)
def test_what_evaluates_the_measures_can_be_read_by_everyone(open_as, assert_good, running, cast, role, path):
    owned = {"strategy": cast.strategy, "measure": running}
    ResourceRequest.objects.create(**owned, kind="positions", year=2026, amount=2)
    indicator = Indicator.objects.create(**owned, name="Laptops", unit="Stück", baseline=10, target=40)
    for year, value in ((2024, 12), (2025, 20)):
        IndicatorValue.objects.create(
            strategy=cast.strategy, indicator=indicator, as_of=date(year, 12, 31), value=value
        )

    assert_good(open_as(role, path.format(indicator=indicator.pk)))


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("project_group", "measures/{day}"),
        ("project_group", "measures/{code}/{day}"),
        ("project_group", "measures/{code}/status/{day}"),
        ("staff_council", "needs/{day}"),
        ("staff_council", "needs/{need}/{day}"),
        ("project_group", "resources/{day}"),
        ("project_group", "indicators/{day}"),
        ("project_group", "reviews/{day}"),
        ("project_group", "reviews/conditions/{day}"),
        ("project_group", "reviews/formal/{day}"),
        ("project_group", "resources/?on=2999-01-01"),
    ],
)
def test_a_past_day_can_be_read_by_everyone(open_as, assert_good, running, cast, role, path):
    ResourceRequest.objects.create(strategy=cast.strategy, measure=running, kind="positions", year=2026, amount=2)
    need = cast.need(Need.State.ACKNOWLEDGED, title="Ruheraum", text="Ein Ruheraum")
    for model in (Measure, Need, *FRAME, *OF_MEASURES):
        model.changes.update(history_date=F("history_date") - timedelta(2))

    day = f"?on={timezone.localdate() - timedelta(1)}"
    page = open_as(role, path.format(code=running.code, need=need.pk, day=day))
    assert page.get_by_text("Zurück zu heute").count() == 1
    assert_good(page)


@pytest.mark.parametrize(
    ("role", "path"), [("staff_council", "{draft}/"), ("project_group", "{need}/"), ("staff_council", "?kind=informal")]
)
def test_a_need_can_be_used_by_everyone(open_as, assert_good, running, cast, role, path):
    draft = cast.need(title="Ruheraum", text="Ein Ruheraum")
    Attachment.objects.attach(draft, by=cast.actor("staff_council"), file=ContentFile(b"Plan", "Plan.txt"))
    cast.answer_need(cast.need(Need.State.SUBMITTED), Need.Outcome.MERGED, measure=running)
    need = cast.need(Need.State.ACKNOWLEDGED, title="Ruheraum", text="Ein Ruheraum")

    assert_good(open_as(role, f"needs/{path.format(draft=draft.pk, need=need.pk)}"))


def test_a_table_can_be_brought_in_by_everyone(open_as, assert_good, running, cast):
    """With something new, something changed, something fixed, a mistake and a column that nobody knows."""
    rows = [
        ("Kürzel", "Titel", "Handlungsfeld", "Verantwortliche Funktion", "Farbe"),
        (running.code, "Neu", "A", "Leitung", "rot"),
        ("", "Onboarding", "A", "", ""),
        ("Z99", "Fehler", "A", "", ""),
    ]
    mistaken, unnamed = (sheets.uploaded(cast, part) for part in (rows, [("Vorhaben", "Bereich"), ("x", "y")]))
    good = sheets.uploaded(cast, rows[:-1])

    for run, path in ((mistaken, ""), (unnamed, "columns/"), (good, "")):
        assert_good(open_as("project_group", f"measures/import/{run.pk}/{path}"))


def test_an_answer_with_errors_can_be_mended_by_everyone(open_as, assert_good, cast):
    need = cast.need(Need.State.SUBMITTED)
    page = open_as("project_group", f"needs/{need.pk}/answer/?outcome=adopted")
    page.locator(".savebar button").click()
    page.wait_for_selector("[data-error-summary]")

    assert_good(page)


def test_several_measures_can_be_changed_by_everyone(open_as, assert_good, axe, running):
    page = open_as("project_group", "measures/")
    page.locator(f"input[data-select][value={running.code}]").check()
    assert_good(page)
    page.locator(".bulk button").first.click()
    page.fill("[name=responsible_function]", "Sachgebietsleitung")
    assert_good(page)
    page.locator(".savebar button").click()
    page.wait_for_url("**/apply/")
    assert_good(page)
    page.locator(".savebar button").click()
    page.wait_for_url(re.compile(r"/bulk/\d+/$"))
    axe(page)

    running.refresh_from_db()
    assert running.responsible_function == "Sachgebietsleitung"


def test_a_formal_participation_can_be_read_by_everyone(open_as, assert_good, running, cast):
    participation = StaffParticipation.objects.start(
        running, by=cast.actor("project_group"), kind="codetermination", informed_on=timezone.localdate()
    )
    participation.state_view(by=cast.actor("staff_council"), vote="refuses", text="So nicht")

    assert_good(open_as("project_group", f"measures/{running.code}/participation/{participation.pk}/"))


STEPS_OF_A_REPORT = [
    ("draft", "project_group", ""),
    ("draft", "project_group", "build/"),
    ("draft", "project_group", "preview/"),
    ("draft", "project_group", "history/"),
    ("draft", "project_group", "reminders/"),
    ("draft", "department_head", ""),
    ("draft", "department_head", "cosignatures/{slot}/sign/"),
    ("building", "project_group", ""),
    ("building", "project_group", "cancel/"),
    ("ready", "project_group", ""),
    ("ready", "project_group", "submit/"),
    ("ready", "project_group", "reopen/"),
    ("submitted", "steering_team", ""),
    ("submitted", "steering_team", "finalise/"),
    ("submitted", "steering_team", "send-back/"),
    ("final", "reader", ""),
    ("final", "project_group", ""),
    ("final", "project_group", "supplement/"),
    ("final", "steering_team", "supersede/"),
    ("superseded", "reader", ""),
]


@pytest.mark.parametrize(("state", "role", "path"), STEPS_OF_A_REPORT)
def test_a_report_can_be_used_by_everyone_in_each_of_its_states(open_as, assert_good, cast, state, role, path):
    from tests.reporting import reports  # needs the apps loaded

    report = reports.asked(cast, cosign_due_on=timezone.localdate())
    reports.sign(cast, report, "other_head", remark="Mit der Maßgabe, dass der Haushalt es trägt.")
    if state != "draft":
        reports.sign(cast, report)
        report = reports.IN_STATE[state](cast, report)

    slot = report.cosignatures.filter(unit=cast.unit).first()
    assert_good(open_as(role, f"reports/{report.pk}/{path.format(slot=slot and slot.pk)}"))


def test_a_planned_reports_units_can_be_asked_by_everyone(open_as, assert_good, cast):
    from tests.reporting import reports  # needs the apps loaded

    last = reports.asked(cast)
    for head in ("department_head", "other_head"):
        reports.sign(cast, last, head)
    reports.final(cast, last)
    report = reports.planned(cast)

    assert_good(open_as("project_group", f"reports/{report.pk}/ask-units/"))


def test_a_supplement_can_be_edited_by_everyone(open_as, assert_good, cast):
    from tests.reporting import reports  # needs the apps loaded

    draft = CouncilReport.objects.draft_supplement(by=cast.actor("project_group"), to=reports.final(cast))

    for path in ("", "edit/"):
        assert_good(open_as("project_group", f"reports/{draft.pk}/{path}"))


@pytest.mark.parametrize("role", ["steering_team", "staff_council", "administrator", "reader"])
def test_the_overview_of_each_role_and_that_of_a_past_day_can_be_read_by_everyone(open_as, assert_good, running, role):
    assert_good(open_as(role, ""))
    assert_good(open_as(role, f"?on={timezone.localdate():%Y-%m-%d}"))


@pytest.mark.parametrize(
    ("role", "path"), [("project_group", ""), ("project_group", "close/"), ("department_head", "")]
)
def test_a_ranking_round_can_be_read_by_everyone(open_as, assert_good, cast, role, path):
    ranking = rankings.open_(cast)
    rankings.vote(ranking, cast.other_head)

    assert_good(open_as(role, f"rankings/{ranking.pk}/{path}"))


@pytest.mark.parametrize("path", ["rankings/", "rankings/new/"])
def test_rounds_can_be_planned_by_everyone(open_as, assert_good, cast, path):
    rankings.planned(cast)
    rankings.published(cast)

    assert_good(open_as("project_group", path))


def test_a_ranking_list_can_be_filled_in_and_handed_in_by_everyone(open_as, assert_good, cast):
    ranking = rankings.open_(cast)
    ballot = rankings.arrange(ranking, cast.department_head, rankings.items(ranking)[:2])
    page = open_as("department_head", f"rankings/{ranking.pk}/ballot/")
    page.locator(".pos").first.fill("0")
    page.locator(".pos").first.press("Enter")
    page.wait_for_selector("[data-item] .err")
    page.evaluate(TO_THE_TOP)
    assert_good(page)

    rankings.arrange(ranking, cast.department_head, ballot.order[::-1])  # in another window
    page.locator("[value^=remove]:visible").first.click()
    page.wait_for_selector("[data-ballot-conflict]:visible")
    page.evaluate(TO_THE_TOP)
    assert_good(page)

    assert_good(open_as("department_head", f"rankings/{ranking.pk}/ballot/submit/"))

    rankings.ballot_of(ranking, cast.department_head).submit(by=cast.actor("department_head"))
    assert_good(open_as("department_head", f"rankings/{ranking.pk}/ballot/"))


def test_a_form_with_errors_can_be_mended_by_everyone(open_as, assert_good, running):
    page = open_as("steering_team", f"measures/{running.code}/pause/")
    page.locator(".savebar button").click()
    page.wait_for_selector("[data-error-summary]")

    assert_good(page)


@pytest.mark.parametrize("path", ["/accounts/password/reset/", "/pages/help/"])
def test_a_page_before_the_sign_in_can_be_used_by_everyone(page, transactional_db, assert_good, path):
    assert page.goto(path).ok

    assert_good(page)


@pytest.mark.parametrize(("path", "status"), [("measures/X99/", 404), ("settings/", 403)])
def test_a_refusal_can_be_read_by_everyone(page, open_as, assert_good, cast, path, status):
    open_as("reader", "")

    assert page.goto(f"/{cast.strategy.slug}/{path}").status == status

    assert_good(page)


@pytest.mark.parametrize("kind", ["calendar", "feed"])
def test_a_secret_address_can_be_made_and_revoked_by_everyone(page, open_as, assert_good, cast, kind):
    open_as("reader", "")
    page.goto(f"/accounts/me/{kind}/")
    assert_good(page)
    page.locator(".savebar button").click()
    page.wait_for_selector("[data-address]")
    assert_good(page)

    page.goto(f"/accounts/me/{kind}/revoke/")
    assert_good(page)


@pytest.mark.parametrize("path", ["", "edit/", "updates/", "discard/"])
def test_a_planned_report_can_be_used_by_everyone(open_as, assert_good, running, cast, path):
    from tests.factories import CouncilSessionFactory  # needs the apps loaded

    session = CouncilSessionFactory(strategy=cast.strategy, held_on=timezone.localdate() + timedelta(60))
    report = CouncilReport.objects.plan(
        by=cast.actor("project_group"), session=session, updates_due_on=timezone.localdate(), subject="Stand"
    )

    assert_good(open_as("project_group", f"reports/{report.pk}/{path}"))


def test_a_status_can_be_reported_from_a_mail_by_everyone(page, assert_good, running, cast):
    today = timezone.localdate()
    last = running.status_updates.get().pk
    page.goto(quick_status.quick_url(cast.department_head, running, last, today, today))
    assert_good(page)

    page.locator(".savebar button").click()
    page.wait_for_selector("[data-error-summary]")
    assert_good(page)

    page.locator("[name=light]").first.check()
    page.locator("[name=text]").fill("Wieder im Plan.")
    page.locator(".savebar button").click()
    page.wait_for_selector("[data-done]")
    assert_good(page)

    assert page.goto("/accounts/status/falsch/").status == 410
    assert_good(page)
