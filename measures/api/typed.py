"""Rows beside a measure that are entered, edited and removed, each through the form of its page."""

from uuid import uuid4

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from measures.exchange.row_form import as_sent
from measures.forms.fields import PartialDate
from measures.models import Measure
from strategy.api.problems import Invalid, Outdated
from strategy.api.views import IF_MATCH, InStrategy
from strategy.models import EditConflict


def checked(form):
    """The form if it is valid. Raises a problem that names its fields."""
    if not form.is_valid():
        raise Invalid(form.errors)
    return form


def form_data(form_class, body, row=None):
    """The body over what is stored, as a browser would send it."""
    fields, stored = form_class.base_fields, form_class.values_of(row) if row is not None else {}
    data = {name: as_sent(fields[name], value) for name, value in stored.items()}
    typed = {name: value for name, value in body.items() if name in fields}
    data |= {name: "" if value is None else value for name, value in typed.items()}
    for day, precision in getattr(form_class, "precisions", {}).items():
        if day in body or precision in body:
            data[day] = partial_date(body, day, precision, row)
    return data | {"token": str(uuid4())}


def partial_date(body, day, precision, row):
    known = body.get(day, getattr(row, day, None))
    exactly = body.get(precision) or (getattr(row, precision, None) if known and row else None) or "day"
    return str(PartialDate(known, exactly if exactly != "unknown" else "day")) if known else ""


class OfMeasures(InStrategy):
    """What is asked and written with the code of a measure."""

    def measures_seen(self):
        return Measure.objects.visible_to(self.actor).filter(strategy=self.strategy)

    def measure_named(self, code):
        """The measure of that code in a body. Raises a problem at its place."""
        measure = self.measures_seen().select_related("strategy", "light").filter(code=code).first()
        if measure is None:
            raise Invalid({"measure": [_("There is no measure of this code.")]})
        return measure


class TypedRows(OfMeasures):
    """Subclasses name the form of the page and say what a new row belongs to (``new_row``)."""

    form_class = None
    lookup_field, lookup_value_converter = "pk", "int"

    def new_row(self, body):
        raise NotImplementedError

    def new_form(self, body):
        return self.form_class(form_data(self.form_class, body), strategy=self.strategy)

    def create(self, request, *args, **kwargs):
        blank = type(self).queryset.model(strategy=self.strategy)
        self.require(self.permission_to("add", blank), blank)
        body = self.body(request)
        row = self.new_row(body)
        for name, value in checked(self.new_form(body)).changed_values().items():
            setattr(row, name, value)
        row.enter(by=self.actor)
        return self.answer({"pk": row.pk}, status=201)

    def partial_update(self, request, *args, **kwargs):
        row, which = self.row(), self.lookup()
        self.require(self.permission_to("change", row), row)
        version = self.version_meant(request, which)
        body = self.body(request, partial=True)
        if version != row.version:
            raise Outdated(self.told(**which))
        data = form_data(self.form_class, body, row) | {"version": str(version)}
        form = checked(self.form_class(data, strategy=self.strategy, row=row))
        try:
            if form.has_anything_changed():
                row.edit(by=self.actor, version=version, changes=form.changed_values())
        except EditConflict as conflict:
            raise Outdated(self.told(**which)) from conflict
        return self.answer(which)

    def remove(self, request):
        row, which = self.row(), self.lookup()
        self.require(self.permission_to("delete", row), row)
        if self.version_meant(request, which) != row.version:
            raise Outdated(self.told(**which))
        row.remove(by=self.actor)
        return Response(status=204)

    def row(self):
        """The row in the address, as an object. Raises Http404."""
        return self.found_or_404(self.get_queryset().filter(**self.lookup()))

    def permission_to(self, verb, row):
        return f"measures.{verb}_{row._meta.model_name}"


class Removable:
    """The way to remove a row; a mixin, for not every row can be removed."""

    @extend_schema(summary=_("Remove it; what it was stays on record"), parameters=[IF_MATCH], responses={204: None})
    def destroy(self, request, *args, **kwargs):
        return self.remove(request)
