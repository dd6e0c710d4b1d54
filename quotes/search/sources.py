"""Where a quote came from: its chain back to the root, and the words around it in the captured text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Q

from quotes.models import WORDS_AROUND, Capture, Evidence, Outlet, Quote, Standing, Statement
from quotes.text import days
from quotes.text.passages import Paragraph, Span, around


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a chain, worded for `shared/chain.html`.

    `held` says that we hold what it published, or evidence of it. A step without an outlet is known only by
    its printed words; as a last one it counts as no root.
    """

    name: str
    said: str
    held: bool
    kind: str = ""
    what: str = ""
    at: dt.datetime | None = None
    url: str = ""
    url_label: str = ""
    checksum: str = ""
    edge: str = "cited by"
    printed: str = ""
    outlet: Outlet | None = None
    is_root: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """The steps from the root to the article, in the order in which the words travelled."""

    steps: Sequence[Step]
    summary: str
    here: dict[str, Any]

    @property
    def root(self) -> Step:
        """Where it began, as far as it was traced."""
        return self.steps[0]

    @property
    def printed(self) -> list[Step]:
        """The steps whose naming in the article is kept."""
        return [step for step in self.steps if step.printed]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another quote that stands in the same passage."""

    quote: Quote
    paragraph: int


@dataclass(frozen=True, slots=True)
class Context:
    """The words around a quote: paragraphs of the captured text, or only what was kept beside it."""

    quote: Quote
    paragraphs: Sequence[Paragraph] = ()
    neighbours: Sequence[Neighbour] = ()

    @property
    def noted(self) -> set[int]:
        """The paragraphs with something for the margin."""
        return {neighbour.paragraph for neighbour in self.neighbours}

    @property
    def held(self) -> bool:
        """Whether captured text is shown."""
        return bool(self.paragraphs)

    @property
    def number(self) -> int | None:
        """The paragraph in which the quote begins, counted from 1."""
        return next((p.number for p in self.paragraphs if self.quote.pk in p.keys), None)


def chain_of(quote: Quote, statement: Statement) -> Chain:
    """Return the way of `quote` from its root to its article; an article without relays is its own root."""
    evidence = list(quote.evidence.all())
    relays = quote.chain
    steps = []
    for place, relay in enumerate(reversed(relays)):
        outlet = relay.outlet
        proof = _evidence_of(outlet, evidence, last=place == 0)
        steps.append(
            Step(
                name=outlet.name if outlet else f"“{relay.as_printed}”",
                said=_label(outlet, statement, root=place == 0),
                held=proof is not None,
                kind=outlet.kind if outlet else "",
                what=outlet.get_kind_display().capitalize() if outlet else "Outlet not named",
                url=proof.url if proof else "",
                url_label=proof.get_kind_display().capitalize() if proof else "",
                printed=relay.as_printed if outlet else "",
                outlet=outlet,
                is_root=place == 0,
            )
        )
    article = quote.article
    steps.append(
        Step(
            name=article.outlet.name,
            said="Our source",
            held=quote.capture_id is not None,
            kind=article.outlet.kind,
            what=article.outlet.get_kind_display().capitalize(),
            at=article.published_at,
            url=article.url,
            url_label="Original page",
            checksum=quote.capture.sha256 if quote.capture else "",
            edge="entered",
            outlet=article.outlet,
            is_root=not relays,
        )
    )
    exact = "Wording matches" if quote.start is not None else ""
    entered = f"Entered {days.in_words(quote.created_at.date())}"
    return Chain(steps, _summary(quote, steps), {"name": quote.uid, "what": entered, "note": exact})


def _label(outlet: Outlet | None, statement: Statement, *, root: bool) -> str:
    if not root:
        return "Reported by"
    occasion = statement.occasion.casefold()
    # “Said to” claims an interview, so the record has to name one.
    if outlet is not None and "interview" in occasion and outlet.name.casefold() in occasion:
        return "Said to"
    return "Traced to"


def _evidence_of(outlet: Outlet | None, evidence: Sequence[Evidence], *, last: bool) -> Evidence | None:
    """Return what is held of a step: evidence from its address; for the root also the thing itself."""
    for item in evidence:
        if item.stance != Evidence.Stance.SUPPORTS:
            continue
        if last and item.primary:
            return item
        host = (urlsplit(item.url).hostname or "").removeprefix("www.")
        if (
            outlet is not None
            and outlet.domain
            and (host == outlet.domain or host.endswith(f".{outlet.domain}"))
        ):
            return item
    return None


def _summary(quote: Quote, steps: Sequence[Step]) -> str:
    depth = quote.standing.depth
    root = steps[0]
    if depth == Standing.Depth.PRIMARY:
        return "Traced to the recording or document."
    if root.outlet is None:
        return f"Traced as far as {root.name}, which names no outlet."
    if depth == Standing.Depth.REPORT:
        return "Traced to a report we hold." + ("" if root.held else f" {root.name} itself is not held.")
    return "Cited: nothing is held that shows the words."


def context_of(quote: Quote, user: Any) -> Context:
    """Return the words around `quote`.

    The captured text is shown where it is held, the quote has its place in it, and nothing stands beside it
    that `user` may not know of; else the few words that were kept with the quote (invariant 12).
    """
    if quote.start is None or quote.end is None or quote.capture_id is None:
        return Context(quote)
    body = Capture.objects.values_list("body", flat=True).get(pk=quote.capture_id)
    window = around(body, quote.start, quote.end)
    if not window:
        return Context(quote)
    beside = Q(capture=quote.capture_id, start__lt=window[-1].end, end__gt=window[0].start)
    elsewhere = Q(capture=quote.capture_id, start__isnull=False)
    # A hidden quote of this article that has no place in this very text may stand anywhere in it.
    hidden = Quote.objects.hidden_from(user).filter(article=quote.article_id)
    if hidden.filter(beside | ~elsewhere).exists():
        return Context(quote)
    seen = list(
        Quote.objects.visible_to(user)
        .filter(beside)
        .select_related("standing", "statement")
        .order_by("start", "pk")
    )
    shown = around(body, quote.start, quote.end, [Span(quote.start, quote.end, quote.pk)])
    neighbours = [
        Neighbour(other, next(p.number for p in window if (other.start or 0) < p.end))
        for other in seen
        if other.pk != quote.pk
    ]
    return Context(quote, shown, neighbours)


def text_is_open(article: int, user: Any) -> bool:
    """Say whether the text of an article may be shown to `user` (invariant 12).

    It may not when any quote of the article is held back from them. Where in the text that one has its place makes no
    difference: its words also stand in a later copy, and in one where nobody has marked them.

    Args:
        article: the key of the article.
    """
    return not Quote.objects.hidden_from(user).filter(article=article).exists()


def spare_words(quotes: Sequence[Quote], user: Any) -> None:
    """Leave out the words kept around quotes where they may be words that `user` may not know of (invariant 12).

    Args:
        quotes: to be shown, not to be written.
    """
    around = [quote for quote in quotes if any(getattr(quote, name) for name in WORDS_AROUND)]
    if not around:
        return
    found = Quote.objects.filter(pk__in=[quote.pk for quote in around]).crowded(user)
    crowded = set(found.values_list("pk", flat=True))
    for quote in around:
        if quote.pk in crowded:
            for name in WORDS_AROUND:
                setattr(quote, name, "")
