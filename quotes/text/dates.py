"""Partial dates: a year, a month or a day, never more than is known (STACK.md §7: parsers invent today's day).

The database keeps a partial date as its first day and a precision; ``days`` writes it in words.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal, cast

from quotes.text import days

Precision = Literal["day", "month", "year"]
PRECISIONS: tuple[Precision, ...] = ("day", "month", "year")

_WRITTEN = re.compile(r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?")


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date known to the day, the month or the year; ``first`` is the first day that it can mean.

    Raises ValueError when ``first`` is a later day than the precision leaves open.
    """

    first: dt.date
    precision: Precision = "day"

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise ValueError(f"found precision {self.precision!r}, expected day, month or year")
        if self.precision != "day" and self.first.day != 1:
            raise ValueError(
                f"a date known to the {self.precision} is written as its first day, found {self.first}"
            )
        if self.precision == "year" and self.first.month != 1:
            raise ValueError(f"a date known to the year is written as 1 January, found {self.first}")

    def __str__(self) -> str:
        return days.machine(self.first, self.precision)

    @property
    def last(self) -> dt.date:
        """The last day that it can mean."""
        if self.precision == "year":
            return self.first.replace(month=12, day=31)
        if self.precision == "month":
            return self.first.replace(day=calendar.monthrange(self.first.year, self.first.month)[1])
        return self.first

    @property
    def interval(self) -> tuple[dt.date, dt.date]:
        """The first and the last day that it can mean, both included."""
        return self.first, self.last

    @property
    def in_words(self) -> str:
        """4 Feb 2026, Feb 2026 or 2026."""
        return days.in_words(self.first, self.precision)

    def overlaps(self, other: PartialDate) -> bool:
        """Whether both can mean the same day."""
        return self.first <= other.last and other.first <= self.last

    def surely_before(self, other: PartialDate) -> bool:
        """Whether it is earlier whatever day each of the two means."""
        return self.last < other.first


def parse(text: str) -> PartialDate:
    """Read ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, in ASCII digits and nothing around.

    Raises ValueError, naming what was found, for every other form and for days that no calendar has.
    """
    written = _WRITTEN.fullmatch(text)
    if not written:
        raise ValueError(f"found {text[:40]!r}, expected a date as YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = (int(part) if part else 0 for part in written.group("year", "month", "day"))
    precision: Precision = "day" if written["day"] else "month" if written["month"] else "year"
    try:
        first = dt.date(year, month if written["month"] else 1, day if written["day"] else 1)
    except ValueError as problem:
        raise ValueError(f"found {text!r}, which no calendar has ({problem})") from None
    return PartialDate(first, precision)


def from_stored(first: dt.date | None, precision: str | None) -> PartialDate | None:
    """The partial date that two columns hold; None when it is not known.

    Raises ValueError when only one of the two is known, or they do not fit together.
    """
    if first is None and not precision:
        return None
    if first is None or not precision:
        raise ValueError("a date and its precision are both known or both not known")
    return PartialDate(first, cast(Precision, precision))


def in_words(date: PartialDate | None) -> str:
    """The date as it is shown; “not known” for None."""
    return days.NOT_KNOWN if date is None else date.in_words


def may_be_same_day(first: PartialDate | None, second: PartialDate | None) -> bool:
    """Whether nothing speaks against one day: a date that is not known excludes nothing."""
    return first is None or second is None or first.overlaps(second)
