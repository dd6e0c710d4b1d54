"""Keep a search, look at it, take it away. Each is one's own."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from quotes.models import SavedSearch

from .audit import acting
from .verify import Refused

MOST = 200
"""Saved searches that one person may keep."""


def keep(name: str, query: str, *, by: Any) -> SavedSearch:
    """Keep a search under a name.

    Args:
        name: what it is called; one's own searches have different names.
        query: the part of its address behind the question mark.

    Raises:
        Refused: when the name is taken, or too many are kept.
    """
    if SavedSearch.objects.filter(owner=by).count() >= MOST:
        raise Refused(f"You keep {MOST} searches already. Take one away first.", "name")
    try:
        with transaction.atomic(), acting(by=by, verb="saved.save"):
            return SavedSearch.objects.create(owner=by, name=name, query=query)
    except IntegrityError as error:
        raise Refused(f"You have a search called “{name}” already.", "name") from error


def look(search: SavedSearch, *, by: Any) -> None:
    """Note that its owner looks at it now: nothing in it is new any more."""
    with acting(by=by, verb="saved.look"):
        SavedSearch.objects.filter(pk=search.pk, owner=by).update(looked_at=Now())


def take_away(search: SavedSearch, *, by: Any) -> None:
    """Forget a saved search."""
    with acting(by=by, verb="saved.take_away"):
        SavedSearch.objects.filter(pk=search.pk, owner=by).delete()
