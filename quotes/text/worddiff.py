"""What two wordings have in common, word by word, and what one of them left out.

``diff`` is for showing two quotes side by side; ``Diff.left_out`` says which words of the first the second has
not, and whether among them is one that turns the sentence (but, until, if, not).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from rapidfuzz.distance import Indel

from quotes.text.folding import fold_text
from quotes.text.turningwords import turning_words

Op = Literal["equal", "insert", "delete"]

# A number with its separators, a word with apostrophes inside and its combining marks, one sign of a script that
# puts no spaces between words, or one other sign.
_TOKEN = re.compile(
    r"\d+(?:[.,'’\u00a0\u202f]\d+)*"
    r"|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
    r"|(?:[^\W\d\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff][\u0300-\u036f]*)+"
    r"(?:['’ʼ][^\W\d]+)*"
    r"|\S"
)

# Beyond this many words on both sides together only what differs between the common beginning and the common
# end is shown, as one change: nobody reads a word diff of two articles, and its time grows with the square.
LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch that both have, only the first has (delete) or only the second has (insert).

    Spans are code points; the one of the side that has nothing is empty, at the place where it would be.
    """

    op: Op
    first_start: int
    first_end: int
    second_start: int
    second_end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one side as it is shown; ``changed`` when the other side has not got it."""

    text: str
    changed: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Omission:
    """Words of one side that the other left out, and the turning words among them."""

    text: str
    start: int
    end: int
    turning: tuple[str, ...]


@dataclass(frozen=True)
class Diff:
    """Two texts and the segments that lead from the first to the second, in order."""

    first: str
    second: str
    segments: tuple[Segment, ...]
    language: str = "und"

    @property
    def same(self) -> bool:
        """Whether no word differs (case, accents, marks and spaces may)."""
        return all(segment.op == "equal" for segment in self.segments)

    @cached_property
    def first_pieces(self) -> tuple[Piece, ...]:
        """The first text in pieces; joined they are the text, byte for byte."""
        return tuple(
            Piece(self.first[s.first_start : s.first_end], s.op == "delete", s.first_start, s.first_end)
            for s in self.segments
            if s.first_start < s.first_end
        )

    @cached_property
    def second_pieces(self) -> tuple[Piece, ...]:
        """The second text in pieces; joined they are the text, byte for byte."""
        return tuple(
            Piece(self.second[s.second_start : s.second_end], s.op == "insert", s.second_start, s.second_end)
            for s in self.segments
            if s.second_start < s.second_end
        )

    @cached_property
    def left_out(self) -> tuple[Omission, ...]:
        """What the first has and the second has not; signs alone are no omission."""
        return self._omissions(self.first, self.first_pieces)

    @cached_property
    def added(self) -> tuple[Omission, ...]:
        """What the second has and the first has not."""
        return self._omissions(self.second, self.second_pieces)

    @cached_property
    def turned(self) -> bool:
        """Whether either side has a turning word that the other has not: the truncation radar."""
        return any(omission.turning for omission in (*self.left_out, *self.added))

    @cached_property
    def likeness(self) -> float:
        """Words in common over all words of both, 0 to 1; 1 for two empty texts."""
        kept = changed = 0
        for piece in self.first_pieces:
            words = _count_words(piece.text)
            kept, changed = (kept, changed + words) if piece.changed else (kept + words, changed)
        added = sum(_count_words(piece.text) for piece in self.second_pieces if piece.changed)
        everything = 2 * kept + changed + added
        return 2 * kept / everything if everything else 1.0

    def _omissions(self, text: str, pieces: Iterable[Piece]) -> tuple[Omission, ...]:
        found = []
        for piece in pieces:
            if piece.changed and _count_words(piece.text):
                end = piece.start + len(piece.text.rstrip())
                start = end - len(text[piece.start : end].lstrip())
                found.append(
                    Omission(text[start:end], start, end, turning_words(text[start:end], self.language))
                )
        return tuple(found)


def diff(first: str, second: str, language: str = "und", *, exact: bool = False) -> Diff:
    """Compare two texts word by word.

    Args:
        first, second: the texts.
        language: ISO 639 tag of both, for the turning words.
        exact: also tell apart words that differ only in case, accents or the form of a mark.
    """
    left, right = _tokens(first), _tokens(second)
    numbers: dict[str, int] = {}
    left_keys, right_keys = (
        [numbers.setdefault(key, len(numbers)) for key in _keys(text, tokens, exact)]
        for text, tokens in ((first, left), (second, right))
    )
    blocks = _clean(list(_blocks(left_keys, right_keys)), left, right)
    segments: list[Segment] = []
    for op, i1, i2, j1, j2 in blocks:
        a1, a2, b1, b2 = _edge(left, i1), _edge(left, i2), _edge(right, j1), _edge(right, j2)
        if op == "equal":
            segments.append(Segment("equal", a1, a2, b1, b2))
            continue
        if a1 < a2:
            segments.append(Segment("delete", a1, a2, b1, b1))
        if b1 < b2:
            segments.append(Segment("insert", a2, a2, b1, b2))
    return Diff(first, second, tuple(segments), language)


type Block = tuple[str, int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Tokens:
    """Where each word begins, and where the text ends; a word runs to the beginning of the next."""

    starts: tuple[int, ...]
    length: int


def _tokens(text: str) -> _Tokens:
    starts = [match.start() for match in _TOKEN.finditer(text)]
    if starts:
        starts[0] = 0  # space before the first word belongs to it, so that no character is lost
    elif text:
        starts = [0]
    return _Tokens(tuple(starts), len(text))


def _edge(tokens: _Tokens, index: int) -> int:
    return tokens.starts[index] if index < len(tokens.starts) else tokens.length


def _keys(text: str, tokens: _Tokens, exact: bool) -> list[str]:
    words = [text[_edge(tokens, i) : _edge(tokens, i + 1)].strip() for i in range(len(tokens.starts))]
    return words if exact else [fold_text(word) or word for word in words]


def _blocks(left: Sequence[int], right: Sequence[int]) -> Iterable[Block]:
    if len(left) + len(right) > LONGEST:
        head = 0
        while head < min(len(left), len(right)) and left[head] == right[head]:
            head += 1
        tail = 0
        while tail < min(len(left), len(right)) - head and left[-1 - tail] == right[-1 - tail]:
            tail += 1
        yield "equal", 0, head, 0, head
        yield "change", head, len(left) - tail, head, len(right) - tail
        yield "equal", len(left) - tail, len(left), len(right) - tail, len(right)
        return
    for code in Indel.opcodes(left, right):
        op = "equal" if code.tag == "equal" else "change"
        yield op, code.src_start, code.src_end, code.dest_start, code.dest_end


def _clean(blocks: list[Block], left: _Tokens, right: _Tokens) -> list[Block]:
    """Join neighbouring changes, and drown an island (“the”) that is smaller than the changes around it."""
    blocks = _join(blocks)
    index = 1
    while index < len(blocks) - 1:
        op, i1, i2, _, _ = blocks[index]
        if op == "equal":
            size = _edge(left, i2) - _edge(left, i1)
            around = blocks[index - 1], blocks[index + 1]
            # Words that one side only has more of are left out, not reworded: then the island is the point.
            reworded = all(change[1] < change[2] and change[3] < change[4] for change in around)
            if reworded and i2 - i1 <= 2 and size <= min(_size(change, left, right) for change in around):
                whole = (
                    blocks[index - 1][1],
                    blocks[index + 1][2],
                    blocks[index - 1][3],
                    blocks[index + 1][4],
                )
                blocks[index - 1 : index + 2] = [("change", *whole)]
                index = max(1, index - 2)
                continue
        index += 1
    return blocks


def _size(block: Block, left: _Tokens, right: _Tokens) -> int:
    _, i1, i2, j1, j2 = block
    return max(_edge(left, i2) - _edge(left, i1), _edge(right, j2) - _edge(right, j1))


def _join(blocks: list[Block]) -> list[Block]:
    joined: list[Block] = []
    for block in blocks:
        op, i1, i2, j1, j2 = block
        if i1 == i2 and j1 == j2:
            continue
        if joined and joined[-1][0] == op:
            joined[-1] = (op, joined[-1][1], i2, joined[-1][3], j2)
        else:
            joined.append(block)
    return joined


def _count_words(text: str) -> int:
    return sum(1 for token in _TOKEN.findall(text) if token[0].isalnum())
