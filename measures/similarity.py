"""How much two German texts have in common, told by their words.

Words are stemmed with CISTEM (Weißweiler and Fraser, "Developing a Stemmer for German Based on a Comparative Analysis
of Publicly Available Stemmers", GSCL 2017), weighted by how rare they are among the texts compared (inverse document
frequency, Spärck Jones 1972, in the form ln(1 + N/n)) and compared by the cosine of the angle between them (Manning,
Raghavan, Schütze: Introduction to Information Retrieval, 2008, sections 6.2 and 6.3).
"""

import math
import re
from collections import Counter
from collections.abc import Hashable, Iterable

SMALLEST_SHARE = 0.1  # below it a text shares little more than a common word

# Articles, pronouns, prepositions, conjunctions, auxiliary verbs, and what stands in nearly every need.
_STOP_WORDS = """
aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bereits bis bisher bzw da
dabei dadurch dafür daher damit dann daran darauf darf das dass davon dazu dem den denen denn der deren des
dessen die dies diese diesem diesen dieser dieses doch dort durch dürfen ein eine einem einen einer eines einige
er erst es etwa etwas für gegen gibt hat haben hatte hier hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im
in indem innerhalb ins ist je jede jedem jeden jeder jedes jedoch kann kein keine keinem keinen keiner können
könnte man mehr mit muss müssen nach neben nicht noch nur ob oder ohne sehr sein seine seinem seinen seiner seit
sich sie sind so sobald sofern solche solchen soll sollen sollte sollten sondern sowie über um und uns unser
unsere unter viel viele vielen vom von vor wann war waren warum was weil weiter weitere weiteren welche welcher
wenn wer werden wie wird wir wo wurde wurden zu zum zur zwischen amt
ämter bedarf beschäftigte beschäftigten landeshauptstadt maßnahme maßnahmen mitarbeitende mitarbeitenden
mitarbeiter mitarbeiterinnen stadt stuttgart
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
WORD = re.compile(r"[^\W\d_]{2,}")


def similar(text: str, candidates: Iterable[tuple[Hashable, str]], most: int = 5) -> list[tuple[Hashable, float]]:
    """The candidates most like the text, the most similar first.

    Takes pairs of a key and a text. Returns at most ``most`` pairs of key and share, 0 (no word in common) to 1
    (the same words), of those at or above ``SMALLEST_SHARE``; equally similar ones in the order they came.
    """
    wanted = stems(text)
    counted = [(key, stems(words)) for key, words in candidates]
    rarity = _rarity([wanted, *(words for _key, words in counted)])
    shares = [(key, _cosine(wanted, words, rarity)) for key, words in counted]
    found = [(key, share) for key, share in shares if share >= SMALLEST_SHARE]
    return sorted(found, key=lambda pair: -pair[1])[:most]


def stems(text: str) -> Counter[str]:
    """The stems of a text's words and how often each occurs, without stop words."""
    words = (word for word in WORD.findall(text.lower()) if word not in STOP_WORDS)
    return Counter(stem(word) for word in words)


def stem(word: str) -> str:
    """CISTEM without regard to case: prefix *ge-*, then the endings, longest first, as long as enough is left."""
    word = word.lower().translate(_PLAIN)
    word = re.sub(r"^ge(?=.{4})", "", word)
    for letters, sign in _SIGNS:
        word = word.replace(letters, sign)
    word = re.sub(r"(.)\1", r"\1*", word)
    word = _without_endings(word)
    word = re.sub(r"(.)\*", r"\1\1", word)
    for letters, sign in _SIGNS:
        word = word.replace(sign, letters)
    return word


_PLAIN = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"})
_SIGNS = (("sch", "$"), ("ei", "%"), ("ie", "&"))  # sounds that count as one letter


def _without_endings(word):
    while len(word) > 3:
        long_ending = re.search(r"(e[mr]|nd)$", word) if len(word) > 5 else None
        if long_ending:
            word = word[: long_ending.start()]
        elif word[-1] in "tesn":
            word = word[:-1]
        else:
            break
    return word


def _rarity(texts):
    frequency = Counter(word for words in texts for word in words)
    return {word: math.log(1 + len(texts) / count) for word, count in frequency.items()}


def _cosine(one, other, rarity):
    shared = sum(one[word] * other[word] * rarity[word] ** 2 for word in one.keys() & other.keys())
    return round(shared / (_length(one, rarity) * _length(other, rarity)), 4) if shared else 0.0


def _length(words, rarity):
    return math.sqrt(sum((count * rarity[word]) ** 2 for word, count in words.items()))
