"""What a half-typed text may lead to: speakers, statements, articles, pages. One query, whatever is typed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.urls import reverse

from quotes.search.names import held_names, names

MOST = 5
"""Records of each kind that are offered."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One place to go: its address, what it is called, and what stands beside it."""

    url: str
    label: str
    beside: str = ""
    standing: str = ""
    kind: str = ""
    language: str = ""


@dataclass(slots=True)
class Offers:
    """All that was found, by what it is."""

    typed: str
    statements: list[Offer] = field(default_factory=list)
    speakers: list[Offer] = field(default_factory=list)
    articles: list[Offer] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.statements or self.speakers or self.articles)


def jump(typed: str, user: Any) -> Offers:
    """Find where `typed` may lead `user`.

    Args:
        typed: the text so far, of any length.
    """
    typed = " ".join(typed[:200].split())
    offers = Offers(typed)
    if not typed:
        return offers
    with connection.cursor() as db:
        db.execute(
            "SELECT stamp, statements, articles FROM verbatim_jump(%s, %s, %s)",
            [typed, bool(user.has_perm("quotes.view_restricted")), MOST],
        )
        row: Any = db.fetchone()
    stamp, statements, articles = row
    known = held_names(stamp) or names()
    offers.speakers = [
        Offer(reverse("speaker", args=[entry.slug]), entry.name, entry.nature, kind=entry.nature)
        for entry in known.search("speaker", typed, limit=MOST)
    ]
    offers.statements = [
        Offer(reverse("statement", args=[uid]), text, speaker, standing, kind)
        for uid, text, speaker, standing, kind in _parsed(statements)
    ]
    offers.articles = [
        Offer(reverse("article", args=[key]), headline, outlet) for key, headline, outlet in _parsed(articles)
    ]
    return offers


def _parsed(value: Any) -> list[Any]:
    return json.loads(value) if isinstance(value, str) else value or []
