"""What the frame of every page shows: the strategy, who acts, the menu."""

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from strategy.models import Role
from strategy.navigation import counts_of, menu


def portal(request):
    """Asked lazily: a fragment for htmx has no frame and pays for none. Pages that say no count nothing."""
    strategy, actor = getattr(request, "strategy", None), getattr(request, "actor", None)
    if actor is None or not actor.is_active:
        return {"strategy": strategy, "actor": None, "nav": [], "strategies": [], "roles": [], "sign_on": settings.OIDC}
    counts = {}
    if strategy and not getattr(request, "counts_nothing", False):
        counts = SimpleLazyObject(lambda: counts_of(actor, strategy))
    return {
        "strategy": strategy,
        "actor": actor,
        "nav": SimpleLazyObject(lambda: menu(actor, strategy, request.path, counts) if strategy else []),
        "unread": SimpleLazyObject(lambda: counts.get("strategy:notifications") or 0),
        "strategies": sorted({m.strategy for m in actor.memberships}, key=str),
        "roles": roles_in(strategy, actor) if strategy else [],
    }


def roles_in(strategy, actor):
    """The memberships in use here, the working role before the administering one."""
    here = (membership for membership in actor.memberships if membership.strategy_id == strategy.pk)
    return sorted(here, key=lambda membership: Role.values.index(membership.role))
