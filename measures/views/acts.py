"""The acts a person may take on a measure: the one that matters now, the others, and what stands in the way."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from measures.models import Measure
from strategy.as_of import past_day

from .step import MEASURE_WORDS

# What the state of a measure asks for next, the most urgent first; everything else is in the menu.
MAIN = ("decide", "resume", "submit", "agree", "start", "report_status")
MENU = ("prioritise", "amend", "complete", "pause", "send_back", "drop", "discard")
LABELS = {"report_status": _("Report status"), "amend": _("Propose amendment")}  # steps with views of their own


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
    waits = [sentence for review in reviews if review.is_open for sentence in what_it_waits_for(review)]
    offered = [
        *(act for review in reviews if review.is_open for act in acts_in_review(review)),
        *acts_on_amendment(amendment, actor, waits),
        *(act_of(verb, measure, waits) for verb in MAIN if measure.may(verb, actor)),
        *not_yet_decided(measure, actor, waits),
    ]
    possible = [act for act in offered if not act.blocked]
    return Acts(
        main=possible[0] if possible else None,
        others=[*edit_of(measure, actor), *possible[1:], on_paper(measure)],
        menu=[*menu_of(measure, actor, amendment)],
        blocked=[act for act in offered if act.blocked],
    )


def acts_on_past(measure):
    """A past day is only read."""
    return Acts(None, [on_paper(measure)], [], [])


def what_it_waits_for(review):
    return [sentence for obstacle in review.obstacles() for sentence in obstacle.messages]


def address(measure, name):
    return reverse(f"measures:{name}", args=[measure.strategy.slug, measure.code])


def act_of(verb, measure, waits=()):
    label = LABELS.get(verb) or MEASURE_WORDS[verb].button
    url = address(measure, verb.replace("_", "-"))
    return Act(verb, label, url, blocked=obstacle(verb, measure, waits))


def obstacle(verb, measure, waits):
    """Why a step that the state allows does not go yet; nothing where it goes."""
    if verb == "submit" and (missing := measure.missing_for_submission()):
        names = [str(Measure._meta.get_field(name).verbose_name) for name in missing]
        return gettext("Submitting goes once these are filled in: %(fields)s.") % {"fields": ", ".join(names)}
    return " ".join(waits) if verb == "agree" else ""


def not_yet_decided(measure, actor, waits):
    """Whoever decides reads why there is nothing to decide yet."""
    if measure.state == Measure.State.IN_REVIEW and actor.has_perm("measures.decide_measure", measure):
        reasons = [*waits, gettext("The project group records the agreement first.")]
        yield Act("decide", MEASURE_WORDS["decide"].button, blocked=" ".join(reasons))


def edit_of(measure, actor):
    if measure.state in Measure.EDITABLE and actor.has_perm("measures.change_measure", measure):
        yield Act("edit", _("Edit"), address(measure, "edit"), icon="edit")


def on_paper(measure):
    url = reverse("reporting:measure-sheet", args=[measure.strategy.slug, measure.code])
    return Act("print", _("Sheet as PDF"), f"{url}?on={past_day()}" if past_day() else url, icon="download")


def menu_of(measure, actor, amendment):
    for verb in MENU:
        if measure.may(verb, actor) and not (verb == "amend" and amendment):
            yield act_of(verb, measure)
    if actor.has_perm("measures.add_measure", measure):
        yield Act("copy", _("Copy as a new draft"), address(measure, "copy"))
        yield Act("continue", _("Create successor"), address(measure, "continue"))
    if not measure.is_ended and actor.has_perm("measures.change_measure", measure):
        yield Act("merge", _("Propose to merge"), f"{address(measure, 'link-create')}?merge=on")
    is_under_way = measure.submitted_on is not None and not measure.is_ended
    if is_under_way and actor.has_perm("measures.add_staffparticipation", measure):
        yield Act("participation", _("Open formal participation"), address(measure, "participation-create"))


def acts_in_review(review):
    """To answer for one's unit, to settle an objection; who has answered may still change it."""
    slug = review.measure.strategy.slug
    for slot in review.slots_shown:
        if slot.is_mine:
            label = _("Change statement") if slot.is_answered else _("Give statement")
            url = reverse("measures:respond", args=[slug, slot.pk])
            yield Act("respond", format_lazy("{}: {}", label, slot.asked), url)
        if slot.may_settle:
            url = reverse("measures:settle", args=[slug, slot.current.pk])
            yield Act("settle", format_lazy("{}: {}", _("Settle objection"), slot.asked), url)


def acts_on_amendment(amendment, actor, waits):
    """On the page of the amendment; nothing while its review waits for somebody."""
    if amendment is None or waits:
        return
    for verb, label in (("agree", _("Record agreement on the amendment")), ("decide", _("Decide on the amendment"))):
        if amendment.may(verb, actor):
            measure = amendment.measure
            yield Act(
                verb, label, reverse("measures:amendment", args=[measure.strategy.slug, measure.code, amendment.number])
            )
