"""What the API tells of rows: declared once, for the schema and for the question put to the database."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers


class Row(serializers.Serializer):
    """Fields with the columns they come from (``source``); rows are told from values, without an object each.

    Fields named in ``later`` come from other tables: ``complete`` fills them in for all rows of a page at once.
    """

    later = ()

    @classmethod
    def sources(cls):
        """{field: column}"""
        fields = cls._declared_fields.items()
        return {name: (field.source or name).replace(".", "__") for name, field in fields if name not in cls.later}

    @classmethod
    def exact(cls):
        """Fields whose figures are exact to the last place."""
        return [name for name, field in cls._declared_fields.items() if isinstance(field, serializers.DecimalField)]

    @classmethod
    def select(cls, rows, *more):
        return rows.values(*dict.fromkeys((*cls.sources().values(), "pk", *more)))

    @classmethod
    def tell(cls, rows, view):
        """Takes what ``select`` found; returns {field: value} of each."""
        sources = cls.sources().items()
        told = [{name: row[column] for name, column in sources} for row in rows]
        for name in cls.exact():
            for row in told:
                row[name] = None if row[name] is None else str(row[name])  # a number of JSON would be rounded
        if told:
            cls.complete(told, rows, view)
        return told

    @classmethod
    def complete(cls, told, rows, view):
        """Fill in what is found elsewhere, in a number of questions that does not grow with the rows."""


class Body(serializers.Serializer):
    """What may be sent: a name that is not among the fields is refused, never passed over."""

    default_error_messages = {"unknown": _("This cannot be written here.")}

    def to_internal_value(self, data):
        if isinstance(data, dict) and (unknown := [name for name in data if name not in self.fields]):
            message = self.error_messages["unknown"]
            raise serializers.ValidationError({name: [message] for name in unknown})
        return super().to_internal_value(data)
