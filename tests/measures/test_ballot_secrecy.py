"""What a ballot holds stands in the ballot and nowhere else: no step, mail, log, history, word or page tells of it."""

import logging
import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.utils import timezone

from measures.models import Ballot, EditConflict, Measure, RankingRound, RoundMeasure
from strategy.models import Role
from strategy.workflow import RuleViolation
from tests.measures import rankings
from tests.pages import browser_of

IDS = [987650001, 987650002, 987650003]
TITLES = ["Kanarienvogel", "Wellensittich", "Nachtigall"]
ORDER = [2, 0, 1]  # how the canary sings: as nobody else would order them


def melody(words):
    """Found where these words stand close together in the ballot's order."""
    return re.compile(r".{1,40}?".join(re.escape(str(words[n])) for n in ORDER), re.DOTALL)


@pytest.fixture
def ranking(cast):
    """An open round whose measures are easy to recognise."""
    ranking = rankings.planned(cast, measures=0)
    for position, (pk, title) in enumerate(zip(IDS, TITLES, strict=True)):
        measure = cast.measure(Measure.State.IN_REVIEW, title=title)
        row = RoundMeasure(pk=pk, round=ranking, measure=measure, position=position)
        row.take_over(measure)
        row.save()
    ranking.open(by=cast.actor("project_group"))
    return ranking


def sing(cast, ranking):
    """Everything that can happen to a ballot, refusals too; returns what the refusals said."""
    by, order = cast.actor("department_head"), [IDS[n] for n in ORDER]
    ballot = rankings.arrange(ranking, cast.department_head, order)
    said = [
        refused(EditConflict, lambda: ballot.arrange(by=by, order=order[:2], version=1)),
        refused(RuleViolation, lambda: ballot.arrange(by=by, order=[*order, order[0]], version=2)),
        refused(RuleViolation, lambda: ballot.arrange(by=by, order=[*order, 5], version=2)),
    ]
    ballot.arrange(by=by, order=order[:1], version=2)
    ballot.undo_last(by=by, version=3)
    ballot.submit(by=by)
    ballot.withdraw(by=by)
    ballot.submit(by=by)
    said.append(refused(RuleViolation, lambda: ballot.arrange(by=by, order=order[::-1], version=4)))
    RankingRound.objects.update(closes_at=timezone.now(), opened_at=timezone.now() - timedelta(days=1))
    said.append(refused(RuleViolation, lambda: ballot.withdraw(by=by)))
    ranking.close(by=cast.actor("project_group"))
    ranking.publish(by=cast.actor("project_group"))
    return ballot, said


def refused(kind, attempt):
    with pytest.raises(kind) as refusal:
        attempt()
    return f"{refusal.value} {refusal.value!r}"


def tells(text, ballot):
    return [word for word in (melody(IDS), melody(TITLES), re.compile(ballot.nonce)) if word.search(text)]


def tables():
    """{table: all its rows as text}"""
    with connection.cursor() as cursor:
        found = {}
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")  # noqa: S608
            found[name] = "\n".join(map(repr, cursor.fetchall()))
    return found


def test_only_the_ballots_own_table_holds_what_it_says(cast, ranking):
    ballot, _said = sing(cast, ranking)

    telling = [name for name, rows in tables().items() if tells(rows, ballot)]

    assert telling == [Ballot._meta.db_table]  # which also shows that it would have been found elsewhere


def test_no_log_tells_of_it(cast, ranking, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    browser = browser_of(cast.department_head)
    browser.get(ranking.get_absolute_url())

    ballot, _said = sing(cast, ranking)
    logging.getLogger("test").info("canary %s", ballot.order)

    lines = [*(record.getMessage() for record in caplog.records), *"".join(capsys.readouterr()).splitlines()]
    telling = [line for line in lines if tells(line, ballot)]
    assert f"canary {ballot.order}" in telling
    assert [line for line in telling if "canary" not in line] == []


def test_no_refusal_and_no_name_tells_of_it(cast, ranking):
    ballot, said = sing(cast, ranking)

    words = [*said, str(ballot), repr(ballot), str(ballot.elector), str(ranking), repr(ranking)]

    assert [word for word in words if tells(word, ballot)] == []


def test_there_is_neither_a_history_nor_an_admin_of_ballots():
    assert not hasattr(Ballot, "changes")
    assert [model for model in apps.get_models() if model.__name__ in ("HistoricalBallot", "HistoricalElector")] == []
    assert "django.contrib.admin" not in settings.INSTALLED_APPS


def test_no_page_of_the_round_tells_of_it(cast, ranking):
    ballot, _said = sing(cast, ranking)
    people = [name for name in (*Role.values, "other_head") if name != "department_head"]

    pages = {name: browser_of(getattr(cast, name)).get(ranking.get_absolute_url()) for name in people}

    assert {page.status_code for page in pages.values()} == {200, 404}
    assert [name for name, page in pages.items() if tells(page.content.decode(), ballot)] == []


def test_the_receipts_stand_in_an_order_that_tells_nothing(cast):
    people = [cast.department_head, cast.other_head, *rankings.heads(cast, 6)]
    ranking = rankings.open_(cast)
    receipts = [rankings.vote(ranking, user).receipt for user in people]

    rankings.closed(cast, ranking)

    assert ranking.results["receipts"] == sorted(receipts)
    assert len(receipts) == len(people)
