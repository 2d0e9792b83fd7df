"""Promise P9 for tables: however often somebody clicks, and wherever, it is taken over once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from measures.exchange import running
from measures.models import ImportRun, Measure
from strategy.models import Transition
from strategy.workflow import RuleViolation
from tests.factories import Cast
from tests.measures import sheets

CLICKS = 12


@pytest.mark.django_db(transaction=True)
def test_many_clicks_at_once_take_a_table_over_once():
    cast = Cast()
    run = sheets.uploaded(cast, [("Titel", "Handlungsfeld"), ("Neue", "A")])

    def click(_number):
        try:
            mine = ImportRun.objects.get(pk=run.pk)
            try:
                mine.confirm(by=cast.actor("project_group"))
            except RuleViolation:
                return False
            finally:
                running.work(run.pk)
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(CLICKS) as pool:
        confirmed = list(pool.map(click, range(CLICKS)))

    run.refresh_from_db()
    assert (sum(confirmed), run.state) == (1, ImportRun.State.DONE)
    assert (Measure.objects.get().title, Transition.objects.of(run).count()) == ("Neue", 1)
