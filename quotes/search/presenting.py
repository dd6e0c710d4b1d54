"""An answer with the addresses that lead on from it: facets to click, chips to take off, pages, the JSON form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode

from django.urls import get_script_prefix, reverse

from quotes.models.base import Precision, last_day
from quotes.search.addresses import query_string, toggled, within
from quotes.search.criteria import CAP, SORTS, Criteria, Filter
from quotes.search.engine import Answer, Option, label_of_filter, rounded
from quotes.search.exports import FORMATS
from quotes.search.language import Query
from quotes.text import days

TITLES = {
    "standing": "Standing",
    "speaker": "Speaker",
    "kind": "Kind",
    "year": "Said",
    "outlet": "Source chain",
    "topic": "Topic",
    "language": "Language",
    "holds": "Holds",
    "root": "Traced to",
}
OPEN = ("standing", "speaker", "year", "outlet", "topic")
"""Facets that are unfolded from the beginning; a chosen one is always."""

LONG = ("speaker", "outlet", "topic", "language")
"""Facets that may have more values than stand beside the results."""

SHOWN = 12
"""Values of a facet that stand beside the results (search_query.sql counts as many)."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet and the addresses that choose it, exclude it, or take it back."""

    option: Option
    url: str
    without_url: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A facet as it is shown."""

    name: str
    title: str
    choices: tuple[Choice, ...]
    on: int
    opened: bool
    all_url: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One year or month of the histogram; `height` is of 100."""

    label: str
    count: int
    height: int
    url: str
    chosen: bool

    @property
    def top(self) -> int:
        """Where the bar begins, counted from above."""
        return 100 - self.height


@dataclass(frozen=True, slots=True)
class Order:
    """An order of the results and its address."""

    label: str
    url: str
    on: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """An active filter: what it is, and the address without it. `typed` when it stands in the box as an operator."""

    key: str
    label: str
    url: str
    without: bool = False
    typed: bool = False


@lru_cache(maxsize=8)
def _path(prefix: str) -> str:
    # A page has some hundred and fifty addresses of searches, and looking the path up costs more than all the rest.
    del prefix
    return reverse("search")


_HOLE = "\ue000"
"""Stands for a value of a facet until the value is known."""


def address(criteria: Criteria) -> str:
    """The address of a search."""
    query, path = query_string(criteria), _path(get_script_prefix())
    return f"{path}?{query}" if query else path


def panels(answer: Answer) -> list[Panel]:
    """The facets beside the results, without the years, which are drawn."""
    shown = []
    for facet in answer.facets:
        if facet.name == "year":
            continue
        choices = choices_of(answer.plan.criteria, facet.name, facet.options)
        if choices:
            shown.append(
                Panel(
                    facet.name,
                    TITLES[facet.name],
                    choices,
                    facet.on,
                    facet.name in OPEN or bool(facet.on),
                    facet_address(facet.name, answer.plan.criteria)
                    if facet.name in LONG and len(choices) >= SHOWN
                    else "",
                )
            )
    return shown


def choices_of(criteria: Criteria, name: str, options: Iterable[Option]) -> tuple[Choice, ...]:
    """The values of facet `name` with the addresses that choose each and leave it out."""
    # One more of the same name: what stands before and behind it in the address is the same for all values.
    before, behind = _around(criteria, name, get_script_prefix())
    found = []
    for option in options:
        if option.chosen or option.excluded:
            url = address(toggled(criteria, name, option.value))
            without = address(toggled(criteria, name, option.value, excluded=True))
        else:
            value = quote_plus(option.value)
            url, without = f"{before}{value}{behind}", f"{before}-{value}{behind}"
        found.append(Choice(option, url, without))
    return tuple(found)


@lru_cache(maxsize=64)
def _around(criteria: Criteria, name: str, prefix: str) -> tuple[str, str]:
    """The address of `criteria` with one more value of the facet `name`, without that value: its two sides."""
    del prefix
    # With the name before it: in a text that was typed the sign between them would be encoded.
    mark = f"{name}={quote_plus(_HOLE)}"
    before, behind = address(toggled(criteria, name, _HOLE)).split(mark)
    return f"{before}{name}=", behind


def facet_address(name: str, criteria: Criteria) -> str:
    """Where all values of a facet are listed and searched."""
    query = query_string(criteria.on_first_page())
    return reverse("search-facet", args=[name]) + (f"?{query}" if query else "")


FEWEST_YEARS = 6
"""Years that a histogram shows at least: one alone would be a beam, not a bar."""


def histogram(answer: Answer) -> list[Bar]:
    """The years in which the hits were said; within one year its months; the address of each narrows to it."""
    criteria = answer.plan.criteria
    since, until = answer.plan.since, answer.plan.until
    if since and until and since.year == until.year:
        counts = {number: count for number, count in answer.months if number // 100 == since.year}
        periods = [
            (dt.date(since.year, month, 1), counts.get(since.year * 100 + month, 0)) for month in range(1, 13)
        ]
        spans = [
            (day, last_day(day, Precision.MONTH), days.MONTHS[day.month - 1], count) for day, count in periods
        ]
    else:
        found = {
            int(option.value): option.count
            for facet in answer.facets
            if facet.name == "year"
            for option in facet.options
        }
        if not found:
            return []
        last = max(found)
        first = min(min(found), max(dt.MINYEAR, last - FEWEST_YEARS + 1))
        if last - first > 40:
            first = last - 40
        spans = [
            (dt.date(year, 1, 1), dt.date(year, 12, 31), str(year), found.get(year, 0))
            for year in range(first, last + 1)
        ]
    most = max((count for *_, count in spans), default=0) or 1
    bars = []
    for begin, end, label, count in spans:
        chosen = (since, until) == (begin, end)
        to = within(criteria, None, None) if chosen else within(criteria, begin, end)
        bars.append(Bar(label, count, max(2, round(100 * count / most)) if count else 0, address(to), chosen))
    return bars


def taken(answer: Answer) -> list[Taken]:
    """The chips: filters of the address, then operators of the box."""
    plan, criteria = answer.plan, answer.plan.criteria
    labels = {(facet.name, option.value): option.label for facet in answer.facets for option in facet.options}
    chips = []
    for chosen in criteria.filters:
        label = labels.get((chosen.name, chosen.value), chosen.value)
        without = replace(criteria, filters=tuple(f for f in criteria.filters if f != chosen), cursor=None)
        chips.append(Taken(TITLES[chosen.name].lower(), label, address(without), chosen.excluded))
    if criteria.since or criteria.until:
        chips.append(
            Taken("said", period(criteria.since, criteria.until), address(within(criteria, None, None)))
        )
    for place, asked in enumerate(plan.query.asked):
        left = replace(criteria, q=without_operator(plan.query, place), cursor=None)
        chosen_by = [chip.filter for chip in plan.chips if chip.asked is asked]
        label = ", ".join(named(answer, chosen) for chosen in chosen_by) or asked.value
        chips.append(Taken(asked.name, label, address(left), asked.excluded, typed=True))
    return chips


def named(answer: Answer, chosen: Filter) -> str:
    """A filter's value as people read it."""
    return label_of_filter(chosen, answer.known)


def without_operator(query: Query, place: int) -> str:
    """The text of the box without one of its operators."""
    others = [asked.as_typed for number, asked in enumerate(query.asked) if number != place]
    return " ".join([query.rest, *others] if query.rest else others)


def period(since: dt.date | None, until: dt.date | None) -> str:
    """Days in words: 1 Feb 2026 – 6 Feb 2026, 2026, Feb 2026, from 1 Feb 2026, until 6 Feb 2026."""
    if since and until:
        if since == until:
            return days.in_words(since)
        if since == dt.date(since.year, 1, 1) and until == dt.date(since.year, 12, 31):
            return str(since.year)
        if since.day == 1 and until == last_day(since, Precision.MONTH):
            return days.in_words(since, "month")
        return f"{days.in_words(since)} – {days.in_words(until)}"
    return f"from {days.in_words(since)}" if since else f"until {days.in_words(until)}"


def count_in_words(answer: Answer) -> str:
    """How many there are, honestly: exact, or about so many when the number is an estimate."""
    if answer.exact:
        return f"{answer.total:,} statement{'' if answer.total == 1 else 's'}"
    about = rounded(answer.total)
    return f"About {about:,} statements" if about >= CAP else f"{CAP:,}+ statements"


def as_json(answer: Answer) -> dict[str, Any]:
    """The search as PRODUCT.md §8 has it."""
    return {
        "total": answer.total,
        "exact": answer.exact,
        "results": [
            {
                "uid": row.uid,
                "speaker": row.speaker,
                "said_on": days.machine(row.said_on, row.said_on_precision) or None,
                "standing": row.standing,
                "text": row.text,
                "reports": row.reports,
                "roots": row.roots,
                "score": row.score,
                "url": row.url,
            }
            for row in answer.rows
        ],
        "facets": {
            facet.name: [
                {"value": option.value, "label": option.label, "count": option.count}
                for option in facet.options
            ]
            for facet in answer.facets
        },
        "next": address(replace(answer.plan.criteria, cursor=answer.next)) + "&format=json"
        if answer.next
        else None,
    }


def sorts(answer: Answer) -> list[Order]:
    """The orders that make sense: without words there is no best match."""
    plan = answer.plan
    return [
        Order(label, address(replace(plan.criteria, sort=name, cursor=None)), name == plan.sort)
        for name, label in SORTS.items()
        if name != "match" or plan.scored.text
    ]


def hidden(answer: Answer) -> list[tuple[str, str]]:
    """What the form of the box carries along: everything of the address but the words and the page."""
    return [
        (name, value)
        for name, value in parse_qsl(query_string(answer.plan.criteria))
        if name not in ("q", "cursor")
    ]


def without_filters(answer: Answer) -> Criteria:
    """The words alone, without any filter."""
    criteria = answer.plan.criteria
    return replace(criteria, q=answer.plan.query.rest, filters=(), since=None, until=None, cursor=None)


def ending(answer: Answer) -> str:
    """What stands under the last row."""
    if answer.path in ("walk", "slice", "fallback", "sort") and answer.plan.sort == "match":
        return "These are the best of the newest 1,000. Sort by date to go on."
    return "End of the results."


def exact_address(criteria: Criteria) -> str:
    """The same page with everything counted."""
    query = query_string(criteria)
    return f"{reverse('search')}?{query}{'&' if query else ''}count=exact"


@dataclass(frozen=True, slots=True)
class Export:
    """A format in which the results can be taken along, what it is for, and its address."""

    label: str
    what: str
    url: str


def export_addresses(criteria: Criteria) -> list[Export]:
    """Where all that a search finds can be had as a file, whatever page of it is shown."""
    query = query_string(replace(criteria, cursor=None, sort=""))
    return [
        Export(
            kind.label,
            kind.what,
            f"{reverse('search-export')}?format={kind.name}{'&' if query else ''}{query}",
        )
        for kind in FORMATS.values()
    ]


def save_address(criteria: Criteria) -> str:
    """Where this search can be kept."""
    query = query_string(criteria.on_first_page())
    return f"{reverse('saved')}?{urlencode({'query': query})}" if query else ""
