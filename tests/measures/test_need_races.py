"""P9 for needs: however often and from however many hands a step is taken at once, there is one deed."""

import pytest
from django.db import IntegrityError, connection, transaction

from measures.models import Attachment, Measure, Need
from measures.models.attachment import MOST_OF_ONE
from strategy.models import EditConflict, OutgoingMail, Strategy, Transition
from strategy.workflow import RuleViolation
from tests.measures.test_attachments import attach
from tests.measures.test_races import CLICKS, at_once

State, Outcome = Need.State, Need.Outcome

pytestmark = pytest.mark.django_db(transaction=True)


def need_in(cast, state=State.DRAFT):
    with transaction.atomic():
        return cast.need(state)


def outcome_of(deed):
    try:
        deed()
    except (RuleViolation, EditConflict) as refusal:
        return type(refusal)
    return None


@pytest.mark.sqlite
def test_fifty_clicks_submit_once_with_one_number_and_one_mail(cast):
    need, by = need_in(cast), cast.actor("staff_council")

    outcomes = at_once(CLICKS, lambda _n: outcome_of(lambda: Need.objects.get(pk=need.pk).submit(by=by)))

    cast.strategy.refresh_from_db()
    assert sorted(map(str, outcomes)) == sorted(map(str, [None] + [RuleViolation] * (CLICKS - 1)))
    assert (Need.objects.get().number, cast.strategy.last_need_number) == (1, 1)
    assert Transition.objects.filter(verb="submit").count() == 1
    assert [mail.recipient for mail in OutgoingMail.objects.all()] == [cast.project_group]


def test_fifty_needs_at_once_get_fifty_numbers_without_gaps(cast):
    needs, by = [need_in(cast) for _ in range(CLICKS)], cast.actor("staff_council")

    at_once(CLICKS, lambda n: needs[n].submit(by=by))

    assert sorted(Need.objects.values_list("number", flat=True)) == list(range(1, CLICKS + 1))


def test_without_the_lock_numbers_would_be_given_twice(cast, monkeypatch):
    """Negative control: a counter that is read before it is locked."""
    needs, by = [need_in(cast) for _ in range(CLICKS)], cast.actor("staff_council")

    def unlocked(strategy_id):
        number = Strategy.objects.get(pk=strategy_id).last_need_number + 1
        connection.cursor().execute("SELECT pg_sleep(0.02)")
        Strategy.objects.filter(pk=strategy_id).update(last_need_number=number)
        return number

    monkeypatch.setattr(Strategy, "next_need_number", unlocked)
    monkeypatch.setattr(Need, "announce", lambda need, entry: None)

    refused = at_once(CLICKS, lambda n: is_refused(lambda: needs[n].submit(by=by)))

    assert any(refused)


def is_refused(deed):
    """Whether the database's own constraint had to step in."""
    try:
        deed()
    except IntegrityError:
        return True
    return False


def test_fifty_clicks_adopt_once_and_make_one_measure(cast):
    need, by = need_in(cast, State.SUBMITTED), cast.actor("project_group")
    details = {"reason": "Gern", "outcome": Outcome.ADOPTED, "draft": {"field": cast.field}}

    outcomes = at_once(CLICKS, lambda _n: outcome_of(lambda: Need.objects.get(pk=need.pk).answer(by=by, **details)))

    cast.field.refresh_from_db()
    assert outcomes.count(None) == 1
    assert (Measure.objects.get().code, cast.field.last_number) == ("A1", 1)
    assert Need.objects.get().measure == Measure.objects.get()
    assert OutgoingMail.objects.filter(recipient=cast.staff_council).count() == 1


def test_an_answer_and_a_withdrawal_at_once_end_in_one_of_them(cast):
    council, team = cast.actor("staff_council"), cast.actor("project_group")
    for _round in range(10):
        need = need_in(cast, State.SUBMITTED)
        deeds = [
            lambda need=need: Need.objects.get(pk=need.pk).withdraw(by=council),
            lambda need=need: Need.objects.get(pk=need.pk).answer(by=team, reason="Nein", outcome=Outcome.DECLINED),
        ]

        outcomes = at_once(2, lambda n, deeds=deeds: outcome_of(deeds[n]))

        need.refresh_from_db()
        assert sorted(map(str, outcomes)) == sorted(map(str, [None, RuleViolation]))
        assert (need.state == State.ANSWERED) == bool(need.answer_text)


def test_two_needs_merged_into_each_other_at_once_neither_hang_nor_form_a_circle(cast):
    by = cast.actor("project_group")
    for _round in range(20):
        pair = [need_in(cast, State.SUBMITTED) for _ in range(2)]
        words = [{"reason": "Dasselbe", "outcome": Outcome.MERGED, "merged_into": other} for other in reversed(pair)]

        at_once(2, lambda n, pair=pair, words=words: outcome_of(lambda: pair[n].answer(by=by, **words[n])))

        merged = Need.objects.filter(pk__in=[need.pk for need in pair], merged_into__isnull=False)
        if not merged.exists():  # each found the other at work; whoever tries again gets through
            pair[0].answer(by=by, **words[0])
        assert merged.count() == 1


def test_of_many_editors_at_once_one_saves(cast):
    need, by = need_in(cast), cast.actor("staff_council")

    def save(number):
        return outcome_of(lambda: Need.objects.get(pk=need.pk).edit(by=by, version=1, changes={"title": str(number)}))

    outcomes = at_once(10, save)

    stored = Need.objects.get()
    assert sorted(map(str, outcomes)) == sorted(map(str, [None] + [EditConflict] * 9))
    assert (stored.version, stored.title) == (2, str(outcomes.index(None)))


def test_however_many_files_come_at_once_there_are_at_most_ten(cast):
    need = need_in(cast)

    outcomes = at_once(MOST_OF_ONE + 5, lambda _n: outcome_of(lambda: attach(cast, Need.objects.get(pk=need.pk))))

    assert outcomes.count(None) == MOST_OF_ONE
    assert Attachment.objects.count() == MOST_OF_ONE
