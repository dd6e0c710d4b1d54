"""Reading the audit log as a chain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from quotes.models import AuditEvent, AuditSeal
from quotes.text import auditchain


def check_chain(checkpoints: list[auditchain.Checkpoint]) -> auditchain.Walk:
    """Verify the whole chain in one snapshot, so that writers at work neither wait nor disturb it.

    Args:
        checkpoints: positions and hashes noted outside the database.
    """
    # A long chain takes longer than a page may: in the server, and until its first row has come.
    unhurried = connection.unhurried()  # type: ignore[attr-defined]
    with unhurried, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        walk = auditchain.verify(_chain(), checkpoints, _waiting())
        if walk.broken is None:
            walk.broken = _stray()
    return walk


def place_waiting() -> int:
    """Have every seal that waits given its place in the chain; return how many got one.

    The database does so itself whenever the next seal is placed: this is for whoever asks for the chain's end after
    many have written at once. It never waits for a writer, and it changes no record.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT verbatim_place_waiting()")
        return int(cursor.fetchone()[0])


def last_seal() -> AuditSeal | None:
    """Return the chain's present end."""
    return AuditSeal.objects.filter(position__isnull=False).order_by("-position").first()


def identity(name: str = "") -> tuple[str, str]:
    """Tell a desk from another: how its log begins, and the database that it is in.

    The first is the hash of its first seal, empty as long as there is none: no two logs have the same one, and a backup
    carries it along. The second is the name of the database and the number that its server was given when it was made.

    Args:
        name: of the database, when it is to have another one than it has now.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce((SELECT hash FROM quotes_auditseal WHERE position = 1), ''),"
            " coalesce(nullif(%s, ''), current_database()) || ', server ' || system_identifier"
            " FROM pg_control_system()",
            [name],
        )
        found: tuple[str, str] = cursor.fetchone()
        return found


_EVENTS = (
    'SELECT e.id, e.seal_id, e.at, e.actor_pk, e.actor, e.verb, e."table", e.record_pk, e.statement_pk, e.before,'
    " e.after, e.leaf FROM quotes_auditevent e JOIN quotes_auditseal s ON s.id = e.seal_id"
)
"""Events as `auditchain.Event` has them."""


def _chain() -> Iterator[tuple[auditchain.Seal, Iterable[auditchain.Event]]]:
    # Two streams side by side: a join would repeat each seal for every event of a large import.
    rows: Iterator[Any] = connection.streamed(  # type: ignore[attr-defined]
        f"{_EVENTS} WHERE s.position IS NOT NULL ORDER BY s.position, e.id"
    )
    seals: Iterator[Any] = connection.streamed(  # type: ignore[attr-defined]
        "SELECT id, position, transaction, events, sealed_at, previous, hash FROM quotes_auditseal"
        " WHERE position IS NOT NULL ORDER BY position"
    )
    return _together(seals, rows)


def _waiting() -> Iterator[tuple[auditchain.Seal, Iterable[auditchain.Event]]]:
    # Never more than there were writers at one moment.
    rows: Iterator[Any] = connection.streamed(  # type: ignore[attr-defined]
        f"{_EVENTS} WHERE s.position IS NULL AND s.previous = %s ORDER BY e.seal_id, e.id",
        [auditchain.WAITS],
    )
    seals: Iterator[Any] = connection.streamed(  # type: ignore[attr-defined]
        "SELECT id, 0::bigint, transaction, events, sealed_at, previous, hash FROM quotes_auditseal"
        " WHERE position IS NULL AND previous = %s ORDER BY id",
        [auditchain.WAITS],
    )
    return _together(seals, rows)


def _together(
    seals: Iterator[Any], rows: Iterator[Any]
) -> Iterator[tuple[auditchain.Seal, Iterable[auditchain.Event]]]:
    """Give each seal its events; both come in the order of the seals."""
    grouped = groupby(rows, key=itemgetter(1))
    ahead = next(grouped, None)
    for found in seals:
        seal = auditchain.Seal._make(found)
        if ahead is not None and ahead[0] == seal.id:
            yield seal, ahead[1]
            ahead = next(grouped, None)
        else:
            yield seal, ()


def _stray() -> auditchain.Break | None:
    sealed = AuditSeal.objects.filter(Q(position__isnull=False) | Q(previous=auditchain.WAITS))
    event = AuditEvent.objects.exclude(seal__in=sealed).first()
    if event:
        return auditchain.Break(0, event.pk, f"event {event.pk} belongs to no seal: it was put in by hand")
    seal = AuditSeal.objects.filter(position__isnull=True).exclude(previous=auditchain.WAITS).first()
    if seal:
        return auditchain.Break(
            0, None, f"row {seal.pk} of the seals was never sealed: it was put in by hand"
        )
    return None
