"""The questions that searches are measured with, made from the data that is there.

Each is made twice from the same parts: as an address of our page, and for the peers as what it means.
"""

from __future__ import annotations

import random
import re
from typing import Any
from urllib.parse import urlencode

from django.db import connection

from quotes.benchmarks.peers import Asked
from quotes.search.language import STOP

SEED = 20260204


def queries() -> list[Asked]:
    """Forty questions over the words, names and outlets that the database holds."""
    chance = random.Random(SEED)
    words = frequencies()
    rare, middle, common = words["rare"], words["middle"], words["common"]
    speakers = column("SELECT name FROM quotes_speaker WHERE kind = 'person' ORDER BY id LIMIT 400")
    phrases = _phrases(chance)
    years = column(
        "SELECT DISTINCT extract(year FROM day)::int FROM quotes_searchsample WHERE day > '1900-01-01'"
    ) or [2026]
    # A corpus may hold nothing but unchecked quotes, and who finds nothing has little to do.
    held = column("SELECT DISTINCT value FROM quotes_standing ORDER BY value")
    often, seldom = (name if name in held else "unchecked" for name in ("verified", "disputed"))
    outlets = rows("SELECT slug, id FROM quotes_outlet ORDER BY id LIMIT 1")
    asked = [ask("rare word", word) for word in rare[:4]]
    asked += [ask("middle word", word) for word in middle[:4]]
    asked += [ask("common word", word) for word in common[:4]]
    asked += [ask("two words", f"{a} {b}") for a, b in zip(common[:4], middle[4:8], strict=False)]
    asked += [ask("phrase", phrase, way="phrase") for phrase in phrases[:4]]
    asked += [ask("prefix", beginning, way="prefix") for beginning in words["beginning"][:4]]
    for name in chance.sample(speakers, min(4, len(speakers))):
        last = str(name).split()[-1]
        asked.append(
            ask("name with a slip", last[:2] + last[3] + last[2] + last[4:] if len(last) > 4 else last)
        )
    asked += [
        ask("filter only", standing=often),
        *(ask("filter only", outlet=outlet) for outlet in outlets),
        ask("filter only", standing=seldom, kind="direct"),
        ask("filter only", year=years[-1]),
        *(ask("filter and word", word, standing=seldom) for word in common[:2]),
        *(ask("filter and word", word, year=years[0]) for word in common[2:4]),
    ]
    asked += [ask("newest first", word, newest=True) for word in common[:4]]
    return asked[:40]


def ask(called: str, words: str = "", *, way: Any = "words", newest: bool = False, **wanted: Any) -> Asked:
    """Make a question.

    Args:
        called: its kind.
        wanted: what hits must have, by the names of FACETS; an outlet as its slug and its key, a year as days.
    """
    typed = {"words": words, "phrase": f'"{words}"', "prefix": f"{words}*"}[way]
    address = {"q": typed} if words else {}
    filters = dict(wanted)
    if "outlet" in wanted:
        wanted["outlet"], filters["outlet"] = wanted["outlet"]
    if "year" in wanted:
        year = wanted.pop("year")
        wanted |= {"from": year, "to": year}
    if newest:
        wanted["sort"] = "said"
    # Without words everything is as good a match, and our page, too, has the newest first.
    return Asked(
        called, urlencode(address | wanted), words, way, tuple(filters.items()), newest=newest or not words
    )


def frequencies() -> dict[str, list[str]]:
    """The words of quotes as they are printed: `common`, `middle` and `rare` ones, and how words begin (`beginning`).

    Where there are none of a kind, others take their place.
    """
    # Of quotes, which the peers hold too; a gist or a printed name stands in our documents only.
    # Small words are none: the textbook's dictionary does not know them, and the others find them nearly everywhere.
    # A beginning must be one to every stemmer: of “orde” both make “ord”, of “hous” Porter's makes “hou”,
    # and of “using” nothing is left that begins with “usin”.
    found = rows(
        "SELECT word, ndoc, ts_lexize('english_stem', beginning) = ARRAY[beginning] AND beginning !~ '[^s]s$'"
        " AND starts_with((ts_lexize('english_stem', word))[1], beginning)"
        " FROM (SELECT word, ndoc, left(word, 4) AS beginning FROM ts_stat('"
        "   SELECT to_tsvector(''simple'', verbatim_words(string_agg(text, '' ''))) FROM quotes_quote"
        "   WHERE statement_id IN (SELECT statement_id FROM quotes_searchsample WHERE level >= 7)"
        "   GROUP BY statement_id')) told"
        " WHERE word ~ '^[a-z]{5,}$' AND ts_lexize('english_stem', word) <> '{}' ORDER BY ndoc DESC, word"
    )
    total = rows("SELECT count(*) FROM quotes_searchsample WHERE level >= 7")[0][0] or 1
    share = [(word, count / total) for word, count, _ in found]
    begins = {word for word, _, begins in found if begins}
    middle = [word for word, part in share if 0.01 <= part <= 0.03] + [word for word, _ in share[20:]]
    return {
        "common": [word for word, part in share if part > 0.1] + [word for word, _ in share],
        "middle": middle,
        "beginning": list(dict.fromkeys(word[:4] for word in middle[8:] if word in begins)),
        "rare": [word for word, part in share if part < 0.001] + [word for word, _ in share[::-1]],
    }


def _phrases(chance: random.Random) -> list[str]:
    # As a quote is printed, which the peers hold too; not from the words of the original.
    texts = column(
        "SELECT (SELECT text FROM quotes_quote q WHERE q.statement_id = d.statement_id ORDER BY length(text) DESC, id"
        " LIMIT 1) FROM quotes_searchsample d WHERE level >= 7 AND length(lines) > 60 LIMIT 400"
    )
    phrases = []
    for text in chance.sample(texts, min(12, len(texts))):
        parts = [part for part in re.split(r'["“”„‟«»\s]+', str(text)) if part]
        runs = [parts[place : place + 3] for place in range(max(1, len(parts) - 2))]
        # Of small words at the ends the textbook keeps nothing: it would be asked for another phrase, or for one word.
        whole = [
            run for run in runs if not {word.strip(".,;:!?").lower() for word in (run[0], run[-1])} & STOP
        ]
        phrases.append(" ".join(chance.choice(whole or runs)))
    return phrases


def rows(query: str) -> list[Any]:
    """Every row that a query gives."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def column(query: str) -> list[Any]:
    """The first column of every row that a query gives."""
    return [row[0] for row in rows(query)]
