"""Bring records in from files: all or nothing, the same file twice changes nothing, people's work is never overwritten.

One transaction, run by the rights of one person. Rows are copied into a staging table, compared with what is there in
sets, and written in sets (`staging`). What differs from a record that somebody has worked on, or would alter what a
quote with checks shows, becomes a proposal that a curator accepts or not (invariant 10).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import DataError, IntegrityError, connection
from django.utils import timezone

from quotes.importing.crossing import FileIndex
from quotes.importing.errors import Refused, RowError, json_path, shown
from quotes.importing.reader import read_records
from quotes.importing.rows import check_record
from quotes.models import ImportRun

from . import proposals, staging
from .audit import acting
from .importreport import Change, Report, enter_run, keep_rows
from .progress import Progress, told_by_the_database

LOCK = 7265626175
"""Imports take turns: two of overlapping files converge, and neither meets the other half way."""

SETTLE = (
    "SET CONSTRAINTS searchbatch_closes, standingwork_settles IMMEDIATE;"
    "SET CONSTRAINTS searchbatch_closes, standingwork_settles DEFERRED;"
    "SET LOCAL verbatim.standing = ''; SET LOCAL verbatim.search = ''"
)
"""Gives what was brought in its standing and its place in the search; from then on every write does so at once."""

LISTED_ROWS = 1_000
"""Changed and proposed records that a report lists one by one; the rest is counted."""

LISTED_WARNINGS = 50_000
"""Names to look at twice that a report lists; a file with more is wrong as a whole."""

LISTED_NEW = 200
"""New statements and quotes that a report lists one by one."""


class NotAllowed(Exception):
    """The person may not import."""


class _Rollback(Exception):
    """Carries out of the transaction what must not be kept."""


def run(
    files: Iterable[Path],
    *,
    by: Any,
    dry: bool = False,
    into: ImportRun | None = None,
    progress: Progress | None = None,
) -> Report:
    """Import files as one whole.

    Args:
        files: paths of JSON files in the format of PRODUCT.md §7.
        by: who imports; her rights hold, and what she brings in she cannot verify.
        dry: only say what would happen.
        into: an import that is in the list already (it came by the page); else one is added.
        progress: told how far it is.

    Returns:
        What was done. With errors in it, nothing was.

    Raises:
        NotAllowed: when `by` may not import.
    """
    if not by.has_perm("quotes.import_quotes"):
        raise NotAllowed(f"{by.get_username()} may not import files.")
    paths = list(files)
    report = Report()
    tell = progress or (lambda step, done, whole: None)
    try:
        # Unhurried on our side too: else a statement of more than some seconds would be given up by the connection.
        with (
            connection.unhurried(),  # type: ignore[attr-defined]
            acting(by=by, verb="imports.apply"),
            connection.cursor() as cursor,
        ):
            cursor.execute("SET LOCAL lock_timeout = 0")
            # A quote gets its standing, and a statement its document, once: when all their parts are there.
            cursor.execute(
                "SET LOCAL verbatim.standing = 'at_commit'; SET LOCAL verbatim.search = 'at_commit'"
            )
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            _stage(cursor, paths, report, tell)
            if not report.unreadable:
                _write(cursor, paths, report, by, tell)
                proposals.leave_out_declined(report, by=by)
            if report.refused or dry:
                raise _Rollback
            report.run = _note(report, paths, into, by)
            # Now, and not in the commit: only there do others wait for us. Forgotten, it would happen there anyway.
            with told_by_the_database(tell):
                cursor.execute(SETTLE)
    except _Rollback:
        pass
    except (IntegrityError, DataError) as error:
        report.errors.add(RowError(str(paths[0]), 1, 1, "$", _sentence(error)))
    return report


def _stage(cursor: Any, paths: list[Path], report: Report, tell: Progress) -> None:
    cursor.execute(staging.create_stage())
    sizes = [path.stat().st_size if path.exists() else 0 for path in paths]
    sequence = 0
    # psycopg's own errors (a full disk) become Django's, as everywhere else.
    with connection.wrap_database_errors, cursor.copy(staging.COPY) as copy:
        for number, path in enumerate(paths):
            try:
                with path.open("rb") as stream, FileIndex(references=False) as index:
                    for record in read_records(stream, str(path)):
                        row = check_record(record, report.errors)
                        model = row.model if row else _refused_model(record.value)
                        if row:
                            index.add(row)
                        if model is None:
                            continue
                        sequence += 1
                        place = (record.line, record.column, record.index)
                        copy.write_row((sequence, number, *place, model, record.text))
                        if not sequence % 2_000:
                            tell("reading", sum(sizes[:number]) + stream.tell(), sum(sizes))
                    index.finish(report.errors)
                    report.warnings.extend(islice(index.look_alikes(), LISTED_WARNINGS))
            except Refused as refusal:
                report.unreadable = True
                report.errors.add(refusal.error)
            except OSError as error:
                report.unreadable = True
                report.errors.add(RowError(str(path), 1, 1, "$", f"cannot be read: {error.strerror}"))
    tell("reading", sum(sizes), sum(sizes))


def _refused_model(value: Any) -> str | None:
    """Under which name a refused record is staged, so that what refers to it is not refused as well; or None."""
    if not isinstance(value, dict) or not isinstance(value.get("fields"), dict):
        return None
    return f"{staging.REFUSED}{value['model']}" if isinstance(value.get("model"), str) else None


def _write(cursor: Any, paths: list[Path], report: Report, by: Any, tell: Progress) -> None:
    cursor.execute(staging.ANALYSE_STAGE)
    cursor.execute(staging.STAGED_MODELS)
    present = dict(cursor.fetchall())
    kinds = [kind for kind in staging.kinds() if kind.label in present]
    place = _places(cursor, paths)
    done, whole = 0, sum(present[kind.label] for kind in kinds)
    for kind in kinds:
        tell("writing", done, whole)
        _write_kind(cursor, kind, report, by, place, paths)
        done += present[kind.label]
    tell("writing", done, whole)


def _write_kind(
    cursor: Any, kind: staging.Kind, report: Report, by: Any, place: _Places, paths: list[Path]
) -> None:
    blind = not by.has_perm("quotes.view_restricted")
    cursor.execute(staging.resolve(kind))
    cursor.execute(staging.analyse(kind))
    left = 0
    if behind := staging.left_behind(kind):
        cursor.execute(behind)
        left = cursor.rowcount
    if kind.name == "link":
        _decide_links(cursor, by)
    _drop_repeated(cursor, kind, report, place)
    if blind:
        _run_all(cursor, staging.forget(kind))
    cursor.execute(staging.look(kind))
    new, nowhere = cursor.fetchone()
    if nowhere:
        _unresolved(cursor, kind, report, place)
    differs = _compare(cursor, kind)
    # What is as it was is asked nothing further: the database holds it already, so it broke no rule.
    if new or differs:
        _run_all(cursor, staging.propose(kind, blind=blind))
        for name, sql, wrong in staging.FAULTS.get(kind.name, []):
            cursor.execute(sql)
            for (sequence,) in cursor.fetchmany(staging.MOST):
                report.errors.add(place(sequence, wrong, "fields", name))
    # Rows at fault are not written, so that the next kinds of record can still be looked at for theirs.
    if report.refused:
        return
    if new:
        if kind.name in ("statement", "quote"):
            _list_new(cursor, kind, report, paths)
        _run_all(cursor, staging.insert(kind))
    more = 0
    if any(column.later for column in kind.columns):
        _run_all(cursor, staging.fill_later(kind))
        _unresolved(cursor, kind, report, place, later=True)
        more += _compare(cursor, kind, later=True)
    if kind.name == "statement":
        more += _topics(cursor, report, place)
    if more:
        _run_all(cursor, staging.propose(kind, blind=blind))
    _count(cursor, kind, report)
    if left:
        report.unchanged[kind.label] = report.unchanged.get(kind.label, 0) + left
    if new or differs or more:
        _list_changes(cursor, kind, report, paths)
        if differs or more:
            _run_all(cursor, [staging.update(kind)])
        if kind.name == "statement":
            _run_all(cursor, staging.WRITE_TOPICS)


def _compare(cursor: Any, kind: staging.Kind, *, later: bool = False) -> int:
    """Note what the files have otherwise than the records that are there; return how many do."""
    if compare := staging.compare(kind, later=later):
        cursor.execute(compare)
        return int(cursor.rowcount)
    return 0


def _topics(cursor: Any, report: Report, place: _Places) -> int:
    cursor.execute(staging.TOPICS_UNRESOLVED)
    for sequence, named in cursor.fetchall():
        report.errors.add(place(sequence, _nowhere(named), "fields", "topics"))
    cursor.execute(staging.STAGE_TOPICS)
    cursor.execute(staging.COMPARE_TOPICS)
    return int(cursor.rowcount)


def _decide_links(cursor: Any, by: Any) -> None:
    """A link in a file is as it says only if the importing person may decide links; else it is suggested."""
    if by.has_perm("quotes.decide_link"):
        return
    cursor.execute(
        "UPDATE import_link SET state = 'suggested', fields = fields || '{\"state\": \"suggested\"}'"
        " WHERE existing IS NULL"
    )
    # What somebody has decided here is not up for the file.
    cursor.execute("UPDATE import_link SET fields = fields - 'state' WHERE existing IS NOT NULL")


def _drop_repeated(cursor: Any, kind: staging.Kind, report: Report, place: _Places) -> None:
    """The same record in two files is one; two that differ are refused. (Within a file, reading refuses both.)"""
    cursor.execute(staging.duplicates(kind))
    rows = cursor.fetchall()
    for sequence, same in rows:
        if not same:
            report.errors.add(
                place(sequence, "is in these files twice, with different content", "fields", kind.key[0])
            )
    if rows:
        cursor.execute(staging.drop(kind), [[row[0] for row in rows]])


def _unresolved(
    cursor: Any, kind: staging.Kind, report: Report, place: _Places, *, later: bool = False
) -> None:
    for name, sql in staging.unresolved(kind, later=later):
        cursor.execute(sql)
        for sequence, reference in cursor.fetchall():
            report.errors.add(place(sequence, _nowhere(reference), "fields", name))


def _nowhere(reference: str) -> str:
    key = ", ".join(shown(part) for part in json.loads(reference))
    return f"{key} is neither in these files nor on record"


def _count(cursor: Any, kind: staging.Kind, report: Report) -> None:
    cursor.execute(staging.count(kind))
    counts = (report.proposed, report.created, report.updated, report.unchanged)
    for count, number in zip(counts, cursor.fetchone(), strict=True):
        if number:
            count[kind.label] = number


def _list_changes(cursor: Any, kind: staging.Kind, report: Report, paths: list[Path]) -> None:
    """Note what differs from the records that are there; called before anything of it is written."""
    left = LISTED_ROWS - len(report.changes)
    if left <= 0:
        return
    cursor.execute(staging.what_changes(kind), [left])
    for file, line, index, given, changed, proposed, saved in cursor.fetchall():
        # Django leaves jsonb as text.
        fields, before = json.loads(given), json.loads(saved) if saved else {}
        names = changed or [name for name in fields if name not in kind.key]
        report.changes.append(
            Change(
                kind.label,
                [fields.get(name) for name in kind.key],
                str(paths[file]),
                line,
                json_path((index,)),
                {name: _was(kind, name, before) for name in changed},
                {name: fields.get(name) for name in names},
                "proposed" if proposed else "updated",
            )
        )


def _list_new(cursor: Any, kind: staging.Kind, report: Report, paths: list[Path]) -> None:
    """Note the first statements and quotes that are new, with their words."""
    cursor.execute(staging.what_is_new(kind), [LISTED_NEW])
    for file, line, index, given in cursor.fetchall():
        fields = json.loads(given)
        words = {
            name: fields.get(name)
            for name in ("text", "gist", "kind", "speaker", "statement")
            if name in fields
        }
        report.changes.append(
            Change(
                kind.label, [fields["uid"]], str(paths[file]), line, json_path((index,)), {}, words, "created"
            )
        )


def _was(kind: staging.Kind, name: str, before: Mapping[str, Any]) -> Any:
    """Return a saved value as a file would write it."""
    model: Any = kind.model
    if name == "topics":
        record = model.objects.get(pk=before["id"])
        return [list(topic.natural_key()) for topic in record.topics.all()]
    one = model._meta.get_field(name)
    value = before.get(one.column)
    if one.is_relation and value is not None:
        return list(one.related_model.objects.get(pk=value).natural_key())
    return value


def _run_all(cursor: Any, statements: Iterable[str | None]) -> None:
    for statement in statements:
        if statement:
            cursor.execute(statement)


type _Places = Callable[..., RowError]


def _places(cursor: Any, paths: list[Path]) -> _Places:
    """Return a function from a row's number and steps below it to a refusal at its place."""

    def place(sequence: int, message: str, *steps: str | int) -> RowError:
        cursor.execute(staging.PLACE, [sequence])
        file, line, column, index = cursor.fetchone()
        return RowError(str(paths[file]), line, column, json_path((index, *steps)), message)

    return place


def _sentence(error: Exception) -> str:
    """Say in one line why the database refused: a rule that only whole records together can break."""
    diagnosis = getattr(error.__cause__, "diag", None)
    message = getattr(diagnosis, "message_primary", None) or str(error).splitlines()[0]
    detail = getattr(diagnosis, "message_detail", None)
    return f"the database refused the records: {message}{f' ({detail})' if detail else ''}"


def _note(report: Report, paths: list[Path], into: ImportRun | None, by: Any) -> ImportRun:
    """Keep what was done in the list of imports, with what it changed and proposes."""
    kept = into or enter_run(paths, by=by, state=ImportRun.State.RUNNING)
    ImportRun.objects.filter(pk=kept.pk).update(
        state=ImportRun.State.DONE, counts=report.counts, finished_at=timezone.now()
    )
    kept.refresh_from_db()
    keep_rows(kept, report)
    proposals.take_over(kept, by=by)
    return kept
