"""Who acts: the person, the roles that grant rights, and whom the person stands for."""

from functools import cached_property

import rules
from django.db.models import Exists

from strategy.models.people import Deputyship, Membership, Role
from strategy.models.unit import parents_of, subtree


class UnknownPermission(Exception):
    """Nobody has laid down who may do this: a mistake in the code, never in a request."""


class Actor:
    """Somebody who acts, for one request.

    ``memberships`` are those whose rights are used: the person's own, or the one of ``in_place_of`` while
    the person acts as deputy.
    """

    def __init__(self, user=None, memberships=(), in_place_of=None, system_of=None):
        self.user = user
        self.memberships = tuple(memberships)
        self.in_place_of = in_place_of
        self.system_of = system_of

    def __repr__(self):
        return f"<Actor {self.user or 'system'} {[str(m) for m in self.memberships]}>"

    @classmethod
    def of(cls, user, on=None):
        """The person with all roles that hold on that day; each says whether it is worth looking for deputyships."""
        if not user.is_active:
            return cls(user)
        stands_in = Exists(Deputyship.objects.filter(deputy=user))
        memberships = Membership.objects.valid(on).filter(user=user).annotate(stands_in=stands_in)
        return cls(user, memberships.select_related("unit", "strategy"))

    @classmethod
    def deputising(cls, user, deputyship):
        """The deputy with the rights of the one member they stand in for.

        Takes a deputyship that ``Deputyship.objects.usable_by(user)`` has found.
        """
        return cls(user, [deputyship.membership], in_place_of=deputyship.membership.user)

    @classmethod
    def system(cls, strategy):
        """Beat and commands. Passes only predicates that name it."""
        return cls(system_of=strategy)

    @property
    def is_active(self):
        return self.user is not None and self.user.is_active

    @property
    def is_system(self):
        return self.system_of is not None

    def has_perm(self, permission, obj=None):
        """Whether the rule of that name holds; asks ``rules`` itself, so that a superuser passes nothing unasked."""
        if not rules.perm_exists(permission):
            raise UnknownPermission(permission)
        return rules.has_perm(permission, self, obj)

    def granting(self, permission, obj=None):
        """The membership that alone grants this permission, or None (the system, or several together)."""
        for membership in self.memberships:
            if Actor(self.user, [membership], self.in_place_of).has_perm(permission, obj):
                return membership
        return None

    def holds_any(self, roles, strategy_id):
        return any(m.role in roles and m.strategy_id == strategy_id for m in self.memberships)

    def strategies(self, *roles):
        """Ids of the strategies in which one of these roles is held, or any role at all."""
        if not self.is_active:
            return set()
        return {m.strategy_id for m in self.memberships if not roles or m.role in roles}

    def strategy_at(self, slug):
        """The strategy of that address, if any role is held there; it came with the memberships."""
        held = (membership.strategy for membership in self.memberships)
        return next((strategy for strategy in held if strategy.slug == slug), None) if self.is_active else None

    def strategies_in_person(self, *roles):
        """The same, where a deputy counts only who holds the role, too: council drafts stay among council members."""
        used = self.strategies(*roles)
        if not used or not self.in_place_of:
            return used
        own = Membership.objects.valid().filter(user=self.user, role__in=roles, strategy__in=used)
        return set(own.values_list("strategy", flat=True))

    def units(self, *roles):
        """Ids of the units led by one of these roles, with all units below them."""
        led = {m.unit_id for m in self.memberships if m.role in roles and m.unit_id}
        return subtree(led, self._parents) if led else set()

    @cached_property
    def led_units(self):
        """Ids of the units the person heads, with all units below them."""
        return self.units(*Role.HEADS)

    def leads(self, roles, unit_id):
        return unit_id is not None and unit_id in self.units(*roles)

    def roles(self, strategy_id):
        return {Role(m.role) for m in self.memberships if m.strategy_id == strategy_id}

    @cached_property
    def deputyships(self):
        """Whom the person may stand in for today, own rights aside."""
        may_be_one = self.in_place_of or any(membership.stands_in for membership in self.memberships)
        return list(Deputyship.objects.usable_by(self.user)) if self.is_active and may_be_one else []

    @cached_property
    def _parents(self):
        return parents_of(*self.strategies())
