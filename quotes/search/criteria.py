"""A search as it is asked: the box, the facets, the dates, the order and the page."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace

from quotes.models.base import Precision, last_day
from quotes.models.searchdoc import HOLDS_NUMBERS, KIND_NUMBERS, STANDING_NUMBERS, FacetKind

FACETS = {
    "standing": FacetKind.STANDING,
    "speaker": FacetKind.SPEAKER,
    "kind": FacetKind.KIND,
    "year": FacetKind.YEAR,
    "outlet": FacetKind.OUTLET,
    "topic": FacetKind.TOPIC,
    "language": FacetKind.LANGUAGE,
    "holds": FacetKind.HOLDS,
    "root": FacetKind.ROOT,
}
"""Names of facets in the address, in the order in which they are shown; the last two only by operators."""

SORTS = {"match": "Best match", "said": "Newest said", "added": "Newest added"}
PAGE = 25
CAP = 5_000
"""Hits up to which everything is exact (SPEED.md §2.3); above, counts are estimates and say so."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One facet value that hits must have, or must not have. `value` is a slug, a code or a year."""

    name: str
    value: str
    excluded: bool = False

    @property
    def spelt(self) -> str:
        """As it stands in the address: an excluded value has a minus before it."""
        return f"-{self.value}" if self.excluded else self.value


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of the page before, and the newest statement the person could know of when page one was made."""

    sort: str
    rank: float
    day: dt.date
    pk: int
    newest: int

    def __str__(self) -> str:
        rank = repr(self.rank).replace("e-", "e_")
        return f"{self.sort}.{rank}.{self.day.isoformat()}.{self.pk}.{self.newest}"

    _FORM = re.compile(
        r"(match|said|added)\.(\d\.\d{1,20}(?:e_\d\d?)?)\.(\d{4}-\d\d-\d\d)\.([1-9]\d{0,17})\.([1-9]\d{0,17})",
        re.ASCII,
    )

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """Read what str() wrote; None for anything else."""
        found = cls._FORM.fullmatch(text)
        if not found:
            return None
        try:
            rank = float(found[2].replace("e_", "e-"))
            return cls(found[1], rank, dt.date.fromisoformat(found[3]), int(found[4]), int(found[5]))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Criteria:
    """Everything a search asks for, from its address."""

    q: str = ""
    filters: tuple[Filter, ...] = ()
    since: dt.date | None = None
    until: dt.date | None = None
    sort: str = ""
    cursor: Cursor | None = None
    size: int = PAGE
    notes: tuple[str, ...] = field(default=())

    def on_first_page(self) -> Criteria:
        """The same search from its beginning."""
        return replace(self, cursor=None)

    @property
    def empty(self) -> bool:
        """Nothing is asked at all."""
        return not (self.q.strip() or self.filters or self.since or self.until)


def language_number(code: str) -> int:
    """A language code as verbatim_language numbers it."""
    primary = re.split(r"[-_]", code.lower())[0]
    return sum((ord(char) & 127) << shift for char, shift in zip(primary[:3], (16, 8, 0), strict=False))


def language_code(number: int) -> str:
    """The code that language_number numbered."""
    return "".join(chr(number >> shift & 127) for shift in (16, 8, 0) if number >> shift & 127)


def fixed_number(name: str, value: str) -> int | None:
    """The number of a facet value that needs no table; None when there is no such value."""
    if name == "standing":
        return STANDING_NUMBERS.get(value)
    if name == "kind":
        return KIND_NUMBERS.get(value)
    if name == "holds":
        return HOLDS_NUMBERS.get(value)
    if name == "language":
        return language_number(value) if re.fullmatch(r"[a-z]{2,3}", value) else None
    if name == "year":
        return int(value) if re.fullmatch(r"[12]\d{3}", value, re.ASCII) else None
    return None


def whole_period(text: str) -> tuple[dt.date, dt.date] | None:
    """The first and the last day of 2026, 2026-02 or 2026-02-04; None when it is no date."""
    found = re.fullmatch(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", text.strip(), re.ASCII)
    if not found:
        return None
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    try:
        first = dt.date(year, month, day)
        if found[3]:
            return first, first
        if found[2]:
            return first, last_day(first, Precision.MONTH)
        return first, dt.date(year, 12, 31)
    except ValueError:
        return None
