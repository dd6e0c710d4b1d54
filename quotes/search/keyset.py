"""Pages by cursor: the next page begins after the last row of this one, however long the list is.

A cursor is that row's sort value and key. It is no secret and holds nothing hidden: who makes one up sees the
same rows that she may see anyway.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

HIGHEST_KEY = 2**63 - 1
LONGEST = 600


@dataclass(frozen=True, slots=True)
class Page[Row]:
    """Rows of one page; `next` is the cursor of the following one, empty on the last."""

    rows: Sequence[Row]
    next: str


def page_of[Row](found: QuerySet[Any], size: int, value: Callable[[Any], Any]) -> Page[Any]:
    """Return the first `size` rows, and the cursor after them if there are more.

    Args:
        found: ordered by one value and then by key (`alphabetical`, `newest_first`).
        value: gives a row's sort value: text, a date, a time or None.
    """
    rows = list(found[: size + 1])
    return Page(rows[:size], write(value(rows[size - 1]), rows[size - 1].pk) if len(rows) > size else "")


def write(value: Any, key: int) -> str:
    """Return the cursor that follows a row."""
    text = value.isoformat() if isinstance(value, date) else value
    return base64.urlsafe_b64encode(json.dumps([text, key]).encode()).decode().rstrip("=")


def read(cursor: str) -> tuple[str | None, int]:
    """Return the sort value, as text, and the key in a cursor.

    Raises:
        Http404: when no page can have given it.
    """
    try:
        if not cursor.isascii() or len(cursor) > LONGEST:
            raise ValueError
        value, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise Http404 from error
    whole = isinstance(key, int) and not isinstance(key, bool) and 0 < key <= HIGHEST_KEY
    if not whole or not (value is None or (isinstance(value, str) and "\0" not in value)):
        raise Http404
    return value, key


def after(found: QuerySet[Any], cursor: str, column: str) -> QuerySet[Any]:
    """Keep what follows the cursor in a list that ascends by `column`, then by key."""
    if not cursor:
        return found
    value, key = read(cursor)
    if value is None or not _storable(value):
        raise Http404
    return found.filter(Q(**{f"{column}__gt": value}) | Q(**{column: value, "pk__gt": key}))


def after_newest(
    found: QuerySet[Any], cursor: str, column: str, kind: type[date] | type[datetime]
) -> QuerySet[Any]:
    """Keep what follows the cursor in a list that descends by `column`, not known last, then by key.

    Args:
        kind: `date` or `datetime`: what the column holds.
    """
    if not cursor:
        return found
    text, key = read(cursor)
    if text is None:
        return found.filter(Q(**{f"{column}__isnull": True}), pk__lt=key)
    try:
        value = kind.fromisoformat(text)
        if isinstance(value, datetime) and value.tzinfo is None:
            raise ValueError
    except ValueError as error:
        raise Http404 from error
    later = Q(**{f"{column}__lt": value}) | Q(**{column: value, "pk__lt": key})
    return found.filter(later | Q(**{f"{column}__isnull": True}))


def _storable(text: str) -> bool:
    """Say whether PostgreSQL can hold the text: no lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
