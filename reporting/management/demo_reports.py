"""The demo's council papers: made with the portal's own verbs, their documents set by the real build."""

import json
from datetime import date, timedelta

from django.utils import timezone

from reporting import building
from reporting.models import CoSignature, CouncilReport
from strategy.actor import Actor
from strategy.models import CouncilSession, OrganisationalUnit, User


def make_reports(strategy, folder, say):
    """Make the papers described in ``reports.json``. Calls ``say`` with a sentence before each; returns how many."""
    described = json.loads((folder / "reports.json").read_text(encoding="utf-8"))
    for description in described:
        DemoReport(strategy, folder, description).make(say)
    return len(described)


class DemoReport:
    def __init__(self, strategy, folder, description):
        self.strategy, self.folder, self.description = strategy, folder, description
        self.today = timezone.localdate()
        self.by = self.actor("projektgruppe")

    def actor(self, name):
        return Actor.of(User.objects.get(username=name))

    def make(self, say):
        report = CouncilReport.objects.create_draft(by=self.by, strategy=self.strategy, **self.values())
        say(f"Making the council paper “{report}”")
        report.edit(by=self.by, version=report.version, changes=self.asked(), rows=lambda: self.rows(report))
        CouncilReport.objects.filter(pk=report.pk).update(provenance=self.marks())
        report.refresh_from_db()
        if report.cosignatures.filter(state=CoSignature.State.PLANNED).exists():
            report.ask_units(by=self.by)
        self.cosign(report)
        if self.description["until"] in ("final", "released"):
            self.finalise(report)
        if self.description["until"] == "released":
            report.release(by=self.by)

    def values(self):
        values = dict(self.description["values"])
        if "text_of" in self.description:
            values["text"] = (self.folder / self.description["text_of"]).read_text(encoding="utf-8").strip()
        if "number" in values:
            values["number"] = values["number"].format(year=self.today.year)
            values["dated_on"] = date.fromisoformat(values["dated_on"]) if "dated_on" in values else self.today
        if "cosign_in_days" in self.description:
            values["cosign_due_on"] = self.today + timedelta(days=self.description["cosign_in_days"])
        return values

    def marks(self):
        return dict.fromkeys(self.description.get("marks", ()), "example")

    def asked(self):
        numbers = [*self.description.get("cosigned", ()), *self.description.get("asked", ())]
        units = OrganisationalUnit.objects.filter(strategy=self.strategy, number__in=numbers)
        return {"cosigning_units": list(units)} if numbers else {}

    def rows(self, report):
        for position, session in enumerate(self.sessions()):
            report.consultations.create(position=position, session=session, purpose="information")
        for position, (name, function) in enumerate(self.description.get("signatures", ())):
            report.signatures.create(position=position, name=name, function=function)
        for position, title in enumerate(self.description.get("annexes", ())):
            report.annexes.create(position=position, title=title)

    def sessions(self):
        known = CouncilSession.objects.filter(strategy=self.strategy).order_by("held_on")
        for body, held_on in self.description.get("sessions", ()):
            yield known.get(body__abbreviation=body, held_on=held_on)
        for body in self.description.get("next_sessions", ()):
            yield known.filter(body__abbreviation=body, held_on__gt=self.today).first()

    def cosign(self, report):
        for row in report.cosignatures.filter(unit__number__in=self.description.get("cosigned", ())):
            name = self.description["cosigned"][row.unit.number]
            row.sign(by=self.actor(name), text_hash=report.text_hash())

    def finalise(self, report):
        report.build(by=self.by)
        building.run(report.latest_build().pk)
        report.submit(by=self.by)
        report.finalise(by=self.actor("lenkungsteam"), typed_number=report.number)
