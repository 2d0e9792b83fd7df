"""The gate through which every change of state goes."""

from functools import wraps

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from strategy import events
from strategy.models.transition import Transition


class RuleViolation(ValidationError):
    """The request is well-formed and permitted, but the rules of the house forbid it."""


class Locking(models.Model):
    """A model whose rows are locked from the root down and reread before anything is decided about them."""

    class Meta:
        abstract = True

    def lock_first(self):
        """The rows this one belongs to, from the root down: a measure before its review, a round before a ballot."""
        return ()

    def reread_locked(self):
        """Lock this row and those above it until the transaction ends, and take over what is stored.

        Raises:
            RuleViolation: somebody has deleted it in the meantime.
        """
        self._reread(*self.lock_first(), self)

    def reread_above_locked(self):
        """The same for the rows above it alone, where this one is not stored yet."""
        self._reread(*self.lock_first())

    @staticmethod
    def _reread(*rows):
        try:
            for row in rows:
                row.refresh_from_db(from_queryset=type(row)._base_manager.select_for_update())
        except ObjectDoesNotExist as gone:
            raise RuleViolation(_("This has been deleted in the meantime.")) from gone


class Workflow(Locking):
    """A model with a ``state`` whose changes are recorded in ``transitions``."""

    class Meta:
        abstract = True

    @property
    def transitions(self):
        return Transition.objects.of(self)

    def announce(self, entry):
        """Put what others should hear about this transition into the outbox."""

    def may(self, verb, actor):
        """Whether this person could take this step now, as far as right and state tell: for buttons."""
        return self.state in getattr(type(self), verb).sources and actor.has_perm(self.permission(verb), self)

    @classmethod
    def permission(cls, verb):
        return f"{cls._meta.app_label}.{verb}_{cls._meta.model_name}"

    def record(self, verb, *, by, membership, before, after, reason, label, object_id):
        """Write the ``Transition`` row with the person, the granting membership and whom they stand for."""
        return Transition.objects.create(
            strategy_id=self.strategy_id,
            content_type=ContentType.objects.get_for_model(self),
            object_id=object_id,
            label=label[:300],
            verb=verb,
            before=before,
            after=after,
            reason=reason,
            user=by.user,
            membership=membership,
            role=membership.role if membership else "",
            in_place_of=by.in_place_of,
        )


def transition(*sources, to=None, reason=False):
    """Turn a method into a step of its model's state machine.

    ``to`` is the next state, a function of the reread row that tells it, or nothing where the state stays.
    With ``reason`` the step asks for a written one. The actor needs the permission ``<verb>_<model>``. The
    rows are locked and reread first, so of two people who press the same button only one succeeds, and
    saving the whole row overwrites nobody's work. A step may delete its row; its ``Transition`` remains.

    Raises:
        PermissionDenied: the actor may not take this step.
        RuleViolation: not from this state, or the step's own rule forbids it.
    """

    def decorate(verb):
        name = verb.__name__

        @wraps(verb)
        def step(self, *, by, reason="", **details):
            with transaction.atomic():
                self.reread_locked()
                _ask(self, step, by, reason)
                membership = by.granting(self.permission(name), self)
                before, after = (
                    self.state,
                    to(self) if callable(to) else to or self.state,
                )
                kept = {"label": str(self), "object_id": str(self.pk)}
                self._changed_by = by
                verb(self, by=by, reason=reason, **details)
                if self.pk is None:
                    after = ""
                else:
                    self.state = after
                    self.save()
                    kept["label"] = str(self)
                entry = self.record(
                    name,
                    by=by,
                    membership=membership,
                    before=before,
                    after=after,
                    reason=reason,
                    **kept,
                )
                self.announce(entry)
                events.publish(self, entry)
                return entry

        step.sources, step.to, step.needs_reason = sources, to, reason
        step.is_transition = True
        return step

    def _ask(self, step, by, reason):
        permission = self.permission(step.__name__)
        if not by.has_perm(permission, self):
            raise PermissionDenied(permission)
        if self.state not in sources:
            raise RuleViolation(
                _("Not possible while the state is “%(state)s”."),
                params={"state": self.get_state_display()},
            )
        if step.needs_reason and not reason.strip():
            raise RuleViolation({"reason": _("Please give a reason.")})

    return decorate
