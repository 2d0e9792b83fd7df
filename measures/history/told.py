"""Which steps and fields of which model are told, and in which words: one place a model."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from measures.models import (
    Attachment,
    Condition,
    Indicator,
    IndicatorValue,
    Measure,
    MeasureLink,
    Milestone,
    Need,
    RankingRound,
    Reference,
    ResourceRequest,
    Review,
    ReviewResponse,
    ReviewSlot,
    StaffParticipation,
    Survey,
    TextVersion,
    WorksAgreement,
)


def rows_of_root(model, root):
    """Which rows of history belong to a measure or a need: its own, or those that point to it."""
    return Q(id=root.pk) if model is type(root) else Q(**{root._meta.model_name: root.pk})


def first_name(row, root, names):
    """What an object is called in words like “Milestone added: %(object)s”."""
    return row["title"] if "title" in row else row.get("name", "")


@dataclass(frozen=True)
class Told:
    """How one model is told.

    ``of`` names the models in whose history its fields stand (Measure, Need). ``fields`` are told by their verbose
    names, ``naming`` ones by the words for the whole object alone, ``long_texts`` word by word. ``steps`` are its
    verbs. Where an object is named by other rows, ``refers_to`` yields them as (model, id) to be looked up together.
    """

    of: tuple = ()
    fields: tuple = ()
    naming: tuple = ()
    long_texts: tuple = ()
    many: tuple = ()  # fields of several rows, with a history of their own
    added: str | Promise = ""
    changed: str | Promise = ""
    removed: str | Promise = ""
    steps: dict = field(default_factory=dict)
    begins_with_a_step: bool = False
    rows: Callable = rows_of_root  # (model, root) -> Q over the rows of history
    name: Callable = first_name  # (row, root, names) -> str
    refers_to: Callable = lambda row: ()
    is_told: Callable = lambda row, names: True  # whether the reader may know of this row
    is_told_to: Callable = lambda root, actor: True  # whether the actor may know of any of them


# Links between measures


def _ends(row):
    return row["source_measure_id"], row["target_measure_id"]


def _name_of_link(row, root, names):
    source, target = _ends(row)
    other = target if source == root.pk else source
    return f"{MeasureLink.Kind(row['kind']).label}: {names.of(Measure, other)}"


# Values


def _rows_of_values(model, root):
    if type(root) is Indicator:
        return Q(indicator_id=root.pk)
    return Q(indicator_id__in=Indicator.changes.filter(measure_id=root.pk).values("id"))


# Formal participation


def _takes_part(root, actor):
    participation = StaffParticipation(measure=root, strategy_id=root.strategy_id)
    return actor.has_perm("measures.view_staffparticipation", participation)


# Reviews


def _sees_reviews(root, actor):
    return actor.has_perm("measures.view_review", Review(measure=root, strategy_id=root.strategy_id))


TOLD = {
    Measure: Told(
        of=(Measure,),
        fields=(
            "title",
            "goal",
            "description",
            "field",
            "stage",
            "lead_unit",
            "involved_units",
            "tags",
            "responsible_function",
            "phase",
            "priority",
            "starts_on",
            "ends_on",
            "date_precision",
            "is_permanent",
            "status_known",
            "initial_situation",
            "target_group",
            "risks",
            "experience",
            "origin",
            "origin_paper",
            "origin_note",
            "council_papers",
            "light",
            "progress",
            "source",
        ),
        long_texts=("goal", "description", "status_known", "initial_situation", "target_group", "risks", "experience"),
        many=Measure.MANY,
        added=_("Created"),
        changed=_("Changed"),
        steps={
            "submit": _("Submitted, review opened"),
            "send_back": _("Sent back to the project group"),
            "agree": _("Agreed, review closed"),
            "decide": _("Decided"),
            "prioritise": _("Priority set"),
            "start": _("Started"),
            "report_status": _("Status reported"),
            "complete": _("Completed"),
            "pause": _("Paused"),
            "resume": _("Resumed"),
            "drop": _("Dropped"),
            "amend": _("Amendment proposed, review opened"),
        },
    ),
    Milestone: Told(
        of=(Measure,),
        fields=("title", "due_on", "date_precision", "reached_on", "source"),
        naming=("title",),
        added=_("Milestone added: %(object)s"),
        changed=_("Milestone changed: %(object)s"),
        removed=_("Milestone removed: %(object)s"),
    ),
    MeasureLink: Told(
        of=(Measure,),
        fields=("kind", "source_measure", "target_measure"),
        naming=("kind", "source_measure", "target_measure"),
        added=_("Link added: %(object)s"),
        changed=_("Link changed: %(object)s"),
        removed=_("Link removed: %(object)s"),
        rows=lambda model, root: Q(source_measure_id=root.pk) | Q(target_measure_id=root.pk),
        name=_name_of_link,
        refers_to=lambda row: ((Measure, pk) for pk in _ends(row)),
        is_told=lambda row, names: all(names.has(Measure, pk) for pk in _ends(row)),
    ),
    ResourceRequest: Told(
        of=(Measure,),
        fields=(
            "kind",
            "year",
            "amount",
            "granted_amount",
            "council_paper",
            "term",
            "until",
            "pay_grade",
            "purpose",
            "source",
        ),
        naming=("kind", "year"),
        added=_("Resource request added: %(object)s"),
        changed=_("Resource request changed: %(object)s"),
        removed=_("Resource request removed: %(object)s"),
        steps={
            "register": _("Registered for the budget: %(object)s"),
            "grant": _("Granted: %(object)s"),
            "grant_partly": _("Partly granted: %(object)s"),
            "refuse": _("Refused: %(object)s"),
        },
        name=lambda row, root, names: f"{ResourceRequest.Kind(row['kind']).label} {row['year']}",
    ),
    Indicator: Told(
        of=(Measure, Indicator),
        fields=(
            "name",
            "definition",
            "unit",
            "decimals",
            "direction",
            "baseline",
            "baseline_on",
            "baseline_precision",
            "baseline_people",
            "target",
            "target_year",
            "source",
        ),
        naming=("name",),
        long_texts=("definition",),
        added=_("Indicator added: %(object)s"),
        changed=_("Indicator changed: %(object)s"),
        removed=_("Indicator removed: %(object)s"),
    ),
    IndicatorValue: Told(
        of=(Measure, Indicator),
        fields=("indicator", "value", "qualifier", "as_of", "date_precision", "scope", "people", "source"),
        naming=("indicator",),
        added=_("Value added: %(object)s"),
        changed=_("Value changed: %(object)s"),
        removed=_("Value removed: %(object)s"),
        rows=_rows_of_values,
        name=lambda row, root, names: names.of(Indicator, row["indicator_id"]),
        refers_to=lambda row: [(Indicator, row["indicator_id"])],
    ),
    StaffParticipation: Told(
        of=(Measure,),
        fields=("kind", "paragraph", "informed_on", "due_on", "vote", "statement"),
        long_texts=("statement",),
        added=_("Formal participation opened"),
        changed=_("Formal participation changed"),
        removed=_("Formal participation removed"),
        begins_with_a_step=True,
        is_told_to=_takes_part,
        steps={
            "start": _("Formal participation opened"),
            "inform_again": _("Formal participation: informed again, the clock starts anew"),
            "extend": _("Formal participation: more time given"),
            "specify": _("Formal participation: provision and council papers named"),
            "state_view": _("Formal participation: the staff council has stated its view"),
            "conclude": _("Formal participation concluded"),
        },
    ),
    Need: Told(
        of=(Need,),
        fields=(
            "kind",
            "legal_basis",
            "resolved_on",
            "title",
            "text",
            "reasons",
            "affected_units",
            "affected_groups",
            "employees_behind",
            "urgency",
            "wished_stage",
            "origin",
            "is_confidential",
            "due_on",
            "outcome",
            "deferred_to",
        ),
        long_texts=("text", "reasons"),
        many=("affected_units",),
        added=_("Created"),
        changed=_("Changed"),
        steps={
            "submit": _("Submitted"),
            "acknowledge": _("Receipt confirmed"),
            "extend": _("Interim notice, more time for the answer"),
            "answer": _("Answered"),
            "object": _("Objection made"),
            "answer_objection": _("Objection answered"),
            "settle": _("Settled"),
            "withdraw": _("Withdrawn"),
        },
    ),
    WorksAgreement: Told(
        of=(Measure,),
        fields=("title", "state", "concluded_on", "date_precision", "note", "url", "source"),
        naming=("title",),
        long_texts=("note",),
        added=_("Works agreement added: %(object)s"),
        changed=_("Works agreement changed: %(object)s"),
        removed=_("Works agreement removed: %(object)s"),
    ),
    Survey: Told(
        of=(Measure,),
        fields=("title", "held_on", "date_precision", "population", "respondents", "findings", "url", "source"),
        naming=("title",),
        long_texts=("findings",),
        added=_("Survey added: %(object)s"),
        changed=_("Survey changed: %(object)s"),
        removed=_("Survey removed: %(object)s"),
    ),
    Reference: Told(
        of=(Measure,),
        fields=("title", "url", "accessed_on", "source"),
        naming=("title",),
        added=_("Reference added: %(object)s"),
        changed=_("Reference changed: %(object)s"),
        removed=_("Reference removed: %(object)s"),
    ),
    Attachment: Told(
        of=(Measure, Need),
        fields=("name",),
        naming=("name",),
        added=_("Attachment added: %(object)s"),
        changed=_("Attachment changed: %(object)s"),
        removed=_("Attachment removed: %(object)s"),
    ),
    TextVersion: Told(
        steps={
            "agree": _("Amendment agreed, review closed: version %(object)s"),
            "decide": _("Amendment in force: version %(object)s"),
            "reject": _("Amendment rejected: version %(object)s"),
            "withdraw": _("Amendment withdrawn: version %(object)s"),
            "lapse": _("Amendment ended with the measure: version %(object)s"),
        },
    ),
    Review: Told(
        of=(Measure,),
        fields=("due_on",),
        rows=lambda model, root: Q(measure_id=root.pk),
        is_told=lambda row, names: row["history_type"] == "~",  # that it was opened is told by the measure
        is_told_to=_sees_reviews,
        changed=_("Review changed"),
        steps={
            "extend": _("Review: more time given"),
            "withdraw": _("Review withdrawn"),
        },
    ),
    ReviewSlot: Told(
        steps={
            "remind": _("Reminded of the statement: %(object)s"),
            "respond": _("Statement given: %(object)s"),
        }
    ),
    ReviewResponse: Told(steps={"settle": _("Objection settled: %(object)s")}),
    Condition: Told(
        steps={
            "schedule": _("Condition given a day: %(object)s"),
            "meet": _("Condition met: %(object)s"),
        }
    ),
    RankingRound: Told(
        steps={
            "open": _("Ranking opened"),
            "extend": _("More time given"),
            "close": _("Ranking closed, results computed"),
            "publish": _("Results published"),
            "decide": _("Priorities set"),
            "cancel": _("Ranking cancelled"),
        },
    ),
}

STEPS = {model._meta.model_name: told.steps for model, told in TOLD.items()}
FROM_A_NEED = _("Taken up from a need: %(object)s")  # how a measure tells a need's answer


def rows_with_steps(root, actor):
    """The rows whose steps belong to the story, as far as the actor may know of them."""
    return _of_a_measure(root, actor) if type(root) is Measure else [type(root).objects.filter(pk=root.pk)]


def _of_a_measure(measure, actor):
    responses = ReviewResponse.objects.visible_to(actor).filter(slot__review__measure=measure)
    return [
        Measure.objects.filter(pk=measure.pk),
        TextVersion.objects.visible_to(actor).filter(measure=measure),
        Review.objects.visible_to(actor).filter(measure=measure),
        _slots_told(measure, actor, responses),
        responses,
        Condition.objects.visible_to(actor).filter(response__slot__review__measure=measure),
        StaffParticipation.objects.visible_to(actor).filter(measure=measure),
        ResourceRequest.objects.filter(measure=measure),
        Need.objects.visible_to(actor).filter(measure=measure),
    ]


def _slots_told(measure, actor, responses):
    """Those of the statements that may be read, and those without an answer: who was reminded is no secret."""
    unanswered = Q(state=ReviewSlot.State.OPEN, review__in=Review.objects.visible_to(actor))
    return ReviewSlot.objects.filter(Q(pk__in=responses.values("slot")) | unanswered, review__measure=measure)


def sees_proposals(root, actor):
    return type(root) is Measure and Review.objects.visible_to(actor).filter(measure=root).exists()
