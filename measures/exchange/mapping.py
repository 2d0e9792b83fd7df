"""Which heading of a file stands for which column: known by its name, remembered, or guessed from its likeness."""

from difflib import SequenceMatcher

from django.utils.translation import override

from measures.models import ColumnMapping

from .columns import CODE, columns_of
from .words import LANGUAGES, folded

LEAST_LIKENESS = 0.6
ALSO_CALLED = {
    "maßnahme": "title",
    "vorhaben": "title",
    "projekt": "title",
    "bereich": "field",
    "amt": "lead_unit",
    "bis wann": "ends_on",
    "name der maßnahme": "title",
    "titel der maßnahme": "title",
    "kurzbeschreibung": "description",
    "beschreibung der maßnahme": "description",
    "zielsetzung": "goal",
    "federführung": "lead_unit",
    "zuständiges amt": "lead_unit",
    "beteiligte ämter": "involved_units",
    "ansprechstelle": "responsible_function",
    "verantwortlich": "responsible_function",
    "beginn": "starts_on",
    "start": "starts_on",
    "ende": "ends_on",
    "laufzeit bis": "ends_on",
}


def known_headings(strategy):
    """{heading as people may write it: column}: in both languages, and by the column's own name."""
    known = {}
    for language in LANGUAGES:
        with override(language):
            for column in columns_of(strategy):
                known[folded(column.heading)] = column.name
                known[column.name] = column.name
    return known


def remembered_by(strategy):
    """{folded heading: column or ""} of what somebody has said once."""
    return {folded(row.heading): row.column for row in ColumnMapping.objects.filter(strategy=strategy)}


def tells_rows(names):
    """Whether a row can be told to be some measure's, or a new one's."""
    return "title" in names or CODE in names


def mapped(headings, strategy):
    """[column or ""] of each heading: as remembered, else by its name."""
    known, remembered = known_headings(strategy), remembered_by(strategy)
    return [remembered.get(folded(heading), known.get(folded(heading), "")) for heading in headings]


def suggested(headings, strategy):
    """The same, with a guess where a heading is neither known nor remembered; no column is guessed twice."""
    found = mapped(headings, strategy)
    known, remembered = known_headings(strategy), remembered_by(strategy)
    for place, heading in enumerate(headings):
        if not found[place] and folded(heading) not in remembered:
            guess = ALSO_CALLED.get(folded(heading)) or most_like(folded(heading), known)
            found[place] = guess if guess not in found else ""
    return found


def most_like(heading, known):
    def likeness(name):
        return SequenceMatcher(None, heading, name).ratio()

    best = max(known, key=likeness) if heading else ""
    return known[best] if best and likeness(best) >= LEAST_LIKENESS else ""
