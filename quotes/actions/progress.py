"""How far a long piece of work is: told by its own steps, and by the database of what it does within one."""

# house: steps of imports and of their way back, which say by whom

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.db import DatabaseError, connection

from .backup import DISK_FULL, state_of

type Progress = Callable[[str, int, int], None]
"""Told the step, how far it is and of how much: bytes while reading, records while writing or taking away, quotes while
settling their standings, statements while indexing."""

BEAT = 10.0
"""Seconds between two signs of life of a process at work, well below `quotes.search.imports.SILENT`."""

OFTEN = 0.3
"""Seconds between two notes of how far it is; more often nobody looks."""

NOTICE = re.compile(r"verbatim\.([a-z]+) (\d+) (\d+)")
"""What verbatim_settle and verbatim_index_batch say of each portion (sql/settle_steps.sql)."""


@contextmanager
def told_by_the_database(tell: Progress) -> Iterator[None]:
    """Hand on how far the database is with one statement of ours, while we wait for its answer.

    It tells of each portion before it begins; that the last one has ended, it tells with its answer.
    """
    connection.ensure_connection()
    engine: Any = connection.connection
    last = ("", 0)

    def hear(notice: Any) -> None:
        nonlocal last
        told = NOTICE.fullmatch(notice.message_primary or "")
        if told:
            last = (told[1], int(told[3]))
            tell(told[1], int(told[2]), int(told[3]))

    engine.add_notice_handler(hear)
    try:
        yield
    finally:
        engine.remove_notice_handler(hear)
    step, whole = last
    if step:
        tell(step, whole, whole)


def ended_with(error: Exception) -> str:
    """Return in a sentence what a piece of work ended with that wrote nothing."""
    if state_of(error) == DISK_FULL:
        return "The disk of the database is full."
    first = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
    return f"It ended with an error: {first.rstrip('.')}."


class Note:
    """A small file that says how far a process is, apart from the rows that it holds.

    It is written anew every few seconds while the process works, so that silence means that the process is gone, and
    not that one step takes long. Where it cannot be written (a full disk, another process that puts its own there at
    the same moment), the work goes on untold: hours of it are not given up for that. An error that it ends with stands
    there too. An ordinary `Progress` otherwise.

    Args:
        file: where it stands; its folder is made when there is none.
        deed: what is done, where a page has to know.
    """

    def __init__(self, file: Path, deed: str = "") -> None:
        self._file = file
        self._told: dict[str, Any] = {"step": "starting", "percent": 0, "deed": deed}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._heart = threading.Thread(target=self._beat, daemon=True)
        self._last = 0.0

    def __call__(self, step: str, done: int, whole: int) -> None:
        """Note how far it is, unless that was just done."""
        new = step != self._told["step"] or done >= whole
        with self._lock:
            self._told |= {"step": step, "percent": int(100 * done / whole) if whole else 100}
        if new or time.monotonic() - self._last >= OFTEN:
            self.write()

    def write(self, **more: Any) -> None:
        """Write the file: all of it or nothing; `more` stays in it."""
        with self._lock, suppress(OSError):
            self._last = time.monotonic()
            self._told |= more
            # What came by the command line was never uploaded, and so nobody has made the folder.
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = self._file.with_suffix(".new")
            part.write_text(json.dumps(self._told | {"at": time.time()}), encoding="utf-8")
            part.replace(self._file)

    def __enter__(self) -> Self:
        self.write()
        self._heart.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._heart.join()
        if isinstance(error, DatabaseError | OSError):
            # Nobody reads what a process of its own says as it dies.
            self.write(refused=[ended_with(error)])

    def _beat(self) -> None:
        while not self._over.wait(BEAT):
            self.write()
