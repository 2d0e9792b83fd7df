"""The field changes of a history, from the rows of ``changes``."""

from .deeds import deeds_of
from .entries import Entry, subject_of
from .names import Names
from .told import TOLD


def changes_of(stories):
    """One entry per deed that changes something a reader knows; names are looked up together."""
    actor = stories.actor
    found = [
        (deed, row_changes)
        for model in models_told(stories.model, actor, stories.strategy_id)
        if stories.may_tell_changes(model)
        for deed in deeds_of(model, stories)
        if stories.tells_change(deed.root_pk, deed.at) and (row_changes := deed.changes()) is not None
    ]
    kept_back = stories.told.kept_back(list(stories.roots.values()), actor)
    found = [(deed, [change for change in changes if change.name not in kept_back(deed)]) for deed, changes in found]
    names = Names(actor, (ref for deed, changes in found for ref in deed.references(changes)))
    stories.meet(pk for deed, _changes in found for pk in (deed.user_id, deed.in_place_of_id))
    for deed, changes in found:
        if not deed.told.is_told(deed.row, names):
            continue
        yield Entry(
            at=deed.at,
            text=deed.words(stories.model, deed.root_pk, names),
            user=stories.people.get(deed.user_id),
            in_place_of=stories.people.get(deed.in_place_of_id),
            kind=deed.model,
            changes=[change.shown(deed.model, names) for change in changes],
            subject=subject_of(deed.model, deed.row["id"], stories.model, deed.root_pk) if deed.is_by_a_step else None,
            root=stories.roots[deed.root_pk],
            is_gone=deed.root_pk in stories.gone,
        )


def models_told(root_model, actor, strategy_id):
    """Whose changes this actor may read in the history of such a root."""
    return [model for model, told in TOLD.items() if root_model in told.of and told.is_told_to(actor, strategy_id)]
