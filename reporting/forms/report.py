"""What the project group types for a council report: guided, section by section."""

from django import forms
from django.db.models import Q
from django.forms import inlineformset_factory
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from measures.forms.fields import ProseField, TextField
from measures.models import Measure
from measures.models.resource import YEARS_OF_A_BUDGET, budget_of, budget_years
from reporting.models import Annex, Consultation, CouncilReport, Signature
from reporting.models.series import SESSION_TAKEN, check_updates_day
from reporting.outline import labels_to_revise
from strategy.forms.bound import BoundForm
from strategy.forms.once import OnceForm
from strategy.forms.rows import RowsField
from strategy.models import OrganisationalUnit
from strategy.workflow import RuleViolation

# A draft is never in a report, so nobody chooses that state.
REPORTABLE = [(value, label) for value, label in Measure.State.choices if value != Measure.State.DRAFT]

ROWS_OF_LINES = {"originators": 2, "banner": 2, "motion": 4, "pending_requests": 2, "settled_requests": 2}
ROWS_OF_PROSE = {
    "text": 14,
    "financial_effects": 3,
    "foreword": 5,
    "deviations": 6,
    "participation": 6,
    "outlook": 6,
}


class NewReportForm(OnceForm):
    """The two things a draft needs; everything else is prefilled or typed later."""

    subject = forms.CharField(label=_("Subject"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=CouncilReport.Kind.choices, widget=forms.RadioSelect)

    field_order = ["subject", "kind"]


class ReportForm(BoundForm):
    """All texts and choices of a draft; its rows are formsets of their own (``rows``)."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    scope_states = forms.MultipleChoiceField(
        label=_("States"), choices=REPORTABLE, required=False, widget=forms.CheckboxSelectMultiple
    )
    finance_budget = forms.TypedChoiceField(
        label=_("Tables of the financial effects"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("Operating budget, capital budget and positions, from what the measures have registered."),
    )
    revised = forms.MultipleChoiceField(
        label=_("Read again and still right"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Taken over from the last report. What you change counts as read again."),
    )
    cosigning_units = RowsField(
        OrganisationalUnit.objects.all(),
        label=_("Units asked to co-sign"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They see the report and are asked as soon as you save."),
    )

    class Meta:
        model = CouncilReport
        fields = [
            "subject",
            "about",
            "kind",
            "originators",
            "file_reference",
            "number",
            "supplement",
            "dated_on",
            "banner",
            "planned_for",
            "updates_due_on",
            "is_summary",
            "text",
            "motion",
            "financial_effects",
            "finance_budget",
            "paper_only",
            "foreword",
            "deviations",
            "participation",
            "outlook",
            "predecessor",
            "scope_fields",
            "scope_stages",
            "scope_states",
            "cosign_due_on",
            "pending_requests",
            "settled_requests",
        ]
        field_classes = {"scope_fields": RowsField, "scope_stages": RowsField}
        widgets = {
            "kind": forms.RadioSelect,
            "scope_fields": forms.CheckboxSelectMultiple,
            "scope_stages": forms.CheckboxSelectMultiple,
        }

    def __init__(self, data=None, *, report, **options):
        super().__init__(data, instance=report, strategy=report.strategy, **options)
        self.report = report
        self.fields["version"].initial = report.version
        self.fields["cosigning_units"].initial = [row.unit_id for row in report.cosignatures.all()]
        self.narrow_units(self.fields["cosigning_units"])
        self.narrow_sessions(self.fields["planned_for"])
        self.fields["finance_budget"].choices = self.budgets()
        self.fields["revised"].choices = labels_to_revise(report)
        self.fields["revised"].initial = []
        others = self.fields["predecessor"].queryset.filter(state__in=CouncilReport.PUBLISHED, paper_only=False)
        self.fields["predecessor"].queryset = others.exclude(pk=report.pk)
        for name, rows in ROWS_OF_LINES.items():
            self.make_text(name, TextField, rows)
        for name, rows in ROWS_OF_PROSE.items():
            self.make_text(name, ProseField, rows)
        self.rows = [
            make(data, instance=report, prefix=prefix, form_kwargs={"strategy": report.strategy})
            for prefix, make in ROWS.items()
        ]

    def narrow_units(self, field):
        """Units of the strategy that exist today and can answer for a text, and those asked already."""
        units = field.queryset.exclude(kind__in=[OrganisationalUnit.Kind.BODY, OrganisationalUnit.Kind.CITY])
        asked = field.queryset.filter(pk__in=field.initial)
        field.queryset = (units.valid() | asked).distinct()

    def narrow_sessions(self, field):
        """Sessions no other report is planned for, and its own."""
        free = CouncilReport.objects.free_sessions(self.strategy).values("pk")
        own = Q(pk=self.report.planned_for_id)
        field.queryset = field.queryset.filter(Q(pk__in=free) | own).select_related("body").order_by("held_on", "pk")
        field.error_messages["invalid_choice"] = SESSION_TAKEN

    def budgets(self):
        """The double budgets around today, and the one that was chosen."""
        current = budget_of(timezone.localdate().year)
        years = {
            current - YEARS_OF_A_BUDGET,
            current,
            current + YEARS_OF_A_BUDGET,
            self.report.finance_budget or current,
        }
        return [("", _("no tables")), *((year, "/".join(map(str, budget_years(year)))) for year in sorted(years))]

    def make_text(self, name, kind, rows):
        """Browsers send CR LF; without it two equal texts have one hash."""
        typed = self.fields[name]
        self.fields[name] = kind(
            label=typed.label, help_text=typed.help_text, max_length=typed.max_length, required=False, rows=rows
        )
        self.fields[name].widget.attrs["lang"] = self.strategy.lang

    @property
    def consultations(self):
        return self.rows[0]

    @property
    def signatures(self):
        return self.rows[1]

    @property
    def annexes(self):
        return self.rows[2]

    def is_valid(self):
        """Ask the rows too, so that all errors are shown at once."""
        return all([super().is_valid(), *(rows.is_valid() for rows in self.rows)])

    def has_changed(self):
        return super().has_changed() or any(rows.has_changed() for rows in self.rows)

    @property
    def opened_version(self):
        return self.cleaned_data["version"]

    def clean(self):
        super().clean()
        if {"planned_for", "updates_due_on"} & set(self.changed_data):
            planned_for, day = self.cleaned_data.get("planned_for"), self.cleaned_data.get("updates_due_on")
            try:
                check_updates_day(planned_for, day)
            except RuleViolation as problem:
                self.add_error(None, problem)

    def values(self):
        """{field: value} of what was changed, for ``CouncilReport.edit``."""
        values = {name: self.cleaned_data[name] for name in self.changed_data if name not in ("version", "revised")}
        still = [name for name in self.report.to_revise if name not in self.read_again()]
        return values if still == self.report.to_revise else {**values, "to_revise": still}

    def read_again(self):
        """Names of what somebody has changed or found right as it was."""
        rows = {"consultations"} if self.consultations.has_changed() else set()
        return {*self.changed_data, *self.cleaned_data["revised"], *rows}

    def save_rows(self):
        for rows in self.rows:
            rows.save()


class ConsultationForm(BoundForm):
    class Meta:
        model = Consultation
        fields = ["session", "body", "purpose", "is_public"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        bodies = self.fields["body"].queryset.filter(kind=OrganisationalUnit.Kind.BODY)
        self.fields["body"].queryset = bodies
        self.fields["session"].queryset = self.fields["session"].queryset.select_related("body")


class SignatureForm(BoundForm):
    class Meta:
        model = Signature
        fields = ["name", "function"]


class AnnexForm(BoundForm):
    class Meta:
        model = Annex
        fields = ["title"]


class RowsInOrder(forms.BaseInlineFormSet):
    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("Remove this row")

    def typed(self):
        """The rows as they would be saved, for the preview; what is empty, wrong or to be removed is left out."""
        self.is_valid()
        wanted = [form for form in self.forms if form not in self.deleted_forms]
        return [form.instance for form in wanted if form.is_valid() and (form.has_changed() or form.instance.pk)]

    def save_new(self, form, commit=True):
        form.instance.position = self.forms.index(form)
        return super().save_new(form, commit)


def _rows_of(form, most):
    """A formset of so many rows; whoever sends hundreds gets an error without hundreds of forms being made."""
    return inlineformset_factory(
        CouncilReport,
        form._meta.model,
        form=form,
        formset=RowsInOrder,
        extra=1,
        max_num=most,
        validate_max=True,
        absolute_max=2 * most,
    )


ROWS = {
    "consultations": _rows_of(ConsultationForm, 12),
    "signatures": _rows_of(SignatureForm, 6),
    "annexes": _rows_of(AnnexForm, 30),
}
