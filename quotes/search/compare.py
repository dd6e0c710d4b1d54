"""Two wordings side by side: what changed, what was left out, their figures, and the way each came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q
from django.http import Http404

from quotes.models import Figure, Link, Quote, Statement
from quotes.models.standing import best_supported
from quotes.search.figures import as_of, told_of, words_of
from quotes.search.numberlines import NumberLine, Value, number_lines
from quotes.search.sources import Chain, chain_of
from quotes.search.statements import said_in_words, with_all
from quotes.text import comparing, rewording
from quotes.text.comparing import Verdict
from quotes.text.rewording import Change, Rewording, Wording

SAME = "That is the same on both sides: choose another one to compare it with."
OTHERS_OFFERED = 12
"""Linked statements offered as the other side."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: a quote and its statement."""

    uid: str
    statement: Statement
    quote: Quote | None
    chain: Chain | None
    figures: Sequence[Figure]
    name: str

    @property
    def said(self) -> str:
        """When, as far as is known."""
        return said_in_words(self.statement)

    @property
    def text(self) -> str:
        """The words, or our summary where no article's wording is entered."""
        return self.quote.text if self.quote else self.statement.gist

    @property
    def roots(self) -> list[str]:
        """The houses behind the reports of its statement."""
        return [root.name for root in self.statement.roots]

    @property
    def alternatives(self) -> list[Quote]:
        """The other wordings of its statement."""
        return [quote for quote in self.statement.quotes.all() if self.quote and quote.pk != self.quote.pk]


@dataclass(frozen=True, slots=True)
class Numbers:
    """A figure of each side, and what they are to each other."""

    first: Figure
    second: Figure
    verdict: Verdict
    sentence: str
    lines: Sequence[NumberLine]

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """What to look at before one is set against the other: label, first, second."""

        def both(tell: Callable[[Figure], str]) -> tuple[str, str]:
            return tell(self.first), tell(self.second)

        return [
            ("Figure", *both(words_of)),
            ("Printed as", *both(lambda one: f"“{one.as_printed}”" if one.as_printed else "not kept")),
            ("Counted", *both(lambda one: f"{one.measure.name}, {one.measure.unit}")),
            ("As of", *both(lambda one: day.in_words if (day := as_of(one)) else "not known")),
            ("Method", *both(lambda one: one.get_method_display())),
        ]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that the page shows."""

    first: Side
    second: Side
    rewording: Rewording
    changes: Sequence[Change]
    numbers: Sequence[Numbers]
    facts: Sequence[tuple[str, str, str]]
    links: Sequence[Link]
    sentence: str

    @property
    def one_statement(self) -> bool:
        """Whether both report the same statement."""
        return self.first.statement.pk == self.second.statement.pk

    @property
    def shared_roots(self) -> list[str]:
        """Houses behind both sides: then one does not confirm the other."""
        return [root for root in self.first.roots if root in self.second.roots]

    @property
    def differ(self) -> bool:
        """Whether words are marked."""
        return self.rewording.diff is not None


def comparison(user: Any, first: str, second: str) -> Comparison:
    """Set two statements or quotes side by side.

    Args:
        user: who looks; what they may not know of does not exist.
        first, second: uids of statements or of quotes, in any mixture.

    Raises:
        Http404: when there is none of one of them.
    """
    statements = _statements(user, (first, second))
    one = _side(statements, first, None)
    other = _side(statements, second, one.quote)
    names = _names(one, other)
    one, other = (_named(side, name) for side, name in zip((one, other), names, strict=True))
    mine, theirs = _wording(one), _wording(other)
    told = rewording.reword(mine, theirs)
    numbers = _numbers(one, other)
    speaker, other_speaker = (side.statement.speaker.present.name for side in (one, other))
    said = rewording.sentence(mine, theirs, speaker, other_speaker)
    return Comparison(
        first=one,
        second=other,
        rewording=told,
        changes=[*_hedges(one, other, numbers), *told.changes],
        numbers=numbers,
        facts=_facts(one, other),
        links=_links_between(user, one.statement, other.statement),
        sentence=numbers[0].sentence if numbers else said,
    )


def offered(user: Any, uid: str) -> tuple[Side, list[Statement]]:
    """Return one side and the statements linked with it, to choose the other side from.

    Raises:
        Http404: when there is none of that uid.
    """
    side = _side(_statements(user, (uid,)), uid, None)
    links = (
        Link.objects.visible_to(user)
        .touching(side.statement)
        .exclude(state=Link.State.REJECTED)
        .select_related("source__speaker", "target__speaker")
        .order_by("-pk")[:OTHERS_OFFERED]
    )
    others = [link.target if link.source_id == side.statement.pk else link.source for link in links]
    return side, list(dict.fromkeys(others))


def _statements(user: Any, uids: Sequence[str]) -> list[Statement]:
    named = Q(uid__in=uids) | Q(pk__in=Quote.objects.filter(uid__in=uids).values("statement"))
    found: models.QuerySet[Statement] = Statement.objects.visible_to(user).filter(named)
    return list(with_all(found))


def _side(statements: Sequence[Statement], uid: str, beside: Quote | None) -> Side:
    for statement in statements:
        if statement.uid == uid:
            return _make(uid, statement, _best_beside(statement, beside))
    for statement in statements:
        for quote in statement.quotes.all():
            if quote.uid == uid:
                return _make(uid, statement, quote)
    raise Http404


def _best_beside(statement: Statement, beside: Quote | None) -> Quote | None:
    """The wording of a statement to set beside another: in the same language if there is one, else the shown one."""
    if beside is not None:
        language = beside.language.split("-")[0]
        same = [quote for quote in statement.quotes.all() if quote.language.split("-")[0] == language]
        # The same article says both in one breath, so its own words are nearest.
        near = [quote for quote in same if quote.article_id == beside.article_id and quote.pk != beside.pk]
        if chosen := best_supported([quote for quote in near or same if quote.pk != beside.pk]):
            return chosen
    return statement.shown_quote


def _make(uid: str, statement: Statement, quote: Quote | None) -> Side:
    figures = sorted(quote.figures.all(), key=lambda figure: figure.measure.name) if quote else []
    chain = chain_of(quote, statement) if quote else None
    return Side(uid, statement, quote, chain, figures, "")


def _named(side: Side, name: str) -> Side:
    return Side(side.uid, side.statement, side.quote, side.chain, side.figures, name)


def _names(one: Side, other: Side) -> tuple[str, str]:
    """What the sentences call the two: their papers, unless these are the same."""
    papers = [side.quote.article.outlet.name if side.quote else "our summary" for side in (one, other)]
    if papers[0] != papers[1]:
        return papers[0], papers[1]
    return "the first", "the second"


def _wording(side: Side) -> Wording:
    quote = side.quote
    if quote is None:
        return Wording(side.text, "indirect", "en", side.name)
    return Wording(
        quote.text, quote.kind, quote.language, side.name, quote.is_translation, quote.role_as_printed
    )


def _numbers(one: Side, other: Side) -> list[Numbers]:
    """Pair the figures of both sides by what they count; where no two count the same, the first of each."""
    mine = {figure.measure_id: figure for figure in one.figures}
    pairs = [(mine[figure.measure_id], figure) for figure in other.figures if figure.measure_id in mine]
    if not pairs and one.figures and other.figures:
        pairs = [(one.figures[0], other.figures[0])]
    found = []
    for first, second in pairs:
        told = told_of(first, one.statement), told_of(second, other.statement)
        verdict = comparing.compare_figures(*told)
        lines = []
        if first.measure_id == second.measure_id:
            names = _speakers(one, other)
            lines = number_lines(
                [
                    Value(figure.low, figure.high, f"{name} {words_of(figure)}")
                    for figure, name in zip((first, second), names, strict=True)
                ]
            )
        found.append(Numbers(first, second, verdict, comparing.sentence(*told, verdict), lines))
    return found


def _speakers(one: Side, other: Side) -> tuple[str, str]:
    names = [side.statement.speaker.present.name for side in (one, other)]
    return (names[0], names[1]) if names[0] != names[1] else (one.name, other.name)


def _hedges(one: Side, other: Side, numbers: Sequence[Numbers]) -> list[Change]:
    """Say when the same number is hedged by one and not by the other."""
    changes = []
    for pair in numbers:
        same = pair.first.measure_id == pair.second.measure_id
        known = [
            figure.low if figure.low is not None else figure.high for figure in (pair.first, pair.second)
        ]
        if same and known[0] == known[1] and pair.first.bound != pair.second.bound:
            pieces = (
                ("", f"{_capital(one.name)} has "), ("del", words_of(pair.first)),
                ("", f", {other.name} "), ("ins", words_of(pair.second)), ("", "."),
            )  # fmt: skip
            changes.append(Change("Hedge changed", pieces))  # type: ignore[arg-type]
    return changes


def _facts(one: Side, other: Side) -> list[tuple[str, str, str]]:
    """The circumstances side by side, for a table: label, first, second."""

    def of(side: Side) -> dict[str, str]:
        it, quote = side.statement, side.quote
        return {
            "Speaker": it.speaker.present.name,
            "Said": side.said,
            "Occasion": it.occasion or "not known",
            "Verb as printed": (quote.cue if quote else "") or "not kept",
            "Role as printed": (quote.role_as_printed if quote else "") or "none",
        }

    first, second = of(one), of(other)
    return [(label, first[label], second[label]) for label in first]


def _links_between(user: Any, one: Statement, other: Statement) -> list[Link]:
    if one.pk == other.pk:
        return []
    found = Link.objects.visible_to(user).filter(Q(source=one, target=other) | Q(source=other, target=one))
    return list(found.exclude(state=Link.State.REJECTED).select_related("source__speaker", "target__speaker"))


def _capital(name: str) -> str:
    return f"{name[:1].upper()}{name[1:]}" if name.startswith(("the ", "our ")) else name
