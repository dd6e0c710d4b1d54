"""Names of people and bodies: keys for finding and sorting them across spellings and scripts.

``fold`` evens out how a name is typed, ``skeleton`` how it is romanised, ``bones`` leaves consonants only.
``confusable`` and ``warnings`` (in ``lookalikes``) do the opposite duty: they find names that look the same
and are not, so that nobody is credited with another's words.
"""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

from quotes.text.folding import fold_text
from quotes.text.lookalikes import NameWarning, appearance, confusable, warnings
from quotes.text.romanise import bones, romanised, skeleton
from quotes.text.scripts import main_script, script_of, scripts_in

__all__ = [
    "NameWarning", "appearance", "bones", "confusable", "fold", "initials", "main_script", "romanised",
    "script_of", "scripts_in", "skeleton", "sort_key", "warnings",
]  # fmt: skip

_NOT_A_WORD = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=16_384)
def fold(text: str) -> str:
    """A name in lower-case ASCII words: accents, case, apostrophes, dots and dashes evened out.

    ``fold("Zełenski")`` is ``zelenski``, ``fold("Зеленський")`` is ``zelenskiy``, ``fold("O’Brien")`` is
    ``obrien``. Empty when nothing of the name can be written in ASCII.
    """
    plain = fold_text(text).replace("'", "").replace(".", "")
    latin: str = anyascii(plain).replace("'", "").replace('"', " ").lower()
    return _NOT_A_WORD.sub(" ", latin).strip()


def sort_key(name: str) -> tuple[str, str]:
    """A key that sorts names of all scripts in one Latin order; the name itself breaks ties."""
    return fold(name), name


def initials(name: str) -> str:
    """One or two upper-case letters to stand for a name: of the first and the last word, or the first sign.

    Han, kana and Hangul names give their first character, since their words are not divided.
    """
    words = re.findall(r"[^\W_]+(?:['’ʼ-][^\W_]+)*", name)
    words = [word for word in words if word[0].isalnum()]
    if not words:
        return "?"
    if main_script(name) in ("han", "kana", "hangul"):
        return words[0][0]
    first, last = words[0][0], words[-1][0] if len(words) > 1 else ""
    return (first + last).upper()[:2]
