"""What search is measured against: a textbook set-up of PostgreSQL, SQLite's full-text search, Datasette over it,
tantivy, and a stock admin.

Datasette and tantivy are no part of Verbatim: `pip install "datasette<1" tantivy` where they are wanted. Where one is
not, the bench says so in a line and goes on.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

from django.db import connection

from quotes.models import Quote

FACETS = ("speaker", "outlet", "standing", "kind", "year")
COLUMNS = (
    "pk",
    "text",
    "statement__speaker_id",
    "article__outlet_id",
    "standing__value",
    "kind",
    "statement__said_on__year",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One query: its kind, the address of the page, and the same for systems that know only words."""

    kind: str
    address: str
    words: str = ""


def installed(name: str) -> bool:
    """Whether a package that only the bench uses is there."""
    return importlib.util.find_spec(name) is not None


def process_ns(pid: int | str) -> int:
    """Nanoseconds of CPU that a process has used, in all its threads that are alive."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError):
            total += int((task / "schedstat").read_text().split()[0])
    return total


def _records() -> Iterator[tuple[Any, ...]]:
    """Every quote with its facets, in the order of the keys."""
    yield from Quote.objects.order_by("pk").values_list(*COLUMNS).iterator(chunk_size=5_000)


class Textbook:
    """A vector on the record with a GIN index, ts_rank over all hits, an exact count, one GROUP BY for each facet.

    As django.contrib.postgres.search teaches it: the vector is a column of the wide row. The facets stand in the row
    too, which spares it the joins that a real one would need.
    """

    def __init__(self) -> None:
        with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute("DROP TABLE IF EXISTS bench_textbook")
            cursor.execute(
                "CREATE UNLOGGED TABLE bench_textbook AS SELECT q.*, to_tsvector('english', q.text) AS v, s.said_on,"
                " s.speaker_id, s.gist, a.outlet_id, a.headline, g.value, extract(year FROM s.said_on) AS year"
                " FROM quotes_quote q JOIN quotes_statement s ON s.id = q.statement_id"
                " JOIN quotes_article a ON a.id = q.article_id JOIN quotes_standing g ON g.quote_id = q.id"
            )
            cursor.execute("CREATE INDEX ON bench_textbook USING gin (v)")
            cursor.execute("ANALYZE bench_textbook")
            cursor.execute("GRANT SELECT ON bench_textbook TO PUBLIC")

    def __call__(self, asked: Asked) -> None:
        found = " FROM bench_textbook, websearch_to_tsquery('english', %s) q WHERE v @@ q"
        with connection.cursor() as cursor:
            ranked = f"SELECT id {found} ORDER BY ts_rank(v, q) DESC LIMIT 25"
            for statement in (
                ranked,
                f"SELECT count(*) {found}",
                *(
                    f"SELECT {column}, count(*) {found} GROUP BY 1 ORDER BY 2 DESC LIMIT 10"
                    for column in ("speaker_id", "outlet_id", "value", "kind", "year")
                ),
            ):
                cursor.execute(
                    statement, [asked.words.replace("*", "")]
                )  # house: names of columns written here
                cursor.fetchall()

    def close(self) -> None:
        """Take the table away."""
        with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute("DROP TABLE IF EXISTS bench_textbook")


class Fts5:
    """SQLite's full-text search with bm25, an exact count, one GROUP BY for each facet; Datasette serves this file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.unlink(missing_ok=True)
        self._db = sqlite3.connect(path)
        self._db.executescript(
            "PRAGMA journal_mode = off; PRAGMA synchronous = off; PRAGMA mmap_size = 4000000000;"
            "CREATE TABLE quote (id INTEGER PRIMARY KEY, text, speaker, outlet, standing, kind, year);"
            "CREATE VIRTUAL TABLE words USING fts5(text, tokenize = 'porter unicode61', content = 'quote',"
            " content_rowid = 'id');"
        )
        with connection.as_owner():  # type: ignore[attr-defined]
            self._db.executemany("INSERT INTO quote VALUES (?, ?, ?, ?, ?, ?, ?)", _records())
        self._db.execute("INSERT INTO words (words) VALUES ('rebuild')")
        self._db.execute("ANALYZE")
        self._db.commit()

    def __call__(self, asked: Asked) -> None:
        found = " FROM words JOIN quote ON quote.id = words.rowid WHERE words MATCH ?"
        statements = [f"SELECT words.rowid {found} ORDER BY bm25(words) LIMIT 25", f"SELECT count(*) {found}"]
        statements += [
            f"SELECT {column}, count(*) {found} GROUP BY 1 ORDER BY 2 DESC LIMIT 10" for column in FACETS
        ]
        for statement in statements:
            self._db.execute(statement, (asked.words,)).fetchall()

    def close(self) -> None:
        """Take the file away."""
        self._db.close()
        self.path.unlink(missing_ok=True)


class Datasette:
    """Datasette over the same file, with its limits as they come; only its own process counts, not the client."""

    def __init__(self, path: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._base = f"http://127.0.0.1:{port}/{path.stem}/quote"
        command = [
            sys.executable,
            "-m",
            "datasette",
            "serve",
            str(path),
            "-p",
            str(port),
            "--setting",
            "suggest_facets",
            "off",
        ]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(command, stdout=quiet, stderr=quiet)
        self.pid = self._process.pid
        self.missing = 0
        for _ in range(600):
            with suppress(OSError):
                self._get(".json", Asked("", "", "war"))
                return
            time.sleep(0.1)
        self.close()
        raise RuntimeError("Datasette did not come up.")

    def _get(self, form: str, asked: Asked) -> bytes:
        pairs = [
            ("_search", asked.words),
            ("_searchmode", "raw"),
            ("_fts_table", "words"),
            ("_fts_pk", "id"),
            ("_size", "25"),
        ]
        pairs += [("_facet", name) for name in FACETS]
        with urlopen(f"{self._base}{form}?{urlencode(pairs)}", timeout=120) as answer:  # noqa: S310 - this machine
            return bytes(answer.read())

    def __call__(self, asked: Asked) -> None:
        self._get("", asked)

    def count_missing(self, asked: list[Asked]) -> tuple[int, int]:
        """On how many queries facets ran into Datasette's limit, and how many facets did."""
        # Its JSON does not say which facets it gave up; they are those that it does not give.
        told = [json.loads(self._get(".json", one))["facet_results"] for one in asked]
        missing = [sum(name not in facets for name in FACETS) for facets in told]
        return sum(bool(number) for number in missing), sum(missing)

    def close(self) -> None:
        """End it."""
        os.kill(self.pid, signal.SIGTERM)
        self._process.wait(timeout=20)


class Tantivy:
    """tantivy within this process: ids, an exact count, the five facets by its aggregations; no page, no rights."""

    def __init__(self, folder: Path) -> None:
        import tantivy  # type: ignore[import-not-found, unused-ignore]

        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        self._folder = folder
        build = tantivy.SchemaBuilder().add_unsigned_field("id", stored=True)
        build = build.add_text_field("text", tokenizer_name="en_stem")
        for name in FACETS:
            build = build.add_text_field(name, tokenizer_name="raw", fast=True)
        self._index = tantivy.Index(build.build(), path=str(folder))
        writer = self._index.writer(500_000_000, 1)
        with connection.as_owner():  # type: ignore[attr-defined]
            for pk, text, *facets in _records():
                told = {name: str(value) for name, value in zip(FACETS, facets, strict=True)}
                writer.add_document(tantivy.Document(id=pk, text=text, **told))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()
        self._facets = {name: {"terms": {"field": name, "size": 10}} for name in FACETS}

    def __call__(self, asked: Asked) -> None:
        words = asked.words if '"' in asked.words else " AND ".join(asked.words.split())
        query = self._index.parse_query(words.replace("*", ""), ["text"])
        found = self._searcher.search(query, 25, count=True)
        [self._searcher.doc(place)["id"] for _, place in found.hits]
        self._searcher.aggregate(query, self._facets)

    def close(self) -> None:
        """Take the folder away."""
        shutil.rmtree(self._folder, ignore_errors=True)


def stock_admin(asked: Asked) -> None:
    """What an admin's search_fields ask: every word by ILIKE, the first hundred, and their number."""
    found = Quote.objects.all()
    for word in asked.words.replace('"', "").replace("*", "").split():
        found = found.filter(text__icontains=word)
    list(found.order_by("-pk").values_list("pk", "text")[:100])
    found.count()
