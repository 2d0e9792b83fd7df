"""The words in which permissions are written."""

import rules


def holds(*roles):
    """The actor is active and has one of these roles in the object's strategy."""
    return rules.predicate(
        lambda actor, obj: actor.is_active and obj is not None and actor.holds_any(roles, obj.strategy_id),
        name=f"holds:{'|'.join(roles)}",
    )


def holds_in_person(*roles):
    """The same, for a deputy only where they hold one of these roles themselves."""
    return rules.predicate(
        lambda actor, obj: obj is not None and obj.strategy_id in actor.strategies_in_person(*roles),
        name=f"holds in person:{'|'.join(roles)}",
    )


def leads(attribute, *roles):
    """The actor has one of these roles for the unit named by that attribute, or for one above it."""
    return rules.predicate(
        lambda actor, obj: actor.is_active and obj is not None and actor.leads(roles, getattr(obj, attribute)),
        name=f"leads:{attribute}",
    )


@rules.predicate
def is_system(actor, obj):
    """Beat or a command, in its own strategy."""
    return actor.is_system and obj is not None and actor.system_of.pk == obj.strategy_id
