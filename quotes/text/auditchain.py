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
from datetime import UTC, datetime

WAITS = "waits"
"""What a seal without a place has for the hash of the seal before it; its own hash is that over its leaves."""


@dataclass(frozen=True, slots=True)
class Event:
    """One row of quotes_auditevent, as it stands."""

    id: int
    seal_id: int
    at: datetime
    actor_pk: int | None
    actor: str
    verb: str
    table: str
    record_pk: int | None
    statement_pk: int | None
    before: str | None
    after: str | None
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Seal:
    """One row of quotes_auditseal, as it stands. The position of one that waits is 0."""

    id: int
    position: int
    transaction: str
    events: int
    sealed_at: datetime
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
    last: Checkpoint = Checkpoint(0, "")
    broken: Break | None = None


def canonical(*parts: str | None) -> str:
    """Return one unambiguous text for several: each with its length in code points, unknown ones a minus."""
    return ",".join("-" if part is None else f"{len(part)}:{part}" for part in parts)


def instant(moment: datetime) -> str:
    """Return a moment as it stands inside a hash: UTC, with microseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def leaf_of(event: Event) -> bytes:
    """Return the leaf that `event`'s fields give."""
    fields = (
        str(event.id),
        str(event.seal_id),
        instant(event.at),
        _number(event.actor_pk),
        event.actor,
        event.verb,
        event.table,
        _number(event.record_pk),
        _number(event.statement_pk),
        event.before,
        event.after,
    )
    return hashlib.sha256(canonical(*fields).encode()).digest()


def hash_of(seal: Seal, root: str) -> str:
    """Return the hash that `seal`'s fields give, with `root`, the SHA-256 over its leaves in order."""
    fields = (
        str(seal.position),
        str(seal.id),
        seal.transaction,
        str(seal.events),
        instant(seal.sealed_at),
        seal.previous,
        root,
    )
    return hashlib.sha256(canonical(*fields).encode()).hexdigest()


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
        walk.broken = _fault(walk, seal, events, noted.get(seal.position, set()))
        if walk.broken:
            return walk
        walk.seals += 1
        walk.last = Checkpoint(seal.position, seal.hash)
    furthest = max(noted, default=0)
    if furthest > walk.last.position:
        walk.broken = Break(
            walk.last.position + 1,
            None,
            f"the chain ends at seal {walk.last.position}, but a checkpoint has seen seal {furthest}: "
            "its end was cut off",
        )
        return walk
    for seal, events in waiting:
        walk.broken = _fault_of_waiting(walk, seal, events)
        if walk.broken:
            return walk
        walk.waiting += 1
    return walk


def _fault(walk: Walk, seal: Seal, events: Iterable[Event], noted: set[str]) -> Break | None:
    """Return what is wrong with `seal` or its events, and count the events in `walk`."""
    if seal.position != walk.last.position + 1:
        return Break(walk.last.position + 1, None, f"seal {walk.last.position + 1} is missing")
    if seal.previous != walk.last.hash:
        return Break(
            seal.position, None, f"seal {seal.position} does not follow from seal {walk.last.position}"
        )
    first, root = _sum(walk, f"seal {seal.position}", seal, events)
    if isinstance(root, Break):
        return root
    if hash_of(seal, root) != seal.hash:
        return Break(seal.position, first, f"seal {seal.position} or its events are not as they were sealed")
    if noted and noted != {seal.hash}:
        return Break(seal.position, first, f"seal {seal.position} is not the one that a checkpoint has seen")
    return None


def _fault_of_waiting(walk: Walk, seal: Seal, events: Iterable[Event]) -> Break | None:
    """Return what is wrong with a seal that waits for its place, or with its events, and count them."""
    name = f"the seal of row {seal.id}, which waits for its place,"
    first, root = _sum(walk, name, seal, events)
    if isinstance(root, Break):
        return root
    if seal.previous != WAITS or root != seal.hash:
        return Break(0, first, f"{name} or its events are not as they were sealed")
    return None


def _sum(
    walk: Walk, name: str, seal: Seal, events: Iterable[Event]
) -> tuple[int | None, str] | tuple[int | None, Break]:
    """Count and check a seal’s events; return the first one’s number, and the SHA-256 over leaves or what is wrong."""
    root = hashlib.sha256()
    first = None
    found = 0
    for event in events:
        first = first or event.id
        if leaf_of(event) != event.leaf:
            return first, Break(seal.position, event.id, f"event {event.id} is not as it was written")
        root.update(event.leaf)
        found += 1
    walk.events += found
    if found != seal.events:
        broken = Break(seal.position, first, f"{name} was made over {seal.events} events, {found} are there")
        return first, broken
    return first, root.hexdigest()


def _number(value: int | None) -> str | None:
    return None if value is None else str(value)
