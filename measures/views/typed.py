"""Enter a row of figures once; editing and its conflicts are those of ``EditRow``."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from measures.forms.step import words_typed
from strategy.forms.once import led_before
from strategy.workflow import RuleViolation


class EnterRow(View):
    """A form for a row that does not exist yet; ``get_row`` says what it will belong to."""

    permission = ""
    form_class = None
    template_name = ""

    def dispatch(self, request, *args, **kwargs):
        if request.method == "POST" and (location := led_before(request)):
            return redirect(location)
        self.row = self.get_row()
        if not request.actor.has_perm(self.permission, self.row):
            raise PermissionDenied(self.permission)
        return super().dispatch(request, *args, **kwargs)

    def get_row(self):
        raise NotImplementedError

    def get_back_url(self):
        raise NotImplementedError

    def form_of(self, data=None):
        return self.form_class(data, strategy=self.request.strategy)

    def get(self, request, *args, **kwargs):
        if reasons := self.reasons_against():
            return self.not_possible(reasons, self.form_of())
        return self.show(self.form_of())

    def post(self, request, *args, **kwargs):
        form = self.form_of(request.POST)
        if reasons := self.reasons_against():
            return self.not_possible(reasons, form)
        if not form.is_valid():
            return self.show(form)
        try:
            return redirect(form.once(request.user, lambda: self.enter(form)))
        except RuleViolation as refusal:
            form.add_error(None, refusal)
            return self.show(form)

    def reasons_against(self):
        """Why nothing can be added here; nothing where it can."""
        try:
            self.row.check_editable()
        except RuleViolation as refusal:
            return refusal.messages
        return []

    def enter(self, form):
        for name, value in form.changed_values().items():
            setattr(self.row, name, value)
        self.row.enter(by=self.request.actor)
        messages.success(self.request, _("Saved: %(object)s") % {"object": self.row})
        return self.row.get_absolute_url()

    def show(self, form):
        context = {"form": form, "row": self.row, "back_url": self.get_back_url()}
        return render(self.request, self.template_name, context | self.context())

    def context(self):
        """What the page shows beside the form."""
        return {}

    def not_possible(self, reasons, form):
        context = {"reasons": reasons, "typed": words_typed(form), "back_url": self.get_back_url()}
        return render(self.request, "measures/step/not_possible.html", context, status=409)
