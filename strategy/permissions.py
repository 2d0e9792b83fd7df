"""Who may maintain the frame of a strategy."""

import rules

from strategy.models import Role
from strategy.predicates import holds, is_system

is_administrator = holds(Role.ADMINISTRATOR)
is_project_group = holds(Role.PROJECT_GROUP)
is_member = holds(*Role.TAKING_PART, *Role.LOOKING_ON)

rules.add_perm("strategy.view_strategy", is_member)
rules.add_perm("strategy.change_strategy", is_administrator)  # fields, stages, scales, units, members, deputies
rules.add_perm("strategy.change_webhook", is_administrator)
rules.add_perm("strategy.view_audit", is_administrator)  # accesses, without contents
rules.add_perm("strategy.view_history_of_structure", is_administrator | is_project_group)

rules.add_perm("strategy.view_councilsession", is_member)
rules.add_perm("strategy.change_councilsession", is_project_group | is_administrator)
rules.add_perm("strategy.view_councilpaper", is_member)
rules.add_perm("strategy.change_councilpaper", is_project_group | is_administrator)
rules.add_perm("strategy.prepare_councilsession", is_project_group)

rules.add_perm("strategy.send_reminders", is_project_group | is_system)
rules.add_perm("strategy.view_dispatch", is_project_group)  # what goes out to whom, and what has not arrived
rules.add_perm("strategy.resend_outgoingmail", is_project_group)
rules.add_perm("strategy.ask_recall", is_project_group)
rules.add_perm("strategy.withdraw_recall", is_project_group)
