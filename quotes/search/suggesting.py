"""What a word may have been meant to be, when nothing holds it: a name, the beginning of a word, or a slip."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db import connection

from quotes.search.compiling import Plan
from quotes.search.language import STOP
from quotes.search.names import Names

ALPHABETS = {
    "latin": "abcdefghijklmnopqrstuvwxyz",
    "cyrillic": "абвгґдеєёжзиіїйклмнопрстуфхцчшщъыьэюя",
}
LONGEST = 24
"""Letters of a word above which it is no slip of one."""


def loosened(plan: Plan, known: Names, *, held: bool) -> dict[str, str]:
    """For each plain word that no visible document holds: `name`, `beginning`, or `=word` for the word it is a slip of.

    Args:
        held: whether documents that are held back count; for others they are as if they were not there.
    """
    words = list(dict.fromkeys(plan.plain))
    with connection.cursor() as db:
        db.execute(
            """
            SELECT w,
              EXISTS (SELECT FROM quotes_searchdoc WHERE terms @@ verbatim_word(w) AND (%s OR open_from <= now())),
              EXISTS (SELECT FROM quotes_searchdoc WHERE terms @@ verbatim_beginning(w) AND (%s OR open_from <= now()))
            FROM unnest(%s::text[]) w
            """,
            [held, held, words],
        )
        rows: list[Any] = db.fetchall()
    found = {}
    for word, stands, begins in rows:
        if stands:
            continue
        if known.nearly(word):
            found[word] = "name"
        elif begins and len(word) >= 2:
            found[word] = "beginning"
        else:
            meant = nearest(word, held=held)
            if meant:
                found[word] = f"={meant}"
    return found


@dataclass(frozen=True, slots=True)
class Offer:
    """What may have been meant: the word typed, the word that stands far more often, and the box with that one."""

    typed: str
    meant: str
    q: str


OFTENER = 10
"""How many times as often the other word must stand before it is offered for one that is found."""


def offers(plan: Plan, *, held: bool) -> list[Offer]:
    """For words that are found, but hardly: the word that each may be a slip of, when that one is found far more often.

    Args:
        held: as in loosened.
    """
    found = []
    for word in list(dict.fromkeys(plan.plain))[:MOST_OFFERED]:
        meant, often = _nearest(word, held=held)
        if meant and often >= OFTENER * max(1, _often(word, held=held)):
            found.append(Offer(word, meant, corrected(plan.query.typed, word, meant)))
    return found


MOST_OFFERED = 3
"""Words of one search that are looked at as slips."""


def _often(word: str, *, held: bool) -> int:
    with connection.cursor() as db:
        db.execute(
            "SELECT count(*) FROM (SELECT FROM quotes_searchdoc WHERE terms @@ verbatim_word(%s)"
            " AND (%s OR open_from <= now()) LIMIT 200) hits",
            [word, held],
        )
        row: Any = db.fetchone()
    return int(row[0])


def nearest(word: str, *, held: bool) -> str | None:
    """The word of the documents that is one slip away from `word`, the most frequent first; None when there is none."""
    return _nearest(word, held=held)[0]


def _nearest(word: str, *, held: bool) -> tuple[str | None, int]:
    tries = slips(word)
    if not tries:
        return None, 0
    with connection.cursor() as db:
        # Words stand in the index as they are, so each try is one look into it; few of them exist at all.
        db.execute(
            """
            SELECT w, (SELECT count(*) FROM (
                SELECT FROM quotes_searchdoc
                WHERE terms @@ quote_literal(w)::tsquery AND (%s OR open_from <= now()) LIMIT 200
              ) hits) AS n
            FROM unnest(%s::text[]) w ORDER BY n DESC, w LIMIT 1
            """,
            [held, tries],
        )
        row: Any = db.fetchone()
    return (row[0], row[1]) if row and row[1] else (None, 0)


def slips(word: str) -> list[str]:
    """Every word that is one letter left out, too much, wrong or exchanged away from `word`; none of odd words."""
    plain = word.lower()
    alphabet = next(
        (letters for letters in ALPHABETS.values() if plain and all(c in letters for c in plain)), ""
    )
    if not alphabet or not 4 <= len(plain) <= LONGEST:
        return []
    parts = [(plain[:i], plain[i:]) for i in range(len(plain) + 1)]
    tries = {a + b[1:] for a, b in parts if b}
    tries |= {a + b[1] + b[0] + b[2:] for a, b in parts if len(b) > 1}
    tries |= {a + c + b[1:] for a, b in parts if b for c in alphabet}
    tries |= {a + c + b for a, b in parts for c in alphabet}
    return sorted(tries - {plain} - STOP)


def corrected(typed: str, word: str, meant: str) -> str:
    """The text of the box with one word put right."""
    return re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", lambda _: meant, typed, count=1)
