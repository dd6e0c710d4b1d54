"""From which houses a statement comes, what is held of it, and which steps are still to be resolved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.utils.translation.trans_real import parse_accept_lang_header

from quotes.models import Evidence, Outlet, Quote, Relay, Standing, Statement
from quotes.search.keyset import Page
from quotes.text.printedsources import countries_named, names_it

PER_PAGE = 50
MOST_PROPOSED = 5
"""Outlets proposed for one step."""


@dataclass(frozen=True, slots=True)
class Root:
    """One independent house behind the reports: one owner is one, however many outlets it has."""

    house: Outlet
    quotes: Sequence[Quote]
    primary: bool

    @property
    def reports(self) -> int:
        """How many articles lead back to it."""
        return len({quote.article_id for quote in self.quotes})

    @property
    def outlets(self) -> list[str]:
        """The outlets of the house that the chains end at, where they are not the house itself."""
        names = {
            root.name
            for quote in self.quotes
            if (root := quote.root) is not None and root.pk != self.house.pk
        }
        return sorted(names)


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step known only by its printed words, in one quote."""

    relay: Relay
    quote: Quote
    is_last: bool


@dataclass(frozen=True, slots=True)
class Cite:
    """The report to cite instead: the earliest that we hold, in one's own language where there is one."""

    quote: Quote
    held: bool
    own_language: bool


@dataclass(frozen=True, slots=True)
class Provenance:
    """Reports and roots of a statement, what is held, what is open."""

    reports: int
    roots: Sequence[Root]
    primary: int
    held: int
    open_steps: Sequence[OpenStep]
    rootless: int
    cite: Cite | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """An outlet that an open step may mean, and why."""

    outlet: Outlet
    reasons: Sequence[str]
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class StepRow:
    """An open step with what it may mean."""

    step: OpenStep
    statement: Statement
    proposals: Sequence[Proposal]


def provenance(statement: Statement, shown: Quote | None, languages: Sequence[str]) -> Provenance:
    """Count the reports and roots of a statement.

    Args:
        statement: with its quotes, their relays, outlets, owners, standing and evidence at hand.
        shown: the quote that the page shows; the one to cite instead is another.
        languages: those that the person reads, the liked best first, as ISO 639 codes.
    """
    quotes = list(statement.quotes.all())
    houses: dict[int, list[Quote]] = {}
    known: dict[int, Outlet] = {}
    rootless = 0
    for quote in quotes:
        root = quote.root
        if root is None:
            rootless += 1
            continue
        known[root.house.pk] = root.house
        houses.setdefault(root.house.pk, []).append(quote)
    roots = [
        Root(known[key], found, any(_primary(quote) for quote in found)) for key, found in houses.items()
    ]
    things = {
        (item.url, item.timecode) if item.url else item.pk for quote in quotes for item in _primary(quote)
    }
    return Provenance(
        reports=statement.reports,
        roots=sorted(roots, key=lambda root: (-root.reports, root.house.name)),
        primary=len(things),
        held=len({quote.article_id for quote in quotes if quote.capture_id is not None}),
        open_steps=[step for quote in quotes for step in _open(quote)],
        rootless=rootless,
        cite=_cite(quotes, shown, languages),
    )


def _primary(quote: Quote) -> list[Evidence]:
    return [item for item in quote.evidence.all() if item.primary and item.stance == Evidence.Stance.SUPPORTS]


def _open(quote: Quote) -> list[OpenStep]:
    chain = quote.chain
    return [OpenStep(relay, quote, relay is chain[-1]) for relay in chain if relay.outlet is None]


def _cite(quotes: Sequence[Quote], shown: Quote | None, languages: Sequence[str]) -> Cite | None:
    """Choose the report to cite: held before cited, one's own language before others, then the earliest."""
    usable = [quote for quote in quotes if quote.standing.value not in Standing.ADVERSE]

    def order(quote: Quote) -> tuple[Any, ...]:
        code = quote.language.split("-")[0].lower()
        place = languages.index(code) if code in languages else len(languages)
        published = quote.article.published_at
        return (
            quote.capture_id is None,
            place,
            published is None,
            published or dt.datetime.max.replace(tzinfo=dt.UTC),
            quote.pk,
        )

    best = min(usable, key=order, default=None)
    if best is None or (shown is not None and best.pk == shown.pk):
        return None
    code = best.language.split("-")[0].lower()
    return Cite(best, best.capture_id is not None, code == languages[0] if languages else False)


def languages_of(header: str) -> list[str]:
    """Return the languages of an Accept-Language header as ISO 639 codes, the liked best first, each once."""
    codes = [tag.split("-")[0] for tag, _ in parse_accept_lang_header(header) if tag != "*"]
    return list(dict.fromkeys(codes))


def open_steps(user: Any, *, cursor: int | None = None) -> Page[StepRow]:
    """Return the steps that name no outlet, newest first, each with the outlets it may mean."""
    found = Relay.objects.visible_to(user).filter(outlet__isnull=True).order_by("-pk")
    if cursor:
        found = found.filter(pk__lt=cursor)
    relays = list(
        found.select_related(
            "quote__standing", "quote__article__outlet", "quote__statement__speaker__redirects_to"
        ).prefetch_related("quote__relays__outlet__owner", "quote__statement__quotes__article__outlet")[
            : PER_PAGE + 1
        ]
    )
    more = len(relays) > PER_PAGE
    outlets = list(Outlet.objects.order_by("name", "pk"))
    rows = [_row(relay, outlets) for relay in relays[:PER_PAGE]]
    return Page(rows, str(relays[PER_PAGE - 1].pk) if more else "")


def step_to_resolve(user: Any, key: int) -> Relay:
    """Return a step that `user` may know of, by its key.

    Raises:
        Http404: when there is none.
    """
    relay = Relay.objects.visible_to(user).select_related("quote", "outlet").filter(pk=key).first()
    if relay is None:
        raise Http404
    return relay


def outlet_named(text: str) -> Outlet | None:
    """Return the outlet of this slug or exact name, or None; a name that two have is nobody's."""
    found = list(Outlet.objects.filter(Q(slug=text) | Q(name__iexact=text))[:2])
    return found[0] if len(found) == 1 else None


def _row(relay: Relay, outlets: Sequence[Outlet]) -> StepRow:
    quote = relay.quote
    chain = quote.chain
    step = OpenStep(relay, quote, bool(chain) and relay.pk == chain[-1].pk)
    return StepRow(step, quote.statement, _proposals(relay, quote, outlets))


def _proposals(relay: Relay, quote: Quote, outlets: Sequence[Outlet]) -> list[Proposal]:
    """Say which outlets a step may mean: those it names, and those of the press it names that report the same."""
    printed = relay.as_printed
    countries = countries_named(printed)
    taken = {step.outlet_id for step in quote.chain if step.outlet_id} | {quote.article.outlet_id}
    beside: dict[int, Quote] = {}
    for other in quote.statement.quotes.all():
        if other.pk != quote.pk and other.article.outlet_id not in taken and _not_later(other, quote):
            beside.setdefault(other.article.outlet_id, other)
    found = []
    for outlet in outlets:
        if outlet.pk in taken:
            continue
        reasons = []
        if names_it(printed, outlet.name):
            reasons.append("The printed words name it.")
        if outlet.pk in beside:
            fits = outlet.country in countries
            if fits or reasons:
                reasons.append("It reports the same statement, not later.")
            if fits:
                reasons.append(f"It is of the country that is named ({outlet.country}).")
        if reasons:
            found.append(Proposal(outlet, reasons, beside.get(outlet.pk)))
    return sorted(found, key=lambda one: (-len(one.reasons), one.outlet.name))[:MOST_PROPOSED]


def _not_later(other: Quote, quote: Quote) -> bool:
    """Whether the other article can be the source of this one: it is not known to be later."""
    first, then = other.article.published_at, quote.article.published_at
    return first is None or then is None or first <= then
