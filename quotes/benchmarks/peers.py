"""What search is measured against: a textbook set-up of PostgreSQL, SQLite's full-text search, Datasette over it,
tantivy, and a stock admin.

Each is asked what is meant, in the best way that it offers by itself: a beginning as a beginning, a phrase as a phrase,
a filter by the column it keeps, the newest first by the day said. What it then finds is its own answer; `DIFFERENCES`
says where that cannot be the number of ours.

Datasette and tantivy are no part of Verbatim: `pip install "datasette<1" tantivy` where they are wanted. Where one is
not, the bench says so in a line and goes on.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
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
from typing import Any, Literal, NamedTuple
from urllib.parse import urlencode
from urllib.request import urlopen

from django.db import connection
from django.db.models import F

from quotes.models import Quote

FACETS = ("speaker", "outlet", "standing", "kind", "year")
COLUMNS = (
    "statement__speaker_id",
    "article__outlet_id",
    "standing__value",
    "kind",
    "statement__said_on__year",
)
"""Where a quote has them, in that order."""

DIFFERENCES = """\
Numbers differ where systems do: ours finds statements, the peers quotes, of which a statement may have several. Ours
also looks into originals, gists, occasions and printed names, reads a name (and a slip of one) as whom it names,
counts an outlet that passed words on, and keeps quiet about what is held back. To the textbook any word will do where
a phrase has a small one; to it and to tantivy a letter with an accent is another letter. An admin looks for letters,
also within words, and knows no stems."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: the address of the page, and the same for systems that have another one.

    Args:
        kind: under which it is counted.
        address: of our page, behind the question mark.
        words: all of which must stand in the text; none when only a filter is asked.
        way: `words` in any order, a `phrase`, or a `prefix`: one word, of which this is the beginning.
        filters: names of FACETS, each with the value that hits must have.
        newest: the newest first, by the day said; else the best match.
    """

    kind: str
    address: str
    words: str = ""
    way: Literal["words", "phrase", "prefix"] = "words"
    filters: tuple[tuple[str, str | int], ...] = ()
    newest: bool = False

    @property
    def terms(self) -> list[str]:
        """What must stand there, piece by piece; a phrase is one piece."""
        return [self.words] if self.way == "phrase" else self.words.split()


class Found(NamedTuple):
    """What a peer answered: how many hits there are (None: it gave up counting), and the keys of the first."""

    total: int | None
    keys: list[int]


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
    """Every quote: key, text, day said, and its facets; in the order of the keys."""
    rows = Quote.objects.order_by("pk").values_list("pk", "text", "statement__said_on", *COLUMNS)
    yield from rows.iterator(chunk_size=5_000)


def _narrowed(asked: Asked, mark: str) -> tuple[list[str], list[Any]]:
    """The filters as conditions, and their parameters; `mark` stands for one."""
    return [f"{column} = {mark}" for column, _ in asked.filters], [value for _, value in asked.filters]


def _statements(found: str, order: str) -> list[str]:
    """The first hits, their number, and one statement for each facet; `found` begins with FROM."""
    facets = [f"SELECT {column}, count(*) {found} GROUP BY 1 ORDER BY 2 DESC LIMIT 10" for column in FACETS]
    return [f"SELECT id {found} ORDER BY {order} LIMIT 25", f"SELECT count(*) {found}", *facets]


class Textbook:
    """A vector on the record with a GIN index, ts_rank over all hits, an exact count, one GROUP BY for each facet.

    As django.contrib.postgres.search teaches it: the vector is a column of the wide row; a beginning is
    `SearchQuery(Lexeme(…, prefix=True))`, all else `search_type="websearch"`. The facets stand in the row too, which
    spares it the joins that a real one would need; those that are asked for have an index, and so has the day.
    """

    def __init__(self) -> None:
        with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute("DROP TABLE IF EXISTS bench_textbook")
            cursor.execute(
                "CREATE UNLOGGED TABLE bench_textbook AS SELECT q.*, to_tsvector('english', q.text) AS v, s.said_on,"
                " s.speaker_id AS speaker, s.gist, a.outlet_id AS outlet, a.headline, g.value AS standing,"
                " extract(year FROM s.said_on)::int AS year"
                " FROM quotes_quote q JOIN quotes_statement s ON s.id = q.statement_id"
                " JOIN quotes_article a ON a.id = q.article_id JOIN quotes_standing g ON g.quote_id = q.id"
            )
            cursor.execute(
                "CREATE INDEX ON bench_textbook USING gin (v); CREATE INDEX ON bench_textbook (outlet);"
                " CREATE INDEX ON bench_textbook (standing); CREATE INDEX ON bench_textbook (year);"
                " CREATE INDEX ON bench_textbook (said_on DESC NULLS LAST, id DESC)"
            )
            # As autovacuum leaves a table behind; not possible within a transaction.
            cursor.execute("VACUUM ANALYZE bench_textbook")
            cursor.execute("GRANT SELECT ON bench_textbook TO PUBLIC")

    def __call__(self, asked: Asked) -> Found:
        source, (where, params) = "bench_textbook", _narrowed(asked, "%s")
        if asked.words:
            function = "to_tsquery" if asked.way == "prefix" else "websearch_to_tsquery"
            typed = {"words": "%s", "phrase": '"%s"', "prefix": "'%s':*"}[asked.way] % asked.words
            source = f"{source}, {function}('english', %s) q"
            where, params = ["v @@ q", *where], [typed, *params]
        found = f" FROM {source} WHERE {' AND '.join(where)}"
        order = "said_on DESC NULLS LAST, id DESC" if asked.newest else "ts_rank(v, q) DESC"
        with connection.cursor() as cursor:
            told = []
            for statement in _statements(found, order):
                cursor.execute(statement, params)  # house: names of columns written here
                told.append(cursor.fetchall())
        first, total, *_ = told
        return Found(total[0][0], [key for (key,) in first])

    def close(self) -> None:
        """Take the table away."""
        with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute("DROP TABLE IF EXISTS bench_textbook")


def _match(asked: Asked) -> str:
    """The words as FTS5 reads them: each piece in quotation marks, the star of a beginning behind them."""
    return " ".join(f'"{term}"' for term in asked.terms) + ("*" if asked.way == "prefix" else "")


class Fts5:
    """SQLite's full-text search with bm25, an exact count, one GROUP BY for each facet; Datasette serves this file.

    Beginnings of four letters, facets that are asked for, and the day have an index.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.unlink(missing_ok=True)
        self._db = sqlite3.connect(path)
        self._db.executescript(
            "PRAGMA journal_mode = off; PRAGMA synchronous = off; PRAGMA mmap_size = 4000000000;"
            # With their types: Datasette asks for a year as for a text.
            "CREATE TABLE quote (id INTEGER PRIMARY KEY, text TEXT, said_on TEXT, speaker INTEGER, outlet INTEGER,"
            " standing TEXT, kind TEXT, year INTEGER);"
            "CREATE VIRTUAL TABLE words USING fts5(text, tokenize = 'porter unicode61', content = 'quote',"
            " content_rowid = 'id', prefix = '4');"
        )
        with connection.as_owner():  # type: ignore[attr-defined]
            rows = ((pk, text, day and day.isoformat(), *facets) for pk, text, day, *facets in _records())
            self._db.executemany("INSERT INTO quote VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self._db.executescript(
            # An index on every facet makes SQLite slower, not faster.
            "CREATE INDEX quote_outlet ON quote (outlet); CREATE INDEX quote_standing ON quote (standing);"
            "CREATE INDEX quote_year ON quote (year); CREATE INDEX quote_said_on ON quote (said_on);"
            "INSERT INTO words (words) VALUES ('rebuild'); ANALYZE;"
        )

    def __call__(self, asked: Asked) -> Found:
        source, (where, params) = "quote", _narrowed(asked, "?")
        if asked.words:
            source = "words JOIN quote ON quote.id = words.rowid"
            where, params = ["words MATCH ?", *where], [_match(asked), *params]
        found = f" FROM {source} WHERE {' AND '.join(where)}"
        order = "said_on DESC, id DESC" if asked.newest else "bm25(words)"
        first, total, *_ = (
            self._db.execute(statement, params).fetchall() for statement in _statements(found, order)
        )
        return Found(total[0][0], [key for (key,) in first])

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
                self._get(".json", Asked("", "", filters=(("kind", "direct"),)))
                return
            time.sleep(0.1)
        self.close()
        raise RuntimeError("Datasette did not come up.")

    def _get(self, form: str, asked: Asked) -> bytes:
        pairs = [("_size", "25"), *(("_facet", name) for name in FACETS)]
        if asked.words:
            # Raw, else the star of a beginning would be one of the letters.
            pairs += [
                ("_search", _match(asked)),
                ("_searchmode", "raw"),
                ("_fts_table", "words"),
                ("_fts_pk", "id"),
            ]
        pairs += [(f"{column}__exact", str(value)) for column, value in asked.filters]
        if asked.newest:
            pairs.append(("_sort_desc", "said_on"))
        with urlopen(f"{self._base}{form}?{urlencode(pairs)}", timeout=120) as answer:  # noqa: S310 - this machine
            return bytes(answer.read())

    def __call__(self, asked: Asked) -> Found:
        page = self._get("", asked).decode()
        total = re.search(r"<h3>([\d,]+) row", page)
        keys = re.findall(r'type-pk"><a href="[^"]*">(\d+)<', page)
        return Found(int(total[1].replace(",", "")) if total else None, [int(key) for key in keys])

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
        build = (
            tantivy.SchemaBuilder().add_unsigned_field("id", stored=True).add_integer_field("day", fast=True)
        )
        build = build.add_text_field("text", tokenizer_name="en_stem")
        for name in FACETS:
            build = build.add_text_field(name, tokenizer_name="raw", fast=True)
        self._index = tantivy.Index(build.build(), path=str(folder))
        writer = self._index.writer(500_000_000, 1)
        with connection.as_owner():  # type: ignore[attr-defined]
            for pk, text, day, *facets in _records():
                told = {name: str(value) for name, value in zip(FACETS, facets, strict=True)}
                number = day.toordinal() if day else 0
                writer.add_document(tantivy.Document(id=pk, text=text, day=number, **told))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()
        self._facets = {name: {"terms": {"field": name, "size": 10}} for name in FACETS}

    def _query(self, asked: Asked) -> Any:
        """A beginning as a fuzzy term at no distance, a filter as the term of its field, the rest by its parser."""
        from tantivy import Occur, Query  # type: ignore[import-not-found, unused-ignore]

        schema, parts = self._index.schema, []
        if asked.way == "prefix":
            # The same hits as by an expression, “gove.*”, for less CPU.
            parts.append(Query.fuzzy_term_query(schema, "text", asked.words.lower(), distance=0, prefix=True))
        elif asked.words:
            typed = " ".join(f'"{term}"' for term in asked.terms)
            parts.append(self._index.parse_query(typed, ["text"], conjunction_by_default=True))
        parts += [Query.term_query(schema, name, str(value)) for name, value in asked.filters]
        return Query.boolean_query([(Occur.Must, part) for part in parts]) if len(parts) > 1 else parts[0]

    def __call__(self, asked: Asked) -> Found:
        query = self._query(asked)
        found = self._searcher.search(query, 25, count=True, order_by_field="day" if asked.newest else None)
        keys = [self._searcher.doc(place)["id"][0] for _, place in found.hits]
        self._searcher.aggregate(query, self._facets)
        return Found(found.count, keys)

    def close(self) -> None:
        """Take the folder away."""
        shutil.rmtree(self._folder, ignore_errors=True)


def stock_admin(asked: Asked) -> Found:
    """What an admin's search_fields and list_filter ask: every piece by ILIKE, the first hundred, and their number."""
    names = dict(zip(FACETS, COLUMNS, strict=True))
    found = Quote.objects.filter(**{names[column]: value for column, value in asked.filters})
    for term in asked.terms:
        found = found.filter(text__icontains=term)
    if asked.newest:
        found = found.order_by(F("statement__said_on").desc(nulls_last=True), "-pk")
    else:
        found = found.order_by("-pk")
    keys = [key for key, _ in found.values_list("pk", "text")[:100]]
    return Found(found.count(), keys)
