"""What an administrator types about a strategy: its texts and rhythms, fields, stages, scales, units."""

from django import forms
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from strategy.models import FieldOfAction, Light, OrganisationalUnit, Phase, Priority, Role, Stage, Strategy
from strategy.models.unit import parents_of, subtree

from .bound import BoundForm


class StrategyForm(BoundForm):
    class Meta:
        model = Strategy
        fields = [
            "title",
            "subtitle",
            "vision",
            "starts_on",
            "ends_on",
            "status_rhythm_days",
            "review_days",
            "formal_participation_days",
            "need_answer_days",
            "report_rhythm_months",
        ]

    def clean(self):
        super().clean()
        starts_on, ends_on = self.cleaned_data.get("starts_on"), self.cleaned_data.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("The end lies before the beginning."))


class SignInForm(BoundForm):
    second_factor_roles = forms.MultipleChoiceField(
        label=_("Roles that need a second factor"),
        choices=Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Who holds one of them reaches nothing without it but the page where it is set up, at once."),
    )

    class Meta:
        model = Strategy
        fields = ["second_factor_roles"]


class AtTheEnd:
    """A new row of an ordered list stands last."""

    def save(self, commit=True):
        if self.instance.pk is None:
            rows = type(self.instance).objects.filter(strategy=self.strategy)
            last = rows.aggregate(last=Max("position"))["last"]
            self.instance.position = 0 if last is None else last + 1
        return super().save(commit)


class FieldForm(AtTheEnd, BoundForm):
    class Meta:
        model = FieldOfAction
        fields = ["letter", "title", "summary"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.last_number:
            self.fields["letter"].disabled = True
            self.fields["letter"].help_text = _("Fixed: measures carry it in their code, and a code never changes.")

    def clean_letter(self):
        letter = self.cleaned_data["letter"].upper()
        if not letter.isascii() or not letter.isalpha():
            raise forms.ValidationError(_("Please use letters from A to Z."))
        return letter


class StageForm(BoundForm):
    class Meta:
        model = Stage
        fields = ["number", "title", "summary", "starts_on", "ends_on"]


class ScaleForm(AtTheEnd, BoundForm):
    """A word of a scale; its code is made from the first word and stays."""

    def save(self, commit=True):
        if not self.instance.code:
            self.instance.code = self.free_code()
        return super().save(commit)

    def free_code(self):
        stem = slugify(self.instance.title)[:24] or "word"
        taken = set(type(self.instance).objects.filter(strategy=self.strategy).values_list("code", flat=True))
        candidates = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
        return next(code for code in [stem, *candidates] if code not in taken)


class PhaseForm(ScaleForm):
    class Meta:
        model = Phase
        fields = ["title", "meaning"]


class PriorityForm(ScaleForm):
    class Meta:
        model = Priority
        fields = ["title", "meaning"]


class LightForm(ScaleForm):
    """Only the words: five shapes with their colours are the same everywhere."""

    class Meta:
        model = Light
        fields = ["title", "meaning"]


class UnitForm(BoundForm):
    class Meta:
        model = OrganisationalUnit
        fields = ["kind", "number", "abbreviation", "name", "parent", "predecessor", "valid_from", "valid_to"]
        help_texts = {
            "valid_to": _("The last day. A unit that has been dissolved or renamed ends; its past remains."),
            "predecessor": _("The unit this one replaces, if it was renamed or merged."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            below = subtree({self.instance.pk}, parents_of(self.strategy.pk))
            self.fields["parent"].queryset = self.fields["parent"].queryset.exclude(pk__in=below)
            self.fields["predecessor"].queryset = self.fields["predecessor"].queryset.exclude(pk=self.instance.pk)
