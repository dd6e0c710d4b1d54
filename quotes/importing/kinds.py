"""What a field of a fixture may hold: one check for each kind of value.

A check takes the value as JSON gave it and returns it as the records keep it, or raises ``Wrong`` with what was
expected. Text comes back as it is, byte for byte: nothing is stripped or normalised (TRUST.md F7).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from quotes.text import dates, languages, urls

type Check = Callable[[Any], Any]
type Key = tuple[str | int | None, ...]

_UID = re.compile(r"[a-z0-9][a-z0-9-]{2,63}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_WIKIDATA = re.compile(r"Q[1-9][0-9]{0,14}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,6})?")
_TIMECODE = re.compile(r"(?:[0-9]{1,3}:)?[0-9]{1,2}:[0-9]{2}(?:\.[0-9]{1,3})?")
_LONGEST_TEXT = 1_000_000


class Wrong(ValueError):
    """A value that does not fit; ``expected`` goes into the refusal after “expected”.

    ``found`` says more of the value than the value itself does, when that is needed.
    """

    def __init__(self, expected: str, found: str | None = None) -> None:
        super().__init__(expected)
        self.expected = expected
        self.found = found


def text(longest: int = _LONGEST_TEXT, *, blank: bool = False) -> Check:
    """Text of at most ``longest`` characters (code points); not blank unless that is allowed."""

    def check(value: Any) -> str:
        if type(value) is not str:
            raise Wrong("text")
        if len(value) > longest:
            raise Wrong(f"at most {longest:,} characters", f"{len(value):,} characters")
        if not blank and not value.strip():
            raise Wrong("text that is not blank")
        return value

    return check


def pattern(regex: re.Pattern[str], expected: str, *, blank: bool = False) -> Check:
    """Text that ``regex`` matches from end to end."""

    def check(value: Any) -> str:
        if type(value) is not str or not (regex.fullmatch(value) or (blank and value == "")):
            raise Wrong(f"{expected}, or nothing" if blank else expected)
        return value

    return check


def choice(*choices: str) -> Check:
    """One of a few words."""
    known = frozenset(choices)
    expected = f"{', '.join(choices[:-1])} or {choices[-1]}"

    def check(value: Any) -> str:
        if type(value) is not str or value not in known:
            raise Wrong(expected)
        return value

    return check


def nothing_or(inner: Check) -> Check:
    """Null, which means “not known”, or what ``inner`` takes."""

    def check(value: Any) -> Any:
        return None if value is None else inner(value)

    return check


def whole(smallest: int, largest: int) -> Check:
    """A whole number in a range."""

    def check(value: Any) -> int:
        if type(value) is not int or not smallest <= value <= largest:
            raise Wrong(f"a whole number from {smallest} to {largest:,}")
        return value

    return check


def list_of(inner: Check, expected: str, longest: int = 200) -> Check:
    """A list; what is wrong with an item is said with its place by ``rows``."""

    def check(value: Any) -> list[Any]:
        if type(value) is not list or len(value) > longest:
            raise Wrong(f"a list of at most {longest} {expected}")
        items = []
        for at, item in enumerate(value):
            try:
                items.append(inner(item))
            except Wrong as problem:
                raise WrongItem(at, item, problem) from None
        return items

    return check


class WrongItem(Wrong):
    """An item of a list that does not fit."""

    def __init__(self, at: int, item: Any, problem: Wrong) -> None:
        super().__init__(problem.expected, problem.found)
        self.at = at
        self.item = item


def true_or_false(value: Any) -> bool:
    """A boolean, and no other thing that Python takes for one."""
    if type(value) is not bool:
        raise Wrong("true or false")
    return value


def only_null(why: str) -> Check:
    """A field that a file may name but not set."""

    def check(value: Any) -> None:
        if value is not None:
            raise Wrong(f"null: {why}")

    return check


def day(value: Any) -> dt.date:
    """A day as YYYY-MM-DD."""
    if type(value) is not str or not _DAY.fullmatch(value):
        raise Wrong("a day as YYYY-MM-DD (for a month or a year, its first day and the precision beside it)")
    try:
        return dates.parse(value).first
    except ValueError:
        raise Wrong("a day that the calendar has") from None


def moment(value: Any) -> dt.datetime:
    """A time as YYYY-MM-DDTHH:MM:SS with its offset from UTC."""
    expected = "a time with its offset, as 2026-02-05T11:19:44+09:00"
    if type(value) is not str or not _MOMENT.fullmatch(value):
        raise Wrong(expected)
    try:
        found = dt.datetime.fromisoformat(value)
        found.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise Wrong(f"{expected}, that the calendar and the clock have") from None
    return found


def number(value: Any) -> Decimal:
    """A decimal number of at most 18 digits before and 6 behind the point, as a JSON number or as text."""
    if type(value) is int:
        digits = str(value)
    elif type(value) is Decimal:
        digits = format(value, "f") if abs(value.adjusted()) < 30 else ""
    else:
        digits = value if type(value) is str else ""
    if not _DECIMAL.fullmatch(digits) or (digits.startswith("-0") and Decimal(digits) == 0):
        raise Wrong("a number of at most 18 digits before and 6 behind the point")
    return Decimal(digits)


def share(value: Any) -> float:
    """A number from 0 to 1."""
    if type(value) not in (int, Decimal) or not 0 <= value <= 1 or str(value).startswith("-"):
        raise Wrong("a number from 0 to 1")
    return float(value)


def canonical_url(value: Any) -> str:
    """A web address in its canonical spelling: it is a key, so there must be one spelling."""
    canonical = _address(value)
    if canonical != value:
        raise Wrong(f"the canonical form {canonical}")
    return canonical


def web_address(value: Any) -> str:
    """A web address, in whatever spelling it was printed."""
    _address(value)
    return str(value)


# An article's address stands in the article, in its capture and in every quote of it, mostly near each other.
_canonical = lru_cache(maxsize=4_096)(urls.canonical_url)


def _address(value: Any) -> str:
    if type(value) is not str:
        raise Wrong("a web address")
    try:
        return _canonical(value)
    except urls.NotAWebAddress as problem:
        raise Wrong("an http or https address", f"an address that {problem}") from None


def blank_or(inner: Check) -> Check:
    """An empty text, or what ``inner`` takes."""

    def check(value: Any) -> Any:
        return value if value == "" and type(value) is str else inner(value)

    return check


def language(value: Any) -> str:
    """A language tag."""
    if type(value) is not str or not languages.is_tag(value):
        raise Wrong("a language tag as uk, pt-BR or und")
    return value


def reference(*parts: Check) -> Check:
    """A natural key: a list of as many values as there are ``parts``."""
    count = len(parts)
    first = parts[0]

    def check_one(value: Any) -> Key:
        # Nearly all references are of this kind.
        if type(value) is not list or len(value) != 1:
            raise Wrong("a natural key: a list of one value")
        try:
            return (first(value[0]),)
        except Wrong as problem:
            raise WrongItem(0, value[0], problem) from None

    def check(value: Any) -> Key:
        if type(value) is not list or len(value) != count:
            raise Wrong(f"a natural key: a list of {count} values")
        key: list[Any] = []
        for at, (part, inner) in enumerate(zip(value, parts, strict=True)):
            try:
                key.append(inner(part))
            except Wrong as problem:
                raise WrongItem(at, part, problem) from None
        return tuple(key)

    return check_one if count == 1 else check


uid = pattern(_UID, "a uid: 3 to 64 of a–z, 0–9 and hyphens, not a hyphen first")
slug = pattern(_SLUG, "a slug: 1 to 80 of a–z, 0–9 and hyphens, not a hyphen first")
country = pattern(_COUNTRY, "two capital letters (ISO 3166-1 alpha-2)", blank=True)
wikidata_id = pattern(_WIKIDATA, "a Wikidata id as Q42")
sha256 = pattern(_SHA256, "64 hexadecimal digits in small letters")
timecode = pattern(_TIMECODE, "a timecode as 01:02:03", blank=True)
precision = choice(*dates.PRECISIONS)
