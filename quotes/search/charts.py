"""Bars of statements by month, as numbers to draw: the template only places them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quotes.models import Standing

KEYS = {
    "verified": (Standing.Value.VERIFIED,),
    "in_review": (Standing.Value.IN_REVIEW,),
    "unchecked": (Standing.Value.UNCHECKED,),
    "stale": (Standing.Value.STALE,),
    "disputed": (Standing.Value.DISPUTED,),
    "withdrawn": (Standing.Value.MISATTRIBUTED, Standing.Value.RETRACTED),
}
"""What one layer of a bar counts, from the bottom up."""
LABELS = {
    **{value.value: value.label for value in Standing.Value},
    "withdrawn": "Misattributed or retracted",
}
TOP, BOTTOM, LEFT = 8, 22, 26
"""Room round the bars, in units of the drawing."""
BAR = 0.68
"""Share of a month's width that its bar takes; the rest keeps bars apart."""


@dataclass(frozen=True, slots=True)
class Key:
    """A layer, for the legend."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the grid with its number."""

    value: int
    y: str
    x: str
    text_y: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One layer of one month."""

    standing: str
    title: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Label:
    """A month under its bar."""

    text: str
    x: str
    y: str
    at_edge: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """One size of the chart: `w` for desks, `n` for phones, which show fewer months."""

    size: str
    width: int
    height: int
    left: int
    lines: Sequence[Line]
    bars: Sequence[Bar]
    labels: Sequence[Label]


@dataclass(frozen=True, slots=True)
class TableRow:
    """The same numbers as a row of a table."""

    label: str
    numbers: Sequence[int]


@dataclass(frozen=True, slots=True)
class Chart:
    """Two drawings and their table."""

    keys: Sequence[Key]
    drawings: Sequence[Drawing]
    rows: Sequence[TableRow]


def by_month(
    months: Sequence[tuple[str, Mapping[str, int]]], *, wide: tuple[int, int] = (800, 178), every: int = 3
) -> Chart | None:
    """Return the chart of these months, or None when there is nothing to draw.

    Args:
        months: label (“Feb 2026”) and numbers by standing, in order. Days do as well.
        wide: width and height of the drawing for desks, in its own units.
        every: every which of its bars has its label, counted from the last.
    """
    layers = [
        (label, {key: sum(counts.get(value, 0) for value in values) for key, values in KEYS.items()})
        for label, counts in months
    ]
    if not any(sum(numbers.values()) for _, numbers in layers):
        return None
    used = [key for key in KEYS if any(numbers[key] for _, numbers in layers)]
    return Chart(
        keys=[Key(key, str(LABELS[key])) for key in used],
        drawings=[_draw(layers, used, "w", *wide, every), _draw(layers[-13:], used, "n", 360, 200, 4)],
        rows=[TableRow(label, [numbers[key] for key in used]) for label, numbers in layers],
    )


def _draw(
    layers: Sequence[tuple[str, Mapping[str, int]]],
    used: Sequence[str],
    size: str,
    width: int,
    height: int,
    every: int,
) -> Drawing:
    highest = max(sum(numbers.values()) for _, numbers in layers) or 1
    step = _step(highest)
    top = -(-highest // step) * step
    field, month = height - TOP - BOTTOM, (width - LEFT) / len(layers)
    # Few months would make beams, not bars.
    thick = min(month * BAR, 42)

    def up(number: int) -> float:
        return TOP + field * (1 - number / top)

    bars, labels = [], []
    for place, (label, numbers) in enumerate(layers):
        middle, below = LEFT + (place + 0.5) * month, 0
        for key in used:
            if number := numbers[key]:
                y = up(below + number)
                title = f"{label}: {number} {LABELS[key].lower()}"
                x = middle - thick / 2
                bars.append(Bar(key, title, _n(x), _n(y), _n(thick), _n(up(below) - y - 0.75)))
                below += number
        if (len(layers) - 1 - place) % every == 0:
            last = place == len(layers) - 1
            labels.append(Label(label, _n(width if last else middle), _n(height - 6), last))
    lines = [
        Line(number, _n(up(number)), _n(LEFT - 6), _n(up(number) + 3.5)) for number in range(0, top + 1, step)
    ]
    return Drawing(size, width, height, LEFT, lines, bars, labels)


def _step(highest: int) -> int:
    """Return the distance of the grid's lines: 1, 2 or 5 times a power of ten, at most six lines."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if highest <= 5 * step:
                return step
        size *= 10


def _n(number: float) -> str:
    return f"{number:.1f}"
