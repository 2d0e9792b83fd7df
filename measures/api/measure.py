"""Measures: all that their pages tell, and what the project group writes."""

from collections import defaultdict

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast, Coalesce, Concat, Length, LPad, Substr
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers

from measures.exchange.row_form import Refused, RowForms
from measures.filters import IN_ORDER_OF_STATES, MeasureFilter, choices_of
from measures.models import Measure
from strategy.api.problems import Invalid, Outdated
from strategy.api.rows import Body, Row
from strategy.api.views import IF_MATCH, InStrategy
from strategy.models import DatePrecision, EditConflict


def in_digits(number):
    """A number as text that sorts as it does."""
    return LPad(Cast(number, models.CharField()), 12, Value("0"))


def day(name, unknown):
    """A day as text, with another one where it is not known."""
    return Coalesce(Cast(name, models.CharField()), Value(unknown))


#: What the list can be sorted by, as text; what is not known stands last.
ORDERINGS = {
    "code": in_digits(
        F("field__position") * 100000 + Cast(Substr("code", Length("field__letter") + 1), models.IntegerField())
    ),
    "title": F("title"),
    "state": in_digits(IN_ORDER_OF_STATES),
    "priority": in_digits(Coalesce("priority__position", 99999)),
    "stage": in_digits(Coalesce("stage__number", 99999)),
    "progress": in_digits(F("progress")),
    "begin": day("starts_on", "9999"),
    "end": day("ends_on", "9999"),
    "age": day("status_on", "0000"),
}
#: Where tags are typed, these part them: with one in it, it would come back as two.
ONE_TAG = RegexValidator(r"^[^,;]*\Z", _("A tag holds neither comma nor semicolon."))
#: Rows that are named by what people call them, not by a number of the database.
NAMED_BY = {"field": "letter", "stage": "number", "phase": "code"}


class MeasureRow(Row):
    later = ("involved_units", "tags", "council_papers")

    code = serializers.CharField(help_text=_("Given once, never changed."))
    version = serializers.IntegerField(help_text=_("Of what can be edited; also the ETag."))
    title = serializers.CharField()
    field = serializers.CharField(source="field.letter", help_text=_("Letter of the field of action."))
    stage = serializers.IntegerField(source="stage.number", allow_null=True, help_text=_("Number of the stage."))
    lead_unit = serializers.IntegerField(allow_null=True, help_text=_("Id of the unit that leads."))
    responsible_function = serializers.CharField(help_text=_("A function, never a name."))
    state = serializers.ChoiceField(Measure.State.choices)
    phase = serializers.CharField(source="phase.code", allow_null=True)
    priority = serializers.CharField(source="priority.code", allow_null=True)
    light = serializers.CharField(source="light.code", allow_null=True, help_text=_("As reported last."))
    progress = serializers.IntegerField(help_text=_("Percent, as reported last."))
    status_on = serializers.DateField(allow_null=True, help_text=_("Day of the last status update."))
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    date_precision = serializers.ChoiceField(
        DatePrecision.choices, help_text=_("How exactly begin and end are known; the rest of the day says nothing.")
    )
    is_permanent = serializers.BooleanField(help_text=_("A task without an end."))
    goal = serializers.CharField()
    description = serializers.CharField()
    initial_situation = serializers.CharField()
    target_group = serializers.CharField()
    risks = serializers.CharField()
    experience = serializers.CharField()
    status_known = serializers.CharField(help_text=_("What public sources say about where this stands."))
    origin = serializers.ChoiceField(Measure.Origin.choices, allow_blank=True)
    origin_paper = serializers.IntegerField(allow_null=True)
    origin_note = serializers.CharField()
    involved_units = serializers.ListField(child=serializers.IntegerField())
    tags = serializers.ListField(child=serializers.CharField())
    council_papers = serializers.ListField(child=serializers.IntegerField())
    submitted_on = serializers.DateField(allow_null=True)
    decided_on = serializers.DateField(allow_null=True)
    started_on = serializers.DateField(allow_null=True)
    completed_on = serializers.DateField(allow_null=True)
    source = serializers.CharField(help_text=_("What its values rest on."))
    provenance = serializers.DictField(
        child=serializers.CharField(), help_text=_("Fields whose values are examples or derived, and which of the two.")
    )

    @classmethod
    def complete(cls, told, rows, view):
        ids = [row["pk"] for row in rows]
        for name, column in (("involved_units", "pk"), ("tags", "name"), ("council_papers", "pk")):
            found = several(name, column, ids)
            for row, measure in zip(told, rows, strict=True):
                row[name] = found[measure["pk"]]


def several(name, column, ids):
    """{measure: [values]} of a link to several rows."""
    link = Measure._meta.get_field(name)
    through, own, other = link.remote_field.through, link.m2m_field_name(), link.m2m_reverse_field_name()
    target = f"{other}_id" if column == "pk" else f"{other}__{column}"
    found = defaultdict(list)
    for measure, value in through.objects.filter(**{f"{own}__in": ids}).order_by(target).values_list(own, target):
        found[measure].append(value)
    return found


def text(longest, **options):
    return serializers.CharField(max_length=longest, allow_blank=True, required=False, **options)


def longest(name):
    return Measure._meta.get_field(name).max_length


class MeasureBody(Body):
    """Core fields (title, goal, description, field, stage, lead_unit) may be written while it is a draft."""

    title = serializers.CharField(max_length=200, required=False, help_text=_("Needed for a new one."))
    field = serializers.CharField(max_length=3, required=False, help_text=_("Letter; needed for a new one."))
    stage = serializers.IntegerField(min_value=0, max_value=32767, allow_null=True, required=False)
    lead_unit = serializers.IntegerField(min_value=1, allow_null=True, required=False)
    responsible_function = text(150)
    phase = serializers.SlugField(allow_null=True, required=False)
    starts_on = serializers.DateField(allow_null=True, required=False)
    ends_on = serializers.DateField(allow_null=True, required=False)
    date_precision = serializers.ChoiceField(DatePrecision.choices, required=False)
    is_permanent = serializers.BooleanField(required=False)
    goal = text(longest("goal"))
    description = text(longest("description"))
    initial_situation = text(longest("initial_situation"))
    target_group = text(longest("target_group"))
    risks = text(longest("risks"))
    experience = text(longest("experience"))
    status_known = text(2000)
    origin = serializers.ChoiceField(Measure.Origin.choices, allow_blank=True, required=False)
    origin_paper = serializers.IntegerField(min_value=1, allow_null=True, required=False)
    origin_note = text(longest("origin_note"))
    involved_units = serializers.ListField(child=serializers.IntegerField(min_value=1), max_length=100, required=False)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=60, validators=[ONE_TAG]), max_length=50, required=False
    )
    council_papers = serializers.ListField(child=serializers.IntegerField(min_value=1), max_length=100, required=False)


class BodyWords:
    """Values of a body as the measure's form would be sent them; the counterpart of ``exchange.words.Words``."""

    def __init__(self, fields, strategy):
        self.fields, self.strategy = fields, strategy

    def typed(self, name, value):
        """The value as form data. Raises ValidationError where the row it names is not there."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "on" if value else ""
        if name in NAMED_BY:
            return self.find(name, value)
        return value if isinstance(self.fields.get(name), forms.ModelMultipleChoiceField) else as_text(value)

    def find(self, name, value):
        rows = Measure._meta.get_field(name).related_model.objects.filter(strategy=self.strategy)
        pk = rows.filter(**{NAMED_BY[name]: value}).values_list("pk", flat=True).first()
        if pk is None:
            raise ValidationError(_("There is none of that name here."))
        return pk


def as_text(value):
    return ", ".join(value) if isinstance(value, list) else str(value)


class BodyForms(RowForms):
    """A body as the measure's form, so that program, file and page are asked the same."""

    def __init__(self, strategy):
        super().__init__([], strategy)
        self.columns = dict.fromkeys(MeasureBody().fields)
        self.words = BodyWords(self.fields, strategy)


PARAMETERS = [
    OpenApiParameter(name, str, many=True, description=description)
    for name, description in (
        ("light", _("Code of a light")),
        ("field", _("Letter of a field of action")),
        ("state", _("State")),
        ("unit", _("Id of a unit; those below it count")),
        ("stage", _("Number of a stage")),
        ("priority", _("Code of a priority")),
        ("tag", _("Tag")),
        ("rule", _("A rule of completeness that is broken; for the project group")),
    )
] + [
    OpenApiParameter("q", str, description=_("Words of the sheet")),
    *(
        OpenApiParameter(name, str, enum=["on"], description=description)
        for name, description in (
            ("mine", _("Led by one's own unit")),
            ("stale", _("Status out of date")),
            ("ownerless", _("Nobody responsible")),
        )
    ),
    OpenApiParameter("ordering", str, enum=[*ORDERINGS, *(f"-{name}" for name in ORDERINGS)]),
]
EXAMPLE = {"title": "Mobiles Arbeiten als Regelangebot", "field": "D", "stage": 1, "goal": "…"}


@extend_schema_view(
    list=extend_schema(summary=_("Measures"), parameters=PARAMETERS, filters=False),
    retrieve=extend_schema(summary=_("One measure")),
    create=extend_schema(summary=_("A new draft"), responses={201: MeasureRow}),
    partial_update=extend_schema(summary=_("Edit a measure"), parameters=[IF_MATCH], responses={200: MeasureRow}),
)
class Measures(InStrategy):
    row_class, body_class, queryset = MeasureRow, MeasureBody, Measure.objects.none()
    filterset_class = MeasureFilter
    further_parameters = ("ordering",)
    lookup_field = "code"

    def get_queryset(self):
        return Measure.objects.visible_to(self.actor).filter(strategy=self.strategy)

    def get_filter_options(self, queryset):
        return {"actor": self.actor, "choices": choices_of(self.strategy, queryset)}

    def filter_queryset(self, queryset):
        found = super().filter_queryset(queryset)
        if self.action != "list":
            return found
        place = Concat(ORDERINGS[self.asked_order.lstrip("-")], Value("|"), in_digits(F("pk")))
        return found.annotate(place=place)  # no two are equal, so a page begins behind exactly one row

    @property
    def asked_order(self):
        asked = self.request.query_params.get("ordering") or "code"
        if asked.removeprefix("-") not in ORDERINGS:
            raise Invalid({"ordering": [_("The list cannot be sorted by this.")]}, part="query")
        return asked

    def get_ordering(self):
        return ("-place" if self.asked_order.startswith("-") else "place",)

    def create(self, request, *args, **kwargs):
        self.require("measures.add_measure", Measure(strategy=self.strategy))
        form = taken(lambda: BodyForms(self.strategy).new(self.body(request)))
        measure = Measure.objects.create_draft(by=self.actor, **form.changed_values())
        answer = self.answer({"code": measure.code}, status=201)
        answer["Location"] = request.build_absolute_uri(f"{measure.code}/")
        return answer

    def partial_update(self, request, *args, **kwargs):
        measure, which = self.measure(), self.lookup()
        self.require("measures.change_measure", measure)
        version = self.version_meant(request, which)
        body = self.body(request)
        if version != measure.version:
            raise Outdated(self.told(**which))
        form = taken(lambda: BodyForms(self.strategy).form_of(measure, body, {}))
        try:
            if form.has_anything_changed():
                measure.edit(by=self.actor, version=version, changes=form.changed_values())
        except EditConflict as conflict:
            raise Outdated(self.told(**which)) from conflict
        return self.answer(which)

    def measure(self):
        return self.found_or_404(self.get_queryset().for_export().filter(**self.lookup()))


def taken(read):
    """What the form makes of a body. Raises a problem that names the fields."""
    try:
        return read()
    except Refused as refusal:
        reasons = {}
        for name, _typed, messages in refusal.reasons:
            reasons.setdefault(name, []).extend(messages)
        raise Invalid(reasons) from refusal
