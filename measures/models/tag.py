"""Words of a strategy's own under which measures are found again."""

from django.db import IntegrityError, models, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from strategy.changes import changes
from strategy.models import StrategyBound

LONGEST_TAG = 40


class TagQuerySet(models.QuerySet):
    def used_by(self, measures):
        """The tags of these measures: a word that stands at a hidden draft alone is not told."""
        of_measures = self.model.measures.through.objects.filter(measure__in=measures.order_by().values("pk"))
        return self.filter(pk__in=of_measures.values("tag"))

    def of_names(self, strategy_id, names, *, by):
        """The tags of these names; one that does not exist yet is made. Upper and lower case are the same."""
        known = {tag.name.casefold(): tag for tag in self.filter(strategy=strategy_id)}
        return [known.get(name.casefold()) or self._make(strategy_id, name, by) for name in names]

    def _make(self, strategy_id, name, by):
        """Somebody else may make the same one at the same moment."""
        tag = self.model(strategy_id=strategy_id, name=name)
        tag._changed_by = by
        try:
            with transaction.atomic():
                tag.save()
        except IntegrityError:
            return self.get(strategy=strategy_id, name__iexact=name)
        return tag


class Tag(StrategyBound):
    """A word somebody has typed at a measure."""

    name = models.CharField(_("tag"), max_length=LONGEST_TAG)

    objects = TagQuerySet.as_manager()
    changes = changes()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint("strategy", Lower("name"), name="one_tag_per_name")]

    def __str__(self):
        return self.name
