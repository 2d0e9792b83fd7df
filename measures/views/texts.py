"""What differs between two texts of a measure."""

from measures.models import Measure


def text_changes(before, after):
    """[{label, before, after}] of the core fields that differ."""
    return [
        {
            "label": Measure._meta.get_field(name).verbose_name,
            "before": getattr(before, name),
            "after": getattr(after, name),
        }
        for name in before.differing(after)
    ]
