"""The timeline on A3, upright: the same picture as on the page, then its table.

Set with the report's style, faces and finisher.
"""

from .single import print_single

ROOM = 1560  # units of the picture that fit on a page below the heading: 257 mm are 1160 of them


def render(timeline, filters, plan) -> bytes:
    """The PDF of a timeline; ``filters`` are the words of what it was cut down by, ``plan`` what it is held against."""
    context = {
        "timeline": timeline,
        "strategy": timeline.strategy,
        "charts": timeline.charts(ROOM),
        "filters": filters,
        "plan": plan,
        "lights": {m.light.code: m.light for m in timeline.measures if m.light}.values(),
    }
    return print_single("timeline", context)
