"""The frame of a strategy: fields, stages, scales, units, members, deputies, sessions, papers, the strategy itself."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from strategy.models import (
    CouncilPaper,
    CouncilSession,
    Deputyship,
    FieldOfAction,
    GroupRole,
    Light,
    Membership,
    OrganisationalUnit,
    Phase,
    Priority,
    Stage,
    Strategy,
)

from .names import NAMED_BY
from .told import Root, Told, tell

HISTORY_OF_STRUCTURE = "strategy.view_history_of_structure"

NAMED_BY |= {
    Membership: ("user", "unit"),
    GroupRole: ("unit",),
    Deputyship: ("deputy", "membership__unit"),
    CouncilSession: ("body",),
}
PAGES = {
    FieldOfAction: "fields",
    Stage: "stages",
    Phase: "phases",
    Priority: "priorities",
    Light: "lights",
    OrganisationalUnit: "units",
    Membership: "members",
    GroupRole: "groups",
    Deputyship: "deputies",
    CouncilSession: "sessions",
    CouncilPaper: "papers",
}
MAINTAINED = (Strategy, *PAGES)
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


def history_url(row):
    """Who reads of it may not edit it in every case, so it leads to its own history."""
    if isinstance(row, Strategy):
        return reverse("strategy:settings-history", args=[row.slug])
    return reverse(f"strategy:{PAGES[type(row)]}-history", args=[row.strategy.slug, row.pk])


def rows_for(model):
    """The rows of a strategy with what their names are made of, for who maintains them."""

    def rows(actor, strategy):
        if not maintains(actor, strategy.pk):
            return model.objects.none()
        if model is Strategy:
            return model.objects.filter(pk=strategy.pk)
        return model.objects.filter(strategy=strategy).select_related(*NAMED_BY.get(model, [None]))

    return rows


tell(
    {
        model: Told(of=(model,), fields=fields_of(model), long_texts=LONG_TEXTS, is_told_to=maintains)
        for model in MAINTAINED
    },
    {
        model: Root(
            since=lambda rows, actor: {},
            section=("frame", _("Frame")),
            listed=rows_for(model),
            gone_to=maintains,
            url=history_url,
        )
        for model in MAINTAINED
    },
)
