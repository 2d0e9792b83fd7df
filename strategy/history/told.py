"""Which models are told, and in which words: the apps register here what they have."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import F, OuterRef, Q, Subquery
from django.utils.functional import Promise


def path_to_root(model, root_model):
    """How a row of history leads to the object whose story it belongs to: by its own id, or by a key of that name."""
    return "id" if model is root_model else f"{root_model._meta.model_name}_id"


def first_name(row, root_pk, names):
    """What an object is called in words like “Milestone added: %(object)s”."""
    return row["title"] if "title" in row else row.get("name", "")


@dataclass(frozen=True)
class Told:
    """How one model is told.

    ``of`` names the models in whose history its fields stand. ``fields`` are told by their verbose names, ``naming``
    ones by the words for the whole object alone, ``long_texts`` word by word. ``steps`` are its verbs. Where an object
    is named by other rows, ``refers_to`` yields them as (model, id) to be looked up together. ``paths`` has the keys of
    the root where ``path_to_root`` does not find it, {root: (path, …)}; ``via`` the row between, {root: (path, model)}.
    """

    of: tuple = ()
    fields: tuple = ()
    naming: tuple = ()
    long_texts: tuple = ()
    many: tuple = ()  # fields of several rows, with a history of their own
    added: str | Promise = ""
    changed: str | Promise = ""
    removed: str | Promise = ""
    steps: dict = field(default_factory=dict)
    begins_with_a_step: bool = False
    acts_on_root: bool = False  # its steps change the fields of the root
    paths: dict = field(default_factory=dict)
    via: dict = field(default_factory=dict)
    name: Callable = first_name  # (row, id of the root, names) -> str
    refers_to: Callable = lambda row: ()
    is_told: Callable = lambda row, names: True  # whether the reader may know of this row
    is_told_to: Callable = lambda actor, strategy_id: True  # whether the actor may know of any of them

    def paths_from(self, model, root_model):
        return self.paths.get(root_model) or (path_to_root(model, root_model),)

    def rows_of(self, model, root_model, ids):
        """Which rows of history belong to those objects."""
        if root_model in self.via:
            path, between = self.via[root_model]
            rows = between.changes.filter(TOLD[between].rows_of(between, root_model, ids))
            return Q(**{f"{path}__in": rows.values("id")})
        return Q.create([(f"{path}__in", ids) for path in self.paths_from(model, root_model)], Q.OR)

    def owners(self, model, root_model):
        """Expressions for the ids of the objects whose story a row of history may belong to."""
        if root_model in self.via:
            path, between = self.via[root_model]
            (own,) = TOLD[between].paths_from(between, root_model)
            return [Subquery(between.changes.filter(id=OuterRef(path)).values(own)[:1])]
        return [F(path) for path in self.paths_from(model, root_model)]


@dataclass(frozen=True)
class Steps:
    """Steps of a model as part of a root's story: the path to the root, and which rows the actor may know of."""

    path: str = "pk"
    visible: Callable | None = None  # (actor) -> queryset; without it those of a visible root


@dataclass(frozen=True)
class Root:
    """A kind of object with a history of its own.

    ``steps`` says of which models the steps belong to it, {model: Steps}; ``words`` takes other words than the model's
    own, and then no other verbs, {model: {verb: words}}; ``names`` tells what parts are called, (roots) -> {(model
    name, id): name}; ``left_out`` is a Q over ``Transition`` of what this actor is not told; ``since`` the moments
    from which the actor may read the roots' histories, {id: moment or None for all of it}; ``kept_back`` which fields
    of a deed this actor is not told: (roots, actor) -> (deed) -> names.

    In the history of a whole strategy stand the kinds with a ``section`` (parts are told with what they belong to):
    ``listed`` yields the roots the actor may see, (actor, strategy) -> rows, ``url`` leads to one of them, and
    ``gone_to`` says who is told of those that are deleted, (actor, strategy id); ``only`` narrows both.
    """

    steps: dict = field(default_factory=dict)
    words: dict = field(default_factory=dict)
    names: Callable = lambda roots: {}
    left_out: Callable = lambda actor, strategy_id: Q(pk__in=[])
    since: Callable = lambda roots, actor: {root.pk: root.visible_since(actor) for root in roots}
    kept_back: Callable = lambda roots, actor: lambda deed: ()
    section: tuple = ("", "")  # its name in addresses, its words
    listed: Callable | None = None
    gone_to: Callable = lambda actor, strategy_id: False
    only: Q = field(default_factory=Q)
    url: Callable = lambda root: root.get_absolute_url()


TOLD = {}
ROOTS = {}


def tell(told, roots):
    """Register {model: Told} and {model: Root}."""
    TOLD.update(told)
    ROOTS.update(roots)
