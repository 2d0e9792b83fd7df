"""What has changed between two reports, measure by measure: from their projections alone.

Compared is what was decided, planned and measured. What the lead unit writes anew each time, its status and next steps,
stands on the sheet; that it was written anew is no change of the measure.
"""

from itertools import groupby

from .german import PARTS, day, measured, milestone_state, number, period, resource
from .projection import Change, Difference

REWRITTEN = ("goal", "description")  # too long to stand beside each other
SHOWN = {
    "title": lambda measure: measure.title,
    "lead_unit": lambda measure: measure.lead_unit,
    "responsible": lambda measure: measure.responsible,
    "stage": lambda measure: measure.stage,
    "period": period,
    "priority": lambda measure: measure.priority,
    "state": lambda measure: measure.state,
    "phase": lambda measure: measure.phase,
}


def changes_of(before, now, known_lights):
    """The changes of all measures, in the order of the report; those that it has no more come last.

    Takes the measures of the last projection and of this one, and the codes of the lights there are.
    """
    earlier = {measure.code: measure for measure in before}
    present = {measure.code for measure in now}
    changes = [change_of(earlier.get(measure.code), measure, known_lights) for measure in now]
    gone = [_gone(measure, known_lights) for measure in before if measure.code not in present]
    return tuple(change for change in (*changes, *gone) if change)


def change_of(before, now, known_lights):
    """The change of one measure, ``None`` where nothing is another; without a before it is new."""
    if before is None:
        return _change(now, "new", None, now, known_lights)
    differences = differences_of(before, now)
    if differences or (before.light, before.progress) != (now.light, now.progress):
        return _change(now, "changed", before, now, known_lights, differences)
    return None


def _gone(measure, known_lights):
    return _change(measure, "gone", measure, None, known_lights)


def _change(measure, kind, before, after, known_lights, differences=()):
    return Change(
        code=measure.code,
        title=measure.title,
        kind=kind,
        light_before=before.light if before and before.light in known_lights else None,
        light_after=after.light if after else None,
        progress_before=before.progress if before else None,
        progress_after=after.progress if after else None,
        differences=differences,
    )


def differences_of(before, now):
    return (
        *_values(before, now),
        *_texts(before, now),
        *_milestones(before, now),
        *_indicator(before.indicator, now.indicator),
        *_resources(before, now),
    )


def _values(before, now):
    for what, shown in SHOWN.items():
        if shown(before) != shown(now):
            yield Difference(what=what, before=shown(before), after=shown(now))


def _texts(before, now):
    for what in REWRITTEN:
        if getattr(before, what) != getattr(now, what):
            yield Difference(what=what)


def _milestones(before, now):
    return _pairs("milestones", _milestones_by_name(before), _milestones_by_name(now))


def _milestones_by_name(measure):
    """By title; of several with one title, by their order."""
    found = {}
    for row in measure.milestones:
        same = sum(title == row.title for title, _ in found)
        found[row.title, same] = f"{day(row.due)} {milestone_state(row)}"
    return found


def _indicator(before, now):
    return _pairs("indicator", _figures(before), _figures(now))


def _figures(indicator):
    """The last measured value and the target, each with its day."""
    if indicator is None:
        return {}
    dated = sorted((point for point in indicator.points if point.when), key=lambda point: point.when)
    figures = {}
    if dated:
        figures[indicator.name, 0] = f"{measured(dated[-1])} ({day(dated[-1].when)})"
    if indicator.target:
        until = f" bis {indicator.target_year}" if indicator.target_year else ""
        figures[f"Ziel für {indicator.name}", 0] = number(indicator.target) + until
    return figures


def _resources(before, now):
    return _pairs("resources", _resources_by_year(before), _resources_by_year(now))


def _resources_by_year(measure):
    rows = sorted(measure.resources, key=lambda row: (row.year, row.kind))
    return {
        (str(year), 0): "; ".join(f"{resource(row)} ({row.state})" if row.state else resource(row) for row in group)
        for year, group in groupby(rows, key=lambda row: row.year)
    }


def _pairs(what, before, now):
    for key in dict.fromkeys([*before, *now]):
        if before.get(key) != now.get(key):
            yield Difference(what=what, name=key[0], before=before.get(key, ""), after=now.get(key, ""))


def said(difference):
    """“Stufe: Stufe 1 → Stufe 2”, “neu: Konzept, 31.03.2027 ○ offen”, “Ziel neu gefasst”."""
    part = PARTS[difference.what]
    before, after = difference.before or "–", difference.after or "–"
    if difference.name:
        return f"{difference.name}: {before} → {after}"
    if difference.what in REWRITTEN:
        return f"{part} neu gefasst"
    return f"{part}: {before} → {after}"
