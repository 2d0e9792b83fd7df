"""What the steering team chooses beside the proposals of a ranking round."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from strategy.models import Priority

from .fields import TextField
from .step import StepForm

LONGEST_REASON = 5000


class DecideForm(StepForm):
    """A priority for each of these measures of the round, or none; a common reason, or one of its own.

    ``preset`` are those for which the form begins with the highest priority.
    """

    reason = TextField(
        label=_("Common reason"),
        required=False,
        max_length=LONGEST_REASON,
        help_text=_("Holds for every measure that has no reason of its own."),
    )

    def __init__(self, *args, rows, preset=(), **options):
        super().__init__(*args, **options)
        self.rows = rows
        priorities = Priority.objects.filter(strategy=self.subject.strategy_id)
        self.priorities = {str(priority.pk): priority for priority in priorities}
        highest = next(iter(self.priorities), "")
        for row in rows:
            self.fields[f"priority_{row.pk}"] = self._choice(row, highest if row in preset else "")
            self.fields[f"reason_{row.pk}"] = TextField(
                label=_("Own reason: %(measure)s") % {"measure": row}, required=False, max_length=LONGEST_REASON, rows=2
            )

    def _choice(self, row, initial):
        return forms.ChoiceField(
            choices=[
                ("", _("no decision")),
                *((number, str(priority)) for number, priority in self.priorities.items()),
            ],
            label=_("Priority: %(measure)s") % {"measure": row},
            required=False,
            initial=initial,
            widget=forms.Select({"class": "f sm"}),
        )

    def choices(self):
        """[(measure of the round, its field for the priority, its field for a reason)]."""
        return [(row, self[f"priority_{row.pk}"], self[f"reason_{row.pk}"]) for row in self.rows]

    def clean(self):
        chosen = [row for row in self.rows if self.cleaned_data.get(f"priority_{row.pk}")]
        if not chosen and not self.errors:
            raise ValidationError(_("Please choose a priority for at least one measure."), code="nothing_chosen")
        without = [row for row in chosen if not self.cleaned_data.get(f"reason_{row.pk}")]
        if without and not self.cleaned_data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Please give a reason, here or at each measure."))

    def details(self):
        decisions = [
            (row, self.priorities[chosen], self.cleaned_data[f"reason_{row.pk}"])
            for row in self.rows
            if (chosen := self.cleaned_data[f"priority_{row.pk}"])
        ]
        return {"reason": self.cleaned_data["reason"], "decisions": decisions}
