"""Rows beside a measure's text, and figures, that the project group types in, edits and deletes."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from strategy.models import EditConflict, Sourced, StrategyBound, Versioned
from strategy.workflow import Locking


class Typed(Locking, StrategyBound, Sourced, Versioned):
    """Whoever saves second is told, a typed value is no example any more, and deleting leaves a row of ``changes``."""

    class Meta:
        abstract = True

    def check_editable(self):
        """What forbids to add, edit or delete it now. Raises RuleViolation."""

    def check_values(self):
        """What does not go together. Raises RuleViolation {field: message}."""

    def enter(self, *, by):
        """Save it for the first time. Raises PermissionDenied, RuleViolation."""
        with transaction.atomic():
            self.keep_within_strategy()
            self.reread_above_locked()
            self._ask("add", by)
            self.check_editable()
            self._keep(by)

    def edit(self, *, by, version, changes):
        """Save what somebody typed, if nobody else has saved since.

        Raises:
            PermissionDenied: the actor may not edit it.
            EditConflict: the stored version is another one; nothing has been saved.
            RuleViolation: it is no longer edited, or the values do not go together.
        """
        with transaction.atomic():
            self.reread_locked()
            self._ask("change", by)
            if self.version != version:
                raise EditConflict(self)
            self.check_editable()
            for name, value in changes.items():
                setattr(self, name, value)
            self.own(*changes)
            self.version += 1
            self._keep(by)

    def remove(self, *, by):
        """Delete it; what it was stays in ``changes``. Raises PermissionDenied, RuleViolation."""
        with transaction.atomic():
            self.reread_locked()
            self._ask("delete", by)
            self.check_editable()
            self._changed_by = by
            self.delete()

    def _ask(self, verb, by):
        permission = f"{self._meta.app_label}.{verb}_{self._meta.model_name}"
        if not by.has_perm(permission, self):
            raise PermissionDenied(permission)

    def _keep(self, by):
        self.check_values()
        self._changed_by = by
        self.save()
