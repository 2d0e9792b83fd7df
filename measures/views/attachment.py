"""Files that go with a need: attached and removed while it is a draft, read by whoever sees the need."""

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from measures.models import Attachment, Need

from .need import need_of
from .need_step import NeedStep
from .step import Words


def attachments_of(request, pk):
    """The attachments of that need, if this actor may see it; else 404."""
    need = need_of(request, pk)
    return Attachment.objects.visible_to(request.actor).filter(need=need).select_related("need__strategy")


@require_safe
def attachment(request, strategy, pk, attachment):
    """The file itself, always as a download: nothing somebody has uploaded is shown within the portal."""
    row = get_object_or_404(attachments_of(request, pk), pk=attachment)
    response = FileResponse(row.file.open(), as_attachment=True, filename=row.name, content_type=row.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


class FileStep(NeedStep):
    """A step about a file; its state plays a part only as far as the need must still be a draft."""

    template_name = "measures/need/step.html"

    def is_possible(self):
        return self.subject.state == Need.State.DRAFT

    def why_not(self):
        return _("The need has been submitted; its files remain as they are.")

    def get_back_url(self):
        return f"{super().get_back_url()}#attachments"


class Attach(FileStep):
    verb = "attach"
    words = {
        "attach": Words(
            _("Attach a file to “%(object)s”"),
            _("Attach file"),
            _("Attached: %(object)s"),
            _("It is seen by those who see the need. Please attach nothing that names employees."),
        )
    }

    def get_permission(self):
        return "measures.add_attachment"

    def take(self, form):
        file = form.cleaned_data["file"]
        attached = Attachment.objects.attach(self.subject, by=self.request.actor, file=file)
        messages.success(self.request, self.done_words() % {"object": attached})
        return self.get_back_url()


class RemoveAttachment(FileStep):
    verb = "remove_attachment"
    words = {
        "remove_attachment": Words(
            _("Remove the file “%(object)s”"),
            _("Remove file"),
            _("Removed: %(object)s"),
            _("The file is deleted for good."),
            is_final=True,
        )
    }

    def get_subject(self):
        need = super().get_subject()
        self.attachment = get_object_or_404(
            attachments_of(self.request, self.kwargs["pk"]), pk=self.kwargs["attachment"]
        )
        return need

    def get_label(self):
        return str(self.attachment)

    def get_permission(self):
        return "measures.delete_attachment"

    def take(self, form):
        self.attachment.remove(by=self.request.actor)
        messages.success(self.request, self.done_words() % {"object": self.get_label()})
        return self.get_back_url()
