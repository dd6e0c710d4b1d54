"""From what was asked to what the database is asked: one tsquery, phrases, dates; and how it was understood."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from quotes.models.searchdoc import KIND_NUMBERS, STANDING_NUMBERS
from quotes.search.criteria import FACETS, Criteria, Filter, fixed_number, language_code, whole_period
from quotes.search.language import Asked, Query, Term, small_words_left_out, understand
from quotes.search.names import Kind, Meant, Names
from quotes.text import languages

LOOKED_UP: dict[str, Kind] = {"speaker": "speaker", "outlet": "outlet", "root": "outlet", "topic": "topic"}
"""Facets whose values are records with a name."""

LONGEST_NAME = 5
"""Words beside each other that are tried as one name."""

FACET_OF: dict[Kind, int] = {"speaker": 1, "outlet": 4, "topic": 5}


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a name in the box was read: as whom, by how many spellings, and the search for it to the letter."""

    typed: str
    label: str
    others: int
    exact: str
    slip: bool = False


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that came from an operator in the box."""

    filter: Filter
    asked: Asked


@dataclass(slots=True)
class Sql:
    """A piece of SQL and its parameters."""

    text: str = ""
    params: list[Any] = field(default_factory=list)

    def join(self, glue: str, other: Sql) -> None:
        """Add `other` behind this one."""
        self.text = f"{self.text} {glue} {other.text}" if self.text else other.text
        self.params += other.params


@dataclass(slots=True)
class Plan:
    """A search ready to be run."""

    criteria: Criteria
    query: Query
    filters: tuple[Filter, ...]
    since: dt.date | None
    until: dt.date | None
    notes: list[str]
    words: Sql = field(default_factory=Sql)
    said: Sql = field(default_factory=Sql)
    named: Sql = field(default_factory=Sql)
    phrases: list[str] = field(default_factory=list)
    unphrases: list[str] = field(default_factory=list)
    codes: dict[Filter, tuple[int, tuple[int, ...]]] = field(default_factory=dict)
    chips: list[Chip] = field(default_factory=list)
    spellings: list[Spelling] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    pieces: list[Sql] = field(default_factory=list)
    searched_speakers: set[int] = field(default_factory=set)

    @property
    def scored(self) -> Sql:
        """What the rank looks at: the words; names only when nothing else was asked.

        A name selects whose statements are shown. If it counted, statements that print it most often, or in most
        spellings, would come before those that are about the words.
        """
        return self.said if self.said.text else self.named

    @property
    def looked_for(self) -> Sql:
        """Every word and name that hits are marked with."""
        both = Sql(self.said.text, list(self.said.params))
        if self.named.text:
            both.join("&&", self.named)
        return both

    @property
    def sort(self) -> str:
        """The order: as asked, else by match when there are words, else the newest first."""
        asks_words = bool(self.scored.text)
        if self.criteria.sort == "match" and not asks_words:
            return "said"
        return self.criteria.sort or ("match" if asks_words else "said")

    def facet_terms(self, leave_out: str = "") -> str:
        """The chosen facets as text of a tsquery: values of one facet are alternatives; `leave_out` is not counted."""
        parts = []
        for name, kind in FACETS.items():
            if name == leave_out:
                continue
            within = [
                f"'#{int(kind)}.{number}'"
                for chosen in self.filters
                if chosen.name == name and not chosen.excluded
                for number in self.codes[chosen][1]
            ]
            if within:
                parts.append(f"({' | '.join(within)})")
            parts += [
                f"!'#{int(kind)}.{number}'"
                for chosen in self.filters
                if chosen.name == name and chosen.excluded
                for number in self.codes[chosen][1]
            ]
        if parts and all(part.startswith("!") for part in parts):
            # Exclusions alone would read the whole index; every document has this term.
            parts.append("'#13.0'")
        return " & ".join(parts)


def compile_search(criteria: Criteria, known: Names, *, loosened: dict[str, str] | None = None) -> Plan:
    """Work out what to ask the database.

    Args:
        known: the names that words may mean.
        loosened: for words that nothing holds: `name` to read the word as a slip of one, `beginning` to match words
            that begin with it, `=word` to search that word instead. Given when the search as typed found nothing.
    """
    query = understand(criteria.q)
    notes = [*criteria.notes, *query.notes]
    plan = Plan(criteria, query, criteria.filters, criteria.since, criteria.until, notes)
    for asked in query.asked:
        _operator(plan, asked, known)
    for chosen in plan.filters:
        _code(plan, chosen, known)
    _clauses(plan, known, loosened or {})
    return plan


def _clauses(plan: Plan, known: Names, loosened: dict[str, str]) -> None:
    clauses = plan.query.clauses
    place = 0
    while place < len(clauses):
        clause = clauses[place]
        taken = _name_of_several(clauses, place, known)
        if taken:
            length, meant = taken
            typed = " ".join(clauses[place + i][0].text for i in range(length))
            _add(plan, _of_name(plan, typed, meant, literal=False), named=True)
            place += length
            continue
        if len(clause) == 1 and clause[0].kind == "phrase":
            _phrase(plan, clause[0])
        else:
            _add_either(plan, clause, known, loosened)
        place += 1


def _name_of_several(clauses: list[tuple[Term, ...]], place: int, known: Names) -> tuple[int, Meant] | None:
    for length in range(min(LONGEST_NAME, len(clauses) - place), 1, -1):
        run = clauses[place : place + length]
        if all(len(clause) == 1 and clause[0].kind == "word" and not clause[0].excluded for clause in run):
            meant = known.meant([clause[0].text for clause in run])
            if meant:
                return length, meant
    return None


def _add_either(plan: Plan, clause: tuple[Term, ...], known: Names, loosened: dict[str, str]) -> None:
    """Add a clause: any of its terms will do."""
    either = Sql()
    before = len(plan.searched_speakers)
    for term in clause:
        piece = _term(plan, term, known, loosened)
        either.join("||", Sql(f"!!({piece.text})", piece.params) if term.excluded else piece)
    if len(clause) == 1 and clause[0].excluded:
        plan.words.join("&&", either)
    else:
        named = len(clause) == 1 and len(plan.searched_speakers) > before
        _add(plan, Sql(f"({either.text})", either.params), named=named)


def _add(plan: Plan, piece: Sql, *, named: bool) -> None:
    plan.pieces.append(Sql(piece.text, list(piece.params)))
    plan.words.join("&&", piece)
    (plan.named if named else plan.said).join("&&", piece)


def _phrase(plan: Plan, term: Term) -> None:
    if term.excluded:
        plan.unphrases.append(term.text)
        return
    plan.phrases.append(term.text)
    plan.pieces += [Sql("verbatim_word(%s)", [word]) for word in small_words_left_out(term.text)]
    piece = Sql("verbatim_word(%s)", [term.text])
    if len(term.text.split()) == 1:
        # One word has no neighbour to be found by; its term finds what the text is then compared with.
        plan.words.join("&&", piece)
    plan.said.join("&&", piece)


def _term(plan: Plan, term: Term, known: Names, loosened: dict[str, str]) -> Sql:
    if term.kind == "phrase":
        return Sql("verbatim_word(%s)", [term.text])
    if term.kind == "beginning":
        return Sql("verbatim_beginning(%s)", [term.text])
    meant = known.meant([term.text])
    if term.kind == "number":
        number = Sql("verbatim_number(%s)", [term.text])
        if meant:
            number.join("||", _terms_of(meant))
        return Sql(f"({number.text})", number.params)
    if meant is None and loosened.get(term.text) == "name":
        meant = known.nearly(term.text)
        if meant:
            return _of_name(plan, term.text, meant, literal=False, slip=True)
    if meant:
        return _of_name(plan, term.text, meant, literal=True)
    if not term.excluded:
        plan.plain.append(term.text)
    how = loosened.get(term.text, "")
    if how == "beginning":
        plan.notes.append(f"Nothing holds the word “{term.text}”; these hold words that begin with it.")
        return Sql("verbatim_beginning(%s)", [term.text])
    if how.startswith("="):
        plan.notes.append(f"Nothing holds the word “{term.text}”; this is the search for “{how[1:]}”.")
        return Sql("verbatim_word(%s)", [how[1:]])
    return Sql("verbatim_word(%s)", [term.text])


def _terms_of(meant: Meant) -> Sql:
    return Sql("%s::tsquery", [" | ".join(f"'#{FACET_OF[kind]}.{pk}'" for kind, pk in meant.keys)])


def _of_name(plan: Plan, typed: str, meant: Meant, *, literal: bool, slip: bool = False) -> Sql:
    """The statements of those meant, those that mention them by any spelling, and, when `literal`, the word itself."""
    piece = _terms_of(meant)
    plan.searched_speakers |= {pk for kind, pk in meant.keys if kind == "speaker"}
    if meant.mentions:
        piece.join("||", Sql("verbatim_any_word(%s)", [list(meant.mentions)]))
    if literal:
        piece.join("||", Sql("verbatim_word(%s)", [typed]))
    if meant.label and (len(meant.mentions) > 1 or slip):
        others = sum(mention != meant.label for mention in meant.mentions)
        exact = plan.query.typed.replace(typed, f'"{typed}"', 1)
        plan.spellings.append(Spelling(typed, meant.label, others, exact, slip))
    return Sql(f"({piece.text})", piece.params)


# --- Operators and facets ---------------------------------------------------------------------------------------


def _operator(plan: Plan, asked: Asked, known: Names) -> None:
    if asked.narrows == "speaker" and whole_period(asked.value):
        # “said:2026-02” asks when, not who.
        asked = Asked(asked.name, "on", asked.value, asked.excluded)
    if asked.narrows in ("before", "after", "on"):
        _date(plan, asked)
        return
    found = _values(asked, known)
    if not found:
        plan.notes.append(f"“{asked.name}:{asked.value}” names nothing on file, so it was left out.")
        return
    if len(found) > 1:
        named = ", ".join(label for _, label in found[:4])
        plan.notes.append(
            f"“{asked.name}:{asked.value}” may be any of {len(found)}: {named}{'…' if len(found) > 4 else ''}."
        )
    for value, _ in found:
        chosen = Filter(asked.narrows, value, asked.excluded)
        if chosen not in plan.filters:
            plan.filters = (*plan.filters, chosen)
        plan.chips.append(Chip(chosen, asked))


def _date(plan: Plan, asked: Asked) -> None:
    period = whole_period(asked.value)
    if period is None or asked.excluded:
        plan.notes.append(f"“{asked.value}” is no date like 2026, 2026-02 or 2026-02-04, so it was left out.")
        return
    first, last = period
    if asked.narrows == "before":
        earlier = first - dt.timedelta(days=1) if first > dt.date.min else first
        plan.until = min(filter(None, (plan.until, last if asked.name == "until" else earlier)))
    elif asked.narrows == "after":
        later = last + dt.timedelta(days=1) if last < dt.date.max else last
        plan.since = max(filter(None, (plan.since, first if asked.name == "since" else later)))
    else:
        plan.since = max(filter(None, (plan.since, first)))
        plan.until = min(filter(None, (plan.until, last)))


SYNONYMS = {
    "unverified": "unchecked",
    "review": "in_review",
    "in-review": "in_review",
    "paraphrase": "indirect",
    "figures": "figure",
    "number": "figure",
    "numbers": "figure",
}


def _values(asked: Asked, known: Names) -> list[tuple[str, str]]:
    value = asked.value.lower()
    kind = LOOKED_UP.get(asked.narrows)
    if kind is None:
        value = SYNONYMS.get(value, value)
        return [(value, value)] if fixed_number(asked.narrows, value) is not None else []
    best = known.search(kind, asked.value, limit=8)
    if not best:
        return []
    first = best[0]
    meant = known.meant(asked.value.split()) or (known.nearly(asked.value) if kind == "speaker" else None)
    same = [known.entries[key] for key in meant.keys if key[0] == kind] if meant else []
    return [(entry.slug, entry.name) for entry in same] or [(first.slug, first.name)]


def _code(plan: Plan, chosen: Filter, known: Names) -> None:
    kind = LOOKED_UP.get(chosen.name)
    if kind:
        entry = known.find(kind, chosen.value)
        number = entry.pk if entry else None
    else:
        number = fixed_number(chosen.name, chosen.value)
    if number is None:
        plan.notes.append(f"There is no {chosen.name} “{chosen.value}”, so nothing can have it.")
        # Id 0 exists nowhere: a value that is not on file finds nothing, and excluding it excludes nothing.
        number = 0
    plan.codes[chosen] = (int(FACETS[chosen.name]), (number,))


def label_of(name: str, number: int, known: Names) -> tuple[str, str] | None:
    """The value and the label of a facet's number; None when its record is gone."""
    kind = LOOKED_UP.get(name)
    if kind:
        entry = known.label(kind, number)
        return (entry.slug, entry.name) if entry else None
    if name == "standing":
        return _FIXED_STANDINGS.get(number)
    if name == "kind":
        return _FIXED_KINDS.get(number)
    if name == "language":
        code = language_code(number)
        return (code, languages.name(code))
    return (str(number), str(number))


_FIXED_STANDINGS = {
    number: (value, value.replace("_", " ").capitalize()) for value, number in STANDING_NUMBERS.items()
}
_FIXED_KINDS = {number: (value, value.capitalize()) for value, number in KIND_NUMBERS.items()}
