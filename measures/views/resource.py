"""One resource request: entered, edited, registered for the budget, answered with the council paper."""

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from measures.forms.resource import AnswerForm, PartlyForm, ResourceForm
from measures.models import ResourceRequest
from measures.resource_sums import budget_word

from .edit import EditRow
from .step import Step, Words, measure_of, steps_taken
from .typed import EnterRow

VERBS = ("register", "grant", "grant_partly", "refuse", "discard")


def request_of(request, code, pk):
    """The resource request of that measure, if this actor may see it; else 404."""
    requests = ResourceRequest.objects.visible_to(request.actor).filter(strategy=request.strategy, measure__code=code)
    return get_object_or_404(requests.for_list(), pk=pk)


@require_safe
def resource(request, strategy, code, pk):
    row = request_of(request, code, pk)
    may = {verb: row.may(verb, request.actor) for verb in VERBS}
    can_edit = row.state == row.State.NOTED and not row.measure.is_ended
    context = {
        "resource": row,
        "measure": row.measure,
        "may": may | {"edit": can_edit and request.actor.has_perm("measures.change_resourcerequest", row)},
        "budget": budget_word(row.budget),
        "steps": steps_known(row, request.actor),
    }
    return render(request, "measures/resource/resource.html", context)


def steps_known(row, actor):
    """Its steps since the measure became visible to this actor."""
    since = row.measure.visible_since(actor)
    return [step for step in steps_taken(row, str(row)) if since is None or step.at >= since]


class EnterResource(EnterRow):
    permission = "measures.add_resourcerequest"
    form_class = ResourceForm
    template_name = "measures/resource/enter.html"

    def get_row(self):
        measure = measure_of(self.request, self.kwargs["code"])
        return ResourceRequest(measure=measure, strategy=measure.strategy)

    def get_back_url(self):
        return self.row.measure.get_absolute_url()

    def context(self):
        return {"measure": self.row.measure}


class EditResource(EditRow):
    permission = "measures.change_resourcerequest"
    form_class = ResourceForm
    template_name = "measures/resource/edit.html"
    conflict_template_name = "measures/resource/conflict.html"

    def get_row(self):
        return request_of(self.request, self.kwargs["code"], self.kwargs["pk"])

    def is_editable(self):
        return self.row.state == ResourceRequest.State.NOTED and not self.row.measure.is_ended

    def why_ended(self):
        if self.row.measure.is_ended:
            return _("This measure has ended and is no longer edited.")
        return _("This request has been registered and is no longer edited.")

    def context(self):
        return {"measure": self.row.measure}


class ResourceStep(Step):
    template_name = "measures/resource/step.html"
    words = {
        "register": Words(
            _("Register for the budget: %(object)s"),
            _("Register request"),
            _("Registered: %(object)s"),
            _("From then on kind, year and amount are fixed until the council has answered."),
        ),
        "grant": Words(
            _("Record as granted: %(object)s"),
            _("Record as granted"),
            _("Granted: %(object)s"),
            _("The whole amount has been granted."),
        ),
        "grant_partly": Words(
            _("Record as partly granted: %(object)s"),
            _("Record as partly granted"),
            _("Partly granted: %(object)s"),
        ),
        "refuse": Words(
            _("Record as refused: %(object)s"),
            _("Record as refused"),
            _("Refused: %(object)s"),
            _("Nothing has been granted."),
        ),
        "discard": Words(
            _("Delete the request: %(object)s"),
            _("Delete request"),
            _("Deleted: %(object)s"),
            _("The request is deleted. That it existed stays in the history of the measure."),
            is_final=True,
        ),
    }

    def get_subject(self):
        return request_of(self.request, self.kwargs["code"], self.kwargs["pk"])

    def get_label(self):
        return f"{self.subject}, {self.subject.measure.code}"

    def get_back_url(self):
        gone = self.subject is None or self.subject.pk is None
        if gone:
            return measure_of(self.request, self.kwargs["code"]).get_absolute_url()
        return self.subject.get_absolute_url()

    def get_context_data(self, **context):
        return super().get_context_data(measure=self.subject.measure, resource=self.subject, **context)


class Register(ResourceStep):
    verb = "register"


class Grant(ResourceStep):
    verb, form_class = "grant", AnswerForm


class GrantPartly(ResourceStep):
    verb, form_class = "grant_partly", PartlyForm


class Refuse(ResourceStep):
    verb, form_class = "refuse", AnswerForm


class Discard(ResourceStep):
    verb = "discard"
