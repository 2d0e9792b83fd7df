"""The project group has all units reminded whose status is not current, and can take it back until it goes out."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from measures.models import Measure
from strategy.forms.once import OnceForm
from strategy.ladder import AFTER, working_day
from strategy.models import Recall, ReminderRules
from strategy.templatetags.portal import shown_date

STATUS = "status"  # the kind of task that is recalled


class Stale:
    """The measures without a current status: those whose unit somebody heads, and those that reach nobody.

    Takes the codes of some measures, or none for all of them; what has been asked for already belongs to it.
    """

    def __init__(self, actor, strategy, codes=()):
        measures = Measure.objects.visible_to(actor).filter(strategy=strategy).stale().stalest_first()
        if codes:
            ahead = Recall.objects.ahead(strategy, STATUS)
            measures = measures.filter(Q(code__in=codes) | Q(pk__in=ahead.object_ids if ahead else ()))
        self.reached, self.unreached = measures.by_addressee(strategy)
        self.units = sorted({measure.lead_unit for measure in self.reached}, key=str)


@require_http_methods(["GET", "POST"])
def recall(request, strategy):
    """How many units it would reach and when; then it is planned, once however often the button is pressed."""
    if not request.actor.has_perm("strategy.ask_recall", request.strategy):
        raise PermissionDenied("strategy.ask_recall")
    codes = [code for code in request.GET.getlist("m") if "\x00" not in code]
    stale = Stale(request.actor, request.strategy, codes)
    form = OnceForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and stale.units:
        return redirect(form.once(request.user, lambda: ask(request, stale)))
    context = {"form": form, "stale": stale, "step": step_of(request.strategy, stale)}
    context["back_url"] = request.strategy.get_absolute_url()
    return render(request, "reporting/recall.html", context)


def ask(request, stale):
    asked = Recall.objects.ask(
        request.strategy, by=request.actor, kind=STATUS, rows=stale.reached, addressees=len(stale.units)
    )
    messages.success(request, planned_for(asked.addressees))
    return request.strategy.get_absolute_url()


def planned_for(units):
    return ngettext("Reminder planned for %(count)d unit.", "Reminder planned for %(count)d units.", units) % {
        "count": units
    }


def step_of(strategy, stale):
    count = len(stale.units)
    day = working_day(timezone.localdate() + timedelta(days=1), AFTER)
    words = {"day": shown_date(day), "hour": ReminderRules.of(strategy).hour}
    return {
        "title": ngettext("Remind %(count)d unit", "Remind all %(count)d units", count) % {"count": count},
        "text": _("Whoever leads a measure without a current status is asked to report it.") if count else "",
        "button": _("Remind all"),
        "consequences": [
            _("It goes out on the next working day, %(day)s, at %(hour)d:00. Until then you can take it back.") % words,
            _("Who reports the status until then is not reminded."),
        ],
    }


@require_POST
def withdraw(request, strategy, pk):
    asked = get_object_or_404(Recall.objects.filter(strategy=request.strategy), pk=pk)
    if asked.withdraw(by=request.actor):
        messages.success(request, _("Taken back. Nobody is reminded."))
    elif asked.withdrawn_at:
        messages.info(request, _("This has been taken back already."))
    else:
        messages.warning(request, _("It has gone out already and cannot be taken back."))
    return redirect(request.strategy)
