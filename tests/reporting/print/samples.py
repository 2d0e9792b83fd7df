"""Projections for the tests of the paper: the real strategy with example values, single measures, GRDrs 972/2023."""

import json
import random
import re
from pathlib import Path

from reporting.print.projection import (
    Agreement,
    Change,
    Consultation,
    FieldOfAction,
    Indicator,
    Level,
    Light,
    Measure,
    Milestone,
    Need,
    Note,
    Paper,
    Point,
    Projection,
    Ranked,
    Ranking,
    Resource,
    Signature,
    Strategy,
)

FACTS = Path("fixtures/strategy_facts.json")
TEXT_OF_972 = Path(__file__).with_name("grdrs_972_2023.txt")

LIGHTS = (
    Light(code="plan", word="planmäßig", meaning="die Maßnahme liegt im Zeit- und Kostenrahmen", shape="disc"),
    Light(
        code="risk",
        word="gefährdet",
        meaning="Termin, Kosten oder Ziel sind in Gefahr, Gegensteuerung läuft",
        shape="triangle",
    ),
    Light(code="late", word="verzögert", meaning="Termin überschritten, Entscheidung nötig", shape="octagon"),
    Light(code="none", word="nicht begonnen", meaning="beschlossen, Beginn steht bevor", shape="ring"),
    Light(code="done", word="abgeschlossen", meaning="Ziel erreicht, in die Linie übergegangen", shape="square"),
)
STATES = ("in Beteiligung", "beschlossen", "in Umsetzung", "angehalten", "abgeschlossen")
STATE_OF_LIGHT = {"none": "beschlossen", "done": "abgeschlossen"}
GOAL = "Bis Ende 2027 sinkt die mittlere Zeit von der Ausschreibung bis zur Zusage auf höchstens zehn Wochen."
STATUS = "Die Ansprache wurde mit den Ämtern abgestimmt; die Auswertung der Zugriffe liegt vierteljährlich vor."
NEXT_STEPS = "Auswertung der ersten Welle und Abstimmung der Motive mit dem Gesamtpersonalrat."
STEPS = (
    "Konzept abgestimmt",
    "Beteiligung der Personalvertretung abgeschlossen",
    "Erprobung in ausgewählten Ämtern begonnen",
    "Übergang in den Regelbetrieb",
)
NOTE = Note(
    lead="Muster.",
    text="Gegenstand und Zeitraum der Maßnahmen sind öffentlichen Quellen entnommen. Was ein Beispielwert ist, sagt "
    "jedes Blatt. Die Namen der Handlungsfelder sind abgeleitet.",
)
PREFACE = (
    "Die Personalstrategie workSTUgether lag dem Gemeinderat am 12.10.2023 zur Kenntnisnahme vor (GRDrs 972/2023). "
    "Dieser Bericht stellt den Stand der Umsetzung dar: zuerst im Überblick, danach je Handlungsfeld und Maßnahme auf "
    "einem Blatt gleicher Gliederung."
)
EXAMPLE = (
    "goal",
    "responsible",
    "stage",
    "priority",
    "state",
    "phase",
    "light",
    "progress",
    "status",
    "next_steps",
    "milestones",
    "resources",
)


def measure(code="A1", **values):
    return Measure(**{"code": code, "title": "Arbeitgebermarke Stuttgart von Beruf", "state": "in Umsetzung", **values})


def field(letter="A", *measures, **values):
    return FieldOfAction(letter=letter, **{"title": "Personalgewinnung", **values}, measures=measures)


def paper(**values):
    return Paper(
        **{
            "referate": ("Referat Allgemeine Verwaltung/Kultur und Recht",),
            "gz": "AKR/10",
            "reference": "GRDrs 123/2026",
            "dated_on": "2026-10-12",
            "subject": "workSTUgether: Sachstandsbericht zur Personalstrategie Stuttgart 2030",
            "consultations": (
                Consultation(body="Verwaltungsausschuss", purpose="Vorberatung", is_public=False, held_on="2026-10-21"),
                Consultation(body="Gemeinderat", purpose="Kenntnisnahme", is_public=True, held_on="2026-10-22"),
            ),
            "text": "Der Bericht stellt den Stand der Umsetzung dar.",
            "is_summary": True,
            "cosignatures": ("Referat WFB", "51 Jugendamt"),
            "signatures": (Signature(function="Erster Bürgermeister"),),
            "annexes": (
                "Anlage 1: Sachstandsbericht",
                "Anlage 2: Gesamtübersicht der Maßnahmen",
            ),
            **values,
        }
    )


def projection(*fields, **values):
    return Projection(
        **{
            "as_of": "2026-09-30",
            "strategy": Strategy(name="workSTUgether", subtitle="Personalstrategie Stuttgart 2030"),
            "paper": paper(),
            "lights": LIGHTS,
            "states": STATES,
            "made_with": {"WeasyPrint": "70.0"},
            **values,
        },
        fields=fields,
    )


def real_strategy(size=48, **values):
    """The documented measures with example values, deterministic; more than 48 repeat them under new codes."""
    facts = json.loads(FACTS.read_text())
    chance = random.Random(972)  # noqa: S311 - the same example values each time
    fields = [
        FieldOfAction(
            letter=letter,
            title=fact["title_de"],
            summary=fact["summary_de"],
            provenance="derived",
            measures=[
                _measure(f"{letter}{number}", found, facts["indicators"], chance)
                for number, found in enumerate(_repeated(facts, fact["key"], size), 1)
            ],
        )
        for letter, fact in zip("ABCDEFGH", facts["fields_of_action"], strict=True)
    ]
    return projection(
        *fields,
        **{
            "mark": "Muster mit Beispielwerten",
            "notes": (NOTE,),
            "preface": PREFACE,
            **values,
        },
    )


LEVELS = (Level(word="hoch", least="0.7"), Level(word="mittel", least="0.5"), Level(word="gering", least="0"))
PROPOSED = (  # place, code, title, median of each group, quartiles
    (1, "G5", "Personalwohnungen mit der SWSG", "4", "5", "3", "2", "9"),
    (2, "D1", "Mobiles Arbeiten als Regelangebot", "5.5", "4", "3", "3", "10"),
    (3, "B4", "Direkteinstieg Kita für Quereinsteigende", "5", "5", "3", "3", "11"),
    (4, "G1", "Kostenfreies Deutschlandticket für Mitarbeitende", "6", "6", "5", "4", "10"),
    (5, "G4", "Azubi-Wohnen (WG-Zimmer)", "8.5", "7", "4", "2", "13"),
    (6, "A5", "Maßnahmenpaket Personalgewinnung DHH 2024/2025", "7.5", "7", "5", "3", "12"),
    (7, "B1", "Ausbildungs- und Studienplätze auf hohem Niveau halten", "7", "7", "7", "4", "12"),
    (10, "A7", "Arbeitsmarktzulagen und vorzeitige Stufengewährung", "11.5", "11", "13", "7", "18"),
)
CONTRASTS = (
    (14, "D6", "Neue Verwaltungsflächen (Anmietung Bollwerk)", "9.5", "21", "36", "7", "24"),
    (27, "D5", "Konzept Shared Desk / Desk-Sharing", "19", "45.5", "24", "17", "39"),
    (16, "D3", "Elektronische Akte (DMS)", "19", "9", "31", "10", "25"),
    (22, "E6", "Wissenssicherung bei Altersabgängen", "27", "25.5", "9", "16", "31"),
    (36, "E7", "Jährlicher Personalbericht", "36.5", "19", "37", "24", "37"),
)


def agreement(code="department_heads", name="Amtsleitungen", **values):
    return Agreement(**{"code": code, "name": name, "ballots": 26, "w": "0.67", "word": "mittel", **values})


def ranking(**values):
    """The round of picture 08 in ``interface/``."""
    return Ranking(
        **{
            "title": "Runde 1",
            "published_on": "2023-09-04",
            "measures": 48,
            "electors": 71,
            "smallest": 5,
            "groups": (
                agreement(),
                agreement("administrative_heads", "Verwaltungsleitungen", ballots=12, w="0.69"),
                agreement("project_group", "Projektgruppe", ballots=5, w="0.81", word="hoch"),
            ),
            "overall": agreement("all", "Alle zusammen", ballots=43, w="0.65"),
            "levels": LEVELS,
            "proposed": ranked(PROPOSED),
            "contrasts": ranked(CONTRASTS),
            "is_example": True,
            **values,
        }
    )


def ranked(rows):
    return tuple(
        Ranked(place=place, code=code, title=title, medians=medians, q1=q1, q3=q3)
        for place, code, title, *medians, q1, q3 in rows
    )


def need(number="N1", **values):
    """Received on 3 November; on the 20th it is day 17 of 21."""
    return Need(
        **{
            "number": number,
            "title": "Nahtlose Nachbesetzung bei Mutterschutz",
            "received_on": "2026-11-03",
            "due_on": "2026-11-24",
            **values,
        }
    )


def needs():
    """Each outcome once, an objection, one without answer."""
    return (
        need(
            "N1",
            title="Auswahlverfahren für Quereinsteigende",
            received_on="2026-08-10",
            outcome="merged",
            answered_on="2026-08-28",
            reason="Die Auswahlverfahren sind Teil der Maßnahme.",
            measure="A6",
            light="risk",
            is_settled=True,
        ),
        need(
            "N2",
            title="Wohnplätze für Auszubildende",
            received_on="2026-09-01",
            outcome="declined",
            answered_on="2026-09-18",
            reason="Über weitere Zimmer ist erst nach der Bilanz der ersten 16 zu entscheiden.",
            objected_on="2026-09-22",
        ),
        need(
            "N3",
            title="Gesundheitsmanagement und Sozialberatung stärken",
            received_on="2026-09-07",
            outcome="adopted",
            answered_on="2026-09-25",
            reason="Die Sozialberatung wird ausgebaut.",
            measure="F1",
            light="plan",
        ),
        need("N4", received_on="2026-09-20", due_on="2026-10-11"),
        need(
            "N5",
            title="Dezentrale Personalentwicklung in den Ämtern",
            kind="application",
            received_on="2026-08-12",
            outcome="deferred",
            answered_on="2026-08-30",
            reason="Zehn Stellen sind erst im Doppelhaushalt 2028/2029 anzumelden.",
            stage="Stufe 3: Verstetigung",
        ),
    )


def later_parts():
    """What later reports add: needs, the last ranking round, changes, deviations, outlook."""
    return {
        "needs": needs(),
        "needs_note": "Beispielliste: Die Bedarfe sind öffentlich belegt, die Antworten sind Beispiele.",
        "ranking": ranking(),
        "deviations": "Zwei Maßnahmen beginnen später.",
        "participation": "Die Gesamtpersonalvertretung ist an allen Maßnahmen beteiligt worden.",
        "outlook": "Die Bedarfe für den Doppelhaushalt 2028/2029 werden bis zum Frühjahr 2027 zusammengeführt.",
        "last_report": "2026-03-31",
        "changes": (
            Change(
                code="A1",
                title="Arbeitgebermarke",
                light_before="risk",
                light_after="plan",
                progress_before=65,
                progress_after=85,
            ),
            Change(code="A2", title="Neu hinzugekommen", light_before=None, light_after="none"),
        ),
    }


def grdrs_972_2023():
    """The paper that brought the strategy to the council: the text as published, its line-end hyphens undone."""
    return Projection(
        as_of="2023-10-10",
        strategy=Strategy(name="workSTUgether", subtitle="Personalstrategie Stuttgart 2030"),
        with_annexes=False,
        paper=Paper(
            referate=("Referat Allgemeine Verwaltung/Kultur und Recht",),
            reference="GRDrs 972/2023",
            dated_on="2023-10-10",
            subject="workSTUgether: Personalstrategie 2030",
            consultations=(
                Consultation(
                    body="Verwaltungsausschuss", purpose="Kenntnisnahme", is_public=True, held_on="2023-10-11"
                ),
                Consultation(body="Gemeinderat", purpose="Kenntnisnahme", is_public=True, held_on="2023-10-12"),
            ),
            text=TEXT_OF_972.read_text().strip(),
            signatures=(Signature(name="Dr. Fabian Mayer", function="Erster Bürgermeister"),),
            annexes=("Broschüre workSTUgether Personalstrategie Stuttgart 2030", "Anlage 1 zu GRDrs 972/2023"),
        ),
    )


def _repeated(facts, key, size):
    found = [fact for fact in facts["measures"] if fact["field"] == key]
    wanted = round(size * len(found) / len(facts["measures"]))
    return [found[index % len(found)] for index in range(wanted)]


def _measure(code, fact, indicators, chance):
    light = _light(fact, chance)
    progress = {"done": 100, "none": 0}.get(light, chance.randrange(20, 95, 5))
    documented = _indicator(fact, indicators)
    return Measure(
        code=code,
        title=fact["title_de"],
        description=fact["summary_de"],
        goal=GOAL,
        lead_unit=fact["lead_unit"],
        responsible="Abteilungsleitung",
        stage=f"Stufe {chance.randint(1, 3)}",
        begins=str(fact["stage_year_from"] or ""),
        ends=str(fact["stage_year_to"] or ""),
        is_permanent=fact["stage_year_from"] is None,
        priority=chance.choice(["sehr hoch", "hoch", "mittel"]),
        state=STATE_OF_LIGHT.get(light, "in Umsetzung"),
        phase=chance.choice(["Konzeption", "Pilot", "Roll-out", "Regelbetrieb"]),
        light=light,
        progress=progress,
        status=STATUS,
        status_on="2026-09-15",
        next_steps=NEXT_STEPS,
        milestones=_milestones(progress, chance),
        indicator=documented or _example_indicator(progress, chance),
        resources=_resources(chance),
        example=EXAMPLE if documented else (*EXAMPLE, "indicator"),
        sources=[fact["source"]] if fact["source"] else [],
    )


def _light(fact, chance):
    if "abgeschlossen" in (fact["status_known"] or ""):
        return "done"
    return chance.choices(["plan", "risk", "late"], [6, 3, 1])[0] if fact["documented"] else "none"


def _milestones(progress, chance):
    reached = round(progress / 40)
    titles = chance.sample(STEPS, 3)
    days = (f"{2025 + index}-{chance.choice(['03-31', '06-30', '09-30'])}" for index in range(3))
    states = ["reached"] * reached + ["open"] * 3
    rows = zip(days, titles, states, strict=False)
    return [Milestone(due=due, title=title, state=state) for due, title, state in rows]


def _indicator(fact, indicators):
    for indicator in indicators:
        if indicator["measure"] == fact["title_de"] and len(indicator["points"]) > 1:
            points = [
                Point(when=_day(point["date"]), value=str(point["value"]), source=point["source"])
                for point in indicator["points"]
            ]
            return Indicator(name=indicator["name_de"], unit=indicator["unit"].replace("EUR", "€"), points=points)


def _day(text):
    return found[0] if (found := re.match(r"\d{4}(-\d\d)*", text or "")) else ""


def _example_indicator(progress, chance):
    values = [17 - year * progress / 100 * 7 / 3 * chance.uniform(0.9, 1.1) for year in range(4)]
    points = [Point(when=str(2023 + year), value=f"{value:.1f}") for year, value in enumerate(values)]
    return Indicator(name="Zeit bis zur Zusage", unit="Wochen", points=points, target="10", target_year=2030)


def _resources(chance):
    positions, euros = chance.choice(["", "0.5", "1", "3"]), chance.choice(["", "40000", "85000", "340000"])
    state = chance.choice(["angemeldet", "bewilligt"])
    return [
        Resource(kind=kind, year=year, amount=amount, state=state)
        for year in (2026, 2027)
        for kind, amount in (("positions", positions), ("operating", euros))
        if amount
    ]
