"""Who may do what to measures and reviews; when it may be done is up to their transitions."""

import rules

from strategy.models import Role
from strategy.predicates import holds, holds_in_person, is_system, leads

is_project_group = holds(Role.PROJECT_GROUP)
is_steering_team = holds(Role.STEERING_TEAM)
is_staff_council = holds(Role.STAFF_COUNCIL)
is_of_the_staff_council = holds_in_person(Role.STAFF_COUNCIL)  # not a deputy who is no member
takes_part = holds(*Role.TAKING_PART)  # project group, heads, staff council, steering team
looks_on = holds(*Role.LOOKING_ON)  # reader, administrator
is_member = takes_part | looks_on
leads_the_measure = leads("lead_unit_id", *Role.HEADS)
heads_the_unit = leads("unit_id", *Role.HEADS)


@rules.predicate
def is_handed_over(actor, measure):
    return measure.submitted_on is not None


@rules.predicate
def is_decided(actor, measure):
    return measure.decided_on is not None


@rules.predicate
def measure_is_handed_over(actor, row):
    return row.measure.submitted_on is not None


@rules.predicate
def was_in_force(actor, version):
    return version.in_force_on is not None and version.measure.decided_on is not None


@rules.predicate
def asks_the_council(actor, slot):
    return slot.unit_id is None


@rules.predicate
def review_is_over(actor, response):
    review = response.slot.review
    return not review.is_open and review.measure.submitted_on is not None


@rules.predicate
def fills_the_slot(actor, response):
    return may_fill(actor, response.slot)


@rules.predicate
def has_been_opened(actor, ranking_round):
    return ranking_round.opened_at is not None


@rules.predicate
def has_results(actor, ranking_round):
    return ranking_round.has_results


@rules.predicate
def is_published(actor, ranking_round):
    return ranking_round.state == ranking_round.State.PUBLISHED


@rules.predicate
def is_own_ballot(actor, ballot):
    """Nobody votes in anybody's place."""
    return actor.in_place_of is None and actor.user is not None and ballot.elector.user_id == actor.user.pk


@rules.predicate
def is_of_the_strategy(actor, indicator):
    return indicator.measure_id is None


@rules.predicate
def sees_the_measure(actor, row):
    return row.measure_id is not None and actor.has_perm("measures.view_measure", row.measure)


@rules.predicate
def sees_the_indicator(actor, value):
    return actor.has_perm("measures.view_indicator", value.indicator)


@rules.predicate
def is_submitted(actor, need):
    return need.submitted_on is not None


@rules.predicate
def need_is_submitted(actor, row):
    return row.need.submitted_on is not None


@rules.predicate
def is_own_view(actor, view):
    return actor.user is not None and view.owner_id == actor.user.pk


@rules.predicate
def is_shared(actor, view):
    return view.is_shared


@rules.predicate
def is_of_a_measure(actor, attachment):
    return attachment.measure_id is not None


@rules.predicate
def is_a_measure(actor, owner):
    """Attachments are added to a need or to a measure: only this one has a lead unit."""
    return hasattr(owner, "lead_unit_id")


may_fill = heads_the_unit | (asks_the_council & is_staff_council)
may_attach = (is_a_measure & is_project_group) | (~is_a_measure & is_of_the_staff_council)

rules.add_perm(
    "measures.view_measure",
    is_project_group | (takes_part & is_handed_over) | (looks_on & is_decided),
)
rules.add_perm("measures.add_measure", is_project_group)
rules.add_perm("measures.change_measure", is_project_group)
rules.add_perm("measures.submit_measure", is_project_group)
rules.add_perm("measures.send_back_measure", is_project_group | is_steering_team)
rules.add_perm("measures.agree_measure", is_project_group)
rules.add_perm("measures.decide_measure", is_steering_team)
rules.add_perm("measures.prioritise_measure", is_steering_team)
rules.add_perm("measures.start_measure", is_project_group)
rules.add_perm("measures.complete_measure", is_project_group)
rules.add_perm("measures.pause_measure", is_steering_team)
rules.add_perm("measures.resume_measure", is_steering_team)
rules.add_perm("measures.drop_measure", is_steering_team)
rules.add_perm("measures.discard_measure", is_project_group)
rules.add_perm("measures.report_status_measure", is_project_group | leads_the_measure)
rules.add_perm("measures.amend_measure", is_project_group)

rules.add_perm("measures.view_importrun", is_project_group)
rules.add_perm("measures.add_importrun", is_project_group)
rules.add_perm("measures.name_columns_importrun", is_project_group)
rules.add_perm("measures.confirm_importrun", is_project_group)
rules.add_perm("measures.cancel_importrun", is_project_group)
rules.add_perm("measures.view_bulkedit", is_project_group)
rules.add_perm("measures.add_bulkedit", is_project_group)
rules.add_perm("measures.apply_bulkedit", is_project_group)
rules.add_perm("measures.undo_bulkedit", is_project_group)

rules.add_perm(
    "measures.view_textversion",
    is_project_group | (takes_part & measure_is_handed_over) | (looks_on & was_in_force),
)
rules.add_perm("measures.agree_textversion", is_project_group)
rules.add_perm("measures.decide_textversion", is_steering_team)
rules.add_perm("measures.reject_textversion", is_steering_team)
rules.add_perm("measures.withdraw_textversion", is_project_group)
rules.add_perm("measures.lapse_textversion", is_project_group | is_steering_team)  # a step of ending the measure

rules.add_perm("measures.view_reviews", takes_part)  # the list as such, asked of the strategy
rules.add_perm("measures.view_review", is_project_group | (takes_part & measure_is_handed_over))
rules.add_perm("measures.close_review", is_project_group | is_steering_team)  # a step of agree, send back and drop
rules.add_perm("measures.lapse_review", is_project_group | is_steering_team)  # a step of ending an amendment
rules.add_perm("measures.extend_review", is_project_group)
rules.add_perm("measures.withdraw_review", is_project_group)
rules.add_perm("measures.remind_reviewslot", is_project_group)

rules.add_perm("measures.respond_reviewslot", may_fill)
rules.add_perm(
    "measures.view_reviewresponse",
    is_project_group | is_steering_team | fills_the_slot | (takes_part & review_is_over),
)
rules.add_perm("measures.settle_reviewresponse", is_steering_team)
rules.add_perm("measures.schedule_condition", is_project_group)
rules.add_perm("measures.meet_condition", is_project_group)
rules.add_perm("measures.view_quality", is_project_group)  # all of the strategy's measures at once
rules.add_perm("measures.view_quality_measure", is_project_group | leads_the_measure)

rules.add_perm(
    "measures.view_staffparticipation",
    is_project_group | (takes_part & measure_is_handed_over),
)
rules.add_perm("measures.add_staffparticipation", is_project_group)
rules.add_perm("measures.state_view_staffparticipation", is_staff_council)
rules.add_perm("measures.conclude_staffparticipation", is_project_group)
rules.add_perm("measures.inform_again_staffparticipation", is_project_group)
rules.add_perm("measures.extend_staffparticipation", is_project_group)
rules.add_perm("measures.specify_staffparticipation", is_project_group)

rules.add_perm("measures.view_resourcerequest", sees_the_measure)
rules.add_perm("measures.add_resourcerequest", is_project_group)
rules.add_perm("measures.change_resourcerequest", is_project_group)
rules.add_perm("measures.discard_resourcerequest", is_project_group)
rules.add_perm("measures.register_resourcerequest", is_project_group)
rules.add_perm("measures.grant_resourcerequest", is_project_group)
rules.add_perm("measures.grant_partly_resourcerequest", is_project_group)
rules.add_perm("measures.refuse_resourcerequest", is_project_group)

for model in ("worksagreement", "survey", "reference"):
    rules.add_perm(f"measures.view_{model}", sees_the_measure)
    for verb in ("add", "change", "delete"):
        rules.add_perm(f"measures.{verb}_{model}", is_project_group)

rules.add_perm("measures.view_indicator", (is_of_the_strategy & is_member) | sees_the_measure)
rules.add_perm(
    "measures.view_small_values", takes_part
)  # figures of fewer than five people, asked of a row or strategy
rules.add_perm("measures.add_indicator", is_project_group)
rules.add_perm("measures.change_indicator", is_project_group)
rules.add_perm("measures.delete_indicator", is_project_group)
rules.add_perm("measures.view_indicatorvalue", sees_the_indicator)
rules.add_perm("measures.add_indicatorvalue", is_project_group)
rules.add_perm("measures.change_indicatorvalue", is_project_group)
rules.add_perm("measures.delete_indicatorvalue", is_project_group)

rules.add_perm("measures.view_rankings", takes_part)  # the list as such, asked of the strategy
rules.add_perm("measures.view_rankinground", is_project_group | is_steering_team | (takes_part & has_been_opened))
rules.add_perm(
    "measures.view_results_rankinground",
    ((is_project_group | is_steering_team) & has_results) | (takes_part & is_published),
)
rules.add_perm("measures.view_turnout_rankinground", is_project_group & has_been_opened)
rules.add_perm("measures.add_rankinground", is_project_group)
rules.add_perm("measures.change_rankinground", is_project_group)
rules.add_perm("measures.copy_rankinground", is_project_group)
rules.add_perm("measures.open_rankinground", is_project_group | is_system)
rules.add_perm("measures.close_rankinground", is_project_group | is_system)
rules.add_perm("measures.extend_rankinground", is_project_group)
rules.add_perm("measures.publish_rankinground", is_project_group)
rules.add_perm("measures.cancel_rankinground", is_project_group)
rules.add_perm("measures.decide_rankinground", is_steering_team)  # the page on which its measures are prioritised

rules.add_perm("measures.view_ballot", takes_part & is_own_ballot)
rules.add_perm("measures.arrange_ballot", takes_part & is_own_ballot)
rules.add_perm("measures.submit_ballot", takes_part & is_own_ballot)
rules.add_perm("measures.withdraw_ballot", takes_part & is_own_ballot)

rules.add_perm("measures.view_needs", takes_part)  # the list as such, asked of the strategy
rules.add_perm("measures.view_draft_needs", is_of_the_staff_council)  # likewise, and of what was discarded
rules.add_perm("measures.view_need", is_of_the_staff_council | (takes_part & is_submitted))
rules.add_perm("measures.add_need", is_of_the_staff_council)
rules.add_perm("measures.change_need", is_of_the_staff_council)
rules.add_perm("measures.discard_need", is_of_the_staff_council)
rules.add_perm("measures.submit_need", is_of_the_staff_council)
rules.add_perm("measures.withdraw_need", is_staff_council)
rules.add_perm("measures.settle_need", is_staff_council)
rules.add_perm("measures.object_need", is_staff_council)
rules.add_perm("measures.acknowledge_need", is_project_group)
rules.add_perm("measures.extend_need", is_project_group)
rules.add_perm("measures.answer_need", is_project_group)
rules.add_perm("measures.answer_objection_need", is_steering_team)
rules.add_perm("measures.view_neednote", is_of_the_staff_council)
rules.add_perm("measures.add_neednote", is_of_the_staff_council)
rules.add_perm(
    "measures.view_attachment",
    (is_of_a_measure & sees_the_measure)
    | (~is_of_a_measure & (is_of_the_staff_council | (takes_part & need_is_submitted))),
)
rules.add_perm("measures.add_attachment", may_attach)
rules.add_perm("measures.delete_attachment", may_attach)

rules.add_perm("measures.view_savedview", is_member & (is_own_view | is_shared))
rules.add_perm("measures.add_savedview", is_member)
rules.add_perm("measures.change_savedview", (is_member & is_own_view) | (is_project_group & is_shared))
rules.add_perm("measures.delete_savedview", (is_member & is_own_view) | (is_project_group & is_shared))
rules.add_perm("measures.share_savedview", is_project_group & (is_own_view | is_shared))
