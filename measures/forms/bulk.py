"""What is to change in several measures at once."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from measures.models import Tag
from strategy.forms.once import OnceForm
from strategy.forms.rows import RowsField
from strategy.models import FieldOfAction, Phase, Stage

from .core import valid_units
from .fields import LineField, PartialDateField
from .step import StepForm
from .tags import TagsField

LINKS = ("phase", "stage", "field", "lead_unit")
UNCHANGED = _("unchanged")
CAN_BE_CLEARED = {"responsible_function": _("Responsible function"), "phase": _("Phase"), "ends_on": _("End")}


class BulkForm(OnceForm):
    """What is left empty stays as it is."""

    use_required_attribute = False

    responsible_function = LineField(
        label=_("Responsible function"),
        max_length=150,
        required=False,
        help_text=_("A function, not a name: for example “Head of HR development”."),
    )
    phase = forms.ModelChoiceField(Phase.objects.none(), label=_("Phase"), required=False, empty_label=UNCHANGED)
    add_tags = TagsField(label=_("Add tags"), required=False)
    remove_tags = RowsField(
        Tag.objects.none(), label=_("Remove tags"), required=False, widget=forms.CheckboxSelectMultiple
    )
    ends_on = PartialDateField(
        label=_("Set the end to"), required=False, at_end=True, help_text=_("For example 31.12.2026, 12.2026 or 2026.")
    )
    shift = forms.IntegerField(
        label=_("Or move the end by so many months"),
        required=False,
        min_value=-120,
        max_value=120,
        help_text=_("For example 6, or -3 to bring it forward."),
        widget=forms.NumberInput({"min": -120, "max": 120, "inputmode": "numeric"}),
    )
    stage = forms.ModelChoiceField(Stage.objects.none(), label=_("Stage"), required=False, empty_label=UNCHANGED)
    field = forms.ModelChoiceField(
        FieldOfAction.objects.none(), label=_("Field of action"), required=False, empty_label=UNCHANGED
    )
    lead_unit = forms.ModelChoiceField(valid_units(None), label=_("Lead unit"), required=False, empty_label=UNCHANGED)

    clear = forms.MultipleChoiceField(
        label=_("Empty afterwards"),
        required=False,
        choices=CAN_BE_CLEARED.items(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What you tick loses what stands there; the preview shows it first."),
    )

    def __init__(self, data=None, *, strategy, measures):
        super().__init__(data)
        for name, model in (("phase", Phase), ("stage", Stage), ("field", FieldOfAction)):
            self.fields[name].queryset = model.objects.filter(strategy=strategy)
        self.fields["lead_unit"].queryset = valid_units(strategy)
        self.fields["add_tags"].offer(strategy)
        used = Tag.objects.filter(strategy=strategy).used_by(measures)
        self.fields["remove_tags"].queryset = used
        if not used:
            del self.fields["remove_tags"]

    def clean(self):
        self.refuse_clearing_what_is_set()
        if self.cleaned_data.get("ends_on") and self.cleaned_data.get("shift"):
            self.add_error("shift", _("Please either set the end or move it."))
        elif not self.errors and not self.wanted():
            raise ValidationError(_("Please choose what is to change."))
        return self.cleaned_data

    def refuse_clearing_what_is_set(self):
        cleared = self.cleaned_data.get("clear", ())
        for name, others in (("responsible_function", ()), ("phase", ()), ("ends_on", ("shift",))):
            if name in cleared and any(self.cleaned_data.get(one) for one in (name, *others)):
                words = {"field": CAN_BE_CLEARED[name]}
                self.add_error("clear", _("“%(field)s” cannot be set and cleared at once.") % words)

    def wanted(self):
        """{what: value} of everything that is to change, as it can be stored."""
        typed = {name: value for name, value in self.details().items() if value}
        for name in LINKS:
            if name in typed:
                typed[name] = typed[name].pk
        if "remove_tags" in typed:
            typed["remove_tags"] = [tag.name for tag in typed["remove_tags"]]
        if "ends_on" in typed:
            typed["ends_on"] = {"day": typed["ends_on"].day.isoformat(), "precision": typed["ends_on"].precision}
        return typed


class ApplyForm(StepForm):
    open_amendments = forms.BooleanField(
        label=_("Propose an amendment where one is needed"),
        required=False,
        help_text=_("Each opens a review and asks everyone concerned for a statement."),
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        if not self.subject.needing_amendment():
            del self.fields["open_amendments"]
