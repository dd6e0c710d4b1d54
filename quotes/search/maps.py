"""The map of a topic or of a statement: who said what when, and how it hangs together."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.http import Http404

from quotes.models import Link, Quote, Speaker, Statement, Topic
from quotes.models.statement import StatementQuerySet
from quotes.search.map_layout import Edge, Item, Layout, Node, Tie, lay_out
from quotes.search.statements import said_in_words
from quotes.text import days

SHOWN = 200
"""Statements on one map; the newest are kept."""
LANES, COLUMNS, CELL = 12, 10, 3
"""Lanes and columns at most, and boxes in one cell; what is beyond is grouped."""
CELL_ALONE = 12
"""Boxes in one cell when the map is of one speaker."""
HOPS = 2
"""Links between a statement and the others on its map."""
OTHERS = "others"
GRAVEST = (
    Link.Type.CONFLICTS_FIGURE, Link.Type.CONTRADICTS, Link.Type.DENIES, Link.Type.REVERSES,
    Link.Type.UPDATES_FIGURE, Link.Type.CLARIFIES, Link.Type.RESPONDS_TO, Link.Type.QUOTES, Link.Type.REPEATS,
    Link.Type.ECHOES, Link.Type.CONTEXT_FOR,
)  # fmt: skip
SHORT = {
    Link.Type.CONFLICTS_FIGURE: "Other figure", Link.Type.CONTRADICTS: "Contradicts", Link.Type.DENIES: "Denies",
    Link.Type.REVERSES: "Reverses", Link.Type.UPDATES_FIGURE: "Updates", Link.Type.CLARIFIES: "Clarifies",
    Link.Type.RESPONDS_TO: "Responds", Link.Type.QUOTES: "Quotes", Link.Type.REPEATS: "Repeats",
    Link.Type.ECHOES: "Echoes", Link.Type.CONTEXT_FOR: "Context",
}  # fmt: skip
"""What a label on the map says; the table has the whole words."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A statement on the map, or a group of them."""

    node: Node
    statement: Statement | None
    quote: Quote | None
    speaker: Speaker | None

    @property
    def standing(self) -> str:
        """What it stands at; nobody can have checked what has no wording."""
        return self.quote.standing.value if self.quote else "unchecked"


@dataclass(frozen=True, slots=True)
class Thread:
    """A link on the map: how it is drawn, and what it says."""

    edge: Edge
    link: Link
    source: Statement
    target: Statement

    @property
    def suggested(self) -> bool:
        """Whether nobody has decided on it."""
        return self.link.state == Link.State.SUGGESTED


@dataclass(frozen=True, slots=True)
class LaneOnMap:
    """A lane with its speaker; none for the lane of all others."""

    y: float
    middle: float
    rows: Sequence[tuple[float, str]]
    speaker: Speaker | None


@dataclass(frozen=True, slots=True)
class TypeCount:
    """A type of link, how many there are of it, and whether it is shown."""

    value: str
    label: str
    count: int
    on: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A statement in the table."""

    statement: Statement
    speaker: Speaker
    quote: Quote | None
    said: str


@dataclass(frozen=True)
class Map:
    """All that the page shows."""

    layout: Layout
    spots: Sequence[Spot]
    threads: Sequence[Thread]
    lanes: Sequence[LaneOnMap]
    rows: Sequence[Row]
    links: Sequence[tuple[Link, Statement, Statement]]
    types: Sequence[TypeCount]
    suggested: int
    older: int
    selected: tuple[Link, Statement, Statement] | None
    topic: Topic | None
    statement: Statement | None
    speaker: Speaker | None

    @property
    def name(self) -> str:
        """What the map is of."""
        return self.topic.name if self.topic else self.statement.gist if self.statement else ""

    @property
    def grouped(self) -> int:
        """How many statements stand in groups."""
        return sum(spot.node.count for spot in self.spots if spot.statement is None)


def topics_with_statements(user: Any) -> list[Topic]:
    """Return the topics that have a statement which `user` may know of, by name.

    Without counts: on a large desk they would cost more than the map itself.
    """
    told = Statement.objects.visible_to(user).filter(topics=OuterRef("pk"))
    return list(Topic.objects.filter(Exists(told)).order_by("name", "pk"))


def map_of(
    user: Any,
    *,
    topic: str = "",
    statement: str = "",
    speaker: str = "",
    types: Sequence[str] = (),
    suggestions: bool = True,
    link: int | None = None,
) -> Map:
    """Lay out the map of a topic, or of a statement with all that is at most two links away.

    Args:
        user: who looks; what they may not know of is not on it.
        topic, statement: slug or uid of what it is of; one of the two.
        speaker: only this one's lane.
        types: only these types of links; empty for all.
        suggestions: whether links that nobody has decided on are drawn.
        link: key of the link to show beside the map.

    Raises:
        Http404: when there is no such topic, statement or speaker, or none that `user` may know of.
    """
    seen = Statement.objects.visible_to(user)
    about = one = None
    if topic:
        about = Topic.objects.filter(slug=topic).first()
        if about is None:
            raise Http404
        found = seen.filter(topics=about)
    else:
        one = seen.filter(uid=statement).first()
        if one is None:
            raise Http404
        found = seen.filter(pk__in=_near(user, one))
    who = None
    if speaker:
        who = Speaker.objects.filter(slug=speaker).first()
        if who is None:
            raise Http404
        found = found.filter(pk__in=Statement.objects.of_speaker(who.present).values("pk"))
    statements = _with_words(found.newest_first()[:SHOWN])
    older = max(0, found.count() - SHOWN) if len(statements) == SHOWN else 0
    by_key = {record.pk: record for record in statements}
    every = list(
        Link.objects.visible_to(user)
        .exclude(state=Link.State.REJECTED)
        .filter(source__in=by_key, target__in=by_key)
        .select_related("decided_by")
        .order_by("pk")
    )
    shown = [
        record
        for record in every
        if (not types or record.type in types) and (suggestions or record.state == Link.State.CONFIRMED)
    ]
    shown.sort(
        key=lambda record: (record.state != Link.State.CONFIRMED, GRAVEST.index(Link.Type(record.type)))
    )
    counts = Counter(record.type for record in every)
    return _drawn(
        statements,
        shown,
        by_key,
        alone=who is not None,
        chosen=link,
        types=[
            TypeCount(value, str(Link.Type(value).label), counts[value], not types or value in types)
            for value in GRAVEST
            if counts[value]
        ],
        suggested=sum(record.state == Link.State.SUGGESTED for record in every),
        older=older,
        topic=about,
        statement=one,
        speaker=who.present if who else None,
    )


def _near(user: Any, statement: Statement) -> set[int]:
    """Return the keys of the statements that are at most two links away."""
    near, step = {statement.pk}, {statement.pk}
    for _ in range(HOPS):
        ends = (
            Link.objects.visible_to(user)
            .exclude(state=Link.State.REJECTED)
            .filter(Q(source__in=step) | Q(target__in=step))
            .order_by("-pk")
            .values_list("source", "target")[: 4 * SHOWN]
        )
        step = {key for pair in ends for key in pair} - near
        near |= step
    return near


def _with_words(statements: StatementQuerySet) -> list[Statement]:
    quotes = Quote.objects.select_related("standing", "article").order_by("pk")
    return list(
        statements.select_related("speaker__redirects_to", "uttered_by").prefetch_related(
            Prefetch("quotes", quotes)
        )
    )


def _drawn(
    statements: Sequence[Statement],
    links: Sequence[Link],
    by_key: dict[int, Statement],
    *,
    alone: bool,
    chosen: int | None,
    **facts: Any,
) -> Map:
    shown_quotes = {record.pk: record.shown_quote for record in statements}
    speakers = Counter(record.speaker.present for record in statements)
    ranked = sorted(speakers, key=lambda speaker: (-speakers[speaker], speaker.name))
    if len(ranked) > LANES:
        ranked = ranked[: LANES - 1]
    lane_of = {speaker.pk: speaker.slug for speaker in ranked}
    columns, column_of = _columns(statements)
    linked = Counter(key for link in links for key in (link.source_id, link.target_id))
    cells: dict[tuple[str, int], list[Statement]] = {}
    for record in statements:
        lane = lane_of.get(record.speaker.present.pk, OTHERS)
        cells.setdefault((lane, column_of[record.pk]), []).append(record)
    items, box_of = [], {}
    most = CELL_ALONE if alone else CELL
    for (lane, column), records in cells.items():
        records.sort(key=lambda record: (-linked[record.pk], -record.pk))
        # A group of one would take the room of the one.
        kept = records if len(records) <= most else records[: most - 1]
        for record in kept:
            quote = shown_quotes[record.pk]
            items.append(Item(record.uid, lane, column, _words(record, quote), record.uid))
            box_of[record.pk] = record.uid
        if rest := records[len(kept) :]:
            key = f"+{lane}-{column}"
            items.append(Item(key, lane, column, f"{len(rest)} more statements", "", len(rest)))
            box_of.update({record.pk: key for record in rest})
    lanes = [(speaker.slug, speaker.name) for speaker in ranked]
    if OTHERS in {lane for lane, _ in cells}:
        lanes.append((OTHERS, f"{len(speakers) - len(ranked)} others"))
    ties, told = [], set()
    for link in links:
        ends = box_of[link.source_id], box_of[link.target_id]
        same = (frozenset(ends), link.type)
        if ends[0] != ends[1] and same not in told:
            told.add(same)
            doubt = "?" if link.state == Link.State.SUGGESTED else ""
            ties.append(Tie(str(link.pk), *ends, f"{SHORT[Link.Type(link.type)]}{doubt}"))
    layout = lay_out(lanes, columns, items, ties)
    of_slug = {speaker.slug: speaker for speaker in ranked}
    pairs = {str(link.pk): (link, by_key[link.source_id], by_key[link.target_id]) for link in links}
    of_uid = {record.uid: record for record in statements}
    spots = []
    for key, node in layout.nodes.items():
        if (one := of_uid.get(key)) is not None:
            spots.append(Spot(node, one, shown_quotes[one.pk], one.speaker.present))
        else:
            spots.append(Spot(node, None, None, of_slug.get(key[1:].rsplit("-", 1)[0])))
    return Map(
        layout=layout,
        spots=spots,
        threads=[Thread(edge, *pairs[edge.key]) for edge in layout.edges],
        lanes=[LaneOnMap(lane.y, lane.middle, lane.rows, of_slug.get(lane.key)) for lane in layout.lanes],
        rows=[
            Row(record, record.speaker.present, shown_quotes[record.pk], said_in_words(record))
            for record in sorted(
                statements, key=lambda record: (column_of[record.pk], record.speaker.name, record.pk)
            )
        ],
        links=list(pairs.values()),
        selected=pairs.get(str(chosen)) or next(iter(pairs.values()), None),
        **facts,
    )


def _words(record: Statement, quote: Quote | None) -> str:
    """The words of a box: the speaker's own between marks, or our line where the wording is not English."""
    if quote is None or quote.language.split("-")[0] != "en":
        return record.gist
    if quote.kind in (Quote.Kind.DIRECT, Quote.Kind.PARTIAL) and not quote.text.startswith(("“", '"')):
        return f"“{quote.text}”"
    return quote.text


def _columns(statements: Sequence[Statement]) -> tuple[list[tuple[str, str]], dict[int, int]]:
    """Put the statements into columns of days, months, quarters, years or ten years: the finest that are few enough.

    A statement known to the year only has a column of that year, and never of its first of January.

    Returns the words of each column, and the column of each statement by its key.
    """
    dates = {record.pk: date for record in statements if (date := _date(record)) is not None}
    undated = len(dates) < len(statements)
    room = COLUMNS - undated
    scale = next(
        (n for n in range(len(_SCALES)) if len({_bucket(date, n) for date in dates.values()}) <= room), -1
    )
    scale = scale if scale >= 0 else len(_SCALES) - 1
    buckets = sorted({_bucket(date, scale) for date in dates.values()})[-room:]
    place = {bucket: number for number, bucket in enumerate(buckets)}
    # Beyond the last scale the earliest share the first column.
    column_of = {
        record.pk: place.get(_bucket(dates[record.pk], scale), 0) if record.pk in dates else len(buckets)
        for record in statements
    }
    inside: dict[int, list[Statement]] = {}
    for record in statements:
        inside.setdefault(column_of[record.pk], []).append(record)
    columns = []
    for number, (first, scale_of) in enumerate(buckets):
        found = inside.get(number, [])
        by = "by " if scale_of == 0 and all(record.said_on is None for record in found) else ""
        columns.append((f"{by}{_SCALES[-scale_of][1](first)}", _occasion(found)))
    if undated:
        columns.append(("Not known", "when it was said"))
    return columns, column_of


def _occasion(statements: Sequence[Statement]) -> str:
    """One occasion behind a whole column is worth saying; several are not one."""
    found = {record.occasion for record in statements}
    return found.pop() if len(found) == 1 else ""


def _date(record: Statement) -> tuple[dt.date, int] | None:
    """Return the first day that a statement can have been made on, and how coarse that is; None when not known."""
    if record.said_on is None:
        return (record.days[0], 0) if record.days else None
    return record.said_on, {"month": 1, "year": 3}.get(record.said_on_precision or "day", 0)


def _bucket(date: tuple[dt.date, int], scale: int) -> tuple[dt.date, int]:
    """Return the first day of the column, and its scale negated: of one beginning, the coarser stands first."""
    coarse = max(date[1], scale)
    return _SCALES[coarse][0](date[0]), -coarse


_SCALES: tuple[tuple[Callable[[dt.date], dt.date], Callable[[dt.date], str]], ...] = (
    (lambda day: day, lambda day: days.in_words(day)),
    (lambda day: day.replace(day=1), lambda day: days.in_words(day, "month")),
    (
        lambda day: dt.date(day.year, (day.month - 1) // 3 * 3 + 1, 1),
        lambda day: f"{days.MONTHS[day.month - 1]}–{days.MONTHS[day.month + 1]} {day.year}",
    ),
    (lambda day: dt.date(day.year, 1, 1), lambda day: str(day.year)),
    (lambda day: dt.date(day.year // 10 * 10, 1, 1), lambda day: f"{day.year}s"),
)
"""Scales of columns, the finest first: into the first day of the column, and its words."""
