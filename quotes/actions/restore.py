"""A desk from a file: made beside the one in use, compared with the file, and only then put in its place.

Whatever goes wrong on the way, and whenever somebody pulls the plug, the desk in use is whole: either still the old
one, or already the new one. The old one is not lost either; it stays on the server under a name that tells when.
"""

# house: steps of the command restore; it writes rows that say by whom themselves, as they were sealed

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from psycopg import Error, sql

from quotes.importing.container import Archive, Spoilt
from quotes.text.auditchain import Checkpoint, Walk

from . import backup
from .restore_filling import CannotRestore, fill, first_line

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
            # Its seal holds. Each part is compared with the table of contents while it is read, beside the desk.
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
                        fill(archive)
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
            f"The database refused, and nothing was replaced: {first_line(error)}."
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


# --- Comparing before it counts -----------------------------------------------------------------------------------


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
