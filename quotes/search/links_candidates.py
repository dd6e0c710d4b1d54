"""Which statements are worth comparing with one: found by indexes, each road with a bound, whatever the size.

The roads: the same voice around the same days; the same article; the same measure; whom its words name, shortly before;
the same voice with the same number; and pairs of neighbouring words that are rare (SPEED.md §3). All but the last two
take many statements at once, so that one and all are found by the same SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from rapidfuzz import fuzz

from quotes.text.linking import Saying

NEAREST = 40
"""Near duplicates that are compared in full (SPEED.md §3)."""
VOICE_DAYS, VOICE_MOST = 3, 24
NAMED_DAYS, NAMED_MOST = 14, 6
WALKED = 300
"""Statements of a speaker that are looked through for an earlier or later figure of one measure."""

# Each statement's days, and all whose words it is; from here on one row per statement.
_VOICE = """
WITH mine AS MATERIALIZED (
  SELECT * FROM unnest(%(keys)s::bigint[], %(speakers)s::bigint[], %(firsts)s::date[], %(lasts)s::date[])
    AS m(id, speaker, first_day, last_day)
), voice AS MATERIALIZED (
  SELECT * FROM unnest(%(voice_of)s::bigint[], %(voices)s::bigint[]) AS v(id, voice)
)
SELECT m.id, near.id FROM mine m JOIN voice v ON v.id = m.id CROSS JOIN LATERAL (
  (SELECT s.id FROM quotes_statement s WHERE s.speaker_id = v.voice
     AND s.said_on BETWEEN m.first_day - %(days)s AND m.last_day + %(days)s
   ORDER BY s.said_on DESC NULLS LAST LIMIT %(most)s)
  UNION ALL
  -- Those known only to the month or the year that hold this day.
  (SELECT s.id FROM quotes_statement s WHERE s.speaker_id = v.voice AND s.said_on_precision <> 'day'
     AND s.said_on IN (date_trunc('month', m.first_day)::date, date_trunc('year', m.first_day)::date)
   ORDER BY s.said_on DESC NULLS LAST LIMIT %(most)s)
  UNION ALL
  (SELECT s.id FROM quotes_statement s WHERE s.uttered_by_id = v.voice
     AND s.said_on BETWEEN m.first_day - %(days)s AND m.last_day + %(days)s LIMIT %(most)s)
  UNION ALL
  (SELECT s.id FROM quotes_statement s WHERE s.speaker_id = v.voice AND s.said_on IS NULL
   ORDER BY s.said_on DESC NULLS LAST LIMIT %(most)s / 2)
) near WHERE near.id <> m.id
UNION
SELECT m.id, q2.statement_id FROM mine m JOIN quotes_quote q ON q.statement_id = m.id CROSS JOIN LATERAL (
  SELECT q2.statement_id FROM quotes_quote q2 JOIN quotes_statement s ON s.id = q2.statement_id
  WHERE q2.article_id = q.article_id AND q2.statement_id <> m.id
    AND s.speaker_id IN (SELECT voice FROM voice v WHERE v.id = m.id) LIMIT %(most)s) q2
"""
_FIGURES = """
WITH mine AS MATERIALIZED (
  SELECT * FROM unnest(%(keys)s::bigint[], %(speakers)s::bigint[], %(firsts)s::date[], %(lasts)s::date[])
    AS m(id, speaker, first_day, last_day)
), voice AS MATERIALIZED (
  SELECT * FROM unnest(%(voice_of)s::bigint[], %(voices)s::bigint[]) AS v(id, voice)
)
, measured AS MATERIALIZED (
  SELECT DISTINCT m.id, m.speaker, m.first_day, m.last_day, f.measure_id
  FROM mine m JOIN quotes_quote q ON q.statement_id = m.id JOIN quotes_figure f ON f.quote_id = q.id
)
SELECT g.id, near.id FROM measured g CROSS JOIN LATERAL (
  -- The speaker's own numbers: the one before and the one after.
  (SELECT walked.id FROM (
     SELECT s.id, s.said_on FROM quotes_statement s WHERE s.speaker_id = g.speaker AND s.said_on < g.first_day
     ORDER BY s.said_on DESC NULLS LAST LIMIT %(walked)s) walked
   WHERE EXISTS (SELECT FROM quotes_quote q JOIN quotes_figure f ON f.quote_id = q.id
                 WHERE q.statement_id = walked.id AND f.measure_id = g.measure_id)
   ORDER BY walked.said_on DESC LIMIT 1)
  UNION ALL
  (SELECT walked.id FROM (
     SELECT s.id, s.said_on FROM quotes_statement s WHERE s.speaker_id = g.speaker AND s.said_on > g.last_day
     ORDER BY s.said_on LIMIT %(walked)s) walked
   WHERE EXISTS (SELECT FROM quotes_quote q JOIN quotes_figure f ON f.quote_id = q.id
                 WHERE q.statement_id = walked.id AND f.measure_id = g.measure_id)
   ORDER BY walked.said_on LIMIT 1)
  UNION ALL
  -- Other people's numbers, the nearest in time.
  (SELECT s.id FROM (
     SELECT f.quote_id FROM quotes_figure f WHERE f.measure_id = g.measure_id ORDER BY f.id DESC LIMIT %(walked)s) f
   JOIN quotes_quote q ON q.id = f.quote_id JOIN quotes_statement s ON s.id = q.statement_id
   WHERE s.speaker_id <> g.speaker AND s.id <> g.id
   GROUP BY s.id, s.said_on ORDER BY abs(s.said_on - g.first_day) NULLS LAST, s.id DESC LIMIT 8)
) near
"""
_NAMED = """
SELECT m.id, near.id FROM unnest(%(of)s::bigint[], %(named)s::bigint[], %(firsts)s::date[], %(lasts)s::date[])
  AS m(id, named, first_day, last_day)
CROSS JOIN LATERAL (
  SELECT s.id FROM quotes_statement s WHERE s.speaker_id = m.named
    AND s.said_on BETWEEN m.first_day - %(days)s AND m.last_day
  ORDER BY s.said_on DESC NULLS LAST LIMIT %(most)s) near
WHERE near.id <> m.id
"""
# Who named this speaker shortly after: only asked for one statement, which may be entered late.
_NAMING = """
SELECT statement_id FROM quotes_searchdoc
WHERE terms @@ %s::tsquery AND day BETWEEN %s AND %s ORDER BY day LIMIT %s
"""
_NUMBERED = """
SELECT statement_id FROM quotes_searchdoc WHERE terms @@ %s::tsquery ORDER BY statement_id DESC LIMIT %s
"""
_NEAR = "SELECT statement_id FROM verbatim_near(%s::integer[], %s, %s)"


def candidates(mine: Sequence[Saying]) -> dict[int, set[int]]:
    """For each statement the keys of those worth comparing with it, by voice, day, article, measure and name.

    Args:
        mine: as `links_sayings.sayings` reads them, one or thousands.
    """
    dated = [saying for saying in mine if saying.first_day is not None]
    found: dict[int, set[int]] = defaultdict(set)
    everyone = list(mine)
    given: dict[str, Any] = {
        "keys": [saying.key for saying in everyone],
        "speakers": [saying.speaker for saying in everyone],
        "firsts": [saying.first_day for saying in everyone],
        "lasts": [saying.last_day for saying in everyone],
        "voice_of": [saying.key for saying in everyone for _ in saying.voices],
        "voices": [voice for saying in everyone for voice in sorted(saying.voices)],
        "days": VOICE_DAYS,
        "most": VOICE_MOST,
        "walked": WALKED,
    }
    if everyone:
        _note(found, _VOICE, given)
    if any(saying.figures for saying in everyone):
        _note(found, _FIGURES, given)
    named = [(saying, key) for saying in dated for key in sorted(saying.mentioned)]
    if named:
        _note(
            found,
            _NAMED,
            {
                "of": [saying.key for saying, _ in named],
                "named": [key for _, key in named],
                "firsts": [saying.first_day for saying, _ in named],
                "lasts": [saying.last_day for saying, _ in named],
                "days": NAMED_DAYS,
                "most": NAMED_MOST,
            },
        )
    return found


def _note(found: dict[int, set[int]], query: str, given: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        for key, other in cursor.fetchall():
            found[key].add(other)


def near(pairs: Iterable[int], *, but: int = 0, most: int = NEAREST) -> list[int]:
    """The statements that share most rare pairs of neighbouring words, the likest first.

    Args:
        pairs: hashed pairs of words, as `verbatim_pairs` gives them.
        but: the key of a statement that is left out: the one that is asked about.
        most: how many are given.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, [list(pairs), but, most])
        return [row[0] for row in cursor.fetchall()]


def near_duplicates(key: int) -> list[int]:
    """The near duplicates of a statement that has its search document."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pairs FROM quotes_searchdoc WHERE statement_id = %s", [key])
        row = cursor.fetchone()
    return near(row[0], but=key) if row else []


@dataclass(frozen=True, slots=True)
class Near:
    """A near duplicate of a text: the statement, and how much its likest wording is like it, 0 to 1."""

    key: int
    likeness: float


def nearest(text: str, *, but: int = 0, most: int = 10) -> list[Near]:
    """The statements with a wording like `text`, the likest first; two questions to the database, whatever the size.

    Args:
        text: in any language; what cannot be told apart in search cannot be told apart here.
        but: the key of a statement that is left out.
        most: how many are given.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT verbatim_words(%s), verbatim_pairs(verbatim_line(%s))", [text[:20_000], text[:20_000]]
        )
        row: Any = cursor.fetchone()
        words, pairs = row
        if not pairs:
            return []
        cursor.execute(
            "SELECT d.statement_id, d.lines FROM verbatim_near(%s::integer[], %s, %s) n"
            " JOIN quotes_searchdoc d USING (statement_id)",
            [pairs, but, NEAREST],
        )
        found = [
            Near(key, max(fuzz.ratio(words, line.strip()) for line in lines.split("\n")) / 100)
            for key, lines in cursor.fetchall()
        ]
    return sorted(found, key=lambda near: (-near.likeness, near.key))[:most]


def by_the_way(saying: Saying) -> set[int]:
    """What is found for one statement only: the same voice with the same number, and who named it shortly after."""
    found: set[int] = set()
    numbers = {number for reading in saying.readings for number in _terms(reading.numbers)}
    voices = " | ".join(f"'#1.{voice}'" for voice in sorted(saying.voices))
    with connection.cursor() as cursor:
        if numbers:
            wanted = " | ".join(f"'{number}'" for number in sorted(numbers))
            cursor.execute(_NUMBERED, [f"({wanted}) & ({voices})", 20])
            found |= {row[0] for row in cursor.fetchall()}
        names = sorted({word for name in saying.names for word in [_term(name)] if word})
        if names and saying.first_day is not None:
            until = saying.last_day or saying.first_day
            months = sorted({day.strftime("'#11.%Y%m'") for day in (saying.first_day, until)})
            wanted = f"({' | '.join(repr(name) for name in names)}) & ({' | '.join(months)})"
            cursor.execute(_NAMING, [wanted, saying.first_day, until, 20])
            found |= {row[0] for row in cursor.fetchall()}
    return found - {saying.key}


def _terms(numbers: Sequence[Any]) -> list[str]:
    ends = {end for number in numbers for end in (number.low, number.high) if end is not None}
    return [f"={end.normalize():f}" for end in ends if end >= 100]


def _term(name: str) -> str:
    """The last word of a name as the index has it; empty when it is not plain enough to be looked for."""
    word = name.split()[-1].lower() if name.split() else ""
    return word if word.isascii() and word.isalpha() and len(word) >= 4 else ""
