"""An import under the worst that can happen to it: killed at any moment, several at once, in any order, a full disk.

By `ORDEALS` each works in a database of its own (the full disk in a server of its own); it raises `Broken` with what
was found. TRUST.md R4, R6 and R13 say what must hold.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import select
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from quotes.actions import imports
from quotes.benchmarks.corpus import fixture
from quotes.benchmarks.frame import Broken, Tell, client, scratch_database
from quotes.benchmarks.fulldisk import disk
from quotes.benchmarks.imports import Rig, ours
from quotes.importing.writer import write_records
from quotes.search.activity import check_chain
from quotes.search.export import Selection, records

SEED = 20260205
POLLED = 0.05
"""Seconds between two looks of the reader: 20 times a second (TRUST.md R4)."""

_SEEN = (
    "SELECT (SELECT count(*) FROM quotes_statement), (SELECT count(*) FROM quotes_quote),"
    " (SELECT count(*) FROM quotes_standing), (SELECT count(*) FROM quotes_searchdoc),"
    " (SELECT count(*) FROM quotes_link), (SELECT count(*) FROM quotes_auditevent WHERE verb = 'imports.apply')"
)
_STANDINGS = (
    "SELECT q.uid, s.value, s.depth, s.passes FROM quotes_standing s"
    " JOIN quotes_quote q ON q.id = s.quote_id ORDER BY q.uid"
)
type Counts = tuple[int, ...]


def digest(person: Any) -> str:
    """SHA-256 over all records in the order of their natural keys, and over what is derived from them."""
    found = hashlib.sha256()
    for text in write_records(records(Selection(person))):
        found.update(text.encode())
    with connection.cursor() as cursor:
        cursor.execute(_STANDINGS)
        for row in cursor.fetchall():
            found.update(repr(row).encode())
    return found.hexdigest()


def _operator() -> Any:
    return User.objects.create_superuser("operator", password=None)


# --- A process that is killed ----------------------------------------------------------------------------------------


def _forked(path: Path, by: Any) -> tuple[int, int]:
    """Begin an import in a child; give its process id and a pipe that tells when it starts, writes and commits."""
    told, tell = os.pipe()
    pid = os.fork()
    if pid:
        os.close(tell)
        return pid, told
    code = 1
    try:
        os.close(told)
        # The parent's connection stays the parent's: it is neither used nor closed here.
        connection.connection = None
        connection.ensure_connection()

        def say(step: str, done: int, whole: int) -> None:
            if step == "writing" and done == whole:
                os.write(tell, b"c")

        os.write(tell, b"s")
        report = imports.run([path], by=by, progress=say)
        code = 0 if not report.refused else 3
    finally:
        os._exit(code)


class _Reader:
    """Somebody who looks 20 times a second, and notes every state that was to be seen.

    A process, not a thread: importers are forked beside it, and a fork inherits the locks that other threads hold.
    """

    def __init__(self) -> None:
        self.seen: set[Counts] = set()

    def __enter__(self) -> _Reader:
        self._told, tell = os.pipe()
        over, self._stop = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            try:
                os.close(self._stop)
                database, seen = client(), set()
                seen.add(_counts(database))
                while not select.select([over], [], [], POLLED)[0]:
                    seen.add(_counts(database))
                os.write(tell, json.dumps(sorted(seen)).encode())
            finally:
                os._exit(0)
        os.close(tell)
        os.close(over)
        return self

    def __exit__(self, *_: object) -> None:
        # The reader sees the end of this pipe, tells and goes.
        os.close(self._stop)
        with os.fdopen(self._told, "rb") as told:
            self.seen = {tuple(state) for state in json.loads(told.read() or b"[]")}
        os.waitpid(self._pid, 0)


def _counts(database: Any) -> Counts:
    found: Counts = tuple(database.execute(_SEEN).fetchone())
    return found


def _settled(database: Any) -> None:
    """Wait until the server has noticed that the importer is gone: its lock is free."""
    database.execute("SELECT pg_advisory_lock(%s)", [imports.LOCK])
    database.execute("SELECT pg_advisory_unlock(%s)", [imports.LOCK])


def kill(tell: Tell, *, times: int = 200, rows: int = 3_000) -> str:
    """Kill the importer at random moments (R4), in the database in use: the first and last 50 ms and COMMIT among them.

    Raises:
        Broken: when a part of an import was ever to be seen, or the import after a kill ends in another state.
    """
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory(prefix="verbatim-kill-") as folder:
        path = Path(folder, "corpus.json")
        count = fixture.write(max(1, round(rows / 5.2)), SEED, path)
        rig, operator = Rig(), _operator()
        # Twice: what the first one has to warm up is no part of the others.
        for _ in range(2):
            rig.empty()
            began = time.monotonic()
            pid, told = _forked(path, rig.by)
            os.read(told, 1)
            started = time.monotonic()
            os.read(told, 1)
            committing = time.monotonic()
            _, status = os.waitpid(pid, 0)
            os.close(told)
            whole_time, commit_time = time.monotonic() - started, time.monotonic() - committing
            if status:
                raise Broken(f"the unbroken import ended with {status}")
        tell(
            f"{count:,} records; unbroken: {whole_time:.2f} s, of it {commit_time * 1000:.0f} ms after the last record"
        )
        watcher = client()
        complete, wanted = _counts(watcher), digest(operator)
        nothing = (0,) * len(complete)
        outcomes: Counter[str] = Counter()
        looks = 0
        for turn in range(times):
            kind = ("first 50 ms", "anywhere", "in COMMIT", "last 50 ms")[turn % 4]
            rig.empty()
            with _Reader() as reader:
                ended = _killed(path, rig.by, kind, chance, whole_time, commit_time)
                _settled(watcher)
                left = _counts(watcher)
            looks += bool(reader.seen)
            parts = [state for state in (*reader.seen, left) if state not in (nothing, complete)]
            if parts:
                raise Broken(f"kill {turn + 1} ({kind}): a part was to be seen: {parts[0]} of {complete}")
            outcomes[f"{kind}: {'not in time' if ended else 'whole' if left == complete else 'nothing'}"] += 1
            ours(rig, path)
            if _counts(watcher)[:5] != complete[:5] or digest(operator) != wanted:
                raise Broken(f"kill {turn + 1} ({kind}): the next import ended in another state")
            if turn % 20 == 19:
                tell(f"{turn + 1} kills, {time.monotonic() - began:,.0f} s")
        watcher.close()
        if (broken := check_chain([]).broken) is not None:
            raise Broken(f"the chain of the log broke: {broken.message}")
    told_of = ", ".join(f"{number}x {name}" for name, number in sorted(outcomes.items()))
    if looks < times:
        raise Broken(f"the reader did not look in {times - looks} turns: nothing is proved")
    return f"{times} kills, no part ever seen, all converged to {wanted[:12]}…: {told_of}"


def _killed(
    path: Path, by: Any, kind: str, chance: random.Random, whole_time: float, commit_time: float
) -> bool:
    """Start an import and kill it; true when it had ended by itself before."""
    pid, told = _forked(path, by)
    os.read(told, 1)
    if kind == "first 50 ms":
        time.sleep(chance.uniform(0, 0.05))
    elif kind == "anywhere":
        time.sleep(chance.uniform(0, whole_time))
    else:
        os.read(told, 1)
        if kind == "in COMMIT":
            time.sleep(chance.uniform(0, commit_time))
        else:
            time.sleep(max(0.0, commit_time - chance.uniform(0, 0.05)))
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    os.close(told)
    return os.WIFEXITED(status)


# --- Files that overlap ----------------------------------------------------------------------------------------------


def _overlapping(folder: str, statements: int) -> list[Path]:
    """Four files of one corpus: each whole in itself, and each sharing half of its statements with the next."""
    whole = Path(folder, "whole.json")
    fixture.write(statements, SEED, whole)
    given = json.loads(whole.read_text(encoding="utf-8"))
    numbers = {
        r["fields"]["uid"]: n for n, r in enumerate(r for r in given if r["model"] == "quotes.statement")
    }
    statement_of = {
        r["fields"]["uid"]: r["fields"]["statement"][0] for r in given if r["model"] == "quotes.quote"
    }
    paths = []
    for nth in range(4):
        chosen = {uid for uid, number in numbers.items() if number % 4 in (nth, (nth + 1) % 4)}
        quotes = {uid for uid, statement in statement_of.items() if statement in chosen}
        urls = {
            r["fields"]["article"][0]
            for r in given
            if r["model"] == "quotes.quote" and r["fields"]["uid"] in quotes
        }

        def belongs(
            record: dict[str, Any], chosen: Any = chosen, quotes: Any = quotes, urls: Any = urls
        ) -> bool:
            fields = record["fields"]
            match record["model"]:
                case "quotes.statement":
                    return fields["uid"] in chosen
                case "quotes.quote":
                    return fields["uid"] in quotes
                case "quotes.relay" | "quotes.figure" | "quotes.evidence":
                    return fields["quote"][0] in quotes
                case "quotes.article":
                    return fields["url"] in urls
                case "quotes.capture":
                    return fields["article"][0] in urls
                case "quotes.link":
                    return fields["source"][0] in chosen and fields["target"][0] in chosen
            return True

        path = Path(folder, f"part{nth}.json")
        path.write_text(json.dumps([r for r in given if belongs(r)], ensure_ascii=False), encoding="utf-8")
        paths.append(path)
    return paths


def orders(tell: Tell, *, times: int = 24, rows: int = 400) -> str:
    """Import four overlapping files in every order, then the first again (R6): the end is the same.

    Raises:
        Broken: when an order ends in another state, or importing again writes something.
    """
    with tempfile.TemporaryDirectory(prefix="verbatim-orders-") as folder:
        paths = _overlapping(folder, max(8, rows // 5))
        rig, operator = Rig(), _operator()
        ends: Counter[str] = Counter()
        for order in list(permutations(paths))[:times]:
            rig.empty()
            for path in order:
                ours(rig, path)
            again = ours(rig, order[0])
            if again.created or again.updated or again.proposed:
                raise Broken(f"importing {order[0].name} again was not without effect")
            ends[digest(operator)] += 1
        tell(f"{sum(ends.values())} orders, {len(ends)} ends")
    if len(ends) != 1:
        raise Broken(f"{len(ends)} different ends: {dict(ends)}")
    return f"{sum(ends.values())} orders of 4 files, one end: {next(iter(ends))[:12]}…"


def together(tell: Tell, *, times: int = 10, rows: int = 2_000) -> str:
    """Import four overlapping files at the same moment, each in a process of its own: the end is that of one by one.

    Raises:
        Broken: when one of them fails, or the end is another.
    """
    with tempfile.TemporaryDirectory(prefix="verbatim-together-") as folder:
        paths = _overlapping(folder, max(8, rows // 5))
        rig, operator = Rig(), _operator()
        rig.empty()
        for path in paths:
            ours(rig, path)
        wanted = digest(operator)
        for turn in range(times):
            rig.empty()
            children = [_forked(path, rig.by) for path in paths]
            for pid, told in children:
                _, status = os.waitpid(pid, 0)
                os.close(told)
                if status:
                    raise Broken(f"turn {turn + 1}: one of the imports ended with {status}")
            if digest(operator) != wanted:
                raise Broken(f"turn {turn + 1}: four at once ended in another state than one by one")
        tell(f"{times} times four processes")
    return f"{times} times 4 processes at once, all ended as one by one: {wanted[:12]}…"


# --- All of them ------------------------------------------------------------------------------------------------------


def in_scratch(ordeal: Callable[..., str]) -> Callable[..., str]:
    """An ordeal that empties the database it works in, in one of its own."""

    def run(tell: Tell, **given: int) -> str:
        with scratch_database():
            return ordeal(tell, **given)

    return run


ORDEALS: dict[str, Callable[..., str]] = {
    "kill": in_scratch(kill),
    "orders": in_scratch(orders),
    "together": in_scratch(together),
    "disk": disk,
}
"""By name; each takes `tell`, `times` and `rows`, and leaves the newsroom's database alone."""
