"""Anchors: where a quote stands in a text, found again when the text has moved or changed.

An anchor is the words with a few characters before and after, as in the W3C TextQuoteSelector. ``locate`` looks
for the words as they are, then for words that a reader takes for the same (``folding``), then for words that
are nearly the same; where there are several places, what stands around decides, then the nearest to where
it stood before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from quotes.text.folding import Folded, fold_text, fold_with_offsets
from quotes.text.quotation import inside_quotation_marks, quotations

__all__ = ["CONTEXT", "Anchor", "context_of", "inside_quotation_marks", "locate", "quotations"]

CONTEXT = 64
"""Characters kept on each side of a quote (PRODUCT.md §2)."""

LEAST_LIKENESS = 0.75
"""Below this share of common characters words are other words: by trial on reworded sentences of one speaker."""

SHORTEST_FUZZY = 12
"""Shorter words are found only as they are: “productive” is nearly “production”."""

# What speaks for a place: the proportions by which Hypothesis re-anchors notes (FIELD.md §1a).
_WORDS, _PREFIX, _SUFFIX, _PLACE = 50, 20, 20, 2
_MOST_PLACES = 2_000
_FARTHEST_EDGE = 48


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place in a text, in code points.

    ``how``: ``exact``, the words byte for byte; ``folded``, up to case, accents, marks and spaces; ``fuzzy``, nearly.
    ``score`` is 0 to 1; ``rivals`` counts other places for which as much speaks, the old place apart.
    """

    start: int
    end: int
    how: Literal["exact", "folded", "fuzzy"]
    score: float
    rivals: int = 0

    @property
    def exact(self) -> bool:
        """Whether ``body[start:end]`` is the text that was looked for."""
        return self.how == "exact"


def locate(
    body: str, text: str, prefix: str = "", suffix: str = "", start: int | None = None
) -> Anchor | None:
    """Find ``text`` in ``body``; None when nothing like it is there.

    Args:
        body: the text of an article.
        text: the words of the quote.
        prefix, suffix: what stood before and after; may be empty.
        start: where it stood before, in code points; only decides between equals.
    """
    if not text.strip():
        return None
    exact = _places(body, text)
    if exact:
        spans = [(at, at + len(text)) for at in exact]
        return _best(body, _whole_words(body, spans) or spans, "exact", text, prefix, suffix, start)
    folded = fold_with_offsets(body)
    needle = fold_text(text)
    if not needle:
        return None
    same = [folded.original(at, at + len(needle)) for at in _places(folded.text, needle)]
    if same:
        return _best(body, _whole_words(body, same) or same, "folded", text, prefix, suffix, start)
    if len(needle) < SHORTEST_FUZZY or len(needle) * LEAST_LIKENESS > len(folded.text):
        return None
    near = list(_near(folded, needle, fold_text(prefix), fold_text(suffix), start))
    near = [span for span in near if _likeness(body[slice(*span)], text) >= LEAST_LIKENESS]
    return _best(body, near, "fuzzy", text, prefix, suffix, start) if near else None


def context_of(body: str, start: int, end: int) -> tuple[str, str]:
    """The prefix and suffix to keep for ``body[start:end]``. Raises ValueError for a stretch outside the text."""
    if not 0 <= start < end <= len(body):
        raise ValueError(f"{start}:{end} does not lie in a text of {len(body)} characters")
    return body[max(0, start - CONTEXT) : start], body[end : end + CONTEXT]


def _places(body: str, text: str) -> list[int]:
    found: list[int] = []
    at = body.find(text)
    while at >= 0 and len(found) < _MOST_PLACES:
        found.append(at)
        at = body.find(text, at + 1)
    return found


def _whole_words(body: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those places that cut no word in two, unless all do: “productive” is not in “unproductive”."""
    return [(start, end) for start, end in spans if not _cuts(body, start) and not _cuts(body, end)]


def _cuts(body: str, at: int) -> bool:
    # Scripts without spaces have words, but no edge that can be seen.
    return 0 < at < len(body) and all(char.isalnum() and char < "\u3000" for char in body[at - 1 : at + 1])


def _near(
    folded: Folded, needle: str, prefix: str, suffix: str, start: int | None
) -> Iterator[tuple[int, int]]:
    """Places that may be what is left of the words: found by the words, by their surroundings, by the old place."""
    body = folded.text
    for before, after in {("", ""), (prefix, suffix)}:
        wanted = before + needle + after
        if len(wanted) > 2 * len(body):
            continue
        found = fuzz.partial_ratio_alignment(wanted, body)
        if found is not None:
            begin = found.dest_start + len(before)
            yield _at_words(folded, begin, found.dest_end - len(after), needle)
    if start is not None:
        at = next((index for index, place in enumerate(folded.starts) if place >= start), None)
        if at is not None:
            yield _at_words(folded, at, at + len(needle), needle)


def _at_words(folded: Folded, start: int, end: int, needle: str) -> tuple[int, int]:
    """The stretch of whole words near ``start:end`` that is most like ``needle``, in the original's code points."""
    body = folded.text
    start, end = max(0, min(start, len(body) - 1)), max(1, min(end, len(body)))
    reach = min(max(12, len(needle) // 4), _FARTHEST_EDGE)
    starts = _edges(body, start, reach, begins=True)
    ends = _edges(body, max(end, start + 1), reach, begins=False)
    best_start = max(
        starts, key=lambda at: (_raw_likeness(body[at:end], needle) if at < end else 0.0, -abs(at - start))
    )
    later = [at for at in ends if at > best_start] or [len(body)]
    best_end = max(later, key=lambda at: (_raw_likeness(body[best_start:at], needle), -abs(at - end)))
    return folded.original(best_start, best_end)


def _edges(body: str, at: int, reach: int, *, begins: bool) -> list[int]:
    found: list[int] = []
    for index in range(max(0, at - reach), min(len(body), at + reach) + 1):
        before = body[index - 1] if index else " "
        after = body[index] if index < len(body) else " "
        inside, outside = (after, before) if begins else (before, after)
        if not inside.isspace() and not (outside.isalnum() and inside.isalnum() and inside < "\u3000"):
            found.append(index)
    return found or [at]


def _likeness(first: str, second: str) -> float:
    return _raw_likeness(fold_text(first), fold_text(second))


def _raw_likeness(first: str, second: str) -> float:
    return Indel.normalized_similarity(first, second)


def _best(
    body: str,
    spans: list[tuple[int, int]],
    how: Literal["exact", "folded", "fuzzy"],
    text: str,
    prefix: str,
    suffix: str,
    start: int | None,
) -> Anchor:
    weight = _WORDS + (_PREFIX if prefix else 0) + (_SUFFIX if suffix else 0)
    scored = []
    for first, last in dict.fromkeys(spans):
        score = _WORDS * (1.0 if how != "fuzzy" else _likeness(body[first:last], text))
        if prefix:
            score += _PREFIX * _context(body[max(0, first - len(prefix)) : first][::-1], prefix[::-1])
        if suffix:
            score += _SUFFIX * _context(body[last : last + len(suffix)], suffix)
        nearness = _PLACE * (1 - abs(first - start) / max(len(body), 1)) if start is not None else 0.0
        scored.append((score / weight, nearness, first, last))
    score, _, first, last = max(scored, key=lambda row: (row[0] + row[1] / weight, -row[2]))
    rivals = sum(abs(other[0] - score) < 1e-9 for other in scored) - 1
    return Anchor(first, last, how, score, rivals)


def _context(found: str, wanted: str) -> float:
    """How much of the surroundings is there: what touches the words counts more than what is farther off."""
    if found == wanted:
        return 1.0
    near_found, near_wanted = found[:16], wanted[:16]
    return (_likeness(near_found, near_wanted) + _likeness(found, wanted)) / 2 * 0.99
