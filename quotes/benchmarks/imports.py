"""Import against its peers, as ratios: `loaddata`, bulk_create, and bare COPY of the same rows into the same tables.

Everything happens in a database of its own, emptied before each turn; all systems take turns in one run. What counts is
the time of the processor, in this process and in the server's, which the load of the machine changes far less than the
clock. What a ratio means is in SPEED.md §8 (R9 to R11).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from psycopg import sql

from quotes.actions import demo, imports, staging
from quotes.actions.importreport import Report
from quotes.benchmarks.corpus import fixture
from quotes.benchmarks.frame import Ratio, Tell, scratch_database

SEED = 20260204
RECORDS_TO_A_STATEMENT = 5.2
LOADDATA_ROWS = 10_000
"""More rows are not asked of `loaddata`: it does some hundred a second (SPEED.md §8 has 10,000 as well)."""

_SWITCH = sql.SQL("ALTER TABLE {table} {how} TRIGGER USER")
_LEAVE = sql.SQL("ALTER TABLE {table} SET (autovacuum_enabled = false)")
_TABLES = (
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'quotes\\_%'"
    " AND relnamespace = 'public'::regnamespace"
)
_KEPT = ("quotes_policy", "quotes_searchnames")
_EVENTS_SINCE = """SELECT count(*) FROM quotes_auditevent WHERE id > %s AND "table" <> 'quotes_importrun'"""


@dataclass(slots=True)
class Spent:
    """Seconds of the processor (ours and the server's) and of the clock, by round."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)


class Rig:
    """The scratch database, its one importing account, and the clocks."""

    def __init__(self) -> None:
        demo.make_accounts({"import": "Reporter"}, None, by=None)
        self.by = User.objects.get(username="import")
        self.spent: dict[str, Spent] = {}
        # What is not committed counts for nothing to autovacuum: whether it looks in the middle of somebody's turn, and
        # lets one row be expected where there are thousands, would be chance. (Imports are proved against that apart.)
        with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute(_TABLES)
            for (table,) in cursor.fetchall():
                cursor.execute(_LEAVE.format(table=sql.Identifier(table)))

    def empty(self) -> None:
        """Take all records away, the log included, with the space that they took."""
        with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute(
                "SELECT string_agg(quote_ident(relname), ', ') FROM pg_class WHERE relkind IN ('r', 'p')"
                " AND relname LIKE 'quotes\\_%%' AND NOT relispartition AND relname <> ALL (%s)",
                [list(_KEPT)],
            )
            # Quoted by the database itself.
            cursor.execute(
                sql.SQL("TRUNCATE {tables} RESTART IDENTITY").format(tables=sql.SQL(cursor.fetchone()[0]))
            )

    def time(self, name: str, work: Callable[[], Any]) -> Any:
        """Do it with all the clocks running."""
        connection.ensure_connection()
        server, here, began = _server(), time.process_time(), time.perf_counter()
        done = work()
        spent = self.spent.setdefault(name, Spent())
        spent.cpu.append(_server() - server + time.process_time() - here)
        spent.wall.append(time.perf_counter() - began)
        return done

    def cpu(self, name: str) -> float:
        """The middle of what it took, in seconds of the processor."""
        return median(self.spent[name].cpu)


def _server() -> float:
    pid = connection.connection.info.backend_pid
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9


# --- Who brings the rows in ------------------------------------------------------------------------------------------


def ours(rig: Rig, path: Path) -> Report:
    """Import it as a reporter."""
    report = imports.run([path], by=rig.by)
    if report.refused:
        raise RuntimeError(f"The corpus was refused: {next(iter(report.errors))}")
    return report


def loaddata(path: Path) -> None:
    """Django's own, as the owner of the tables; in a transaction of ours, or it would close the connection."""
    with transaction.atomic():
        call_command("loaddata", str(path), verbosity=0)


def bulk_create(path: Path) -> None:
    """What a script of twenty lines does: the whole file in memory, keys in dictionaries, a thousand rows at a time."""
    records = json.loads(path.read_text(encoding="utf-8"))
    by_model: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        by_model.setdefault(record["model"], []).append(record["fields"])
    keys: dict[str, dict[tuple[Any, ...], int]] = {}
    with transaction.atomic():
        for kind in staging.kinds():
            given = by_model.get(kind.label, [])
            foreign = {c.name: c.target for c in kind.columns if c.refers}
            later = [c.name for c in kind.columns if c.later]
            made, topics = [], []
            for fields in given:
                values: dict[str, Any] = {}
                for name, value in fields.items():
                    if name in later:
                        continue
                    if name == "topics":
                        topics.append(value)
                    elif name in foreign:
                        values[f"{name}_id"] = value and keys[foreign[name]][tuple(value)]
                    else:
                        values[name] = value
                made.append(kind.model(**values))
            kind.model._base_manager.bulk_create(made, batch_size=1_000)
            keys[kind.name] = dict(
                zip((_key(kind, fields) for fields in given), (one.pk for one in made), strict=True)
            )
            for name in later:
                changed = []
                for one, fields in zip(made, given, strict=True):
                    if fields.get(name):
                        setattr(one, f"{name}_id", keys[kind.name][tuple(fields[name])])
                        changed.append(one)
                kind.model._base_manager.bulk_update(changed, [name], batch_size=1_000)
            if topics:
                through = kind.model.topics.through
                rows = [
                    through(statement_id=one.pk, topic_id=keys["topic"][tuple(named)])
                    for one, names in zip(made, topics, strict=True)
                    for named in names
                ]
                through._base_manager.bulk_create(rows, batch_size=1_000)


def _key(kind: staging.Kind, fields: dict[str, Any]) -> tuple[Any, ...]:
    parts: list[Any] = []
    for name in kind.key:
        value = fields.get(name)
        parts += value if isinstance(value, list) else [value]
    return tuple(parts)


class Copied:
    """The rows as they stand after an import, to be copied into the same empty tables, keys and all."""

    def __init__(self) -> None:
        tables = [kind.table for kind in staging.kinds()]
        tables.insert(tables.index("quotes_statement") + 1, "quotes_statement_topics")
        self._rows: dict[str, tuple[str, list[bytes]]] = {}
        with connection.cursor() as cursor:
            for table in tables:
                columns = ", ".join(f'"{one}"' for one in _columns(table))
                with cursor.copy(f"COPY {table} ({columns}) TO STDOUT") as copy:
                    self._rows[table] = columns, [bytes(part) for part in copy]

    def into(self, *, triggers: bool) -> None:
        """Copy them, as the owner and in one transaction; without the triggers they are rows and indexes alone."""
        with transaction.atomic(), connection.cursor() as cursor:
            for table, (columns, rows) in self._rows.items():
                if not triggers:
                    cursor.execute(_SWITCH.format(table=sql.Identifier(table), how=sql.SQL("DISABLE")))
                with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                    for part in rows:
                        copy.write(part)
            if not triggers:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                for table in self._rows:
                    cursor.execute(_SWITCH.format(table=sql.Identifier(table), how=sql.SQL("ENABLE")))


def _columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attgenerated = '' ORDER BY attnum",
            [table],
        )
        return [name for (name,) in cursor.fetchall()]


# --- Memory ----------------------------------------------------------------------------------------------------------

_CHILD = (
    "import sys, django; django.setup();"
    "from quotes.benchmarks.imports import child; child(sys.argv[1], sys.argv[2])"
)


def peak_memory(path: Path) -> float:
    """The most memory, in MB, that a process of its own needs to import the file (resident set, at its highest)."""
    name = connection.settings_dict["NAME"]
    connection.close()
    environment = {"DJANGO_SETTINGS_MODULE": "newsroom.settings", **os.environ}
    command = [sys.executable, "-c", _CHILD, str(name), str(path)]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if told.returncode:
        raise RuntimeError(told.stderr.strip().splitlines()[-1])
    return float(told.stdout.split()[-1])


def child(database: str, path: str) -> None:
    """Import a file in a process that does nothing else, and print the most memory that it held, in MB."""
    settings = connection.settings_dict
    settings["NAME"] = database
    settings.update({key: settings["OWNER"][key] for key in ("USER", "PASSWORD", "HOST", "PORT")})
    report = imports.run([Path(path)], by=User.objects.get(username="import"))
    if report.refused:
        raise SystemExit(str(next(iter(report.errors))))
    # Not getrusage: its maximum goes on from the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    sys.stdout.write(f"{int(kilobytes) / 1024:.1f}\n")


# --- The run ---------------------------------------------------------------------------------------------------------


def run(tell: Tell, *, rounds: int = 5, rows: int = LOADDATA_ROWS) -> list[Ratio]:
    """Measure, print what everything took, and give the ratios of SPEED.md §8, R9 to R11.

    Args:
        tell: prints one line.
        rounds: how often everything is asked, in turn.
        rows: about how many records the file has; `loaddata` gets at most 10,000 of its own file.
    """
    with tempfile.TemporaryDirectory(prefix="verbatim-bench-") as folder, scratch_database():
        rig = Rig()
        whole, part = Path(folder, "whole.json"), Path(folder, "part.json")
        count = fixture.write(max(1, round(rows / RECORDS_TO_A_STATEMENT)), SEED, whole)
        few = count
        if count > LOADDATA_ROWS * 1.2:
            few = fixture.write(round(LOADDATA_ROWS / RECORDS_TO_A_STATEMENT), SEED, part)
        else:
            part = whole
        again: list[Report] = []
        written: list[int] = []
        for _ in range(rounds):
            _round(rig, whole, part, again, written)
        sizes = _memory(rig, folder, count, whole)
    for name, spent in rig.spent.items():
        of = few if name in ("loaddata", "import, same file") else count
        tell(
            f"{name:26} {of:>9,} rows  {median(spent.cpu):8.2f} s of the processor,"
            f" {median(spent.wall):8.2f} s of the clock, {of / median(spent.cpu):>9,.0f} rows/s"
        )
    for size, memory in sizes:
        tell(f"{'memory at its highest':26} {size:>9,} rows  {memory:8.1f} MB")
    return _ratios(rig, again, written, sizes)


def _round(rig: Rig, whole: Path, part: Path, again: list[Report], written: list[int]) -> None:
    rig.empty()
    with connection.as_owner():  # type: ignore[attr-defined]
        rig.time("loaddata", lambda: loaddata(part))
    rig.empty()
    rig.time("import, same file", lambda: ours(rig, part))
    rig.empty()
    with connection.as_owner():  # type: ignore[attr-defined]
        rig.time("bulk_create", lambda: bulk_create(whole))
    rig.empty()
    rig.time("import", lambda: ours(rig, whole))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("SELECT max(id) FROM quotes_auditevent")
        before = cursor.fetchone()[0]
    again.append(rig.time("import of the same again", lambda: ours(rig, whole)))
    with connection.cursor() as cursor:
        # The log says what was written; that there was an import is one event, and no record.
        cursor.execute(_EVENTS_SINCE, [before])
        written.append(cursor.fetchone()[0])
    with connection.as_owner():  # type: ignore[attr-defined]
        copied = Copied()
        for triggers in (True, False):
            rig.empty()
            name = "COPY into these tables" if triggers else "COPY, triggers off"
            rig.time(name, lambda triggers=triggers: copied.into(triggers=triggers))  # type: ignore[misc]


def _memory(rig: Rig, folder: str, count: int, whole: Path) -> list[tuple[int, float]]:
    small = Path(folder, "small.json")
    few = fixture.write(max(1, round(count / 10 / RECORDS_TO_A_STATEMENT)), SEED, small)
    told = []
    for size, path in ((few, small), (count, whole)):
        rig.empty()
        told.append((size, peak_memory(path)))
    return told


def _ratios(rig: Rig, again: list[Report], written: list[int], sizes: list[tuple[int, float]]) -> list[Ratio]:
    changed = max(
        events + sum(sum(count.values()) for count in (report.created, report.updated, report.proposed))
        for events, report in zip(written, again, strict=True)
    )
    (few, small), (many, large) = sizes
    took = rig.cpu("import")
    bare = took / rig.cpu("COPY, triggers off")
    same = rig.cpu("loaddata") / rig.cpu("import, same file")
    copied = took / rig.cpu("COPY into these tables")
    detail = f"moonshot 1.2; rows and indexes alone, without what triggers keep: {bare:.1f}"
    return [
        Ratio("R9", "loaddata / import, same file", same, 40, more_is_better=True, detail="moonshot 85"),
        Ratio(
            "R9",
            "bulk_create / import",
            rig.cpu("bulk_create") / took,
            2,
            more_is_better=True,
            detail="moonshot 3.3",
        ),
        Ratio("R10", "import / COPY into the same tables", copied, 1.8, more_is_better=False, detail=detail),
        Ratio(
            "R11",
            "import / import of the same again",
            took / rig.cpu("import of the same again"),
            3,
            more_is_better=True,
            detail="moonshot 6",
        ),
        Ratio("R11", "rows written by importing again", float(changed), 0, more_is_better=False),
        Ratio(
            "R11",
            "memory at ten times the rows",
            large / small,
            1.3,
            more_is_better=False,
            detail=f"moonshot 1.0; {few:,} and {many:,} rows",
        ),
    ]
