"""One facet by itself: all its values among the hits, to be searched by name, chosen or left out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.db import connection
from django.urls import reverse

from quotes.search.addresses import query_string
from quotes.search.compiling import LOOKED_UP, Plan, compile_search, label_of
from quotes.search.criteria import CAP, FACETS, Criteria, language_number
from quotes.search.engine import Option, with_facets
from quotes.search.names import Names, names
from quotes.search.presenting import TITLES, Choice, address, choices_of
from quotes.text import languages

MOST = 100
"""Values that one page shows."""

MOST_LOOKED_FOR = 40
"""Names that one text may mean; each is counted by itself above the cap."""

LONGEST = 80
"""Characters of the text that values are looked for by."""

_CALL = """
SELECT total, exact, counts FROM verbatim_search_facet(
  {wanted}, ARRAY(SELECT verbatim_words(p) FROM unnest(%s::text[]) p),
  ARRAY(SELECT verbatim_words(p) FROM unnest(%s::text[]) p), %s::date, %s::date, %s, %s, %s::integer[], %s::integer[],
  %s, %s)
"""
# The text is filled in with SQL of compiling.py and with nothing that was typed: that travels as parameters.


@dataclass(frozen=True, slots=True)
class FacetPage:
    """The values of a facet as its page shows them.

    `exact` is false when the number of hits is an estimate; `note` says what is not shown, or not exact.
    """

    name: str
    title: str
    q: str
    typed: str
    choices: tuple[Choice, ...]
    exact: bool
    note: str
    path: str
    back_url: str
    carried: tuple[tuple[str, str], ...]


def facet_page(name: str, criteria: Criteria, typed: str, user: Any) -> FacetPage:
    """The values of facet `name` among the hits of a search, counted as if none of them were chosen.

    Args:
        name: one of presenting.LONG.
        typed: what the values are looked for by, in any spelling; empty for the most frequent.
    """
    known = names()
    criteria = criteria.on_first_page()
    typed = " ".join(typed.split())[:LONGEST]
    plan = compile_search(criteria, known)
    looked_for = _looked_for(name, typed, known) if typed else None
    options, exact = _counted(
        plan, known, name, looked_for, held=bool(user.has_perm("quotes.view_restricted"))
    )
    if looked_for is not None:
        place = {code & 134217727: number for number, code in enumerate(looked_for)}
        options = [one for one in options if one[0] in place]
        options.sort(key=lambda one: (-bool(one[1].count), place[one[0]]))
    shown = options[:MOST]

    return FacetPage(
        name,
        TITLES[name],
        criteria.q,
        typed,
        choices_of(criteria, name, (option for _, option in shown)),
        exact,
        _note(len(options), exact=exact, typed=typed),
        reverse("search-facet", args=[name]),
        address(criteria),
        tuple(_pairs(criteria)),
    )


def _note(values: int, *, exact: bool, typed: str) -> str:
    notes = []
    if values > MOST:
        notes.append(f"These are the {MOST} most frequent; find others by name.")
    elif not exact and not typed:
        notes.append("Rare ones may be missing here; find them by name.")
    if not exact:
        notes.append(f"There are more than {CAP:,} statements, so numbers with ~ are estimates.")
    return " ".join(notes)


def _pairs(criteria: Criteria) -> list[tuple[str, str]]:
    return parse_qsl(query_string(criteria))


def _looked_for(name: str, typed: str, known: Names) -> list[int]:
    """The codes of the values that a text means, the best first."""
    kind = int(FACETS[name]) << 27
    if name == "language":
        return [kind | number for number in _languages(typed)]
    return [kind | entry.pk for entry in known.search(LOOKED_UP[name], typed, limit=MOST_LOOKED_FOR)]


def _languages(typed: str) -> list[int]:
    wanted = typed.lower()
    return [
        language_number(code)
        for code, called in languages.NAMES.items()
        if len(code) <= 3 and (called.lower().startswith(wanted) or code == wanted)
    ]


def _counted(
    plan: Plan, known: Names, name: str, looked_for: list[int] | None, *, held: bool
) -> tuple[list[tuple[int, Option]], bool]:
    wanted = with_facets(plan.words, plan.facet_terms(name))
    kind = int(FACETS[name])
    state = {number: one for one, (of, numbers) in plan.codes.items() if of == kind for number in numbers}
    with connection.cursor() as db:
        db.execute(
            _CALL.format(wanted=wanted.text),
            [
                *wanted.params, plan.phrases, plan.unphrases, plan.since, plan.until, held, kind, looked_for,
                [kind << 27 | number for number in state] if looked_for is None else [], MOST + 1, CAP,
            ],
        )  # fmt: skip
        row: Any = db.fetchone()
    _, exact, counts = row
    options = []
    for number, count, is_exact in json.loads(counts) if isinstance(counts, str) else counts or []:
        told = label_of(name, number, known)
        if told is None or not (count or number in state):
            continue
        one = state.get(number)
        option = Option(
            *told,
            count,
            one is not None and not one.excluded,
            one is not None and one.excluded,
            bool(is_exact),
        )
        options.append((number, option))
    options.sort(key=lambda one: (-one[1].count, one[1].label))
    return options, bool(exact)
