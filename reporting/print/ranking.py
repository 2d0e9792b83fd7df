"""What the paper says of the last ranking round: its tables, and the strips that show where the groups stand."""

from dataclasses import dataclass

from reporting.charts import Dots, dot_legend, dot_scale, dot_strip

from .german import day, number
from .projection import Ranked

SHAPES = {"department_heads": "disc", "administrative_heads": "square", "project_group": "triangle"}
SHAPE_NAMES = {"disc": "Scheibe", "square": "Quadrat", "triangle": "Dreieck"}
NUMBERS = ("null", "eine", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf")
PROPOSED = "Sehr hohe Priorität nach übereinstimmender Einschätzung"
CONTRASTS = "Wo die Gruppen auseinanderliegen"
BAR, GROUND = "mittlere Hälfte aller Ranglisten", "bestes Viertel der Plätze"
UNPLACED = (
    "Was eine Rangliste nicht einordnet, teilt sich darin den Durchschnitt der übrigen Plätze. Median: der mittlere "
    "Platz in einer Gruppe. Mittlere Hälfte: vom unteren bis zum oberen Viertel aller Ranglisten."
)
KENDALL = (
    "Kendalls W = 12 S / (n² (k³ − k) − n T): 0 bedeutet keine, 1 völlige Übereinstimmung der Rangfolgen; n ist die "
    "Zahl der Ranglisten, k die der Maßnahmen, S die Summe der quadrierten Abweichungen der Rangsummen von ihrem "
    "Mittel, T die Korrektur für gleiche Ränge."
)
RULE = (
    "Sehr hohe Priorität nach übereinstimmender Einschätzung: In jeder gezeigten Gruppe liegt der Median einer "
    "Maßnahme unter den besten {best} Medianen (ein Viertel von {measures}, aufgerundet; gleiche Werte eingeschlossen) "
    "und vor dem mittleren Platz."
)


@dataclass(frozen=True)
class Row:
    measure: Ranked
    strip: Dots


@dataclass(frozen=True)
class Block:
    """A table of measures; its columns are the shown groups."""

    title: str
    sentence: str
    rows: list[Row]


@dataclass(frozen=True)
class Shown:
    """The round as its chapter shows it."""

    ranking: object
    sentence: str
    blocks: list[Block]
    scale: Dots
    legend: Dots
    note: list[str]

    @property
    def groups(self):
        return self.ranking.shown_groups

    @property
    def agreement(self):
        """[(group, its W, its word)] as printed; all together come last."""
        rows = (*self.ranking.groups, self.ranking.overall)
        return [(group, group.w.replace(".", ",") or "–", group.word or "–") for group in rows]

    @property
    def mark(self):
        return " (Beispielwerte)" if self.ranking.is_example else ""

    @property
    def fewer(self):
        return f"weniger als {in_words(self.ranking.smallest)} Ranglisten, nicht gezeigt"


def shown(ranking):
    """``None`` where there has been no round."""
    if ranking is None:
        return None
    best = best_places(ranking.measures)
    return Shown(
        ranking=ranking,
        sentence=_sentence(ranking),
        blocks=_blocks(ranking),
        scale=dot_scale(f"Plätze 1 bis {ranking.measures}, bestes Viertel bis {best}", best, until=ranking.measures),
        legend=_legend(ranking),
        note=_note(ranking),
    )


def best_places(measures):
    """A quarter of the places, rounded up."""
    return -(-measures // 4)


def in_words(count):
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def _sentence(ranking):
    said = [f"Die Priorisierungsrunde „{ranking.title}“ wurde am {day(ranking.published_on)} veröffentlicht."]
    if not ranking.overall.is_shown:
        few = f"weniger als {in_words(ranking.smallest)} Ranglisten"
        return " ".join([*said, f"Es liegen {few} vor; Ergebnisse werden nicht gezeigt."])
    which = f"der {in_words(ranking.top)} wichtigsten von" if ranking.top else "über"
    counted = f"{ranking.overall.ballots} von {ranking.electors} Ranglisten"
    said.append(f"Ausgewertet sind {counted} {which} {ranking.measures} Maßnahmen.")
    if ranking.leaves_out:
        said.append("Nicht genannt sind Maßnahmen, über die noch nicht entschieden ist.")
    return " ".join(said)


def _blocks(ranking):
    groups = "allen gezeigten Gruppen" if len(ranking.shown_groups) > 1 else "der gezeigten Gruppe"
    described = [
        (PROPOSED, f"Diese Maßnahmen zählen in {groups} zum besten Viertel.", ranking.proposed),
        (CONTRASTS, "Hier liegen die Mediane der Gruppen am weitesten auseinander.", ranking.contrasts),
    ]
    return [
        Block(title, sentence, [Row(measure, _strip(ranking, measure)) for measure in measures])
        for title, sentence, measures in described
        if measures
    ]


def _strip(ranking, measure):
    groups = list(zip(ranking.shown_groups, measure.medians, strict=True))
    said = ", ".join(f"{group.name} {number(median)}" for group, median in groups)
    return dot_strip(
        f"{measure.code}: Median {said}; mittlere Hälfte aller {number(measure.q1)} bis {number(measure.q3)}.",
        [(SHAPES[group.code], float(median)) for group, median in groups],
        (float(measure.q1), float(measure.q3)),
        best_places(ranking.measures),
        until=ranking.measures,
    )


def _legend(ranking):
    words = [(SHAPES[group.code], group.name) for group in ranking.shown_groups]
    said = ", ".join(f"{SHAPE_NAMES[shape]}: Median {name}" for shape, name in words)
    title = f"Zeichen: {said}, Balken: {BAR}, grauer Grund: {GROUND}."
    return dot_legend(title, words, bar_word=BAR, ground_word=GROUND)


def _note(ranking):
    """How the figures are made, a paragraph for each question."""
    rule = RULE.format(best=best_places(ranking.measures), measures=ranking.measures)
    return [UNPLACED, f"{KENDALL} {_levels(ranking)}".strip(), rule, _protection(ranking)]


def _levels(ranking):
    """“Einigkeit: hoch ab W 0,7, mittel ab W 0,5, sonst gering.”"""
    *named, rest = ranking.levels or (None,)
    if not named:
        return ""
    steps = [f"{level.word} ab W {number(level.least)}" for level in named]
    return f"Einigkeit: {', '.join(steps)}, sonst {rest.word}; diese Stufen sind eine Vereinbarung."


def _protection(ranking):
    said = [f"Gezeigt werden nur Gruppen mit mindestens {in_words(ranking.smallest)} Ranglisten."]
    if ranking.of_shown_groups_only:
        said.append("Die Gesamtwerte stammen aus den gezeigten Gruppen allein, damit niemand zu erkennen ist.")
    if any(group.weight != "1" for group in ranking.groups):
        weights = ", ".join(f"{group.name} {number(group.weight)}" for group in ranking.groups)
        said.append(f"Gewicht einer Rangliste: {weights}.")
    return " ".join(said)
