"""What is sealed: the tables, the moment that orders their rows, and the words in which a row is digested."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from django.apps import apps
from simple_history.models import HistoricalChanges

from strategy.models import AccessEvent, AuditLink, Erasure, Transition

CHANGED_LATER = {"transition": {"membership_id"}}  # forgotten with the membership; its role is kept beside


@dataclass(frozen=True)
class Source:
    """A table whose rows are written once."""

    name: str
    model: type
    moment: str

    @property
    def rows(self):
        return self.model._base_manager.all()

    @property
    def fields(self):
        left_out = CHANGED_LATER.get(self.model._meta.model_name, set())
        return sorted({field.attname for field in self.model._meta.concrete_fields} - left_out)

    def not_sealed(self):
        links = AuditLink.objects.filter(source=self.name)
        return self.rows.exclude(pk__in=links.values("row"))


def sources():
    """{name: Source} of steps, accesses, erasures and of the history of every model that has one."""
    found = [Source(model._meta.label_lower, model, "at") for model in (AccessEvent, Erasure, Transition)]
    histories = (model for model in apps.get_models() if issubclass(model, HistoricalChanges))
    found += [Source(model._meta.label_lower, model, moment_of(model)) for model in histories]
    return {source.name: source for source in found}


def moment_of(history):
    """A row that links two others, as a tag to its measure, happened when the change it belongs to did."""
    return "history__history_date" if any(field.name == "history" for field in history._meta.fields) else "history_date"


def commitment(salt, values):
    """SHA-256 over the salt and the row's fields by name, each in one way of writing."""
    told = json.dumps([salt, {name: written(value) for name, value in values.items()}], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def link_digest(before, position, source, row, committed, sealed_at):
    told = json.dumps([before, position, source, row, committed, written(sealed_at)])
    return hashlib.sha256(told.encode()).hexdigest()


def written(value):
    """The same text on every database, for every value a column can hold."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, (bytes, memoryview)):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, (bool, int, float, list, dict)):
        return value
    return str(value)
