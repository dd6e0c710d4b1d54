"""Rules that tie the fields of one record together; each says at which field, and what was expected."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from quotes.text.dates import from_stored

type Problem = tuple[str, str]
type Fields = Mapping[str, Any]


def precise(name: str) -> Callable[[Fields], Iterator[Problem]]:
    """A partial date and its precision are both known or both not, and no day is invented (issue 3)."""
    precision_name = f"{name}_precision"

    def rule(fields: Fields) -> Iterator[Problem]:
        first, precision = fields.get(name), fields.get(precision_name)
        if first is None and precision is not None:
            yield precision_name, f'found "{precision}" without a date in {name}, expected null'
        elif first is not None and precision is None:
            yield name, f"found a date without {precision_name}, expected day, month or year there"
        else:
            try:
                from_stored(first, precision)
            except ValueError as problem:
                yield name, f"{problem}"

    return rule


def not_to_itself(name: str, why: str) -> Callable[[Fields], Iterator[Problem]]:
    """A record known by its slug does not refer to itself."""

    def rule(fields: Fields) -> Iterator[Problem]:
        if fields.get(name) == (fields.get("slug"),):
            yield name, f"found the record itself: {why}"

    return rule


def ends_after_it_starts(fields: Fields) -> Iterator[Problem]:
    """A tenure that begins after it ends was not held."""
    starts, ends = fields.get("starts"), fields.get("ends")
    if starts is None or ends is None or ends >= starts:
        return
    try:
        last = from_stored(ends, fields.get("ends_precision"))
    except ValueError:
        return  # said already
    if last is None or last.last < starts:
        yield "ends", f"found {ends}, expected a day on or after {starts}, when it starts"


def speaks_for_somebody(fields: Fields) -> Iterator[Problem]:
    """Who speaks for an organisation has one to speak for."""
    if fields.get("speaks_for") and fields.get("organisation") is None:
        yield "speaks_for", "found true without an organisation, expected the organisation"


def sha256_is_of_the_body(fields: Fields) -> Iterator[Problem]:
    """A capture is known by the SHA-256 of its body in UTF-8."""
    if "body" in fields and "sha256" in fields:
        found = hashlib.sha256(fields["body"].encode("utf-8")).hexdigest()
        if found != fields["sha256"]:
            yield "sha256", f"does not belong to the body, whose SHA-256 is {found}"


def no_topic_twice(fields: Fields) -> Iterator[Problem]:
    """A topic is named once."""
    topics = fields.get("topics") or []
    if len(set(topics)) != len(topics):
        yield "topics", "found a topic twice"


def whole_anchor(fields: Fields) -> Iterator[Problem]:
    """An anchor is a capture, a start and an end that is as far behind it as the text is long."""
    start, end = fields.get("start"), fields.get("end")
    if start is None and end is None:
        return
    if start is None or end is None:
        yield (
            ("end" if start is None else "start"),
            "found half an anchor, expected both start and end, or neither",
        )
        return
    if fields.get("capture") is None:
        yield "start", "found an anchor without a capture, expected the capture that it points into"
    if end <= start:
        yield "end", f"found {end}, expected more than the start, {start}"
    elif "text" in fields and end - start != len(fields["text"]):
        length = len(fields["text"])
        yield "end", f"found {end}, expected {start + length}: the text has {length} characters (code points)"


def capture_of_the_article(fields: Fields) -> Iterator[Problem]:
    """A quote points into a capture of its own article."""
    article, capture = fields.get("article"), fields.get("capture")
    if article is not None and capture is not None and capture[0] != article[0]:
        yield "capture", f"found a capture of {capture[0]}, expected one of the quote’s own article"


def numbers_fit_the_bound(fields: Fields) -> Iterator[Problem]:
    """exact, about: low equals high; at_least: low only; at_most: high only; range: low to high."""
    bound, low, high = fields.get("bound"), fields.get("low"), fields.get("high")
    if bound in ("exact", "about"):
        if low is None or low != high:
            yield (
                "high" if low is not None else "low",
                f"found bound {bound}, expected low and high to be one number",
            )
    elif bound == "at_least":
        if low is None or high is not None:
            yield "low" if low is None else "high", "found bound at_least, expected low, and null for high"
    elif bound == "at_most":
        if high is None or low is not None:
            yield "high" if high is None else "low", "found bound at_most, expected high, and null for low"
    elif bound == "range" and (low is None or high is None or high < low):
        yield (
            "high" if low is not None else "low",
            "found bound range, expected low and a high that is not below it",
        )


def joins_two_statements(fields: Fields) -> Iterator[Problem]:
    """A link joins two statements."""
    if fields.get("source") is not None and fields.get("source") == fields.get("target"):
        yield "target", "found the source again, expected another statement"


def says_where_or_what(fields: Fields) -> Iterator[Problem]:
    """Evidence has an address or an excerpt."""
    if not fields.get("url") and not fields.get("excerpt"):
        yield "url", "found neither an address nor an excerpt, expected at least one"


def names_somebody(fields: Fields) -> Iterator[Problem]:
    """A step of a chain names an outlet, or at least the words for it that were printed."""
    if fields.get("outlet") is None and not fields.get("as_printed"):
        yield "outlet", "found neither an outlet nor words for it in as_printed, expected at least one"
