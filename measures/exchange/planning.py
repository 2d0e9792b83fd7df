"""Plans what an uploaded table would change: new, changed, unchanged, and everything that stands in the way.

Each row goes through the form of the measure, so that a file is asked exactly what the page is asked. A cell that says
what the export would say now is untouched, whatever it looks like; a row exported before somebody else's edit is
compared with what it was then, so that old words are never taken for new ones.
"""

from collections import Counter
from functools import partial

from django.utils.translation import gettext as _

from measures.models import Measure

from .columns import CODE, PRECISION, VERSION, columns_of
from .milestones import MilestoneRows, in_words
from .plan import Change, Plan, Problem, RowPlan, clipped
from .reader import Fault, place, shown
from .row_form import CORE, Refused, RowForms
from .words import folded

MOST_PROBLEMS = 500


class Planner:
    """Plans one table for one actor; ``names`` has the column of each heading, or nothing."""

    def __init__(self, table, names, strategy, actor, milestones=None):
        self.table, self.names, self.strategy = table, names, strategy
        columns = columns_of(strategy)
        self.columns = {column.name: column for column in columns}
        self.forms = RowForms(columns, strategy)
        measures = Measure.objects.visible_to(actor).filter(strategy=strategy)
        self.measures = {folded(measure.code): measure for measure in measures.for_export()}
        self.titles = {folded(measure.title): measure.code for measure in self.measures.values()}
        precision_of = partial(self.forms.words.choice, PRECISION)
        self.milestones = MilestoneRows(milestones, self.measures, precision_of)
        self.plan, self.seen = Plan(), {}

    def run(self, progress=lambda done: None):
        self.tell_of_columns()
        for done, row in enumerate(self.table.rows, start=1):
            if len(self.plan.problems) > MOST_PROBLEMS:
                self.refuse(row.number, "", "", _("So much is wrong that the rest has not been read."))
                break
            self.take_in(row)
            progress(done)
        self.take_in_other_milestones()
        return self.plan

    def take_in_other_milestones(self):
        """Of measures that have no row of their own in the table; and what is wrong with any of them."""
        for code in self.milestones.edited.keys() - self.seen.keys():
            self.take_in_cells(self.milestones.row_of(code, 0), {}, self.measures[code])
        for number, message in self.milestones.problems:
            self.refuse(number, _("Milestone"), "", message)

    def refuse(self, number, name, typed, *messages):
        column = str(self.columns[name].heading if name in self.columns else name)
        self.plan.problems += [Problem(number, column, clipped(typed), str(message)) for message in messages]

    # Columns

    def tell_of_columns(self):
        headings = zip(self.table.headings, self.names, strict=True)
        self.plan.unknown = [heading for heading, name in headings if heading and not name]
        self.plan.only_shown = [
            str(self.columns[name].heading)
            for name in self.names
            if name not in ("", CODE, VERSION) and self.columns[name].field is None
        ]
        for name, count in Counter(filter(None, self.names)).items():
            if count > 1:
                self.refuse(None, name, "", _("This column stands in the file more than once."))

    # Rows

    def take_in(self, row):
        if row.fault:
            return self.refuse(row.number, "", "", row.fault)
        cells = {name: value for name, value in zip(self.names, row.cells, strict=True) if name}
        try:
            self.check_headed(row)
            measure = self.measure_of(row.number, cells)
        except Refused as refusal:
            self.tell(row.number, refusal)
        else:
            self.take_in_cells(row.number, cells, measure)

    def take_in_cells(self, number, cells, measure):
        try:
            self.plan_row(number, cells, measure)
        except Refused as refusal:
            self.tell(number, refusal)

    def tell(self, number, refusal):
        for name, typed, messages in refusal.reasons:
            self.refuse(number, name, typed, *messages)

    def check_headed(self, row):
        for number, heading in enumerate(self.table.headings):
            if not heading and shown(row.cells[number]):
                message = _("Column %(column)s has no heading.") % {"column": place(number)}
                raise Refused.at("", shown(row.cells[number]), message)

    def measure_of(self, number, cells):
        """The measure the row is about; nothing for a new one."""
        code = cells.get(CODE)
        if isinstance(code, Fault):
            raise Refused.at(CODE, code.text, code.why)
        code = folded(shown(code))
        if not code:
            return self.check_is_new(number, cells)
        if code in self.seen:
            message = _("This code stands in row %(row)d already.") % {"row": self.seen[code]}
            raise Refused.at(CODE, shown(cells[CODE]), message)
        self.seen[code] = number
        if code not in self.measures:
            message = _("There is no measure of this code here. For a new measure please leave the cell empty.")
            raise Refused.at(CODE, shown(cells[CODE]), message)
        return self.measures[code]

    def check_is_new(self, number, cells):
        title = folded(shown(cells.get("title")))
        if title in self.titles:
            message = _("%(code)s has this title already. Please write its code into the row, or change the title.")
            raise Refused.at("title", shown(cells["title"]), message % {"code": self.titles[title]})
        if title:
            self.titles[title] = _("Row %(row)d") % {"row": number}

    def plan_row(self, number, cells, measure):
        form = self.form_of(cells, measure)
        changed = [name for name in form.changed_data if name in form.names] if form else []
        if not changed and not (form and form.milestones.changed_rows()):
            self.plan.unchanged += 1
        elif measure is None:
            values = form.changed_values()
            self.plan.new.append(self.row_plan(number, form, changed, values, None))
        elif measure.state not in Measure.EDITABLE:
            raise Refused.at(CODE, measure.code, _("This measure has ended and is no longer edited."))
        else:
            self.part(number, form, changed, measure)

    def form_of(self, cells, measure):
        if measure is None:
            return self.forms.new(cells)
        return self.forms.edited(measure, cells, self.milestones.sent(folded(measure.code)))

    def part(self, number, form, changed, measure):
        """What may be typed over, and what only an amendment can change."""
        values = form.changed_values()
        fixed = [name for name in changed if name in CORE and not measure.core_is_open]
        if fixed:
            core = {name: values.pop(name) for name in fixed}
            self.plan.amendments.append(self.row_plan(number, form, fixed, core, measure))
        free = [name for name in changed if name not in fixed]
        if free or form.milestones.changed_rows():
            row = self.row_plan(number, form, free, values, measure)
            row.changes += [Change(_("Milestone"), *in_words(one)) for one in form.milestones.changed_rows()]
            row.milestones = form.milestones
            self.plan.changed.append(row)

    def row_plan(self, number, form, names, values, measure):
        code, title = (measure.code, measure.title) if measure else ("", form.cleaned_data["title"])
        return RowPlan(number, code, title, [self.change(form, name, measure) for name in names], values, measure)

    def change(self, form, name, measure):
        label = str(self.columns[name].heading)
        before = self.forms.before(measure, name) if measure else ""
        return Change(label, clipped(before), clipped(self.forms.after(form, name)))


def plan_of(table, names, strategy, actor, progress=lambda done: None, milestones=None) -> Plan:
    return Planner(table, names, strategy, actor, milestones).run(progress)
