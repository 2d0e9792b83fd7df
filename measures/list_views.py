"""The views above the list of measures: questions that are asked often, and those somebody has saved."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from measures.filters import ORDERINGS, MeasureFilter, count_each
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
        return f"?{urlencode(self.query, doseq=True)}"

    def is_asked_by(self, data):
        """The order is a matter of the saved ones alone."""
        asked, own = filters_of(data.lists()), filters_of(self.query.items())
        return asked == own and (self.saved is None or self.query.get("ordering", [""]) == [data.get("ordering", "")])


def filters_of(parameters):
    """{filter: set of values} of [(name, values)], without what is no filter or asks nothing."""
    named = {name: {value for value in values if value} for name, values in parameters}
    return {name: values for name, values in named.items() if values and name in MeasureFilter.base_filters}


def views_of(measures, actor, choices):
    """The common views, the empty ones left out, then the saved ones; all are counted in one query."""
    questions = common_questions(measures, actor, choices) | saved_questions(measures, actor, choices)
    names = {key: f"view_{place}" for place, key in enumerate(questions)}
    counts = count_each(measures, {names[key]: found for key, (_label, _query, found) in questions.items()})
    views = []
    for key, (label, query, _found) in questions.items():
        saved = key if isinstance(key, SavedView) else None
        if counts[names[key]] or saved or key == "all":
            views.append(ListView(label, query, counts[names[key]], saved))
    return views


def asked_for(views, data):
    """The view an address asks for; somebody's own name for it goes first."""
    return next((view for view in reversed(views) if view.is_asked_by(data)), None)


def common_questions(measures, actor, choices):
    """{key: (name, parameters, measures found)} of what is asked often."""
    in_review, agreed = Measure.State.IN_REVIEW, Measure.State.AGREED
    questions = {
        "all": (_("All"), {}, measures),
        "warnings": (warning_words(choices), {"light": choices.warnings}, measures.needing_attention()),
        "stale": (_("Status out of date"), {"stale": ["on"]}, measures.stale()),
        "ownerless": (_("Nobody responsible"), {"ownerless": ["on"]}, measures.ownerless()),
        "in_review": (_("In review"), {"state": [in_review.value]}, measures.filter(state=in_review)),
        "agreed": (_("For the steering team"), {"state": [agreed.value]}, measures.filter(state=agreed)),
    }
    if actor.led_units:
        questions["mine"] = (_("Mine"), {"mine": ["on"]}, measures.of_unit(actor.led_units))
    return questions


def saved_questions(measures, actor, choices):
    """The same of the views this person sees; one that is no longer understood finds nothing, but can be deleted."""
    views = SavedView.objects.visible_to(actor).filter(strategy=choices.strategy).select_related("strategy")
    questions = {}
    for view in views:
        query = QueryDict(view.query)
        found = MeasureFilter(query, measures, actor=actor, choices=choices)
        questions[view] = (view.name, dict(query.lists()), found.qs)
    return questions


def question_in(filters, data):
    """The filters and the order of an address, as a view keeps them."""
    kept = QueryDict(mutable=True)
    for name, value, _label in filters.active:
        kept.appendlist(name, value)
    if data.get("ordering", "").removeprefix("-") in ORDERINGS:
        kept["ordering"] = data["ordering"]
    return kept.urlencode()


def warning_words(choices):
    words = [choices.label("light", code) for code in choices.warnings]
    return gettext(" or ").join(words)
