"""Who may do what to council reports; when it may be done is up to their transitions."""

import rules

from strategy.models import Role
from strategy.predicates import holds, is_system, leads

is_project_group = holds(Role.PROJECT_GROUP)
is_steering_team = holds(Role.STEERING_TEAM)
takes_part = holds(*Role.TAKING_PART)
is_member = holds(*Role.TAKING_PART, *Role.LOOKING_ON)
heads_the_unit = leads("unit_id", *Role.HEADS)


@rules.predicate
def is_published(actor, report):
    return report.is_published


@rules.predicate
def is_asked_to_cosign(actor, report):
    return report.cosignatures.asked_of(actor).exists()


@rules.predicate
def has_submitted(actor, report):
    """The person who submitted it or whom they stood for, in person or by deputy."""
    acting = {person.pk for person in (actor.user, actor.in_place_of) if person}
    return bool(acting & {report.submitted_by_id, report.submitted_for_id})


@rules.predicate
def is_public_variant(actor, document):
    return document.variant == "public"


@rules.predicate
def sees_its_report(actor, document):
    return sees_the_report(actor, document.report)


sees_the_report = is_project_group | is_steering_team | (is_member & is_published) | is_asked_to_cosign

rules.add_perm("reporting.view_councilreport", sees_the_report)
rules.add_perm("reporting.view_planning", is_project_group | is_steering_team)  # what comes next, asked of the strategy
rules.add_perm("reporting.view_nonpublic_councilreport", sees_the_report & takes_part)
rules.add_perm("reporting.view_reportdocument", sees_its_report & (is_public_variant | takes_part))
rules.add_perm("reporting.add_councilreport", is_project_group)
rules.add_perm("reporting.change_councilreport", is_project_group)
rules.add_perm("reporting.discard_councilreport", is_project_group)
rules.add_perm("reporting.ask_units_councilreport", is_project_group)
rules.add_perm("reporting.build_councilreport", is_project_group)
rules.add_perm("reporting.cancel_councilreport", is_project_group)
rules.add_perm("reporting.complete_build_councilreport", is_system)
rules.add_perm("reporting.fail_build_councilreport", is_system)
rules.add_perm("reporting.reopen_councilreport", is_project_group)
rules.add_perm("reporting.submit_councilreport", is_project_group)
rules.add_perm("reporting.send_back_councilreport", is_steering_team)
rules.add_perm("reporting.finalise_councilreport", is_steering_team & ~has_submitted)
rules.add_perm("reporting.supersede_councilreport", is_steering_team)
rules.add_perm("reporting.release_councilreport", is_project_group)
rules.add_perm("reporting.withdraw_release_councilreport", is_project_group)

rules.add_perm("reporting.ask_cosignature", is_project_group)
rules.add_perm("reporting.sign_cosignature", heads_the_unit)
rules.add_perm("reporting.lapse_cosignature", is_project_group)
