"""Which steps and fields of which model are told, and in which words: one place a model."""

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
from strategy.history import Told
from strategy.models import Role

# Links between measures


def _ends(row):
    return row["source_measure_id"], row["target_measure_id"]


def _name_of_link(row, root_pk, names):
    source, target = _ends(row)
    other = target if source == root_pk else source
    return f"{MeasureLink.Kind(row['kind']).label}: {names.of(Measure, other)}"


# Values


# Formal participation


def takes_part(actor, strategy_id):
    return actor.holds_any(Role.TAKING_PART, strategy_id)


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
            "discard": _("Discarded"),
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
        paths={Measure: ("source_measure_id", "target_measure_id")},
        name=_name_of_link,
        refers_to=lambda row: ((Measure, pk) for pk in _ends(row)),
        is_told=lambda row, names: all(names.has(Measure, pk) for pk in _ends(row)),
    ),
    ResourceRequest: Told(
        of=(Measure, ResourceRequest),
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
        name=lambda row, root_pk, names: f"{ResourceRequest.Kind(row['kind']).label} {row['year']}",
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
        via={Measure: ("indicator_id", Indicator)},
        name=lambda row, root_pk, names: names.of(Indicator, row["indicator_id"]),
        refers_to=lambda row: [(Indicator, row["indicator_id"])],
    ),
    StaffParticipation: Told(
        of=(Measure, StaffParticipation),
        fields=("kind", "paragraph", "informed_on", "due_on", "vote", "statement"),
        long_texts=("statement",),
        added=_("Formal participation opened"),
        changed=_("Formal participation changed"),
        removed=_("Formal participation removed"),
        begins_with_a_step=True,
        is_told_to=takes_part,
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
        steps={
            "submit": _("Submitted"),
            "acknowledge": _("Receipt confirmed"),
            "extend": _("Interim notice, more time for the answer"),
            "answer": _("Answered"),
            "object": _("Objection made"),
            "answer_objection": _("Objection answered"),
            "settle": _("Settled"),
            "withdraw": _("Withdrawn"),
            "discard": _("Discarded"),
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
        of=(TextVersion,),
        fields=("title", "goal", "description", "field", "stage", "lead_unit"),
        long_texts=("goal", "description"),
        acts_on_root=True,
        is_told_to=takes_part,
        steps={
            "agree": _("Amendment agreed, review closed: version %(object)s"),
            "decide": _("Amendment in force: version %(object)s"),
            "reject": _("Amendment rejected: version %(object)s"),
            "withdraw": _("Amendment withdrawn: version %(object)s"),
            "lapse": _("Amendment ended with the measure: version %(object)s"),
        },
    ),
    Review: Told(
        of=(Measure, Review),
        fields=("due_on",),
        is_told=lambda row, names: row["history_type"] == "~",  # that it was opened is told by the measure
        is_told_to=takes_part,
        changed=_("Review changed"),
        steps={
            "extend": _("Review: more time given"),
            "withdraw": _("Review withdrawn"),
            "close": _("Review closed"),
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
        of=(RankingRound,),
        fields=(
            "title",
            "question",
            "method",
            "top_n",
            "opens_at",
            "closes_at",
            "smallest_group",
            "is_trial",
            "follows",
        ),
        long_texts=("question",),
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
