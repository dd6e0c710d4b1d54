"""Search against its peers, as ratios: forty queries, every system asked, query by query, in one run.

The queries are made from the data that is there (`manage.py make_corpus`), so that rare, frequent and phrased ones are
so at every size. Times are CPU times of the server's process and of this one, which the load of the machine changes
far less than it changes the clock. What a ratio means is in SPEED.md §8.
"""

from __future__ import annotations

import logging
import math
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote_plus

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, Group, User
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quotes.actions.audit import acting
from quotes.benchmarks.frame import Ratio, Tell
from quotes.benchmarks.peers import (
    DIFFERENCES,
    FACETS,
    Asked,
    Datasette,
    Found,
    Fts5,
    Tantivy,
    Textbook,
    installed,
    process_ns,
    stock_admin,
)
from quotes.benchmarks.questions import SEED, queries, rows
from quotes.search import engine
from quotes.search.reading import read

type System = Callable[[Asked], Found | None]
"""Answers a question; the peers also say what they found."""

# --- Who answers -------------------------------------------------------------------------------------------------


class Page:
    """The page through every middleware, for a signed-in reader: from the request to the last byte of HTML."""

    def __init__(self) -> None:
        with acting(by=None, verb="bench.person"):
            reader = User.objects.create_user(f"bench-{time.time_ns()}")
            reader.groups.add(Group.objects.get(name="Reader"))
        self._browser = Client(
            SERVER_NAME=(settings.ALLOWED_HOSTS or ["localhost"])[0].strip("*.") or "localhost"
        )
        self._browser.force_login(reader, settings.AUTHENTICATION_BACKENDS[0])

    def __call__(self, asked: Asked) -> None:
        answer = self._browser.get(f"{reverse('search')}?{asked.address}", secure=True)
        if answer.status_code != 200:
            raise RuntimeError(f"{asked.address}: {answer.status_code}")

    def statements(self, asked: Asked) -> list[str]:
        """What the page asks the database, in order."""
        with CaptureQueriesContext(connection) as caught:
            self(asked)
        return [query["sql"] for query in caught if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]


class Replay:
    """Statements by psycopg alone: what they would cost without Python."""

    def __init__(self) -> None:
        self.kept: dict[Asked, list[str]] = {}
        self.found: dict[Asked, int] = {}

    def __call__(self, asked: Asked) -> None:
        with connection.cursor() as cursor:
            for statement in self.kept[asked]:
                cursor.execute(statement)
                cursor.fetchall()

    def learn(self, asked: Asked, *, exactly: bool = False) -> None:
        """Note what a search asks the database: the names, the hits, the rows; `exactly` also the exact counts."""
        # A count may take as long as it needs here: the machine may be busy, and what is measured is its CPU.
        with patch.object(engine, "COUNTING_MS", 0), CaptureQueriesContext(connection) as caught:
            answer = engine.search(read(QueryDict(asked.address)), AnonymousUser(), exactly=exactly)
        self.found[asked] = answer.total
        self.kept[asked] = [
            query["sql"]
            for query in caught
            if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "SELECT set_config"))
        ]


# --- Measuring ---------------------------------------------------------------------------------------------------


@contextmanager
def cpu(spent: list[float], other: int = 0) -> Iterator[None]:
    """Add the milliseconds of CPU that the block costs: of process `other`, else here and in the server's process."""
    pid = other or connection.connection.info.backend_pid
    begun, here = process_ns(pid), time.process_time_ns()
    yield
    mine = 0 if other else time.process_time_ns() - here
    spent.append((process_ns(pid) - begun + mine) / 1e6)


def measure(
    systems: dict[str, System], asked: list[Asked], rounds: int
) -> tuple[dict[str, dict[Asked, list[float]]], dict[str, dict[Asked, Found | None]]]:
    """Ask every system every query; give the time of every round, and what each said that it found.

    In another order every time: who always came first would pay for what the one before had pushed out of memory, and
    who always came second would find everything as the first had left it.
    """
    connection.ensure_connection()
    spent: dict[str, dict[Asked, list[float]]] = {name: {} for name in systems}
    found: dict[str, dict[Asked, Found | None]] = {name: {} for name in systems}
    chance = random.Random(SEED)
    for turn in range(rounds + 1):
        for one in asked:
            for name, system in chance.sample(list(systems.items()), len(systems)):
                if name == "admin" and turn > 1:
                    # The admin's search costs seconds and hardly varies: one round after the warming up.
                    continue
                times = spent[name].setdefault(one, [])
                with cpu(times, getattr(system, "pid", 0)):
                    found[name][one] = system(one)
                if turn == 0:
                    times.clear()  # the first round only warms up
    return spent, found


OURS = ("page", "page sql", "search", "all exact")


def at(times: list[float], part: float) -> float:
    """The time below which `part` of all lie."""
    return sorted(times)[max(0, math.ceil(part * len(times)) - 1)]


def run(tell: Tell, *, rounds: int = 5, peers: bool = False, smaller: str = "") -> list[Ratio]:
    """Measure, print the tables, and give the ratios of SPEED.md §8 that were measured.

    Args:
        tell: prints one line.
        rounds: how often everything is asked, after one round of warming up.
        peers: also build and ask the peers; takes minutes and twice the space of the quotes.
        smaller: name of a database on the same server with fewer statements, for the growth.
    """
    if settings.DEBUG:
        tell(
            "DEBUG is on: templates are made anew for every page, so R1 and R3 come out worse than they are."
        )
    asked = queries()
    closing: list[Callable[[], None]] = []
    logging.disable(logging.INFO)
    try:
        others: dict[str, System] = _peers(tell, closing) if peers else {}
        # Whoever asks is made for the bench, and rolled back with everything else.
        with unlimited(), transaction.atomic():
            page, whole, raw, exact = Page(), Replay(), Replay(), Replay()
            for one in asked:
                page(one)
                whole.kept[one] = page.statements(one)
                raw.learn(one)
                exact.learn(one, exactly=True)
            ours: dict[str, System] = dict(zip(OURS, (page, whole, raw, exact), strict=True))
            spent, found = measure(ours | others, asked, rounds)
            times = {
                name: {one: statistics.median(own) for one, own in told.items()}
                for name, told in spent.items()
            }
            lines = [*_ratios(times), *_estimates(asked), _deep(raw)]
            transaction.set_rollback(True)
        if "datasette" in others:
            queries_missed, facets_missed = others["datasette"].count_missing(asked)  # type: ignore[attr-defined]
            tell(
                f"datasette left out {facets_missed} of {len(asked) * len(FACETS)} facets, on {queries_missed} of"
                f" {len(asked)} queries, at its own time limits"
            )
    finally:
        logging.disable(logging.NOTSET)
        for close in reversed(closing):
            close()
    tell(f"{len(asked)} queries, {rounds} rounds, {_size():,} statements; CPU ms, p50/p95 of the rounds")
    tell(f"{'query':44} " + " ".join(f"{name:>13}" for name in spent))
    for one in asked:
        cells = [f"{at(told[one], 0.5):.1f}/{at(told[one], 0.95):.1f}" for told in spent.values()]
        tell(f"{unquote_plus(one.address)[:44]:44} " + " ".join(f"{cell:>13}" for cell in cells))
    tell("by kind, the median round")
    _table(tell, asked, times, lambda own: f"{statistics.median(own):.1f}")
    if others:
        tell("hits of all queries of a kind")
        hits = {"verbatim": exact.found} | {
            name: {one: told.total for one, told in found[name].items() if told} for name in others
        }
        _table(tell, asked, hits, lambda own: "-" if None in own else f"{sum(own):,}")
        tell(DIFFERENCES)
    for name, told in times.items():
        own = list(told.values())
        tell(f"{name:10} p50 {at(own, 0.5):8.1f}   p95 {at(own, 0.95):8.1f}   worst {max(own):8.1f}")
    if smaller:
        lines += _growth(tell, smaller, rounds)
    return lines


def _table(
    tell: Tell, asked: list[Asked], told: dict[str, dict[Asked, Any]], cell: Callable[[list[Any]], str]
) -> None:
    tell(f"{'kind':18} " + " ".join(f"{name:>10}" for name in told))
    for kind in dict.fromkeys(one.kind for one in asked):
        cells = [cell([figures[one] for one in asked if one.kind == kind]) for figures in told.values()]
        tell(f"{kind:18} " + " ".join(f"{text:>10}" for text in cells))


def _peers(tell: Tell, closing: list[Callable[[], None]]) -> dict[str, System]:
    """Build the peers; as the owner, whose statements may take as long as they need."""
    textbook = Textbook()
    closing.append(textbook.close)
    # Not in the folder for temporary files: that is often memory.
    fts5 = Fts5(Path.cwd() / "verbatim-bench.sqlite3")
    closing.append(fts5.close)
    others: dict[str, System] = {"textbook": textbook, "fts5": fts5, "admin": stock_admin}
    for name, build in (
        ("datasette", lambda: Datasette(fts5.path)),
        ("tantivy", lambda: Tantivy(Path.cwd() / "verbatim-bench-tantivy")),
    ):
        if not installed(name):
            tell(f"{name} is not installed, so it is not measured (pip install {name})")
            continue
        peer: Any = build()
        closing.append(peer.close)
        others[name] = peer
    return others


def _size() -> int:
    return int(rows("SELECT count(*) FROM quotes_searchdoc")[0][0])


def _growth(tell: Tell, smaller: str, rounds: int) -> list[Ratio]:
    """R6: the same kinds of queries on fewer statements, round by round in both."""
    large = connection.settings_dict["NAME"]
    times: dict[str, dict[Asked, list[float]]] = {smaller: {}, large: {}}
    replays: dict[str, Replay] = {}
    sizes = {}
    try:
        for turn in range(rounds + 1):
            for name, spent in times.items():
                _use(name)
                with unlimited():
                    if name not in replays:
                        replays[name] = Replay()
                        sizes[name] = _size()
                        for one in queries():
                            replays[name].learn(one)
                    for one in replays[name].kept:
                        own = spent.setdefault(one, [])
                        with cpu(own):
                            replays[name](one)
                        if turn == 0:
                            own.clear()
    finally:
        _use(large)
    lines = []
    middles = {name: [statistics.median(own) for own in spent.values()] for name, spent in times.items()}
    for part, called in ((0.5, "p50"), (0.95, "p95")):
        few, many = at(middles[smaller], part), at(middles[large], part)
        tell(f"search {called}: {few:.1f} at {sizes[smaller]:,}, {many:.1f} at {sizes[large]:,}")
        lines.append(
            Ratio(
                "R6",
                f"SQL at {sizes[large]:,} / {sizes[smaller]:,}, {called}",
                many / few,
                2,
                more_is_better=False,
            )
        )
    return lines


def _use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
    connection.ensure_connection()


@contextmanager
def unlimited() -> Iterator[None]:
    """Let the peers take their time, on the server's side and on ours; our own statements keep far below the limit."""
    engine: Any = connection
    with engine.patient(None):
        with connection.cursor() as cursor:
            # Parallel workers are processes of their own, whose CPU would not be seen.
            cursor.execute(
                "SET statement_timeout = 0; SET max_parallel_workers_per_gather = 0;"
                " SET idle_in_transaction_session_timeout = 0"
            )
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute(
                    "RESET statement_timeout; RESET max_parallel_workers_per_gather;"
                    " RESET idle_in_transaction_session_timeout"
                )


def _ratios(times: dict[str, dict[Asked, float]]) -> list[Ratio]:
    def ratio(
        number: str, what: str, over: str, under: str, part: float, gate: float, *, more: bool
    ) -> Ratio:
        both = [one for one in times[over] if one in times[under]]
        above, below = ([times[name][one] for one in both] for name in (over, under))
        detail = f"{at(above, part):.1f} / {at(below, part):.1f}"
        value = at(above, part) / at(below, part)
        return Ratio(number, f"{what}, p{part * 100:.0f}", value, gate, more_is_better=more, detail=detail)

    raw = list(times["search"].values())
    lines = [
        ratio("R1", "page / its own SQL", "page", "page sql", 0.5, 1.8, more=False),
        ratio("R1", "page / its own SQL", "page", "page sql", 0.95, 1.5, more=False),
        Ratio("R7", "worst query / median query, SQL", max(raw) / at(raw, 0.5), 4, more_is_better=False),
    ]
    if "tantivy" in times:
        lines.append(ratio("R2", "our SQL / tantivy", "search", "tantivy", 0.95, 2, more=False))
    if "datasette" in times:
        lines.append(ratio("R3", "Datasette / our page", "datasette", "page", 0.95, 20, more=True))
        lines.append(ratio("R3", "Datasette / our page", "datasette", "page", 0.5, 6, more=True))
    if "textbook" in times:
        lines += [
            ratio("", "FTS5 and facets / our page", "fts5", "page", 0.95, 20, more=True),
            ratio("", "FTS5 and facets / our page", "fts5", "page", 0.5, 6, more=True),
            ratio("R4", "textbook / our SQL", "textbook", "search", 0.95, 50, more=True),
            ratio("R5", "textbook / our SQL, everything exact", "textbook", "all exact", 0.95, 3, more=True),
            ratio("", "stock admin search / our page", "admin", "page", 0.5, 6, more=True),
        ]
    return lines


def _estimates(asked: list[Asked]) -> list[Ratio]:
    """R8: the estimated totals against the exact ones, and the top ten of the fixed facets."""
    faults, overlaps = [], []
    for one in asked:
        criteria = read(QueryDict(one.address))
        about = engine.search(criteria, AnonymousUser())
        if about.exact:
            continue
        with patch.object(engine, "COUNTING_MS", 0):
            exact = engine.search(criteria, AnonymousUser(), exactly=True)
        if not exact.exact:
            continue
        faults.append(abs(about.total - exact.total) / exact.total)
        for told, true in zip(about.facets, exact.facets, strict=True):
            top = {option.value for option in true.options[:10]}
            if top:
                overlaps.append(len(top & {option.value for option in told.options[:10]}) / len(top))
    if not faults:
        return []
    return [
        Ratio(
            "R8", "error of an estimated total, median", statistics.median(faults), 0.05, more_is_better=False
        ),
        Ratio("R8", "overlap of the top ten of facets", statistics.mean(overlaps), 0.8, more_is_better=True),
    ]


def _deep(raw: Replay) -> Ratio:
    """R13: a page deep in the list costs what the first one costs."""
    first = Asked("deep page", "sort=said")
    days = rows(
        "SELECT day, statement_id FROM quotes_searchdoc ORDER BY day DESC, statement_id DESC OFFSET 500000 LIMIT 1"
    )
    days = days or rows("SELECT day, statement_id FROM quotes_searchdoc ORDER BY day, statement_id LIMIT 1")
    day, pk = days[0]
    deep = Asked("deep page", f"sort=said&cursor=said.0.0.{day.isoformat()}.{pk}.{2**40}")
    spent: dict[Asked, list[float]] = {first: [], deep: []}
    for one in spent:
        raw.learn(one)
    for _ in range(6):
        for one, times in spent.items():
            with cpu(times):
                raw(one)
    value = statistics.median(spent[deep][1:]) / statistics.median(spent[first][1:])
    return Ratio("R13", "page 20,000 / page 1, SQL", value, 1.5, more_is_better=False)
