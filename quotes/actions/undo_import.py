"""Take an import back: the rows as they were before it, or a list of what somebody has worked on since.

What an import did stands in the audit log, sealed as one transaction: every row before and after. So nothing else has
to be kept, however large it was.
"""

# ruff: noqa: S608  names of our own tables only

# house: f-strings name tables and columns of our own models; values are parameters

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import IntegrityError, connection
from django.utils import timezone

from quotes.models import AuditEvent, ImportRun

from . import imports, staging
from .audit import acting
from .progress import Progress, told_by_the_database

LISTED = 100
"""Records that stand in the way which are named; the rest is counted."""


@dataclass(frozen=True, slots=True)
class WorkedOn:
    """A record that an import wrote and that was written again since: what, by whom, with which verb."""

    table: str
    record_pk: int
    actor: str
    verb: str

    def __str__(self) -> str:
        return f"{self.table.removeprefix('quotes_')} {self.record_pk}: {self.verb} by {self.actor or 'the system'}"


class CannotUndo(Exception):
    """The import stays as it is. `worked_on` says what stands in the way; nothing was changed."""

    def __init__(self, message: str, worked_on: list[WorkedOn]) -> None:
        super().__init__(message)
        self.worked_on = worked_on


def undo(run: ImportRun, *, by: Any, progress: Progress | None = None, waits: bool = False) -> None:
    """Give back the rows that were there before `run`.

    Args:
        run: an import that was done and not yet undone.
        by: who takes it back.
        progress: told how far it is.
        waits: whether it waits for whoever holds a record, however long that takes; nobody should who looks at a page.

    Raises:
        CannotUndo: when it was undone before, or somebody has worked on its records since: all or nothing.
    """
    tell = progress or (lambda step, done, whole: None)
    tables = [apps.get_model("quotes", name)._meta.db_table for name in staging.ORDER]
    tables.insert(tables.index("quotes_statement") + 1, "quotes_statement_topics")
    try:
        with (
            # Unhurried on our side too: what a large import wrote takes longer to take away than a page may.
            connection.unhurried(),  # type: ignore[attr-defined]
            acting(by=by, verb="imports.undo"),
            connection.cursor() as cursor,
        ):
            if waits:
                # Also for the server's part of a process that was killed, which ends when its statement does.
                cursor.execute("SET LOCAL lock_timeout = 0")
            # A document is written once, when all that is to go is gone: not once for each quote that goes.
            cursor.execute("SET LOCAL verbatim.search = 'at_commit'")
            done = ImportRun.State.DONE
            if not ImportRun.objects.filter(pk=run.pk, state=done).update(
                state=ImportRun.State.UNDONE, finished_at=timezone.now()
            ):
                raise CannotUndo("This import is not there to be undone.", [])
            seal = (
                AuditEvent.objects.of_record(run)
                .filter(verb="imports.apply")
                .values_list("seal", flat=True)[0]
            )
            _require_untouched(cursor, seal, tables)
            written = _written(cursor, seal, tables)
            gone, whole = 0, sum(written.values())
            for table in reversed([table for table in tables if table in written]):
                tell("taking back", gone, whole)
                _take_away(cursor, seal, table)
                _put_back(cursor, seal, table)
                gone += written[table]
            tell("taking back", gone, whole)
            _require_unreferenced(cursor, tables)
            with told_by_the_database(tell):
                cursor.execute(imports.SETTLE)
    except IntegrityError as error:
        raise CannotUndo(f"Other records rest on what came with it: {_resting(error)}.", []) from error
    run.refresh_from_db()


def _require_untouched(cursor: Any, seal: int, tables: list[str]) -> None:
    """Refuse when anything that the import wrote was written again by another transaction."""
    cursor.execute(
        'SELECT DISTINCT ON (later."table", later.record_pk) later."table", later.record_pk, later.actor, later.verb'
        " FROM quotes_auditevent mine JOIN quotes_auditevent later"
        ' ON later."table" = mine."table" AND later.record_pk = mine.record_pk AND later.id > mine.id'
        ' WHERE mine.seal_id = %s AND later.seal_id <> %s AND mine."table" = ANY (%s)',
        [seal, seal, tables],
    )
    found = [WorkedOn(*row) for row in cursor.fetchall()]
    if found:
        raise CannotUndo(
            f"{len(found):,} of its records were worked on since; nothing was undone.", found[:LISTED]
        )


def _require_unreferenced(cursor: Any, tables: list[str]) -> None:
    """Have the database look at references now: a form's transaction ends when nobody can say any more what is wrong.

    Raises:
        IntegrityError: when something refers to what was taken away.
    """
    cursor.execute(
        "SELECT string_agg(format('%%I.%%I', 'public', conname), ', ') FROM pg_constraint"
        " WHERE contype = 'f' AND condeferrable AND confrelid = ANY (%s::regclass[])",
        [tables],
    )
    (references,) = cursor.fetchone()
    # house: names that the server has just quoted
    cursor.execute(f"SET CONSTRAINTS {references} IMMEDIATE; SET CONSTRAINTS {references} DEFERRED")


def _resting(error: IntegrityError) -> str:
    """Say which record rests on which that was to go, as people know them: “check on quote words-1”."""
    diagnosis: Any = getattr(error.__cause__, "diag", None)
    detail = getattr(diagnosis, "message_detail", None) or str(error).partition("\n")[0]
    key = re.search(r"\(id\)=\((\d+)\)", detail)
    for model in apps.get_app_config("quotes").get_models():
        if key is None or model._meta.db_table != diagnosis.table_name:
            continue
        for field in model._meta.concrete_fields:
            to = field.related_model
            # Django names a reference by its table and column.
            if to and diagnosis.constraint_name.startswith(f"{model._meta.db_table}_{field.column}_"):
                gone: Any = to._default_manager.filter(pk=key[1]).first()
                told = " ".join(map(str, gone.natural_key())) if hasattr(gone, "natural_key") else key[1]
                return f"{model._meta.verbose_name} on {to._meta.verbose_name} {told}"
    return detail


def _written(cursor: Any, seal: int, tables: list[str]) -> dict[str, int]:
    """Count what the import wrote into each of the tables."""
    cursor.execute(
        'SELECT "table", count(*) FROM quotes_auditevent WHERE seal_id = %s AND "table" = ANY (%s) GROUP BY 1',
        [seal, tables],
    )
    return dict(cursor.fetchall())


def _take_away(cursor: Any, seal: int, table: str) -> None:
    """Delete what the import entered."""
    if table.removeprefix("quotes_") in staging.APPEND_ONLY:
        cursor.execute("SELECT verbatim_undo_append_only(%s, %s)", [seal, table])
        return
    cursor.execute(
        # house: the table is one of ours
        f"DELETE FROM {table} WHERE id IN (SELECT record_pk FROM quotes_auditevent"
        ' WHERE seal_id = %s AND "table" = %s AND before IS NULL)',
        [seal, table],
    )


def _put_back(cursor: Any, seal: int, table: str) -> None:
    """Restore what the import changed or took away; version and stamps go on counting (quotes.models.Record)."""
    if table == "quotes_statement_topics":
        cursor.execute(
            "INSERT INTO quotes_statement_topics (statement_id, topic_id)"
            " SELECT (before::jsonb ->> 'statement_id')::bigint, (before::jsonb ->> 'topic_id')::bigint"
            ' FROM quotes_auditevent WHERE seal_id = %s AND "table" = %s AND after IS NULL ON CONFLICT DO NOTHING',
            [seal, table],
        )
        return
    if table.removeprefix("quotes_") in staging.APPEND_ONLY:
        return
    name = table.removeprefix("quotes_")
    kind = next(kind for kind in staging.kinds() if kind.name == name)
    sets = ", ".join(f"{column.column} = was.{column.column}" for column in kind.columns)
    cursor.execute(
        # house: table and columns are ours
        f"UPDATE {table} e SET {sets} FROM quotes_auditevent a,"
        f" jsonb_populate_record(NULL::{table}, a.before::jsonb) was"
        ' WHERE a.seal_id = %s AND a."table" = %s AND a.before IS NOT NULL AND a.after IS NOT NULL'
        " AND e.id = a.record_pk",
        [seal, table],
    )
