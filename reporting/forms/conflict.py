"""Two people have edited one report: what only one of them changed is merged, the rest is asked."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Difference:
    """A field both have changed: its label, its name in the form, and what is stored now."""

    name: str
    label: str | Promise
    stored: str


def merge(form, report):
    """Post data for the form to be shown again, and the differences that somebody has to look at.

    Takes the bound form of an older version and the report as stored now. A field that only the other person
    changed gets the stored value, one that both changed keeps what was typed.
    """
    base = report.changes.filter(version=form.opened_version).order_by("history_date").last()
    data, differences = form.data.copy(), []
    data["version"] = str(report.version)
    for name, field in form.fields.items():
        if name in ("version", "revised"):
            continue
        typed, stored = form.cleaned_data[name], _stored(report, name)
        if _same(typed, stored):
            continue
        opened = _opened(base, name, default=object())
        if _same(typed, opened):
            _put(data, name, field, stored)
        elif not _same(stored, opened):
            differences.append(Difference(name, field.label, _shown(field, stored)))
    return data, differences


def _opened(base, name, default):
    """The value when the form was opened; the history of links is another one, they are asked every time."""
    is_kept = base is not None and name in {field.name for field in base._meta.concrete_fields}
    return getattr(base, name) if is_kept else default


def _stored(report, name):
    if name == "cosigning_units":
        return [row.unit for row in report.cosignatures.select_related("unit")]
    value = getattr(report, name)
    return list(value.all()) if hasattr(value, "all") else value


def _same(one, other):
    return _plain(one) == _plain(other)


def _plain(value):
    """Rows by their ids and in any order: a queryset and a list of the same rows are the same."""
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        return getattr(value, "pk", value)
    return sorted(str(getattr(item, "pk", item)) for item in value)


def _put(data, name, field, value):
    shown = field.prepare_value(value)
    if isinstance(shown, list):
        data.setlist(name, [str(item) for item in shown])
    elif isinstance(shown, bool):
        data[name] = "on" if shown else ""
        if not shown:
            data.pop(name)
    else:
        data[name] = "" if shown is None else str(shown)


def _shown(field, value):
    if isinstance(value, list):
        labels = dict(getattr(field, "choices", ())) if value and isinstance(value[0], str) else {}
        return ", ".join(str(labels.get(item, item)) for item in value) or "–"
    if isinstance(value, bool):
        return "✓" if value else "–"
    labels = dict(field.choices) if hasattr(field, "choices") and isinstance(value, str) else {}
    return str(labels.get(value, value)) if value not in (None, "") else "–"
