"""What a bulk edit would make of one measure: plain values in and out, as they are stored with it."""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

CORE = ("field", "stage", "lead_unit")  # core fields that may be changed for many at once
LINKS = ("phase", *CORE)
EMPTY = {"responsible_function": "", "phase": None}


@dataclass
class Plan:
    """``after`` is what changes, ``before`` what stood there; ``amendment`` needs an amendment, ``why_not`` stays."""

    before: dict = field(default_factory=dict)
    after: dict = field(default_factory=dict)
    amendment: dict = field(default_factory=dict)
    why_not: list = field(default_factory=list)

    def change(self, name, before, after):
        if before != after:
            self.before[name], self.after[name] = before, after


def values_of(measure):
    """Everything a bulk edit may change, as it can be stored and compared."""
    links = {name: getattr(measure, f"{name}_id") for name in LINKS}
    return links | {
        "responsible_function": measure.responsible_function,
        "tags": sorted(tag.name for tag in measure.tags.all()),
        "ends_on": measure.ends_on and measure.ends_on.isoformat(),
        "date_precision": measure.date_precision,
    }


def plan(measure, wanted):
    """Takes a measure and {what: value} of the bulk edit."""
    made, values = Plan(), values_of(measure)
    if measure.state not in measure.EDITABLE:
        made.why_not.append(_("This measure has ended and is no longer edited."))
        return made
    for name, empty in EMPTY.items():
        if name in wanted or name in wanted.get("clear", ()):
            made.change(name, values[name], wanted.get(name, empty))
    made.change("tags", values["tags"], tags_after(values["tags"], wanted))
    plan_end(made, measure, values, wanted)
    plan_core(made, measure, values, wanted)
    if not (made.after or made.amendment or made.why_not):
        made.why_not.append(_("Nothing changes here."))
    return made


def tags_after(names, wanted):
    gone = {name.casefold() for name in wanted.get("remove_tags", ())}
    kept = [name for name in names if name.casefold() not in gone]
    known = {name.casefold() for name in kept}
    return sorted([*kept, *(name for name in wanted.get("add_tags", ()) if name.casefold() not in known)])


def plan_end(made, measure, values, wanted):
    if "ends_on" in wanted.get("clear", ()):
        made.change("ends_on", values["ends_on"], None)
    if "ends_on" not in wanted and "shift" not in wanted:
        return
    if "shift" in wanted and not measure.ends_on:
        made.why_not.append(_("It has no end that could be moved."))
        return
    end, precision = new_end(measure, wanted)
    if reason := why_no_end(measure, end, precision, wanted):
        made.why_not.append(reason)
        return
    made.change("date_precision", values["date_precision"], precision)
    made.change("ends_on", values["ends_on"], end.isoformat())


def new_end(measure, wanted):
    if "shift" in wanted:
        return shifted(measure.ends_on, wanted["shift"], measure.date_precision), measure.date_precision
    return date.fromisoformat(wanted["ends_on"]["day"]), wanted["ends_on"]["precision"]


def why_no_end(measure, end, precision, wanted):
    if measure.is_permanent:
        return _("A permanent task has no end.")
    if wanted.get("shift", 0) % 12 and precision == "year":
        return _("Its end is known to the year only and moves by whole years.")
    if measure.starts_on and precision != measure.date_precision:
        return _("Its begin is not known equally exactly.")
    if measure.starts_on and end < measure.starts_on:
        return _("The end would lie before the begin.")
    return ""


def shifted(day, months, precision):
    """So many months later; the last day of a month or year stays a last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, last if precision != "day" else min(day.day, last))


def plan_core(made, measure, values, wanted):
    core = {name: wanted[name] for name in CORE if name in wanted and values[name] != wanted[name]}
    if measure.core_is_open:
        for name, value in core.items():
            made.change(name, values[name], value)
    elif core and measure.state in type(measure).amend.sources:
        made.amendment = core
    elif core:
        made.why_not.append(_("Field, stage and lead unit are fixed while it is in review."))
