"""Draft a need of the staff council, alone or several at once."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from measures.forms.need import NeedForm
from measures.models import Need
from strategy.forms.once import led_before
from strategy.workflow import RuleViolation

from .edit import EditRow
from .need import need_of, similar_to


class CreateNeed(View):
    """A new draft, for the council alone until it is submitted."""

    def dispatch(self, request, *args, **kwargs):
        if not request.actor.has_perm("measures.add_need", request.strategy):
            raise PermissionDenied("measures.add_need")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, strategy):
        return self.show(NeedForm(strategy=request.strategy))

    def post(self, request, strategy):
        if location := led_before(request):
            return redirect(location)
        form = NeedForm(request.POST, strategy=request.strategy)
        if not form.is_valid():
            return self.show(form)
        try:
            return redirect(form.once(request.user, lambda: self.create(form)))
        except RuleViolation as refusal:
            form.add_error(None, refusal)
            return self.show(form)

    def create(self, form):
        need = Need.objects.create_draft(by=self.request.actor, strategy=self.request.strategy, **form.changed_values())
        messages.success(self.request, _("Draft saved: %(need)s. Only the staff council sees it.") % {"need": need})
        return need.get_absolute_url()

    def show(self, form):
        return render(self.request, "measures/need/create.html", {"form": form})


class EditNeed(EditRow):
    permission = "measures.change_need"
    form_class = NeedForm
    template_name = "measures/need/edit.html"
    conflict_template_name = "measures/need/conflict.html"

    def get_row(self):
        return need_of(self.request, self.kwargs["pk"])

    def is_editable(self):
        return self.row.state == Need.State.DRAFT

    def why_ended(self):
        return _("This need has been submitted and is no longer edited.")

    def context(self):
        may = {verb: self.row.may(verb, self.request.actor) for verb in ("submit", "answer")}
        last_change = self.row.changes.select_related("history_user").first()
        return {
            "need": self.row,
            "may_submit": may["submit"],
            "last_change": last_change,
            **similar_to(self.row, self.request.actor, may),
        }
