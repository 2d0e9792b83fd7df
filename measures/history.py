"""What happened to a measure or a need, step by step and field by field, in readable words.

Steps come from ``Transition``, field changes from ``changes``. Everything starts from ``visible_to`` and from the
moment the object became visible to the reader. A new kind of object needs its steps and fields in the tables below,
``visible_since`` on its model, and a line in ``PARTS`` and ``steps_told``.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import BooleanField, CharField, DateField, DecimalField, Q, UUIDField
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from measures.models import (
    Attachment,
    Condition,
    Indicator,
    IndicatorValue,
    Measure,
    MeasureLink,
    Milestone,
    Need,
    ResourceRequest,
    Review,
    ReviewResponse,
    ReviewSlot,
    StaffParticipation,
    TextVersion,
)
from strategy.models import Transition, User
from strategy.templatetags.portal import shown_date

from .figures import figure

ONE_DEED = timedelta(seconds=2)  # what one person saves within it belongs together: a step and the fields it sets

STEPS = {
    "measure": {
        "submit": _("Submitted, review opened"),
        "send_back": _("Sent back to the project group"),
        "agree": _("Agreed, review closed"),
        "decide": _("Decided"),
        "prioritise": _("Priority set"),
        "start": _("Started"),
        "report_status": _("Status reported"),
        "complete": _("Completed"),
        "pause": _("Paused"),
        "resume": _("Resumed"),
        "drop": _("Dropped"),
        "amend": _("Amendment proposed, review opened"),
    },
    "need": {
        "submit": _("Submitted"),
        "acknowledge": _("Receipt confirmed"),
        "extend": _("Interim notice, more time for the answer"),
        "answer": _("Answered"),
        "object": _("Objection made"),
        "answer_objection": _("Objection answered"),
        "settle": _("Settled"),
        "withdraw": _("Withdrawn"),
    },
    "textversion": {
        "agree": _("Amendment agreed, review closed: version %(object)s"),
        "decide": _("Amendment in force: version %(object)s"),
        "reject": _("Amendment rejected: version %(object)s"),
        "withdraw": _("Amendment withdrawn: version %(object)s"),
        "lapse": _("Amendment ended with the measure: version %(object)s"),
    },
    "reviewslot": {"respond": _("Statement given: %(object)s")},
    "reviewresponse": {"settle": _("Objection settled: %(object)s")},
    "condition": {"meet": _("Condition met: %(object)s")},
    "staffparticipation": {
        "start": _("Formal participation opened"),
        "inform_again": _("Formal participation: informed again, the clock starts anew"),
        "extend": _("Formal participation: more time given"),
        "specify": _("Formal participation: provision and council papers named"),
        "state_view": _("Formal participation: the staff council has stated its view"),
        "conclude": _("Formal participation concluded"),
    },
    "rankinground": {
        "open": _("Ranking opened"),
        "extend": _("More time given"),
        "close": _("Ranking closed, results computed"),
        "publish": _("Results published"),
        "decide": _("Priorities set"),
        "cancel": _("Ranking cancelled"),
    },
    "resourcerequest": {
        "register": _("Registered for the budget: %(object)s"),
        "grant": _("Granted: %(object)s"),
        "grant_partly": _("Partly granted: %(object)s"),
        "refuse": _("Refused: %(object)s"),
    },
}

FROM_A_NEED = _("Taken up from a need: %(object)s")  # how a measure tells a need's answer

FIELDS = {
    Measure: (
        "title",
        "goal",
        "description",
        "field",
        "stage",
        "lead_unit",
        "involved_units",
        "responsible_function",
        "phase",
        "priority",
        "starts_on",
        "ends_on",
        "date_precision",
        "is_permanent",
        "status_known",
        "light",
        "progress",
        "source",
    ),
    Milestone: ("title", "due_on", "date_precision", "reached_on", "source"),
    MeasureLink: ("kind", "source_measure", "target_measure"),
    ResourceRequest: ("kind", "year", "amount", "granted_amount"),
    Indicator: ("name", "definition", "unit", "target", "target_year"),
    IndicatorValue: ("indicator", "value", "qualifier", "as_of", "date_precision", "scope", "source"),
    Need: (
        "kind",
        "legal_basis",
        "resolved_on",
        "title",
        "text",
        "reasons",
        "affected_units",
        "affected_groups",
        "employees_behind",
        "urgency",
        "wished_stage",
        "origin",
        "is_confidential",
        "due_on",
        "outcome",
        "deferred_to",
    ),
    Attachment: ("name",),
    StaffParticipation: ("kind", "paragraph", "informed_on", "due_on", "vote", "statement"),
}
UNITS = {Measure: "involved_units", Need: "affected_units"}  # fields of many rows, with a history of their own
PARTS = {Need: (Need, Attachment)}  # whose fields a root tells; a measure tells all the others
NAMING = {  # fields that are told by the name of the object
    Milestone: ("title",),
    MeasureLink: ("kind", "source_measure", "target_measure"),
    ResourceRequest: ("kind", "year"),
    Indicator: ("name",),
    IndicatorValue: ("indicator",),
    Attachment: ("name",),
    StaffParticipation: (),
}
PRECISIONS = {"date_precision"}
LONG_TEXTS = {"goal", "description", "status_known", "definition", "text", "reasons", "statement"}
HAPPENED = {
    "+": {
        Milestone: _("Milestone added: %(object)s"),
        MeasureLink: _("Link added: %(object)s"),
        ResourceRequest: _("Resource request added: %(object)s"),
        Indicator: _("Indicator added: %(object)s"),
        IndicatorValue: _("Value added: %(object)s"),
        Attachment: _("Attachment added: %(object)s"),
        StaffParticipation: _("Formal participation opened"),
    },
    "~": {
        Milestone: _("Milestone changed: %(object)s"),
        MeasureLink: _("Link changed: %(object)s"),
        ResourceRequest: _("Resource request changed: %(object)s"),
        Indicator: _("Indicator changed: %(object)s"),
        IndicatorValue: _("Value changed: %(object)s"),
        Attachment: _("Attachment changed: %(object)s"),
        StaffParticipation: _("Formal participation changed"),
    },
    "-": {
        Milestone: _("Milestone removed: %(object)s"),
        MeasureLink: _("Link removed: %(object)s"),
        ResourceRequest: _("Resource request removed: %(object)s"),
        Indicator: _("Indicator removed: %(object)s"),
        IndicatorValue: _("Value removed: %(object)s"),
        Attachment: _("Attachment removed: %(object)s"),
        StaffParticipation: _("Formal participation removed"),
    },
}


@dataclass
class FieldChange:
    label: str | Promise
    before: object
    after: object
    is_text: bool = False


@dataclass
class Entry:
    """One thing that happened: when, what, what changed by it, who did it and why."""

    at: datetime
    text: str | Promise
    user: User | None
    in_place_of: User | None
    why: str = ""
    changes: list[FieldChange] = field(default_factory=list)
    version: int | None = None
    subject: tuple | None = None  # a step takes over the changes of the same subject


def history_of(root, actor):
    """All entries this actor may read of a measure or a need, the newest first; in a constant number of queries."""
    since = root.visible_since(actor)
    steps = list(steps_of(root, actor, since))
    changes = list(changes_of(root, actor, since))
    entries = sorted([*steps, *(c for c in changes if not belongs_to_a_step(c, steps))], key=lambda e: e.at)
    return entries[::-1]


def belongs_to_a_step(change, steps):
    """Hand what a step changed over to its entry; whether one was found."""
    if change.subject is None:
        return False
    for step in steps:
        if (
            step.subject == change.subject
            and step.user == change.user
            and timedelta() <= step.at - change.at <= ONE_DEED
        ):
            step.changes += change.changes
            return True
    return False


# Steps


def steps_of(root, actor, since):
    about = Q()
    for rows in steps_told(root, actor):
        about |= Q(content_type=ContentType.objects.get_for_model(rows.model), object_id__in=ids_of(rows))
    steps = Transition.objects.filter(about, strategy=root.strategy_id)
    if since is not None:
        steps = steps.filter(at__gte=since)
    sees_proposals = type(root) is Measure and Review.objects.visible_to(actor).filter(measure=root).exists()
    names = names_of_parts(root)
    for step in steps.select_related("content_type", "user", "in_place_of"):
        model, verb = step.content_type.model, step.verb
        if not sees_proposals and (verb == "amend" or (model == "textversion" and verb != "decide")):
            continue
        if is_aside(root, model, verb):
            continue
        name = names.get((model, step.object_id), step.label)
        words = words_of(root, model, verb)
        yield Entry(
            at=step.at,
            text=words % {"object": name} if words else f"{verb}: {name}",
            user=step.user,
            in_place_of=step.in_place_of,
            why=step.reason,
            version=int(name) if model == "textversion" else None,
            subject=subject_of(model, step.object_id, root),
        )


def ids_of(rows):
    """The ids as ``Transition`` writes them: SQLite stores a UUID otherwise than it is written."""
    if isinstance(rows.model._meta.pk, UUIDField):
        return [str(pk) for pk in rows.values_list("pk", flat=True)]
    return rows.order_by().values_list(Cast("pk", CharField()))


def steps_told(root, actor):
    """The rows whose steps belong to the story, as far as the actor may know of them."""
    return steps_of_a_measure(root, actor) if type(root) is Measure else [type(root).objects.filter(pk=root.pk)]


def steps_of_a_measure(measure, actor):
    responses = ReviewResponse.objects.visible_to(actor).filter(slot__review__measure=measure)
    return [
        Measure.objects.filter(pk=measure.pk),
        TextVersion.objects.visible_to(actor).filter(measure=measure),
        ReviewSlot.objects.filter(pk__in=responses.values("slot")),
        responses,
        Condition.objects.visible_to(actor).filter(response__slot__review__measure=measure),
        StaffParticipation.objects.visible_to(actor).filter(measure=measure),
        ResourceRequest.objects.filter(measure=measure),
        Need.objects.visible_to(actor).filter(measure=measure),
    ]


def is_aside(root, model, verb):
    """A measure tells of its needs only how they led to it."""
    return type(root) is Measure and model == "need" and verb != "answer"


def words_of(root, model, verb):
    if type(root) is Measure and model == "need":
        return FROM_A_NEED
    return STEPS.get(model, {}).get(verb)


def subject_of(model, pk, root):
    """What a step and a change have to share to be one entry: putting an amendment into force changes the measure."""
    if model == "textversion":
        return ("measure", str(root.pk))
    return (model, str(pk))


def names_of_parts(root):
    """{(model, id): what it is called}: numbers of versions, and who is asked, for slots and statements."""
    return names_of_parts_of_a_measure(root) if type(root) is Measure else {}


def names_of_parts_of_a_measure(measure):
    versions = TextVersion.objects.filter(measure=measure).values_list("pk", "number")
    slots = list(
        ReviewSlot.objects.filter(review__measure=measure).select_related("unit").prefetch_related("responses")
    )
    return {
        **{("textversion", str(pk)): number for pk, number in versions},
        **{("reviewslot", str(slot.pk)): slot.asked for slot in slots},
        **{("reviewresponse", str(row.pk)): slot.asked for slot in slots for row in slot.responses.all()},
    }


# Fields


def changes_of(root, actor, since):
    """One entry per row of history that changes something a reader knows; names are looked up together."""
    found = [
        (deed, row_changes)
        for model in models_told(root, actor)
        for deed in deeds_of(model, history_rows(model, root))
        if (since is None or deed.at > since) and (row_changes := deed.changes()) is not None
    ]
    names = Names(actor, (ref for deed, changes in found for ref in deed.references(changes)))
    people = User.objects.in_bulk({pk for deed, _changes in found for pk in (deed.user_id, deed.in_place_of_id) if pk})
    for deed, changes in found:
        if deed.model is MeasureLink and not deed.leads_to_visible(names):
            continue
        yield Entry(
            at=deed.at,
            text=deed.words(root, names),
            user=people.get(deed.user_id),
            in_place_of=people.get(deed.in_place_of_id),
            changes=[change.shown(deed.model, names) for change in changes],
            subject=subject_of(deed.model._meta.model_name, deed.row["id"], root) if deed.is_by_a_step else None,
        )


def models_told(root, actor):
    """Whose changes this actor may read; formal participation is for those who take part."""
    if type(root) in PARTS:
        return PARTS[type(root)]
    parts_of_others = {model for models in PARTS.values() for model in models}
    participation = StaffParticipation(measure=root, strategy_id=root.strategy_id)
    takes_part = actor.has_perm("measures.view_staffparticipation", participation)
    return [
        model for model in FIELDS if model not in parts_of_others and (takes_part or model is not StaffParticipation)
    ]


def history_rows(model, root):
    """The rows of history of this root's objects of that model, as dictionaries in order of object and time."""
    changes = model.changes
    rows = {
        type(root): lambda: changes.filter(id=root.pk),
        MeasureLink: lambda: changes.filter(Q(source_measure_id=root.pk) | Q(target_measure_id=root.pk)),
        IndicatorValue: lambda: changes.filter(
            indicator_id__in=Indicator.changes.filter(measure_id=root.pk).values("id")
        ),
    }.get(model, lambda: changes.filter(**{root._meta.model_name: root.pk}))()
    columns = [model._meta.get_field(name).attname for name in FIELDS[model] if name != UNITS.get(model)]
    if model in UNITS:
        columns.append("version")
    always = ("id", "history_id", "history_date", "history_type", "history_user_id", "in_place_of_id")
    rows = list(rows.order_by("id", "history_date", "history_id").values(*always, *columns))
    if model in UNITS:
        add_units(rows, root, UNITS[model])
    return rows


def add_units(rows, root, name):
    through = apps.get_model("measures", f"Historical{type(root).__name__}_{name}")
    of_root = through.objects.filter(**{root._meta.model_name: root.pk})
    units = defaultdict(set)
    for row, unit in of_root.values_list("history_id", "organisationalunit_id"):
        units[row].add(unit)
    for row in rows:
        row[name] = frozenset(units[row["history_id"]])


@dataclass
class RawChange:
    """A field's values as stored, with the rows they stand in (a date is as exact as its row says)."""

    name: str
    before: object
    after: object
    rows: tuple

    def shown(self, model, names):
        column = model._meta.get_field(self.name)
        before, after = (
            shown_value(column, value, row, names)
            for value, row in zip((self.before, self.after), self.rows, strict=True)
        )
        return FieldChange(column.verbose_name, before, after, is_text=self.name in LONG_TEXTS)


@dataclass
class Deed:
    """What one person changed in one object at one moment; several rows of history where it was saved in pieces."""

    model: type
    before: dict | None
    row: dict
    kind: str

    @property
    def at(self):
        return self.row["history_date"]

    @property
    def is_by_a_step(self):
        """Whether a step may have made it; formal participation begins with one."""
        return self.kind == "~" or self.model is StaffParticipation

    @property
    def user_id(self):
        return self.row["history_user_id"]

    @property
    def in_place_of_id(self):
        return self.row["in_place_of_id"]

    def changes(self):
        """The fields that differ; None where there is nothing to tell."""
        if self.kind == "+":
            return [] if self.model in UNITS else list(self._filled_in())
        if self.kind == "-":
            return []
        changed = changed_fields(self.model, self.before, self.row)
        return [self._change(name) for name in changed] or None

    def _filled_in(self):
        for name in FIELDS[self.model]:
            value = self.row[column_of(self.model, name)]
            if name not in (*NAMING[self.model], *PRECISIONS) and value not in (None, ""):
                yield RawChange(name, None, value, (None, self.row))

    def _change(self, name):
        column = column_of(self.model, name)
        return RawChange(name, self.before[column], self.row[column], (self.before, self.row))

    def references(self, changes):
        """[(model, id)] of everything whose name is needed to tell this."""
        for change in changes:
            column = self.model._meta.get_field(change.name)
            if column.is_relation:
                for value in (change.before, change.after):
                    yield from (
                        (column.related_model, pk) for pk in (value if isinstance(value, frozenset) else [value])
                    )
        if self.model is MeasureLink:
            yield from ((Measure, self.row[name]) for name in ("source_measure_id", "target_measure_id"))
        elif self.model is IndicatorValue:
            yield (Indicator, self.row["indicator_id"])

    def leads_to_visible(self, names):
        return all(names.has(Measure, self.row[name]) for name in ("source_measure_id", "target_measure_id"))

    def words(self, root, names):
        if self.model is type(root):
            return _("Created") if self.kind == "+" else _("Changed")
        return HAPPENED[self.kind][self.model] % {"object": self._name(root, names)}

    def _name(self, root, names):
        if self.model is MeasureLink:
            ends = (self.row["source_measure_id"], self.row["target_measure_id"])
            other = ends[1] if ends[0] == root.pk else ends[0]
            return f"{MeasureLink.Kind(self.row['kind']).label}: {names.of(Measure, other)}"
        if self.model is ResourceRequest:
            return f"{ResourceRequest.Kind(self.row['kind']).label} {self.row['year']}"
        if self.model is IndicatorValue:
            return names.of(Indicator, self.row["indicator_id"])
        return self.row[NAMING[self.model][0]] if NAMING[self.model] else ""


def column_of(model, name):
    return name if name == UNITS.get(model) else model._meta.get_field(name).attname


def changed_fields(model, before, after):
    """Names of the fields that differ; how exact a date is belongs to the date."""
    names = [name for name in FIELDS[model] if before[column_of(model, name)] != after[column_of(model, name)]]
    dates_too = any(isinstance(model._meta.get_field(name), DateField) for name in names)
    return [name for name in names if not (dates_too and name in PRECISIONS)]


def deeds_of(model, rows):
    for _pk, of_one in groupby(rows, key=lambda row: row["id"]):
        before = None
        for saved in together(model, list(of_one)):
            first, last = saved[0]["history_type"], saved[-1]["history_type"]
            yield Deed(model, before, saved[-1], "-" if last == "-" else first)
            before = saved[-1]


def together(model, rows):
    """Rows saved by one deed: the units have rows of their own, just before or after the other fields'."""
    pieces = []
    for before, row in zip([None, *rows], rows, strict=False):
        if pieces and model in UNITS and is_of_one_deed(model, before, row):
            pieces[-1].append(row)
        else:
            pieces.append([row])
    return pieces


def is_of_one_deed(model, before, row):
    """Whether the first of two rows of a measure changed nothing but its involved units."""
    same = all(before[name] == row[name] for name in ("version", "history_user_id"))
    changed_by_first = before.get("changed", set())
    row["changed"] = set(changed_fields(model, before, row))
    soon = row["history_date"] - before["history_date"] <= ONE_DEED
    return same and soon and changed_by_first <= {UNITS[model]} and row["history_type"] == "~"


class Names:
    """What referenced rows are called, one query a model; measures only where the actor may see them."""

    def __init__(self, actor, references):
        wanted = defaultdict(set)
        for model, pk in references:
            if pk is not None:
                wanted[model].add(pk)
        self.found = {
            model: (Measure.objects.visible_to(actor) if model is Measure else model._base_manager).in_bulk(ids)
            for model, ids in wanted.items()
        }

    def has(self, model, pk):
        return pk in self.found.get(model, {})

    def of(self, model, pk):
        row = self.found.get(model, {}).get(pk)
        return _("deleted in the meantime") if row is None else str(row)


def shown_value(column, value, row, names):
    if value in (None, "", frozenset()):
        return ""
    if isinstance(value, frozenset):
        return ", ".join(sorted(str(names.of(column.related_model, pk)) for pk in value))
    if column.is_relation:
        return names.of(column.related_model, value)
    if isinstance(column, DateField):
        return shown_date(value, row.get("date_precision", "day"))
    if column.choices:
        return dict(column.flatchoices).get(value, value)
    if isinstance(column, BooleanField):
        return _("yes") if value else _("no")
    if isinstance(column, DecimalField):
        return figure(value)
    return f"{value}\N{NO-BREAK SPACE}%" if column.name == "progress" else value
