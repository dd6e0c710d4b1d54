"""The shape of a corpus' rows, where they begin, and how a day or a number is put down."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from quotes.benchmarks.corpus import checking

_KEPT_BY_US = ("created_at", "updated_at", "created_by_id", "updated_by_id", "version")

COLUMNS: dict[str, tuple[str, ...]] = {
    "article": (
        "id", "url", "outlet_id", "headline", "byline", "language", "published_at", "retrieved_at", *_KEPT_BY_US,
    ),
    "capture": ("id", "article_id", "sha256", "captured_at", "body", "created_at", "created_by_id"),
    "statement": (
        "id", "uid", "speaker_id", "uttered_by_id", "said_on", "said_on_precision", "occasion", "original_language",
        "original_text", "gist", "record", "embargoed_until", *_KEPT_BY_US,
    ),
    "statement_topics": ("statement_id", "topic_id"),
    "quote": (
        "id", "uid", "statement_id", "article_id", "capture_id", "kind", "text", "language", "is_translation", "cue",
        "speaker_as_printed", "role_as_printed", "prefix", "suffix", "start", "end", *_KEPT_BY_US,
    ),
    "relay": ("quote_id", "position", "outlet_id", "as_printed", *_KEPT_BY_US),
    "figure": (
        "quote_id", "measure_id", "low", "high", "bound", "as_of", "as_of_precision", "method", "as_printed",
        *_KEPT_BY_US,
    ),
    "link": (
        "source_id", "target_id", "type", "state", "score", "reasons", "method", "note", "decided_by_id", "decided_at",
        *_KEPT_BY_US,
    ),
    "contribution": ("quote_id", "user_id", "at"),
    **checking.COLUMNS,
}  # fmt: skip
"""Tables in the order of writing, with the columns of their rows."""


@dataclass(frozen=True, slots=True)
class Base:
    """What the database holds already: the numbers behind which new rows begin, and who enters and checks."""

    reporters: tuple[int, ...]
    verifiers: tuple[int, ...]
    needed: int = 2
    taken: dict[str, int] = field(default_factory=dict)

    def first(self, table: str) -> int:
        """The first number of a table that is free."""
        return self.taken.get(table, 0) + 1


type Block = dict[str, list[tuple[Any, ...]]]


def zipf(count: int) -> list[float]:
    """Summed weights of `count` things of which the first is by far the most frequent."""
    return list(accumulate(1 / (rank + 3) for rank in range(count)))


def partly(day: dt.date, chance: random.Random) -> tuple[dt.date | None, str | None]:
    """A day as it is known: mostly to the day, sometimes to the month or the year, or not at all."""
    known = chance.random()
    if known < 0.90:
        return day, "day"
    if known < 0.95:
        return day.replace(day=1), "month"
    return (day.replace(month=1, day=1), "year") if known < 0.97 else (None, None)


def written(amount: int, language: str) -> str:
    """A number as papers of a language print it."""
    if language == "ko" and amount >= 10_000:
        tens, rest = divmod(amount, 10_000)
        return f"{tens}만{rest or ''}"
    separator = {"en": ",", "de": "."}.get(language, "\u00a0")
    return f"{amount:,}".replace(",", separator)
