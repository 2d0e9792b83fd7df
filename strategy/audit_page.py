"""What an administrator reads of the audit trail: accesses and changes of rights, without any contents.

Steps and changes of the work itself stand in the history, where each reader's rights are asked.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, F, Q, Value
from django.utils.translation import gettext_lazy as _

from strategy.access import known_codes
from strategy.models import AccessEvent, Deputyship, Erasure, Membership, User

RIGHTS, ERASED = "rights", "erased"
KINDS = [*AccessEvent.Kind.choices, (RIGHTS, _("roles and deputyships changed")), (ERASED, _("rows erased"))]
DONE = {"+": _("given"), "~": _("changed"), "-": _("taken away")}

# What most leave with, in words; of any other page its name in the code, which those who run the portal understand.
PLACES = {
    "measures:list": _("Measures"),
    "measures:needs": _("Needs"),
    "measures:reviews": _("Reviews"),
    "measures:indicators": _("Indicators"),
    "measures:resources": _("Resources"),
    "measures:attachment": _("Attachment"),
    "measures:need-attachment": _("Attachment"),
    "measures:ranking-results": _("Results"),
    "reporting:measure-sheet": _("Sheet as PDF"),
    "reporting:timeline-pdf": _("Timeline"),
    "reporting:brochure-pdf": _("Brochure"),
    "reporting:report-pdf": _("Report (PDF)"),
    "reporting:report-docx": _("Report (Word)"),
    "reporting:report-xlsx": _("Report (tables)"),
    "reporting:report-oparl": _("Report (OParl)"),
    "strategy:audit": _("Audit trail"),
    "strategy:own-data-file": _("Your data"),
}

# Why, as the log has it, in words; what is not here is told as it stands there.
REASONS = {
    "wrong name or password": _("wrong name or password"),
    "too many attempts": _("too many attempts"),
    "account closed": _("account switched off"),
    "single sign-on: no group": _("office account without a role"),
    "totp": _("app with codes"),
    "webauthn": _("passkey"),
    "reset by the operator": _("reset by the operator"),
    "one": _("one device"),
    "all": _("all devices"),
}


@dataclass(frozen=True)
class Entry:
    """``who`` is a function where there is one, ``what`` the kind, ``about`` a page, code, role or number."""

    at: datetime
    who: object
    in_place_of: object
    what: str
    about: str


def members_of(strategy):
    """Whoever holds or held a role here."""
    return User.objects.filter(pk__in=Membership.objects.filter(strategy=strategy).values("user"))


def rows(strategy, *, start, end, kind="", person=None):
    """The moments of that time as a union of (moment, table, row), the newest first."""
    wanted = {
        "access": accesses(strategy, kind),
        "membership": changes(Membership, strategy, kind),
        "deputyship": changes(Deputyship, strategy, kind),
        "erasure": erasures(strategy, kind),
    }
    found = [narrowed(name, table, moment, who, start, end, person) for name, (table, moment, who) in wanted.items()]
    return found[0].union(*found[1:], all=True).order_by("-moment", "table", "-row")


def narrowed(name, table, moment, who, start, end, person):
    within = table.filter(**{f"{moment}__gte": start, f"{moment}__lt": end})
    if person:
        within = within.filter(**{who: person})
    told = {"moment": F(moment), "table": Value(name, CharField()), "row": F("pk")}
    return within.order_by().annotate(**told).values_list("moment", "table", "row")


def accesses(strategy, kind):
    """Those in the strategy, and the sign-ins of its members, which belong to no strategy."""
    here = Q(strategy=strategy) | Q(strategy=None, user__in=members_of(strategy))
    of_kind = Q(kind=kind) if kind else Q()
    return AccessEvent.objects.filter(here, of_kind), "at", "user"


def changes(model, strategy, kind):
    rows = model.changes.filter(strategy=strategy)
    return rows if kind in ("", RIGHTS) else rows.none(), "history_date", "history_user"


def erasures(strategy, kind):
    rows = Erasure.objects.filter(Q(strategy=strategy) | Q(strategy=None))
    return rows if kind in ("", ERASED) else rows.none(), "at", "user"


def entries(found, actor, strategy):
    """The rows of one page in words; a constant number of queries."""
    ids = {}
    for _moment, table, row in found:
        ids.setdefault(table, []).append(row)
    read = {
        "access": AccessEvent.objects.select_related("user", "in_place_of").in_bulk(ids.get("access", [])),
        "membership": in_bulk(Membership, ids.get("membership", [])),
        "deputyship": in_bulk(Deputyship, ids.get("deputyship", [])),
        "erasure": Erasure.objects.select_related("user").in_bulk(ids.get("erasure", [])),
    }
    codes = known_codes(actor, strategy, {event.reference for event in read["access"].values()} - {""})
    return [IN_WORDS[table](read[table][row], codes) for _moment, table, row in found]


def in_bulk(model, ids):
    people = ("history_user", "in_place_of", "user" if model is Membership else "deputy")
    return model.changes.select_related(*people).in_bulk(ids)


def access(row, codes):
    code = row.reference if row.reference in codes else ""
    place = PLACES.get(row.address, row.address)
    about = " · ".join(str(part) for part in (code, place, REASONS.get(row.because, row.because)) if part)
    return Entry(row.at, row.user, row.in_place_of, row.get_kind_display(), about)


def membership(row, codes):
    about = f"{row.get_role_display()}: {row.user} ({DONE[row.history_type]})"
    return Entry(row.history_date, row.history_user, row.in_place_of, dict(KINDS)[RIGHTS], about)


def deputyship(row, codes):
    about = f"{Deputyship._meta.verbose_name}: {row.deputy} ({DONE[row.history_type]})"
    return Entry(row.history_date, row.history_user, row.in_place_of, dict(KINDS)[RIGHTS], about)


def erasure(row, codes):
    about = f"{row.get_reason_display()}: {len(row.rows)}"
    return Entry(row.at, row.user, None, dict(KINDS)[ERASED], about)


IN_WORDS = {"access": access, "membership": membership, "deputyship": deputyship, "erasure": erasure}
