"""Search against its peers, as ratios: forty queries, every system asked in turn, query by query, in one run.

The queries are made from the data that is there (`manage.py make_corpus`), so that rare, frequent and phrased ones are
so at every size. Times are CPU times of the server's process and of this one, which the load of the machine changes
far less than it changes the clock. What a ratio means is in SPEED.md §8.
"""

from __future__ import annotations

import math
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quotes.benchmarks.frame import Ratio, Tell
from quotes.benchmarks.peers import Asked, Fts5, Textbook, stock_admin
from quotes.search import presenting
from quotes.search.engine import search
from quotes.search.reading import read

SEED = 20260204


# --- What is asked -----------------------------------------------------------------------------------------------


def queries() -> list[Asked]:
    """Forty queries over the words, names and outlets that the database holds."""
    chance = random.Random(SEED)
    words = _words()
    rare, middle, common = words["rare"], words["middle"], words["common"]
    speakers = _column("SELECT name FROM quotes_speaker WHERE kind = 'person' ORDER BY id LIMIT 400")
    slugs = _column("SELECT slug FROM quotes_outlet ORDER BY id LIMIT 50")
    phrases = _phrases(chance)
    years = _column(
        "SELECT DISTINCT extract(year FROM day)::int FROM quotes_searchsample WHERE day > '1900-01-01'"
    ) or [2026]
    asked = [Asked("rare word", f"q={word}", word) for word in rare[:4]]
    asked += [Asked("middle word", f"q={word}", word) for word in middle[:4]]
    asked += [Asked("common word", f"q={word}", word) for word in common[:4]]
    asked += [
        Asked("two words", f"q={a}+{b}", f"{a} {b}") for a, b in zip(common[:4], middle[4:8], strict=False)
    ]
    asked += [Asked("phrase", f'q="{phrase}"', f'"{phrase}"') for phrase in phrases[:4]]
    asked += [Asked("prefix", f"q={word[:4]}*", f"{word[:4]}*") for word in middle[8:12]]
    for name in chance.sample(speakers, min(4, len(speakers))):
        last = str(name).split()[-1]
        slip = last[:2] + last[3] + last[2] + last[4:] if len(last) > 4 else last
        asked.append(Asked("name with a slip", f"q={slip}", slip))
    asked += [
        Asked("filter only", "standing=verified"),
        Asked("filter only", f"outlet={slugs[0]}" if slugs else "kind=direct"),
        Asked("filter only", "standing=disputed&kind=direct"),
        Asked("filter only", f"from={years[-1]}&to={years[-1]}"),
        *(Asked("filter and word", f"q={word}&standing=disputed", word) for word in common[:2]),
        *(Asked("filter and word", f"q={word}&from={years[0]}&to={years[0]}", word) for word in common[2:4]),
    ]
    asked += [Asked("newest first", f"q={word}&sort=said", word) for word in common[:4]]
    return asked[:40]


def _words() -> dict[str, list[str]]:
    rows = _rows(
        "SELECT word, ndoc FROM ts_stat('SELECT terms FROM quotes_searchsample WHERE level >= 7')"
        " WHERE word ~ '^[a-z]{5,}$' ORDER BY ndoc DESC, word"
    )
    total = _rows("SELECT count(*) FROM quotes_searchsample WHERE level >= 7")[0][0] or 1
    share = [(word, count / total) for word, count in rows]
    return {
        "common": [word for word, part in share if part > 0.1] + [word for word, _ in share],
        "middle": [word for word, part in share if 0.01 <= part <= 0.03] + [word for word, _ in share[20:]],
        "rare": [word for word, part in share if part < 0.001] + [word for word, _ in share[::-1]],
    }


def _phrases(chance: random.Random) -> list[str]:
    lines = _column("SELECT lines FROM quotes_searchsample WHERE level >= 7 AND length(lines) > 60 LIMIT 400")
    phrases = []
    for line in chance.sample(lines, min(12, len(lines))):
        parts = str(line).split("\n")[0].split()
        start = chance.randrange(max(1, len(parts) - 3))
        phrases.append(" ".join(parts[start : start + 3]))
    return phrases


def _rows(query: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def _column(query: str) -> list[Any]:
    return [row[0] for row in _rows(query)]


# --- Who answers -------------------------------------------------------------------------------------------------


def page(asked: Asked) -> None:
    """The page as the view makes it, from the address to the last byte of HTML."""
    request = RequestFactory().get(f"{reverse('search')}?{asked.address}")
    request.user = AnonymousUser()
    criteria = read(QueryDict(asked.address))
    answer = search(criteria, request.user)
    context = {
        "answer": answer,
        "criteria": criteria,
        "count": presenting.count_in_words(answer),
        "chips": presenting.taken(answer),
        "panels": presenting.panels(answer),
        "bars": presenting.histogram(answer),
        "sorts": presenting.sorts(answer),
        "hidden": presenting.hidden(answer),
    }
    render_to_string("search/index.html", context, request=request)


class Replay:
    """The page's own statements, by psycopg alone: what the page would cost without Python."""

    def __init__(self) -> None:
        self._kept: dict[Asked, list[str]] = {}

    def __call__(self, asked: Asked) -> None:
        with connection.cursor() as cursor:
            for statement in self._kept[asked]:
                cursor.execute(statement)
                cursor.fetchall()

    def learn(self, asked: Asked) -> None:
        """Note what a search asks the database."""
        with CaptureQueriesContext(connection) as caught:
            search(read(QueryDict(asked.address)), AnonymousUser())
        self._kept[asked] = [query["sql"] for query in caught]


# --- Measuring ---------------------------------------------------------------------------------------------------


@contextmanager
def cpu(spent: list[float]) -> Iterator[None]:
    """Add the milliseconds of CPU that the block costs here and in the server's process."""
    pid = connection.connection.info.backend_pid
    server = Path(f"/proc/{pid}/schedstat")
    begun, here = int(server.read_text().split()[0]), time.process_time_ns()
    yield
    spent.append((int(server.read_text().split()[0]) - begun + time.process_time_ns() - here) / 1e6)


def measure(
    systems: dict[str, Callable[[Asked], None]], asked: list[Asked], rounds: int
) -> dict[str, dict[Asked, float]]:
    """Ask every system every query, in turn; the median of the rounds counts. Systems of words skip the others."""
    connection.ensure_connection()
    spent: dict[str, dict[Asked, list[float]]] = {name: {} for name in systems}
    for turn in range(rounds + 1):
        for one in asked:
            for name, system in systems.items():
                if name not in ("page", "raw") and not one.words:
                    continue
                times = spent[name].setdefault(one, [])
                with cpu(times):
                    system(one)
                if turn == 0:
                    times.clear()  # the first round only warms up
    return {
        name: {one: statistics.median(times) for one, times in told.items()} for name, told in spent.items()
    }


def at(times: list[float], part: float) -> float:
    """The time below which `part` of all lie."""
    return sorted(times)[max(0, math.ceil(part * len(times)) - 1)]


def run(tell: Tell, *, rounds: int = 5, peers: bool = False) -> list[Ratio]:
    """Measure, print the tables, and give the ratios of SPEED.md §8 that were measured.

    Args:
        tell: prints one line.
        rounds: how often everything is asked, after one round of warming up.
        peers: also build and ask the peers; takes minutes and twice the space of the quotes.
    """
    asked = queries()
    raw = Replay()
    for one in asked:
        raw.learn(one)
    systems: dict[str, Callable[[Asked], None]] = {"page": page, "raw": raw}
    closing: list[Callable[[], None]] = []
    try:
        if peers:
            # As the owner, whose statements may take as long as they need.
            textbook = Textbook()
            closing.append(textbook.close)
            # Not in the folder for temporary files: that is often memory.
            fts5 = Fts5(Path.cwd() / "verbatim-bench.sqlite3")
            closing.append(fts5.close)
            systems |= {"textbook": textbook, "fts5": fts5, "admin": stock_admin}
        with unlimited():
            times = measure(systems, asked, rounds)
            lines = [*_ratios(times), *_estimates(asked), _deep(raw)]
    finally:
        for close in closing:
            close()
    tell(f"{len(asked)} queries, {rounds} rounds, CPU ms of the median round")
    tell(f"{'kind':18} " + " ".join(f"{name:>10}" for name in times))
    for kind in dict.fromkeys(one.kind for one in asked):
        cells = []
        for told in times.values():
            own = [spent for one, spent in told.items() if one.kind == kind]
            cells.append(f"{statistics.median(own):10.1f}" if own else f"{'-':>10}")
        tell(f"{kind:18} " + " ".join(cells))
    for name, told in times.items():
        own = list(told.values())
        tell(f"{name:10} p50 {at(own, 0.5):8.1f}   p95 {at(own, 0.95):8.1f}   worst {max(own):8.1f}")
    return lines


@contextmanager
def unlimited() -> Iterator[None]:
    """Let the peers take their time, on the server's side and on ours; our own statements keep far below the limit."""
    connection.ensure_connection()
    patience, connection.connection.patience = connection.connection.patience, None
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    try:
        yield
    finally:
        connection.connection.patience = patience
        with connection.cursor() as cursor:
            cursor.execute("RESET statement_timeout")


def _ratios(times: dict[str, dict[Asked, float]]) -> list[Ratio]:
    ours, raw = list(times["page"].values()), list(times["raw"].values())
    lines = [
        Ratio("R1", "page / its own SQL, p50", at(ours, 0.5) / at(raw, 0.5), 1.8, more_is_better=False),
        Ratio("R1", "page / its own SQL, p95", at(ours, 0.95) / at(raw, 0.95), 1.5, more_is_better=False),
        Ratio("R7", "worst query / median query, SQL", max(raw) / at(raw, 0.5), 4, more_is_better=False),
    ]
    if "textbook" in times:
        words = [one for one in times["raw"] if one.words]
        raw_words = [times["raw"][one] for one in words]
        page_words = [times["page"][one] for one in words]
        textbook, fts5, admin = (list(times[name].values()) for name in ("textbook", "fts5", "admin"))
        lines += [
            Ratio(
                "R4",
                "textbook / our SQL, p95",
                at(textbook, 0.95) / at(raw_words, 0.95),
                50,
                more_is_better=True,
            ),
            Ratio(
                "R3",
                "FTS5 and facets / our page, p95",
                at(fts5, 0.95) / at(page_words, 0.95),
                20,
                more_is_better=True,
            ),
            Ratio(
                "R3",
                "FTS5 and facets / our page, p50",
                at(fts5, 0.5) / at(page_words, 0.5),
                6,
                more_is_better=True,
            ),
            Ratio(
                "",
                "stock admin search / our page, p50",
                at(admin, 0.5) / at(page_words, 0.5),
                6,
                more_is_better=True,
            ),
        ]
    return lines


def _estimates(asked: list[Asked]) -> list[Ratio]:
    """R8: the estimated totals against the exact ones, and the top ten of the fixed facets."""
    faults, overlaps = [], []
    for one in asked:
        criteria = read(QueryDict(one.address))
        about = search(criteria, AnonymousUser())
        if about.exact:
            continue
        exact = search(criteria, AnonymousUser(), exactly=True)
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
    days = _rows(
        "SELECT day, statement_id FROM quotes_searchdoc ORDER BY day DESC, statement_id DESC OFFSET 500000 LIMIT 1"
    )
    days = days or _rows("SELECT day, statement_id FROM quotes_searchdoc ORDER BY day, statement_id LIMIT 1")
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
