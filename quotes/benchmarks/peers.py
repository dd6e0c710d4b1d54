"""What search is measured against: a textbook set-up of PostgreSQL, SQLite's full-text search, and a stock admin."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from quotes.models import Quote


@dataclass(frozen=True, slots=True)
class Asked:
    """One query: its kind, the address of the page, and the same for systems that know only words."""

    kind: str
    address: str
    words: str = ""


class Textbook:
    """A stored vector with a GIN index, ts_rank over all hits, an exact count, one GROUP BY for each facet."""

    def __init__(self) -> None:
        with connection.as_owner(), connection.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute("DROP TABLE IF EXISTS bench_textbook")
            cursor.execute(
                "CREATE UNLOGGED TABLE bench_textbook AS SELECT q.id, to_tsvector('english', q.text) AS v, s.said_on,"
                " s.speaker_id, a.outlet_id, g.value, q.kind, extract(year FROM s.said_on) AS year FROM quotes_quote q"
                " JOIN quotes_statement s ON s.id = q.statement_id JOIN quotes_article a ON a.id = q.article_id"
                " JOIN quotes_standing g ON g.quote_id = q.id"
            )
            cursor.execute("CREATE INDEX ON bench_textbook USING gin (v)")
            cursor.execute("ANALYZE bench_textbook")

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
    """SQLite's full-text search with bm25, an exact count, one GROUP BY for each facet; what Datasette asks it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.unlink(missing_ok=True)
        self._db = sqlite3.connect(path)
        self._db.executescript(
            "PRAGMA journal_mode = off; PRAGMA synchronous = off; PRAGMA mmap_size = 4000000000;"
            "CREATE TABLE quote (id INTEGER PRIMARY KEY, speaker, outlet, standing, kind, year);"
            "CREATE VIRTUAL TABLE words USING fts5(text, tokenize = 'porter unicode61', content = '');"
        )
        rows = Quote.objects.order_by("pk").values_list(
            "pk",
            "text",
            "statement__speaker_id",
            "article__outlet_id",
            "standing__value",
            "kind",
            "statement__said_on__year",
        )
        with connection.as_owner():  # type: ignore[attr-defined]
            for pk, text, *facets in rows.iterator(chunk_size=5_000):
                self._db.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (pk, text))
                self._db.execute("INSERT INTO quote VALUES (?, ?, ?, ?, ?, ?)", (pk, *facets))
        self._db.commit()

    def __call__(self, asked: Asked) -> None:
        found = " FROM words JOIN quote ON quote.id = words.rowid WHERE words MATCH ?"
        statements = [f"SELECT words.rowid {found} ORDER BY bm25(words) LIMIT 25", f"SELECT count(*) {found}"]
        statements += [
            f"SELECT {column}, count(*) {found} GROUP BY 1 ORDER BY 2 DESC LIMIT 10"
            for column in ("speaker", "outlet", "standing", "kind", "year")
        ]
        for statement in statements:
            self._db.execute(statement, (asked.words,)).fetchall()

    def close(self) -> None:
        """Take the file away."""
        self._db.close()
        self._path.unlink(missing_ok=True)


def stock_admin(asked: Asked) -> None:
    """What an admin's search_fields ask: every word by ILIKE, the first hundred, and their number."""
    found = Quote.objects.all()
    for word in asked.words.replace('"', "").replace("*", "").split():
        found = found.filter(text__icontains=word)
    list(found.order_by("-pk").values_list("pk", "text")[:100])
    found.count()
