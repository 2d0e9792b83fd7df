"""The columns of the list of measures: which there are, who sees them, what stands in their cells.

What a long table repeats is built here and not in a template: it is faster. Code and title are no columns to choose;
without them a row says nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from strategy.templatetags.portal import ago, light_mark, progress, shown_date

ALWAYS = {"code": _("Code"), "title": _("Measure")}


@dataclass(frozen=True)
class Column:
    """``cell`` takes the values of a row, of which ``reads`` are its own, and the ``Wording`` of the page.

    ``order`` is what the head sorts by, ``exported`` the columns of a file that hold the same.
    """

    name: str
    heading: str | Promise
    cell: Callable
    reads: tuple = ()
    css: str = ""
    order: str = ""
    exported: tuple = ()
    by_default: bool = False
    permission: str = ""


def light_of(row, words):
    return words.once(light_mark, row["light__shape"], row["light__title"]) if row["light__shape"] else "–"


def milestone_of(row, words):
    milestone = row["next_milestone"]
    if not milestone or words.has_ended(row):
        return words.nothing
    due = words.once(shown_date, words.day(milestone["due_on"]), milestone["date_precision"])
    late = words.day(milestone["due_on"]) < words.today
    return format_html(
        '<span lang="{}">{}</span><span class="meta blk num{}">{}</span>',
        words.lang,
        milestone["title"],
        " late" if late else "",
        f"{due}, {words.overdue}" if late else due,
    )


def age_of(row, words):
    is_stale, status_on = words.is_stale(row), row["status_on"]
    return words.once(age_cell, status_on, is_stale)


def age_cell(status_on, is_stale):
    age = ago(status_on) if status_on or is_stale else "–"
    return format_html(
        '<span class="{}"><span class="mo">{} </span>{}</span>', "late" if is_stale else "", gettext("Status"), age
    )


def completeness_of(row, words):
    return words.once(met_cell, row["rules_asked"], row["rules_broken"])


def met_cell(asked, broken):
    return labelled(gettext("Completeness"), met_of(asked, broken)) if asked else "–"


def met_of(asked, broken):
    return gettext("%(met)d of %(asked)d") % {"met": asked - broken, "asked": asked} if asked else ""


def labelled(label, content):
    """On small screens, where there is no head, the cell names itself."""
    return format_html('<span class="mo">{}: </span>{}', label, content)


def plain(name, label=None):
    """A cell with one value as it is stored."""

    def cell(row, words):
        return words.once(labelled, str(label), row[name]) if row[name] else words.nothing

    return cell


def day(name, label):
    def cell(row, words):
        if not row[name]:
            return words.nothing
        return words.once(labelled, str(label), words.once(shown_date, row[name], row["date_precision"]))

    return cell


def field_of(row, words):
    return words.once(labelled, gettext("Field of action"), f"{row['field__letter']} {row['field__title']}")


def tags_of(row, words):
    tags = words.tags.get(row["pk"])
    return labelled(gettext("Tags"), ", ".join(tags)) if tags else words.nothing


COLUMNS = (
    Column(
        "light", _("Light"), light_of, ("light__shape", "light__title"), "c-l", "light", ("light",), by_default=True
    ),
    Column("state", _("State"), lambda row, words: words.states[row["state"]], (), "c-z", "state", ("state",), True),
    Column(
        "priority",
        _("Priority"),
        lambda row, words: row["priority__title"] or "–",
        ("priority__title",),
        "c-pr",
        "priority",
        ("priority",),
        True,
    ),
    Column(
        "progress",
        _("Progress"),
        lambda row, words: words.once(progress, row["progress"]),
        ("progress",),
        "c-p",
        "progress",
        ("progress",),
        True,
    ),
    Column("milestone", _("Next milestone"), milestone_of, ("next_milestone",), "c-n", "milestone", (), True),
    Column("age", pgettext_lazy("column", "Last status"), age_of, (), "n c-d", "age", ("status_on",), True),
    Column(
        "completeness",
        _("Completeness"),
        completeness_of,
        ("rules_asked", "rules_broken"),
        "n c-q",
        "completeness",
        ("completeness",),
        permission="measures.view_quality",
    ),
    Column("field", _("Field of action"), field_of, ("field__letter", "field__title"), "c-x", "code", ("field",)),
    Column("stage", _("Stage"), plain("stage__title", _("Stage")), ("stage__title",), "c-x", "stage", ("stage",)),
    Column("phase", _("Phase"), plain("phase__title", _("Phase")), ("phase__title",), "c-x", "", ("phase",)),
    Column(
        "function",
        _("Responsible function"),
        plain("responsible_function", _("Responsible function")),
        ("responsible_function",),
        "c-x",
        "",
        ("responsible_function",),
    ),
    Column(
        "begin",
        _("Begin"),
        day("starts_on", _("Begin")),
        ("starts_on", "date_precision"),
        "n c-x",
        "begin",
        ("starts_on", "date_precision"),
    ),
    Column(
        "end",
        _("End"),
        day("ends_on", _("End")),
        ("ends_on", "date_precision"),
        "n c-x",
        "end",
        ("ends_on", "date_precision"),
    ),
    Column("tags", _("Tags"), tags_of, (), "c-x", "", ("tags",)),
)


class ChosenColumns:
    """The columns an address asks for; without any that are known, the usual ones."""

    def __init__(self, data, filters):
        actor, strategy = filters.actor, filters.choices.strategy
        self.offered = [one for one in COLUMNS if not one.permission or actor.has_perm(one.permission, strategy)]
        names = {one.name for one in self.offered}
        self.named = [name for name in dict.fromkeys(data.getlist("columns")) if name in names]
        of_quality = "rule" in (filters.question or {}) or data.get("ordering", "").endswith("completeness")
        self.shown = [one for one in self.offered if self._is_shown(one, of_quality)]

    def _is_shown(self, column, of_quality):
        if self.named:
            return column.name in self.named
        return column.by_default or (of_quality and column.name == "completeness")

    @property
    def query(self):
        """What an address has to say to ask for the same; nothing for the usual ones."""
        return {"columns": self.named} if self.named else {}

    @property
    def boxes(self):
        """[(name, heading, whether it is shown)]"""
        return [(one.name, one.heading, one in self.shown) for one in self.offered]

    @property
    def exported(self):
        """Names of the columns of a file that hold the same."""
        return {name for one in self.shown for name in one.exported}

    @property
    def has_milestones(self):
        return any(one.name == "milestone" for one in self.shown)

    @property
    def has_completeness(self):
        return any(one.name == "completeness" for one in self.shown)


def heading_of_order(name):
    """The heading of the column that sorts by it; nothing where none does."""
    headings = {one.order: one.heading for one in COLUMNS if one.order} | ALWAYS
    return headings.get(name, "")
