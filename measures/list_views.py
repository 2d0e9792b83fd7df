"""The views above the list of measures: questions that are asked often, and those somebody has saved."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from measures.census import Census
from measures.filters import ORDERINGS, MeasureFilter
from measures.list_columns import ChosenColumns, heading_of_order
from measures.models import Measure, SavedView


@dataclass(frozen=True)
class ListView:
    """A question: its name, its parameters, how many measures answer it, and the row where somebody saved it."""

    label: str | Promise
    query: dict
    count: int
    saved: SavedView | None = None

    @property
    def address(self):
        return address_of(self.query)

    def is_asked_by(self, data):
        """Order and columns are a matter of the saved ones alone."""
        asked, own = filters_of(data.lists()), filters_of(self.query.items())
        return asked == own and (self.saved is None or self._is_laid_out_as(data))

    def _is_laid_out_as(self, data):
        columns = set(self.query.get("columns", ())) == set(data.getlist("columns"))
        return columns and self.query.get("ordering", [""]) == [data.get("ordering", "")]


def address_of(query):
    return f"?{urlencode(query, doseq=True)}"


def filters_of(parameters):
    """{filter: set of values} of [(name, values)], without what is no filter or asks nothing."""
    named = {name: {value for value in values if value} for name, values in parameters}
    return {name: values for name, values in named.items() if values and name in MeasureFilter.base_filters}


def views_of(filters, kept, as_of):
    """The census of the measures, and the views of them: the common ones, if not empty, then the saved ones.

    All take along the day asked for (``as_of``), the common ones also what else is ``kept`` of the address: {parameter:
    [values]}.
    """
    common = common_questions(filters.actor, filters.choices)
    saved = saved_questions(filters)
    census = Census(filters, [question for _view, _query, question in saved])
    counted = {key: (label, query, census.count(query)) for key, (label, query) in common.items()}
    views = [
        ListView(label, query | kept | as_of, count)
        for key, (label, query, count) in counted.items()
        if count or key == "all"
    ]
    views += [ListView(view.name, query | as_of, census.count(question), view) for view, query, question in saved]
    return census, views


def asked_for(views, data):
    """The view an address asks for; somebody's own name for it goes first."""
    return next((view for view in reversed(views) if view.is_asked_by(data)), None)


def common_questions(actor, choices):
    """{key: (name, parameters)} of what is asked often."""
    questions = {"all": (_("All"), {})}
    if choices.warnings:
        questions["warnings"] = (warning_words(choices), {"light": choices.warnings})
    questions |= {
        "stale": (_("Status out of date"), {"stale": ["on"]}),
        "ownerless": (_("Nobody responsible"), {"ownerless": ["on"]}),
        "in_review": (_("In review"), {"state": [Measure.State.IN_REVIEW.value]}),
        "agreed": (_("For the steering team"), {"state": [Measure.State.AGREED.value]}),
    }
    if actor.led_units:
        questions["mine"] = (_("Mine"), {"mine": ["on"]})
    return questions


def saved_questions(filters):
    """[(view, parameters, question)] of the views this person sees.

    One that is no longer understood finds nothing, but can be deleted.
    """
    views = SavedView.objects.visible_to(filters.actor).filter(strategy=filters.choices.strategy)
    return [(view, dict((query := QueryDict(view.query)).lists()), filters.asking(query).question) for view in views]


def question_in(filters, data):
    """The filters, the order and the columns of an address, as a view keeps them."""
    kept = QueryDict(mutable=True)
    for name, value, _label in filters.active:
        kept.appendlist(name, value)
    if data.get("ordering", "").removeprefix("-") in ORDERINGS:
        kept["ordering"] = data["ordering"]
    kept.setlist("columns", ChosenColumns(data, filters).named)
    return kept.urlencode()


def layout_in_words(filters, data):
    """In which order and with which columns a view shows what it finds; nothing where both are the usual ones."""
    ordering, columns = data.get("ordering", ""), ChosenColumns(data, filters)
    if heading := heading_of_order(ordering.removeprefix("-")):
        words = (
            gettext("Sorted by: %(column)s, descending")
            if ordering.startswith("-")
            else gettext("Sorted by: %(column)s")
        )
        yield words % {"column": heading}
    if columns.named:
        yield gettext("Columns: %(columns)s") % {"columns": ", ".join(str(one.heading) for one in columns.shown)}


def warning_words(choices):
    words = [choices.label("light", code) for code in choices.warnings]
    return gettext(" or ").join(words)
