"""An import by the page: the file is kept, looked at, brought in by a process of its own, and taken back by one.

A process of its own, because an import may take longer than a page may, and goes on when the browser is closed. Where
it stands is written into a small file beside the upload, so that asking for it touches no row that the import holds.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from quotes.models import ImportRun

from . import imports
from .audit import acting
from .importreport import enter_run, keep_rows
from .progress import Note
from .undo_import import CannotUndo, undo

AT_ONCE = 1 << 20
"""Bytes that are looked at while the person waits; larger files are looked at by the other process."""

BACK_AT_ONCE = 2_000
"""Records that are taken back while the person waits, in about a second; more are by the other process."""


def receive(upload: Any, *, by: Any) -> ImportRun:
    """Keep an uploaded file and look at it: what it would do, nothing of it done.

    Args:
        upload: a Django uploaded file.
        by: who brings it.

    Raises:
        quotes.actions.imports.NotAllowed: when `by` may not import.
    """
    if not by.has_perm("quotes.import_quotes"):
        raise imports.NotAllowed("This account may not import files.")
    folder = Path(settings.DATA_DIR) / "imports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = folder / f"{time.time_ns()}.part"
    with part.open("wb") as kept:
        for chunk in upload.chunks():
            kept.write(chunk)
    with acting(by=by, verb="imports.receive"):
        run = enter_run([part], by=by, state=ImportRun.State.RUNNING, name=Path(upload.name or "file").name)
        part.rename(_file(run))
    if run.size <= AT_ONCE:
        look(run, by=by)
    else:
        transaction.on_commit(lambda: _start(run, "look", by))
    return run


def look(run: ImportRun, *, by: Any) -> None:
    """Say what the file would do, and keep that as the rows of the run."""
    with Note(run.progress_file) as note:
        report = imports.run([_file(run)], by=by, dry=True, progress=note)
    state = ImportRun.State.REFUSED if report.refused else ImportRun.State.CHECKED
    with acting(by=by, verb="imports.look"):
        ImportRun.objects.filter(pk=run.pk).update(state=state, counts=report.counts)
        keep_rows(run, report)
    run.refresh_from_db()


def apply(run: ImportRun, *, by: Any) -> bool:
    """Bring in what was looked at, in the other process; False when it is on its way or done already."""
    with acting(by=by, verb="imports.start"):
        started = ImportRun.objects.filter(pk=run.pk, by=by, state=ImportRun.State.CHECKED).update(
            state=ImportRun.State.RUNNING
        )
    if started:
        transaction.on_commit(lambda: _start(run, "apply", by))
    return bool(started)


def carry_out(run: ImportRun, *, by: Any) -> None:
    """Bring the file in: the other process's part. What is refused now writes nothing and is kept as the reason."""
    with Note(run.progress_file) as note:
        report = imports.run([_file(run)], by=by, into=run, progress=note)
    if report.refused:
        with acting(by=by, verb="imports.refuse"):
            ImportRun.objects.filter(pk=run.pk).update(
                state=ImportRun.State.REFUSED, counts=report.counts, finished_at=timezone.now()
            )
            keep_rows(run, report)


def take_back(run: ImportRun, *, by: Any) -> bool:
    """Take an import back, at once or by the other process; True when it is done already.

    Raises:
        quotes.actions.undo_import.CannotUndo: when it can be said at once that it cannot be.
    """
    counts = run.counts or {}
    written = sum(sum((counts.get(name) or {}).values()) for name in ("created", "updated"))
    if written <= BACK_AT_ONCE or run.state != ImportRun.State.DONE:
        undo(run, by=by)
        return True
    # That it may, and once, is asked of the database by whoever does it.
    transaction.on_commit(lambda: _start(run, ImportRun.UNDO, by))
    return False


def carry_back(run: ImportRun, *, by: Any) -> None:
    """Take an import back: the other process's part. What stands in the way is noted for the page."""
    with Note(run.progress_file, ImportRun.UNDO) as note:
        try:
            undo(run, by=by, progress=note, waits=True)
        except CannotUndo as refusal:
            note.write(refused=[str(refusal), *map(str, refusal.worked_on)])


def _start(run: ImportRun, what: str, by: Any) -> None:
    # Until the process says something itself: what an earlier one noted here is over.
    Note(run.progress_file, what).write()
    manage = str(Path(settings.BASE_DIR) / "manage.py")
    command = [sys.executable, manage, "run_import", str(run.pk), what, str(by.pk)]
    # In a session of its own: it outlives the worker that started it.
    subprocess.Popen(
        command,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _file(run: ImportRun) -> Path:
    # A sheet is known by its name too, so that a bad header is told of as one.
    kind = "csv" if run.name.lower().endswith(".csv") else "json"
    return Path(settings.DATA_DIR) / "imports" / f"{run.pk}.{kind}"
