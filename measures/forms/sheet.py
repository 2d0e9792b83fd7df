"""The texts of a measure's sheet as people type them: what they rest on, whom they serve, where they come from."""

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from measures.models import Measure
from strategy.forms.rows import RowsField
from strategy.models import CouncilPaper

from .fields import FoldedBoxes, LineField, ProseField

TEXTS = ("initial_situation", "target_group", "experience", "risks")
ORIGIN = ("origin", "origin_paper", "origin_note")
FOLDED = (*TEXTS, *ORIGIN, "council_papers")
SHEET_FIELDS = (*FOLDED, "source")


class PaperBoxes(FoldedBoxes):
    template_name = "measures/edit/papers.html"


def sheet_fields(strategy):
    """{name: field}, with the council papers of this strategy."""
    papers = CouncilPaper.objects.filter(strategy=strategy)
    hints = {
        "initial_situation": _("Where things stand, and why that does not do."),
        "experience": _("What has been tried and what came of it."),
        "risks": _("What could stand in the way, and what is done about it."),
    }
    texts = {name: _text(name, hints.get(name, "")) for name in TEXTS}
    return texts | {
        "origin": forms.ChoiceField(
            label=_label("origin"), choices=[("", "–"), *Measure.Origin.choices], required=False
        ),
        "origin_paper": forms.ModelChoiceField(papers, label=_label("origin_paper"), required=False),
        "origin_note": LineField(label=_label("origin_note"), max_length=300, required=False),
        "council_papers": RowsField(papers, label=_label("council_papers"), required=False, widget=PaperBoxes),
        "source": LineField(
            label=_label("source"),
            help_text=_("The paper or the record that the measure rests on."),
            max_length=Measure._meta.get_field("source").max_length,
            required=False,
        ),
    }


def _label(name):
    return capfirst(Measure._meta.get_field(name).verbose_name)


def _text(name, hint):
    return ProseField(
        label=_label(name),
        help_text=hint,
        rows=4 if hint else 2,
        required=False,
        max_length=Measure._meta.get_field(name).max_length,
    )
