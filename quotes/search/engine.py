"""Run a search: the names, one function of the database, the rows of the page. Three queries, whatever is asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import OperationalError, connection, transaction

from quotes.models.searchdoc import FacetKind
from quotes.search.compiling import LOOKED_UP, Plan, Spelling, Sql, compile_search, label_of
from quotes.search.criteria import CAP, FACETS, Criteria, Cursor, Filter
from quotes.search.names import Names, names
from quotes.search.rows import Row, rows_for
from quotes.search.suggesting import Offer, loosened, offers
from quotes.text import languages

COUNTED = tuple(int(kind) for name, kind in FACETS.items() if name not in ("holds", "root"))
"""Facets whose values are counted; the months only within one year. Others are terms only (0064_documents_lean)."""

_CALL = """
SELECT ids, ranks, days, total, exact, facets, path, {newest} FROM verbatim_search(
  {wanted}, {scored}, ARRAY(SELECT verbatim_words(p) FROM unnest(%s::text[]) p),
  ARRAY(SELECT verbatim_words(p) FROM unnest(%s::text[]) p), %s::date, %s::date, %s, %s, %s,
  %s::real, %s::date, %s::bigint, %s::bigint, %s::integer[], %s::integer[], {without}, %s::integer[], %s)
"""

# The mark in a cursor that keeps later statements out of the pages that follow: the newest that the person may know of.
# The newest of all would tell her, as the number climbs, that something was entered that she does not see.
_NEWEST = """(SELECT statement_id FROM quotes_searchdoc WHERE %s OR open_from <= now()
  ORDER BY statement_id DESC LIMIT 1)"""

_EXACTLY = """
SELECT total, facets FROM verbatim_search_exactly(
  {wanted}, ARRAY(SELECT verbatim_words(p) FROM unnest(%s::text[]) p),
  ARRAY(SELECT verbatim_words(p) FROM unnest(%s::text[]) p), %s::date, %s::date, %s, %s::integer[], %s::integer[])
"""
_ALL = """
SELECT verbatim_search_all({wanted}, ARRAY(SELECT verbatim_words(p) FROM unnest(%s::text[]) p),
  ARRAY(SELECT verbatim_words(p) FROM unnest(%s::text[]) p), %s::date, %s::date, %s)
"""
_NEW = """verbatim_search_new({wanted}, ARRAY(SELECT verbatim_words(p) FROM unnest(%s::text[]) p),
  ARRAY(SELECT verbatim_words(p) FROM unnest(%s::text[]) p), %s::date, %s::date, %s, %s, %s)"""
# These texts are filled in with SQL of compiling.py and with nothing that was typed: that travels as parameters.

FEW = 3
"""Hits up to which a word is looked at as a possible slip of a more frequent one."""

COUNTING_MS = 4_000
"""Milliseconds that an exact count may take; below the limit of every statement."""


def rounded(number: int) -> int:
    """An estimate with the digits that it is good for; more would claim more than is known."""
    step = 10 ** max(0, len(str(number)) - 2)
    return round(number / step) * step


def in_words(number: int, *, exact: bool) -> str:
    """A number as people read it: 1,204 when counted; ~31,000 when estimated."""
    return f"{number:,}" if exact else f"~{rounded(number):,}"


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a facet, how often it stands among the hits, and whether it is chosen or excluded.

    `exact` is false when the number is an estimate, or only known to be above the cap.
    """

    value: str
    label: str
    count: int
    chosen: bool = False
    excluded: bool = False
    exact: bool = True

    @property
    def counted(self) -> str:
        """The number in words: exact, or about so many, or more than the cap."""
        return in_words(self.count, exact=self.exact)


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet with its values, the most frequent first."""

    name: str
    options: tuple[Option, ...]

    @property
    def on(self) -> int:
        """How many of its values are chosen or excluded."""
        return sum(option.chosen or option.excluded for option in self.options)


@dataclass(slots=True)
class Answer:
    """What a search found."""

    plan: Plan
    known: Names
    rows: list[Row] = field(default_factory=list)
    total: int = 0
    exact: bool = True
    facets: list[Facet] = field(default_factory=list)
    months: list[tuple[int, int]] = field(default_factory=list)
    next: Cursor | None = None
    path: str = ""
    offers: list[Offer] = field(default_factory=list)

    @property
    def notes(self) -> list[str]:
        """What to say beside the box."""
        return self.plan.notes

    @property
    def spellings(self) -> list[Spelling]:
        """The names that words of the box were read as."""
        return self.plan.spellings


def search(criteria: Criteria, user: Any, *, facets: bool = True, exactly: bool = False) -> Answer:
    """Find what `criteria` asks for, as far as `user` may know of it.

    A word that nothing holds is read as a slip of a name, or as the beginning of a word, but only when the search as
    typed finds nothing at all.

    Args:
        facets: also count the values of every facet.
        exactly: count all hits, also above the cap; an estimate stays one when that would take too long.
    """
    known = names()
    held = bool(user.has_perm("quotes.view_restricted"))
    plan = compile_search(criteria, known)
    answer = _run(plan, known, held, facets=facets)
    if answer.total == 0 and criteria.cursor is None and plan.plain:
        otherwise = loosened(plan, known, held=held)
        if otherwise:
            wider = compile_search(criteria, known, loosened=otherwise)
            found = _run(wider, known, held, facets=facets)
            if found.total:
                answer = found
    elif answer.exact and answer.total <= FEW and criteria.cursor is None and plan.plain:
        answer.offers = offers(plan, held=held)
    if exactly and not answer.exact:
        _count(answer, held)
    return answer


def _run(plan: Plan, known: Names, held: bool, *, facets: bool) -> Answer:
    criteria = plan.criteria
    cursor = criteria.cursor if criteria.cursor and criteria.cursor.sort == plan.sort else None
    if criteria.cursor and cursor is None:
        plan.notes.append("The page asked for belongs to another search; this is the first page.")
    chosen = dict.fromkeys(f.name for f in plan.filters if not f.excluded)
    chosen_names = [name for name in chosen if facets and FACETS[name] in COUNTED]
    wanted, without = with_facets(plan.words, plan.facet_terms()), []
    for name in chosen_names:
        without.append(with_facets(plan.words, plan.facet_terms(name)))
    scored = _nullable(plan.scored)
    call = _CALL.format(
        wanted=wanted.text,
        scored=scored.text,
        newest="%s::bigint" if cursor else _NEWEST,
        without=f"ARRAY[{', '.join(piece.text for piece in without)}]::tsquery[]",
    )
    params = [
        cursor.newest if cursor else held,
        *wanted.params, *scored.params, plan.phrases, plan.unphrases, plan.since, plan.until, held, plan.sort,
        criteria.size + 1,
        cursor.rank if cursor else None, cursor.day if cursor else None, cursor.pk if cursor else None,
        cursor.newest if cursor else None,
        _kinds(plan) if facets else None, _chosen(plan),
        *(value for piece in without for value in piece.params), [int(FACETS[name]) for name in chosen_names], CAP,
    ]  # fmt: skip
    with connection.cursor() as db:
        db.execute(call, params)
        found: Any = db.fetchone()
    ids, ranks, days, total, exact, counts, path, newest = found
    ids, ranks, days = ids or [], ranks or [], days or []
    answer = Answer(plan, known, total=total or 0, exact=bool(exact), path=path)
    if len(ids) > criteria.size:
        last = criteria.size - 1
        answer.next = Cursor(plan.sort, ranks[last], days[last], ids[last], newest)
        ids, ranks = ids[: criteria.size], ranks[: criteria.size]
    answer.rows = rows_for(ids, ranks, plan, held=held)
    if facets:
        _tell(answer, counts)
    return answer


def added_since(asked: Sequence[tuple[Plan, int]], *, held: bool, most: int) -> list[int]:
    """How many hits of each search were added after the statement with the key beside it; at most `most`. One query."""
    if not asked:
        return []
    calls, params = [], []
    for plan, after in asked:
        wanted = with_facets(plan.words, plan.facet_terms())
        calls.append(_NEW.format(wanted=wanted.text))
        params += [
            *wanted.params, plan.phrases, plan.unphrases, plan.since, plan.until, held, after, most,
        ]  # fmt: skip
    with connection.cursor() as db:
        db.execute(f"SELECT ARRAY[{', '.join(calls)}]", params)  # house: calls of _NEW, written here
        row: Any = db.fetchone()
    return [int(number) for number in row[0]]


def every_hit(plan: Plan, *, held: bool) -> Sql:
    """The query for the keys of all statements that a search finds, in no order; a part of other queries."""
    wanted = with_facets(plan.words, plan.facet_terms())
    params = [*wanted.params, plan.phrases, plan.unphrases, plan.since, plan.until, held]
    return Sql(_ALL.format(wanted=wanted.text), params)


def _count(answer: Answer, held: bool) -> None:
    """Put exact numbers in the place of estimates."""
    plan = answer.plan
    wanted = with_facets(plan.words, plan.facet_terms())
    call = _EXACTLY.format(wanted=wanted.text)
    try:
        with transaction.atomic(), connection.cursor() as db:
            db.execute("SELECT set_config('statement_timeout', %s, true)", [str(COUNTING_MS)])
            db.execute(
                call,
                [
                    *wanted.params,
                    plan.phrases,
                    plan.unphrases,
                    plan.since,
                    plan.until,
                    held,
                    _kinds(plan),
                    _chosen(plan),
                ],
            )
            found: Any = db.fetchone()
    except OperationalError:
        plan.notes.append("There are too many to count in the time of a page; the number stays an estimate.")
        return
    answer.total, answer.exact = found[0], True
    _tell(answer, found[1])


def _kinds(plan: Plan) -> list[int]:
    within_a_year = plan.since and plan.until and plan.since.year == plan.until.year
    return [*COUNTED, int(FacetKind.MONTH)] if within_a_year else list(COUNTED)


def _chosen(plan: Plan) -> list[int]:
    return [(kind << 27) | number for kind, numbers in plan.codes.values() for number in numbers]


def _tell(answer: Answer, counts: Any) -> None:
    counted: list[list[int]] = json.loads(counts) if isinstance(counts, str) else counts or []
    answer.facets = _facets(answer.plan, counted, answer.known, exact=answer.exact)
    answer.months = [(number, count) for kind, number, count, *_ in counted if kind == FacetKind.MONTH]


def with_facets(words: Sql, facets: str) -> Sql:
    """The words and the chosen facets as one tsquery; null when nothing is asked."""
    piece = Sql(words.text, list(words.params))
    if facets:
        piece.join("&&", Sql("%s::tsquery", [facets]))
    return _nullable(piece)


def _nullable(piece: Sql) -> Sql:
    # An empty tsquery matches nothing; nothing asked has to match everything.
    return Sql(f"nullif({piece.text}, ''::tsquery)", piece.params) if piece.text else Sql("NULL::tsquery")


def _facets(plan: Plan, counts: list[list[int]], known: Names, *, exact: bool) -> list[Facet]:
    facets = []
    for name, kind in FACETS.items():
        if int(kind) not in COUNTED:
            continue
        state = {
            number: chosen for chosen, (of, numbers) in plan.codes.items() if of == kind for number in numbers
        }
        options = []
        # The other values of a chosen facet may be estimates where the hits themselves are counted; they say so.
        for of, number, count, *estimated in counts:
            if of != kind:
                continue
            told = label_of(name, number, known)
            if told is None:
                continue
            chosen = state.pop(number, None)
            options.append(
                Option(
                    *told,
                    count,
                    chosen is not None and not chosen.excluded,
                    chosen is not None and chosen.excluded,
                    exact and not estimated,
                )
            )
        # What is chosen was counted apart from its alternatives.
        options.sort(key=lambda option: -option.count)
        for chosen in state.values():
            # Chosen, and nothing has it: shown all the same, or it could not be taken back.
            options.append(
                Option(chosen.value, label_of_filter(chosen, known), 0, not chosen.excluded, chosen.excluded)
            )
        facets.append(Facet(name, tuple(options)))
    return facets


def label_of_filter(chosen: Filter, known: Names) -> str:
    """A filter's value as people read it."""
    kind = LOOKED_UP.get(chosen.name)
    if kind:
        entry = known.find(kind, chosen.value)
        return entry.name if entry else chosen.value
    if chosen.name == "language":
        return languages.name(chosen.value)
    return chosen.value if chosen.name == "year" else chosen.value.replace("_", " ").capitalize()
