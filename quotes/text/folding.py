"""Folding: two spellings that a reader takes for the same become the same string.

Case, accents, quotation marks of all languages, apostrophes, dashes, spaces, compatibility forms and
invisible characters are evened out, for comparing only: the text of a record is never changed
(EXTRACTION.md §9.2). ``fold_with_offsets`` keeps the way back, so that a match found in the folded text can
be highlighted in the text as printed.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from quotes.text.characters import OWN_LETTERS, PLAIN_MARKS, STROKED_LETTERS

# Starters (combining class 0) that compose with the character before them, so that NFC and NFD of one text
# only meet when both characters are folded together. test_folding checks the list against unicodedata.
_COMPOSING_STARTERS = frozenset(
    chr(code)
    for first, last in (
        (0x09BE, 0x09BE), (0x09D7, 0x09D7), (0x0B3E, 0x0B3E), (0x0B56, 0x0B57), (0x0BBE, 0x0BBE),
        (0x0BD7, 0x0BD7), (0x0CC2, 0x0CC2), (0x0CD5, 0x0CD6), (0x0D3E, 0x0D3E), (0x0D57, 0x0D57),
        (0x0DCF, 0x0DCF), (0x0DDF, 0x0DDF), (0x102E, 0x102E), (0x1161, 0x1175), (0x11A8, 0x11C2),
        (0x1B35, 0x1B35), (0x11127, 0x11127), (0x1133E, 0x1133E), (0x11357, 0x11357), (0x114B0, 0x114B0),
        (0x114BA, 0x114BA), (0x114BD, 0x114BD), (0x115AF, 0x115AF), (0x11930, 0x11930), (0xFF9E, 0xFF9F),
    )
    for code in range(first, last + 1)
)  # fmt: skip

# Scripts whose combining marks are accents or vowel points that print leaves out. Marks of other scripts are
# letters: the voicing mark of ガ, the vowel signs of Hindi.
_ACCENTED_RANGES = (
    (0x0041, 0x024F), (0x0370, 0x03FF), (0x0400, 0x052F), (0x0590, 0x05FF), (0x0600, 0x06FF),
    (0x1E00, 0x1FFF),
)  # fmt: skip

_WAY_BACK_LIMIT = 65_536


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text and, for each of its characters, where it stands in the original.

    ``starts[i]``/``ends[i]`` are code points of the original: the group of characters that gave character i.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that folded to ``text[start:end]``; an empty span stays empty.

        Raises ValueError when the span does not lie in the folded text.
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"span {start}:{end} is outside the folded text of {len(self.text)} characters")
        if start == end:
            if not self.starts:
                return 0, 0
            place = self.starts[start] if start < len(self.starts) else self.ends[-1]
            return place, place
        return self.starts[start], self.ends[end - 1]


def fold_text(text: str) -> str:
    """``text`` folded for comparing: marks plain, one space between words, none at the ends."""
    if text.isascii():
        plain = " ".join(text.lower().translate(_ASCII_MARKS).split())
        plain = plain.replace("''", '"')
        while "--" in plain:
            plain = plain.replace("--", "-")
        return plain
    return fold_with_offsets(text).text.strip(" ")


def same_text(first: str, second: str) -> bool:
    """Whether two texts differ at most in case, accents, marks, dashes and spaces."""
    return first == second or fold_text(first) == fold_text(second)


def fold_with_offsets(text: str) -> Folded:
    """``text`` folded, with the way back. Spaces at the ends are kept (as one each)."""
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(text):
        for char in _fold_cluster(text[start:end]):
            last = out[-1] if out else ""
            if char in " -" and last == char:
                ends[-1] = end
            elif char == "'" and last == "'":
                # Agencies write ''…'' for a double mark.
                out[-1] = '"'
                ends[-1] = end
            else:
                out.append(char)
                starts.append(start)
                ends.append(end)
    return Folded("".join(out), tuple(starts), tuple(ends))


def _clusters(text: str) -> list[tuple[int, int]]:
    """Spans of a starter with all that composes with it, so that NFC and NFD fold alike."""
    if text.isascii():
        return [(index, index + 1) for index in range(len(text))]
    spans: list[tuple[int, int]] = []
    begin = 0
    for index in range(1, len(text) + 1):
        if index < len(text) and _continues(text[index]):
            continue
        spans.append((begin, index))
        begin = index
    return spans if text else []


def _continues(char: str) -> bool:
    return char > "\u02ff" and (unicodedata.combining(char) != 0 or char in _COMPOSING_STARTERS)


@lru_cache(maxsize=_WAY_BACK_LIMIT)
def _fold_cluster(cluster: str) -> str:
    # Marks first: NFKC would turn an acute accent used as an apostrophe into a space.
    text = unicodedata.normalize("NFKC", cluster.translate(PLAIN_MARKS)).casefold()
    # Casefolding can leave a text that is no longer composed, or no longer in its compatible form.
    text = unicodedata.normalize("NFKC", text).translate(PLAIN_MARKS)
    return "".join(_fold_char(char) for char in text)


@lru_cache(maxsize=_WAY_BACK_LIMIT)
def _fold_char(char: str) -> str:
    if char.isspace():
        return " "
    if char in OWN_LETTERS or (char.isascii() and char.isprintable()):
        return char
    if char in STROKED_LETTERS:
        return STROKED_LETTERS[char]
    category = unicodedata.category(char)
    if category == "Cf" or char == "ـ":
        return ""
    parts = unicodedata.normalize("NFD", char)
    if any(low <= ord(parts[0]) <= high for low, high in _ACCENTED_RANGES) or parts[0] == " ":
        kept = "".join(part for part in parts if unicodedata.category(part) != "Mn")
        return "".join(STROKED_LETTERS.get(part, part) for part in kept)
    if category == "Mn" and 0x0300 <= ord(char) <= 0x036F:
        return ""
    return char


_ASCII_MARKS = {code: plain for code, plain in PLAIN_MARKS.items() if code < 128}
