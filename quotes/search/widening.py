"""When nothing was found: that it is not held, what is nearest, and the ways that do find something."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection

from quotes.search.addresses import within
from quotes.search.compiling import Sql
from quotes.search.criteria import Criteria
from quotes.search.engine import Answer, rounded, search, with_facets
from quotes.search.presenting import address, count_in_words, named, period, without_operator
from quotes.search.rows import Row, rows_for
from quotes.search.suggesting import corrected, nearest

NEAREST = 3
"""Statements that are shown as the nearest."""

MOST_TRIED = 6
"""Wider searches that are tried; each costs a search."""

MOST_WORDS = 12
"""Words of which the nearest statements may have some."""

_NEAREST = """
SELECT statement_id, has, of_them FROM verbatim_search_nearest({words}, {filters}, %s::date, %s::date, %s, %s)
"""
# Filled in with SQL of compiling.py and with nothing that was typed: that travels as parameters.


@dataclass(frozen=True, slots=True)
class Way:
    """A wider search that does find something."""

    text: str
    strong: str
    url: str
    count: str


@dataclass(slots=True)
class Widened:
    """What stands on a page without a result: the sentence above the nearest statements, they, and the ways on."""

    title: str
    sentence: str = ""
    rows: list[Row] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)


def widened(answer: Answer, user: Any) -> Widened:
    """Say that nothing was found, and find what is nearest: without a filter, with a slip put right, by half the words.

    Args:
        user: as far as whom anything is found.
    """
    page = Widened(title(answer))
    for text, strong, wider in _tries(answer, user)[:MOST_TRIED]:
        found = search(replace(wider, size=NEAREST), user, facets=False)
        if not found.total:
            continue
        page.ways.append(Way(text, strong, address(wider), count_in_words(found)))
        if not page.rows:
            page.rows = found.rows
            page.sentence = _sentence(text, strong, found)
    if not page.rows and len(answer.plan.pieces) > 1:
        _half_remembered(page, answer, held=bool(user.has_perm("quotes.view_restricted")))
    return page


def title(answer: Answer) -> str:
    """One sentence for a search without a result, in the words of its filters."""
    plan = answer.plan
    kinds = {"standing": "", "kind": "", "speaker": ""}
    others = bool(plan.since or plan.until)
    for chosen in plan.filters:
        if chosen.excluded or chosen.name not in kinds or kinds[chosen.name]:
            others = True
        else:
            kinds[chosen.name] = named(answer, chosen)
    words = " ".join(part.lower() for part in (kinds["standing"], kinds["kind"]) if part)
    by = f" by {_the(kinds['speaker'])}" if kinds["speaker"] else ""
    rest = plan.query.rest
    subject = f"No {words + ' ' if words else ''}statement{by}"
    if not rest:
        return f"{subject} has all of these" if others else f"{subject} is held"
    return f"{subject} matches “{rest}”" + (" with these filters" if others else "")


def _the(name: str) -> str:
    return f"the{name[3:]}" if name.startswith("The ") else name


def _sentence(text: str, strong: str, found: Answer) -> str:
    """What leads from “no” to the nearest: “One does, but it is in review:”."""
    one = found.exact and found.total == 1
    number = f"{found.total:,}" if found.exact else f"about {rounded(found.total):,}"
    if text == ANY_STANDING:
        if one:
            return f"One does, but it is {found.rows[0].standing.replace('_', ' ')}:"
        return f"{number[:1].upper()}{number[1:]} do, but none of them is {strong.lower()}:"
    lead = _LEADS.get(text, f"{text} “{strong}”").format(strong)
    if text.startswith("Any "):
        lead = f"With {_lower(text).replace(', instead of', '')} instead of {strong}"
    return f"{lead} there is one:" if one else f"{lead} there are {number}; the nearest:"


_LEADS = {
    "Did you mean": "With “{}”",
    "The same words in any order:": "With the same words in any order",
    "With these filters, whatever the": "With these filters and other words",
}


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


ANY_STANDING = "Any standing, instead of"


def _tries(answer: Answer, user: Any) -> list[tuple[str, str, Criteria]]:
    criteria, plan = answer.plan.criteria, answer.plan
    tries: list[tuple[str, str, Criteria]] = []
    for chosen in criteria.filters:
        left = replace(criteria, filters=tuple(f for f in criteria.filters if f != chosen), cursor=None)
        words = f"With {chosen.name}" if chosen.excluded else f"Any {chosen.name}, instead of"
        tries.append((words, named(answer, chosen), left))
    if criteria.since or criteria.until:
        tries.append(
            ("Any date, instead of", period(criteria.since, criteria.until), within(criteria, None, None))
        )
    for place, asked in enumerate(plan.query.asked):
        tries.append(
            ("Without", asked.as_typed, replace(criteria, q=without_operator(plan.query, place), cursor=None))
        )
    tries += _other_words(answer, held=bool(user.has_perm("quotes.view_restricted")))
    if plan.query.rest and (criteria.filters or plan.query.asked):
        operators = " ".join(asked.as_typed for asked in plan.query.asked)
        tries.append(
            ("With these filters, whatever the", "words", replace(criteria, q=operators, cursor=None))
        )
    return tries


def _other_words(answer: Answer, *, held: bool) -> list[tuple[str, str, Criteria]]:
    """The same search with a slip put right, a phrase taken apart, or one of its words left out."""
    criteria, plan, typed = answer.plan.criteria, answer.plan, answer.plan.query.typed
    tries = []
    for word in list(dict.fromkeys(plan.plain))[:2]:
        meant = nearest(word, held=held)
        if meant:
            tries.append(
                ("Did you mean", meant, replace(criteria, q=corrected(typed, word, meant), cursor=None))
            )
    if plan.phrases:
        apart = typed.translate(_MARKS)
        tries.append(("The same words in any order:", apart.strip(), replace(criteria, q=apart, cursor=None)))
    clauses = plan.query.clauses
    if 2 <= len(clauses) <= 4 and not plan.phrases:
        for place, clause in enumerate(clauses):
            if clause[0].excluded:
                continue
            left = replace(plan.query, clauses=[c for n, c in enumerate(clauses) if n != place])
            operators = " ".join(asked.as_typed for asked in plan.query.asked)
            q = " ".join(part for part in (left.rest, operators) if part)
            tries.append(
                ("Without", " or ".join(term.text for term in clause), replace(criteria, q=q, cursor=None))
            )
    return tries


_MARKS = str.maketrans(dict.fromkeys('"“”„‟«»〝〞＂「」『』', " "))


def _half_remembered(page: Widened, answer: Answer, *, held: bool) -> None:
    """The statements that have most of the words."""
    plan = answer.plan
    words = Sql()
    for piece in plan.pieces[:MOST_WORDS]:
        words.join(",", piece)
    filters = with_facets(Sql(), plan.facet_terms())
    with connection.cursor() as db:
        db.execute(
            _NEAREST.format(words=f"ARRAY[{words.text}]::tsquery[]", filters=filters.text),
            [*words.params, *filters.params, plan.since, plan.until, held, NEAREST],
        )
        found: list[Any] = db.fetchall()
    page.rows = rows_for([row[0] for row in found], [0.0] * len(found), plan, held=held)
    if page.rows:
        has, of_them = found[0][1], found[0][2]
        page.sentence = f"Not held in these words. The nearest has {has} of {of_them}:"
