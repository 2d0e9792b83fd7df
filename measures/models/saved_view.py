from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from strategy.models import StrategyBound
from strategy.workflow import Locking, RuleViolation


class SavedViewQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """One's own and the shared ones; nobody sees another's, not even in their place."""
        mine = Q(owner=actor.user.pk if actor.is_active else None)
        return self.filter(mine | Q(is_shared=True), strategy__in=actor.strategies())

    def keep(self, strategy, *, by, name, query, is_shared=False):
        """A new view of the actor's. Raises PermissionDenied, and RuleViolation where there are too many."""
        with transaction.atomic():
            if not by.has_perm("measures.add_savedview", strategy):
                raise PermissionDenied("measures.add_savedview")
            view = self.model(strategy=strategy, owner_id=by.user.pk, query=query)
            view.reread_above_locked()  # one after the other, to count them
            if self.filter(strategy=strategy, owner=by.user).count() >= SavedView.MOST:
                raise RuleViolation(
                    _("You have %(count)d views; please delete one you no longer need."),
                    params={"count": SavedView.MOST},
                )
            view._call(name, is_shared, by)
            return view


class SavedView(Locking, StrategyBound):
    """A question to the list of measures that somebody asks again: filters, order and columns, as an address has them.

    What it finds depends on who asks. It is a habit, not a fact: it has no history.
    """

    MOST = 12  # of one person in one strategy

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=2000)
    is_shared = models.BooleanField(
        _("shared"), default=False, help_text=_("Everybody in the strategy finds it above the list of measures.")
    )

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["-is_shared", "name", "pk"]
        constraints = [
            models.UniqueConstraint("strategy", "owner", "name", name="one_view_per_name_and_person"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"{reverse('measures:list', args=[self.strategy.slug])}?{self.query}"

    def lock_first(self):
        """Who names their views twice at once does one after the other."""
        return (self.owner,)

    def edit(self, *, by, name, is_shared):
        """Name it, share it or keep it to oneself.

        Raises PermissionDenied, and RuleViolation where a name is taken or the view has been deleted.
        """
        with transaction.atomic():
            self.reread_locked()
            self._call(name, is_shared, by)

    def _call(self, name, is_shared, by):
        if not by.has_perm("measures.change_savedview", self):
            raise PermissionDenied("measures.change_savedview")
        if is_shared != self.is_shared and not by.has_perm("measures.share_savedview", self):
            raise PermissionDenied("measures.share_savedview")
        namesakes = SavedView.objects.filter(strategy=self.strategy_id, owner=self.owner_id, name=name)
        if namesakes.exclude(pk=self.pk).exists():
            raise RuleViolation({"name": _("There is a view of this name; please choose another.")})
        self.name, self.is_shared = name, is_shared
        self.save()

    def remove(self, *, by):
        if not by.has_perm("measures.delete_savedview", self):
            raise PermissionDenied("measures.delete_savedview")
        self.delete()
