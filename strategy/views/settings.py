"""The pages on which a strategy is maintained: one list, one form and one deletion for all kinds of rows."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef, Q
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import CreateView, DeleteView, ListView, TemplateView, UpdateView, View
from django.views.generic.detail import SingleObjectMixin

from strategy.forms.once import Once, OnceForm, led_before
from strategy.forms.people import NewPersonForm, PersonForm
from strategy.forms.reminder import RulesForm
from strategy.forms.structure import SignInForm, StrategyForm
from strategy.letters import absolute
from strategy.models import Membership, OrganisationalUnit, ReminderRules, User

from .kinds import CHANGE_STRATEGY, KINDS

PAGE_SIZE = 50
CHANGES_SHOWN, CHANGES_READ = 5, 30


class Maintained:
    """A page of the settings: asks for the right, knows its kind of rows."""

    http_method_names = ["get", "head", "post", "options"]  # Django's deletes by DELETE, past lock and confirmation
    kind = None
    permission = CHANGE_STRATEGY

    def dispatch(self, request, *args, **kwargs):
        permission = self.kind.permission if self.kind else self.permission
        if not request.actor.has_perm(permission, request.strategy):
            raise PermissionDenied(permission)
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self):
        return self.kind.rows(self.request.strategy)

    def get_success_url(self):
        return reverse(self.kind.list_url, args=[self.request.strategy.slug])

    def get_context_data(self, **kwargs):
        kwargs["strategy"] = self.request.strategy  # a TemplateView would hand on the slug of the address
        return super().get_context_data(
            kind=self.kind,
            list_url=self.kind and self.get_success_url(),
            may_see_overview=self.request.actor.has_perm(CHANGE_STRATEGY, self.request.strategy),
            **kwargs,
        )


class Saved(Maintained):
    """A page that saves under a lock and repeats its form with what was refused.

    Changes of one strategy's frame follow one another, so that what a form has checked still holds when it is
    saved, and the strategy keeps an administrator.
    """

    def post(self, request, *args, **kwargs):
        if location := led_before(request):
            return redirect(location)
        try:
            with Membership.objects.keeping_an_administrator(request.strategy):
                return super().post(request, *args, **kwargs)
        except ValidationError as refusal:
            self.object = self.get_object() if self.pk_url_kwarg in kwargs else None
            form = self.get_form()
            form.add_error(None, refusal)
            return self.form_invalid(form)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"strategy": self.request.strategy}

    def say(self, sentence, **words):
        messages.success(self.request, sentence % words)


class Overview(Maintained, TemplateView):
    template_name = "strategy/settings/overview.html"

    def get_context_data(self, **kwargs):
        strategy = self.request.strategy
        kinds = [
            {"kind": kind, "count": kind.rows(strategy).count(), "url": reverse(kind.list_url, args=[strategy.slug])}
            for kind in KINDS.values()
        ]
        return super().get_context_data(kinds=kinds, **kwargs)


class StrategyEdit(Saved, UpdateView):
    """The strategy's own texts and rhythms."""

    form_class = StrategyForm
    template_name = "strategy/settings/strategy.html"
    context_object_name = "edited"

    def get_object(self, queryset=None):
        return type(self.request.strategy).objects.get(pk=self.request.strategy.pk)

    def get_success_url(self):
        return reverse("strategy:settings", args=[self.request.strategy.slug])

    def get_context_data(self, **kwargs):
        shown = {"entries": history_of(self.object), "overview_url": self.get_success_url()}
        return super().get_context_data(**shown, **kwargs)

    def form_valid(self, form):
        self.say(_("Saved."))
        return super().form_valid(form)


class SignInEdit(StrategyEdit):
    """Of whom a second factor is asked."""

    form_class = SignInForm
    template_name = "strategy/settings/sign_in.html"

    def get_context_data(self, **kwargs):
        service = settings.OIDC
        path = service and reverse("openid_connect_callback", args=[service["provider_id"]])
        shown = {"sign_on": service, "claim": settings.OIDC_GROUPS_CLAIM, "callback": path and absolute(path)}
        return super().get_context_data(**shown, **kwargs)


class RemindersEdit(Saved, UpdateView):
    """The ladder on which deadlines are recalled."""

    form_class = RulesForm
    template_name = "strategy/settings/reminders.html"

    def get_object(self, queryset=None):
        return ReminderRules.of(self.request.strategy)

    def get_success_url(self):
        return reverse("strategy:settings", args=[self.request.strategy.slug])

    def get_context_data(self, **kwargs):
        entries = history_of(self.object) if self.object.pk else []
        return super().get_context_data(entries=entries, overview_url=self.get_success_url(), **kwargs)

    def form_valid(self, form):
        self.say(_("Saved. What has not gone out yet is planned anew."))
        return super().form_valid(form)


class KindList(Maintained, ListView):
    template_name = "strategy/settings/list.html"

    def get_queryset(self):
        rows = super().get_queryset()
        if words := self.asked_for():
            conditions = [Q(**{f"{field}__icontains": words}) for field in self.kind.search]
            return rows.filter(Q.create(conditions, Q.OR))
        return rows.as_tree() if self.is_tree() else rows

    def asked_for(self):
        return self.request.GET.get("q", "").replace("\0", "").strip() if self.kind.search else ""

    def is_tree(self):
        return self.kind.model is OrganisationalUnit

    def get_paginate_by(self, queryset):
        return None if self.is_tree() else PAGE_SIZE

    def get_context_data(self, **kwargs):
        context = super().get_context_data(q=self.asked_for(), **kwargs)
        return context | {"lines": [self.line(row) for row in context["object_list"]]}

    def line(self, row):
        """What the table shows of a row: the first cell is its name and the link to it."""
        name, *cells = [(column, column.cell(row)) for column in self.kind.columns]
        last_day = getattr(row, "valid_to", None)
        return {
            "row": row,
            "name": name[1],
            "cells": cells,
            "depth": getattr(row, "depth", 0),
            "is_ended": bool(last_day) and last_day < timezone.localdate(),
        }


class KindForm(Saved):
    template_name = "strategy/settings/form.html"

    def get_form_class(self):
        return self.kind.form


class KindCreate(KindForm, CreateView):
    def get_form_class(self):
        form = super().get_form_class()
        return type(f"Once{form.__name__}", (Once, form), {})

    def get_context_data(self, **kwargs):
        return super().get_context_data(title=self.kind.new, **kwargs)

    def form_valid(self, form):
        return redirect(form.once(self.request.user, lambda: self.create(form)))

    def create(self, form):
        self.object = form.save()
        self.say(_("“%(row)s” has been created."), row=self.object)
        return self.get_success_url()


class PersonCreate(KindCreate):
    """A new account with its first role."""

    def get_form_class(self):
        return type("OnceNewPersonForm", (Once, NewPersonForm), {})

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"title": _("New person"), "is_new_person": True}

    def create(self, form):
        self.object = form.save()
        self.say(
            _(
                "The account “%(username)s” is ready. Please tell the person: on the sign-in page, “Forgot password” "
                "and the address %(email)s lead to a password of their own."
            ),
            username=self.object.user.username,
            email=self.object.user.email,
        )
        return self.get_success_url()


class KindEdit(KindForm, UpdateView):
    def get_context_data(self, **kwargs):
        return super().get_context_data(title=self.object, entries=history_of(self.object), **kwargs)

    def form_valid(self, form):
        self.say(_("“%(row)s” has been saved."), row=form.instance)
        return super().form_valid(form)


class KindDelete(Saved, DeleteView):
    """Only what nothing refers to can be deleted; the rest is given an end."""

    form_class = OnceForm
    template_name = "strategy/settings/delete.html"

    def get_form_kwargs(self):
        return {name: value for name, value in super().get_form_kwargs().items() if name != "strategy"}

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            used_by=self.object.used_by(),
            has_end=hasattr(self.object, "valid_to"),
            edit_url=reverse(self.kind.edit_url, args=[self.request.strategy.slug, self.object.pk]),
            **kwargs,
        )

    def form_valid(self, form):
        return redirect(form.once(self.request.user, self.delete_unused))

    def delete_unused(self):
        row = self.kind.model.objects.select_for_update().get(pk=self.object.pk)
        if used_by := row.used_by():
            raise ValidationError(_("It is used by: %(kinds)s.") % {"kinds": ", ".join(used_by)})
        row.delete()
        self.say(_("“%(row)s” has been deleted."), row=self.object)
        return self.get_success_url()


class KindMove(Maintained, SingleObjectMixin, View):
    """One place up or down in an ordered list."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        with Membership.objects.keeping_an_administrator(request.strategy):
            self.move(self.get_object(), up=request.POST.get("to") == "up")
        return redirect(self.get_success_url())

    def move(self, row, *, up):
        rows = list(self.get_queryset())
        here = rows.index(row)
        there = here - 1 if up else here + 1
        if 0 <= there < len(rows):
            rows[here], rows[there] = rows[there], rows[here]
        for position, one in enumerate(rows):
            if one.position != position:
                one.position = position
                one.save()


class PersonEdit(Saved, UpdateView):
    """The data of one person; shared people are maintained by nobody alone, their data are only shown."""

    form_class = PersonForm
    template_name = "strategy/settings/person.html"
    context_object_name = "person"
    kind = KINDS["members"]

    def get_queryset(self):
        here = Membership.objects.filter(strategy=self.request.strategy, user=OuterRef("pk"))
        return User.objects.filter(Exists(here))

    def get_form_kwargs(self):
        return {name: value for name, value in super().get_form_kwargs().items() if name != "strategy"}

    def get_context_data(self, **kwargs):
        is_shared = not self.object.belongs_only_to(self.request.strategy)
        memberships = self.object.memberships.filter(strategy=self.request.strategy).select_related("unit")
        entries = history_of(self.object)
        return super().get_context_data(is_shared=is_shared, memberships=memberships, entries=entries, **kwargs)

    def form_valid(self, form):
        if not form.instance.belongs_only_to(self.request.strategy):
            raise PermissionDenied
        self.say(_("“%(row)s” has been saved."), row=form.instance)
        return super().form_valid(form)


def history_of(row):
    """The latest changes: [(row of history, names of the fields it changed)], without those that changed nothing."""
    entries = list(row.changes.select_related("history_user", "in_place_of")[:CHANGES_READ])
    pairs = zip(entries, [*entries[1:], None], strict=True)
    told = [(entry, changed_fields(entry, earlier)) for entry, earlier in pairs]
    return [(entry, names) for entry, names in told if names or entry.history_type == "+"][:CHANGES_SHOWN]


def changed_fields(entry, earlier):
    if earlier is None:
        return []
    names = entry.diff_against(earlier).changed_fields
    return [str(entry.instance_type._meta.get_field(name).verbose_name) for name in names]
