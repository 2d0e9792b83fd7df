"""From the staff council's needs to what each variant of a report says of them."""

from textwrap import shorten

from measures.models import Need
from reporting.models import Variant
from reporting.print import projection as printed
from reporting.print.projection import iso_day
from strategy.prose import plain_of

IN_SHORT = 200  # letters of an answer: the paper names the reason, the portal holds its wording


def read(strategy):
    """Every need a report may tell of, confidential ones too."""
    needs = Need.objects.reportable().filter(strategy=strategy)
    return list(needs.select_related("measure__light", "merged_into", "deferred_to").order_by("number"))


def shown_in(needs, variant):
    """Confidential needs stay in the house, and nothing public points to one."""
    public = [need for need in needs if not need.is_confidential]
    return tuple(_printed(need, variant) for need in (public if variant == Variant.PUBLIC else needs))


def _printed(need, variant):
    measure, other = _shown_measure(need.measure, variant), need.merged_into
    if other is not None and other.is_confidential and variant == Variant.PUBLIC:
        other = None
    return printed.Need(
        number=need.code,
        title=need.title,
        kind=need.kind,
        is_confidential=need.is_confidential,
        received_on=iso_day(need.submitted_on),
        due_on=iso_day(need.due_on),
        outcome=need.outcome,
        answered_on=iso_day(need.answered_on),
        reason=_in_short(plain_of(need.answer_text)),
        measure=measure.code if measure else "",
        light=measure.light.code if measure and measure.light_id else None,
        need=other.code if other else "",
        stage=need.deferred_to.title if need.deferred_to_id else "",
        is_settled=need.state == Need.State.SETTLED,
        objected_on=iso_day(need.objected_on),
        objection_answered_on=iso_day(need.objection_answered_on),
        objection_answer=_in_short(plain_of(need.objection_answer)),
    )


def _shown_measure(measure, variant):
    """The measure it became, if the readers of this variant see it: drafts nobody, the public what is decided."""
    if measure is None:
        return None
    day = measure.decided_on if variant == Variant.PUBLIC else measure.submitted_on
    return measure if day else None


def _in_short(text):
    return shorten(text, IN_SHORT, placeholder=" …")
