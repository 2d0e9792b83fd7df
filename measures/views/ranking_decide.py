"""The steering team's priorities beside the proposals of a ranking round, all in one step."""

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from measures.forms.ranking_decide import DecideForm
from measures.models import Measure
from strategy.models import Priority

from .ranking_results import findings_of
from .ranking_step import RankingStep, address


class Decide(RankingStep):
    """Each measure of the round with its proposal and a choice; ``?preset=proposals`` begins with what is proposed."""

    verb = "decide"
    form_class = DecideForm
    template_name = "measures/ranking/decide.html"

    def is_possible(self):
        return super().is_possible() and not self.subject.is_trial

    def why_not(self):
        return _("A trial round leads to no priorities.") if self.subject.is_trial else super().why_not()

    @cached_property
    def rows(self):
        """The measures of the round in the common order, each with its ``place`` as far as there is one."""
        findings = findings_of(self.subject, self.request.actor)
        for row in findings.rows.values():
            row.place = None
        for place in findings.places:
            place.row.place = place
        return [place.row for place in findings.places] or list(findings.rows.values())

    def get_form_kwargs(self):
        rows = self.rows if self.is_possible() else []
        wants_proposals = self.request.GET.get("preset") == "proposals"
        return super().get_form_kwargs() | {
            "rows": [row for row in rows if can_be_prioritised(row)],
            "preset": [row for row in rows if row.place and row.place.is_proposed] if wants_proposals else [],
        }

    def get_success_url(self):
        return f"{address(self.subject, 'results')}#decisions"

    def get_context_data(self, **context):
        return super().get_context_data(
            shut_out=[row for row in self.rows if not can_be_prioritised(row)],
            proposed=[row for row in self.rows if row.place and row.place.is_proposed],
            highest=Priority.objects.filter(strategy=self.subject.strategy_id).first(),
            **context,
        )


def can_be_prioritised(row):
    return row.measure.state in Measure.prioritise.sources
