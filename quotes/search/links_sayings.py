"""Statements as `text.linking` compares them, read in a fixed number of queries, for one as for two thousand.

Everything is read, also what is held back: a suggestion is shown only to those who may know of both its ends
(`Link.objects.visible_to`), but it has to be there for them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import connection

from quotes.models.base import last_day
from quotes.search.names import names
from quotes.text.comparing import Told
from quotes.text.dates import PartialDate
from quotes.text.folding import fold_text
from quotes.text.linking import Saying
from quotes.text.naming import Namebook

MOST_QUOTES = 40
"""Quotes of one statement that are read."""

_STATEMENTS = """
SELECT s.id, s.speaker_id, p.name, s.uttered_by_id, m.name, s.said_on, s.said_on_precision, s.occasion,
  (SELECT array_agg(topic_id) FROM quotes_statement_topics t WHERE t.statement_id = s.id)
FROM quotes_statement s JOIN quotes_speaker p ON p.id = s.speaker_id
LEFT JOIN quotes_speaker m ON m.id = s.uttered_by_id
WHERE s.id = ANY(%s) AND s.joined_into_id IS NULL
"""
_QUOTES = """
SELECT q.id, q.statement_id, q.text, q.language, q.cue, q.article_id, q.start, q."end", a.published_at
FROM quotes_quote q JOIN quotes_article a ON a.id = q.article_id WHERE q.statement_id = ANY(%s) ORDER BY q.id
"""
_FIGURES = """
SELECT q.statement_id, f.low, f.high, f.bound, m.slug, m.name, m.unit, f.as_of, f.as_of_precision, f.method
FROM quotes_figure f JOIN quotes_quote q ON q.id = f.quote_id JOIN quotes_measure m ON m.id = f.measure_id
WHERE q.statement_id = ANY(%s) ORDER BY f.id
"""
_SPOKEN_FOR = """
SELECT t.person_id, t.organisation_id, o.name, t.starts, t.ends, t.ends_precision
FROM quotes_tenure t JOIN quotes_speaker o ON o.id = t.organisation_id WHERE t.speaks_for AND t.person_id = ANY(%s)
"""

_books: dict[str, tuple[str, Namebook]] = {}


def namebook() -> Namebook:
    """The names of all speakers; made anew only when one of them has changed."""
    known = names()
    held = _books.get(connection.alias)
    if held is None or held[0] != known.stamp:
        book = Namebook(
            (entry.key[1], spelling, entry.nature == "person")
            for entry in known.entries.values()
            if entry.kind == "speaker" and entry.nature != "unnamed"
            for spelling in entry.spellings
        )
        _books[connection.alias] = held = (known.stamp, book)
    return held[1]


def _rows(query: str, keys: list[int]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, [keys])
        return list(cursor.fetchall())


def sayings(keys: Iterable[int], *, mentions: bool = True) -> dict[int, Saying]:
    """Read statements by their keys; those that are not there, or were joined into others, are left out.

    Args:
        keys: of statements.
        mentions: also look whom their words name; the target of a suggestion need not.
    """
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    statements = _rows(_STATEMENTS, wanted)
    quotes, published = _quotes(wanted)
    figures = defaultdict(list)
    for key, *figure in _rows(_FIGURES, wanted):
        figures[key].append(figure)
    people = sorted({key for row in statements for key in (row[1], row[3]) if key is not None})
    offices = defaultdict(list)
    for person, *office in _rows(_SPOKEN_FOR, people):
        offices[person].append(office)
    book = namebook() if mentions else None
    found = {}
    for key, speaker, name, mouth, mouth_name, said_on, precision, occasion, topics in statements:
        known = said_on is not None
        first = said_on if known else published.get(key)
        last = last_day(said_on, precision) if known else first
        voices, called = {speaker}, [name]
        if mouth is not None and mouth != speaker:
            voices.add(mouth)
            called.append(mouth_name)
        for voice in tuple(voices):
            for organisation, organisation_name, starts, ends, ends_precision in offices.get(voice, ()):
                if _held(starts, ends, ends_precision, first, last) and organisation not in voices:
                    voices.add(organisation)
                    called.append(organisation_name)
        told = quotes.get(key, [])
        saying = Saying(
            key=key,
            speaker=speaker,
            voices=frozenset(voices),
            names=tuple(called),
            first_day=first,
            last_day=last,
            day_known=known,
            wordings=tuple(dict.fromkeys((text, language, cue) for text, language, cue, *_ in told)),
            topics=frozenset(topics or ()),
            figures=tuple(_told(key, speaker, name, figure) for figure in figures.get(key, ())),
            places=tuple((article, start, end) for _, _, _, article, start, end in told),
            occasion=fold_text(occasion),
        )
        if book is not None:
            named = frozenset().union(*(book.named_in(text) for text, *_ in saying.wordings))
            saying = replace(saying, mentioned=named - saying.voices)
        found[key] = saying
    return found


def _quotes(keys: list[int]) -> tuple[dict[int, list[Any]], dict[int, dt.date]]:
    """The quotes of statements, and the day on which each was first published."""
    quotes: dict[int, list[Any]] = defaultdict(list)
    published: dict[int, dt.date] = {}
    for _, statement, *told, at in _rows(_QUOTES, keys):
        if len(quotes[statement]) < MOST_QUOTES:
            quotes[statement].append(told)
        if at is not None:
            day = at.astimezone(dt.UTC).date()
            published[statement] = min(published.get(statement, day), day)
    return quotes, published


def _held(
    starts: dt.date | None,
    ends: dt.date | None,
    precision: str | None,
    first: dt.date | None,
    last: dt.date | None,
) -> bool:
    """Whether a role may have been held on these days; on days that are not known only without an end."""
    if first is None or last is None:
        return ends is None
    return (starts is None or starts <= last) and (ends is None or last_day(ends, precision) >= first)


def _told(key: int, speaker: int, name: str, figure: list[Any]) -> Told:
    low, high, bound, measure, measure_name, unit, as_of, precision, method = figure
    return Told(
        low=_tidy(low),
        high=_tidy(high),
        bound=bound,
        measure=measure,
        measure_name=measure_name,
        unit=unit,
        speaker=str(speaker),
        speaker_name=name,
        method=method,
        as_of=PartialDate(as_of, precision) if as_of is not None else None,
        statement=str(key),
    )


def _tidy(number: Decimal | None) -> Decimal | None:
    return None if number is None else number.normalize() + 0
