"""The address of a search: every state of the page is in it, and nowhere else."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from urllib.parse import urlencode

from quotes.search.criteria import FACETS, Criteria, Filter

OWN = tuple(name for name in FACETS if name not in ("year", "holds", "root"))
"""Facets that stand in the address; years are dates, and the rest are operators of the box."""


def query_string(criteria: Criteria) -> str:
    """The part behind the question mark, always in the same order; empty for a search of everything."""
    pairs: list[tuple[str, str]] = [("q", criteria.q)] if criteria.q else []
    pairs += [(name, chosen.spelt) for name in OWN for chosen in criteria.filters if chosen.name == name]
    if criteria.since:
        pairs.append(("from", _start(criteria.since, criteria.until)))
    if criteria.until:
        pairs.append(("to", _end(criteria.until)))
    if criteria.sort:
        pairs.append(("sort", criteria.sort))
    if criteria.cursor:
        pairs.append(("cursor", str(criteria.cursor)))
    return urlencode(pairs)


def _start(since: dt.date, until: dt.date | None) -> str:
    if (since.month, since.day) == (1, 1):
        return f"{since.year:04}"
    if since.day == 1 and until and until != since:
        return since.isoformat()[:7]
    return since.isoformat()


def _end(until: dt.date) -> str:
    if (until.month, until.day) == (12, 31):
        return f"{until.year:04}"
    if (until + dt.timedelta(days=1)).day == 1:
        return until.isoformat()[:7]
    return until.isoformat()


def toggled(criteria: Criteria, name: str, value: str, *, excluded: bool = False) -> Criteria:
    """The search with one facet value more, or without it when it is there; from the first page."""
    wanted = Filter(name, value, excluded)
    kept = tuple(chosen for chosen in criteria.filters if (chosen.name, chosen.value) != (name, value))
    if wanted not in criteria.filters:
        kept = (*kept, wanted)
    return replace(criteria, filters=kept, cursor=None)


def within(criteria: Criteria, first: dt.date | None, last: dt.date | None) -> Criteria:
    """The search within these days."""
    return replace(criteria, since=first, until=last, cursor=None)
