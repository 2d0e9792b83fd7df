"""A ranking list as its page shows it: places in bands, the rest by field of action, and what is said about it."""

from dataclasses import dataclass, field
from itertools import groupby

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from measures.models import Measure
from measures.ordering import bands
from strategy.models import FieldOfAction
from strategy.templatetags.portal import shown_moment

BAND_TITLES = (_("Very high"), _("High"), _("Medium"), _("Low"))


@dataclass
class Row:
    item: int
    position: int
    code: str
    title: str
    field: FieldOfAction
    url: str
    place: int | None
    typed: str
    error: str = ""


@dataclass
class Band:
    title: Promise
    first: int
    last: int
    rows: list[Row] = field(default_factory=list)


@dataclass
class Group:
    field: FieldOfAction
    rows: list[Row]


class Sheet:
    """One ballot's page. ``form`` is what was sent and could not be taken: what was typed stays in its fields."""

    def __init__(self, ballot, actor, form=None):
        self.ballot = ballot
        rows = {row.item: row for row in rows_of(ballot, actor, form)}
        order = [rows[item] for item in ballot.order]
        self.places = ballot.round.places(len(rows))
        self.placed, self.left = len(order), len(rows) - len(order)
        self.bands = bands_of(order, bands(len(rows), self.places))
        self.rest = list(groups_of(rows.values()))

    @property
    def shown(self):
        return ",".join(map(str, self.ballot.order))

    @property
    def is_full(self):
        return self.placed >= self.places and self.left > 0

    @property
    def saved(self):
        return saved_words(self.ballot)

    @property
    def full_words(self):
        return gettext("All %(places)d places are taken. Please take a measure out first.") % {"places": self.places}

    @property
    def left_words(self):
        return ngettext("%(left)d not placed yet", "%(left)d not placed yet", self.left) % {"left": self.left}


def rows_of(ballot, actor, form):
    """Every measure of the round; its sheet is linked where this actor can still see it."""
    strategy = ballot.round.strategy
    visible = set(
        Measure.objects.visible_to(actor).filter(round_measures__round=ballot.round).values_list("pk", flat=True)
    )
    place_of = {item: place for place, item in enumerate(ballot.order, 1)}
    typed, errors = (form.typed, form.place_errors) if form else ({}, {})
    for position, row in enumerate(ballot.round.measures.select_related("field")):
        place = place_of.get(row.pk)
        yield Row(
            item=row.pk,
            position=position,
            code=row.code,
            title=row.title,
            field=row.field,
            url=reverse("measures:detail", args=[strategy.slug, row.code]) if row.measure_id in visible else "",
            place=place,
            typed=typed.get(row.pk, str(place or "")),
            error=errors.get(row.pk, ""),
        )


def bands_of(order, limits):
    return [
        Band(title, first, last, order[first - 1 : last])
        for title, (first, last) in zip(BAND_TITLES, limits, strict=False)
    ]


def groups_of(rows):
    """All fields of action that are ranked, also those of which everything is placed: rows come back to them."""
    by_field = sorted(rows, key=lambda row: (row.field.position, row.field.letter, row.position))
    for field_of_action, group in groupby(by_field, key=lambda row: row.field):
        yield Group(field_of_action, [row for row in group if row.place is None])


def saved_words(ballot):
    """When the ballot was last saved, to the minute."""
    if ballot.saved_at is None:
        return gettext("Is saved as you go")
    at = timezone.localtime(ballot.saved_at)
    if at.date() == timezone.localdate():
        return gettext("Saved at %(time)s") % {"time": date_format(at, "H:i")}
    return gettext("Saved on %(moment)s") % {"moment": shown_moment(ballot.saved_at)}


def state_of(ballot):
    """What the page's script has to know after each change."""
    return {
        "version": ballot.version,
        "order": ballot.order,
        "saved": saved_words(ballot),
        "undo": bool(ballot.undo),
    }
