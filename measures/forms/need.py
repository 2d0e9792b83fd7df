"""Needs of the staff council: the draft, the answer, and what the other steps ask for."""

from datetime import timedelta

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from measures.models import Measure, Need, NeedNote
from strategy.forms.rows import RowsField
from strategy.models import FieldOfAction, Stage

from .core import NEEDED_TO_SUBMIT, valid_units
from .edit import UnitBoxes
from .fields import DayField, HintedRadios, LineField, ProseField, TextField
from .step import ReasonForm, StepForm
from .versioned import VersionedForm, units_of

State, Kind, Origin, Outcome = Need.State, Need.Kind, Need.Origin, Need.Outcome
LONGEST_REASON = 5000
NEEDED_OF_AN_APPLICATION = _("needed to submit an application")

KINDS = {
    Kind.INFORMAL: _("A concern from the staff, outside of any formal procedure."),
    Kind.APPLICATION: _("The council's right of initiative, with legal basis, resolution and reasons."),
}
ORIGINS = {
    Origin.PORTAL: _("From the staff council's own work."),
    Origin.PAPER: _("On behalf of somebody without an e-mail account. Please enter no names."),
}
DECISIONS = {
    Outcome.ADOPTED: _("adopt"),
    Outcome.MERGED: _("merge"),
    Outcome.DEFERRED: _("defer"),
    Outcome.DECLINED: _("decline"),
}
OUTCOMES = {
    Outcome.ADOPTED: _("It becomes a measure and stays linked to it for ever."),
    Outcome.MERGED: _("A measure there is, or another need, takes it in; both origins stay visible."),
    Outcome.DEFERRED: _("It is left for a later stage."),
    Outcome.DECLINED: _("It is not followed up."),
}


def longest(field):
    return Need._meta.get_field(field).max_length


class NeedForm(VersionedForm):
    """A draft of the staff council; an application has fields of its own, never mixed with an informal need."""

    names = (
        "kind",
        "legal_basis",
        "resolved_on",
        "title",
        "text",
        "reasons",
        "affected_units",
        "affected_groups",
        "employees_behind",
        "urgency",
        "wished_stage",
        "origin",
        "is_confidential",
    )
    links = {"wished_stage": Stage}

    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices, widget=HintedRadios(KINDS), initial=Kind.INFORMAL)
    legal_basis = forms.ChoiceField(
        label=_("Legal basis of the application"),
        choices=[("", _("Please choose")), *Need.LegalBasis.choices],
        required=False,
    )
    resolved_on = DayField(
        label=_("Day of the council's resolution"),
        help_text=_("For example 20.11.2026."),
        until=timezone.localdate,
        required=False,
    )
    title = LineField(label=_("Title"), max_length=longest("title"))
    text = ProseField(
        label=_("What is needed"),
        help_text=_("What should be different, for whom?"),
        rows=6,
        max_length=longest("text"),
        required=False,
    )
    reasons = ProseField(
        label=_("Reasons"),
        help_text=_("What shows the need? Figures without names."),
        rows=5,
        max_length=longest("reasons"),
        required=False,
    )
    affected_units = RowsField(valid_units(None), label=_("Affected units"), required=False, widget=UnitBoxes)
    affected_groups = LineField(
        label=_("Affected groups of employees"),
        help_text=_("For example educators, trainees, shift workers."),
        max_length=longest("affected_groups"),
        required=False,
    )
    employees_behind = forms.IntegerField(
        label=_("Employees behind it"),
        help_text=_("About how many; a number, never names."),
        min_value=1,
        max_value=1_000_000,
        required=False,
    )
    urgency = forms.ChoiceField(
        label=_("Urgency"), choices=Need.Urgency.choices, widget=forms.RadioSelect, initial=Need.Urgency.MEDIUM
    )
    wished_stage = forms.ModelChoiceField(Stage.objects.none(), label=_("Wished stage"), required=False)
    origin = forms.ChoiceField(
        label=_("Where it comes from"), choices=Origin.choices, widget=HintedRadios(ORIGINS), initial=Origin.PORTAL
    )
    is_confidential = forms.BooleanField(
        label=_("Confidential"),
        help_text=_("Keeps the need out of everything that is public, reports too. Whoever takes part still reads it."),
        required=False,
    )

    def __init__(self, data=None, *, strategy, row=None):
        super().__init__(data, strategy=strategy, row=row)
        self.fields["wished_stage"].queryset = Stage.objects.filter(strategy=strategy)
        self.fields["affected_units"].queryset = valid_units(strategy, self.initial.get("affected_units", ()))
        self.fields["text"].needed_for = NEEDED_TO_SUBMIT
        for name in Need.NEEDED_OF_AN_APPLICATION:
            self.fields[name].needed_for = NEEDED_OF_AN_APPLICATION

    @classmethod
    def values_of(cls, row):
        values = {name: getattr(row, name) for name in cls.names if name not in ("wished_stage", "affected_units")}
        return values | {"wished_stage": row.wished_stage_id, "affected_units": units_of(row.affected_units.all())}

    def clean(self):
        """What only an application has is refused elsewhere, not dropped: perhaps the kind is what is wrong."""
        if self.cleaned_data.get("kind") == Kind.INFORMAL:
            for name in ("legal_basis", "resolved_on"):
                if self.cleaned_data.get(name):
                    self.add_error(name, _("Only an application has this; please leave it empty."))
        return self.cleaned_data

    def checklist(self):
        """What submission needs: [{label, state}], state being done, open or wrong."""
        needed = [(_("Title"), ("title",)), (_("What is needed"), ("text",))]
        if self["kind"].value() == Kind.APPLICATION:
            needed += [
                (_("Reasons"), ("reasons",)),
                (_("Legal basis of the application"), ("legal_basis",)),
                (_("Day of the council's resolution"), ("resolved_on",)),
            ]
        return [{"label": label, "state": self.state_of(names)} for label, names in needed]


class AnswerForm(StepForm):
    """What becomes of the need. Fields of other answers than the one chosen say nothing and are left out."""

    OF_OUTCOME = {
        Outcome.ADOPTED: ("field", "title"),
        Outcome.MERGED: ("measure", "merged_into"),
        Outcome.DEFERRED: ("deferred_to",),
        Outcome.DECLINED: (),
    }

    NEEDED = {
        "field": _("needed to adopt"),
        "title": _("needed to adopt"),
        "measure": _("one of the two"),
        "merged_into": _("one of the two"),
        "deferred_to": _("needed to defer"),
    }

    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=[(outcome.value, words) for outcome, words in DECISIONS.items()],
        widget=HintedRadios(OUTCOMES),
    )
    field = forms.ModelChoiceField(
        FieldOfAction.objects.none(),
        label=_("Field of action"),
        help_text=_("The draft measure gets its code from it; everything else can be completed there."),
        required=False,
    )
    title = LineField(
        label=_("Title of the measure"), max_length=Measure._meta.get_field("title").max_length, required=False
    )
    measure = forms.ModelChoiceField(Measure.objects.none(), label=_("Into the measure"), required=False)
    merged_into = forms.ModelChoiceField(Need.objects.none(), label=_("Or into another need"), required=False)
    deferred_to = forms.ModelChoiceField(Stage.objects.none(), label=_("Deferred to"), required=False)
    reason = ProseField(
        label=_("Reasons"),
        help_text=_(
            "Always needed, with consent too. The staff council receives the wording; unless the need is confidential, "
            "the beginning of it stands in the council report."
        ),
        max_length=LONGEST_REASON,
    )

    def __init__(self, *args, subject, actor, **options):
        super().__init__(*args, subject=subject, **options)
        of_strategy = {"strategy": subject.strategy_id}
        measures = Measure.objects.visible_to(actor).filter(**of_strategy).exclude(state=Measure.State.DROPPED)
        self.fields["field"].queryset = FieldOfAction.objects.filter(**of_strategy)
        self.fields["measure"].queryset = measures.select_related("field")
        self.fields["merged_into"].queryset = takes_in(Need.objects.visible_to(actor).filter(**of_strategy), subject)
        self.fields["deferred_to"].queryset = Stage.objects.filter(**of_strategy)
        self.initial = {"title": subject.measure_draft().get("title", "")} | self.initial
        for name, words in self.NEEDED.items():
            self.fields[name].needed_for = words

    def details(self):
        typed = super().details()
        chosen = {name: typed[name] for name in self.OF_OUTCOME[typed["outcome"]] if typed[name]}
        if typed["outcome"] == Outcome.ADOPTED:
            chosen = {"draft": chosen}
        return {"outcome": typed["outcome"], "reason": typed["reason"]} | chosen


def takes_in(needs, need):
    """Those that another need can be merged into."""
    gone = Q(state__in=[State.DRAFT, State.WITHDRAWN]) | Q(merged_into__isnull=False) | Q(pk=need.pk)
    return needs.exclude(gone)


class ExtendForm(ReasonForm):
    due_on = DayField(label=_("New day for the answer"))
    reason = TextField(
        label=_("Interim notice"),
        help_text=_("Why it takes longer. The staff council receives the wording."),
        max_length=LONGEST_REASON,
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["due_on"].initial = max(self.subject.due_on, timezone.localdate()) + timedelta(days=14)


class ObjectForm(StepForm):
    reason = TextField(
        label=_("Objection"),
        help_text=_("Why the answer does not do. It is possible once; the steering team answers."),
        max_length=LONGEST_REASON,
    )


class AnswerObjectionForm(StepForm):
    reason = TextField(
        label=_("Answer to the objection"),
        help_text=_("The staff council receives the wording; it can then only settle the need."),
        max_length=LONGEST_REASON,
    )


class NoteForm(StepForm):
    text = TextField(
        label=_("Internal note"),
        help_text=_("Only members of the staff council ever read it, after submission too."),
        rows=3,
        max_length=NeedNote._meta.get_field("text").max_length,
    )
