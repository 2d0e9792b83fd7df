"""The frame of a strategy: fields, stages, scales, units, members, deputies, sessions, papers, the strategy itself."""

from strategy.models import (
    CouncilPaper,
    CouncilSession,
    Deputyship,
    FieldOfAction,
    Light,
    Membership,
    OrganisationalUnit,
    Phase,
    Priority,
    Stage,
    Strategy,
)

from .told import Root, Told, tell

HISTORY_OF_STRUCTURE = "strategy.view_history_of_structure"

MAINTAINED = (
    Strategy,
    FieldOfAction,
    Stage,
    Phase,
    Priority,
    Light,
    OrganisationalUnit,
    Membership,
    Deputyship,
    CouncilSession,
    CouncilPaper,
)
LONG_TEXTS = ("vision", "summary", "meaning", "note")


def maintains(actor, strategy_id):
    return actor.has_perm(HISTORY_OF_STRUCTURE, Membership(strategy_id=strategy_id))


def fields_of(model):
    """What somebody can type; the strategy never changes."""
    return tuple(
        column.name
        for column in model._meta.concrete_fields
        if column.editable and not column.primary_key and column.name not in ("strategy", "provenance")
    )


tell(
    {
        model: Told(of=(model,), fields=fields_of(model), long_texts=LONG_TEXTS, is_told_to=maintains)
        for model in MAINTAINED
    },
    {model: Root(since=lambda row, actor: None) for model in MAINTAINED},
)
