"""What rows of content have in common: their strategy, their sources, their version."""

from calendar import monthrange

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class StrategyBound(models.Model):
    """A row that belongs to one strategy and links to nothing outside it."""

    strategy = models.ForeignKey(
        "strategy.Strategy",
        models.CASCADE,
        related_name="+",
        verbose_name=_("strategy"),
    )

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        self.keep_within_strategy(kwargs.get("update_fields"))
        super().save(*args, **kwargs)

    def keep_within_strategy(self, names=None):
        """Take the strategy from the first parent, refuse a link that crosses the boundary.

        Raises:
            ValidationError: a related row belongs to another strategy.
        """
        for link in self._links_within_strategy(names):
            related = getattr(self, link.name)
            if related is None:
                continue
            if self.strategy_id is None:
                self.strategy_id = related.strategy_id
            elif related.strategy_id != self.strategy_id:
                raise ValidationError({link.name: _("This belongs to another strategy.")})

    def used_by(self):
        """Kinds of rows that refer to this one, by name; while there are any, it must not be deleted. Queries.

        Rows nobody is told of give no name to their kind. Where they are all there is, they are others' drafts.
        """
        users = [link for link in self._meta.get_fields(include_hidden=True) if _refers(link)]
        found = [
            (link.related_model, link.related_model._base_manager.filter(**{link.field.name: self.pk}))
            for link in users
        ]
        names = {str(model._meta.verbose_name_plural) for model, rows in found if _told_of(model, rows).exists()}
        if not names and any(rows.exists() for _model, rows in found):
            return [gettext("drafts of others")]
        return sorted(names)

    @classmethod
    def told_of(cls, rows):
        """Those of these rows of which everybody may know that they are there."""
        return rows

    def _links_within_strategy(self, names):
        return [
            field
            for field in self._meta.concrete_fields
            if field.many_to_one
            and issubclass(field.related_model, StrategyBound)
            and (names is None or field.name in names)
        ]


def _told_of(model, rows):
    return model.told_of(rows) if issubclass(model, StrategyBound) else rows


def _refers(link):
    """Whether rows at the other end would be lost or orphaned; history keeps what it says, it does not count."""
    if not link.auto_created or link.concrete or link.related_model._meta.auto_created:
        return False
    return link.many_to_many or link.on_delete is not models.DO_NOTHING


class Sourced(models.Model):
    """A row whose values rest on public sources, are derived from them, or are examples."""

    class Provenance(models.TextChoices):
        EXAMPLE = "example", _("example value")
        DERIVED = "derived", _("derived")

    source = models.CharField(_("source"), max_length=500, blank=True)
    provenance = models.JSONField(
        _("origin of values"),
        default=dict,
        blank=True,
        help_text=_("Field name to “example” or “derived”; a field that is not listed is documented or typed in."),
    )

    class Meta:
        abstract = True

    def marks(self):
        """{field name: label} of everything that is not documented."""
        return {name: self.Provenance(kind).label for name, kind in self.provenance.items()}

    def own(self, *names):
        """Forget that these fields hold example values: somebody has typed real ones."""
        self.provenance = {name: kind for name, kind in self.provenance.items() if name not in names}


class Versioned(models.Model):
    """A row that two people may edit at once: who saves second is told."""

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        abstract = True


class EditConflict(Exception):
    """Somebody else has saved the row since the editor opened it; ``row`` is what is stored now."""

    def __init__(self, row):
        super().__init__(f"{row} is at version {row.version}")
        self.row = row


class DatePrecision(models.TextChoices):
    """How exactly a day is known; the public sources often name a year alone."""

    DAY = "day", _("day")
    MONTH = "month", _("month")
    YEAR = "year", _("year")


def first_day(day, precision):
    """Of the month or the year a day stands for."""
    if precision == DatePrecision.YEAR:
        return day.replace(month=1, day=1)
    return day.replace(day=1) if precision == DatePrecision.MONTH else day


def last_day(day, precision):
    """Of the month or the year a day stands for."""
    month = 12 if precision == DatePrecision.YEAR else day.month
    if precision not in (DatePrecision.YEAR, DatePrecision.MONTH):
        return day
    return day.replace(month=month, day=monthrange(day.year, month)[1])
