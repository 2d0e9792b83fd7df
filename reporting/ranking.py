"""From the last ranking round to what each variant of a report says of it.

The results were suppressed when the round closed; here measures are left out that a variant does not show.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext

from measures.findings import CONTRASTS, Findings
from measures.models import RankingRound
from reporting.models import Variant
from reporting.print import projection as printed
from reporting.print.projection import iso_day

Group = RankingRound.Group


@dataclass
class LastRound:
    """A published round and its measures as they are now."""

    round: RankingRound
    rows: list
    is_example: bool

    @classmethod
    def read(cls, strategy):
        """``None`` where none has been published; a trial never counts."""
        last = RankingRound.objects.last_published(strategy)
        return last and cls(last, list(last.measures.select_related("measure")), strategy.is_demo)

    def shown_in(self, variant):
        found, last = Findings(self.round, self.rows), self.round
        places = [place for place in found.places if _is_shown(place.row.measure, variant)]
        apart = sorted((place for place in places if place.figures["contrast"]), key=_by_spread)
        return printed.Ranking(
            title=last.title,
            published_on=iso_day(timezone.localdate(last.published_at)),
            measures=len(self.rows),
            electors=found.electors,
            top=last.top_n,
            smallest=found.smallest,
            groups=_groups(found),
            overall=_agreement("all", gettext("All together"), found.overall, is_shown=found.is_shown),
            of_shown_groups_only=found.of_shown_groups_only,
            levels=tuple(printed.Level(word=str(word), least=_number(least)) for least, word in found.levels),
            proposed=tuple(_ranked(place, found) for place in places if place.is_proposed),
            contrasts=tuple(_ranked(place, found) for place in apart[:CONTRASTS]),
            leaves_out=len(places) < len(found.places),
            is_example=self.is_example,
        )


def _is_shown(measure, variant):
    """Undecided measures are for those who take part, drafts for nobody outside the project group."""
    return bool(measure.decided_on if variant == Variant.PUBLIC else measure.submitted_on)


def _by_spread(place):
    return tuple(-part for part in place.spread)


def _groups(found):
    """Every group that votes, in the order of the groups; of those not shown the name alone."""
    shown = {agreement.group: agreement for agreement in found.groups}
    voting = {row["group"]: row["weight"] for row in found.results["groups"]}
    return tuple(
        _agreement(group, group.label, shown.get(group), is_shown=group in shown, weight=voting[group])
        for group in Group
        if group in voting
    )


def _agreement(code, name, agreement, *, is_shown, weight=1):
    told = {}
    if is_shown:
        w = "" if agreement.w is None else f"{agreement.w:.2f}"
        told = {"ballots": agreement.n, "w": w, "word": agreement.word}
    return printed.Agreement(code=code, name=str(name), is_shown=is_shown, weight=_number(weight), **told)


def _ranked(place, found):
    figures = place.figures
    shown = {agreement.group for agreement in found.groups}
    return printed.Ranked(
        code=place.row.measure.code,
        title=place.row.measure.title,
        place=place.number,
        medians=tuple(_number(figures["groups"][group]["median"]) for group in Group if group in shown),
        q1=_number(figures["q1"]),
        q3=_number(figures["q3"]),
    )


def _number(value):
    """With two decimals at most, and no zeros behind the point."""
    return f"{Decimal(str(round(value, 2))).normalize():f}"
