"""What the paper says of the staff council's further needs and of what became of them."""

from dataclasses import dataclass
from datetime import date

from .german import day
from .projection import Need

INFORMAL = "Informelle Bedarfe"
APPLICATIONS = "Anträge nach § 84 LPVG"
OUTCOMES = {
    "adopted": "übernommen",
    "merged": "zusammengeführt",
    "deferred": "zurückgestellt",
    "declined": "nicht übernommen",
}


@dataclass(frozen=True)
class Row:
    """A need as its row shows it: sentences on what became of it, and the measure it became."""

    need: Need
    answer: str
    objection: str

    @property
    def became(self):
        """The code of its measure; one not yet shown to the readers of this variant is being worked out."""
        return self.need.measure or ("wird erarbeitet" if self.need.outcome == "adopted" else "–")


@dataclass(frozen=True)
class Table:
    title: str
    rows: list[Row]


def tables_of(needs, as_of):
    """Informal needs and applications apart: these rest on the law, those do not, and no list may mix them."""
    kinds = {"informal": INFORMAL, "application": APPLICATIONS}
    found = {kind: [need for need in needs if need.kind == kind] for kind in kinds}
    today = date.fromisoformat(as_of)
    return [Table(kinds[kind], [_row(need, today) for need in rows]) for kind, rows in found.items() if rows]


def note_of(needs):
    """The sentences before the tables."""
    said = ["Die Gesamtpersonalvertretung hat eigene Bedarfe in den Strategieprozess eingebracht."]
    said.append("Die Übersicht nennt jeden Bedarf und was daraus wurde.")
    if any(need.kind == "informal" for need in needs):
        said.append("Informelle Bedarfe sind keine Anträge nach dem Landespersonalvertretungsgesetz.")
    if any(need.is_confidential for need in needs):
        said.append("Als vertraulich bezeichnete Bedarfe stehen nur in der nichtöffentlichen Fassung.")
    return " ".join(said)


def _row(need, today):
    return Row(need, _answer(need) if need.outcome else _clock(need, today), _objection(need))


def _answer(need):
    """“übernommen am 25.09.2026: Die Sprechstunde beginnt im Herbst.”"""
    reason = f": {need.reason}" if need.reason else "."
    return f"{OUTCOMES[need.outcome]} am {day(need.answered_on)}{_target(need)}{reason}"


def _target(need):
    if need.need:
        return f" mit Bedarf {need.need}"
    if need.outcome == "merged" and need.measure:
        return f" mit Maßnahme {need.measure}"
    return f" auf „{need.stage}“" if need.stage else ""


def _clock(need, today):
    """An answer is due so many days after receipt; “Tag 17 von 21” is how the portal counts them."""
    due, received = date.fromisoformat(need.due_on), date.fromisoformat(need.received_on)
    if today > due:
        return f"noch nicht beantwortet, seit dem {day(need.due_on)} überfällig"
    counted = f"Tag {(today - received).days} von {(due - received).days}"
    return f"noch nicht beantwortet, Frist {day(need.due_on)} ({counted})"


def _objection(need):
    if not need.objected_on:
        return ""
    raised = f"Einwand vom {day(need.objected_on)}"
    if not need.objection_answered_on:
        return f"{raised}, vom Lenkungsteam noch nicht beantwortet."
    answer = f": {need.objection_answer}" if need.objection_answer else "."
    return f"{raised}, vom Lenkungsteam beantwortet am {day(need.objection_answered_on)}{answer}"
