"""Full text: which rows hold the words somebody asks for, how well, and where.

PostgreSQL compares German word stems by their beginnings (“Führungen” finds “Führungskraft”), SQLite, the demo's,
compares letters. On both a title is also found by the middle of its words, as German compounds ask for it. Every word
has to stand somewhere among the texts of a row; words that stand everywhere (“und”) are left out of account.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank, SearchVector, SearchVectorExact
from django.db import connection
from django.db.models import Case, F, Func, IntegerField, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Concat
from django.db.models.lookups import Exact
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join, strip_tags
from django.utils.safestring import SafeString

CONFIG = "german"
LONGEST = 100  # characters of a question
MOST_WORDS = 8
BEGIN, END = "\ue000", "\ue001"  # around a hit until it is escaped: characters no text has
UMLAUTS = {"ae": "ä", "oe": "ö", "ue": "ü"}
BEFORE, AFTER = 60, 160  # characters around a hit


class Words:
    """What somebody has typed, word by word."""

    def __init__(self, text):
        self.text = text.strip()
        self.words = self.text.split()[:MOST_WORDS]

    def __bool__(self):
        return bool(self.words)

    @staticmethod
    def is_stemmed():
        return connection.vendor == "postgresql"

    @cached_property
    def pattern(self):
        return re.compile("|".join(re.escape(form) for word in self.words for form in spellings(word)), re.IGNORECASE)

    def mark(self, text):
        return text if BEGIN in text else self.pattern.sub(rf"{BEGIN}\g<0>{END}", text)

    def cut_out(self, text):
        """The text around its first hit, or nothing where there is none."""
        if BEGIN in text:
            return text
        hit = self.pattern.search(text)
        if not hit:
            return ""
        start = text.rfind(" ", 0, max(hit.start() - BEFORE, 0)) + 1
        end = text.find(" ", hit.end() + AFTER)
        piece = self.mark(text[start : None if end < 0 else end])
        return f"{'… ' if start else ''}{piece}{' …' if end >= 0 else ''}"


def spellings(word):
    """Also with umlauts for ae, oe, ue, and in other cases, since SQLite knows those of plain letters alone."""
    written = {word, re.sub("|".join(UMLAUTS), lambda found: UMLAUTS[found[0]], word.lower())}
    return written if all(map(str.isascii, written)) else written | {form(w) for w in written for form in CASES}


CASES = (str.lower, str.upper, str.capitalize)


def stems(*words):
    """A question for rows with at least one of these words, or one that begins like it."""
    forms = sorted({form.lower() for word in words for form in spellings(word)})
    quoted = [form.replace("\\", "\\\\").replace("'", "''") for form in forms]
    return SearchQuery(" | ".join(f"'{form}':*" for form in quoted), config=CONFIG, search_type="raw")


def stands_everywhere(*words):
    """Nothing is left of these words: “und”, “%”."""
    return Q(Exact(Func(stems(*words), function="numnode", output_field=IntegerField()), 0))


def shown(text) -> SafeString:
    """Escaped, with the hits marked."""
    pieces = enumerate(re.split(f"{BEGIN}([^{BEGIN}{END}]*){END}", text))  # every second one is a hit
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", one) if place % 2 else one,) for place, one in pieces)
    )


@dataclass(frozen=True)
class Texts:
    """The columns of a table that are searched, with their labels; ``owner`` leads to what is found by them."""

    model: type
    columns: dict[str, str | Promise]
    owner: str = "pk"

    @property
    def index(self):
        """For PostgreSQL alone: migrations make it there, so it stands in no model's ``Meta``."""
        return GinIndex(self.vector(), name=f"{self.model._meta.model_name}_words")

    def vector(self):
        return SearchVector(*self.columns, config=CONFIG)

    def holding(self, words):
        """Rows with at least one of these words."""
        if Words.is_stemmed():
            return self.model._base_manager.filter(SearchVectorExact(self.vector(), stems(*words)))
        forms = [form for word in words for form in spellings(word)]
        contained = [Q(**{f"{column}__icontains": form}) for column in self.columns for form in forms]
        return self.model._base_manager.filter(reduce(or_, contained))

    def headlines(self, words):
        """{annotation: expression} of what is read of each column."""
        return {f"told_{column}": headline(column, words) for column in self.columns}


def headline(column, words, **options):
    if not words.is_stemmed():
        return F(column)
    options = options or {"max_fragments": 2, "max_words": 24, "min_words": 10, "fragment_delimiter": " … "}
    return SearchHeadline(column, stems(*words.words), config=CONFIG, start_sel=BEGIN, stop_sel=END, **options)


@dataclass(frozen=True)
class Hit:
    url: str
    title: SafeString
    facts: list
    passages: list  # [(label, text)]


@dataclass(frozen=True, eq=False)
class Kind:
    """What can be found: ``rows`` an actor may see in a strategy, the texts of the rows first among ``texts``.

    ``tell`` gives address, title and facts of a row; ``code`` the condition that a text is its code.
    """

    name: str
    label: str | Promise
    rows: Callable[[object, object], QuerySet]
    texts: tuple[Texts, ...]
    tell: Callable[[object], tuple]
    code: Callable[[str], Q] = lambda text: Q(pk=None)
    title: str = ""
    permission: str = ""

    def search(self, rows, words):
        """Those of the rows among whose texts every word stands."""
        if not words:
            return rows.none()
        for word in words.words:
            rows = rows.filter(self._holding(word))
        return rows.exclude(stands_everywhere(*words.words)) if words.is_stemmed() else rows

    def _holding(self, word):
        places = [Q(pk__in=texts.holding([word]).values(texts.owner)) for texts in self.texts]
        places += [self.code(word), stands_everywhere(word) if Words.is_stemmed() else Q(pk=None)]
        if self.title:
            places += [Q(**{f"{self.title}__icontains": form}) for form in spellings(word)]
        return reduce(or_, places)

    def ranked(self, rows, words):
        """What bears the very code first, then by how often and how prominently the words stand there."""
        is_meant = Case(When(self.code(words.text), then=0), default=1, output_field=IntegerField())
        return rows.order_by(is_meant, self._relevance(words).desc(), *rows.query.order_by, "pk")

    def _relevance(self, words):
        titled = [self.title] if self.title else []
        others = [column for column in self.texts[0].columns if column not in titled]
        if words.is_stemmed():
            vector = SearchVector(*others, config=CONFIG, weight="C")
            vector = SearchVector(*titled, config=CONFIG, weight="A") + vector if titled else vector
            return SearchRank(vector, stems(*words.words))
        holds = [When(self._titled(word), then=Value(1)) for word in words.words if titled]
        return sum((Case(one, default=Value(0)) for one in holds), Value(0))

    def _titled(self, word):
        return reduce(or_, (Q(**{f"{self.title}__icontains": form}) for form in spellings(word)))

    def hits(self, rows, words):
        """What is shown of a page of rows, in at most two queries."""
        own, *others = self.texts
        rows = rows.annotate(**own.headlines(words))
        if self.title:
            rows = rows.annotate(told_in_title=headline(self.title, words, highlight_all=True))
        rows = list(rows)
        beside = self._passages(others, [row.pk for row in rows], words)
        return [self._hit(row, beside.get(row.pk, ()), words) for row in rows]

    def _hit(self, row, beside, words):
        url, title, facts = self.tell(row)
        told = [(label, getattr(row, f"told_{column}")) for column, label in self.texts[0].columns.items()]
        told = [(label, words.cut_out(strip_tags(text or ""))) for label, text in told if label]
        passages = [(str(label), shown(text)) for label, text in [*told, *beside] if text]
        return Hit(url, shown(words.mark(getattr(row, "told_in_title", title))), facts, passages)

    def _passages(self, others, ids, words):
        """{row: [(label, text)]} of the texts beside the rows' own; one query."""
        found, labels = [], {}
        for texts in others:
            for column, label in texts.columns.items():
                labels[len(labels)] = label
                holding = texts.holding(words.words).filter(**{f"{texts.owner}__in": ids})
                place = Value(len(labels) - 1, IntegerField())
                found.append(
                    holding.order_by().values_list(
                        texts.owner, place, Concat(headline(column, words), Value(""), output_field=TextField())
                    )
                )
        passages = {}
        for owner, place, text in found[0].union(*found[1:], all=True) if found and ids else ():
            if piece := words.cut_out(strip_tags(text)):
                passages.setdefault(owner, []).append((labels[place], piece))
        return passages


KINDS: dict[str, Kind] = {}


def searched(kind):
    """Have the search find rows of this kind; in the order in which they are registered."""
    KINDS[kind.name] = kind
    return kind


def kinds_for(actor, strategy):
    return [kind for kind in KINDS.values() if not kind.permission or actor.has_perm(kind.permission, strategy)]
