"""What the overview counts and adds up from a projection, and what its charts show; plain functions on plain data."""

from dataclasses import dataclass

from reporting.charts import Mark, decimal_year, line_chart, strip

from .german import QUALIFIERS, SIGNS, day, measured, number


@dataclass(frozen=True)
class Row:
    """A row of a table of figures: its head and a text for each column."""

    head: str
    cells: list[str]


@dataclass(frozen=True)
class Table:
    heads: list[str]
    rows: list[Row]
    total: Row


def lights_of(projection):
    """[(light, number of measures)] for every light of the scale, in its order."""
    return [(light, sum(m.light == light.code for m in projection.measures)) for light in projection.lights]


def lights_sentence(projection):
    """“30 planmäßig, 7 gefährdet, 3 ohne Angabe”: only what there is."""
    counts = [(light.word, count) for light, count in lights_of(projection)]
    counts.append(("ohne Angabe", sum(m.light is None for m in projection.measures)))
    return ", ".join(f"{count}\u00a0{word}" for word, count in counts if count)


def lights_strip(projection):
    parts = [(light.shape, count, f"{SIGNS[light.shape]} {count}") for light, count in lights_of(projection)]
    if any(count for _, count, _ in parts):
        return strip(f"Alle Maßnahmen nach Ampel: {lights_sentence(projection)}.", parts)


def states_by_field(projection):
    """Measures by field of action and state, with sums; states that no measure is in get no column."""
    states = states_of(projection)
    rows = [Row(f"{f.letter} {f.title}", _counts(f.measures, states)) for f in projection.fields if f.measures]
    return Table([state or "ohne Angabe" for state in states], rows, Row("Summe", _counts(projection.measures, states)))


def states_of(projection):
    """The states that measures are in, in the order of the projection."""
    present = {measure.state for measure in projection.measures}
    states = [state for state in projection.states if state in present]
    return states + sorted(present - set(states))


def _counts(measures, states):
    counts = [sum(measure.state == state for measure in measures) for state in states]
    return [str(count or "–") for count in [*counts, len(measures)]]


def has_examples(projection, part):
    return any(part in measure.example for measure in projection.measures)


@dataclass(frozen=True)
class Figures:
    """An indicator as its sheet shows it: a line of words, and where there is a course a chart and its values."""

    words: str
    chart: object = None
    values: tuple[tuple[str, str], ...] = ()  # (day, value), last the target


def figures_of(indicator, year, is_example):
    """The indicator's chart up to the report's year; where there is no course to draw, words say it all."""
    dated = sorted((point for point in indicator.points if point.when), key=lambda point: decimal_year(point.when))
    undated = [point for point in indicator.points if not point.when]
    head = f"{indicator.name} ({indicator.unit})" if indicator.unit else indicator.name
    if len(dated) >= 2 or (dated and indicator.target):
        chart = _chart(indicator, dated, year, is_example)
        return Figures(_with_values(head, undated), chart, _values(indicator, dated))
    words = _with_values(head, [*dated, *undated])
    return Figures(f"{words}; {_target_words(indicator)}" if indicator.target else words)


def _with_values(head, points):
    values = [f"{measured(p)} ({day(p.when)})" if p.when else f"{measured(p)} (ohne Datum)" for p in points]
    return f"{head}: {'; '.join(values)}" if values else head


def _values(indicator, dated):
    values = [(day(point.when), measured(point)) for point in dated]
    if indicator.target:
        reached = f"Ziel bis {indicator.target_year}" if indicator.target_year else "Ziel"
        values.append((reached, number(indicator.target)))
    return tuple(values)


def _target_words(indicator):
    return f"Ziel {number(indicator.target)}" + (f" bis {indicator.target_year}" if indicator.target_year else "")


def _chart(indicator, dated, year, is_example):
    marks = [Mark(decimal_year(p.when), float(p.value), QUALIFIERS[p.qualifier] + number(p.value)) for p in dated]
    target = None
    if indicator.target:
        reached_in = indicator.target_year + 0.5 if indicator.target_year else marks[-1].year
        target = Mark(reached_in, float(indicator.target), f"Ziel {number(indicator.target)}")
    return line_chart(_description(indicator, dated, is_example), marks, target, until=year)


def _description(indicator, dated, is_example):
    """All that the chart shows, for those who hear it."""
    values = "; ".join(f"{day(point.when)}: {measured(point)}" for point in dated)
    name = f"{indicator.name} in {indicator.unit}" if indicator.unit else indicator.name
    return (
        f"{name}{', Beispielwerte' if is_example else ''}: {values}"
        + (f"; {_target_words(indicator)}" if indicator.target else "")
        + "."
    )
