"""Data protection: a person's own data, forgetting a person, and how long things are kept."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.generic import FormView

from strategy import personal
from strategy.forms.data import RetentionForm
from strategy.forms.once import OnceForm
from strategy.models import Membership, User
from strategy.workflow import RuleViolation

from .settings import Maintained


@require_safe
def own_data(request):
    """What the portal keeps about the person, and the way to take it along."""
    context = {"parts": personal.counts_of(request.user), "back_url": reverse("strategy:account")}
    return render(request, "strategy/data/own_data.html", context)


@require_safe
def own_data_file(request):
    told = {"made_at": timezone.now(), **personal.data_of(request.user)}
    answer = JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer["Content-Disposition"] = f'attachment; filename="worksttogether-{timezone.localdate():%Y-%m-%d}.json"'
    return answer


@require_http_methods(["GET", "POST"])
def anonymise(request, strategy, pk):
    """Says what happens and what cannot be taken back, then does it."""
    if not request.actor.has_perm("strategy.change_strategy", request.strategy):
        raise PermissionDenied("strategy.change_strategy")
    here = Membership.objects.filter(strategy=request.strategy, user=OuterRef("pk"))
    person = get_object_or_404(User.objects.filter(Exists(here)), pk=pk)
    if not personal.may_anonymise(request.actor, person, request.strategy):
        raise PermissionDenied("strategy.change_strategy")
    form = OnceForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (location := anonymised(request, person, form)):
        return redirect(location)
    context = {
        "form": form,
        "person": person,
        "step": anonymising(person),
        "back_url": reverse("strategy:person-edit", args=[request.strategy.slug, person.pk]),
    }
    return render(request, "strategy/data/anonymise.html", context, status=422 if form.errors else 200)


def anonymising(person):
    consequences = [
        _("This cannot be undone, neither by you nor by anybody else."),
        _("Name, user name and e-mail address are erased, also in the account’s history; nobody signs in with it."),
        _("Roles and deputyships end today. Messages, mails, keys, saved views and ways of signing in are deleted."),
        _("What the person did stays, told with the function in the place of the name. Ballots stay secret."),
        _("Names that somebody typed into a text are not found: please look through the texts yourself."),
        _("In backups the data stay until these are overwritten."),
    ]
    title = _("Anonymise %(person)s") % {"person": person}
    return {"title": title, "button": _("Anonymise for good"), "consequences": consequences, "danger": True}


def anonymised(request, person, form):
    """Where it leads, or nothing where a rule forbids it, which the form then says."""

    def deed():
        with Membership.objects.keeping_an_administrator(request.strategy):
            personal.anonymise(person, by=request.actor, strategy=request.strategy)
        messages.success(request, _("The person has been anonymised."))
        return reverse("strategy:members", args=[request.strategy.slug])

    try:
        return form.once(request.user, deed)
    except RuleViolation as refusal:
        form.add_error(None, refusal)


class RetentionEdit(Maintained, FormView):
    """A period a kind."""

    form_class = RetentionForm
    template_name = "strategy/data/retention.html"

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"strategy": self.request.strategy}

    def get_success_url(self):
        return reverse("strategy:settings", args=[self.request.strategy.slug])

    def get_context_data(self, **kwargs):
        return super().get_context_data(overview_url=self.get_success_url(), **kwargs)

    def form_valid(self, form):
        form.save()
        messages.success(self.request, _("Saved. What is older goes tonight."))
        return super().form_valid(form)
