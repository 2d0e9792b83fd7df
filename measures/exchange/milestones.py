"""The second sheet: milestones, out and in, as the rows of the measure's form would be sent."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import override

from measures.forms.edit import PREFIX, milestone_values
from measures.models import Milestone
from strategy.models import DatePrecision

from .reader import Fault, shown
from .words import LANGUAGES, as_exact, folded
from .writer import Sheet, title_of

SHEETS = ("Meilensteine", "Milestones")
MOST = 100  # of one measure in one file
NAMES = ("code", "id", "title", "due_on", "date_precision", "reached_on")


def headings():
    return (
        _("Code"),
        _("Milestone no. (please leave)"),
        _("Milestone"),
        _("Due"),
        _("Due is exact to the"),
        _("Reached on"),
    )


def cells_of(one):
    return (one.title, one.due_on, one.get_date_precision_display(), one.reached_on)


def milestone_sheet(measures):
    """Takes the measures in their order; asks once."""
    of_measure = {measure.pk: [] for measure in measures}
    for one in Milestone.objects.filter(measure__in=of_measure):
        of_measure[one.measure_id].append(one)
    rows = [(measure.code, one.pk, *cells_of(one)) for measure in measures for one in of_measure[measure.pk]]
    return Sheet(title_of(Milestone), [headings(), *rows])


class MilestoneRows:
    """What the sheet adds and changes: {folded code: [(row, form data)]}, and ``problems`` by row and column.

    Takes the table, or nothing, the measures by their folded code, and how a word for a precision is understood.
    """

    def __init__(self, table, measures, precision_of):
        self.edited, self.problems, self.precision_of = {}, [], precision_of
        if table is None:
            return
        self.places = places_in(table.headings)
        self.measures = measures
        ids = [measure.pk for measure in measures.values()]
        self.stored = {(one.measure_id, one.pk): one for one in Milestone.objects.filter(measure__in=ids)}
        for row in table.rows:
            try:
                self.take_in(row)
            except ValidationError as problem:
                self.problems.append((row.number, " ".join(problem.messages)))

    def take_in(self, row):
        cells = {name: row.cells[place] for name, place in self.places.items()}
        for value in cells.values():
            if isinstance(value, Fault):
                raise ValidationError(f"{value.text}: {value.why}")
        code = folded(shown(cells.get("code")))
        if code not in self.measures:
            raise ValidationError(_("There is no measure of this code here."))
        one = self.known(self.measures[code], shown(cells.get("id")))
        data = self.data_of(cells, one)
        if data is None:
            return
        rows = self.edited.setdefault(code, [])
        rows.append((row.number, data))
        if len(rows) > MOST:
            raise ValidationError(_("More than %(most)d milestones of one measure."), params={"most": MOST})

    def known(self, measure, text):
        """The milestone of that number; nothing for a new one."""
        if not text:
            return None
        pk = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
        if (measure.pk, pk) not in self.stored:
            raise ValidationError(_("This milestone does not belong to this measure. For a new one, leave it empty."))
        return self.stored[measure.pk, pk]

    def data_of(self, cells, one):
        """The row as its form would be sent, with what it began with; nothing where it says what is stored."""
        before = dict(zip(NAMES[2:], cells_of(one), strict=True)) if one else {}
        now = before | {name: value for name, value in cells.items() if name in NAMES[2:]}
        if one and all(shown(now[name]).strip() == shown(before[name]).strip() for name in before):
            return None
        word = shown(now.get("date_precision"))
        precision = self.precision_of(word) if word else DatePrecision.DAY
        data = {"title": shown(now.get("title")), "due_on": as_exact(now.get("due_on"), precision)}
        data["reached_on"] = shown(now.get("reached_on"))
        if one:
            began = milestone_values(one)
            data["id"] = str(one.pk)
            data |= {f"initial-{name}": str(began[name] or "") for name in ("title", "due_on", "reached_on")}
        return data

    def sent(self, code):
        """The form data of a measure's rows."""
        rows = self.edited.get(code, [])
        if not rows:
            return {}
        sent = {f"{PREFIX}-TOTAL_FORMS": str(len(rows)), f"{PREFIX}-INITIAL_FORMS": "0"}
        for place, (_row, data) in enumerate(rows):
            for name, value in data.items():
                first, name_alone = ("initial-", name.removeprefix("initial-")) if "initial-" in name else ("", name)
                sent[f"{first}{PREFIX}-{place}-{name_alone}"] = value
        return sent

    def row_of(self, code, place):
        return self.edited[code][place][0]


def places_in(found):
    """{name: place} of the headings that are known, in both languages."""
    known = {}
    for language in LANGUAGES:
        with override(language):
            known |= {folded(heading): name for heading, name in zip(headings(), NAMES, strict=True)}
    return {known[folded(heading)]: place for place, heading in enumerate(found) if folded(heading) in known}


def in_words(form):
    """(before, after) of a changed row of the form."""
    typed = form.cleaned_data
    began = [form.data.get(form[name].html_initial_name, "") for name in ("title", "due_on", "reached_on")]
    now = [str(typed.get(name) or "") for name in ("title", "due_on", "reached_on")]
    return tuple(", ".join(part for part in parts if part) for parts in (began, now))
