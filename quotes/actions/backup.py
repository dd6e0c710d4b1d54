"""The whole desk in one file, as it stood at one moment, while people work on.

The rows are copied as PostgreSQL's own text, table by table, in one snapshot. The tables themselves are not in the
file: they come from the migrations, which the file names. So a backup fits every server that Verbatim runs on, whatever
its version and whatever client programs are installed, and no file can bring code to the database.
"""

# house: steps of the command backup, the operator's, which says by whom every row in it was written

from __future__ import annotations

import fcntl
import os
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from psycopg import Error, sql

from quotes.importing.container import Archive, Spoilt, Writer

LEFT_OUT = (
    "django_session",
    "usersessions_usersession",
    "account_emailconfirmation",
    "quotes_posting",
    # Letters hold links that let people in, and those of an older day would go out once more.
    "quotes_letter",
    "throttle",
)
"""What must not come back to life: who is signed in, keys in mails, forms answered, counters of failed sign-ins."""
PARTLY = {"mfa_authenticator": sql.SQL("type <> 'recovery_codes'")}
"""A recovery code that was used after the backup would be good again; people make new ones."""
NOT_ROWS = ("django_migrations",)
"""Told of in the table of contents, and written by the migrations themselves."""
OURS = ("account_", "auth_", "django_", "mfa_", "quotes_", "usersessions_")
TEXT = (
    "SET LOCAL DateStyle TO 'ISO, YMD'; SET LOCAL IntervalStyle TO 'postgres'; SET LOCAL TimeZone TO 'UTC';"
    " SET LOCAL extra_float_digits TO 1; SET LOCAL bytea_output TO 'hex'"
)
"""How values are written, whatever the server and the login prefer: the same rows always give the same bytes."""
TOGETHER = 64
"""Rows that are handed on in one piece: each is short, and what is done to a piece costs the same for a longer one."""
DISK_FULL = "53100"


class CannotKeep(Exception):
    """There is no backup; the text is one line that says why. Nothing was left behind."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the desk: its name, the columns that are copied, and those that order its rows."""

    name: str
    columns: list[str]
    order: list[str]


@dataclass(frozen=True, slots=True)
class Kept:
    """What was written: rows by table, bytes of the file, the end of its audit chain, tables that are not ours."""

    rows: dict[str, int]
    size: int
    position: int
    seal: str
    strangers: list[str]


def take(path: Path, *, overwrite: bool = False) -> Kept:
    """Write a backup of everything, readable for its owner only.

    Args:
        path: the file; it appears when it is whole, and not before.
        overwrite: whether a file of that name may be replaced.

    Raises:
        CannotKeep: when it cannot be done.
    """
    try:
        with _beside(path, overwrite=overwrite) as (stream, part):
            kept = _write(stream)
            stream.flush()
            with Archive(part) as archive:
                archive.verify()
        return kept
    except OSError as error:
        raise CannotKeep(f"{path} cannot be written: {error.strerror}. Nothing was left of it.") from error
    except Spoilt as error:
        raise CannotKeep(
            f"{path} was not the same when it was read again: it {error}. Nothing was left."
        ) from error
    except (DatabaseError, Error) as error:
        raise CannotKeep(_reason(error)) from error


def tables(cursor: Any) -> list[Table]:
    """Give every table of the desk, whoever made it, by name."""
    cursor.execute(
        "SELECT c.relname,"
        " array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attgenerated = ''),"
        " array_agg(a.attname::text ORDER BY array_position(i.indkey::smallint[], a.attnum))"
        " FILTER (WHERE a.attnum = ANY (i.indkey))"
        " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary"
        " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace GROUP BY c.relname ORDER BY c.relname"
    )
    return [Table(name, columns, order or []) for name, columns, order in cursor.fetchall()]


def is_ours(name: str) -> bool:
    """Tell whether a table belongs to Verbatim; an operator may keep others beside them."""
    return name.startswith(OURS) or name in LEFT_OUT


def copied(found: list[Table]) -> list[Table]:
    """Give the tables whose rows a backup holds."""
    return [table for table in found if is_ours(table.name) and table.name not in (*LEFT_OUT, *NOT_ROWS)]


def rows_of(cursor: Any, table: Table) -> Iterator[bytes]:
    """Give a table's rows as text, in the order of its key; the same rows always give the same bytes, cut anywhere."""
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    query = sql.SQL("COPY (SELECT {} FROM ONLY {}").format(columns, sql.Identifier(table.name))
    if table.name in PARTLY:
        query += sql.SQL(" WHERE ") + PARTLY[table.name]
    if table.order:
        query += sql.SQL(" ORDER BY {}").format(sql.SQL(", ").join(map(sql.Identifier, table.order)))
    with cursor.copy(query + sql.SQL(") TO STDOUT")) as copy:
        for rows in batched(copy, TOGETHER):
            yield b"".join(rows)


def migrations_of(cursor: Any) -> dict[str, list[str]]:
    """Give the names of the migrations that made the tables, by application."""
    cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
    found: dict[str, list[str]] = {}
    for app, name in cursor.fetchall():
        found.setdefault(app, []).append(name)
    return found


def version() -> str:
    """Return the version of this Verbatim, as pyproject.toml says it."""
    try:
        project = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text(encoding="utf-8"))
        return str(project["project"]["version"])
    except (OSError, ValueError, KeyError):
        return "not known"


def _write(stream: BinaryIO) -> Kept:
    engine: Any = connection
    with engine.as_owner():
        with connection.cursor() as cursor:
            found = tables(cursor)
        ours = copied(found)
        if not any(table.name == "quotes_auditseal" for table in ours):
            raise CannotKeep("There is no desk to keep: the database holds no tables yet; run migrate.")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute(TEXT)
            # Before the snapshot is taken: a migration that is at work is waited for (2 s), and none begins meanwhile.
            names = sql.SQL(", ").join(sql.Identifier(table.name) for table in found if is_ours(table.name))
            cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(names))
            if tables(cursor) != found:
                raise CannotKeep("The tables were being migrated; run the backup again when that is done.")
            writer = Writer(stream)
            parts = {table.name: writer.part(table.name, rows_of(cursor, table)) for table in ours}
            about = _about(cursor, ours)
    writer.close(about)
    return Kept(
        rows={name: part["lines"] for name, part in parts.items()},
        size=stream.tell(),
        position=about["audit"]["position"],
        seal=about["audit"]["hash"],
        strangers=[table.name for table in found if not is_ours(table.name)],
    )


def _about(cursor: Any, ours: list[Table]) -> dict[str, Any]:
    """Give what the table of contents says of the desk; asked in the same snapshot as the rows."""
    cursor.execute(
        "SELECT position, hash FROM quotes_auditseal WHERE position IS NOT NULL ORDER BY position DESC LIMIT 1"
    )
    position, seal = cursor.fetchone() or (0, "")
    # A sequence knows no snapshot: it stands at or after every number in the rows, which is what matters.
    cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1")
    sequences = dict(cursor.fetchall())
    cursor.execute("SHOW server_version")
    return {
        "product": "Verbatim",
        "version": version(),
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "server": cursor.fetchone()[0],
        "migrations": migrations_of(cursor),
        "audit": {"position": position, "hash": seal},
        "columns": {table.name: table.columns for table in ours},
        "sequences": sequences,
        "left_out": [*LEFT_OUT, *(f"{name}, in part" for name in PARTLY)],
    }


@contextmanager
def _beside(path: Path, *, overwrite: bool) -> Iterator[tuple[BinaryIO, Path]]:
    """Open a file that gets its name when the block ends well; else nothing stays of it."""
    path = path.resolve()
    if path.is_dir():
        raise CannotKeep(f"{path} is a directory; name a file in it.")
    if path.exists() and not path.is_file():
        # A device would be replaced by the file, for everybody on the machine.
        raise CannotKeep(f"{path} is not a file; name another one.")
    if path.exists() and not overwrite:
        raise CannotKeep(f"{path} is there already; name another file, or say --overwrite.")
    start = f".{path.name[:200]}."
    _clear(path.parent, start)
    descriptor, name = tempfile.mkstemp(prefix=start, suffix=".part", dir=path.parent)
    try:
        # Whoever holds this is at work: what a killed backup has left is told from what another one is writing.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with os.fdopen(descriptor, "w+b") as stream:
            yield stream, Path(name)
            stream.flush()
            os.fsync(stream.fileno())
            _give_name(Path(name), path, overwrite=overwrite)
    finally:
        Path(name).unlink(missing_ok=True)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _give_name(part: Path, path: Path, *, overwrite: bool) -> None:
    if overwrite:
        part.replace(path)
        return
    try:
        # A link is refused when somebody else has made the file meanwhile; a rename would replace it.
        os.link(part, path)
    except FileExistsError:
        raise CannotKeep(f"{path} appeared while the backup was written; it was left alone.") from None
    except OSError:
        # A file system without links (FAT, some network drives).
        if path.exists():
            raise CannotKeep(f"{path} appeared while the backup was written; it was left alone.") from None
        part.rename(path)


def _clear(directory: Path, start: str) -> None:
    """Remove what a backup that was killed has left beside the file."""
    for left in directory.iterdir():
        if left.name.startswith(start) and left.name.endswith(".part"):
            with left.open("rb") as stream:
                try:
                    fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                left.unlink(missing_ok=True)


def state_of(error: BaseException) -> str:
    """Give PostgreSQL's code of an error, whether Django has wrapped it or not (what a COPY raises is not)."""
    return str(getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None) or "")


def _reason(error: Exception) -> str:
    state = state_of(error)
    if state == DISK_FULL:
        return "The disk of the database is full; nothing was left of the backup."
    if state == "55P03":
        return "The tables stayed locked for 2 s, as while migrating; run the backup again when that is done."
    return f"The database did not give its rows: {' '.join(str(error).split())}"
