"""The steps of a history, from ``Transition``."""

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Q, UUIDField
from django.db.models.functions import Cast

from strategy.models import Transition

from .entries import Entry, subject_of
from .told import ROOTS, TOLD


def steps_of(stories):
    if not stories.steps:
        return
    about = Q(pk__in=[])  # an empty Q would be every step of the strategy
    for model, steps in stories.steps.items():
        about |= about_parts(model, steps, stories)
    found = Transition.objects.filter(about, strategy=stories.strategy_id)
    if stories.span:
        found = found.filter(at__gte=stories.span.start, at__lt=stories.span.end)
    found = found.exclude(stories.told.left_out(stories.actor, stories.strategy_id))
    found = list(found.select_related("content_type", "user", "in_place_of"))
    owners = owners_of(found, stories)
    told = [(step, root) for step in found if stories.tells_step(root := owners[key_of(step)], step.at)]
    names = names_of(told, stories)
    stories.people |= {user.pk: user for step, _root in told for user in (step.user, step.in_place_of) if user}
    for step, root in told:
        if entry := entry_of(step, stories.roots[root], stories.model, names):
            entry.is_gone = root in stories.gone
            yield entry


def names_of(told, stories):
    """What parts are called; a root's own steps need no name."""
    roots = {root for step, root in told if step.content_type.model != stories.model._meta.model_name}
    return stories.told.names(stories.model._base_manager.filter(pk__in=roots)) if roots else {}


def key_of(step):
    return step.content_type.model, step.object_id


def owners_of(found, stories):
    """{(model name, id): id of the root} of whatever has taken these steps; where there is one root, all is its own."""
    if len(stories.roots) == 1:
        return dict.fromkeys(map(key_of, found), *stories.roots)
    owners = {(stories.model._meta.model_name, str(pk)): pk for pk in stories.roots}
    for model, steps in stories.steps.items():
        if model is not stories.model:
            name = model._meta.model_name
            ids = {step.object_id for step in found if step.content_type.model == name}
            rows = model._base_manager.filter(pk__in=ids).values_list("pk", steps.path)
            owners |= {(name, str(pk)): root for pk, root in rows}
    return owners


def entry_of(step, root, root_model, names):
    """How a step is told, or None where it is an aside."""
    model = step.content_type.model_class()
    words = words_of(root_model, model)
    if words is None or (model in ROOTS[root_model].words and step.verb not in words):
        return None
    name = names.get(key_of(step), step.label)
    text = words.get(step.verb)
    return Entry(
        at=step.at,
        text=text % {"object": name} if text else f"{step.verb}: {name}",
        user=step.user,
        in_place_of=step.in_place_of,
        why=step.reason,
        kind=model,
        version=int(name) if step.content_type.model == "textversion" and root_model is not model else None,
        subject=subject_of(model, step.object_id, root_model, root.pk),
        root=root,
    )


def words_of(root_model, model):
    own = ROOTS[root_model].words.get(model)
    return own if own is not None else TOLD[model].steps if model in TOLD else None


def about_parts(model, steps, stories):
    """The steps of that model in these stories; what is deleted has only its id left."""
    if model is stories.model:
        ids = [str(pk) for pk in stories.roots]
        return Q(content_type=ContentType.objects.get_for_model(model), object_id__in=ids)
    rows = steps.visible(stories.actor) if steps.visible else model._base_manager.all()
    return about_rows(rows.filter(**{f"{steps.path}__in": stories.ids}))


def about_rows(rows):
    return Q(content_type=ContentType.objects.get_for_model(rows.model), object_id__in=ids_of(rows))


def ids_of(rows):
    """The ids as ``Transition`` writes them: SQLite stores a UUID otherwise than it is written."""
    if isinstance(rows.model._meta.pk, UUIDField):
        return [str(pk) for pk in rows.values_list("pk", flat=True)]
    return rows.order_by().values_list(Cast("pk", CharField()))
