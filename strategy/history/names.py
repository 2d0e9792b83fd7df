"""How values and referenced rows are written."""

from collections import defaultdict

from django.db.models import BooleanField, DateField, DateTimeField
from django.utils.translation import gettext_lazy as _

from strategy.templatetags.portal import shown_date, shown_moment

SHOWN = {}  # {kind of column: how its values are written}; the apps add theirs

NAMED_BY = {}  # {model: what its rows' names are made of}; the same

PRECISE_BY = {"baseline_on": "baseline_precision"}  # which field says how exact a date is, where not the usual one


class Names:
    """What referenced rows are called, one query a model; only where the actor may see them."""

    def __init__(self, actor, references):
        wanted = defaultdict(set)
        for model, pk in references:
            if pk is not None:
                wanted[model].add(pk)
        self.found = {model: visible(model, actor).in_bulk(ids) for model, ids in wanted.items()}

    def has(self, model, pk):
        return pk in self.found.get(model, {})

    def of(self, model, pk):
        row = self.found.get(model, {}).get(pk)
        return _("deleted in the meantime") if row is None else str(row)


def visible(model, actor):
    rows = model._default_manager.select_related(*NAMED_BY.get(model, [None]))
    return rows.visible_to(actor) if hasattr(rows, "visible_to") else rows


def shown_value(column, value, row, names):
    if value in (None, "", frozenset()):
        return ""
    if isinstance(value, frozenset):
        return ", ".join(sorted(str(names.of(column.related_model, pk)) for pk in value))
    if column.is_relation:
        return names.of(column.related_model, value)
    if isinstance(column, DateTimeField):
        return shown_moment(value)
    if isinstance(column, DateField):
        return shown_date(value, row.get(PRECISE_BY.get(column.name, "date_precision"), "day"))
    if column.choices:
        return dict(column.flatchoices).get(value, value)
    if isinstance(column, BooleanField):
        return _("yes") if value else _("no")
    if type(column) in SHOWN:
        return SHOWN[type(column)](value)
    return f"{value}\N{NO-BREAK SPACE}%" if column.name == "progress" else value
