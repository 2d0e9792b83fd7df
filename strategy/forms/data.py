"""How long what is about people is kept: a field a kind."""

from django import forms

from strategy.models import RetentionPeriod
from strategy.retention import KINDS, days_of


class RetentionForm(forms.Form):
    """Keeps only the periods that differ from the usual ones, or once did."""

    def __init__(self, *args, strategy, **kwargs):
        super().__init__(*args, **kwargs)
        self.strategy = strategy
        days = days_of(strategy)
        for kind in KINDS.values():
            self.fields[kind.name] = forms.IntegerField(
                label=kind.label,
                help_text=kind.meaning,
                initial=days[kind.name],
                min_value=1,
                max_value=RetentionPeriod.TEN_YEARS,
            )

    def save(self):
        for name in self.changed_data:
            row = RetentionPeriod.objects.filter(strategy=self.strategy, kind=name).first()
            row = row or RetentionPeriod(strategy=self.strategy, kind=name)
            row.days = self.cleaned_data[name]
            row.save()
