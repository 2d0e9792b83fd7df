"""Differences between two texts, word by word (Ratcliff and Obershelp's matching blocks, as in ``difflib``)."""

import re
from difflib import SequenceMatcher

SAME, GONE, NEW = "same", "gone", "new"
LONGEST = 4000  # words: above this, a text is compared as a whole, for matching takes quadratic time


def words_of(text: str) -> list[str]:
    """The text in pieces that give it back when joined: a word with the space behind it, or a line break."""
    return re.findall(r"\n|[^\S\n]+|[^\s]+[^\S\n]*", text)


def difference(before: str, after: str) -> list[tuple[str, str]]:
    """[(kind, piece of text)]: what both have, what only ``before`` has, what only ``after`` has, in reading order."""
    old, new = words_of(before or ""), words_of(after or "")
    if len(old) + len(new) > LONGEST:
        return [(kind, text) for kind, text in ((GONE, before), (NEW, after)) if text]
    pieces = []
    matcher = SequenceMatcher(None, *([word.rstrip(" ") for word in text] for text in (old, new)), autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            # of two equal words the one with the space behind it, or what follows would stick to it
            pieces.append((SAME, "".join(max(pair, key=len) for pair in zip(old[i1:i2], new[j1:j2], strict=True))))
        else:
            pieces += [(kind, "".join(part)) for kind, part in ((GONE, old[i1:i2]), (NEW, new[j1:j2])) if part]
    return pieces
