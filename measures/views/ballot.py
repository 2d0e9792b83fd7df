"""The own ranking list: ordered as one goes, handed in, withdrawn. Nobody but its owner gets here."""

from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from measures.forms.ballot import ArrangeForm, BallotForm
from measures.models import Ballot, EditConflict
from measures.models.ballot import TOO_LATE
from strategy.workflow import RuleViolation

from .ballot_sheet import Sheet, state_of
from .step import Step, Words


def own_ballot(request, pk):
    """This person's ballot in that round; else 404."""
    ballots = Ballot.objects.visible_to(request.actor).filter(strategy=request.strategy)
    return get_object_or_404(ballots.select_related("round__strategy", "elector"), round__pk=pk)


def address(ballot, name="ballot"):
    return reverse(f"measures:{name}", args=[ballot.round.strategy.slug, ballot.round_id])


@never_cache
@vary_on_headers("Accept")
@require_safe
def ballot(request, strategy, pk):
    ballot = own_ballot(request, pk)
    return JsonResponse(state_of(ballot)) if wants_json(request) else show(request, ballot)


@never_cache
@require_POST
def arrange(request, strategy, pk):
    ballot = own_ballot(request, pk)
    form = ArrangeForm(request.POST, own=ballot, items=ballot.round.measures.values_list("pk", flat=True))
    return change(request, ballot, form, ballot.arrange, "order")


@never_cache
@require_POST
def undo(request, strategy, pk):
    ballot = own_ballot(request, pk)
    return change(request, ballot, BallotForm(request.POST, own=ballot), ballot.undo_last)


def change(request, ballot, form, verb, *fields):
    """Save what the form says; whoever cannot be served gets the list as it is stored, and why."""
    if not form.is_valid():
        return refuse(request, ballot, form.problem(), 422, form)
    if form.is_of_another():
        raise PermissionDenied("measures.arrange_ballot")
    try:
        verb(by=request.actor, **{name: form.cleaned_data[name] for name in ("version", *fields)})
    except EditConflict as conflict:
        return differ(request, conflict.row, form)
    except RuleViolation as problem:
        return refuse(request, own_ballot(request, ballot.round_id), " ".join(problem.messages), 409, form)
    if wants_json(request):
        return JsonResponse(state_of(ballot))
    return redirect(address(ballot) + (f"#measure-{form.moved_item}" if form.moved_item else ""))


def differ(request, stored, form):
    """Another window was quicker: nothing is saved, with script the two lists are compared there."""
    if wants_json(request):
        return JsonResponse(state_of(stored), status=409)
    problem = _(
        "Your ranking list has been changed in another window in the meantime. Here is how it stands now; "
        "please make your last change once more."
    )
    return show(request, stored, form, problem, 409)


def refuse(request, ballot, problem, status, form):
    if wants_json(request):
        return JsonResponse({"problem": str(problem)}, status=status)
    return show(request, ballot, form, problem, status)


def wants_json(request):
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def show(request, ballot, form=None, problem="", status=200):
    context = {
        "ballot": ballot,
        "round": ballot.round,
        "group": ballot.elector.get_group_display(),
        "problem": problem,
        "sheet": Sheet(ballot, request.actor, form),
    }
    if is_being_ordered(ballot):
        return render(request, "measures/ranking/ballot.html", context, status=status)
    return render(request, "measures/ranking/ballot_closed.html", context | standing_of(ballot), status=status)


def is_being_ordered(ballot):
    return ballot.state == Ballot.State.DRAFT and is_voting_time(ballot.round)


def is_voting_time(ranking_round):
    """For what is shown; the verbs ask the database's clock once more."""
    return ranking_round.is_open and ranking_round.closes_at > timezone.now()


def standing_of(ballot):
    """What has become of a list that is not ordered any more."""
    ranking_round = ballot.round
    receipts = (ranking_round.results or {}).get("receipts", [])
    ended = [moment for moment in (ranking_round.closed_at, ranking_round.closes_at) if moment]
    return {
        "is_submitted": ballot.state == Ballot.State.SUBMITTED,
        "is_voting_time": is_voting_time(ranking_round),
        "is_cancelled": ranking_round.state == ranking_round.State.CANCELLED,
        "is_counted": ballot.receipt in receipts,
        "ended_at": min(ended, default=None),
    }


@method_decorator(never_cache, name="dispatch")
class BallotStep(Step):
    """Hand in or withdraw: the list as it is stored."""

    def get_subject(self):
        return own_ballot(self.request, self.kwargs["pk"])

    def get_label(self):
        return str(self.subject.round)

    def is_possible(self):
        return super().is_possible() and is_voting_time(self.subject.round)

    def why_not(self):
        return super().why_not() if is_voting_time(self.subject.round) else TOO_LATE[self.subject.state]

    def get_back_url(self):
        return address(self.subject)

    def get_context_data(self, **context):
        sheet = Sheet(self.subject, self.request.actor)
        return super().get_context_data(ballot=self.subject, round=self.subject.round, sheet=sheet, **context)


class Submit(BallotStep):
    verb = "submit"
    template_name = "measures/ranking/ballot_submit.html"
    words = {
        "submit": Words(
            _("Hand in your ranking list?"),
            _("Hand in ranking list"),
            _("Your ranking list has been handed in."),
        )
    }


class Withdraw(BallotStep):
    verb = "withdraw"
    template_name = "measures/ranking/ballot_withdraw.html"
    words = {
        "withdraw": Words(
            _("Withdraw your ranking list?"),
            _("Withdraw ranking list"),
            _("Withdrawn. Your order is a draft again and counts once you hand it in anew."),
            _("Your order stays as it is and becomes a draft again. A draft does not count."),
        )
    }
