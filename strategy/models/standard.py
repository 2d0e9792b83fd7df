"""What a new strategy begins with; all of it is data of the strategy afterwards and may be changed there."""

from .scales import Light, Phase, Priority

# Words of design.md §1; the meanings stand in every report's legend.
LIGHTS = (
    ("on-track", Light.Shape.DISC, "planmäßig", "Die Maßnahme liegt im Zeit- und Kostenrahmen."),
    ("at-risk", Light.Shape.TRIANGLE, "gefährdet", "Termin, Kosten oder Ziel sind in Gefahr, Gegensteuerung läuft."),
    ("delayed", Light.Shape.OCTAGON, "verzögert", "Der Termin ist überschritten, eine Entscheidung ist nötig."),
    ("not-begun", Light.Shape.RING, "nicht begonnen", "Der Beginn steht bevor."),
    ("completed", Light.Shape.SQUARE, "abgeschlossen", "Das Ziel ist erreicht."),
)
PHASES = (
    ("concept", "Konzeption"),
    ("pilot", "Pilot"),
    ("roll-out", "Roll-out"),
    ("regular", "Regelbetrieb"),
)
PRIORITIES = (
    ("very-high", "sehr hoch"),
    ("high", "hoch"),
    ("medium", "mittel"),
    ("low", "gering"),
)


def give_standard_scales(strategy):
    """Lights, phases and priorities in the words of Stuttgart's administration."""
    for position, (code, shape, title, meaning) in enumerate(LIGHTS, start=1):
        Light.objects.create(strategy=strategy, code=code, shape=shape, title=title, meaning=meaning, position=position)
    for scale, words in ((Phase, PHASES), (Priority, PRIORITIES)):
        for position, (code, title) in enumerate(words, start=1):
            scale.objects.create(strategy=strategy, code=code, title=title, position=position)
