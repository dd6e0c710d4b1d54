"""Where quotation marks open and close, in the styles of all languages that news is printed in.

“…”, "…", ''…'', „…“, «…», »…«, ‹…›, 「…」, ‘…’, '…' and nesting of these; apostrophes, inches and elisions are told
apart by what stands beside them. A paragraph is read on its own, so that one mark too few loses no more than
its paragraph (EXTRACTION.md §9.4); quotations that run over paragraphs, each opened and only the last closed, are
carried on. Time grows with the length of the text, whatever marks it is made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from quotes.text.passages import paragraphs

# What may close each opening mark, most usual first. An opening mark in the wrong place can close, and a closing
# one open: “…“, ”…”, »…«.
_CLOSES = {
    "“": "”“", "„": "“”", "‟": "”", "”": "”", "«": "»", "»": "«", "‹": "›", "›": "‹", "「": "」", "『": "』",
    "〝": "〞〟", "｢": "｣", '"': '"', "‘": "’", "‚": "‘’", "'": "'", "’": "’", "＂": "＂", "❝": "❞",
}  # fmt: skip
_SINGLE = frozenset("‘‚'’")
_CLOSERS = frozenset("".join(_CLOSES.values()))
_SIGNS = re.escape("".join(sorted(set(_CLOSES) | _CLOSERS)))
# Three and more of one sign are a rule or a slip, no quotation; two single ones are an agency's double mark.
_MARK = re.compile(rf"([{_SIGNS}])\1\1+|''|``|´´|’’|‘‘|[{_SIGNS}]")
_BEFORE_AN_OPENING = frozenset("([{<—–-―/…:;,¿¡")

# Words that begin with an apostrophe in English: no quotation opens there.
_ELISION = re.compile(r"['’‘](?:em|tis|twas|til|till|cause|n|bout|round|cos|im|er)\b|['’‘]\d\ds?\b", re.I)

# Languages in which » opens and « closes by custom, and in which ” does both.
_REVERSED_GUILLEMETS = frozenset({"de", "da", "sl", "hr", "bs", "cs", "sk", "hu"})
_SAME_MARK_TWICE = frozenset({"sv", "fi"})

# Marks of which one may open inside another of its kind, since they do not look alike.
_NESTS = frozenset("«「『")

# Deeper nesting is no prose; a bound on it keeps the time linear.
_DEEPEST = 8


class Quotation(NamedTuple):
    """One stretch between quotation marks, in code points.

    ``start:end`` holds the marks, ``inner_start:inner_end`` what is between them. ``closed`` is false where the
    paragraph ends first.
    """

    start: int
    end: int
    inner_start: int
    inner_end: int
    mark: str
    closed: bool


def quotations(body: str, language: str = "und") -> list[Quotation]:
    """All quotations of a text, outer before inner, in order of place.

    Args:
        body: the text; paragraphs end at line breaks.
        language: ISO 639 tag, for the customs that the marks alone do not tell (»…« or «…»).
    """
    spans = [(paragraph.start, paragraph.end) for paragraph in paragraphs(body)]
    found: list[Quotation] = []
    for index, (first, last) in enumerate(spans):
        following = body[spans[index + 1][0]] if index + 1 < len(spans) else ""
        found.extend(_in_paragraph(body, first, last, following, language.split("-")[0].lower()))
    found.sort(key=lambda quotation: (quotation.start, -quotation.end))
    return found


def inside_quotation_marks(body: str, start: int, end: int, language: str = "und") -> bool:
    """Whether every word of ``body[start:end]`` stands between quotation marks.

    Marks and space at the ends of the stretch do not count; each paragraph of a longer stretch must stand in a
    quotation. Words between two quotations (“…,” he said, “…”) are outside.
    Raises ValueError when the stretch does not lie in the text.
    """
    if not 0 <= start < end <= len(body):
        raise ValueError(f"{start}:{end} does not lie in a text of {len(body)} characters")
    inner = [(quotation.inner_start, quotation.inner_end) for quotation in quotations(body, language)]
    parts = [
        (max(start, paragraph.start), min(end, paragraph.end))
        for paragraph in paragraphs(body)
        if paragraph.start < end and start < paragraph.end
    ]
    words = [part for part in (_words_only(body, *part) for part in parts) if part[0] < part[1]]
    return bool(words) and all(any(a <= first and last <= b for a, b in inner) for first, last in words)


def _words_only(body: str, start: int, end: int) -> tuple[int, int]:
    while start < end and not body[start].isalnum():
        start += 1
    while end > start and not body[end - 1].isalnum():
        end -= 1
    return start, end


class _Open(NamedTuple):
    mark: str
    start: int
    inner: int


def outermost(found: list[Quotation]) -> list[Quotation]:
    """Those of ``quotations`` that stand in no other."""
    kept: list[Quotation] = []
    for quotation in found:
        if not kept or quotation.start >= kept[-1].end:
            kept.append(quotation)
    return kept


def _in_paragraph(body: str, first: int, last: int, following: str, language: str) -> Iterator[Quotation]:
    stack: list[_Open] = []
    for match in _MARK.finditer(body, first, last):
        start, end = match.span()
        if end - start > 2:
            continue
        mark = match[0] if end - start == 1 else '"'
        before = body[start - 1] if start > first else " "
        after = body[end] if end < last else " "
        at = _closed_by(mark, before, after, stack, language)
        if at is not None:
            opened = stack[at]
            del stack[at:]
            yield Quotation(opened.start, end, opened.inner, start, opened.mark, True)
        elif _opens(mark, before, after, body[start : start + 8], language):
            # The same mark open already was never closed: it is read anew from here.
            if mark not in _NESTS:
                stack = [other for other in stack if other.mark != mark] if stack else stack
            if len(stack) >= _DEEPEST:
                del stack[0]
            stack.append(_Open(mark, start, end))
    for opened in stack:
        if opened.mark in _SINGLE:
            continue  # an apostrophe after all
        carries_on = following in _CLOSES and following not in "'’"
        if carries_on or opened.start == first:
            yield Quotation(opened.start, last, opened.inner, last, opened.mark, False)


def _closed_by(mark: str, before: str, after: str, stack: list[_Open], language: str) -> int | None:
    """The place in the stack of the opening mark that this one closes, or None."""
    if mark not in _CLOSERS:
        return None
    # Korean puts its particles right behind the mark; no word of it has an apostrophe.
    in_a_word = after.isalnum() and after < "\u1100"
    if mark in "'’‘" and (in_a_word or before.isspace()):
        return None  # an apostrophe in a word, or a mark that opens
    for at in range(len(stack) - 1, -1, -1):
        opened = stack[at].mark
        if mark not in _CLOSES[opened]:
            continue
        if mark == opened and mark in "“\"”＂'’":
            # One sign for both duties: it closes unless all around it says that it opens.
            looks_open = (before.isspace() or before in _BEFORE_AN_OPENING) and after.isalnum()
            if looks_open or (mark == "“" and after.isalnum()):
                return None
        return at
    return None


def _opens(mark: str, before: str, after: str, ahead: str, language: str) -> bool:
    if mark not in _CLOSES or (after.isspace() and mark not in "«»"):
        return False
    free = before.isspace() or before in _BEFORE_AN_OPENING or before in _CLOSES
    if mark in "“„‟«‹「『〝｢❝":
        return mark != "«" or language not in _REVERSED_GUILLEMETS or free or not before.isalnum()
    if mark in "»›":
        return free and not after.isspace()
    if mark == "”":
        return free and (after.isalnum() or language in _SAME_MARK_TWICE)
    if mark in _SINGLE:
        return (free and after.isalnum() and not _ELISION.match(ahead)) or (mark == "‚" and free)
    # A straight mark after a digit or inside a word is an inch, a second or a slip.
    return free
