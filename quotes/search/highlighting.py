"""Marks where the words of a search stand in a text as printed."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from html import escape

from django.utils.safestring import SafeString

_WORD = re.compile(
    r"\d[\d.,'’ \u00a0\u202f]*\d"
    r"|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
    r"|[^\W_]+"
)


@lru_cache(maxsize=65_536)
def plain(word: str) -> str:
    """One word as verbatim_words gives it, for the scripts that carry accents."""
    folded = unicodedata.normalize("NFKC", word).lower()
    if folded.isascii():
        return folded
    bare = "".join(char for char in unicodedata.normalize("NFD", folded) if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", bare)


@lru_cache(maxsize=65_536)
def _forms(word: str) -> tuple[str, str]:
    """One word as it may stand among the hits."""
    bare = plain(word)
    return bare, bare.translate(_NO_ACCENT)


def marked(text: str, hits: frozenset[str], numbers: frozenset[str] = frozenset()) -> SafeString | None:
    """`text` escaped, with `mark` around each word that was searched; None when there is none.

    Args:
        hits: words as verbatim_words gives them.
        numbers: digits of numbers searched, without separators.
    """
    if not hits and not numbers:
        return None
    out: list[str] = []
    done = 0
    last_end = -1
    for found in _WORD.finditer(text):
        word = found[0]
        is_number = word[0].isdigit() and re.sub(r"\D", "", word) in numbers
        if not (is_number or not hits.isdisjoint(_forms(word))):
            continue
        start, end = found.span()
        if last_end >= 0 and not text[last_end:start].strip():
            # Words beside each other are one mark: a phrase looks like one.
            out[-1:] = [escape(text[last_end:end]), _END]
        else:
            out += [escape(text[done:start]), _BEGIN, escape(word), _END]
        done = last_end = end
    if not out:
        return None
    out.append(escape(text[done:]))
    return SafeString("".join(out))  # house: every part of the text is escaped where it is added


_BEGIN, _END = '<mark class="hit">', "</mark>"


# Letters that unaccent writes plainly and that no decomposition takes apart.
_NO_ACCENT = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
)
