"""What nobody but its owners may ever meet, planted in a world, for the crawl of ``tests/test_canary.py``.

A new kind of secret is a line in ``CANARIES``: who owns it, and a function that plants it and says by which words it
would be known. The crawl does the rest.
"""

from collections.abc import Callable
from dataclasses import dataclass

from measures.models import Need, NeedNote, SavedView
from tests.measures import rankings

WORD, SEED = "Kanarienvogel", "Hirse"  # the seed is searched for, the bird must not be found


@dataclass(frozen=True)
class Secret:
    """Planted: the words nobody else may read, the rows with addresses of their own, the tables it may stand in."""

    words: tuple[str, ...]
    rows: tuple
    stored_in: frozenset[str]


@dataclass(frozen=True)
class Canary:
    """A kind of secret; ``owners`` are names of ``tests.world.INSIDE``."""

    owners: frozenset[str]
    plant: Callable[[object], Secret]


def plant_need(world):
    """A draft with everything a draft can have, one discarded, notes, and what a submitted one said before."""
    council, text = world.actor("staff_council"), f"{WORD} frisst {SEED}"
    words = {"title": text, "text": text, "reasons": text, "affected_groups": text, "urgency": Need.Urgency.HIGH}
    draft = Need.objects.create_draft(by=council, strategy=world.strategy, affected_units=[world.unit], **words)
    draft.edit(by=council, version=1, changes={"title": f"{text}!", "wished_stage": world.stage})
    Need.objects.create_draft(by=council, strategy=world.strategy, **words).discard(by=council)
    for need in (draft, world.need_submitted):
        NeedNote.objects.write(need, by=council, text=text)
    Need.changes.filter(id=world.need_submitted.pk, history_type="+").update(title=text, text=text)
    return Secret(
        words=(WORD,),
        rows=(draft, world.attach(draft, f"{WORD}.txt", text)),
        stored_in=frozenset(
            [
                "measures.Need",
                "measures.HistoricalNeed",
                "measures.NeedNote",
                "measures.Attachment",
                "measures.HistoricalAttachment",
                "strategy.Transition",
            ]
        ),
    )


def plant_ballot(world):
    """The order in which the lead unit's head has put the measures so far; neither deputy nor machine may know it."""
    ballot = rankings.arrange(world.ranking_open, world.lead_head)
    order = [str(item) for item in ballot.order]
    return Secret(words=("[" + ", ".join(order), ",".join(order)), rows=(), stored_in=frozenset(["measures.Ballot"]))


def plant_saved_view(world):
    """A question somebody keeps to themselves says what they are after."""
    view = SavedView.objects.keep(
        world.strategy, by=world.actor("steering_team"), name=f"{WORD} {SEED}", query=f"q={SEED}+{WORD}&columns=tags"
    )
    return Secret(words=(WORD,), rows=(view,), stored_in=frozenset(["measures.SavedView"]))


CANARIES = {
    "need": Canary(owners=frozenset(["staff_council"]), plant=plant_need),
    "ballot": Canary(owners=frozenset(["lead_head"]), plant=plant_ballot),
    "saved view": Canary(owners=frozenset(["steering_team"]), plant=plant_saved_view),
}
