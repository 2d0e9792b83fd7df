"""The brochure on paper: cover, vision, figures, field by field, stages; set with the report's faces and finisher."""

from .german import settable
from .single import print_single

# Letters up to which a title is set in this size: a word of it shall not break on the cover.
SIZES = ((40, "large"), (90, "medium"))


def render(brochure) -> bytes:
    """The PDF of a ``reporting.brochure.Brochure``, whose words have to be German."""
    brochure = settable(brochure)
    size = next((name for letters, name in SIZES if len(brochure.title) <= letters), "small")
    return print_single("brochure", {"brochure": brochure, "size": size})
