"""Views of the list of measures that somebody saves, renames and deletes."""

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from measures.filters import MeasureFilter, choices_of
from measures.forms.saved_view import NewSavedViewForm, SavedViewForm
from measures.list_views import layout_in_words, question_in
from measures.models import Measure, SavedView
from strategy.navigation import LONGEST_ADDRESS

from .step import Step, Words


class SavedViewStep(Step):
    """Like a step, but no state plays a part."""

    template_name = "measures/saved_view/step.html"

    def get_subject(self):
        views = SavedView.objects.visible_to(self.request.actor).filter(strategy=self.request.strategy)
        return get_object_or_404(views.select_related("strategy"), pk=self.kwargs["pk"])

    def is_possible(self):
        return True

    def get_list_url(self):
        return reverse("measures:list", args=[self.request.strategy.slug])

    def get_back_url(self):
        return self.subject.get_absolute_url() if self.subject and self.subject.pk else self.get_list_url()

    def done(self, view):
        """Say it, and go on with the view, or with the whole list where its address is too long to be kept."""
        messages.success(self.request, self.done_words() % {"object": view})
        address = view.get_absolute_url() if view.pk else self.get_list_url()
        return address if len(address) <= LONGEST_ADDRESS else self.get_list_url()


KEEPS = _("It keeps filters, order and columns, not the measures: what it finds changes with them.")


class NameView(SavedViewStep):
    verb = "edit"
    form_class = SavedViewForm
    words = {"edit": Words(_("Rename the view “%(object)s”"), _("Save changes"), _("Saved: %(object)s"), KEEPS)}

    def get_permission(self):
        return "measures.change_savedview"

    def get_form_kwargs(self):
        may_share = self.request.actor.has_perm("measures.share_savedview", self.subject)
        return super().get_form_kwargs() | {"may_share": may_share}

    def get_label(self):
        return self.stored_name

    def get_subject(self):
        view = super().get_subject()
        self.stored_name = view.name
        return view

    def get_question(self):
        return QueryDict(self.subject.query)

    @cached_property
    def filters(self):
        actor, strategy = self.request.actor, self.request.strategy
        measures = Measure.objects.visible_to(actor).filter(strategy=strategy)
        return MeasureFilter(self.get_question(), measures, actor=actor, choices=choices_of(strategy, measures))

    def consequences(self):
        """What it holds, in words."""
        held = [label for _name, _value, label in self.filters.active]
        return [*held, *layout_in_words(self.filters, self.get_question())] or [_("All measures, in the usual order.")]

    def take(self, form):
        self.subject.edit(by=self.request.actor, **form.details())
        return self.done(self.subject)


class SaveView(NameView):
    """The question is the one in the address; it is kept as far as the list itself understands it."""

    verb = "keep"
    form_class = NewSavedViewForm
    words = {
        "keep": Words(
            _("Save the view"),
            _("Save view"),
            _("Saved: %(object)s"),
            KEEPS,
        )
    }

    def get_permission(self):
        return "measures.add_savedview"

    def get_question(self):
        return self.request.GET

    def get_subject(self):
        self.stored_name = ""
        query = question_in(self.filters, self.request.GET)
        return SavedView(strategy=self.request.strategy, owner=self.request.user, query=query)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"filters": self.filters}

    def get_back_url(self):
        return self.subject.get_absolute_url()

    def take(self, form):
        query = self.subject.query
        kept = SavedView.objects.keep(self.request.strategy, by=self.request.actor, query=query, **form.details())
        return self.done(kept)

    def refused(self, form, problem):
        form.add_problem(problem)
        return self.form_invalid(form)


class DeleteView(SavedViewStep):
    verb = "remove"
    words = {
        "remove": Words(
            _("Delete the view “%(object)s”"),
            _("Delete view"),
            _("Deleted: %(object)s"),
            _("The view is deleted for good. The measures stay as they are."),
            is_final=True,
        )
    }

    def get_permission(self):
        return "measures.delete_savedview"

    def consequences(self):
        return [_("It is shared: nobody in the strategy finds it any more.")] if self.subject.is_shared else []

    def take(self, form):
        self.subject.remove(by=self.request.actor)
        return self.done(self.subject)
