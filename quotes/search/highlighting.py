"""Marks where the words of a search stand in a text as printed."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from django.utils.html import conditional_escape, format_html, format_html_join
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
    out: list[SafeString] = []
    done = 0
    last_end = -1
    for found in _WORD.finditer(text):
        word = found[0]
        is_number = word[0].isdigit() and re.sub(r"\D", "", word) in numbers
        if not (is_number or not hits.isdisjoint(_forms(word))):
            continue
        if last_end >= 0 and not text[last_end : found.start()].strip() and out:
            # Words beside each other are one mark: a phrase looks like one.
            start = last_end
            out[-1] = format_html("{}{}", out[-1], text[start : found.end()])
        else:
            out.append(conditional_escape(text[done : found.start()]))
            out.append(conditional_escape(found[0]))
        done = last_end = found.end()
    if not out:
        return None
    body = format_html_join("", '{}<mark class="hit">{}</mark>', zip(out[::2], out[1::2], strict=True))
    return format_html("{}{}", body, text[done:])


# Letters that unaccent writes plainly and that no decomposition takes apart.
_NO_ACCENT = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
)
