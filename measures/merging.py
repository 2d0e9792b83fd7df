"""Three-way merge of what two people made of the same measure: plain values, no database.

The base is what both saw when they began. Only what both changed, and differently, has to be asked.
"""

from dataclasses import dataclass, field

UNKNOWN = object()  # the base is not on record: then every difference is asked


@dataclass
class Merge:
    asked: list = field(default_factory=list)
    from_me: list = field(default_factory=list)
    from_them: list = field(default_factory=list)
    result: dict = field(default_factory=dict)


def merge(base: dict, mine: dict, theirs: dict) -> Merge:
    """Merge {key: value}; a key that is missing means None. Sets are merged member by member."""
    merged = Merge()
    for key in {**mine, **theirs}:
        old, my, their = base.get(key), mine.get(key), theirs.get(key)
        if my == their:
            merged.result[key] = my
        elif my == old:
            merged.from_them.append(key)
            merged.result[key] = their
        elif their == old:
            merged.from_me.append(key)
            merged.result[key] = my
        elif all(isinstance(value, frozenset) for value in (old, my, their)):
            merged.from_me.append(key)
            merged.from_them.append(key)
            merged.result[key] = (their | (my - old)) - (old - my)
        else:
            merged.asked.append(key)
    return merged
