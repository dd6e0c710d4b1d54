"""Two or more figures on one line, to see at a glance whether they meet; drawn by the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from quotes.search.stepcharts import NUMBER_SIZE, Box, grid_step, short
from quotes.text.measuring import overlap, width

SIDE = 20
"""Room left and right of the line."""
ROW = 18
"""Height of one row of labels."""
TICK_SIZE = 11


@dataclass(frozen=True, slots=True)
class Value:
    """A figure to draw; ``low`` or ``high`` None is open. ``label`` says whose it is."""

    low: Decimal | None
    high: Decimal | None
    label: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A figure as drawn: a dot, or a band from low to high; its label above it."""

    band: bool
    open: bool
    x: str
    width: str
    middle: str
    label: str
    text_x: str
    text_y: str
    box: Box


@dataclass(frozen=True, slots=True)
class NumberLine:
    """The line, its ticks and the figures on it; ``w`` for desks, ``n`` for phones."""

    size: str
    width: int
    height: int
    y: int
    ticks: Sequence[tuple[str, str]]
    spots: Sequence[Spot]

    @property
    def end(self) -> int:
        """Where the line ends."""
        return self.width - SIDE


def number_lines(values: Sequence[Value]) -> list[NumberLine]:
    """Return the drawing in both sizes; none when there is nothing to draw."""
    return [_draw(values, "w", 760, 7), _draw(values, "n", 340, 4)] if values else []


def _draw(values: Sequence[Value], size: str, wide: int, most: int) -> NumberLine:
    known = [float(n) for value in values for n in (value.low, value.high) if n is not None]
    bottom, top = min(0.0, *known), max(0.0, *known)
    step = grid_step((top - bottom) * 4 / most)
    first, last = step * (bottom // step), step * -(-top // step)
    last = last if last > first else first + step

    def at(number: float) -> float:
        return SIDE + (wide - 2 * SIDE) * (number - first) / (last - first)

    taken: list[Box] = []
    places = []
    for value in values:
        left = at(float(value.low)) if value.low is not None else at(first)
        right = at(float(value.high)) if value.high is not None else at(last)
        middle, half = (left + right) / 2, width(value.label, NUMBER_SIZE) / 2
        centre = min(max(middle, half), max(wide - half, half))
        row = 0
        while any(overlap((centre - half, row, centre + half, row + 1), box) for box in taken):
            row += 1
        taken.append((centre - half, row, centre + half, row + 1))
        places.append((value, left, right, middle, centre, half, row))
    rows = max(place[-1] for place in places) + 1
    y = rows * ROW + 30
    spots = []
    for value, left, right, middle, centre, half, row in places:
        foot = (rows - row) * ROW
        is_open = value.low is None or value.high is None
        spots.append(
            Spot(
                band=value.low != value.high,
                open=is_open,
                x=f"{left:.1f}",
                width=f"{max(right - left, 2):.1f}",
                middle=f"{middle:.1f}",
                label=value.label,
                text_x=f"{centre:.1f}",
                text_y=f"{foot - 4:.1f}",
                box=(centre - half, foot - ROW, centre + half, foot),
            )
        )
    ticks = []
    number = first
    while number <= last + step / 1000:
        ticks.append((f"{at(number):.1f}", short(number)))
        number += step
    return NumberLine(size, wide, y + 24, y, ticks, spots)
