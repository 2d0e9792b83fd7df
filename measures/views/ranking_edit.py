"""Plan and edit a ranking round; what to do when two people did so at once."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from measures.forms.ranking import RoundForm, merge
from measures.forms.step import words_typed
from measures.models import EditConflict, RankingRound
from strategy.forms.once import led_before
from strategy.workflow import RuleViolation

from .ranking import ranking_of


class Create(View):
    """A planned round; it begins with all measures and all groups."""

    def dispatch(self, request, *args, **kwargs):
        if not request.actor.has_perm("measures.add_rankinground", request.strategy):
            raise PermissionDenied("measures.add_rankinground")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, strategy):
        return self.show(RoundForm(strategy=request.strategy))

    def post(self, request, strategy):
        if location := led_before(request):
            return redirect(location)
        form = RoundForm(request.POST, strategy=request.strategy)
        if not form.is_valid():
            return self.show(form)
        try:
            return redirect(form.once(request.user, lambda: self.create(form)))
        except RuleViolation as refusal:  # a measure has ended since the page was opened
            form.add_error(None, refusal.messages)
            return self.show(form)

    def create(self, form):
        ranking = RankingRound.objects.create_planned(
            by=self.request.actor, strategy=self.request.strategy, **form.values(), **form.choices()
        )
        messages.success(self.request, _("Planned: %(ranking)s") % {"ranking": ranking})
        return ranking.get_absolute_url()

    def show(self, form):
        context = {"form": form, "back_url": reverse("measures:rankings", args=[self.request.strategy.slug])}
        return render(self.request, "measures/ranking/edit.html", context)


class Edit(View):
    """Save what was typed, unless somebody else has saved since: then show both."""

    def dispatch(self, request, *args, **kwargs):
        if request.method == "POST" and (location := led_before(request)):
            return redirect(location)
        self.ranking = ranking_of(request, kwargs["pk"])
        if not request.actor.has_perm("measures.change_rankinground", self.ranking):
            raise PermissionDenied("measures.change_rankinground")
        if self.ranking.state != RankingRound.State.PLANNED:
            return self.too_late([_("A round that has been opened stays as it is.")])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, strategy, pk):
        return self.show(self.form_of(None))

    def post(self, request, strategy, pk):
        form = self.form_of(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            return redirect(form.once(request.user, lambda: self.save(form)))
        except EditConflict:
            return self.ask(form)
        except RuleViolation as refusal:
            return self.too_late(refusal.messages)

    def save(self, form):
        self.ranking.edit(by=self.request.actor, version=form.opened_version, changes=form.values(), **form.choices())
        messages.success(self.request, _("Saved: %(ranking)s") % {"ranking": self.ranking})
        return self.ranking.get_absolute_url()

    def ask(self, form):
        """Show the form again with both: what was typed, and what somebody else has saved."""
        self.ranking = ranking_of(self.request, self.ranking.pk)
        data, differences = merge(form, self.ranking)
        merged = self.form_of(data)
        merged.is_valid()
        return self.show(merged, status=409, differences=differences, conflict=True)

    def form_of(self, data):
        return RoundForm(data, strategy=self.request.strategy, ranking=self.ranking)

    def show(self, form, status=200, **context):
        context |= {"form": form, "ranking": self.ranking, "back_url": self.ranking.get_absolute_url()}
        return render(self.request, "measures/ranking/edit.html", context, status=status)

    def too_late(self, reasons):
        typed = words_typed(self.form_of(self.request.POST or None))
        context = {"reasons": reasons, "typed": typed, "back_url": self.ranking.get_absolute_url()}
        return render(self.request, "measures/step/not_possible.html", context, status=409)
