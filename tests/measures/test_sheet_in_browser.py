"""The sheet of a measure from the browser's printer."""

import io
from datetime import date

import pikepdf
import pytest
from django.conf import settings
from django.db import transaction

from measures.models import Measure
from tests.factories import IndicatorFactory, IndicatorValueFactory, MilestoneFactory, ResourceRequestFactory

SENTENCE = "Bis 2028 kennt die Hälfte der Menschen in der Region, die einen Arbeitsplatz suchen, die Marke der Stadt. "


@pytest.fixture
def measure(transactional_db):
    from tests.factories import Cast  # needs the apps loaded

    cast = Cast()
    with transaction.atomic():
        measure = cast.measure(Measure.State.RUNNING, title="Arbeitgebermarke", goal=SENTENCE, description=SENTENCE)
    measure.report_status(
        by=cast.actor("department_head"), light=cast.light("disc"), progress=40, text=SENTENCE * 2, next_steps=SENTENCE
    )
    indicator = IndicatorFactory(measure=measure, target=50)
    for year in range(2022, 2026):
        MilestoneFactory(measure=measure, due_on=date(year + 3, 6, 30))
        IndicatorValueFactory(indicator=indicator, value=year - 1990, as_of=date(year, 12, 31))
        ResourceRequestFactory(measure=measure, year=year + 3)
    return cast, measure


def test_a_typical_sheet_is_printed_on_one_page(page, client, live_server, measure):
    cast, measure = measure
    client.force_login(cast.project_group)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key, "url": live_server.url}
    page.context.add_cookies([cookie])
    page.goto(f"{live_server.url}{measure.get_absolute_url()}")

    printed = page.pdf(format="A4", prefer_css_page_size=True)

    assert len(pikepdf.open(io.BytesIO(printed)).pages) == 1
