"""From a measure to what its sheet says on paper: what the reader may see, and of figures what may leave the house.

Paper is passed on: needs marked as confidential and values that rest on fewer than five people never stand on it.
"""

import re

from django.utils.translation import gettext, override

from measures.disclosure import disclosed, with_values, withheld
from measures.figures import ResourceTable, amount_shown, figure, shown_value, source_name
from measures.models import MeasureLink, Need, PriorityDecision
from reporting.print import measure_sheet as printed
from reporting.print.german import day as day_on_paper
from reporting.print.projection import Light, iso_day
from reporting.projection import decided_plans, printed_indicator, printed_milestones
from strategy.as_of import today

# The fields of a measure whose marks the sheet tells, and what its parts call them.
MARKED = {name: name for name in printed.HEADINGS} | {
    "responsible_function": "responsible",
    "involved_units": "involved",
    "starts_on": "period",
    "ends_on": "period",
    "council_papers": "papers",
}


def read(measure, actor):
    """In a number of queries that does not grow with what the sheet holds."""
    with override(measure.strategy.lang):
        return _Reader(measure, actor).sheet()


class _Reader:
    def __init__(self, measure, actor):
        self.measure, self.actor, self.today = measure, actor, today()
        self.involved = [str(unit) for unit in measure.involved_units.all()]
        self.tags = [str(tag) for tag in measure.tags.all()]
        self.update = measure.status_updates.first()
        self.milestones = list(measure.milestones.all())
        self.indicators = with_values(measure.indicators.all())
        self.resources = ResourceTable(measure.resource_requests.select_related("council_paper"))
        self.background = {
            "agreements": list(measure.worksagreements.all()),
            "surveys": list(measure.surveys.all()),
            "references": list(measure.references.all()),
        }

    def sheet(self):
        measure, strategy = self.measure, self.measure.strategy
        return printed.MeasureSheet(
            as_of=iso_day(self.today),
            strategy=strategy.title,
            field=str(measure.field),
            code=measure.code,
            title=measure.title,
            mark=gettext("Sample with example values") if strategy.is_demo else "",
            light=_light(measure.light),
            progress=measure.progress,
            state=str(measure.get_state_display()),
            phase=str(measure.phase or ""),
            priority=str(measure.priority or ""),
            lead_unit=str(measure.lead_unit or ""),
            responsible=measure.responsible_function,
            involved=tuple(self.involved),
            stage=str(measure.stage or ""),
            begins=iso_day(measure.starts_on, measure.date_precision),
            ends=iso_day(measure.ends_on, measure.date_precision),
            is_permanent=measure.is_permanent,
            decided_on=iso_day(measure.decided_on),
            origin=self.origin(),
            tags=tuple(self.tags),
            prose=measure.description,
            goal=measure.goal,
            status=self.update.text if self.update else "",
            status_on=iso_day(self.update.reported_on) if self.update else "",
            next_steps=self.update.next_steps if self.update else "",
            before=self.texts("initial_situation", "target_group"),
            known=self.texts("status_known"),
            after=self.texts("experience", "risks"),
            milestones=printed_milestones(measure, decided_plans([measure.pk]).get(measure.pk, {}), self.today),
            figures=tuple(_figure(row) for row in self.indicators),
            years=tuple(self.resources.years),
            resources=tuple(self.amounts()),
            lists=tuple(rows for rows in self.lists() if rows.rows),
            example=self.marked("example"),
            derived=self.marked("derived"),
            sources=tuple(source for source in re.split(r"\s*[;\n]\s+|\n", measure.source) if source),
        )

    def origin(self):
        measure = self.measure
        paper = measure.origin_paper.reference or measure.origin_paper.title if measure.origin_paper_id else ""
        said = f"{measure.get_origin_display()} {paper}".strip()
        return ": ".join(part for part in (said, measure.origin_note) if part)

    def texts(self, *names):
        texts = ((name, getattr(self.measure, name)) for name in names)
        return tuple(printed.Text(name=name, prose=prose) for name, prose in texts if prose)

    def amounts(self):
        for kind, label, cells, states in self.resources.rows:
            purposes = dict.fromkeys(row.purpose for row in self.resources.requests if row.kind == kind and row.purpose)
            yield printed.Amounts(
                kind=label,
                years=tuple(amount_shown(cell, kind) for cell in cells),
                state="; ".join(f"{state} {years}".strip() for state, years in states),
                purpose="; ".join(purposes),
            )

    def lists(self):
        yield printed.Rows(name="agreements", rows=tuple(map(_agreement, self.background["agreements"])))
        yield printed.Rows(name="surveys", rows=tuple(map(_survey, self.background["surveys"])))
        yield printed.Rows(name="links", rows=tuple(self.links()))
        yield printed.Rows(name="needs", rows=tuple(self.needs()))
        yield printed.Rows(name="papers", rows=tuple(map(_paper, self.papers())))
        yield printed.Rows(name="references", rows=tuple(map(_reference, self.background["references"])))

    def links(self):
        for link in MeasureLink.objects.visible_to(self.actor).of(self.measure):
            kind, other = link.seen_from(self.measure)
            yield printed.Row(title=str(other), facts=(str(kind),), text=link.reason)

    def needs(self):
        for need in Need.objects.visible_to(self.actor).behind(self.measure).filter(is_confidential=False):
            facts = (str(need.get_outcome_display()), _day(need.answered_on))
            yield printed.Row(title=str(need), facts=tuple(fact for fact in facts if fact))

    def papers(self):
        """Those the measure names, and those in which its priority and its resources were decided."""
        decisions = PriorityDecision.objects.visible_to(self.actor).on(self.measure)
        decided = {row.council_paper for row in decisions if row.council_paper_id}
        return sorted({*self.measure.council_papers.all(), *decided, *self.resources.papers}, key=str)

    def marked(self, kind):
        """The parts of the sheet whose values are of this kind."""
        rows = {
            "status": [self.update] if self.update else [],
            "milestones": self.milestones,
            "indicators": [row for one in self.indicators for row in (one, *one.values.all())],
            "resources": self.resources.requests,
            **self.background,
        }
        found = {name for name, several in rows.items() if any(kind in row.provenance.values() for row in several)}
        found |= {MARKED[name] for name, mark in self.measure.provenance.items() if mark == kind and name in MARKED}
        return tuple(sorted(found))


def _light(light):
    return light and Light(code=light.code, word=light.title, meaning=light.meaning, shape=light.shape)


def _figure(row):
    return printed.Figure(
        indicator=printed_indicator(row),
        prose=row.definition,
        aim=_aim(row),
        values=tuple(_value(row, value) for value in disclosed(row)),
        is_example="example" in row.provenance.values(),
    )


def _aim(row):
    said = []
    if row.baseline is not None and None not in withheld(row, row.values.all()):
        on = _day(row.baseline_on, row.baseline_precision)
        said.append(f"Ausgangswert {figure(row.baseline)}" + (f" ({on})" if on else ""))
    if row.target is not None:
        said.append(f"Ziel {figure(row.target)}" + (f" bis {row.target_year}" if row.target_year else ""))
    return ", ".join(said)


def _value(row, value):
    marks = ", ".join(dict.fromkeys(map(str, value.marks().values())))
    source = source_name(value.source) if value.source else ""
    return printed.Value(
        when=iso_day(value.as_of, value.date_precision),
        value=shown_value(value, row.decimals),
        scope=value.scope,
        source=f"{source} ({marks})" if source and marks else source or marks,
        url=_address(value.source),
    )


def _agreement(row):
    facts = (str(row.get_state_display()), _day(row.concluded_on, row.date_precision))
    return _background(row, facts, prose=row.note)


def _survey(row):
    answers = f"n = {figure(row.respondents)}" if row.respondents else ""
    return _background(row, (_day(row.held_on, row.date_precision), answers, row.population), prose=row.findings)


def _reference(row):
    return _background(row, (f"abgerufen am {_day(row.accessed_on)}" if row.accessed_on else "",))


def _background(row, facts, prose=""):
    source = "" if row.url or not row.source else f"Quelle: {source_name(row.source)}"
    facts = tuple(fact for fact in (*facts, source) if fact)
    return printed.Row(title=row.title, facts=facts, prose=prose, url=row.url or _address(row.source))


def _paper(row):
    facts = (_day(row.dated_on),) if row.dated_on else ()
    return printed.Row(title=str(row), facts=facts, url=_address(row.source))


def _day(day, precision="day"):
    return day_on_paper(iso_day(day, precision)) if day else ""


def _address(source):
    return source if source.startswith(("http://", "https://")) else ""
