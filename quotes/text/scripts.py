"""Which scripts a text is written in, by the Unicode names of its letters (standard library only)."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import lru_cache

# Unicode has no script property in the standard library, but a letter's name begins with its script.
_SCRIPT_WORDS = {
    "LATIN": "latin", "CYRILLIC": "cyrillic", "GREEK": "greek", "ARABIC": "arabic", "HEBREW": "hebrew",
    "HANGUL": "hangul", "HIRAGANA": "kana", "KATAKANA": "kana", "KATAKANA-HIRAGANA": "kana", "CJK": "han",
    "IDEOGRAPHIC": "han", "ARMENIAN": "armenian", "GEORGIAN": "georgian", "DEVANAGARI": "devanagari",
    "THAI": "thai", "BENGALI": "bengali", "TAMIL": "tamil", "ETHIOPIC": "ethiopic", "CHEROKEE": "cherokee",
    "COPTIC": "coptic", "LISU": "lisu",
}  # fmt: skip

# Scripts that one language mixes inside a word as a matter of course.
WRITTEN_TOGETHER = (frozenset({"han", "kana"}), frozenset({"han", "hangul"}))


@lru_cache(maxsize=65_536)
def script_of(char: str) -> str:
    """The script of one character in lower case; ``"common"`` for what is no letter, ``"other"`` if unknown."""
    if not char.isalpha() or unicodedata.category(char) == "Lm":
        return "common"
    words = unicodedata.name(char, "").split()
    if words and words[0] in ("FULLWIDTH", "HALFWIDTH") and len(words) > 1:
        words = words[1:]
    return _SCRIPT_WORDS.get(words[0], "other") if words else "other"


def scripts_in(text: str) -> frozenset[str]:
    """All scripts of the letters of ``text``; empty when it has no letters."""
    return frozenset(script_of(char) for char in text) - {"common"}


def main_script(text: str) -> str:
    """The script of most letters of ``text``, the first one met if two are equal; ``"common"`` without letters."""
    counts = Counter(script for script in map(script_of, text) if script != "common")
    return counts.most_common(1)[0][0] if counts else "common"


def mixed_scripts(word: str) -> frozenset[str]:
    """The scripts of a word that no language writes together; empty when the word is all right."""
    found = scripts_in(word)
    if len(found) < 2 or any(found <= together for together in WRITTEN_TOGETHER):
        return frozenset()
    return found
