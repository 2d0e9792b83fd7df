"""Needs of the staff council in bulk: as many in each state."""

from datetime import timedelta

from django.contrib.contenttypes.models import ContentType

from measures.models import Need
from strategy.models import Strategy, Transition

from .times import noon

S, OUTCOME = Need.State, Need.Outcome
FOR_EVERY = 10  # measures one need
STEPS = {  # what leads to each state
    S.DRAFT: (),
    S.SUBMITTED: ("submit",),
    S.ACKNOWLEDGED: ("submit", "acknowledge"),
    S.ANSWERED: ("submit", "acknowledge", "answer"),
    S.OBJECTED: ("submit", "acknowledge", "answer", "object"),
    S.SETTLED: ("submit", "acknowledge", "answer", "settle"),
    S.WITHDRAWN: ("submit", "withdraw"),
}
LEADS_TO = {
    "submit": S.SUBMITTED,
    "acknowledge": S.ACKNOWLEDGED,
    "answer": S.ANSWERED,
    "object": S.OBJECTED,
    "settle": S.SETTLED,
    "withdraw": S.WITHDRAWN,
}
DAYS = {"submit": 0, "acknowledge": 1, "answer": 18, "object": 25, "settle": 30, "withdraw": 5}  # after submission
TEXT = "Für dieses Angebot fehlen in den Ämtern Zeit und Mittel."
REASON = "Darüber ist im nächsten Doppelhaushalt zu entscheiden."


def make_needs(load, measures):
    """One need for so many measures, with their steps, for the strategy and counters of a ``Load``."""
    count = max(len(STEPS), measures // FOR_EVERY)
    needs = load.keep(Need, [_need(load, number) for number in range(count)])
    Strategy.objects.filter(pk=load.strategy.pk).update(last_need_number=load.last_need_number)
    kind = ContentType.objects.get_for_model(Need)
    load.write(Transition, [step for need in needs for step in _steps(load, need, kind)])


def _need(load, number):
    state = list(STEPS)[number % len(STEPS)]
    verbs = STEPS[state]
    row = Need(strategy=load.strategy, state=state, title=f"Bedarf {number + 1}: {load.thing()}", text=TEXT)
    if not verbs:
        return row
    load.last_need_number += 1
    row.number = load.last_need_number
    row.submitted_on = load.today - timedelta(days=load.random.randrange(15 if len(verbs) < 3 else 400) + 5)
    row.due_on = row.submitted_on + timedelta(days=21)
    row.acknowledged_on = row.submitted_on + timedelta(days=DAYS["acknowledge"]) if "acknowledge" in verbs else None
    if "answer" in verbs:
        _answer(load, row)
    if "object" in verbs:
        row.objection, row.objected_on = TEXT, row.submitted_on + timedelta(days=DAYS["object"])
    return row


def _answer(load, row):
    row.answer_text, row.answered_on = REASON, row.submitted_on + timedelta(days=DAYS["answer"])
    row.outcome = load.random.choice([OUTCOME.MERGED, OUTCOME.DEFERRED, OUTCOME.DECLINED])
    if row.outcome == OUTCOME.MERGED:
        row.measure = load.random.choice(load.all)
    elif row.outcome == OUTCOME.DEFERRED:
        row.deferred_to = load.random.choice(load.stages)


def _steps(load, need, kind):
    before = S.DRAFT
    for verb in STEPS[need.state]:
        yield Transition(
            strategy=load.strategy,
            content_type=kind,
            object_id=str(need.pk),
            label=str(need),
            verb=verb,
            before=before,
            after=LEADS_TO[verb],
            at=noon(need.submitted_on + timedelta(days=DAYS[verb])),
            user=load.user,
            reason=REASON if verb in ("answer", "object") else "",
        )
        before = LEADS_TO[verb]
