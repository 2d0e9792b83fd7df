"""What is maintained in the settings of a strategy: one line a kind, the same pages for all."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Case, Value, When
from django.forms import ModelForm
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from strategy.forms import council, people, structure
from strategy.models import Role
from strategy.templatetags.portal import shown_date

CHANGE_STRATEGY = "strategy.change_strategy"


@dataclass(frozen=True)
class Column:
    """``is_content``: the strategy's own words, in its language; the rest is the interface's."""

    head: str | Promise
    cell: Callable
    is_content: bool = True


@dataclass(frozen=True)
class Kind:
    """Rows of one model: how they are listed, typed and named."""

    name: str
    form: type[ModelForm]
    purpose: str | Promise
    new: str | Promise
    columns: tuple[Column, ...]
    permission: str = CHANGE_STRATEGY
    related: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    ordering: tuple[str | Case, ...] = ()
    is_fixed: bool = False

    @property
    def model(self):
        return self.form._meta.model

    @property
    def title(self):
        return self.model._meta.verbose_name_plural

    @property
    def is_ordered(self):
        return any(field.name == "position" for field in self.model._meta.fields)

    def rows(self, strategy):
        rows = self.model.objects.filter(strategy=strategy).select_related(*self.related)
        return rows.order_by(*self.ordering) if self.ordering else rows

    @property
    def list_url(self):
        return f"strategy:{self.name}"

    @property
    def create_url(self):
        return f"{self.list_url}-create"

    @property
    def edit_url(self):
        return f"{self.list_url}-edit"

    @property
    def history_url(self):
        return f"{self.list_url}-history"

    @property
    def delete_url(self):
        return f"{self.list_url}-delete"

    @property
    def move_url(self):
        return f"{self.list_url}-move"


def period(row):
    """From when to when, in words."""
    first, last = (getattr(row, name, None) for name in period_fields(row))
    words = {"first": shown_date(first), "last": shown_date(last)}
    if first and last:
        return pgettext_lazy("period", "%(first)s to %(last)s") % words
    if last:
        return pgettext_lazy("period", "until %(last)s") % words
    return pgettext_lazy("period", "since %(first)s") % words if first else ""


def period_fields(row):
    return ("valid_from", "valid_to") if hasattr(row, "valid_to") else ("starts_on", "ends_on")


BY_ROLE = Case(*(When(role=role, then=Value(place)) for place, role in enumerate(Role)))
MEANING = Column(_("Meaning"), lambda row: row.meaning)
PERIOD = Column(_("Period"), period, is_content=False)
WORD = Column(_("Word"), lambda row: row.title)

KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "fields",
            structure.FieldForm,
            _("The subjects of the strategy. Their letter is the beginning of every measure's code."),
            _("New field of action"),
            (Column(_("Field of action"), str), Column(_("Summary"), lambda row: row.summary)),
        ),
        Kind(
            "stages",
            structure.StageForm,
            _("In which order measures are put into practice."),
            _("New stage"),
            (Column(_("Stage"), str), Column(_("Number"), lambda row: row.number, is_content=False), PERIOD),
        ),
        Kind(
            "phases",
            structure.PhaseForm,
            _("How far a measure has come in practice, beside its state in the procedure."),
            _("New phase"),
            (WORD, MEANING),
        ),
        Kind(
            "priorities",
            structure.PriorityForm,
            _("The words the steering team decides with, highest first."),
            _("New priority"),
            (WORD, MEANING),
        ),
        Kind(
            "lights",
            structure.LightForm,
            _("The words beside the five shapes. Shapes and colours are the same in every strategy."),
            "",
            (WORD, Column(_("Shape"), lambda row: row.get_shape_display(), is_content=False), MEANING),
            is_fixed=True,
        ),
        Kind(
            "units",
            structure.UnitForm,
            _("Referate, Ämter, Eigenbetriebe and bodies. What has been dissolved gets an end, its past remains."),
            _("New unit"),
            (
                Column(_("Unit"), str),
                Column(_("Kind"), lambda row: row.get_kind_display(), is_content=False),
                PERIOD,
                Column(_("Predecessor"), lambda row: row.predecessor or ""),
            ),
            related=("predecessor",),
            search=("number", "name", "abbreviation"),
        ),
        Kind(
            "members",
            people.MembershipForm,
            _("Who has which role. A change holds from the person's next request on."),
            _("New role"),
            (
                Column(_("Person"), lambda row: people.with_user_name(row.user)),
                Column(_("Role"), lambda row: row.get_role_display(), is_content=False),
                Column(_("Unit"), lambda row: row.unit or ""),
                PERIOD,
            ),
            related=("user", "unit"),
            search=("user__username", "user__function", "user__last_name", "unit__name", "unit__number"),
            ordering=(BY_ROLE, "unit__number", "user__function", "user__username", "pk"),
        ),
        Kind(
            "groups",
            people.GroupRoleForm,
            _("Which groups of the city's directory give which role. A change holds from a person's next sign-in on."),
            _("New role of a group"),
            (
                Column(_("Group"), str, is_content=False),
                Column(_("Role"), lambda row: row.get_role_display(), is_content=False),
                Column(_("Unit"), lambda row: row.unit or ""),
            ),
            related=("unit",),
            search=("group",),
        ),
        Kind(
            "deputies",
            people.DeputyshipForm,
            _("Who stands in for whom, and when. A deputy sees and does what the member may, but casts no ballot."),
            _("New deputyship"),
            (
                Column(_("Deputy"), lambda row: people.with_user_name(row.deputy)),
                Column(_("Stands in for"), lambda row: people.with_user_name(row.membership.user)),
                Column(_("Role"), lambda row: row.membership, is_content=False),
                PERIOD,
            ),
            related=("deputy", "membership__user", "membership__unit"),
        ),
        Kind(
            "sessions",
            council.SessionForm,
            _("When the council and its committees meet: reports and papers refer to them."),
            _("New council session"),
            (
                Column(_("Date"), lambda row: shown_date(row.held_on), is_content=False),
                Column(_("Body"), lambda row: row.body),
                Column(_("Public"), lambda row: _("public") if row.is_public else _("not public"), is_content=False),
            ),
            permission="strategy.change_councilsession",
            related=("body",),
        ),
        Kind(
            "papers",
            council.PaperForm,
            _("Papers of the council (GRDrs) to which measures, decisions and reports refer."),
            _("New council paper"),
            (
                Column(_("Title"), lambda row: row.title),
                Column(_("Number"), lambda row: row.reference.replace(" ", "\N{NO-BREAK SPACE}")),
                Column(_("Kind"), lambda row: row.kind),
                Column(_("Date"), lambda row: shown_date(row.dated_on), is_content=False),
            ),
            permission="strategy.change_councilpaper",
            search=("number", "title"),
        ),
    )
}
