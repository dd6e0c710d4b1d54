"""Suggestions for all statements at once: the same comparisons, but near duplicates found by hashing instead of asking.

Each document's pairs of words become eight keys of three least hashes each (SPEED.md §3: MinHash, 8 × 3); documents
that share a key are near duplicates, or nearly. Two documents with four fifths of their pairs in common share a key in
998 of 1,000 cases. The keys are joined in the database, so that memory stays small whatever the size.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import connection

from quotes.search.links_candidates import candidates
from quotes.search.links_sayings import sayings
from quotes.search.links_suggesting import Found, pairs_compared

BANDS, ROWS = 8, 3
FEWEST_PAIRS = 3
"""Pairs of words below which a document has too little to be hashed; the other roads find it."""
MOST_ALIKE = 40
"""Documents that share a key beyond which it is a phrase of the trade, not a quotation."""
AT_ONCE = 1_000
"""Statements compared in one step."""
READ_AT_ONCE = 20_000

_MASK = (1 << 32) - 1
_chance = random.Random(20260204)  # noqa: S311 - the same hashes in every run, so that a run can be repeated
_HASHES = [(_chance.getrandbits(32) | 1, _chance.getrandbits(32)) for _ in range(BANDS * ROWS)]

_MAKE = """
CREATE TEMPORARY TABLE IF NOT EXISTS link_bands (band bigint NOT NULL, statement_id bigint NOT NULL);
CREATE TEMPORARY TABLE IF NOT EXISTS link_near (first bigint NOT NULL, second bigint NOT NULL);
TRUNCATE link_bands; TRUNCATE link_near;
"""
_JOIN = """
INSERT INTO link_near
SELECT DISTINCT least(a, b), greatest(a, b) FROM (
  SELECT array_agg(statement_id) AS alike FROM link_bands GROUP BY band HAVING count(*) BETWEEN 2 AND %s) blocks,
  unnest(alike) a, unnest(alike) b WHERE a < b;
"""
_AFTER = "CREATE INDEX link_near_first ON link_near (first); ANALYZE link_near"
_READ = """
SELECT statement_id, pairs FROM quotes_searchdoc WHERE statement_id > %s ORDER BY statement_id LIMIT %s
"""

type Tell = Callable[[str, int, int], None]


def keys_of(pairs: Sequence[int]) -> list[int]:
    """The eight keys of a document; two that share one are worth comparing. Each fits a bigint."""
    least = [min([(pair * times + plus) & _MASK for pair in pairs]) for times, plus in _HASHES]
    keys = []
    for band in range(BANDS):
        key = band
        for row in least[band * ROWS : (band + 1) * ROWS]:
            key = (key * 1_000_003 + row) & ((1 << 63) - 1)
        keys.append(key)
    return keys


def find_near(tell: Tell, total: int) -> int:
    """Put all pairs of near duplicates into a temporary table of this connection; returns how many.

    Args:
        tell: is called with “hashing”, how many documents are done and how many there are.
        total: of documents, for the progress.
    """
    done, last = 0, 0
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(_MAKE)
        while True:
            cursor.execute(_READ, [last, READ_AT_ONCE])
            rows = cursor.fetchall()
            if not rows:
                break
            copying: Any = cursor
            with copying.copy("COPY link_bands (band, statement_id) FROM STDIN") as copy:
                for statement, pairs in rows:
                    if len(pairs) >= FEWEST_PAIRS:
                        for key in keys_of(pairs):
                            copy.write_row((key, statement))
            last = rows[-1][0]
            done += len(rows)
            tell("hashing", done, total)
        cursor.execute(_JOIN, [MOST_ALIKE])
        cursor.execute("DROP INDEX IF EXISTS link_near_first")
        cursor.execute(_AFTER)
        cursor.execute("SELECT count(*) FROM link_near")
        row: Any = cursor.fetchone()
    return int(row[0])


def compared_in_batches(keys: Sequence[int], tell: Tell) -> Iterator[Found]:
    """Compare these statements with all that is worth it, a thousand at a time, after `find_near`."""
    for at in range(0, len(keys), AT_ONCE):
        part = list(keys[at : at + AT_ONCE])
        yield _compared(part)
        tell("comparing", min(at + AT_ONCE, len(keys)), len(keys))


def _compared(part: list[int]) -> Found:
    mine = sayings(part)
    pairs = {(key, other) for key, others in candidates(list(mine.values())).items() for other in others}
    with connection.cursor() as cursor:
        cursor.execute("SELECT first, second FROM link_near WHERE first = ANY(%s)", [part])
        pairs |= set(cursor.fetchall())
    # Each pair once, and under the statement that was asked about.
    once: dict[tuple[int, int], tuple[int, int]] = {}
    for first, second in sorted(pairs):
        once.setdefault((min(first, second), max(first, second)), (first, second))
    chosen = list(once.values())
    others = {key for pair in chosen for key in pair} - mine.keys()
    read = {**mine, **sayings(others)}
    return Found(
        pairs_compared(chosen, read), [pair for pair in chosen if pair[0] in read and pair[1] in read]
    )
