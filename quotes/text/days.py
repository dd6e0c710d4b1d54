"""Partial dates in words, the same in every page and line: 4 Feb 2026, Feb 2026, 2026, not known."""

from __future__ import annotations

import datetime as dt

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NOT_KNOWN = "not known"


def in_words(day: dt.date | None, precision: str | None = "day") -> str:
    """Return a partial date as it is shown; never more of it than is known.

    Args:
        day: the date; for a month or a year its first day; None for not known.
        precision: `day`, `month` or `year`.
    """
    if day is None:
        return NOT_KNOWN
    if precision == "year":
        return str(day.year)
    if precision == "month":
        return f"{MONTHS[day.month - 1]} {day.year}"
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def machine(day: dt.date | None, precision: str | None = "day") -> str:
    """Return it as HTML's `datetime` and our JSON write it: 2026-02-04, 2026-02, 2026, or nothing."""
    if day is None:
        return ""
    return day.isoformat()[: {"year": 4, "month": 7}.get(precision or "day", 10)]
