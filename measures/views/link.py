"""Link a measure to another one, and take a link away."""

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from measures.forms.link import LinkForm
from measures.models import MeasureLink

from .step import MeasureStep, Words


class LinkStep(MeasureStep):
    """Like a step, but the measure's state plays no part."""

    def get_permission(self):
        return "measures.change_measure"

    def is_possible(self):
        return True


class AddLink(LinkStep):
    verb = "link"
    form_class = LinkForm
    words = {
        "link": Words(
            _("Link %(object)s to another measure"),
            _("Link measure"),
            _("Linked: %(object)s"),
            _("“Merged into” is a proposal: the steering team decides about it when it drops the measure."),
        )
    }

    def get_initial(self):
        """From the menu of the sheet one comes to merge."""
        return {"kind": MeasureLink.Kind.MERGED_INTO} if "merge" in self.request.GET else {}

    def take(self, form):
        typed = form.details()
        target, kind, reason = typed["target_measure"], typed["kind"], typed["reason"]
        MeasureLink.objects.connect(self.subject, target, kind, by=self.request.actor, reason=reason)
        messages.success(self.request, self.done_words() % {"object": self.subject})
        return self.get_success_url()


class RemoveLink(LinkStep):
    verb = "unlink"
    words = {
        "unlink": Words(
            _("Remove a link of %(object)s"),
            _("Remove link"),
            _("Link removed: %(object)s"),
        )
    }

    def get_subject(self):
        measure = super().get_subject()
        links = measure.links.select_related("source_measure", "target_measure")
        self.link = get_object_or_404(links, pk=self.kwargs["pk"])
        return measure

    def is_possible(self):
        return not self.link.is_kept

    def why_not(self):
        return _("This link tells how the measure ended; it stays.")

    def consequences(self):
        yield str(self.link)

    def take(self, form):
        self.link._changed_by = self.request.actor
        self.link.delete()
        messages.success(self.request, self.done_words() % {"object": self.subject})
        return self.get_success_url()
