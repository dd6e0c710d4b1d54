"""The questions that searches are measured with, made from the data that is there."""

from __future__ import annotations

import random
from typing import Any

from django.db import connection

from quotes.benchmarks.peers import Asked

SEED = 20260204


def queries() -> list[Asked]:
    """Forty queries over the words, names and outlets that the database holds."""
    chance = random.Random(SEED)
    words = _words()
    rare, middle, common = words["rare"], words["middle"], words["common"]
    speakers = column("SELECT name FROM quotes_speaker WHERE kind = 'person' ORDER BY id LIMIT 400")
    slugs = column("SELECT slug FROM quotes_outlet ORDER BY id LIMIT 50")
    phrases = _phrases(chance)
    years = column(
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
    found = rows(
        "SELECT word, ndoc FROM ts_stat('SELECT terms FROM quotes_searchsample WHERE level >= 7')"
        " WHERE word ~ '^[a-z]{5,}$' ORDER BY ndoc DESC, word"
    )
    total = rows("SELECT count(*) FROM quotes_searchsample WHERE level >= 7")[0][0] or 1
    share = [(word, count / total) for word, count in found]
    return {
        "common": [word for word, part in share if part > 0.1] + [word for word, _ in share],
        "middle": [word for word, part in share if 0.01 <= part <= 0.03] + [word for word, _ in share[20:]],
        "rare": [word for word, part in share if part < 0.001] + [word for word, _ in share[::-1]],
    }


def _phrases(chance: random.Random) -> list[str]:
    lines = column("SELECT lines FROM quotes_searchsample WHERE level >= 7 AND length(lines) > 60 LIMIT 400")
    phrases = []
    for line in chance.sample(lines, min(12, len(lines))):
        # The longest text of the statement: the first may be empty, where the original words are not known.
        parts = max(str(line).split("\n"), key=len).split()
        start = chance.randrange(max(1, len(parts) - 3))
        phrases.append(" ".join(parts[start : start + 3]))
    return phrases


def rows(query: str) -> list[Any]:
    """Every row that a query gives."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def column(query: str) -> list[Any]:
    """The first column of every row that a query gives."""
    return [row[0] for row in rows(query)]
