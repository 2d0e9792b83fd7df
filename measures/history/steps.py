"""The steps of a history, from ``Transition``."""

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Q, UUIDField
from django.db.models.functions import Cast

from measures.models import Measure, ReviewSlot, TextVersion
from strategy.models import Transition

from .entries import Entry, subject_of
from .told import FROM_A_NEED, STEPS, rows_with_steps, sees_proposals


def steps_of(root, actor, since):
    about = Q()
    for rows in rows_with_steps(root, actor):
        about |= Q(content_type=ContentType.objects.get_for_model(rows.model), object_id__in=ids_of(rows))
    steps = Transition.objects.filter(about, strategy=root.strategy_id)
    if since is not None:
        steps = steps.filter(at__gte=since)
    proposals = sees_proposals(root, actor)
    names = names_of_parts(root)
    for step in steps.select_related("content_type", "user", "in_place_of"):
        model, verb = step.content_type.model, step.verb
        if not proposals and (verb == "amend" or (model == "textversion" and verb != "decide")):
            continue
        if is_aside(root, model, verb):
            continue
        name = names.get((model, step.object_id), step.label)
        words = words_of(root, model, verb)
        yield Entry(
            at=step.at,
            text=words % {"object": name} if words else f"{verb}: {name}",
            user=step.user,
            in_place_of=step.in_place_of,
            why=step.reason,
            version=int(name) if model == "textversion" else None,
            subject=subject_of(model, step.object_id, root),
        )


def ids_of(rows):
    """The ids as ``Transition`` writes them: SQLite stores a UUID otherwise than it is written."""
    if isinstance(rows.model._meta.pk, UUIDField):
        return [str(pk) for pk in rows.values_list("pk", flat=True)]
    return rows.order_by().values_list(Cast("pk", CharField()))


def is_aside(root, model, verb):
    """A measure tells of its needs only how they led to it, of its reviews what no step of its own tells."""
    if type(root) is not Measure:
        return False
    return (model == "need" and verb != "answer") or (model == "review" and verb not in STEPS["review"])


def words_of(root, model, verb):
    if type(root) is Measure and model == "need":
        return FROM_A_NEED
    return STEPS.get(model, {}).get(verb)


def names_of_parts(root):
    """{(model, id): what it is called}: numbers of versions, and who is asked, for slots and statements."""
    return names_of_parts_of_a_measure(root) if type(root) is Measure else {}


def names_of_parts_of_a_measure(measure):
    versions = TextVersion.objects.filter(measure=measure).values_list("pk", "number")
    slots = list(
        ReviewSlot.objects.filter(review__measure=measure).select_related("unit").prefetch_related("responses")
    )
    return {
        **{("textversion", str(pk)): number for pk, number in versions},
        **{("reviewslot", str(slot.pk)): slot.asked for slot in slots},
        **{("reviewresponse", str(row.pk)): slot.asked for slot in slots for row in slot.responses.all()},
    }
