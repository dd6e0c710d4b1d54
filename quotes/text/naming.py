"""Which people and bodies a text names, in whatever case and script it prints their names.

Ukrainian and Russian print a name in seven cases (Зеленського, Зеленскому, Зеленским), so that a Cyrillic surname is
found by its stem. A name that is also a word (“Bush”, “May”) is found only with a capital.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from quotes.text.linkwords import even

_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")
LEAST = 4
"""Letters of a name below which it is too often another word."""
MOST = 6
"""How many may share a name; beyond that it names nobody."""


@lru_cache(maxsize=65_536)
def _evened(word: str) -> str:
    return even(word)


class Namebook:
    """The names of all speakers, to be looked for in texts."""

    def __init__(self, names: Iterable[tuple[int, str, bool]]) -> None:
        """Take key, name and whether it is a person, who goes by the last word; a body goes by all its words."""
        self._single: dict[str, set[int]] = defaultdict(set)
        self._several: dict[str, set[tuple[tuple[str, ...], int]]] = defaultdict(set)
        for key, name, person in names:
            words = tuple(_WORD.findall(name))
            if not words:
                continue
            if person or len(words) == 1:
                if len(words[-1]) >= LEAST or not words[-1].isascii():
                    self._single[stem(_evened(words[-1]))].add(key)
            else:
                folded = tuple(_evened(word) for word in words)
                self._several[folded[0]].add((folded, key))

    def named_in(self, text: str) -> frozenset[int]:
        """The keys of those whom `text` names."""
        words = _WORD.findall(text)
        found: set[int] = set()
        for at, word in enumerate(words):
            if word[0].islower():
                continue
            folded = _evened(word)
            keys = self._single.get(stem(folded))
            if keys and len(keys) <= MOST:
                found |= keys
            for name, key in self._several.get(folded, ()):
                if tuple(_evened(part) for part in words[at : at + len(name)]) == name:
                    found.add(key)
        return frozenset(found)


def stem(word: str) -> str:
    """A name without its ending where its script declines it: зеленськ of зеленського; Latin names stay whole."""
    if word.isascii() or not "\u0400" <= word[0] <= "\u052f":
        return word.removesuffix("'s")
    kept = _ENDING.sub("", word)
    return kept if len(kept) >= LEAST else word


# Longest first, with й evened to и: endings of adjectives (Зеленський, Зеленская) and of nouns (Мерца).
_ENDING = re.compile(
    r"(?:(?<=с)ь?к(?:ого|ому|им|іи|ою|ую|ая|ии|ом|ои|а|у|і)|ою|ом|ем|ым|им|ові|еві|а|у|е|и|і|я|ю|ь)$"
)
