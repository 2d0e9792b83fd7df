"""What it takes to plan the next report."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from measures.forms.step import StepForm
from reporting.models import CouncilReport
from reporting.models.series import SESSION_TAKEN, up_to_date_by
from strategy.models import CouncilSession

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PlanForm(StepForm):
    """The session and the day the measures are up to date; ``subject`` is an unsaved report of the strategy."""

    planned_for = forms.ModelChoiceField(
        CouncilSession.objects.none(),
        label=_("Session"),
        help_text=_("The session at which the council is to have it."),
    )
    updates_due_on = forms.DateField(
        label=_("Measures up to date by"),
        required=False,
        widget=DAY,
        help_text=_("Whoever leads a running measure is reminded until then to report its status. Empty: nobody is."),
    )
    title = forms.CharField(label=_("Subject"), max_length=200)

    field_order = ["planned_for", "updates_due_on", "title"]

    def __init__(self, *args, last, proposed, **options):
        super().__init__(*args, **options)
        self.fields["planned_for"].queryset = CouncilReport.objects.free_sessions(self.subject.strategy)
        self.fields["planned_for"].error_messages["invalid_choice"] = SESSION_TAKEN
        self.fields["title"].initial = last.subject if last else ""
        self.fields["title"].widget.attrs["lang"] = self.subject.strategy.lang
        self.fields["updates_due_on"].widget.attrs["min"] = timezone.localdate().isoformat()
        if proposed:
            self.fields["planned_for"].initial = proposed.pk
            self.fields["updates_due_on"].initial = up_to_date_by(proposed)

    def plan(self, by):
        typed = self.details()
        values = {"subject": typed["title"]}
        return CouncilReport.objects.plan(
            by=by, session=typed["planned_for"], updates_due_on=typed["updates_due_on"], **values
        )
