"""A desk from a file: made beside the one in use, compared with the file, and only then put in its place.

Whatever goes wrong on the way, and whenever somebody pulls the plug, the desk in use is whole: either still the old
one, or already the new one. The old one is not lost either; it stays on the server under a name that tells when.
"""

# house: steps of the command restore; it writes rows that say by whom themselves, as they were sealed

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from psycopg import Error, sql

from quotes.importing.container import Archive, Spoilt
from quotes.text.auditchain import Checkpoint, Walk

from . import backup

type CheckChain = Callable[[list[Checkpoint]], Walk]
type NotedOf = Callable[[str], list[Checkpoint]]

SIGNS_OF_WORK = (
    "auth_user",
    "quotes_speaker",
    "quotes_statement",
    "quotes_article",
    "quotes_outlet",
    "quotes_topic",
)
"""A desk in which all of these are empty is one that nobody has begun to use."""
SEALED = ("quotes_auditevent", "quotes_auditseal", "quotes_standing", "quotes_check")
"""What the app's role must not be able to change; the full list is a test of its own (test_audit)."""


class CannotRestore(Exception):
    """Nothing was replaced; the text is one line that says why."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What is there now: rows by table, the end of the audit chain, where the earlier desk is, what was migrated."""

    rows: dict[str, int]
    position: int
    seal: str
    made_at: str
    aside: str | None
    migrated: bool


def restore(
    path: Path,
    *,
    chain: CheckChain,
    noted: NotedOf,
    replace: bool = False,
    only_check: bool = False,
    even_if_broken: bool = False,
) -> Restored:
    """Put the desk of a backup in the place of the present one.

    Args:
        path: a file that `backup` wrote.
        chain: checks the audit chain of the database that is asked at the moment, against checkpoints.
        noted: gives what was noted outside the database of the desk that is asked at the moment; told its name to be.
        replace: whether a desk that is in use may be put aside.
        only_check: do all of it except for the last step.
        even_if_broken: take a desk whose audit chain does not hold, or does not agree with the checkpoints.

    Raises:
        CannotRestore: when anything is not as it must be.
    """
    engine: Any = connection
    try:
        with Archive(path) as archive:
            archive.verify()
            older = _require_known(archive)
            with engine.aside() as aside:
                empty = not aside.exists(aside.live) or _is_unused()
                if not (empty or replace or only_check):
                    raise CannotRestore(
                        "There are records here already. Say --replace to put them aside (they are kept under another "
                        "name) and this backup in their place."
                    )
                aside.create()
                try:
                    with engine.in_database(aside.name):
                        _fill(archive)
                        if older:
                            call_command("migrate", verbosity=0, interactive=False)
                        own = noted(aside.live)
                        _require_sound(archive, chain, own, even_if_broken=even_if_broken)
                    kept = None if only_check else aside.put_in_place()
                    if kept and empty:
                        aside.drop(kept)
                        kept = None
                finally:
                    aside.drop(aside.name)
            return Restored(
                rows={name: part["lines"] for name, part in archive.parts.items()},
                position=archive.about["audit"]["position"],
                seal=archive.about["audit"]["hash"],
                made_at=archive.about["made_at"],
                aside=kept,
                migrated=older,
            )
    except Spoilt as error:
        raise CannotRestore(f"{path} {error}.") from error
    except OSError as error:
        raise CannotRestore(f"{path} cannot be read: {error.strerror}.") from error
    except (DatabaseError, Error) as error:
        if backup.state_of(error) == backup.DISK_FULL:
            raise CannotRestore("The disk of the database is full; nothing was replaced.") from error
        if not backup.state_of(error):
            # Said by our own engine, in one line and with what to do.
            raise
        raise CannotRestore(
            f"The database refused, and nothing was replaced: {_first_line(error)}."
        ) from error


def go_back(name: str) -> str | None:
    """Put a desk that an earlier restore has put aside in its place again; the present one is kept in turn.

    Args:
        name: under which it is kept.

    Returns:
        The name under which the present one is kept now.

    Raises:
        CannotRestore: when nothing is kept under that name.
    """
    engine: Any = connection
    with engine.aside() as aside:
        kept = aside.kept()
        if name not in kept:
            raise CannotRestore(
                f"There is no desk {name!r} put aside; there is: {', '.join(kept) or 'none'}."
            )
        put: str | None = aside.put_in_place(name)
        return put


def _is_unused() -> bool:
    """Tell whether nobody has begun to use this desk."""
    engine: Any = connection
    with engine.as_owner(), connection.cursor() as cursor:
        present = {table.name for table in backup.tables(cursor)}
        for name in SIGNS_OF_WORK:
            if name in present:
                cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(name)))
                if cursor.fetchone()[0]:
                    return False
        return not [name for name in present if not backup.is_ours(name)]


# --- What the file says of itself ---------------------------------------------------------------------------------


def _require_known(archive: Archive) -> bool:
    """Refuse what a later Verbatim has written, and what is no whole desk.

    Returns:
        Whether tables will have to be migrated after they are filled.
    """
    about = archive.about
    if not _makes_sense(about) or set(about["columns"]) != set(archive.parts):
        raise Spoilt("is not what it says it is: its table of contents makes no sense")
    known = set(MigrationLoader(None).disk_migrations)
    named = {(app, name) for app, names in about["migrations"].items() for name in names}
    if newer := sorted(named - known):
        raise CannotRestore(
            f"The backup was made by another Verbatim, {about['version']}, whose migration {'.'.join(newer[0])} is not "
            f"known here ({backup.version()}). Install that version or a later one, and restore with it."
        )
    return named != known


def _makes_sense(about: dict[str, Any]) -> bool:
    audit, columns, named = about.get("audit"), about.get("columns"), about.get("migrations")
    sequences = about.get("sequences")
    return (
        isinstance(audit, dict)
        and type(audit.get("position")) is int
        and isinstance(audit.get("hash"), str)
        and all(isinstance(about.get(name), str) for name in ("made_at", "version"))
        and _is_lists(columns)
        and _is_lists(named)
        and isinstance(sequences, dict)
        and all(value is None or (type(value) is int and 0 < value < 1 << 63) for value in sequences.values())
    )


def _is_lists(value: Any) -> bool:
    """Tell whether this is lists of texts by name."""
    return isinstance(value, dict) and all(
        isinstance(names, list) and all(isinstance(name, str) for name in names) for names in value.values()
    )


# --- Filling the database beside the desk -------------------------------------------------------------------------


def _fill(archive: Archive) -> None:
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
            cursor.execute(backup.TEXT)
            cursor.execute("SET LOCAL maintenance_work_mem TO '256MB'")
            with _bare(cursor, found):
                for name, table in found.items():
                    _copy(cursor, table, about["columns"][name], archive.read(name))
            for name, last in about["sequences"].items():
                if last is not None:
                    _count_on(cursor, name, last)
            _require_same(cursor, archive, found)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


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
    try:
        with cursor.copy(query) as copy:
            for chunk in chunks:
                copy.write(chunk)
    except (DatabaseError, Error) as error:
        if backup.state_of(error) == backup.DISK_FULL:
            raise
        raise Spoilt(
            f"is not what it says it is: {table.name} does not take its rows ({_first_line(error)})"
        ) from error


def _count_on(cursor: Any, name: str, last: int) -> None:
    try:
        cursor.execute("SELECT setval(quote_ident(%s)::regclass, %s)", [name, last])
    except (DatabaseError, Error) as error:
        raise Spoilt(f"is not what it says it is: {name} cannot go on from {last}") from error


@contextmanager
def _bare(cursor: Any, found: dict[str, backup.Table]) -> Iterator[None]:
    """Empty the tables, and take away for the block what would make filling them slow or run twice.

    Triggers would record every row as written anew; indexes and references are checked once for all rows at the end.
    They are made again from what the server itself says they are, and that is compared. (A condition of an index may be
    written otherwise when it comes back, with the same meaning: those few indexes stay.)
    """
    names = sql.SQL(", ").join(map(sql.Identifier, found))
    before = _shape(cursor)
    cursor.execute(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND conparentid = 0"
    )
    references = cursor.fetchall()
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i"
        " JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace"
        " AND c.relkind = 'i' AND NOT c.relispartition AND NOT i.indisunique AND i.indpred IS NULL"
        " AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)"
    )
    indexes = cursor.fetchall()
    for table in found:
        cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
    for table, name, _ in references:
        cursor.execute(
            # house: names that the server has just quoted
            f"ALTER TABLE {table} DROP CONSTRAINT {name}"
        )
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")  # house: a name that the server has just quoted
    cursor.execute(sql.SQL("TRUNCATE {}").format(names))
    yield
    try:
        for _, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in references:
            cursor.execute(
                # house: the server's own words
                f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"
            )
    except (DatabaseError, Error) as error:
        if backup.state_of(error) == backup.DISK_FULL:
            raise
        raise Spoilt(
            f"is not what it says it is: its rows do not fit together ({_first_line(error)})"
        ) from error
    # The references of Django wait for the end of a transaction, and nothing may be waiting when triggers change.
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in found:
        cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(table)))
    if _shape(cursor) != before:
        raise CannotRestore("The tables did not come out as the migrations make them; nothing was replaced.")


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


# --- Comparing before it counts -----------------------------------------------------------------------------------


def _require_same(cursor: Any, archive: Archive, found: dict[str, backup.Table]) -> None:
    """Refuse when what stands in the tables is not, byte for byte, what stands in the file."""
    for name, table in found.items():
        part, digest, lines = archive.parts[name], sha256(), 0
        asked = backup.Table(name, archive.about["columns"][name], table.order)
        for row in backup.rows_of(cursor, asked):
            digest.update(row)
            lines += row.count(b"\n")
        if lines != part["lines"]:
            raise CannotRestore(f"{name} has {lines:,} rows after the restore instead of {part['lines']:,}.")
        if digest.hexdigest() != part["sha256"]:
            raise CannotRestore(f"The rows of {name} did not come out as they stand in the file.")


def _require_sound(
    archive: Archive, chain: CheckChain, noted: list[Checkpoint], *, even_if_broken: bool
) -> None:
    """Refuse a desk that does not work, whose chain does not hold, or whose app could rewrite what was sealed."""
    engine: Any = connection
    engine.require_fitness()
    end = Checkpoint(archive.about["audit"]["position"], archive.about["audit"]["hash"])
    # Checkpoints of later than the backup cannot be seen in it; the earlier ones must be.
    known = [checkpoint for checkpoint in noted if checkpoint.position <= end.position]
    walk = chain([*known, end] if end.position else known)
    if walk.broken and not even_if_broken:
        raise CannotRestore(
            f"The audit chain of the backup does not hold: {walk.broken.message}. (--even-if-broken restores it all "
            "the same; find out first who changed what.)"
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) name WHERE has_table_privilege(name, 'UPDATE')"
            " OR has_table_privilege(name, 'DELETE') OR has_table_privilege(name, 'TRUNCATE')",
            [list(SEALED)],
        )
        if loose := [name for (name,) in cursor.fetchall()]:
            raise CannotRestore(
                f"The desk could rewrite {', '.join(loose)}; its roles are not set up as they must be."
            )


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
