"""The steps of a history, from ``Transition``."""

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Q, UUIDField
from django.db.models.functions import Cast

from strategy.models import Transition

from .entries import Entry, subject_of
from .told import ROOTS, TOLD


def steps_of(root, actor, since):
    told = ROOTS[type(root)]
    about = Q(pk__in=[])  # an empty Q would be every step of the strategy
    for model, steps in told.steps.items():
        rows = steps.visible(actor) if steps.visible else model._base_manager.all()
        about |= about_rows(rows.filter(**{steps.path: root.pk}))
    found = Transition.objects.filter(about, strategy=root.strategy_id)
    if since is not None:
        found = found.filter(at__gte=since)
    found = found.exclude(told.left_out(actor, root.strategy_id))
    names = told.names(type(root)._base_manager.filter(pk=root.pk))
    for step in found.select_related("content_type", "user", "in_place_of"):
        if entry := entry_of(step, type(root), root.pk, names):
            yield entry


def entry_of(step, root_model, root_pk, names):
    """How a step is told, or None where it is an aside."""
    model = step.content_type.model_class()
    words = words_of(root_model, model)
    if words is None or (model in ROOTS[root_model].words and step.verb not in words):
        return None
    name = names.get((step.content_type.model, step.object_id), step.label)
    text = words.get(step.verb)
    return Entry(
        at=step.at,
        text=text % {"object": name} if text else f"{step.verb}: {name}",
        user=step.user,
        in_place_of=step.in_place_of,
        why=step.reason,
        kind=model,
        version=int(name) if step.content_type.model == "textversion" and root_model is not model else None,
        subject=subject_of(model, step.object_id, root_model, root_pk),
    )


def words_of(root_model, model):
    own = ROOTS[root_model].words.get(model)
    return own if own is not None else TOLD[model].steps if model in TOLD else None


def about_rows(rows):
    return Q(content_type=ContentType.objects.get_for_model(rows.model), object_id__in=ids_of(rows))


def ids_of(rows):
    """The ids as ``Transition`` writes them: SQLite stores a UUID otherwise than it is written."""
    if isinstance(rows.model._meta.pk, UUIDField):
        return [str(pk) for pk in rows.values_list("pk", flat=True)]
    return rows.order_by().values_list(Cast("pk", CharField()))
