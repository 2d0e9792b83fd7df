"""What the project group types for a ranking round: question, times, measures, who votes with which weight."""

from copy import copy
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms.models import ModelChoiceIterator
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from measures.figures import figure
from measures.models import Measure, RankingRound
from strategy.forms.bound import BoundForm
from strategy.forms.once import Once
from strategy.forms.rows import RowsField
from strategy.templatetags.portal import shown_end, shown_moment

from .fields import LineField, TextField
from .step import ReasonForm, StepForm

Group = RankingRound.Group
YEARS = (2000, 2199)


class MomentWidget(forms.MultiWidget):
    """A day and the time on it, side by side."""

    template_name = "measures/ranking/moment.html"

    def __init__(self, at_end):
        self.at_end = at_end
        day = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        super().__init__({"day": day, "time": forms.TimeInput({"type": "time"}, format="%H:%M")})

    def decompress(self, moment):
        if moment is None:
            return [None, None]
        local = timezone.localtime(moment)
        if local.time() != time.min:
            return [local.date(), local.time()]
        return [local.date() - timedelta(days=self.at_end), None]


class MomentField(forms.MultiValueField):
    """A moment in Berlin; without a time it is the beginning of the day, or with ``at_end`` its end."""

    def __init__(self, *, at_end=False, **options):
        self.at_end = at_end
        day = forms.DateField(validators=[MinValueValidator(in_year(YEARS[0])), MaxValueValidator(in_year(YEARS[1]))])
        fields = [day, forms.TimeField(required=False)]
        super().__init__(fields, widget=MomentWidget(at_end), require_all_fields=False, **options)

    def compress(self, typed):
        day, clock = typed or (None, None)
        if day is None:
            if clock is not None:
                raise ValidationError(_("Please say on which day."), code="no_day")
            return None
        if clock is None and self.at_end:
            day += timedelta(days=1)
        return from_current_timezone(datetime.combine(day, clock or time.min))


def in_year(year):
    return datetime(year, 1, 1, tzinfo=timezone.get_default_timezone()).date()


class ByField(ModelChoiceIterator):
    """Measures below their fields of action."""

    def __iter__(self):
        for field, measures in groupby(self.queryset, key=attrgetter("field")):
            yield str(field), [self.choice(measure) for measure in measures]


class MeasuresWidget(forms.CheckboxSelectMultiple):
    """A set of boxes for each field of action, with one for all of them where there is script."""

    template_name = "measures/ranking/measures.html"

    def __init__(self):
        super().__init__({"data-select": True})


class MeasuresField(RowsField):
    iterator = ByField
    widget = MeasuresWidget


class RoundForm(Once, BoundForm):
    """A planned round. Everything may follow later, but has to be there before it opens."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1, required=False)
    opens_at = MomentField(
        label=_("Opens by itself"),
        required=False,
        help_text=_(
            "Without a day the project group opens the round by hand; without a time it opens when the day begins."
        ),
    )
    closes_at = MomentField(
        label=_("Closes"),
        required=False,
        at_end=True,
        help_text=_(
            "Nobody can hand in or withdraw a ballot from this moment on; without a time it is the end of the day."
        ),
    )
    measures = MeasuresField(
        Measure.objects.none(),
        label=_("Measures"),
        required=False,
        error_messages={"invalid_choice": _("One of these measures cannot be ranked; please choose again.")},
    )

    class Meta:
        model = RankingRound
        fields = ["title", "question", "method", "top_n", "opens_at", "closes_at", "smallest_group", "is_trial"]
        widgets = {"method": forms.RadioSelect}
        field_classes = {"title": LineField, "question": TextField}

    def __init__(self, data=None, *, strategy, ranking=None, **options):
        super().__init__(data, strategy=strategy, instance=copy(ranking), **options)  # the page tells what is stored
        self.fields["version"].initial = self.instance.version
        for name in ("title", "question"):
            self.fields[name].widget.attrs["lang"] = strategy.lang
        self.fields["question"].widget.attrs["rows"] = 3
        self.fields["top_n"].needed_for = _("where only the first places are ranked")
        for name in ("closes_at", "measures"):
            self.fields[name].needed_for = _("needed to open")
        self.offer_measures()
        self.offer_groups()

    def offer_measures(self):
        """All that can be ranked; a new round begins with every one of them."""
        field = self.fields["measures"]
        field.queryset = Measure.objects.rankable().filter(strategy=self.strategy).select_related("field")
        field.initial = list(
            self.stored_measures() if self.instance.pk else field.queryset.values_list("pk", flat=True)
        )

    def offer_groups(self):
        weights = self.stored_groups() if self.instance.pk else dict.fromkeys(Group, Decimal(1))
        for group in Group:
            self.fields[f"votes_{group}"] = forms.BooleanField(
                label=group.label, required=False, initial=group in weights
            )
            self.fields[f"weight_{group}"] = forms.DecimalField(
                label=_("Weight of a ballot"),
                initial=weights.get(group, Decimal(1)),
                min_value=Decimal("0.01"),
                max_digits=5,
                decimal_places=2,
                widget=forms.NumberInput({"step": "0.01", "aria-label": _("Weight of a ballot: %s") % group.label}),
            )

    def groups(self):
        """[(box, weight)] for the template, a row for each group."""
        return [(self[f"votes_{group}"], self[f"weight_{group}"]) for group in Group]

    def stored_measures(self):
        return list(self.instance.measures.values_list("measure", flat=True))

    def stored_groups(self):
        return {Group(group): weight for group, weight in self.instance.groups.values_list("group", "weight")}

    def not_rankable(self):
        """Chosen once, but not to be ranked any more; saving takes them out."""
        if not self.instance.pk:
            return []
        return [str(row) for row in self.instance.measures.exclude(measure__in=self.fields["measures"].queryset)]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("method") == RankingRound.Method.FULL:
            cleaned["top_n"] = None
        elif cleaned.get("method") == RankingRound.Method.TOP and "top_n" in cleaned and not cleaned["top_n"]:
            self.add_error("top_n", _("Please say how many places there are."))
        self.clean_times(cleaned)
        return cleaned

    def clean_times(self, cleaned):
        opens_at, closes_at = cleaned.get("opens_at"), cleaned.get("closes_at")
        if closes_at and closes_at <= timezone.now():
            self.add_error("closes_at", _("This moment has passed; please choose a later one."))
        elif closes_at and opens_at and closes_at <= opens_at:
            self.add_error("closes_at", _("The end lies before the beginning."))

    def values(self):
        """{field: value} of the round's own fields."""
        return {name: self.cleaned_data[name] for name in self._meta.fields}

    def weights(self):
        """{group: weight} of those who vote."""
        typed = self.cleaned_data
        return {group: typed[f"weight_{group}"] for group in Group if typed[f"votes_{group}"]}

    def choices(self):
        """What is ranked, and who votes with which weight."""
        return {"measures": list(self.cleaned_data["measures"]), "groups": self.weights()}

    @property
    def opened_version(self):
        return self.cleaned_data["version"]


@dataclass(frozen=True)
class Difference:
    """What is stored now in a field where something else was typed."""

    name: str
    label: str | Promise
    stored: str


def merge(form, ranking):
    """Post data for the form to be shown again, and what somebody has to look at.

    Takes the bound form of an older version and the round as stored now. A field that only the other person
    changed gets the stored value, one that both changed keeps what was typed; measures and weights, whose earlier
    state is not known, keep it too.
    """
    opened = ranking.changes.filter(version=form.opened_version).last()
    current = RoundForm(strategy=ranking.strategy, ranking=ranking)
    data, differences = form.data.copy(), []
    data["version"] = str(ranking.version)
    for name in form._meta.fields:
        typed, stored = form.cleaned_data[name], getattr(ranking, name)
        if typed == stored:
            continue
        if opened is not None and typed == getattr(opened, name):
            put(data, current[name])
        elif opened is None or stored != getattr(opened, name):
            differences.append(Difference(name, current[name].label, shown(name, ranking)))
    return data, [*differences, *differing_choices(form, ranking)]


def put(data, field):
    """What a browser would send for this field as it is stored."""
    widget, value = field.field.widget, field.value()
    if isinstance(widget, MomentWidget):
        parts = zip(widget.widgets_names, widget.widgets, widget.decompress(value), strict=True)
        for name, part, typed in parts:
            data[field.html_name + name] = part.format_value(typed) or ""
    elif value is False:
        data.pop(field.html_name, None)
    else:
        data[field.html_name] = "" if value is None else str(value)


def shown(name, ranking):
    value = getattr(ranking, name)
    if name in ("opens_at", "closes_at"):
        return (shown_end if name == "closes_at" else shown_moment)(value) or "–"
    if name == "method":
        return ranking.get_method_display()
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "–" if value in (None, "") else value


def differing_choices(form, ranking):
    typed = form.choices()
    stored = {row.measure_id: str(row) for row in ranking.measures.all()}
    if {measure.pk for measure in typed["measures"]} != set(stored):
        yield Difference("measures", form.fields["measures"].label, ", ".join(stored.values()) or "–")
    weights = {row.group: row.weight for row in ranking.groups.all()}
    if typed["groups"] != weights:
        told = ", ".join(f"{Group(group).label}: {figure(weight)}" for group, weight in weights.items())
        yield Difference("groups", _("Who votes"), told or "–")


class ExtendForm(ReasonForm):
    closes_at = MomentField(label=_("New end"), at_end=True, help_text=_("Without a time it is the end of the day."))
    field_order = ["closes_at", "reason"]


class CloseForm(StepForm):
    """Before its time a round is closed for a reason."""

    reason = TextField(label=_("Reason"), max_length=5000)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        if self.subject.is_over():
            del self.fields["reason"]


class CopyForm(StepForm):
    AS_COPY, AS_FOLLOWER = "copy", "follow"

    kind = forms.ChoiceField(
        label=_("What is it to be?"),
        choices=[
            (AS_COPY, _("A round of its own with the same question, measures and weights")),
            (AS_FOLLOWER, _("A second round, which shows what has moved since this one")),
        ],
        initial=AS_COPY,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        if not self.subject.has_results:
            del self.fields["kind"]

    def details(self):
        return {"follows": self.cleaned_data.get("kind") == self.AS_FOLLOWER}
