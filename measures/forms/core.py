"""The core fields as people type them: in a draft, and in an amendment."""

from django import forms
from django.utils.translation import gettext_lazy as _

from measures.models import Measure
from strategy.models import FieldOfAction, OrganisationalUnit, Stage

from .fields import LineField, ProseField, TextField

GOAL_FITS, DESCRIPTION_FITS = 150, 150  # characters, so that two printed sheets share a page: advice, never a limit


NEEDED_TO_SUBMIT = _("needed to submit")


def core_fields(strategy, *, keep=None):
    """{name: field} with choices of this strategy; a unit that has ended stays for the measure that ``keep`` is."""
    kept = keep and keep.lead_unit_id
    fields = {
        "title": LineField(label=_("Title"), max_length=200),
        "goal": TextField(
            label=_("Goal"),
            help_text=_("What is different in the end, how can it be recognised, until when?"),
            max_length=Measure._meta.get_field("goal").max_length,
            required=False,
            advice=GOAL_FITS,
        ),
        "description": ProseField(
            label=_("Description"),
            max_length=Measure._meta.get_field("description").max_length,
            rows=6,
            required=False,
            advice=DESCRIPTION_FITS,
        ),
        "field": forms.ModelChoiceField(FieldOfAction.objects.filter(strategy=strategy), label=_("Field of action")),
        "stage": forms.ModelChoiceField(Stage.objects.filter(strategy=strategy), label=_("Stage"), required=False),
        "lead_unit": forms.ModelChoiceField(valid_units(strategy, {kept}), label=_("Lead unit"), required=False),
    }
    for name in ("goal", "stage", "lead_unit"):
        fields[name].needed_for = NEEDED_TO_SUBMIT
    return fields


def valid_units(strategy, kept=()):
    """Units of the strategy that exist today, and those already chosen."""
    units = OrganisationalUnit.objects.filter(strategy=strategy)
    return units.valid() | units.filter(pk__in=[pk for pk in kept if pk])
