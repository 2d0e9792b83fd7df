"""A status reported from a mail without signing in: the link says who and what, the rights are those of this moment."""

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from measures.forms.status import QuickStatusForm
from measures.models import Measure
from measures.quick_status import DeadLink, read
from strategy.models import User
from strategy.second_factor import actor_by_key
from strategy.workflow import RuleViolation

GONE = 410


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
def quick_status(request, key):
    """Looking changes nothing: mail programs open links to check them."""
    try:
        user_id, measure_id, *told = read(key)
    except DeadLink as link:
        return dead(request, _("It is too old.") if link.is_old else _("It is not complete. Has the line been broken?"))
    user = User.objects.filter(pk=user_id).first()  # one that is closed has no rights
    if user is None:
        return dead(request, _("You may not report the status of this measure any more."))
    with override(user.language):
        request.LANGUAGE_CODE = user.language
        with transaction.atomic():
            answer = report(request, user, measure_id, told)
        answer.headers["Content-Language"] = user.language
        return answer


def report(request, user, measure_id, told):
    """The page, or what has become of it. The lock lets one report through, and the link is used up."""
    actor = actor_by_key(user)
    measures = Measure.objects.visible_to(actor).select_related("strategy")
    if request.method == "POST":
        measures = measures.select_for_update(of=("self",))
    measure = measures.filter(pk=measure_id).first()
    if measure is None or not actor.has_perm(measure.permission("report_status"), measure):
        return dead(request, _("You may not report the status of this measure any more."))
    if told != [measure.state, last_update(measure)]:
        return dead(request, _("The status has been reported since, or the measure has moved on."), measure)
    form = QuickStatusForm(request.POST or None, subject=measure)
    if request.method == "POST" and form.is_valid() and take(form, measure, actor):
        return render(request, "measures/quick_status/done.html", {"measure": measure})
    return render(request, "measures/quick_status/report.html", {"measure": measure, "form": form})


def last_update(measure):
    return measure.status_updates.order_by("-pk").values_list("pk", flat=True).first() or 0


def take(form, measure, actor):
    try:
        measure.report_status(by=actor, **form.details())
    except RuleViolation as problem:
        form.add_problem(problem)
        return False
    return True


def dead(request, reason, measure=None):
    """Why the link is of no use, and the way through the front door."""
    return render(request, "measures/quick_status/dead.html", {"reason": reason, "measure": measure}, status=GONE)
