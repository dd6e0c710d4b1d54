"""Captured text as paragraphs with its quotes marked: what a page needs to show words where they stand."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the text, in code points, and whose it is."""

    start: int
    end: int
    key: Hashable


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that is covered by the same spans from end to end; `opens` are those that begin here."""

    text: str
    keys: tuple[Hashable, ...] = ()
    opens: tuple[Hashable, ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph, counted from 1, where it stands, and its pieces; joined they are its text.

    `cut_before` and `cut_after` say that some of it is left out.
    """

    number: int
    start: int
    end: int
    pieces: tuple[Piece, ...]
    cut_before: bool = False
    cut_after: bool = False

    @property
    def keys(self) -> tuple[Hashable, ...]:
        """Whose spans it shows, each once, in order."""
        return tuple(dict.fromkeys(key for piece in self.pieces for key in piece.keys))


def paragraphs(body: str, spans: Sequence[Span] = ()) -> list[Paragraph]:
    """Cut `body` at its line breaks, and every paragraph where a span begins or ends.

    Spans may overlap, lie in one another or run over several paragraphs. Empty lines are not counted.
    """
    return [
        Paragraph(number, found.start(), found.end(), _pieces(body, found.start(), found.end(), spans))
        for number, found in enumerate(_lines(body), 1)
    ]


def around(
    body: str, start: int, end: int, spans: Sequence[Span] = (), *, reach: int = 1, limit: int = 600
) -> list[Paragraph]:
    """Return the paragraphs of a stretch and `reach` more on each side.

    Args:
        start, end: the stretch, in code points.
        reach: paragraphs before and after.
        limit: characters kept of a paragraph on each side of the stretch; the rest is cut, at a word.

    Raises:
        ValueError: when the stretch does not lie in `body`.
    """
    if not 0 <= start < end <= len(body):
        raise ValueError(f"{start}:{end} does not lie in a text of {len(body)} characters")
    lines = list(enumerate(_lines(body), 1))
    held = [place for place, (_, line) in enumerate(lines) if line.start() < end and start < line.end()]
    if not held:  # nothing but space
        return []
    window = lines[max(0, held[0] - reach) : held[-1] + reach + 1]
    return [_cut(body, number, line.start(), line.end(), start, end, spans, limit) for number, line in window]


def _lines(body: str) -> list[re.Match[str]]:
    return list(re.finditer(r"[^\s](?:[^\r\n]*[^\s])?", body))


def _cut(
    body: str, number: int, first: int, last: int, start: int, end: int, spans: Sequence[Span], limit: int
) -> Paragraph:
    left = max(first, min(start, last) - limit)
    right = min(last, max(end, first) + limit)
    if left > first:
        space = body.find(" ", left, min(start, last))
        left = space + 1 if space >= 0 else left
    if right < last:
        space = body.rfind(" ", max(end, first), right)
        right = space if space > 0 else right
    return Paragraph(number, left, right, _pieces(body, left, right, spans), left > first, right < last)


def _pieces(body: str, first: int, last: int, spans: Sequence[Span]) -> tuple[Piece, ...]:
    within = [span for span in spans if span.start < last and first < span.end]
    edges = {first, last}
    for span in within:
        edges |= {max(first, span.start), min(last, span.end)}
    return tuple(
        Piece(
            body[a:b],
            tuple(span.key for span in within if span.start <= a and b <= span.end),
            tuple(span.key for span in within if a == max(first, span.start) and span.start >= first),
        )
        for a, b in pairwise(sorted(edges))
    )
