"""A number over time as a step chart: ranges as bands, bounds as shapes, labels only where they fit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from quotes.text.measuring import overlap, width

type Box = tuple[float, float, float, float]

TOP, BOTTOM, LEFT, RIGHT = 34, 26, 52, 14
"""Room round the field, in units of the drawing."""
SERIES_DRAWN = 4
"""Speakers with a line of their own; the others have marks only."""
MARK = 6
"""Half the size of a mark."""
NUMBER_SIZE, DAY_SIZE = 12.5, 11
"""Sizes of the two lines of a label; static/css/charts.css sets the same."""
LINE = 14
"""Distance of the two lines of a label."""


@dataclass(frozen=True, slots=True)
class Point:
    """A number as the chart draws it.

    ``low`` or ``high`` is None where that side is open. ``first`` and ``last`` are the days it can be as of.
    """

    low: Decimal | None
    high: Decimal | None
    bound: str
    first: dt.date
    last: dt.date
    speaker: str
    words: str
    when: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One number: a dot, a ring, a band, or a dot with the side that is open."""

    shape: str
    series: int
    title: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Label:
    """Words beside a mark; ``box`` is the ground they take."""

    words: str
    when: str
    x: str
    y: str
    below_y: str
    anchor: str
    box: Box


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid, or a day under the field."""

    words: str
    x: str
    y: str
    text_x: str
    text_y: str


@dataclass(frozen=True, slots=True)
class Line:
    """The steps of one speaker's numbers; ``ground`` is where the line runs, in thin boxes."""

    series: int
    path: str
    ground: Sequence[Box]


@dataclass(frozen=True, slots=True)
class Drawing:
    """One size of the chart: `w` for desks, `n` for phones."""

    size: str
    width: int
    height: int
    left: int
    right: int
    foot: int
    rows: Sequence[Tick]
    columns: Sequence[Tick]
    lines: Sequence[Line]
    marks: Sequence[Mark]
    labels: Sequence[Label]


@dataclass(frozen=True, slots=True)
class Chart:
    """Two drawings, whose line is whose, and how many numbers could not be drawn for want of a day."""

    drawings: Sequence[Drawing]
    speakers: Sequence[tuple[int, str]]
    undated: int

    @property
    def ranges(self) -> bool:
        """Whether a band is drawn."""
        return any(mark.shape == "band" for mark in self.drawings[0].marks)

    @property
    def shapes(self) -> list[str]:
        """The shapes that are drawn, in the order of the legend."""
        used = {mark.shape for mark in self.drawings[0].marks}
        return [shape for shape in ("dot", "ring", "band", "up", "down") if shape in used]


def step_chart(points: Sequence[Point], undated: int = 0) -> Chart | None:
    """Return the chart of these numbers, or None when there is nothing to draw.

    Args:
        points: in any order.
        undated: how many numbers have no day and are only in the table.
    """
    if not points:
        return None
    counts: dict[str, int] = {}
    for point in points:
        counts[point.speaker] = counts.get(point.speaker, 0) + 1
    ranked = sorted(counts, key=lambda name: (-counts[name], name))
    series = {name: place if place < SERIES_DRAWN else SERIES_DRAWN for place, name in enumerate(ranked)}
    ordered = sorted(points, key=lambda point: (point.first, point.last, point.words))
    wide = _draw(ordered, series, "w", 800, 280)
    drawn = {line.series for line in wide.lines}
    return Chart(
        drawings=[wide, _draw(ordered, series, "n", 360, 260)],
        speakers=[(place, name) for name, place in series.items() if place in drawn],
        undated=undated,
    )


def value_of(point: Point) -> Decimal:
    """Where the line of steps passes: the known side of a bound, the lower end of a range."""
    known = point.low if point.low is not None else point.high
    return known if known is not None else Decimal(0)


class _Field:
    """From days and numbers to places in the drawing."""

    def __init__(self, points: Sequence[Point], size: tuple[int, int]) -> None:
        self.width, self.height = size
        tops = [float(max(n for n in (p.low, p.high) if n is not None)) for p in points]
        bottoms = [float(min(n for n in (p.low, p.high) if n is not None)) for p in points]
        self.step = grid_step(max(*tops, 0.0) - min(*bottoms, 0.0))
        self.lowest = self.step * (min(*bottoms, 0.0) // self.step)
        self.highest = self.step * -(-max(*tops, 0.0) // self.step)
        if self.highest == self.lowest:
            self.highest += self.step
        first, last = min(p.first for p in points), max(p.first for p in points)
        around = max(15, (last - first).days // 20)
        self.start, self.end = first.toordinal() - around, last.toordinal() + 2 * around

    def x(self, day: dt.date) -> float:
        share = (min(day.toordinal(), self.end) - self.start) / (self.end - self.start)
        return LEFT + (self.width - LEFT - RIGHT) * share

    def y(self, number: float) -> float:
        share = (number - self.lowest) / (self.highest - self.lowest)
        return TOP + (self.height - TOP - BOTTOM) * (1 - share)


def _draw(points: Sequence[Point], series: dict[str, int], size: str, width_: int, height: int) -> Drawing:
    field = _Field(points, (width_, height))
    marks = [_mark(point, field, series[point.speaker]) for point in points]
    lines = _lines(points, field, series)
    return Drawing(
        size=size,
        width=width_,
        height=height,
        left=LEFT,
        right=width_ - RIGHT,
        foot=height - BOTTOM,
        rows=_rows(field),
        columns=_columns(field),
        lines=lines,
        marks=marks,
        labels=_labels(points, marks, lines, field, series),
    )


def _rows(field: _Field) -> list[Tick]:
    rows = []
    number = field.lowest
    while number <= field.highest + field.step / 1000:
        y = field.y(number)
        rows.append(Tick(short(number), _n(LEFT), _n(y), _n(LEFT - 8), _n(y + 3.5)))
        number += field.step
    return rows


def _columns(field: _Field) -> list[Tick]:
    """Years, and months where there is room for them."""
    first, last = dt.date.fromordinal(field.start), dt.date.fromordinal(field.end)
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    room = (field.width - LEFT - RIGHT) / months
    every = next((n for n in (1, 2, 3, 6, 12, 24, 60, 120) if room * n >= 56), 240)
    ticks, taken = [], float("-inf")
    for number in range(months):
        month = first.month - 1 + number
        day = dt.date(first.year + month // 12, month % 12 + 1, 1)
        start_of_year = day.month == 1
        if (
            day.toordinal() < field.start
            or day.toordinal() > field.end
            or (day.year * 12 + day.month - 1) % every
        ):
            continue
        words = str(day.year) if start_of_year or every >= 12 else _MONTHS[day.month - 1]
        x, half = field.x(day), width(words, DAY_SIZE) / 2
        if x - half < max(taken, 0) or x + half > field.width:
            continue
        taken = x + half + 4
        ticks.append(Tick(words, _n(x), _n(field.height - BOTTOM), _n(x), _n(field.height - 8)))
    return ticks


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _lines(points: Sequence[Point], field: _Field, series: dict[str, int]) -> list[Line]:
    lines = []
    for name, place in series.items():
        # A range has no single height at which its speaker stands: a line is drawn through single numbers only.
        mine = [point for point in points if point.speaker == name]
        if all(point.bound == "range" for point in mine):
            continue
        if place >= SERIES_DRAWN or len(mine) < 2:
            continue
        path, ground = "", []
        at: tuple[float, float] | None = None
        for point in mine:
            x, y = field.x(point.first), field.y(float(value_of(point)))
            path += f"H{x:.1f}V{y:.1f}" if at else f"M{x:.1f} {y:.1f}"
            if at:
                ground.append((at[0], at[1] - 1, x, at[1] + 1))
                ground.append((x - 1, min(at[1], y), x + 1, max(at[1], y)))
            at = (x, y)
        end = float(field.width - RIGHT)
        if at:
            ground.append((at[0], at[1] - 1, end, at[1] + 1))
        lines.append(Line(place, f"{path}H{end:.1f}", ground))
    return lines


def _mark(point: Point, field: _Field, series: int) -> Mark:
    x = field.x(point.first)
    title = f"{point.speaker}: {point.words} as of {point.when}"
    if point.low is not None and point.high is not None and point.low != point.high:
        top, foot = field.y(float(point.high)), field.y(float(point.low))
        wide = max(field.x(point.last) - x, 10)
        return Mark("band", series, title, _n(x), _n(top), _n(wide), _n(max(foot - top, 3)))
    shape = {"about": "ring", "at_least": "up", "at_most": "down"}.get(point.bound, "dot")
    return Mark(shape, series, title, _n(x), _n(field.y(float(value_of(point)))), "0", "0")


def _ground(mark: Mark) -> Box:
    x, y = float(mark.x), float(mark.y)
    if mark.shape == "band":
        return (x, y, x + float(mark.width), y + float(mark.height))
    return (x - MARK, y - MARK, x + MARK, y + MARK)


def _labels(
    points: Sequence[Point],
    marks: Sequence[Mark],
    lines: Sequence[Line],
    field: _Field,
    series: dict[str, int],
) -> list[Label]:
    """Label as many marks as fit: the newest first, then the oldest, then what lies between.

    No label stands on another, on a mark or on a line.
    """
    taken = [_ground(mark) for mark in marks] + [box for line in lines for box in line.ground]
    order = sorted(range(len(points)), key=lambda at: min(len(points) - 1 - at, 2 * at + 1))
    found = []
    for at in order:
        point, mark = points[at], marks[at]
        when = (
            point.when if len(series) == 1 or series[point.speaker] == 0 else f"{point.speaker}, {point.when}"
        )
        label = next(
            (label for label in _places(point.words, when, mark) if _fits(label.box, taken, field)),
            None,
        )
        if label is not None:
            taken.append(label.box)
            found.append(label)
    return found


def _places(words: str, when: str, mark: Mark) -> list[Label]:
    wide = max(width(words, NUMBER_SIZE), width(when, DAY_SIZE))
    left, top, right, foot = _ground(mark)
    middle, above, below = (left + right) / 2, top - 6, foot + 5
    places = []
    for anchor, x, start in (
        ("", middle, middle - wide / 2),
        ("end", right, right - wide),
        ("start", left, left),
    ):
        places.append(_label(words, when, anchor, x, (start, above - 2 * LINE, start + wide, above)))
        places.append(_label(words, when, anchor, x, (start, below, start + wide, below + 2 * LINE)))
    half = (top + foot) / 2
    beside = (half - LINE, half + LINE)
    places.append(_label(words, when, "end", left - 6, (left - 6 - wide, beside[0], left - 6, beside[1])))
    places.append(
        _label(words, when, "start", right + 6, (right + 6, beside[0], right + 6 + wide, beside[1]))
    )
    return places


def _label(words: str, when: str, anchor: str, x: float, box: Box) -> Label:
    return Label(words, when, _n(x), _n(box[1] + 11), _n(box[1] + 11 + LINE), anchor, box)


def _fits(box: Box, taken: Sequence[Box], field: _Field) -> bool:
    inside = box[0] >= LEFT and box[2] <= field.width and box[1] >= 0 and box[3] <= field.height - BOTTOM
    return inside and not any(overlap(box, other) for other in taken)


def grid_step(span: float) -> float:
    """Return the distance of the grid's lines: 1, 2, 2.5 or 5 times a power of ten, at most five lines."""
    size = 10.0**-6
    while True:
        for step in (size, 2 * size, 2.5 * size, 5 * size):
            if span <= 4 * step:
                return step
        size *= 10


def short(number: float) -> str:
    """Return a number as an axis prints it: 50k, 2.5m."""
    for size, sign in ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(number) >= size:
            return f"{number / size:.4g}{sign}"
    return f"{number:.4g}"


def _n(number: float) -> str:
    return f"{number:.1f}"
