"""What the page of one statement shows: its quotes, where they came from, its links, and who checked it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db import models
from django.db.models import Prefetch
from django.http import Http404
from django.utils import timezone

from quotes.models import (
    Check,
    Evidence,
    Figure,
    Link,
    Outlet,
    Quote,
    Relay,
    SameUtterance,
    Speaker,
    Statement,
)
from quotes.search.held_roles import HeldRole, RoleFlag, mention_flags, mentioned_in, role_flag, said_roles
from quotes.search.sources import Chain, Context, chain_of, context_of, spare_words
from quotes.search.verification import Verification, verification_of
from quotes.text import attribution, days
from quotes.text.worddiff import Diff, diff

LEAST_LIKENESS = 0.3
"""Share of words in common below which two wordings are shown without marks."""


@dataclass(frozen=True, slots=True)
class QuoteOnPage:
    """One quote as its statement's page shows it."""

    quote: Quote
    shown: bool
    chain: Chain
    figures: Sequence[Figure]
    flag: RoleFlag | None
    mentions: Sequence[RoleFlag]
    difference: Diff | None
    verification: Verification

    @property
    def words(self) -> list[tuple[str, str]]:
        """Its text against the shown one: stretches that are `equal`, `insert`ed here or `delete`d from there.

        Empty where there is nothing to compare, or so little in common that marks would only confuse.
        """
        found = self.difference
        if found is None or found.likeness < LEAST_LIKENESS:
            return []
        return [
            (
                segment.op,
                found.first[segment.first_start : segment.first_end]
                if segment.op == "delete"
                else found.second[segment.second_start : segment.second_end],
            )
            for segment in found.segments
        ]

    @property
    def turning(self) -> list[str]:
        """Words that turn a sentence (but, until, not) and that only one of the two has."""
        if not self.words or self.difference is None:
            return []
        omissions = (*self.difference.left_out, *self.difference.added)
        return list(dict.fromkeys(word for omission in omissions for word in omission.turning))

    @property
    def adverse(self) -> bool:
        """Whether it is disputed, misattributed or retracted."""
        return self.quote.standing.value in self.quote.standing.ADVERSE


@dataclass(frozen=True, slots=True)
class LinkOnPage:
    """A link as told from this statement: the words for it, and the statement at its other end."""

    link: Link
    own: Statement
    words: str
    other: Statement

    @property
    def said(self) -> str:
        """When the other one was said, as far as is known."""
        return said_in_words(self.other)

    @property
    def outward(self) -> bool:
        """Whether this statement is its source."""
        return self.link.target_id == self.other.pk


@dataclass(frozen=True, slots=True)
class LinkGroup:
    """Links of one type in one direction."""

    type: str
    words: str
    rows: Sequence[LinkOnPage]


@dataclass(frozen=True, slots=True)
class StatementPage:
    """All that the page, its print and its JSON say."""

    statement: Statement
    shown: QuoteOnPage | None
    quotes: Sequence[QuoteOnPage]
    roles: Sequence[HeldRole]
    mouth_roles: Sequence[HeldRole]
    reports: int
    roots: Sequence[Outlet]
    context: Context | None
    links: Sequence[LinkGroup]
    suggested: Sequence[LinkOnPage]
    maybe_same: Sequence[tuple[SameUtterance, Statement]]
    citation: str
    at_quote: bool
    best: Quote | None

    @property
    def through_speaker(self) -> Speaker | None:
        """Whose mouth it was, when the words are another's."""
        return another_mouth(self.statement)

    @property
    def through(self) -> str:
        """Her name and what she was, in words; empty when the speaker spoke for herself."""
        mouth = self.through_speaker
        titles = [role.title for role in self.mouth_roles if not role.note]
        return ", ".join([mouth.name, *titles]) if mouth is not None else ""

    @property
    def embargoed(self) -> bool:
        """Whether it may not be published yet."""
        until = self.statement.embargoed_until
        return until is not None and until > timezone.now()

    @property
    def figures(self) -> list[tuple[Figure, list[tuple[QuoteOnPage, str]]]]:
        """Its numbers, each once, with the quotes that give it and how these print it."""
        told: dict[tuple[Any, ...], tuple[Figure, list[tuple[QuoteOnPage, str]]]] = {}
        for quote in self.quotes:
            for figure in quote.figures:
                same = (figure.measure_id, figure.low, figure.high, figure.bound, figure.as_of, figure.method)
                told.setdefault(same, (figure, []))[1].append((quote, figure.as_printed))
        return sorted(told.values(), key=lambda pair: (pair[0].measure.name, -len(pair[1])))

    @property
    def adverse(self) -> list[QuoteOnPage]:
        """Disputed, misattributed and retracted quotes other than the shown one (invariant 3)."""
        return [quote for quote in self.quotes if quote.adverse and not quote.shown]

    @property
    def links_total(self) -> int:
        """How many confirmed links there are."""
        return sum(len(group.rows) for group in self.links)


def statement_page(
    user: Any, *, statement_uid: str | None = None, quote_uid: str | None = None
) -> StatementPage:
    """Read a statement's page, by its uid or by that of one of its quotes, which is then the shown one.

    Args:
        user: who looks; what they may not know of is as if it were not there.

    Raises:
        Http404: when there is no such record, or none that `user` may know of.
    """
    found = Statement.objects.visible_to(user).filter(
        **({"uid": statement_uid} if statement_uid is not None else {"quotes__uid": quote_uid})
    )
    statement = with_all(found).first()
    if statement is None:
        raise Http404
    quotes = sorted(statement.quotes.all(), key=lambda quote: quote.pk)
    spare_words(quotes, user)
    best = statement.shown_quote
    shown = next((quote for quote in quotes if quote.uid == quote_uid), None) or best
    held = statement.roles
    mentioned = mentioned_in(quotes)
    on_page = [on_the_page(statement, quote, shown, mentioned) for quote in quotes]
    links = links_of(statement, user)
    return StatementPage(
        statement=statement,
        shown=next((quote for quote in on_page if quote.shown), None),
        quotes=sorted(on_page, key=lambda row: _reading_order(row, shown)),
        roles=said_roles(held, statement),
        mouth_roles=said_roles(statement.mouth_roles, statement),
        reports=statement.reports,
        roots=statement.roots,
        context=context_of(shown, user) if shown is not None else None,
        links=[
            LinkGroup(kind, words, list(rows))
            for (kind, words), rows in groupby(
                (row for row in links if row.link.state == Link.State.CONFIRMED),
                key=lambda row: (row.link.type, row.words),
            )
        ],
        suggested=[row for row in links if row.link.state == Link.State.SUGGESTED],
        maybe_same=maybe_same(statement, user),
        citation=attribution.line(source_of(statement, shown)) if shown is not None else "",
        at_quote=quote_uid is not None,
        best=best if best != shown else None,
    )


def with_all(statements: models.QuerySet[Statement]) -> models.QuerySet[Statement]:
    """Add all that the page needs, in a number of queries that does not grow with the records."""
    quotes = (
        Quote.objects.for_page()
        .select_related("claim__by", "created_by")
        .defer("capture__body")
        .prefetch_related(
            Prefetch("evidence", Evidence.objects.select_related("created_by").order_by("pk")),
            Prefetch("checks", Check.objects.select_related("by", "withdrawal").oldest_first()),
        )
    )
    return statements.select_related(
        "speaker__redirects_to", "uttered_by__redirects_to", "created_by"
    ).prefetch_related(
        "topics",
        "speaker__tenures__organisation",
        "uttered_by__tenures__organisation",
        Prefetch("quotes", quotes.order_by("pk")),
    )


def on_the_page(
    statement: Statement, quote: Quote, shown: Quote | None, mentioned: dict[str, Speaker]
) -> QuoteOnPage:
    """Return one quote with what the page says of it; `shown` is what its wording is compared with."""
    is_shown = shown is not None and quote.pk == shown.pk
    return QuoteOnPage(
        quote=quote,
        shown=is_shown,
        chain=chain_of(quote, statement),
        figures=sorted(quote.figures.all(), key=lambda figure: figure.measure.name),
        flag=role_flag(statement, quote),
        mentions=mention_flags(statement, quote, mentioned),
        difference=_difference(shown, quote) if shown is not None and not is_shown else None,
        verification=verification_of(quote),
    )


def _reading_order(row: QuoteOnPage, shown: Quote | None) -> tuple[Any, ...]:
    """The shown wording first, then contested ones, then those that can be compared, as they were published."""
    published = row.quote.article.published_at
    return (
        not row.shown,
        not row.adverse,
        shown is not None and row.quote.language.split("-")[0] != shown.language.split("-")[0],
        published.timestamp() if published else float("inf"),
        row.quote.pk,
    )


def _difference(shown: Quote, quote: Quote) -> Diff | None:
    """Compare two wordings in the same language; across languages words cannot be set against each other."""
    language = quote.language.split("-")[0]
    return diff(shown.text, quote.text, language) if language == shown.language.split("-")[0] else None


def links_of(statement: Statement, user: Any) -> list[LinkOnPage]:
    """Return confirmed and suggested links, both ways, whose other end `user` may know of; sorted by type."""
    found = (
        Link.objects.visible_to(user)
        .touching(statement)
        .exclude(state=Link.State.REJECTED)
        .select_related("decided_by")
    )
    order = list(Link.Type.values)
    links = list(found)
    ends = ends_of(links)
    rows = [link_from(link, statement.pk, ends) for link in links]
    return sorted(rows, key=lambda row: (order.index(row.link.type), row.words, *_newest(row.other)))


def maybe_same(statement: Statement, user: Any) -> list[tuple[SameUtterance, Statement]]:
    """Return suggestions that this is one utterance with another statement that `user` may know of, likeliest first."""
    found = SameUtterance.objects.visible_to(user).touching(statement).suggested().best_first()
    return [
        (one, one.target if one.source_id == statement.pk else one.source)
        for one in found.select_related("source__speaker", "target__speaker")
    ]


def ends_of(links: Sequence[Link]) -> dict[int, Statement]:
    """Return the statements at both ends of `links` by their keys, with what a link shows of them.

    The links are visible, so both their ends are.
    """
    quotes = Quote.objects.select_related("standing", "article").order_by("pk")
    keys = {key for link in links for key in (link.source_id, link.target_id)}
    found = Statement.objects.select_related("speaker").prefetch_related(Prefetch("quotes", quotes))
    return found.in_bulk(keys)


def link_from(link: Link, own: int, ends: dict[int, Statement]) -> LinkOnPage:
    """Tell a link from the statement with the key `own`, which is one of its ends."""
    if link.source_id == own:
        return LinkOnPage(link, ends[own], link.get_type_display(), ends[link.target_id])
    return LinkOnPage(link, ends[own], Link.INVERSE[Link.Type(link.type)], ends[link.source_id])


def _newest(statement: Statement) -> tuple[int, int]:
    first = statement.days[0].toordinal() if statement.days else 0
    return -first, -statement.pk


def said_in_words(statement: Statement) -> str:
    """Return its day as far as known: “4 Feb 2026”, “by 5 Feb 2026” when only published, “not known”."""
    if statement.said_on is not None:
        return days.in_words(statement.said_on, statement.said_on_precision)
    return f"by {days.in_words(statement.days[0])}" if statement.days else days.NOT_KNOWN


def source_of(statement: Statement, quote: Quote) -> attribution.Source:
    """Gather what the line of credit for `quote` is made of."""
    published, mouth = quote.article.published_at, another_mouth(statement)
    return attribution.Source(
        words=quote.text,
        kind=quote.kind,
        speaker=statement.speaker.present.name,
        roles=[role.title for role in said_roles(statement.roles, statement) if not role.note],
        outlet=quote.article.outlet.name,
        published=days.in_words(published.date() if published else None),
        said=days.in_words(statement.said_on, statement.said_on_precision),
        mouth=mouth.name if mouth is not None else "",
        mouth_roles=[role.title for role in said_roles(statement.mouth_roles, statement) if not role.note],
        told=told(statement, quote.chain),
        occasion=statement.occasion,
        cited=[relay.outlet.name if relay.outlet else relay.as_printed for relay in quote.chain],
        is_translation=quote.is_translation,
        standing=quote.standing.value,
    )


def copies_of(page: StatementPage) -> list[attribution.Copy]:
    """Return the line of credit of the shown quote in every form in which it can be pasted."""
    if page.shown is None:
        return []
    quote = page.shown.quote
    return attribution.copies(
        source_of(page.statement, quote),
        depth=f"traced {label}" if (label := quote.standing.get_depth_display()).startswith("to ") else label,
        url=quote.article.url,
        language=quote.language,
    )


def told(statement: Statement, chain: Sequence[Relay]) -> str:
    """Return the outlet that the speaker spoke to: the root, if the occasion is an interview with it."""
    root = chain[-1].outlet if chain else None
    occasion = statement.occasion.casefold()
    if root is not None and "interview" in occasion and root.name.casefold() in occasion:
        return root.name
    return ""


def another_mouth(statement: Statement) -> Speaker | None:
    """Return whose mouth it was when the words are another's: Peskov's for the Kremlin."""
    mouth = statement.uttered_by.present if statement.uttered_by is not None else None
    return mouth if mouth != statement.speaker.present else None
