"""Steps that other programs are told of: kind, object and state, and only what a reader of the strategy could see.

Apps say which steps of their models are told (``tells``); the gate hands over each step within its transaction, so
that an event is written if and only if the step is. Words people have typed are no part of it.
"""

import json
import uuid
from dataclasses import dataclass

from django.utils.translation import gettext

from strategy.actor import Actor
from strategy.letters import absolute
from strategy.models import Membership, Role, User, Webhook, WebhookDelivery

#: {kind: its name for people}
KINDS = {}
_TOLD = {}
TEST = "test"


@dataclass(frozen=True)
class Telling:
    """How steps of a model are told: {verb: kind}, and what gives the object's code and address."""

    verbs: dict
    code: object
    address: object


def tells(model, verbs, *, code, address):
    """Let steps of a model be told: {verb: kind of event}. Takes functions of a row."""
    _TOLD[model] = Telling(verbs, code, address)


def words_of(event):
    """What an event is called by people."""
    return KINDS.get(event.rpartition(".")[0]) or gettext("Test event")


def name_kinds(**names):
    KINDS.update(names)


def onlooker(strategy_id):
    """Somebody who may read and nothing more."""
    return Actor(User(), [Membership(role=Role.READER, strategy_id=strategy_id)])


def publish(row, entry):
    """Put the step into the outbox of every webhook that wants it. Needs the step's transaction."""
    telling = _TOLD.get(type(row))
    kind = telling and telling.verbs.get(entry.verb)
    if not kind or row.pk is None:
        return
    hooks = Webhook.objects.wanting(kind, row.strategy_id)
    if hooks and onlooker(row.strategy_id).has_perm(row.permission("view"), row):
        _queue(hooks, f"{kind}.{entry.verb}", entry.at, said_of(row, telling))


def said_of(row, telling):
    return {
        "kind": row._meta.model_name,
        "code": telling.code(row),
        "url": absolute(telling.address(row)),
        "state": row.state,
        "strategy": row.strategy.slug,
    }


def publish_test(hook, at):
    """An event about nothing, to see whether it arrives."""
    data = {"kind": TEST, "code": "", "url": absolute(hook.strategy.get_absolute_url()), "state": "", "strategy": ""}
    _queue([hook], TEST, at, data | {"strategy": hook.strategy.slug})


def _queue(hooks, kind, at, data):
    event = uuid.uuid4()
    body = json.dumps({"type": kind, "timestamp": at.isoformat(), "data": data}, separators=(",", ":"), sort_keys=True)
    for hook in hooks:
        WebhookDelivery(strategy_id=hook.strategy_id, webhook=hook, event=event, kind=kind, body=body).save()
