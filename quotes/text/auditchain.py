"""The audit chain re-computed in plain Python, apart from the database that wrote it.

The rule is that of quotes/migrations/sql/audit.sql: an event's leaf is a SHA-256 over its fields, a
seal's hash one over its own fields, the hash of the seal before it and a SHA-256 over its leaves in
order. A checkpoint is a position and a hash noted outside the database: against it a chain that was
cut or written anew from some point is found too, which the chain alone cannot show (TRUST.md F15).

When several transactions commit at the same moment, one of them takes its place in the chain at once.
The others' seals wait for theirs until the next seal is placed (quotes/migrations/sql/audit_apart.sql):
their events and the hash over them are fixed already, and are verified like all others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

WAITS = "waits"
"""What a seal without a place has for the hash of the seal before it; its own hash is that over its leaves."""


type Event = tuple[
    int, int, int, int | None, str, str, str, int | None, int | None, str | None, str | None, bytes
]
"""One row of quotes_auditevent, as it stands, in the order in which it is hashed.

Its number, its seal's, the moment in microseconds since EPOCH, actor_pk, actor, verb, table, record_pk, statement_pk,
before, after; at last its leaf. A plain row and no object: there are millions, and making an object of each takes
longer than its hash.
"""
EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - of UTC, like all that is counted from it


class Seal(NamedTuple):
    """One row of quotes_auditseal, as it stands. The position of one that waits is 0.

    The moment is microseconds since EPOCH. It and the number of events are unknown only where somebody took them away.
    """

    id: int
    position: int
    transaction: str
    events: int | None
    sealed_at: int | None
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the chain's end was at some moment."""

    position: int
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where the chain does not hold."""

    position: int
    event_id: int | None
    message: str


@dataclass(slots=True)
class Walk:
    """How far a verification came. `broken` is None when all of it holds."""

    seals: int = 0
    events: int = 0
    waiting: int = 0
    position: int = 0
    hash: str = ""
    broken: Break | None = None

    @property
    def last(self) -> Checkpoint:
        """The last seal that holds, with a place."""
        return Checkpoint(self.position, self.hash)


def instant(moment: datetime) -> str:
    """Return a moment as it stands inside a hash: UTC, with microseconds."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def leaf_of(event: Event) -> bytes:
    """Return the leaf that `event`'s fields give.

    It is a SHA-256 over one unambiguous text for all of them (verbatim_canonical in SQL): each with its length in code
    points before it, unknown ones a minus, commas between. Put together in one go: this is done for every event.
    """
    number, seal, at, actor_pk, actor, verb, table, record_pk, statement_pk, before, after, _ = event
    key = str(number)
    record = "-" if record_pk is None else f"{len(name := str(record_pk))}:{name}"
    statement = "-" if statement_pk is None else f"{len(name := str(statement_pk))}:{name}"
    was = "-" if before is None else f"{len(before)}:{before}"
    became = "-" if after is None else f"{len(after)}:{after}"
    alike = _alike(seal, at, actor_pk, actor, verb, table)
    text = f"{len(key)}:{key},{alike},{record},{statement},{was},{became}"
    return hashlib.sha256(text.encode()).digest()


@lru_cache(maxsize=16)
def _alike(seal: int, at: int, actor_pk: int | None, actor: str, verb: str, table: str) -> str:
    """Return what the rows that one statement wrote have in common: there may be a million of them in a row."""
    who = None if actor_pk is None else str(actor_pk)
    return _joined(str(seal), _moment(at), who, actor, verb, table)


def _joined(*parts: str | None) -> str:
    """Return the text of `leaf_of` for some fields, also where the owner of the tables let one be unknown."""
    return ",".join("-" if part is None else f"{len(part)}:{part}" for part in parts)


def _moment(microseconds: int | None) -> str:
    """Return an instant; what no clock can have shown (or was taken away) as it is, which agrees with no hash."""
    try:
        moment = EPOCH + timedelta(microseconds=microseconds)  # type: ignore[arg-type]
    except (OverflowError, TypeError):
        return str(microseconds)
    return moment.isoformat(timespec="microseconds") + "Z"


def hash_of(seal: Seal, root: str) -> str:
    """Return the hash that `seal`'s fields give, with `root`, the SHA-256 over its leaves in order; cf. `leaf_of`."""
    number, place, transaction, count, sealed_at, previous, _ = seal
    text = _joined(str(place), str(number), transaction, str(count), _moment(sealed_at), previous, root)
    return hashlib.sha256(text.encode()).hexdigest()


def verify(
    chain: Iterable[tuple[Seal, Iterable[Event]]],
    checkpoints: Iterable[Checkpoint] = (),
    waiting: Iterable[tuple[Seal, Iterable[Event]]] = (),
) -> Walk:
    """Walk the chain from its start and stop at the first place that does not hold.

    Args:
        chain: seals by position, each with its events by id; read once, in order, at constant memory.
        checkpoints: what was noted outside the database, in any order.
        waiting: the seals that have no place yet, likewise with their events; read after the chain.
    """
    walk = Walk()
    noted: dict[int, set[str]] = {}
    for checkpoint in checkpoints:
        noted.setdefault(checkpoint.position, set()).add(checkpoint.hash)
    for seal, events in chain:
        walk.broken = _fault(walk, seal, events, noted.get(seal.position))
        if walk.broken:
            return walk
        walk.seals += 1
        walk.position, walk.hash = seal.position, seal.hash
    furthest = max(noted, default=0)
    if furthest > walk.position:
        walk.broken = Break(
            walk.position + 1,
            None,
            f"the chain ends at seal {walk.position}, but a checkpoint has seen seal {furthest}: "
            "its end was cut off",
        )
        return walk
    for seal, events in waiting:
        walk.broken = _fault_of_waiting(walk, seal, events)
        if walk.broken:
            return walk
        walk.waiting += 1
    return walk


def _fault(walk: Walk, seal: Seal, events: Iterable[Event], noted: set[str] | None) -> Break | None:
    """Return what is wrong with `seal` or its events, and count the events in `walk`."""
    if seal.position != walk.position + 1:
        return Break(walk.position + 1, None, f"seal {walk.position + 1} is missing")
    if seal.previous != walk.hash:
        return Break(seal.position, None, f"seal {seal.position} does not follow from seal {walk.position}")
    first, root = _sum(walk, seal, events)
    if isinstance(root, Break):
        return root
    if hash_of(seal, root) != seal.hash:
        return Break(seal.position, first, f"seal {seal.position} or its events are not as they were sealed")
    if noted and noted != {seal.hash}:
        return Break(seal.position, first, f"seal {seal.position} is not the one that a checkpoint has seen")
    return None


def _fault_of_waiting(walk: Walk, seal: Seal, events: Iterable[Event]) -> Break | None:
    """Return what is wrong with a seal that waits for its place, or with its events, and count them."""
    first, root = _sum(walk, seal, events)
    if isinstance(root, Break):
        return root
    if seal.previous != WAITS or root != seal.hash:
        return Break(0, first, f"{_name(seal)} or its events are not as they were sealed")
    return None


def _name(seal: Seal) -> str:
    return (
        f"seal {seal.position}" if seal.position else f"the seal of row {seal.id}, which waits for its place,"
    )


def _sum(
    walk: Walk, seal: Seal, events: Iterable[Event]
) -> tuple[int | None, str] | tuple[int | None, Break]:
    """Count and check a seal’s events; return the first one’s number, and the SHA-256 over leaves or what is wrong."""
    root = hashlib.sha256()
    first = None
    found = 0
    for event in events:
        leaf = event[-1]
        if leaf_of(event) != leaf:
            return first or event[0], Break(
                seal.position, event[0], f"event {event[0]} is not as it was written"
            )
        if first is None:
            first = event[0]
        root.update(leaf)
        found += 1
    walk.events += found
    if found != seal.events:
        over = f"{_name(seal)} was made over {seal.events} events, {found} are there"
        return first, Break(seal.position, first, over)
    return first, root.hexdigest()
