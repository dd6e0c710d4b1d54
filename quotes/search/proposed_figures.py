"""The figures that a text holds, put so that a person only has to agree: numbers, bound, measure and day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from quotes.models import Figure, Measure
from quotes.text.figures import Figure as Parsed
from quotes.text.figures import figures
from quotes.text.folding import fold_text

MOST = 8
"""Proposals shown at a time; the next ones come when some were taken."""
NEAR = 80
"""Characters on each side of a number in which what it counts is looked for."""
ENOUGH = 0.5
"""The part of a measure's own words that has to stand near the number for it to be proposed."""
_STEM = 5
"""Letters of a word that have to agree: killed and killing, soldier and soldiers."""
_LONGEST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Proposal:
    """One figure of the text as a row of the form would have it; `place` tells it from the others of this text.

    `measure` is the slug of the measure that it probably counts, or empty when nothing says so.
    """

    place: int
    bound: str
    low: str
    high: str
    as_printed: str
    measure: str = ""
    measure_name: str = ""
    as_of: str = ""

    @property
    def in_words(self) -> str:
        """The bound and the numbers, as a person reads them: “at least 55,000”."""
        numbers = [f"{Decimal(number):,f}" for number in dict.fromkeys((self.low, self.high)) if number]
        return f"{Figure.Bound(self.bound).label} {' and '.join(numbers)}"

    @property
    def fields(self) -> dict[str, str]:
        """The fields of its row, by name."""
        names = ("measure", "bound", "low", "high", "as_of", "as_printed")
        return {name: getattr(self, name) for name in names}


def proposed_figures(
    text: str, language: str, held: Iterable[tuple[str, str]], *, said_on: str = "", statement: Any = None
) -> list[Proposal]:
    """Return the figures of a text that are in no row yet, in the order of the text.

    Args:
        text: the words of the quote.
        language: its tag, which decides what a comma and a point mean.
        held: lower and upper number of the rows that there are, as the form has them.
        said_on: the day of the statement as the form has it: a figure is as of then unless the words say otherwise.
        statement: whose other quotes may have the same figure already, or None.
    """
    taken = {(_number(low), _number(high)) for low, high in held} - {(None, None)}
    read = figures(text[:_LONGEST_TEXT], language or "und")
    found = [(place, figure) for place, figure in enumerate(read) if not _is_taken(figure, taken)][:MOST]
    if not found:
        return []
    measures = list(Measure.objects.order_by("name", "pk")[:300])
    known = _known(statement)
    proposals = []
    for place, figure in found:
        measure = known.get((figure.low, figure.high)) or _nearest(
            _around(place, read, text), [one for one in measures if _is_share(one) == (figure.unit == "%")]
        )
        proposals.append(_proposal(place, figure, text, measure, said_on))
    return proposals


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text.strip()) if text.strip() else None
    except InvalidOperation:
        return None


def _is_taken(figure: Parsed, taken: set[tuple[Decimal | None, Decimal | None]]) -> bool:
    pairs = {(figure.low, figure.high)}
    if figure.bound in ("exact", "about"):
        # One number is enough in the form for these.
        pairs |= {(figure.low, None), (None, figure.high)}
    return bool(pairs & taken)


def _known(statement: Any) -> dict[tuple[Decimal | None, Decimal | None], Measure]:
    """What other quotes of the same statement count with a number: the same thing in other words."""
    if statement is None:
        return {}
    rows = Figure.objects.filter(quote__statement=statement).select_related("measure").order_by("-pk")
    return {(row.low, row.high): row.measure for row in rows[:200]}


def _proposal(place: int, figure: Parsed, text: str, measure: Measure | None, said_on: str) -> Proposal:
    return Proposal(
        place,
        figure.bound,
        "" if figure.low is None else f"{figure.low.normalize():f}",
        "" if figure.high is None else f"{figure.high.normalize():f}",
        text[figure.start : figure.end].strip()[:120],
        measure.slug if measure else "",
        measure.name if measure else "",
        said_on,
    )


def _is_share(measure: Measure) -> bool:
    """Whether a measure is a part of a hundred: a share is no count, whatever stands beside it."""
    return "%" in measure.unit or "percent" in measure.unit.replace(" ", "").lower()


def _around(place: int, read: Sequence[Parsed], text: str) -> tuple[str, str]:
    """The words behind a number, and those on both sides of it, as far as no other number begins."""
    figure = read[place]
    first = read[place - 1].end if place else 0
    last = read[place + 1].start if place + 1 < len(read) else len(text)
    behind = text[figure.end : min(last, figure.end + NEAR)]
    return behind, f"{text[max(first, figure.start - NEAR) : figure.start]} {behind}"


def _nearest(around: tuple[str, str], measures: Sequence[Measure]) -> Measure | None:
    """The one measure most of whose own words stand near; what is counted mostly follows its number."""
    for words in around:
        near, scored = _stems(words), []
        for measure in measures:
            own = _stems(f"{measure.name} {measure.unit}")
            if own:
                scored.append((len(own & near) / len(own), measure))
        scored.sort(key=lambda pair: -pair[0])
        if scored and scored[0][0] >= ENOUGH and (len(scored) == 1 or scored[1][0] < scored[0][0]):
            return scored[0][1]
    return None


def _stems(text: str) -> set[str]:
    words = re.findall(r"[^\W\d_]{3,}", fold_text(text))
    return {word[:_STEM] for word in words} - {"the", "and", "per", "for", "perso"}
