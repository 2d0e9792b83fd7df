"""The acts a person may take on a measure: the one that matters now, the others, and what stands in the way."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from measures.models import Measure, ReviewSlot
from strategy.workflow import RuleViolation

from .step import MEASURE_WORDS

# What the state of a measure asks for next, the most urgent first; everything else is in the menu.
MAIN = ("decide", "resume", "submit", "agree", "start", "report_status")
MENU = ("prioritise", "amend", "complete", "pause", "send_back", "drop", "discard")
LABELS = {"report_status": _("Report status"), "amend": _("Propose amendment")}
ICONS = {"edit": "edit"}


@dataclass(frozen=True)
class Act:
    """A button: its words and address, or why it cannot be pressed yet."""

    verb: str
    label: str | Promise
    url: str = ""
    icon: str = ""
    blocked: str = ""


@dataclass(frozen=True)
class Acts:
    main: Act | None
    others: list[Act]
    menu: list[Act]
    blocked: list[Act]


def acts_of(measure, actor, reviews, amendment):
    """Takes the measure, the actor, its reviews as ``reviews_with_answers`` shows them, and its open amendment."""
    offered = [
        *(act for review in reviews if review.is_open for act in acts_in_review(review, actor)),
        *acts_on_amendment(amendment, actor),
        *(act_of(verb, measure, reviews) for verb in MAIN if measure.may(verb, actor)),
        *not_yet_decided(measure, actor, reviews),
    ]
    possible = [act for act in offered if not act.blocked]
    edit = [Act("edit", _("Edit"), address(measure, "edit"), ICONS["edit"])] if may_edit(measure, actor) else []
    menu = [act_of(verb, measure, reviews) for verb in MENU if measure.may(verb, actor) and not (verb == "amend" and amendment)]
    if may_open_participation(measure, actor):
        menu.append(Act("participation", _("Open formal participation"), address(measure, "participation-create")))
    return Acts(
        main=possible[0] if possible else None,
        others=[*edit, *possible[1:]],
        menu=menu,
        blocked=[act for act in offered if act.blocked],
    )


def address(measure, name):
    return reverse(f"measures:{name}", args=[measure.strategy.slug, measure.code])


def act_of(verb, measure, reviews):
    label = LABELS.get(verb) or MEASURE_WORDS[verb].button
    url = address(measure, verb.replace("_", "-"))
    return Act(verb, label, url, blocked=obstacle(verb, measure, reviews))


def obstacle(verb, measure, reviews):
    """Why a step that the state allows does not go yet, in one sentence; nothing where it goes."""
    if verb == "submit" and (missing := measure.missing_for_submission()):
        names = [str(Measure._meta.get_field(name).verbose_name) for name in missing]
        return _t("Submitting goes once these are filled in: %(fields)s.") % {"fields": ", ".join(names)}
    if verb == "agree":
        return "".join(unsettled(reviews))
    return ""


def unsettled(reviews):
    """What the open review still waits for, as sentences."""
    for review in reviews:
        if review.is_open:
            try:
                review.check_settled()
            except RuleViolation as problem:
                yield " ".join(problem.messages)


def not_yet_decided(measure, actor, reviews):
    """Whoever decides reads why there is nothing to decide yet."""
    if measure.state == Measure.State.IN_REVIEW and actor.has_perm("measures.decide_measure", measure):
        waits = [*unsettled(reviews), _t("The project group records the agreement first.")]
        yield Act("decide", MEASURE_WORDS["decide"].button, blocked=" ".join(waits))


def may_edit(measure, actor):
    return measure.state in Measure.EDITABLE and actor.has_perm("measures.change_measure", measure)


def may_open_participation(measure, actor):
    return (
        measure.submitted_on is not None
        and not measure.is_ended
        and actor.has_perm("measures.add_staffparticipation", measure)
    )


def acts_in_review(review, actor):
    """To answer for one's unit, to settle an objection; who has answered may still change it."""
    slug = review.measure.strategy.slug
    for slot in review.slots_shown:
        if slot.is_mine:
            is_open = slot.state == ReviewSlot.State.OPEN
            label = _("Give statement") if is_open else _("Change statement")
            yield Act("respond", format_lazy("{}: {}", label, slot.asked), reverse("measures:respond", args=[slug, slot.pk]))
        if slot.may_settle:
            label = format_lazy("{}: {}", _("Settle objection"), slot.asked)
            yield Act("settle", label, reverse("measures:settle", args=[slug, slot.current.pk]))


def acts_on_amendment(amendment, actor):
    if amendment and any(amendment.may(verb, actor) for verb in ("agree", "decide")):
        verb = next(verb for verb in ("agree", "decide") if amendment.may(verb, actor))
        measure = amendment.measure
        url = reverse("measures:amendment", args=[measure.strategy.slug, measure.code, amendment.number])
        yield Act(verb, _("To the amendment"), url)
