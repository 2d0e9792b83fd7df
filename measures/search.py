"""What can be found by its words: measures with all that stands on their sheets, needs, statements.

Nothing is found that the actor could not read on the page the hit leads to: each kind starts from ``visible_to``, and
proposed amendments, notes and earlier statements are not searched.
"""

import re

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from measures.models import (
    Indicator,
    Measure,
    Milestone,
    Need,
    Reference,
    ReviewResponse,
    StatusUpdate,
    Survey,
    WorksAgreement,
)
from strategy.search import Kind, Texts, searched
from strategy.templatetags.portal import shown_date

MEASURE_TEXTS = Texts(
    Measure,
    {
        "title": "",
        "goal": gettext_lazy("Goal"),
        "description": gettext_lazy("Description"),
        "initial_situation": gettext_lazy("Initial situation"),
        "target_group": gettext_lazy("Target group"),
        "risks": gettext_lazy("Risks"),
        "experience": gettext_lazy("Experience and results"),
        "origin_note": gettext_lazy("Note on the origin"),
        "responsible_function": gettext_lazy("Responsible function"),
        "status_known": gettext_lazy("State on record"),
    },
)
MILESTONE_TEXTS = Texts(Milestone, {"title": gettext_lazy("Milestone")}, "measure")
STATUS_TEXTS = Texts(
    StatusUpdate, {"text": gettext_lazy("Status"), "next_steps": gettext_lazy("Next steps")}, "measure"
)
INDICATOR_TEXTS = Texts(
    Indicator, {"name": gettext_lazy("Indicator"), "definition": gettext_lazy("Definition")}, "measure"
)
AGREEMENT_TEXTS = Texts(
    WorksAgreement, {"title": gettext_lazy("Works agreement"), "note": gettext_lazy("Works agreement")}, "measure"
)
SURVEY_TEXTS = Texts(
    Survey,
    {
        "title": gettext_lazy("Survey"),
        "population": gettext_lazy("Who was asked"),
        "findings": gettext_lazy("Findings"),
    },
    "measure",
)
REFERENCE_TEXTS = Texts(Reference, {"title": gettext_lazy("Literature")}, "measure")
NEED_TEXTS = Texts(
    Need,
    {
        "title": "",
        "text": gettext_lazy("What is needed"),
        "reasons": gettext_lazy("Reasons"),
        "affected_groups": gettext_lazy("Affected groups of employees"),
        "answer_text": gettext_lazy("Answer"),
        "objection": gettext_lazy("Objection"),
        "objection_answer": gettext_lazy("Answer to the objection"),
    },
)
STATEMENT_TEXTS = Texts(
    ReviewResponse, {"text": gettext_lazy("Statement"), "settlement": gettext_lazy("How it was settled")}
)


def measures_of(actor, strategy):
    rows = Measure.objects.visible_to(actor).filter(strategy=strategy)
    return rows.select_related("strategy", "field", "lead_unit", "light")


def tell_measure(measure):
    facts = [measure.code, measure.get_state_display(), str(measure.lead_unit or "")]
    return measure.get_absolute_url(), measure.title, facts


def needs_of(actor, strategy):
    return Need.objects.visible_to(actor).filter(strategy=strategy).select_related("strategy")


def tell_need(need):
    received = _("received on %(day)s") % {"day": shown_date(need.submitted_on)} if need.submitted_on else ""
    return need.get_absolute_url(), need.title, [need.code, need.get_state_display(), received]


def code_of_need(text):
    number = re.fullmatch(r"n([1-9][0-9]{0,8})", text.lower())
    return Q(number=int(number[1])) if number else Q(pk=None)


def statements_of(actor, strategy):
    rows = ReviewResponse.objects.visible_to(actor).counting().filter(strategy=strategy)
    return rows.select_related("slot__unit", "slot__review__measure__strategy")


def tell_statement(response):
    review = response.slot.review
    title = _("%(who)s on %(measure)s") % {"who": response.slot.asked, "measure": review.measure}
    facts = [response.get_vote_display(), shown_date(response.given_at.date())]
    return review.get_absolute_url(), title, facts


SHEETS = searched(
    Kind(
        "measures",
        gettext_lazy("Measures"),
        measures_of,
        (
            MEASURE_TEXTS,
            MILESTONE_TEXTS,
            STATUS_TEXTS,
            INDICATOR_TEXTS,
            AGREEMENT_TEXTS,
            SURVEY_TEXTS,
            REFERENCE_TEXTS,
        ),
        tell_measure,
        code=lambda text: Q(code__iexact=text),
        title="title",
    )
)
NEEDS = searched(
    Kind(
        "needs",
        gettext_lazy("Needs"),
        needs_of,
        (NEED_TEXTS,),
        tell_need,
        code=code_of_need,
        title="title",
        permission="measures.view_needs",
    )
)
STATEMENTS = searched(
    Kind(
        "statements",
        gettext_lazy("Statements"),
        statements_of,
        (STATEMENT_TEXTS,),
        tell_statement,
        permission="measures.view_reviews",
    )
)
