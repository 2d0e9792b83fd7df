"""The core fields once more, to be changed by a proposal."""

from measures.models import CORE_FIELDS

from .core import core_fields
from .step import StepForm


class AmendmentForm(StepForm):
    """What is proposed is what was changed in the form, seen from the text as it was when the form was opened."""

    def __init__(self, *args, subject, **options):
        super().__init__(*args, subject=subject, **options)
        for name, field in core_fields(subject.strategy_id, keep=subject).items():
            field.initial = getattr(subject, name)
            field.show_hidden_initial = True
            field.required = field.required or bool(field.initial)
            self.fields[name] = field
        self.order_fields(CORE_FIELDS)

    def core(self):
        return {name: self.cleaned_data[name] for name in CORE_FIELDS if name in self.changed_data}

    def details(self):
        return {"core": self.core()}
