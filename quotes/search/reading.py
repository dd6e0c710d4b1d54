"""Read a search from its address. Whatever does not fit is said, and the rest is searched."""

from __future__ import annotations

import datetime as dt
import re

from django.http import QueryDict

from quotes.search.addresses import OWN
from quotes.search.criteria import SORTS, Criteria, Cursor, Filter, whole_period
from quotes.search.language import MOST_CHARACTERS

MOST_VALUES = 50
"""Values of one facet that an address may choose."""

_VALUE = re.compile(r"-?[a-z0-9][a-z0-9_-]{0,79}")


def read(data: QueryDict) -> Criteria:
    """Return the search that an address asks for, with a note for each part that was left out.

    Args:
        data: the part behind the question mark, as Django parses it.
    """
    notes: list[str] = []
    filters = tuple(chosen for name in OWN for chosen in _chosen(name, data.getlist(name), notes))
    since, until = _day(data.get("from", ""), notes), _day(data.get("to", ""), notes, last=True)
    if since and until and since > until:
        notes.append("The first day is behind the last; they were exchanged.")
        since, until = until, since
    sort = data.get("sort", "")
    if sort and sort not in SORTS:
        notes.append("There is no such order; best match was taken.")
        sort = ""
    asked = data.get("cursor", "")
    cursor = Cursor.read(asked) if asked else None
    if asked and cursor is None:
        notes.append("The page asked for does not exist; this is the first page.")
    # One character more than is searched, so that it is noticed; every link of the page repeats the text.
    return Criteria(
        data.get("q", "")[: MOST_CHARACTERS + 1], filters, since, until, sort, cursor, notes=tuple(notes)
    )


def _chosen(name: str, values: list[str], notes: list[str]) -> list[Filter]:
    chosen: list[Filter] = []
    for text in filter(None, values):
        if len(chosen) >= MOST_VALUES or not _VALUE.fullmatch(text):
            notes.append(f"There is no {name} “{_short(text)}”, so it was left out.")
            continue
        one = Filter(name, text.removeprefix("-"), text.startswith("-"))
        if one not in chosen:
            chosen.append(one)
    # Many faults are one fault to whoever reads them.
    del notes[20:]
    return chosen


def _day(text: str, notes: list[str], *, last: bool = False) -> dt.date | None:
    if not text.strip():
        return None
    period = whole_period(text)
    if period is None:
        notes.append(f"“{_short(text)}” is no date like 2026, 2026-02 or 2026-02-04, so it was left out.")
        return None
    return period[1] if last else period[0]


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
