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
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import permutations
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from quotes.actions import imports
from quotes.benchmarks.corpus import fixture
from quotes.benchmarks.frame import Tell, client, scratch_database
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


class Broken(Exception):
    """Something that must hold did not."""


class Skipped(Exception):
    """The ordeal cannot be had here; the text says why."""


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


# --- A full disk -----------------------------------------------------------------------------------------------------


@contextmanager
def _small_disk(megabytes: int) -> Iterator[Path]:
    if os.geteuid():
        raise Skipped("only root can mount a small disk")
    with tempfile.TemporaryDirectory(prefix="verbatim-disk-", dir="/var/tmp") as folder:  # for root alone
        os.chmod(folder, 0o755)  # noqa: S103 - the server runs as another user
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], check=False
        )
        if mounted.returncode:
            raise Skipped("a small disk cannot be mounted here")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=False)


def disk(tell: Tell, *, times: int = 10, rows: int = 20_000, megabytes: int = 160) -> str:
    """Fill the disk during an import, in a server of its own on a small disk (R13).

    Raises:
        Broken: when something of the import stays, the command says nothing clear, what was there cannot be read, the
            next import fails once there is space again, or the log's chain breaks.
        Skipped: when not root.
    """
    chance = random.Random(SEED)
    with _small_disk(megabytes) as base, tempfile.TemporaryDirectory(prefix="verbatim-full-") as folder:
        few, many = Path(folder, "few.json"), Path(folder, "many.json")
        fixture.write(60, SEED, few)
        fixture.write(round(rows / 5.2), SEED + 1, many)
        environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        environment |= {"VERBATIM_DATA": str(base / "data"), "DEMO_PASSWORD": "not for long"}
        command = _commands(environment)
        for arguments in (["localdb", "start"], ["migrate", "-v0"], ["createcachetable"]):
            command(arguments)
        try:
            made = command(["demo", "--no-serve"])
            if made.returncode:
                raise Broken(f"no desk on the small disk: {made.stderr[-300:]}")
            if command(["import_quotes", str(few)]).returncode:
                raise Broken("the small file does not go in")
            before = command(["export_quotes", "--as", "admin"]).stdout
            for turn in range(times):
                filler = base / "filler"
                free = os.statvfs(base).f_bavail * os.statvfs(base).f_frsize
                with filler.open("wb") as file:
                    file.truncate(0)
                    os.posix_fallocate(file.fileno(), 0, max(1, free - chance.randrange(1, 12) * 1_000_000))
                failed = command(["import_quotes", str(many)])
                said = (failed.stderr or failed.stdout).strip()
                tell(
                    f"{turn + 1}: exit {failed.returncode}, {said.splitlines()[-1][:150] if said else 'nothing said'}"
                )
                if failed.returncode == 0:
                    raise Broken("the import went in: the disk was not full")
                if "Traceback" in said or not said:
                    raise Broken(f"not a clear line: {said[-300:]}")
                filler.unlink()
                if command(["export_quotes", "--as", "admin"]).stdout != before:
                    raise Broken("the records are not as they were")
            # Writes work again, and the log holds.
            third = Path(folder, "third.json")
            fixture.write(20, SEED + 2, third)
            if command(["import_quotes", str(third)]).returncode or command(["audit", "verify"]).returncode:
                raise Broken("after there was space again, an import or the log's chain failed")
        finally:
            command(["localdb", "stop"])
    return f"{times} times full, nothing half done, a clear line each time, then writes and the log as before"


def _commands(environment: dict[str, str]) -> Callable[[list[str]], subprocess.CompletedProcess[str]]:
    manage = str(Path.cwd() / "manage.py")

    def command(arguments: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, manage, *arguments], env=environment, capture_output=True, text=True, check=False
        )

    return command


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
