"""Where everything on the map stands: time runs across, one lane for each speaker, boxes and labels never overlap.

Plain geometry: the caller says what is on the map, this says where. Text is measured (`quotes.text.measuring`), a lane
grows downwards, and a label for which there is no free ground becomes a sign, then nothing: the table has every link.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from quotes.text.measuring import overlap, shorten, width, wrap

type Box = tuple[float, float, float, float]

NAMES = 132
"""Width of the names of the lanes."""
HEAD = 40
"""Height of the days above them."""
GAP, WIDE_COLUMN, COLUMN = 48, 214, 152
"""Room between columns; width of a column when there are few, and when there are many."""
FEW = 4
PAD, LINE, FOOT = 11, 17, 26
"""Inside a box: its margin, the height of a line, the height of its foot with standing and uid."""
STACK, LANE_TOP, LANE_FOOT, LANE_LEAST = 30, 18, 20, 62
"""Room between boxes of one cell; above and below the boxes of a lane; the height of an empty lane."""
TEXT, SMALL, NAME, LABEL = 13.5, 11, 13, 11.5
"""Sizes of the fonts; static/css/links.css sets the same."""
MOST_LINES = 4
ALONG = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82)
"""Places on a link at which its label is tried."""


@dataclass(frozen=True, slots=True)
class Item:
    """What is to be a box: a statement, or a group of them (`count` above 1)."""

    key: str
    lane: str
    column: int
    text: str
    foot: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Tie:
    """What is to be a line between two boxes."""

    key: str
    first: str
    second: str
    label: str


@dataclass(frozen=True, slots=True)
class Node:
    """A box as it stands."""

    key: str
    box: Box
    lines: Sequence[str]
    foot: str
    count: int

    @property
    def x(self) -> float:
        """Its left edge."""
        return self.box[0]

    @property
    def y(self) -> float:
        """Its upper edge."""
        return self.box[1]

    @property
    def width(self) -> float:
        """How wide it is."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> float:
        """How high it is."""
        return self.box[3] - self.box[1]

    @property
    def text_x(self) -> float:
        """Where its lines begin."""
        return self.x + PAD

    @property
    def rows(self) -> list[tuple[float, str]]:
        """Its lines with their heights."""
        return [(self.y + 22 + LINE * place, line) for place, line in enumerate(self.lines)]

    @property
    def icon_y(self) -> float:
        """Where the sign of its standing stands."""
        return self.box[3] - 21

    @property
    def foot_x(self) -> float:
        """Where its uid begins."""
        return self.x + PAD + 17

    @property
    def foot_y(self) -> float:
        """The line of its uid."""
        return self.box[3] - 11


@dataclass(frozen=True, slots=True)
class Sign:
    """The label of a link: words, or only its symbol where there is no room for them."""

    box: Box
    words: str

    @property
    def x(self) -> float:
        """Its left edge."""
        return self.box[0]

    @property
    def y(self) -> float:
        """Its upper edge."""
        return self.box[1]

    @property
    def width(self) -> float:
        """How wide it is."""
        return self.box[2] - self.box[0]

    @property
    def icon_x(self) -> float:
        """Where its symbol stands."""
        return self.x + (7 if self.words else 4)

    @property
    def text_x(self) -> float:
        """Where its words begin."""
        return self.x + 23

    @property
    def text_y(self) -> float:
        """The line of its words."""
        return self.y + 14

    @property
    def icon_y(self) -> float:
        """Where its symbol stands."""
        return self.y + 4


@dataclass(frozen=True, slots=True)
class Edge:
    """A line between two boxes, with its label if there is room for one."""

    key: str
    path: str
    sign: Sign | None
    arrow: str


@dataclass(frozen=True, slots=True)
class Lane:
    """The lane of one speaker: its upper edge, the lines of the name."""

    key: str
    y: float
    rows: Sequence[tuple[float, str]]
    middle: float


@dataclass(frozen=True, slots=True)
class Heading:
    """A day, month or year above its column."""

    x: float
    words: str
    below: str


@dataclass(frozen=True)
class Layout:
    """The whole drawing."""

    width: float
    height: float
    headings: Sequence[Heading]
    lanes: Sequence[Lane]
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: Sequence[Edge] = ()

    @property
    def field(self) -> float:
        """The width beside the names, which stay in sight when the rest is scrolled."""
        return self.width - NAMES

    @property
    def boxes(self) -> list[Box]:
        """The ground of all boxes and labels: none of it overlaps."""
        signs = [edge.sign.box for edge in self.edges if edge.sign is not None]
        return [node.box for node in self.nodes.values()] + signs


def lay_out(
    lanes: Sequence[tuple[str, str]],
    columns: Sequence[tuple[str, str]],
    items: Sequence[Item],
    ties: Sequence[Tie],
) -> Layout:
    """Say where everything stands.

    Args:
        lanes: key and name of each, from the top.
        columns: the words of each, and a second line, from the left.
        items: in the order in which they are to stand in their cell.
        ties: the gravest first: they get their labels first.
    """
    column = WIDE_COLUMN if len(columns) <= FEW else COLUMN
    xs = [NAMES + place * (column + GAP) for place in range(len(columns))]
    nodes: dict[str, Node] = {}
    drawn_lanes = []
    top = float(HEAD)
    cells: dict[tuple[str, int], list[Item]] = {}
    for item in items:
        cells.setdefault((item.lane, item.column), []).append(item)
    for key, name in lanes:
        names = wrap(name, NAMES - 42, NAME, 3)
        drawn_lanes.append(
            Lane(key, top, [(top + 28 + 15 * place, line) for place, line in enumerate(names)], top + 24)
        )
        lowest = top + max(LANE_LEAST, 24 + 15 * len(names))
        for place, x in enumerate(xs):
            y = top + LANE_TOP
            for item in cells.get((key, place), ()):
                node = _node(item, x, y, column)
                nodes[item.key] = node
                y = node.box[3] + STACK
            lowest = max(lowest, y - STACK + LANE_FOOT)
        top = lowest
    layout = Layout(
        width=(xs[-1] + column + GAP) if xs else NAMES,
        height=top + 4,
        headings=[
            Heading(x, shorten(words, column, 13), shorten(below, column, 12))
            for x, (words, below) in zip(xs, columns, strict=True)
        ],
        lanes=drawn_lanes,
        nodes=nodes,
    )
    return Layout(
        layout.width, layout.height, layout.headings, layout.lanes, nodes, _edges(ties, nodes, layout)
    )


def _node(item: Item, x: float, y: float, column: float) -> Node:
    room = column - 2 * PAD
    lines = wrap(item.text, room, TEXT, MOST_LINES) or [""]
    height = 14 + LINE * len(lines) + (FOOT if item.foot else 8)
    foot = shorten(item.foot, room - 17, SMALL) if item.foot else ""
    return Node(item.key, (x, y, x + column, y + height), lines, foot, item.count)


def _edges(ties: Sequence[Tie], nodes: dict[str, Node], layout: Layout) -> list[Edge]:
    taken = [node.box for node in nodes.values()]
    edges = []
    for tie in ties:
        first, second = nodes.get(tie.first), nodes.get(tie.second)
        if first is None or second is None or first is second:
            continue
        points, arrow = _curve(first, second)
        sign = _sign(tie.label, points, taken, layout)
        if sign is not None:
            taken.append(sign.box)
        edges.append(Edge(tie.key, _path(points), sign, arrow))
    return edges


type Curve = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]


def _curve(first: Node, second: Node) -> tuple[Curve, str]:
    """Return a curve from one box to another by the sides that face each other, and an arrow at its end."""
    if abs(first.x - second.x) < 1:
        upper, lower = sorted((first, second), key=lambda node: node.y)
        if lower.y - upper.box[3] <= STACK + 1:
            x = first.x + first.width / 2
            start, end = (x, upper.box[3]), (x, lower.y)
            if second is upper:
                start, end = end, start
            down = 1 if end[1] > start[1] else -1
            return (
                start,
                start,
                end,
                end,
            ), f"M{end[0] - 4:.0f} {end[1] - 6 * down:.0f}l4 {5 * down} 4 {-5 * down}"
        # Round the boxes between them, by the room at the right.
        right, out = first.box[2], first.box[2] + GAP * 0.7
        y1, y2 = first.y + first.height / 2, second.y + second.height / 2
        return ((right, y1), (out, y1), (out, y2), (right, y2)), f"M{right + 6:.0f} {y2 - 4:.0f}l-5 4 5 4"
    forward = second.x > first.x
    x1 = first.box[2] if forward else first.x
    x2 = second.x if forward else second.box[2]
    y1, y2 = first.y + first.height / 2, second.y + second.height / 2
    way = 1 if forward else -1
    bend = max(GAP * 0.6, abs(x2 - x1) * 0.45) * way
    arrow = f"M{x2 - 6 * way:.0f} {y2 - 4:.0f}l{5 * way} 4 {-5 * way} 4"
    return ((x1, y1), (x1 + bend, y1), (x2 - bend, y2), (x2, y2)), arrow


def _path(points: Curve) -> str:
    (x1, y1), (x2, y2), (x3, y3), (x4, y4) = points
    return f"M{x1:.0f} {y1:.0f}C{x2:.0f} {y2:.0f} {x3:.0f} {y3:.0f} {x4:.0f} {y4:.0f}"


def _at(points: Curve, t: float) -> tuple[float, float]:
    shares = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    return (
        sum(share * point[0] for share, point in zip(shares, points, strict=True)),
        sum(share * point[1] for share, point in zip(shares, points, strict=True)),
    )


def _sign(label: str, points: Curve, taken: Iterable[Box], layout: Layout) -> Sign | None:
    """Put the label where nothing stands: in words, else as a symbol, else not at all."""
    ground = list(taken)
    for words, wide in ((label, 30 + width(label, LABEL)), ("", 20.0)):
        for place in ALONG:
            x, y = _at(points, place)
            box = (x - wide / 2, y - 10, x + wide / 2, y + 10)
            inside = box[0] >= NAMES and box[2] <= layout.width and box[1] >= HEAD and box[3] <= layout.height
            if inside and not any(overlap(box, other) for other in ground):
                return Sign(box, words)
    return None
