"""Promise P1: role × address × method. A page is one line of the table; an address without a line fails.

What one may not see is not there (404), what one may see but not do is forbidden (403), and who has not
signed in is asked to. The numbers are the answers to a plain GET and to a POST with nothing in it.
"""

from dataclasses import dataclass, field

import pytest
from django.urls import reverse

from reporting.api.oparl import KEPT_ELSEWHERE
from strategy.views.kinds import KINDS
from tests.world import INSIDE, OUTSIDE, STANDING_IN, Door, World, all_urls, undone

PROJECT_GROUP, COUNCIL, STEERING = {"project_group"}, {"staff_council"}, {"steering_team"}
ADMIN, LOOKING_ON = {"administrator"}, {"reader", "administrator"}
LEAD = {"lead_head", "administrative_head"}
VOTERS = PROJECT_GROUP | LEAD | {"involved_head", "uninvolved_head"}
ALL = set(INSIDE)
TAKING_PART = ALL - LOOKING_ON
NOT_ALLOWED = {405: ALL}


@dataclass
class Page:
    """What a page answers: {status: who} a method; whoever is not named is refused with 403."""

    get: dict
    post: dict
    row: str = ""
    by: str = "pk"
    values: dict = field(default_factory=dict)
    outside: dict = field(default_factory=dict)
    standing_in: dict = field(default_factory=lambda: STANDING_IN)

    def kwargs(self, world, names):
        """The varying parts of the address, taken from the page's row."""
        known = {"strategy": world.strategy.slug, "slug": world.strategy.slug} | self.values
        if self.row:
            known |= address_of(getattr(world, self.row), self.by)
        return {name: known[name] for name in names}

    def expected(self, name, method, is_inside):
        name = self.standing_in.get(name, name)
        if name in OUTSIDE:
            shut = {"other_strategy": (404, 404) if is_inside else (200, 200), "anonymous": (302, 403)}[name]
            return self.outside.get(name, shut)[method == "post"]
        answers = getattr(self, method)
        return next((status for status, who in answers.items() if name in who), 403)


def address_of(row, by):
    if hasattr(row, "report"):
        return {"pk": row.report_id, by: row.pk}
    if hasattr(row, "indicator"):
        return {"pk": row.indicator_id, by: row.pk}
    if getattr(row, "need", None):
        return {"pk": row.need_id, by: row.pk}
    parts = {"pk": row.pk, by: getattr(row, by, row.pk)}
    if measure := getattr(row, "measure", None) or getattr(row, "source_measure", None):
        parts["code"] = measure.code
    return parts


def reading(who, row="", by="pk", hidden=(), **more):
    return Page({200: who, 404: set(hidden)}, NOT_ALLOWED, row, by, **more)


def form(who, row="", by="pk", hidden=(), **more):
    """A form that shows itself, and again what is missing in it."""
    return Page({200: who, 404: set(hidden)}, {200: who, 404: set(hidden)}, row, by, **more)


def in_person(get, post, row, who):
    """A page of one's own, to which nobody gets in anybody's place."""
    answers = [{status: ALL if status == 405 else who, 404: ALL - who} for status in (get, post)]
    return Page(*answers, row, standing_in=STANDING_IN | {"deputy_of_lead_head": "reader"})


def measure_step(who, row, hidden=()):
    return form(who, row, "code", hidden)


def public(get=200, post=405, **more):
    return Page({get: ALL}, {post: ALL}, outside=dict.fromkeys(OUTSIDE, (get, post)), **more)


def personal(get=200, post=405):
    """A page about oneself, whoever that is."""
    return Page({get: ALL}, {post: ALL}, outside={"other_strategy": (get, post)})


def with_passkey(status):
    """A page about a passkey: before anything is looked up, the password is asked for."""
    return Page({status: ALL}, {status: ALL}, values={"pk": 1}, outside={"other_strategy": (status, status)})


SIGN_IN = {
    "healthz": public(post=405),
    "readyz": public(post=405),
    "metrics": public(404, 405),
    "account_login": Page({302: ALL}, {302: ALL}, outside={"other_strategy": (302, 302), "anonymous": (200, 200)}),
    "account_logout": Page({200: ALL}, {302: ALL}, outside={"other_strategy": (200, 302), "anonymous": (302, 302)}),
    "account_inactive": public(),
    "account_reauthenticate": personal(200, 200),
    "account_change_password": personal(200, 200),
    "account_set_password": personal(302, 302),
    "account_reset_password": public(200, 200),
    "account_reset_password_done": public(),
    "account_reset_password_from_key": public(200, 200, values={"uidb36": "1", "key": "wrong-key"}),
    "account_reset_password_from_key_done": public(),
    "mfa_index": personal(302, 302),
    "mfa_list_webauthn": personal(302, 302),
    "mfa_authenticate": Page({302: ALL}, {302: ALL}, outside=dict.fromkeys(OUTSIDE, (302, 302))),
    "mfa_login_webauthn": Page({302: ALL}, {302: ALL}, outside=dict.fromkeys(OUTSIDE, (302, 302))),
    "mfa_reauthenticate": personal(302, 302),  # the people of this table have a password alone
    "mfa_reauthenticate_webauthn": personal(302, 302),
    "mfa_activate_totp": personal(302, 302),  # to the password first
    "mfa_deactivate_totp": personal(404, 404),
    "mfa_view_recovery_codes": personal(404, 405),
    "mfa_generate_recovery_codes": personal(302, 302),
    "mfa_add_webauthn": personal(302, 302),
    "mfa_remove_webauthn": with_passkey(302),
    "mfa_edit_webauthn": with_passkey(302),
    "openid_connect_login": public(404, 405, values={"provider_id": "unknown"}),
    "openid_connect_callback": public(404, 405, values={"provider_id": "unknown"}),
    "quick-status": public(410, 410, values={"key": "wrong-key"}),
}

START = {
    "strategy:start": personal(302),
    "strategy:switch": personal(),
    "strategy:prose": personal(405, 200),
    "strategy:act-as": personal(405, 302),
    "strategy:language": public(405, 302),
    "strategy:page": public(values={"name": "imprint"}),
    "strategy:account": personal(),
    "strategy:own-email": personal(200, 200),
    "strategy:security": personal(),
    "strategy:session-end": personal(405, 404),
    "strategy:sessions-end": personal(405, 302),
    "strategy:own-data": personal(),
    "strategy:own-data-file": personal(),
    "strategy:mail-preferences": personal(200, 200),
    "strategy:calendar": personal(200, 200),
    "strategy:calendar-revoke": personal(302, 302),
    "strategy:history-address": personal(200, 200),
    "strategy:history-address-revoke": personal(302, 302),
    "strategy:history-feed": public(404, 405, values={"key": "wrong-key", "slug": "any"}),
    "strategy:calendar-feed": public(404, 405, values={"key": "wrong-key"}),
}

ROWS = {
    "fields": "field",
    "stages": "stage",
    "phases": "phase",
    "priorities": "priority",
    "lights": "a_light",
    "units": "unit",
    "members": "a_membership",
    "groups": "group_role",
    "deputies": "deputyship",
    "sessions": "session",
    "papers": "paper",
}

BELL = {
    "strategy:search": reading(ALL),
    "strategy:history": reading(ALL),
    "strategy:notifications": reading(ALL),
    "strategy:notifications-read": Page({405: ALL}, {302: ALL}),
    "strategy:notification": in_person(302, 405, "notification", {"lead_head"}),
}

DISPATCH = {
    "strategy:dispatch": reading(PROJECT_GROUP),
    "strategy:mails": reading(PROJECT_GROUP),
    "strategy:mails-resend": form(PROJECT_GROUP, "failed_mail"),
    "strategy:mail-resend": Page({405: ALL}, {302: PROJECT_GROUP}, "failed_mail"),
    "measures:reminders": reading(PROJECT_GROUP, "running", "code"),
    "measures:need-reminders": reading(PROJECT_GROUP, "need_submitted", hidden=LOOKING_ON),
    "measures:ranking-reminders": reading(PROJECT_GROUP, "ranking_open", hidden=LOOKING_ON),
    "reporting:recall": form(PROJECT_GROUP),
    "reporting:recall-withdraw": Page({405: ALL}, {302: PROJECT_GROUP}, "recall"),
}

SETTINGS = {
    "strategy:settings": Page({200: ADMIN}, {405: ADMIN}),
    "strategy:settings-edit": form(ADMIN),
    "strategy:settings-history": reading(ADMIN | PROJECT_GROUP),
    "strategy:settings-reminders": form(ADMIN),
    "strategy:settings-sign-in": Page({200: ADMIN}, {302: ADMIN}),
    "strategy:person-create": form(ADMIN),
    "strategy:person-edit": form(ADMIN, "reader"),
    "strategy:webhooks": reading(ADMIN),
    "strategy:webhook-create": form(ADMIN),
    "strategy:webhook": form(ADMIN, "webhook"),
    "strategy:webhook-rotate": form(ADMIN, "webhook"),
    "strategy:webhook-delete": form(ADMIN, "webhook"),
    **{f"strategy:webhook-{step}": Page({405: ALL}, {302: ADMIN}, "webhook") for step in ("test", "resend")},
    "strategy:person-anonymise": Page({200: ADMIN}, {422: ADMIN}, "reader"),
    "strategy:settings-retention": form(ADMIN),
    "strategy:audit": reading(ADMIN),
}
for kind in KINDS.values():
    who = ADMIN if kind.permission == "strategy.change_strategy" else ADMIN | PROJECT_GROUP
    SETTINGS |= {
        kind.list_url: Page({200: who}, {405: who}),
        kind.create_url: form(who),
        kind.edit_url: form(who, ROWS[kind.name]),
        kind.history_url: reading(ADMIN | PROJECT_GROUP, ROWS[kind.name]),
        kind.delete_url: form(who, ROWS[kind.name]),
        kind.move_url: Page({405: who}, {302: who}, ROWS[kind.name]),
    }

MEASURES = {
    "measures:list": reading(ALL),
    "measures:create": form(PROJECT_GROUP),
    "measures:bulk": form(PROJECT_GROUP),
    "measures:bulk-edit": reading(PROJECT_GROUP, "bulk_applied", hidden=ALL - PROJECT_GROUP),
    "measures:bulk-apply": form(PROJECT_GROUP, "bulk_planned", hidden=ALL - PROJECT_GROUP),
    "measures:bulk-undo": form(PROJECT_GROUP, "bulk_applied", hidden=ALL - PROJECT_GROUP),
    "measures:view-create": form(ALL),
    "measures:view-edit": form(PROJECT_GROUP, "shared_view"),
    "measures:view-delete": form(PROJECT_GROUP, "shared_view"),
    "measures:detail": reading(TAKING_PART, "in_review", "code", LOOKING_ON),
    "measures:history": reading(TAKING_PART, "in_review", "code", LOOKING_ON),
    "measures:version-history": reading(TAKING_PART, "amendment", "number", LOOKING_ON),
    "measures:participation-history": reading(TAKING_PART, "participation", hidden=LOOKING_ON),
    "measures:review-history": reading(TAKING_PART, "review", hidden=LOOKING_ON),
    "measures:ranking-history": reading(TAKING_PART, "ranking_open", hidden=LOOKING_ON),
    "measures:resource-history": reading(ALL, "resource"),
    "measures:indicator-history": reading(ALL, "indicator"),
    "measures:status-list": reading(ALL, "running", "code"),
    "measures:versions": reading(TAKING_PART, "in_review", "code", LOOKING_ON),
    "measures:version": reading(TAKING_PART, "amendment", "number", LOOKING_ON),
    "measures:edit": measure_step(PROJECT_GROUP, "draft", ALL - PROJECT_GROUP),
    "measures:submit": measure_step(PROJECT_GROUP, "draft", ALL - PROJECT_GROUP),
    "measures:discard": measure_step(PROJECT_GROUP, "draft", ALL - PROJECT_GROUP),
    "measures:send-back": measure_step(PROJECT_GROUP | STEERING, "in_review", LOOKING_ON),
    "measures:agree": measure_step(PROJECT_GROUP, "in_review", LOOKING_ON),
    "measures:drop": measure_step(STEERING, "in_review", LOOKING_ON),
    "measures:decide": measure_step(STEERING, "agreed", LOOKING_ON),
    "measures:prioritise": measure_step(STEERING, "decided"),
    "measures:start": measure_step(PROJECT_GROUP, "decided"),
    "measures:complete": measure_step(PROJECT_GROUP, "running"),
    "measures:pause": measure_step(STEERING, "running"),
    "measures:resume": measure_step(STEERING, "paused"),
    "measures:report-status": measure_step(PROJECT_GROUP | LEAD, "running"),
    "measures:amend": measure_step(PROJECT_GROUP, "running"),
    "measures:amendment": reading(TAKING_PART, "amendment", "number", LOOKING_ON),
    "measures:amendment-agree": form(PROJECT_GROUP, "amendment", "number", LOOKING_ON),
    "measures:amendment-withdraw": form(PROJECT_GROUP, "amendment", "number", LOOKING_ON),
    "measures:amendment-reject": form(STEERING, "amendment", "number", LOOKING_ON),
    "measures:amendment-decide": form(STEERING, "agreed_amendment", "number", LOOKING_ON),
    "measures:participation-create": measure_step(PROJECT_GROUP, "running"),
    "measures:participation": reading(TAKING_PART, "participation", hidden=LOOKING_ON),
    "measures:participation-state-view": form(COUNCIL, "participation", hidden=LOOKING_ON),
    "measures:participation-conclude": form(PROJECT_GROUP, "participation", hidden=LOOKING_ON),
    "measures:participation-inform-again": form(PROJECT_GROUP, "participation", hidden=LOOKING_ON),
    "measures:participation-extend": form(PROJECT_GROUP, "participation", hidden=LOOKING_ON),
    "measures:participation-specify": form(PROJECT_GROUP, "participation", hidden=LOOKING_ON),
    "measures:participations": reading(ALL),
    "measures:copy": measure_step(PROJECT_GROUP, "running"),
    "measures:continue": measure_step(PROJECT_GROUP, "completed"),
    "measures:indicators": reading(ALL),
    "measures:indicator": reading(ALL, "indicator"),
    "measures:indicator-create": form(PROJECT_GROUP),
    "measures:indicator-edit": form(PROJECT_GROUP, "indicator"),
    "measures:indicator-delete": form(PROJECT_GROUP, "own_indicator"),
    "measures:indicator-value-create": form(PROJECT_GROUP, "own_indicator"),
    "measures:indicator-value-edit": form(PROJECT_GROUP, "indicator_value", "value"),
    "measures:indicator-value-delete": form(PROJECT_GROUP, "own_indicator_value", "value"),
    "measures:resources": reading(ALL),
    "measures:resource": reading(ALL, "resource"),
    "measures:resource-create": measure_step(PROJECT_GROUP, "running"),
    "measures:resource-edit": form(PROJECT_GROUP, "resource"),
    "measures:resource-register": form(PROJECT_GROUP, "resource"),
    "measures:resource-discard": form(PROJECT_GROUP, "resource"),
    "measures:resource-grant": form(PROJECT_GROUP, "registered_resource"),
    "measures:resource-grant-partly": form(PROJECT_GROUP, "registered_resource"),
    "measures:resource-refuse": form(PROJECT_GROUP, "registered_resource"),
    "measures:agreement-create": measure_step(PROJECT_GROUP, "running"),
    "measures:agreement-edit": form(PROJECT_GROUP, "agreement"),
    "measures:agreement-delete": form(PROJECT_GROUP, "agreement"),
    "measures:survey-create": measure_step(PROJECT_GROUP, "running"),
    "measures:survey-edit": form(PROJECT_GROUP, "survey"),
    "measures:survey-delete": form(PROJECT_GROUP, "survey"),
    "measures:reference-create": measure_step(PROJECT_GROUP, "running"),
    "measures:reference-edit": form(PROJECT_GROUP, "reference"),
    "measures:reference-delete": form(PROJECT_GROUP, "reference"),
    "measures:attach": measure_step(PROJECT_GROUP, "running"),
    "measures:attachment": reading(ALL, "measure_attachment", "attachment"),
    "measures:attachment-delete": form(PROJECT_GROUP, "measure_attachment", "attachment"),
    "measures:link-create": measure_step(PROJECT_GROUP, "running"),
    "measures:link-delete": Page({200: PROJECT_GROUP}, {200: PROJECT_GROUP}, "link"),
    "measures:quality": reading(PROJECT_GROUP),
    "measures:reviews": reading(ALL),
    "measures:review": reading(TAKING_PART, "review", hidden=LOOKING_ON),
    "measures:review-remind": form(PROJECT_GROUP, "review", hidden=LOOKING_ON),
    "measures:review-extend": form(PROJECT_GROUP, "review", hidden=LOOKING_ON),
    "measures:review-withdraw": form(PROJECT_GROUP, "review", hidden=LOOKING_ON),
    "measures:conditions": reading(ALL),
    "measures:schedule-condition": form(PROJECT_GROUP, "condition", hidden=ALL - PROJECT_GROUP - STEERING - LEAD),
    "measures:respond": form(LEAD, "slot", hidden=LOOKING_ON),
    "measures:settle": form(STEERING, "objection", hidden=ALL - PROJECT_GROUP - STEERING - LEAD),
    "measures:meet-condition": form(PROJECT_GROUP, "condition", hidden=ALL - PROJECT_GROUP - STEERING - LEAD),
    "measures:rankings": reading(TAKING_PART),
    "measures:ranking-create": form(PROJECT_GROUP),
    "measures:ranking": reading(TAKING_PART, "ranking_open", hidden=LOOKING_ON),
    "measures:ranking-edit": form(PROJECT_GROUP, "ranking_planned", hidden=ALL - PROJECT_GROUP - STEERING),
    "measures:ranking-open": form(PROJECT_GROUP, "ranking_planned", hidden=ALL - PROJECT_GROUP - STEERING),
    "measures:ranking-extend": form(PROJECT_GROUP, "ranking_open", hidden=LOOKING_ON),
    "measures:ranking-close": form(PROJECT_GROUP, "ranking_open", hidden=LOOKING_ON),
    "measures:ranking-publish": form(PROJECT_GROUP, "ranking_closed", hidden=LOOKING_ON),
    "measures:ranking-cancel": form(PROJECT_GROUP, "ranking_closed", hidden=LOOKING_ON),
    "measures:ranking-copy": form(PROJECT_GROUP, "ranking_published", hidden=LOOKING_ON),
    "measures:ballot": in_person(200, 405, "ranking_open", VOTERS),
    "measures:ballot-arrange": in_person(405, 422, "ranking_open", VOTERS),
    "measures:ballot-undo": in_person(405, 422, "ranking_open", VOTERS),
    "measures:ballot-submit": in_person(200, 200, "ranking_open", VOTERS),
    "measures:ballot-withdraw": in_person(200, 200, "ranking_handed_in", VOTERS),
    "measures:ranking-results": reading(TAKING_PART, "ranking_closed", hidden=LOOKING_ON),
    "measures:ranking-experts": reading(
        PROJECT_GROUP | STEERING, "ranking_closed", hidden=ALL - PROJECT_GROUP - STEERING
    ),
    "measures:ranking-decide": form(STEERING, "ranking_published", hidden=LOOKING_ON),
}

OF_AN_IMPORT = ALL - PROJECT_GROUP
IMPORTS = {
    "measures:imports": form(PROJECT_GROUP),
    "measures:import-template": reading(PROJECT_GROUP),
    "measures:import": reading(PROJECT_GROUP, "import_ready", hidden=OF_AN_IMPORT),
    "measures:import-columns": form(PROJECT_GROUP, "import_unnamed", hidden=OF_AN_IMPORT),
    "measures:import-confirm": Page({405: ALL}, {302: PROJECT_GROUP, 404: OF_AN_IMPORT}, "import_ready"),
    "measures:import-cancel": Page({405: ALL}, {302: PROJECT_GROUP, 404: OF_AN_IMPORT}, "import_ready"),
}

OF_THE_COUNCIL = ALL - COUNCIL  # what they must not even know of
NEEDS = {
    "measures:needs": reading(TAKING_PART),
    "measures:need-create": form(COUNCIL),
    "measures:need": reading(TAKING_PART, "need_submitted", hidden=LOOKING_ON),
    "measures:need-history": reading(TAKING_PART, "need_submitted", hidden=LOOKING_ON),
    "measures:need-edit": form(COUNCIL, "need_draft", hidden=OF_THE_COUNCIL),
    "measures:need-submit": form(COUNCIL, "need_draft", hidden=OF_THE_COUNCIL),
    "measures:need-discard": form(COUNCIL, "need_draft", hidden=OF_THE_COUNCIL),
    "measures:need-withdraw": form(COUNCIL, "need_submitted", hidden=LOOKING_ON),
    "measures:need-acknowledge": form(PROJECT_GROUP, "need_submitted", hidden=LOOKING_ON),
    "measures:need-extend": form(PROJECT_GROUP, "need_acknowledged", hidden=LOOKING_ON),
    "measures:need-answer": form(PROJECT_GROUP, "need_acknowledged", hidden=LOOKING_ON),
    "measures:need-settle": form(COUNCIL, "need_answered", hidden=LOOKING_ON),
    "measures:need-object": form(COUNCIL, "need_answered", hidden=LOOKING_ON),
    "measures:need-answer-objection": form(STEERING, "need_objected", hidden=LOOKING_ON),
    "measures:need-note": form(COUNCIL, "need_submitted", hidden=LOOKING_ON),
    "measures:need-attach": form(COUNCIL, "need_draft", hidden=OF_THE_COUNCIL),
    "measures:need-attachment": reading(TAKING_PART, "attachment", "attachment", hidden=LOOKING_ON),
    "measures:need-attachment-delete": form(COUNCIL, "draft_attachment", "attachment", hidden=OF_THE_COUNCIL),
    "reporting:need-form": reading(TAKING_PART),
}

TEAMS = PROJECT_GROUP | STEERING
ASKED = LEAD | {"involved_head"}

REPORTING = {
    "reporting:dashboard": reading(ALL),
    "reporting:tasks": reading(ALL),
    "reporting:timeline": reading(ALL),
    "reporting:timeline-pdf": reading(ALL),
    "reporting:brochure": reading(ALL),
    "reporting:brochure-pdf": reading(ALL),
    "reporting:reports": reading(ALL),
    "reporting:measure-sheet": reading(TAKING_PART, "in_review", "code", LOOKING_ON),
    "reporting:report-create": form(PROJECT_GROUP),
    "reporting:report-plan": form(PROJECT_GROUP, "session"),
    "reporting:report-live-preview": Page({405: ALL}, {200: PROJECT_GROUP, 404: ALL - TEAMS - ASKED}, "report"),
    "reporting:report-updates": reading(TEAMS | LEAD, "report_planned", hidden=ALL - TEAMS - LEAD),
    "reporting:report-ask-units": form(PROJECT_GROUP, "report", hidden=ALL - TEAMS - ASKED),
    "reporting:report-discard": form(PROJECT_GROUP, "report", hidden=ALL - TEAMS - ASKED),
    "reporting:report-supplement": form(PROJECT_GROUP, "report_final"),
    "reporting:report": reading(TEAMS | ASKED, "report", hidden=ALL - TEAMS - ASKED),
    "reporting:report-history": reading(TEAMS | ASKED, "report", hidden=ALL - TEAMS - ASKED),
    "reporting:report-reminders": reading(PROJECT_GROUP, "report", hidden=ALL - TEAMS - ASKED),
    "reporting:report-preview": reading(TEAMS | ASKED, "report", hidden=ALL - TEAMS - ASKED),
    "reporting:report-edit": form(PROJECT_GROUP, "report", hidden=ALL - TEAMS - ASKED),
    "reporting:report-build": form(PROJECT_GROUP, "report", hidden=ALL - TEAMS - ASKED),
    "reporting:report-cosign": form(LEAD, "cosignature", "cosignature", hidden=ALL - TEAMS - ASKED),
    "reporting:report-progress": Page({302: TEAMS, 404: ALL - TEAMS}, NOT_ALLOWED, "report_building"),
    "reporting:report-cancel": form(PROJECT_GROUP, "report_building", hidden=ALL - TEAMS),
    "reporting:report-reopen": form(PROJECT_GROUP, "report_ready", hidden=ALL - TEAMS),
    "reporting:report-submit": form(PROJECT_GROUP, "report_ready", hidden=ALL - TEAMS),
    "reporting:report-send-back": form(STEERING, "report_submitted", hidden=ALL - TEAMS),
    "reporting:report-finalise": form(STEERING, "report_submitted", hidden=ALL - TEAMS),
    "reporting:report-supersede": form(STEERING, "report_final"),
    "reporting:report-release": form(PROJECT_GROUP, "report_final"),
    "reporting:report-withdraw-release": form(PROJECT_GROUP, "report_final"),
    **{f"reporting:report-{kind}": reading(ALL, "report_final") for kind in ("pdf", "docx", "xlsx", "oparl")},
}

pytestmark = pytest.mark.django_db


def of_api(get=ALL, post=None, row="", by="pk", hidden=()):
    """An address of the API; the POST of this test is no JSON, which is told (415) whoever may write there."""
    shut = {"other_strategy": (404, 404), "anonymous": (401, 401)}
    return Page({200: get, 404: set(hidden)}, post or {405: ALL}, row, by, outside=shut)


WRITTEN = {415: PROJECT_GROUP}
API_STEP = Page({405: ALL}, WRITTEN, "resource", outside={"other_strategy": (404, 404), "anonymous": (401, 401)})
API = {
    "api-docs": public(),
    "api:schema": public(),
    "api:nothing": public(404, 404, values={"rest": "v1/nothing"}),
    "api:strategy-list": Page({200: ALL}, {405: ALL}, outside={"other_strategy": (200, 405), "anonymous": (401, 401)}),
    "api:fields-list": of_api(),
    "api:fields-detail": of_api(row="field", by="letter"),
    "api:stages-list": of_api(),
    "api:stages-detail": of_api(row="stage", by="number"),
    "api:units-list": of_api(),
    "api:units-detail": of_api(row="unit"),
    "api:measures-list": of_api(post=WRITTEN),
    "api:measures-detail": of_api(TAKING_PART, row="in_review", by="code", hidden=LOOKING_ON),
    "api:milestones-list": of_api(post=WRITTEN),
    "api:milestones-detail": of_api(TAKING_PART, row="milestone", hidden=LOOKING_ON),
    "api:status-updates-list": of_api(post={415: ALL}),
    "api:status-updates-detail": of_api(row="status_update"),
    "api:indicators-list": of_api(post=WRITTEN),
    "api:indicators-detail": of_api(row="indicator"),
    "api:indicator-values-list": of_api(post=WRITTEN),
    "api:indicator-values-detail": of_api(row="indicator_value"),
    "api:resources-list": of_api(post=WRITTEN),
    "api:resources-detail": of_api(row="resource"),
    **{f"api:resources-{step}": API_STEP for step in ("register", "grant", "grant-partly", "refuse", "discard")},
    "api:reviews-list": of_api(TAKING_PART),
    "api:reviews-detail": of_api(TAKING_PART, row="review", hidden=LOOKING_ON),
    "api:needs-list": of_api(TAKING_PART),
    "api:needs-detail": of_api(TAKING_PART, row="need_submitted", hidden=LOOKING_ON),
    "api:rankings-list": of_api(TAKING_PART),
    "api:rankings-detail": of_api(TAKING_PART, row="ranking_open", hidden=LOOKING_ON),
    "api:reports-list": of_api(),
    "api:reports-detail": of_api(row="report_final"),
    "strategy:tokens": personal(200, 422),
    "strategy:token-revoke": Page(
        {200: PROJECT_GROUP, 404: ALL - PROJECT_GROUP},
        {302: PROJECT_GROUP, 404: ALL - PROJECT_GROUP},
        "api_token",
        outside={"other_strategy": (404, 404)},
        standing_in=STANDING_IN | {"deputy_of_lead_head": "reader"},
    ),
}

OPARL = {
    **{f"oparl:{kind}": public() for kind in ("system", "body", "bodies", "papers", "files", "consultations")},
    **{f"oparl:{kind}": public(values={"kind": kind}) for kind in KEPT_ELSEWHERE},
    **{f"oparl:{name}": public(values={"pk": 1, "number": 1}, get=404) for name in ("paper", "consultation")},
    **{f"oparl:{name}": public(values={"pk": 1}, get=404) for name in ("file", "access", "download")},
    "oparl:nothing": public(404, 404, values={"rest": "nothing"}),
}

TABLE = API | OPARL | SIGN_IN | START | BELL | DISPATCH | SETTINGS | MEASURES | IMPORTS | NEEDS | REPORTING
URLS = all_urls()


FOREIGN = "Fremdkörper"


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Built once and undone at the end; each knock is undone by itself. Beside it stands a second strategy."""
    with django_db_blocker.unblock(), undone():
        furnish(World(FOREIGN, "Z"))
        yield furnish(World())


def furnish(world):
    """Every row now, or a test would undo what the next one needs."""
    world.a_light, world.a_membership = world.light("disc"), world.membership("reader")
    for page in TABLE.values():
        getattr(world, page.row or "strategy")
    return world


@pytest.fixture(scope="module")
def door(world):
    return Door(world)


def words_of(answer):
    """The body as text; a file is streamed."""
    return (b"".join(answer) if answer.streaming else answer.content).decode(errors="replace")


def test_every_address_has_an_expectation():
    assert set(URLS) - set(TABLE) == set()


#: Who stands in for somebody, or has an account no longer, is asked in the slow run.
PEOPLE = [(*INSIDE, *OUTSIDE), pytest.param(tuple(STANDING_IN), marks=pytest.mark.slow)]


@pytest.mark.parametrize("name", sorted(URLS))
@pytest.mark.parametrize("people", PEOPLE, ids=["themselves", "in place of others"])
def test_everybody_gets_what_is_due(name, people, world, door):
    page, names = TABLE[name], URLS[name]
    url = reverse(name, kwargs=page.kwargs(world, names))
    cells = [(who, method) for who in people for method in ("get", "post")]

    answers = {(who, method): door.knock(who, method, url) for who, method in cells}

    is_inside = not {"strategy", "slug"}.isdisjoint(names)
    expected = {(who, method): page.expected(who, method, is_inside) for who, method in cells}
    assert {cell: answer.status_code for cell, answer in answers.items()} == expected
    assert [cell for cell, answer in answers.items() if FOREIGN in words_of(answer)] == []
    if "strategy" in names and "anonymous" in people:
        assert answers["anonymous", "get"].headers["Location"] == f"/accounts/login/?next={url}"


OTHERS = ("put", "patch", "delete")
PAGES = sorted(name for name in URLS if not name.startswith(("account_", "api", "mfa_")))  # a package's, and programs'


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_no_page_knows_other_methods(name, world, door):
    """Whoever may see the page gets nothing by them, somebody unknown is asked to sign in at most."""
    page, names = TABLE[name], URLS[name]
    url = reverse(name, kwargs=page.kwargs(world, names))
    sees = min(page.get.get(200) or page.post.get(200) or page.post.get(302) or ALL)

    answers = {(who, method): door.knock(who, method, url) for who in (sees, "anonymous") for method in OTHERS}

    got = {cell: answer.status_code for cell, answer in answers.items()}
    assert {status for (who, _method), status in got.items() if who == sees} <= {403, 404, 405}
    assert {status for (who, _method), status in got.items() if who == "anonymous"} <= {302, 403, 404, 405}
