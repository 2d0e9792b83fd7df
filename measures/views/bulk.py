"""Change several measures at once: choose, look, apply, take back."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from django.views.generic import View

from measures.bulk_plan import LINKS
from measures.filters import MeasureFilter, choices_of
from measures.forms.bulk import ApplyForm, BulkForm
from measures.models import BulkEdit, Measure
from strategy.forms.once import led_before
from strategy.templatetags.portal import shown_date

from .step import Step, Words


class Bulk(View):
    """The measures chosen in the list, by their codes or all that a filter finds, and what is to change in them."""

    def dispatch(self, request, *args, **kwargs):
        if not request.actor.has_perm("measures.add_bulkedit", request.strategy):
            raise PermissionDenied("measures.add_bulkedit")
        self.chosen = chosen(request)
        self.count = self.chosen.count()
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, strategy):
        return self.show(self.form())

    def post(self, request, strategy):
        if location := led_before(request):
            return redirect(location)
        form = self.form(request.POST)
        if not self.is_possible() or not form.is_valid():
            return self.show(form)
        return redirect(form.once(request.user, lambda: self.prepare(form)))

    def form(self, data=None):
        return BulkForm(data, strategy=self.request.strategy, measures=self.chosen)

    def is_possible(self):
        return 0 < self.count <= BulkEdit.MOST

    def prepare(self, form):
        measures = Measure.objects.filter(pk__in=self.chosen.order_by().values("pk"))
        made = BulkEdit.objects.prepare(self.request.strategy, measures, form.wanted(), by=self.request.actor)
        return reverse("measures:bulk-apply", args=[self.request.strategy.slug, made.pk])

    def show(self, form):
        context = {
            "form": form if self.is_possible() else None,
            "count": self.count,
            "most": BulkEdit.MOST,
            "measures": self.chosen.order_by("field__position", "pk").values("code", "title")[: BulkEdit.MOST],
        }
        return render(self.request, "measures/bulk/bulk.html", context)


def chosen(request):
    """The measures the address names: ``m`` their codes, or with ``all`` whatever its filters find."""
    visible = Measure.objects.visible_to(request.actor).filter(strategy=request.strategy)
    if "all" not in request.GET:
        codes = [code for code in request.GET.getlist("m") if "\x00" not in code]
        return visible.filter(code__in=codes[: BulkEdit.MOST + 1])
    return MeasureFilter(request.GET, visible, actor=request.actor, choices=choices_of(request.strategy, visible)).qs


@dataclass
class Shown:
    """One measure of a bulk edit, in words."""

    code: str
    title: str
    changes: list
    amendment: list
    why_not: list
    outcome: str
    amended: bool


class Rows:
    """The rows of a bulk edit in words; what they refer to is read once a model."""

    def __init__(self, bulk):
        wanted = {name: set() for name in LINKS}
        for row in bulk.rows:
            for values in (row["before"], row["after"], row["amendment"]):
                for name in wanted.keys() & values.keys():
                    wanted[name].add(values[name])
        self.names = {
            name: model_of(name).objects.filter(strategy=bulk.strategy_id).in_bulk(ids - {None})
            for name, ids in wanted.items()
            if ids - {None}
        }
        self.all = [self.shown(row) for row in bulk.rows]

    def shown(self, row):
        before, after = row["before"], row["after"]
        return Shown(
            row["code"],
            row["title"],
            [self.change(name, before, after) for name in after if name != "date_precision"],
            [(label_of(name), self.word(name, value, {})) for name, value in row["amendment"].items()],
            row["why_not"],
            row["outcome"],
            row["amended"],
        )

    def change(self, name, before, after):
        return (label_of(name), self.word(name, before[name], before), self.word(name, after[name], after))

    def word(self, name, value, values):
        if value in (None, "", []):
            return "–"
        if name in LINKS:
            return str(self.names[name].get(value, "–"))
        if name == "ends_on":
            return shown_date(date.fromisoformat(value), values.get("date_precision", "day"))
        return ", ".join(value) if isinstance(value, list) else value


def model_of(name):
    return Measure._meta.get_field(name).related_model


def label_of(name):
    return capfirst(Measure._meta.get_field(name).verbose_name)


@require_safe
def bulk_edit(request, strategy, pk):
    """What has become of it, measure by measure."""
    bulk = bulk_of(request, pk)
    rows = Rows(bulk).all
    context = {
        "bulk": bulk,
        "title": counted(bulk.counts()),
        "changed": [row for row in rows if row.outcome in ("changed", "undone")],
        "skipped": [row for row in rows if row.outcome == "skipped"],
        "amended": [row for row in rows if row.amended],
        "may_apply": bulk.may("apply", request.actor),
        "may_undo": bulk.may("undo", request.actor) and bulk.counts()["changed"],
    }
    return render(request, "measures/bulk/bulk_edit.html", context)


def bulk_of(request, pk):
    edits = BulkEdit.objects.visible_to(request.actor).filter(strategy=request.strategy)
    return get_object_or_404(edits.select_related("strategy", "asked_by", "in_place_of"), pk=pk)


def counted(counts):
    """“3 changed, 1 skipped”."""
    words = [ngettext("%(count)d changed", "%(count)d changed", counts["changed"]) % {"count": counts["changed"]}]
    if counts["amended"]:
        words.append(
            ngettext("%(count)d amendment proposed", "%(count)d amendments proposed", counts["amended"])
            % {"count": counts["amended"]}
        )
    if counts["undone"]:
        words.append(
            ngettext("%(count)d taken back", "%(count)d taken back", counts["undone"]) % {"count": counts["undone"]}
        )
    words.append(ngettext("%(count)d skipped", "%(count)d skipped", counts["skipped"]) % {"count": counts["skipped"]})
    return ", ".join(words)


class BulkStep(Step):
    """A step of a bulk edit: to apply it, to take it back."""

    words = {
        "apply": Words(_("Change %(object)s"), _("Apply changes"), "", ""),
        "undo": Words(
            _("Take back the changes of %(object)s"),
            _("Take back"),
            "",
            _("Each measure gets back what stood there before, as far as nobody has changed it since."),
        ),
    }

    def get_subject(self):
        return bulk_of(self.request, self.kwargs["pk"])

    def take(self, form):
        """The page that comes next says in its heading what has been done."""
        getattr(self.subject, self.verb)(by=self.request.actor, **form.details())
        return self.get_success_url()

    def get_back_url(self):
        return self.subject.get_absolute_url()


class Apply(BulkStep):
    verb = "apply"
    form_class = ApplyForm
    template_name = "measures/bulk/apply.html"

    def get_context_data(self, **context):
        """Each measure stands once, where most becomes of it."""
        rows = Rows(self.subject).all
        return super().get_context_data(
            changing=[row for row in rows if row.changes],
            amending=[row for row in rows if row.amendment and not row.changes],
            staying=[row for row in rows if not row.changes and not row.amendment],
            **context,
        )

    def consequences(self):
        if count := len(self.subject.needing_amendment()):
            words = ngettext("%(count)d needs an amendment.", "%(count)d need an amendment.", count)
            yield words % {"count": count}

    def get_back_url(self):
        planned = self.subject is not None and self.subject.state == BulkEdit.State.PLANNED
        return reverse("measures:list", args=[self.request.strategy.slug]) if planned else super().get_back_url()


class Undo(BulkStep):
    verb = "undo"
    template_name = "measures/bulk/undo.html"

    def consequences(self):
        if self.subject.counts()["amended"]:
            yield _("Amendments stay; they are withdrawn one by one.")
