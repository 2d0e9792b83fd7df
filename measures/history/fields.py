"""The field changes of a history, from the rows of ``changes``."""

from django.db.models import Q

from measures.models import FEWEST_PEOPLE, Indicator, IndicatorValue, Measure
from strategy.models import User

from .deeds import deeds_of
from .entries import Entry, subject_of
from .names import Names
from .told import TOLD

FIGURES = {Indicator: ("baseline", "baseline_people"), IndicatorValue: ("value", "qualifier", "people")}


def changes_of(root, actor, since):
    """One entry per deed that changes something a reader knows; names are looked up together."""
    found = [
        (deed, row_changes)
        for model in models_told(root, actor)
        for deed in deeds_of(model, root)
        if (since is None or deed.at > since) and (row_changes := deed.changes()) is not None
    ]
    kept_back = figures_kept_back(root, actor)
    found = [(deed, without_figures(deed, changes, kept_back)) for deed, changes in found]
    names = Names(actor, (ref for deed, changes in found for ref in deed.references(changes)))
    people = User.objects.in_bulk({pk for deed, _changes in found for pk in (deed.user_id, deed.in_place_of_id) if pk})
    for deed, changes in found:
        if not deed.told.is_told(deed.row, names):
            continue
        yield Entry(
            at=deed.at,
            text=deed.words(root, names),
            user=people.get(deed.user_id),
            in_place_of=people.get(deed.in_place_of_id),
            changes=[change.shown(deed.model, names) for change in changes],
            subject=subject_of(deed.model._meta.model_name, deed.row["id"], root) if deed.is_by_a_step else None,
        )


def figures_kept_back(root, actor):
    """Ids of the indicators whose figures this actor may not read here: one of them rests, or rested, on few people."""
    if type(root) not in (Measure, Indicator) or actor.has_perm("measures.view_small_values", root):
        return set()
    own = Q(measure_id=root.pk) if type(root) is Measure else Q(id=root.pk)
    rows = Indicator.changes.filter(own)
    small = rows.filter(baseline_people__lt=FEWEST_PEOPLE).values_list("id", flat=True)
    values = IndicatorValue.changes.filter(indicator_id__in=rows.values("id"), people__lt=FEWEST_PEOPLE)
    return {*small, *values.values_list("indicator_id", flat=True)}


def without_figures(deed, changes, kept_back):
    names = FIGURES.get(deed.model)
    if not names or deed.row["indicator_id" if deed.model is IndicatorValue else "id"] not in kept_back:
        return changes
    return [change for change in changes if change.name not in names]


def models_told(root, actor):
    """Whose changes this actor may read in the history of this root."""
    return [model for model, told in TOLD.items() if type(root) in told.of and told.is_told_to(root, actor)]
