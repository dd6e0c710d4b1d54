"""How much two wordings say the same: words, order, trigrams, numbers, and the guards against false friends.

The standard set of EXTRACTION.md §5, without a model. Two sentences that differ only in a *not* or in a number look
alike to every measure of likeness, so both are looked at by themselves.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from quotes.text.comparing import digits
from quotes.text.figures import Figure, figures
from quotes.text.linkwords import even, language_of, negations, small_words
from quotes.text.turningwords import turning_words

LONGEST = 4_000
"""Characters of a wording that are compared; no quotation worth a link is longer, and the time stays bounded."""
CLAUSE = 5
"""Words from which an addition is a clause of its own, whose *not* does not turn the rest."""
SENTENCE = 3
"""Words behind a whole wording from which they are a sentence of their own."""
REACH = Decimal("1.15")
"""How far “more than N” reaches, as in `comparing`."""
NEAR = Decimal("0.02")
"""How far “about N” reaches when two reports of one number are compared."""

_WORD = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
    r"|\d+(?:[.,' \u00a0\u202f]\d{3})*|[^\W\d_]+(?:'[^\W\d_]+)*"
)


@dataclass(frozen=True)
class Reading:
    """A wording, read once: its words, their stems, its trigrams and numbers."""

    text: str
    language: str
    folded: str
    words: tuple[str, ...]
    stems: Counter[str]
    content: frozenset[str]
    trigrams: frozenset[str]
    numbers: tuple[Figure, ...]
    frame: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two wordings side by side.

    Attributes:
        words: words in common over those of the longer one, 0 to 1.
        contained: words in common over those of the shorter one.
        order: likeness of the two texts as strings.
        trigrams: trigrams in common over all.
        frame: likeness of the two texts with every number blotted out.
        shorter: number of words of the shorter one.
        content: words in common that say what it is about.
        matter: these over all such words of the side that has fewer.
        shared: numbers that both give, as English prints them.
        differ: whether both give a number for the same place, and another one.
        other: the first number of each side that the other has not.
        negated: whether one says no where the other does not.
        dropped: words that turn a sentence and that only the longer one has.
        comparable: whether both are in one language.
    """

    words: float = 0.0
    contained: float = 0.0
    order: float = 0.0
    trigrams: float = 0.0
    frame: float = 0.0
    shorter: int = 0
    content: int = 0
    matter: float = 0.0
    shared: tuple[str, ...] = ()
    differ: bool = False
    other: tuple[str, str] = ("", "")
    negated: bool = False
    dropped: tuple[str, ...] = ()
    comparable: bool = True

    @property
    def degree(self) -> float:
        """One number for all of it, 0 to 1: by it the best pair of wordings is chosen."""
        within = 0.92 * self.contained if self.shorter >= CLAUSE else 0.0
        return 0.45 * self.order + 0.35 * max(self.words, within) + 0.2 * self.trigrams


def stem(word: str) -> str:
    """A word without most of its ending: six letters of a long one, and no plural s. Crude, but the same for all."""
    if word.isdigit():
        return word
    if len(word) > 3 and word.isascii() and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    return word[: 6 if word.isascii() else 5]


@lru_cache(maxsize=8_192)
def read(text: str, language: str) -> Reading:
    """Read a wording for comparing."""
    text = text[:LONGEST]
    code = language_of(language)
    folded = even(text)
    words = tuple(word.replace("n't", " not") for word in _WORD.findall(folded))
    words = tuple(part for word in words for part in word.split(" ") if part) if "n't" in folded else words
    stems = Counter(map(stem, words))
    small = small_words(code)
    numbers = tuple(figures(text, language))
    content = frozenset(
        stem(word) for word in words if word not in small and not word[0].isdigit() and len(word) > 1
    )
    padded = f" {' '.join(words)} "
    blotted = text
    for number in reversed(numbers):
        blotted = f"{blotted[: number.start]} # {blotted[number.end :]}"
    return Reading(
        text,
        code,
        folded,
        words,
        stems,
        content,
        frozenset(padded[at : at + 3] for at in range(len(padded) - 2)),
        numbers,
        " ".join(re.findall(r"[^\W\d_]+|#", even(blotted))),
    )


def compare(first: Reading, second: Reading) -> Likeness:
    """Set two wordings side by side; words are compared only within a language, numbers always."""
    shared, other = _numbers(first.numbers, second.numbers)
    differ = bool(other[0] and other[1])
    if first.language != second.language:
        return Likeness(shared=shared, differ=differ, other=other, comparable=False)
    common = sum((first.stems & second.stems).values())
    sizes = sorted((sum(first.stems.values()), sum(second.stems.values())))
    if not sizes[0]:
        return Likeness()
    trigrams = len(first.trigrams & second.trigrams)
    longer, shorter = sorted((first, second), key=lambda each: -len(each.words))
    contained = common / sizes[0]
    return Likeness(
        words=round(common / sizes[1], 4),
        contained=round(contained, 4),
        order=round(fuzz.ratio(first.folded, second.folded) / 100, 4),
        trigrams=round(trigrams / max(1, len(first.trigrams) + len(second.trigrams) - trigrams), 4),
        frame=round(fuzz.ratio(first.frame, second.frame) / 100, 4),
        shorter=sizes[0],
        content=len(first.content & second.content),
        matter=round(
            len(first.content & second.content) / max(1, min(len(first.content), len(second.content))), 4
        ),
        shared=shared,
        differ=differ,
        other=other,
        negated=_negated(first, second),
        dropped=_dropped(longer, shorter) if contained >= 0.8 and sizes[0] < sizes[1] else (),
    )


def best(first: Sequence[Reading], second: Sequence[Reading]) -> Likeness:
    """The likeness of the two wordings, one of each side, that say most the same.

    Numbers are those of all wordings: a report that leaves the number out does not make another's number unsaid.
    """
    pairs = [compare(one, other) for one in first for other in second]
    if not pairs:
        return Likeness()
    top = max(pairs, key=lambda pair: (pair.comparable, pair.degree, len(pair.shared)))
    shared = tuple(dict.fromkeys(number for pair in pairs for number in pair.shared))
    agreed = bool(shared) and not top.shared
    return Likeness(
        **{name: getattr(top, name) for name in Likeness.__slots__ if name not in ("shared", "differ")},
        shared=top.shared or shared,
        differ=top.differ and not agreed,
    )


def _span(figure: Figure) -> tuple[Decimal, Decimal]:
    low, high = figure.low, figure.high
    if low is None:
        high = high or Decimal(0)
        return high / REACH, high
    if high is None:
        return low, low * REACH
    slack = low * NEAR if figure.bound == "about" else Decimal(0)
    return low - slack, high + slack


def _numbers(first: Sequence[Figure], second: Sequence[Figure]) -> tuple[tuple[str, ...], tuple[str, str]]:
    """The numbers that both give, and the first one of each side that the other has not."""
    left, shared, alone = list(second), [], []
    for mine in first:
        low, high = _span(mine)
        for theirs in left:
            theirs_low, theirs_high = _span(theirs)
            if mine.unit == theirs.unit and low <= theirs_high and theirs_low <= high:
                left.remove(theirs)
                shared.append(told(mine))
                break
        else:
            alone.append(mine)
    other = (told(alone[0]) if alone else "", told(left[0]) if left else "")
    return tuple(dict.fromkeys(shared)), other


def told(figure: Figure) -> str:
    """A number as English prints it; a range with a dash."""
    ends = [digits(end) for end in dict.fromkeys((figure.low, figure.high)) if end is not None]
    return "–".join(ends) + ("%" if figure.unit == "%" else "")


def _negated(first: Reading, second: Reading) -> bool:
    """Whether one says no where the other does not; the *not* of a whole added clause does not count."""
    says_no = negations(first.language)
    if not (says_no & set(first.words)) ^ (says_no & set(second.words)) and Counter(
        word for word in first.words if word in says_no
    ) == Counter(word for word in second.words if word in says_no):
        return False
    shorter, longer = sorted((first.words, second.words), key=len)
    if longer[: len(shorter)] == shorter and len(longer) - len(shorter) >= SENTENCE:
        return False  # what follows a whole sentence is another one; a German “nicht” alone is not
    balance = 0
    for code in Indel.opcodes(first.words, second.words):
        mine, theirs = (
            first.words[code.src_start : code.src_end],
            second.words[code.dest_start : code.dest_end],
        )
        if code.tag == "equal":
            continue
        if max(len(mine), len(theirs)) < CLAUSE:
            balance += sum(word in says_no for word in mine) - sum(word in says_no for word in theirs)
    return balance != 0


def _dropped(longer: Reading, shorter: Reading) -> tuple[str, ...]:
    """Turning words that only the longer wording has."""
    kept = set(turning_words(shorter.text, shorter.language))
    return tuple(word for word in turning_words(longer.text, longer.language) if word not in kept)
