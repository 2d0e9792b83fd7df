"""Make a new draft of a measure: a copy of it, or the one that continues it."""

from django.contrib import messages
from django.utils.translation import gettext_lazy as _

from measures.forms.copying import CopyForm
from measures.models.copying import copy

from .step import MeasureStep, Words


class Copy(MeasureStep):
    """Like a step, but the measure's state plays no part, and it is a new draft that comes of it."""

    verb = "copy"
    form_class = CopyForm
    is_successor = False
    words = {
        "copy": Words(
            _("Copy %(object)s"),
            _("Create draft"),
            _("Draft created: %(measure)s"),
            _("A new draft of the same field of action with a code of its own. Nothing changes in this measure."),
        ),
        "continue": Words(
            _("Continue %(object)s by another measure"),
            _("Create successor"),
            _("Draft created: %(measure)s"),
            _("A new draft of the same field of action that continues this measure; both say so."),
        ),
    }

    def get_permission(self):
        return "measures.add_measure"

    def is_possible(self):
        return True

    def take(self, form):
        draft = copy(self.subject, by=self.request.actor, is_successor=self.is_successor, **form.details())
        messages.success(self.request, self.done_words() % {"measure": draft})
        return draft.get_absolute_url()
