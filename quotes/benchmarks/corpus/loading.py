"""The corpus into the database: COPY with the triggers off, then what they would have derived, then the proof.

One transaction, as the owner. The triggers of the tables are off for its length only (and come back with a rollback,
too), so what they keep is done here in sets: standings by the database's own functions, search documents by the
function that the triggers call. Constraints and foreign keys stay on, and are looked at after every COPY, so that
nothing piles up until the commit. The log gets one event for each new account and one for the whole corpus, with the
hash of its rows: it does not say that somebody typed a million records.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from psycopg import sql

from quotes.actions.audit import acting
from quotes.benchmarks.corpus.columns import COLUMNS, Base, Block
from quotes.benchmarks.corpus.newsroom import Newsroom

REPORTERS, VERIFIERS = 12, 16
INDEXED_AT_ONCE = 5_000
"""Statements whose search documents are made by one call."""

_TABLES = (
    "speaker", "speakername", "tenure", "outlet", "topic", "measure", "article", "capture", "statement",
    "statement_topics", "quote", "relay", "figure", "link", "contribution", "evidence", "check", "formerstanding",
    "standing",
)  # fmt: skip
_NUMBERED = tuple(table for table in _TABLES if table != "standing")
_REFERENCE = {
    "topic": ("id", "slug", "name"),
    "measure": ("id", "slug", "name", "unit"),
    "outlet": ("id", "slug", "name", "kind", "country", "language", "domain", "owner_id"),
    "speaker": ("id", "slug", "name", "kind", "description", "country"),
    "speakername": ("speaker_id", "text", "language", "kind"),
    "tenure": (
        "person_id", "title", "organisation_id", "starts", "ends", "speaks_for", "source_url", "starts_precision",
        "ends_precision",
    ),
}  # fmt: skip

# A quote's hash and depth as the triggers have it, for the quotes behind a number.
_SHOWN = """
CREATE TEMPORARY TABLE IF NOT EXISTS corpus_shown (
  quote_id bigint PRIMARY KEY, content_hash text NOT NULL, depth text NOT NULL) ON COMMIT DROP;
TRUNCATE corpus_shown;
INSERT INTO corpus_shown
SELECT c.quote_id, verbatim_sha256(c.content), verbatim_depth(c.quote_id) FROM quotes_content c
WHERE c.quote_id BETWEEN %(first)s AND %(last)s
"""
_CHECKS = f"""
INSERT INTO quotes_check ({", ".join(COLUMNS["check"])})
SELECT {", ".join(f"c.{one}" if one != "seen" else "coalesce(c.seen, s.content_hash)" for one in COLUMNS["check"])}
FROM corpus_check c JOIN corpus_shown s USING (quote_id) ORDER BY c.id
"""  # noqa: S608 - names of columns written in this room
_STANDINGS = """
INSERT INTO quotes_standing (quote_id, value, depth, passes, needed, content_hash, since)
SELECT s.quote_id,
  CASE WHEN looked_at THEN verbatim_standing(s.quote_id, s.content_hash, s.depth) ELSE 'unchecked' END, s.depth,
  CASE WHEN looked_at THEN verbatim_passes(s.quote_id, s.content_hash) ELSE 0 END, %(needed)s, s.content_hash,
  coalesce((SELECT max(f.until) FROM quotes_formerstanding f WHERE f.quote_id = s.quote_id), q.created_at)
FROM corpus_shown s JOIN quotes_quote q ON q.id = s.quote_id CROSS JOIN LATERAL (
  -- Without a check and without a refutation there is nothing that a standing could follow from.
  SELECT EXISTS (SELECT FROM quotes_check c WHERE c.quote_id = s.quote_id)
      OR EXISTS (SELECT FROM quotes_evidence e WHERE e.quote_id = s.quote_id AND e.stance = 'refutes') AS looked_at) l
ORDER BY s.quote_id
"""
_COUNT = """
ANALYZE quotes_statement, quotes_statement_topics, quotes_quote, quotes_article, quotes_capture, quotes_relay,
  quotes_figure, quotes_evidence, quotes_speaker, quotes_outlet, quotes_tenure, quotes_measure, quotes_formerstanding
"""
_DOCUMENTS = """
INSERT INTO quotes_searchdoc (statement_id, day, last_day, open_from, terms, pairs, lines, facets)
SELECT statement_id, day, last_day, open_from, terms, pairs, lines, facets
FROM verbatim_documents((SELECT array_agg(id) FROM quotes_statement WHERE id BETWEEN %s AND %s))
"""
_EVENT = """
WITH seal AS MATERIALIZED (SELECT verbatim_open_seal() AS id),
event AS (SELECT nextval('quotes_auditevent_id_seq') AS id, clock_timestamp() AS at)
INSERT INTO quotes_auditevent
  (id, seal_id, at, actor_pk, actor, verb, "table", record_pk, statement_pk, before, after, leaf)
SELECT event.id, seal.id, event.at, NULL, '', 'corpus.make', 'quotes_statement', NULL, NULL, NULL, %(after)s,
  verbatim_leaf(event.id, seal.id, event.at, NULL, '', 'corpus.make', 'quotes_statement', NULL, NULL, NULL, %(after)s)
FROM seal, event
"""

_NEXT = sql.SQL(
    "SELECT setval(pg_get_serial_sequence({name}, 'id'), greatest(1, coalesce(max(id), 1))) FROM {table}"
)
_LAST = sql.SQL("SELECT coalesce(max(id), 0) FROM {table}")

type Tell = Callable[[str, int, int], None]
"""Told the step, how far it is, and of how much."""


class NotEmpty(Exception):
    """There are statements already."""


@dataclass(slots=True)
class Written:
    """What was written: rows by table, the hash of all rows, and seconds by step."""

    counts: dict[str, int] = field(default_factory=dict)
    digest: str = ""
    seconds: dict[str, float] = field(default_factory=dict)


def make(statements: int, seed: int, *, add: bool = False, tell: Tell | None = None) -> Written:
    """Write a synthetic newsroom. Call it as the owner of the tables.

    Args:
        statements: how many.
        seed: the same seed into a fresh database gives the same rows.
        add: also when there are statements already; then the seed has to be a new one.
        tell: told how far it is.

    Raises:
        NotEmpty: when there are statements, and `add` was not given or the seed is in use.
    """
    say = tell or (lambda step, done, whole: None)
    written = Written()
    clock = _Clock(written.seconds)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SET LOCAL jit = off; SET LOCAL maintenance_work_mem = '512MB'")
        _require_room(cursor, seed, add)
        base = _people(cursor, seed)
        with _triggers_off(cursor):
            newsroom = Newsroom(statements, seed, base)
            first = base.first("statement")
            _copy(cursor, _reference_rows(newsroom, base), _REFERENCE, written)
            digest = hashlib.sha256()
            rebuilt = _drop_index(cursor, statements)
            done = counted = 0
            for block in newsroom.blocks():
                clock.note("words")
                for table in COLUMNS:
                    digest.update(repr(block[table]).encode())
                _copy(
                    cursor,
                    block,
                    {table: names for table, names in COLUMNS.items() if table != "check"},
                    written,
                )
                if done >= counted * 4:
                    # The planner has to know that the tables are no longer empty, and again when they have grown.
                    cursor.execute(_COUNT)
                    counted = done or 1
                _derive(cursor, block, base, written)
                clock.note("rows")
                done += len(block["statement"])
                say("rows", done, statements)
            cursor.execute(
                "ANALYZE quotes_statement, quotes_quote, quotes_article, quotes_relay, quotes_figure"
            )
            _documents(cursor, first, statements, say)
            clock.note("search documents")
            if rebuilt:
                say("index", 0, 1)
                cursor.execute(rebuilt)
            clock.note("search index")
            _set_sequences(cursor)
            written.digest = digest.hexdigest()
            told = {"seed": seed, "statements": statements, "rows": written.counts, "sha256": written.digest}
            cursor.execute(_EVENT, {"after": json.dumps(told)})
        cursor.execute("UPDATE quotes_searchnames SET stamp = gen_random_uuid()")
    clock.note("commit")
    return written


def tidy() -> None:
    """Bring statistics and visibility up to date; outside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


class _Clock:
    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds = seconds
        self._at = time.perf_counter()

    def note(self, step: str) -> None:
        now = time.perf_counter()
        self._seconds[step] = self._seconds.get(step, 0.0) + now - self._at
        self._at = now


def _require_room(cursor: Any, seed: int, add: bool) -> None:
    cursor.execute("LOCK TABLE quotes_statement IN SHARE ROW EXCLUSIVE MODE")
    cursor.execute("SELECT count(*) FROM (SELECT FROM quotes_statement LIMIT 1) s")
    if cursor.fetchone()[0] and not add:
        raise NotEmpty("There are statements already; --add writes the corpus beside them.")
    cursor.execute("SELECT count(*) FROM quotes_statement WHERE uid = %s", [f"s{seed}-1"])
    if cursor.fetchone()[0]:
        raise NotEmpty(f"The corpus of seed {seed} is there already; choose another seed.")


def _people(cursor: Any, seed: int) -> Base:
    """Accounts that enter and check, without a password or an address: nobody can sign in with them."""
    found: dict[str, tuple[int, ...]] = {}
    with acting(by=None, verb="corpus.make_accounts"):
        for group, count in (("Reporter", REPORTERS), ("Verifier", VERIFIERS)):
            made = []
            for number in range(1, count + 1):
                name = f"corpus-{seed}-{group.lower()}-{number}"
                called = {"first_name": "Synthetic", "last_name": f"{group} {number}"}
                person = User.objects.create_user(name, password=None, **called)
                person.groups.add(Group.objects.get(name=group))
                made.append(person.pk)
            found[group] = tuple(made)
    taken = {}
    for table in _NUMBERED:
        cursor.execute(_LAST.format(table=sql.Identifier(f"quotes_{table}")))
        taken[table] = cursor.fetchone()[0]
    cursor.execute("SELECT verbatim_checks_needed()")
    return Base(found["Reporter"], found["Verifier"], cursor.fetchone()[0], taken)


class _triggers_off:
    """Take the triggers away, and put the foreign keys to work at the end of every statement."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def _each(self, what: str) -> None:
        for table in _TABLES:
            statement = sql.SQL("ALTER TABLE {table} {what} TRIGGER USER")
            self._cursor.execute(
                statement.format(table=sql.Identifier(f"quotes_{table}"), what=sql.SQL(what))
            )

    def __enter__(self) -> None:
        # What is waiting for the commit is done first: a table with waiting triggers cannot be altered.
        self._cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        self._each("DISABLE")
        self._cursor.execute(
            "SELECT string_agg(quote_ident(conname), ', ') FROM pg_constraint WHERE contype = 'f' AND condeferrable"
            " AND conrelid::regclass::text LIKE 'quotes\\_%'"
        )
        names = self._cursor.fetchone()[0]
        self._cursor.execute(f"SET CONSTRAINTS {names} IMMEDIATE")  # house: quoted by the database

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            self._each("ENABLE")


def _reference_rows(newsroom: Newsroom, base: Base) -> Block:
    made = newsroom.reference

    def at(table: str, place: int | None) -> int | None:
        return None if place is None else base.first(table) + place

    def known(day: Any) -> str | None:
        return None if day is None else "day"

    return {
        "topic": [(at("topic", n), *row) for n, row in enumerate(made.topics)],
        "measure": [(at("measure", n), *row) for n, row in enumerate(made.measures)],
        "outlet": [(at("outlet", n), *row[:6], at("outlet", row[6])) for n, row in enumerate(made.outlets)],
        "speaker": [(at("speaker", n), *row) for n, row in enumerate(made.speakers)],
        "speakername": [(at("speaker", row[0]), *row[1:]) for row in made.names],
        "tenure": [
            (at("speaker", row[0]), row[1], at("speaker", row[2]), *row[3:], known(row[3]), known(row[4]))
            for row in made.tenures
        ],
    }


def _copy(cursor: Any, block: Block, columns: dict[str, tuple[str, ...]], written: Written) -> None:
    for table, names in columns.items():
        rows = block[table]
        written.counts[table] = written.counts.get(table, 0) + len(rows)
        if rows:
            _copy_rows(cursor, f"quotes_{table}", names, rows)


def _copy_rows(cursor: Any, table: str, names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    version, one = ("", ()) if table not in _VERSIONED else (", version", (1,))
    listed = ", ".join(f'"{name}"' for name in names)
    with cursor.copy(f"COPY {table} ({listed}{version}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row((*row, *one) if one else row)


_VERSIONED = {f"quotes_{table}" for table in _REFERENCE}
"""Their rows come without the columns that the desk keeps."""


def _derive(cursor: Any, block: Block, base: Base, written: Written) -> None:
    """The hash of what each quote shows, then the checks of it, then the standing that follows."""
    quotes = block["quote"]
    cursor.execute(_SHOWN, {"first": quotes[0][0], "last": quotes[-1][0]})
    cursor.execute(
        "CREATE TEMPORARY TABLE IF NOT EXISTS corpus_check (LIKE quotes_check) ON COMMIT DROP;"
        " ALTER TABLE corpus_check ALTER seen DROP NOT NULL; TRUNCATE corpus_check"
    )
    _copy_rows(cursor, "corpus_check", COLUMNS["check"], block["check"])
    cursor.execute("ANALYZE corpus_shown")
    cursor.execute(_CHECKS)
    cursor.execute(_STANDINGS, {"needed": base.needed})
    written.counts["check"] = written.counts.get("check", 0) + len(block["check"])
    written.counts["standing"] = written.counts.get("standing", 0) + len(quotes)


def _drop_index(cursor: Any, statements: int) -> str:
    """Take the large index away when most of it will be new; give the SQL that builds it again."""
    cursor.execute("SELECT greatest(reltuples, 0) FROM pg_class WHERE relname = 'quotes_searchdoc'")
    if statements < 2_000 or cursor.fetchone()[0] > statements:
        return ""
    cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'searchdoc_terms'")
    (definition,) = cursor.fetchone()
    cursor.execute("DROP INDEX searchdoc_terms")
    return str(definition)


def _documents(cursor: Any, first: int, statements: int, say: Tell) -> None:
    for begin in range(first, first + statements, INDEXED_AT_ONCE):
        end = min(begin + INDEXED_AT_ONCE, first + statements) - 1
        cursor.execute(_DOCUMENTS, [begin, end])
        say("search documents", end - first + 1, statements)


def _set_sequences(cursor: Any) -> None:
    for table in _NUMBERED:
        named = f"quotes_{table}"
        cursor.execute(_NEXT.format(name=sql.Literal(named), table=sql.Identifier(named)))
