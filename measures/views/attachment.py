"""Files that go with a need or a measure: attached, removed, and read by whoever sees what they belong to."""

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from measures.models import Attachment, Need

from .need import need_of
from .need_step import NeedStep
from .step import MeasureStep, Words, measure_of


def attachments_of(request, **owner):
    """The attachments of that need or measure which this actor may see."""
    rows = Attachment.objects.visible_to(request.actor).filter(**owner)
    return rows.select_related("need__strategy", "measure__strategy")


def download(row):
    """The file itself, always as a download: nothing somebody has uploaded is shown within the portal."""
    response = FileResponse(row.file.open(), as_attachment=True, filename=row.name, content_type=row.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def need_attachment(request, strategy, pk, attachment):
    rows = attachments_of(request, need=need_of(request, pk))
    return download(get_object_or_404(rows, pk=attachment))


@require_safe
def measure_attachment(request, strategy, code, attachment):
    rows = attachments_of(request, measure=measure_of(request, code))
    return download(get_object_or_404(rows, pk=attachment))


class OfNeed(NeedStep):
    """A step about a file; the need's state plays a part only as far as it must still be a draft."""

    template_name = "measures/need/step.html"

    def is_possible(self):
        return self.subject.state == Need.State.DRAFT

    def why_not(self):
        return _("The need has been submitted; its files remain as they are.")

    def get_back_url(self):
        return f"{super().get_back_url()}#attachments"


class OfMeasure(MeasureStep):
    """A step about a file of a measure that has not ended."""

    template_name = "measures/step/step.html"

    def is_possible(self):
        return not self.subject.is_ended

    def why_not(self):
        return _("This measure has ended and is no longer edited.")

    def get_back_url(self):
        return f"{super().get_back_url()}#attachments"


class Attach:
    verb = "attach"

    def get_permission(self):
        return "measures.add_attachment"

    def take(self, form):
        file = form.cleaned_data["file"]
        attached = Attachment.objects.attach(self.subject, by=self.request.actor, file=file)
        messages.success(self.request, self.done_words() % {"object": attached})
        return self.get_back_url()


class Remove:
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
        owner = super().get_subject()
        rows = attachments_of(self.request, **{owner._meta.model_name: owner})
        self.attachment = get_object_or_404(rows, pk=self.kwargs["attachment"])
        return owner

    def get_label(self):
        return str(self.attachment)

    def get_permission(self):
        return "measures.delete_attachment"

    def take(self, form):
        self.attachment.remove(by=self.request.actor)
        messages.success(self.request, self.done_words() % {"object": self.get_label()})
        return self.get_back_url()


class AttachToNeed(Attach, OfNeed):
    words = {
        "attach": Words(
            _("Attach a file to “%(object)s”"),
            _("Attach file"),
            _("Attached: %(object)s"),
            _("It is seen by those who see the need. Please attach nothing that names employees."),
        )
    }


class AttachToMeasure(Attach, OfMeasure):
    words = {
        "attach": Words(
            _("Attach a file to “%(object)s”"),
            _("Attach file"),
            _("Attached: %(object)s"),
            _("It is seen by those who see the measure. Please attach nothing that names employees."),
        )
    }


class RemoveFromNeed(Remove, OfNeed):
    pass


class RemoveFromMeasure(Remove, OfMeasure):
    pass
