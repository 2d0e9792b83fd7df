"""Many measures changed at once: what was wanted, what became of each, and the way back."""

from collections import Counter
from datetime import date

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from measures.bulk_plan import LINKS, plan, values_of
from strategy.models import EditConflict, Role, StrategyBound
from strategy.workflow import RuleViolation, Workflow, transition

from .measure import Measure


class Outcome(models.TextChoices):
    CHANGED = "changed", _("changed")
    SKIPPED = "skipped", _("skipped")
    UNDONE = "undone", _("taken back")


class BulkEditQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self.filter(strategy__in=actor.strategies(Role.PROJECT_GROUP))

    def prepare(self, strategy, measures, wanted, *, by):
        """What would become of each measure, kept with the versions it was planned on. Raises PermissionDenied."""
        if not by.has_perm("measures.add_bulkedit", strategy):
            raise PermissionDenied("measures.add_bulkedit")
        found = measures.select_related("field").prefetch_related("tags").order_by("pk")
        rows = [planned_row(measure, wanted) for measure in found]
        return self.create(strategy=strategy, wanted=wanted, rows=rows, asked_by=by.user, in_place_of=by.in_place_of)


def planned_row(measure, wanted):
    made = plan(measure, wanted)
    return {
        "measure": measure.pk,
        "code": measure.code,
        "title": measure.title,
        "version": measure.version,
        "before": made.before,
        "after": made.after,
        "amendment": made.amendment,
        "why_not": made.why_not,
        "outcome": "",
        "amended": False,
    }


class BulkEdit(Workflow, StrategyBound):
    """A change of several measures: looked at first, then made, perhaps taken back.

    ``rows`` holds one entry a measure with the values before and after; the history of each measure tells the
    change itself, so this row needs none of its own.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        APPLIED = "applied", _("Applied")
        UNDONE = "undone", _("Taken back")

    MOST = 250  # measures at once

    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.PLANNED, editable=False)
    wanted = models.JSONField()
    rows = models.JSONField()
    made_at = models.DateTimeField(auto_now_add=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    in_place_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    objects = BulkEditQuerySet.as_manager()

    class Meta:
        verbose_name = _("bulk edit")
        verbose_name_plural = _("bulk edits")
        ordering = ["-made_at", "-pk"]

    def __str__(self):
        count = len(self.rows)
        return ngettext("%(count)d measure", "%(count)d measures", count) % {"count": count}

    def get_absolute_url(self):
        return reverse("measures:bulk-edit", args=[self.strategy.slug, self.pk])

    def counts(self):
        """{outcome: number of measures}, and how many amendments were proposed."""
        outcomes = Counter(row["outcome"] for row in self.rows)
        return {
            "changed": outcomes[Outcome.CHANGED] + outcomes[Outcome.UNDONE],
            "undone": outcomes[Outcome.UNDONE],
            "skipped": outcomes[Outcome.SKIPPED],
            "amended": sum(row["amended"] for row in self.rows),
        }

    def changing(self):
        return [row for row in self.rows if row["after"]]

    def needing_amendment(self):
        return [row for row in self.rows if row["amendment"]]

    @transition(State.PLANNED, to=State.APPLIED)
    def apply(self, *, by, open_amendments=False, reason=""):
        """Change each measure that nobody has changed since the preview; the others are skipped and say why."""
        measures = self._measures()
        for row in self.rows:
            measure = measures.get(row["measure"])
            row["amended"] = bool(open_amendments and row["amendment"]) and self._amend(row, measure, by)
            done = bool(row["after"]) and self._edit(row, measure, by, row["after"], row["version"])
            row["outcome"] = Outcome.CHANGED if done else "" if row["amended"] else Outcome.SKIPPED

    @transition(State.APPLIED, to=State.UNDONE)
    def undo(self, *, by, reason=""):
        """Put back what nobody has changed since; what was, stays and says so. Amendments stay, too."""
        measures = self._measures()
        for row in self.rows:
            if row["outcome"] == Outcome.CHANGED:
                row["why_not"] = []
                self._undo_row(row, measures.get(row["measure"]), by)

    def _undo_row(self, row, measure, by):
        if measure is None:
            row["why_not"].append(gettext("This has been deleted in the meantime."))
            return
        now = values_of(measure)
        back = {name: value for name, value in row["before"].items() if now[name] == row["after"][name]}
        if len(back) < len(row["before"]):
            row["why_not"].append(gettext("Somebody has changed it since; that stays."))
        if back and self._edit(row, measure, by, back, measure.version):
            row["outcome"] = Outcome.UNDONE

    def _measures(self):
        ids = [row["measure"] for row in self.rows]
        found = Measure.objects.filter(strategy=self.strategy_id, pk__in=ids).select_for_update(of=("self",))
        list(found.order_by("pk").values("pk"))  # all locks first, in one order, so that two at once do not cross
        return Measure.objects.filter(pk__in=ids).prefetch_related("tags").in_bulk()

    def _edit(self, row, measure, by, values, version):
        return self._try(row, measure, lambda: measure.edit(by=by, version=version, changes=self._as_changes(values)))

    def _amend(self, row, measure, by):
        def propose():
            if measure.version != row["version"]:
                raise EditConflict(measure)
            measure.amend(by=by, core=self._as_changes(row["amendment"]))

        return self._try(row, measure, propose)

    def _try(self, row, measure, deed):
        """Whether it went; why not is noted at the row."""
        try:
            if measure is None:
                raise RuleViolation(gettext("This has been deleted in the meantime."))
            with transaction.atomic():
                deed()
        except EditConflict:
            row["why_not"].append(gettext("Somebody has changed this measure since the preview."))
        except RuleViolation as refusal:
            row["why_not"] += refusal.messages
        else:
            return True
        return False

    def _as_changes(self, values):
        """The stored values as ``Measure.edit`` takes them."""
        changes = {name: self._linked(name, value) if name in LINKS else value for name, value in values.items()}
        if changes.get("ends_on"):
            changes["ends_on"] = date.fromisoformat(changes["ends_on"])
        return changes

    def _linked(self, name, pk):
        model = Measure._meta.get_field(name).related_model
        return None if pk is None else model.objects.filter(strategy=self.strategy_id, pk=pk).first()
