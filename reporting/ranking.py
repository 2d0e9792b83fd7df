"""From the last ranking round to what each variant of a report says of it.

The results were suppressed when the round closed; here measures are left out that a variant does not show.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext

from measures.models import RankingRound
from reporting.models import Variant
from reporting.print import projection as printed
from reporting.print.projection import iso_day

CONTRASTS = 5  # so many measures on which the groups differ most


@dataclass
class LastRound:
    """A published round and its measures: what was ranked, as {item of the results: measure}."""

    round: RankingRound
    measures: dict
    is_example: bool

    @classmethod
    def read(cls, strategy):
        """``None`` where none has been published; a trial never counts."""
        published = RankingRound.objects.filter(strategy=strategy, state=RankingRound.State.PUBLISHED, is_trial=False)
        last = published.order_by("-published_at", "-pk").first()
        if last is None:
            return None
        measures = {row.pk: row.measure for row in last.measures.select_related("measure")}
        return cls(last, measures, strategy.is_demo)

    def shown_in(self, variant):
        from measures.agreement import LEVELS  # loads NumPy and SciPy, which nothing else here needs

        results, last = self.round.results, self.round
        groups = {row["group"]: row for row in results["groups"]}
        voting = [group for group in RankingRound.Group if group in groups]
        shown = [group for group in voting if groups[group]["shown"]]
        rows = [(row, measure) for row, measure in self._rows() if _is_shown(measure, variant)]
        return printed.Ranking(
            title=last.title,
            published_on=iso_day(timezone.localdate(last.published_at)),
            measures=len(self.measures),
            top=last.top_n,
            smallest=last.smallest_group,
            groups=tuple(_agreement(group, group.label, groups[group]) for group in voting),
            overall=_agreement("all", gettext("All together"), results["overall"]),
            of_shown_groups_only=results["overall"]["of_shown_groups_only"],
            levels=tuple(printed.Level(level=level, least=_number(least)) for least, level in LEVELS),
            proposed=tuple(_ranked(row, measure, shown) for row, measure in rows if row["proposed"]),
            contrasts=tuple(_ranked(row, measure, shown) for row, measure in _furthest_apart(rows)),
            leaves_out=len(rows) < len(results["items"]),
            is_example=self.is_example,
        )

    def _rows(self):
        return [(row, self.measures[row["item"]]) for row in self.round.results["items"]]


def _is_shown(measure, variant):
    return bool(measure.decided_on if variant == Variant.PUBLIC else measure.submitted_on)


def _furthest_apart(rows):
    apart = [(row, measure) for row, measure in rows if row["contrast"]]
    return sorted(apart, key=lambda found: -found[0]["contrast"])[:CONTRASTS]


def _ranked(row, measure, groups):
    return printed.Ranked(
        code=measure.code,
        title=measure.title,
        place=row["place"],
        medians=tuple(_number(row["groups"][group]["median"]) for group in groups),
        q1=_number(row["q1"]),
        q3=_number(row["q3"]),
    )


def _agreement(code, name, row):
    from measures.agreement import level

    w = None if row["w"] is None else round(row["w"], 2)  # the word is that of the figure as printed
    return printed.Agreement(
        code=code,
        name=str(name),
        is_shown=row["shown"],
        ballots=row["n"],
        w="" if w is None else f"{w:.2f}",
        level="" if w is None else level(w),
        weight=_number(row.get("weight", 1)),
    )


def _number(value):
    """With two decimals at most, and no zeros behind the point."""
    return f"{Decimal(str(round(value, 2))).normalize():f}"
