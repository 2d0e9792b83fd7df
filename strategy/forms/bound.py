from django import forms

from strategy.models import Sourced, StrategyBound


class BoundForm(forms.ModelForm):
    """A form for a row of one strategy: only rows of the same strategy can be chosen in it."""

    def __init__(self, *args, strategy, **kwargs):
        super().__init__(*args, **kwargs)
        self.strategy = strategy
        if isinstance(self.instance, StrategyBound):
            self.instance.strategy = strategy
        for field in self.fields.values():
            self.narrow(field)

    def narrow(self, field):
        if isinstance(field, forms.ModelChoiceField) and issubclass(field.queryset.model, StrategyBound):
            field.queryset = field.queryset.filter(strategy=self.strategy)
        if isinstance(field, forms.DateField):
            field.widget = forms.DateInput({**field.widget.attrs, "type": "date"}, format="%Y-%m-%d")

    def _get_validation_exclusions(self):
        """Nobody types the strategy, but what has to be unique is unique within it."""
        return super()._get_validation_exclusions() - {"strategy"}

    def save(self, commit=True):
        if isinstance(self.instance, Sourced):
            self.instance.own(*self.changed_data)
        return super().save(commit)
