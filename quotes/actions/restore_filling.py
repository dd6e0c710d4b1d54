"""Filling the database beside the desk from a file: several tables at once, each compared with the file at once.

All that fails here leaves the desk in use as it is; the database beside it is dropped as it stands.
"""

# house: steps of the command restore; it writes rows that say by whom themselves, as they were sealed

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from hashlib import sha256
from threading import Event
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from psycopg import Error, sql

from quotes.importing.container import Archive, Spoilt

from . import backup

LANES = min(4, os.cpu_count() or 1)
"""Tables that are filled at the same time."""
MEMORY = 512
"""MiB that making indexes and references may take of the server's memory, all at once."""
CANCELLED = "57014"
CANCEL_SECONDS = 2.0


class CannotRestore(Exception):
    """Nothing was replaced; the text is one line that says why."""


def fill(archive: Archive) -> None:
    """Make the tables as they were when the backup was made, and put the rows in."""
    about = archive.about
    engine: Any = connection
    with engine.as_owner():
        engine.prepare_database()
        engine.require_fitness()
        executor = MigrationExecutor(connection)
        executor.migrate(_latest(executor, about["migrations"]))
        with connection.cursor() as cursor:
            found = {table.name: table for table in backup.copied(backup.tables(cursor))}
            cursor.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'")
            sequences = {name for (name,) in cursor.fetchall()}
        here = {name: sorted(table.columns) for name, table in found.items()}
        there = {name: sorted(columns) for name, columns in about["columns"].items()}
        if here != there or sequences != set(about["sequences"]):
            raise CannotRestore(
                "The tables of the backup are not those that its migrations make: it comes from a changed Verbatim."
            )
        with transaction.atomic(), connection.cursor() as cursor:
            shape = _shape(cursor)
            references, indexes = _strip(cursor, found)
        largest_first = sorted(found.values(), key=lambda table: -archive.parts[table.name]["bytes"])
        _in_lanes(
            largest_first, lambda cursor, table: _bring(cursor, table, archive, indexes.get(table.name, []))
        )
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('maintenance_work_mem', %s, true)", [f"{MEMORY}MB"])
            _tie(cursor, found, references)
            for name, last in about["sequences"].items():
                if last is not None:
                    _count_on(cursor, name, last)
            if _shape(cursor) != shape:
                raise CannotRestore(
                    "The tables did not come out as the migrations make them; nothing was replaced."
                )


def _in_lanes(tables: list[backup.Table], bring: Callable[[Any, backup.Table], None]) -> None:
    """Bring several tables at once, each over a connection of its own; the first that fails ends them all."""
    engine: Any = connection
    waiting, over = deque(tables), Event()
    others = [engine.another() for _ in range(LANES)]
    with connection.cursor() as asking:
        asking.execute("SELECT current_database()")
        (beside,) = asking.fetchone()

    def lane(other: Any) -> None:
        try:
            with other.cursor() as cursor:
                cursor.execute(
                    "SELECT current_database(), set_config('maintenance_work_mem', %s, false)",
                    [f"{MEMORY // LANES}MB"],
                )
                if cursor.fetchone()[0] != beside:
                    # It would empty the desk in use.
                    raise CannotRestore("A connection led to another database than the one beside the desk.")
                while not over.is_set():
                    try:
                        table = waiting.popleft()
                    except IndexError:
                        return
                    bring(cursor, table)
        finally:
            other.close()

    with ThreadPoolExecutor(LANES) as pool:
        lanes = [pool.submit(lane, other) for other in others]
        try:
            for done in as_completed(lanes):
                done.result()
        except BaseException:
            # Also somebody's Ctrl-C: an index of a million rows is not waited for.
            over.set()
            for other in others:
                if session := other.connection:
                    with suppress(Error):
                        session.cancel_safe(timeout=CANCEL_SECONDS)
            raise


def _bring(cursor: Any, table: backup.Table, archive: Archive, indexes: list[str]) -> None:
    """Put the rows of one table in, compare them with the file, and index them.

    One transaction that also empties the table: so its rows are frozen as they come, and a server that is set up so
    does not write them into its own log as well.
    """
    cursor.execute("BEGIN")
    cursor.execute(backup.TEXT)
    cursor.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier(table.name)))
    _copy(cursor, table, archive.about["columns"][table.name], archive.read(table.name))
    _require_same(cursor, archive, table)
    with _spoilt_if_refused():
        for definition in indexes:
            cursor.execute(definition)
    cursor.execute("COMMIT")
    cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table.name)))


def _latest(executor: MigrationExecutor, named: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Give of the migrations that a backup names those on which no other one of their application rests."""
    present = {(app, name) for app, names in named.items() for name in names}
    nodes = executor.loader.graph.node_map
    return [
        key
        for key in sorted(present)
        if not any(child.key[0] == key[0] and child.key in present for child in nodes[key].children)
    ]


def _copy(cursor: Any, table: backup.Table, columns: list[str], chunks: Iterator[bytes]) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    query = sql.SQL("COPY {} ({}) FROM STDIN WITH (FREEZE)").format(sql.Identifier(table.name), names)
    with _spoilt_if_refused(f"{table.name} does not take its rows"), cursor.copy(query) as copy:
        for chunk in chunks:
            copy.write(chunk)


def _count_on(cursor: Any, name: str, last: int) -> None:
    try:
        cursor.execute("SELECT setval(quote_ident(%s)::regclass, %s)", [name, last])
    except (DatabaseError, Error) as error:
        raise Spoilt(f"is not what it says it is: {name} cannot go on from {last}") from error


def _strip(
    cursor: Any, found: dict[str, backup.Table]
) -> tuple[list[tuple[str, str, str]], dict[str, list[str]]]:
    """Empty the tables, and take away what would make filling them slow or run twice.

    Triggers would record every row as written anew; indexes and references are checked once for all rows at the end.
    They are made again from what the server itself says they are, and that is compared. (A condition of an index may be
    written otherwise when it comes back, with the same meaning: those few indexes stay.)

    Returns:
        The references: table, name and definition; and the definitions of indexes by table.
    """
    cursor.execute(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND conparentid = 0"
    )
    references = cursor.fetchall()
    cursor.execute(
        "SELECT t.relname, indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i"
        " JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid"
        " WHERE c.relnamespace = 'public'::regnamespace"
        " AND c.relkind = 'i' AND NOT c.relispartition AND NOT i.indisunique AND i.indpred IS NULL"
        " AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)"
    )
    indexes: dict[str, list[str]] = {}
    for table, name, definition in cursor.fetchall():
        # A table whose rows are not in the file has none, and keeps its indexes.
        if table in found:
            indexes.setdefault(table, []).append(definition)
            cursor.execute(f"DROP INDEX {name}")  # house: a name that the server has just quoted
    for table in found:
        cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
    for table, name, _ in references:
        cursor.execute(
            # house: names that the server has just quoted
            f"ALTER TABLE {table} DROP CONSTRAINT {name}"
        )
    cursor.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(sql.Identifier, found))))
    return references, indexes


def _tie(cursor: Any, found: dict[str, backup.Table], references: list[tuple[str, str, str]]) -> None:
    """Make the references again, which all rows must keep, and let the triggers see what comes from here on."""
    with _spoilt_if_refused():
        for table, name, definition in references:
            cursor.execute(
                # house: the server's own words
                f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"
            )
    for table in found:
        cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(table)))


@contextmanager
def _spoilt_if_refused(why: str = "its rows do not fit together") -> Iterator[None]:
    """Say of rows that the database refuses what they are: no rows of one desk."""
    try:
        yield
    except (DatabaseError, Error) as error:
        if backup.state_of(error) in (backup.DISK_FULL, CANCELLED):
            raise
        raise Spoilt(f"is not what it says it is: {why} ({first_line(error)})") from error


def _shape(cursor: Any) -> list[tuple[Any, ...]]:
    """Give every index, constraint and trigger of the desk in the server's own words."""
    cursor.execute(
        "SELECT 'index', indexdef, '' FROM pg_indexes WHERE schemaname = 'public'"
        " UNION ALL SELECT 'constraint', conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid)"
        " FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        " UNION ALL SELECT 'trigger', pg_get_triggerdef(t.oid), t.tgenabled::text FROM pg_trigger t"
        " JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal"
        " ORDER BY 1, 2, 3"
    )
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _require_same(cursor: Any, archive: Archive, table: backup.Table) -> None:
    """Refuse when what stands in a table is not, byte for byte, what stands in the file."""
    part, digest, lines = archive.parts[table.name], sha256(), 0
    asked = backup.Table(table.name, archive.about["columns"][table.name], table.order)
    # The rows were put in by their key: there is nothing to sort, which nobody has told the server yet.
    cursor.execute("SET LOCAL enable_sort TO off")
    for rows in backup.rows_of(cursor, asked):
        digest.update(rows)
        lines += rows.count(b"\n")
    if lines != part["lines"]:
        raise CannotRestore(
            f"{table.name} has {lines:,} rows after the restore instead of {part['lines']:,}."
        )
    if digest.hexdigest() != part["sha256"]:
        raise CannotRestore(f"The rows of {table.name} did not come out as they stand in the file.")


def first_line(error: Exception) -> str:
    """Give what an error says, without the server's hints below."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
