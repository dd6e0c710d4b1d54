"""One quote as a checker sees it: its words in their source, what a machine found, who may sign, and who is on it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from quotes.models import AuditEvent, Capture, Check, Claim, Contribution, Quote, Return, Standing
from quotes.search.findings import Row, names_of, rows_of
from quotes.search.sources import text_is_open
from quotes.search.statements import QuoteOnPage, StatementPage, said_in_words, statement_page
from quotes.text.passages import Paragraph, Span, paragraphs

_WORD = re.compile(r"\w+(?:['’ʼ-]\w+)*")
MOST_PLACES = 20


@dataclass(frozen=True, slots=True)
class Move:
    """Another place for the highlight: where it would begin and end, what it is called, and its key."""

    start: int
    end: int
    words: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """The captured text with the highlight, as it is kept or as it is proposed.

    `proposed` says that the highlight shown is not the one that is kept; nothing is saved by moving it.
    """

    paragraphs: Sequence[Paragraph] = ()
    start: int | None = None
    end: int | None = None
    proposed: bool = False
    words: str = ""
    moves: Sequence[Move] = ()
    number: int | None = None

    @property
    def held(self) -> bool:
        """Whether captured text is shown."""
        return bool(self.paragraphs)


@dataclass(frozen=True, slots=True)
class Bar:
    """A reason why this person's pass would not be taken, and what can be done instead."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Room:
    """All that /verify/<uid>/ shows of its quote."""

    page: StatementPage
    shown: QuoteOnPage
    rows: Sequence[Row]
    source: Source
    claim: Claim | None
    mine: bool
    bars: Sequence[Bar]
    may_check: bool
    may_edit: bool
    signed: Check | None
    returned: Return | None
    snapshot: Mapping[str, str]

    @property
    def quote(self) -> Quote:
        """The quote."""
        return self.shown.quote

    @property
    def taken(self) -> bool:
        """Whether somebody else is at work on it."""
        return self.claim is not None and not self.mine

    @property
    def open_rows(self) -> int:
        """How many questions nothing is proposed for."""
        return sum(not row.proposed for row in self.rows)

    @property
    def others(self) -> list[QuoteOnPage]:
        """The other reports of the same statement."""
        return [row for row in self.page.quotes if not row.shown]

    @property
    def snapshot_text(self) -> str:
        """What is shown, as the form carries it, so that a conflict can show both versions."""
        return json.dumps(self.snapshot, ensure_ascii=False)


def room(user: Any, uid: str, *, start: int | None = None, end: int | None = None) -> Room:
    """Read the room of one quote.

    Args:
        start, end: a place in the captured text that is proposed instead of the kept one.

    Raises:
        Http404: when there is no such quote, or none that `user` may know of.
    """
    page = statement_page(user, quote_uid=uid)
    shown = page.shown
    if shown is None:  # it was found by this quote, so there is one
        raise Http404
    quote = shown.quote
    body = _body(quote, user)
    rows = rows_of(
        quote,
        page.statement,
        body=body,
        roles=page.roles,
        flags=[shown.flag] if shown.flag else [],
        names=names_of(page.statement),
    )
    claim = getattr(quote, "claim", None)
    if claim is not None and claim.expires_at <= timezone.now():
        claim = None
    may_check = user.has_perm("quotes.add_check")
    contributed = Contribution.objects.filter(quote=quote, user=user).exists()
    signed = (
        Check.objects.filter(quote=quote, by=user, seen=quote.standing.content_hash, withdrawal=None)
        .order_by("-pk")
        .first()
    )
    return Room(
        page=page,
        shown=shown,
        rows=rows,
        source=_source(quote, body, start, end),
        claim=claim,
        mine=claim is not None and claim.by_id == user.pk,
        bars=_bars(quote, may_check, contributed, signed),
        may_check=may_check,
        may_edit=user.has_perm("quotes.change_quote"),
        signed=signed,
        returned=Return.objects.unanswered().filter(quote=quote).select_related("by", "to").last(),
        snapshot=snapshot_of(page, shown),
    )


def _body(quote: Quote, user: Any) -> str | None:
    """Return the captured text, if it holds nothing that `user` may not know of (invariant 12)."""
    if quote.capture_id is None:
        return None
    if not text_is_open(quote.article_id, user):
        return None
    return Capture.objects.values_list("body", flat=True).get(pk=quote.capture_id)


def _bars(quote: Quote, may_check: bool, contributed: bool, signed: Check | None) -> list[Bar]:
    if not may_check:
        return [
            Bar(
                "You can look, but not sign",
                "Your account has no right to check quotes; a curator can give it.",
            )
        ]
    bars = []
    if contributed:
        bars.append(
            Bar(
                "You cannot pass this one",
                "You entered, imported or edited what it shows. You can still say what is wrong with it.",
            )
        )
    if signed is not None:
        bars.append(
            Bar("You have signed this content", "A new answer of yours takes the place of the earlier one.")
        )
    if quote.standing.depth == Standing.Depth.CITED:
        bars.append(
            Bar(
                "Nothing is held that shows the words",
                "It cannot be verified before evidence is added, below.",
            )
        )
    return bars


def _source(quote: Quote, body: str | None, start: int | None, end: int | None) -> Source:
    if body is None:
        return Source()
    kept = (quote.start, quote.end)
    at = kept
    if start is not None and end is not None and 0 <= start < end <= len(body):
        at = (start, end)
    spans = [Span(at[0], at[1], quote.pk)] if at[0] is not None and at[1] is not None else []
    shown = paragraphs(body, spans)
    return Source(
        paragraphs=shown,
        start=at[0],
        end=at[1],
        proposed=at != kept,
        words=body[at[0] : at[1]] if spans else "",
        moves=_moves(quote, body, at),
        number=next((paragraph.number for paragraph in shown if paragraph.keys), None),
    )


def _moves(quote: Quote, body: str, at: tuple[int | None, int | None]) -> list[Move]:
    start, end = at
    places = _places(body, quote.text)
    if start is None or end is None:
        return [
            Move(here, there, f"Mark characters {here:,}–{there:,}", "]" if not n else "")
            for n, (here, there) in enumerate(places)
        ]
    moves = []
    words = [match.span() for match in _WORD.finditer(body, max(0, start - 400), min(len(body), end + 400))]
    shorter = [last for _, last in words if start < last < end]
    longer = [last for _, last in words if last > end]
    earlier = [first for first, _ in words if first < start]
    later = [first for first, _ in words if start < first < end]
    if shorter:
        moves.append(Move(start, shorter[-1], "End one word sooner", "["))
    if longer:
        moves.append(Move(start, longer[0], "End one word later", "]"))
    if earlier:
        moves.append(Move(earlier[-1], end, "Begin one word sooner"))
    if later:
        moves.append(Move(later[0], end, "Begin one word later"))
    moves += [
        Move(here, there, f"Same words at {here:,}")
        for here, there in places
        if (here, there) != (start, end)
    ]
    return moves


def _places(body: str, text: str) -> list[tuple[int, int]]:
    """Return where exactly these words stand, at most MOST_PLACES times."""
    found: list[tuple[int, int]] = []
    at = body.find(text)
    while at >= 0 and len(found) < MOST_PLACES:
        found.append((at, at + len(text)))
        at = body.find(text, at + 1)
    return found


# --- Conflicts ---------------------------------------------------------------------------------------------------


def snapshot_of(page: StatementPage, shown: QuoteOnPage) -> dict[str, str]:
    """Return what a checker answers for, field by field in words."""
    quote, it = shown.quote, page.statement
    return {
        "Words": quote.text,
        "Kind": quote.get_kind_display(),
        "Language": f"{quote.language}{', translated' if quote.is_translation else ''}",
        "Verb as printed": quote.cue,
        "Printed name and role": ", ".join(filter(None, [quote.speaker_as_printed, quote.role_as_printed])),
        "Place in our copy": f"{quote.start}–{quote.end}" if quote.start is not None else "not marked",
        "Words before": quote.prefix,
        "Words behind": quote.suffix,
        "Statement": it.uid,
        "Speaker": it.speaker.name,
        "Through": it.uttered_by.name if it.uttered_by else "not known",
        "Roles that day": "; ".join(role.title for role in page.roles),
        "Said": said_in_words(it),
        "Occasion": it.occasion or "not known",
        "Original": it.original_text or "not held",
        "Outlet": quote.article.outlet.name,
        "Headline": quote.article.headline,
        "Address": quote.article.url,
        "Chain": " ← ".join(step.name for step in reversed(shown.chain.steps)),
        "Figures": "; ".join(
            f"{figure.measure}: {figure.low or ''}–{figure.high or ''} ({figure.get_bound_display()}, "
            f"as of {figure.as_of or 'not known'})"
            for figure in shown.figures
        ),
    }


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a conflict: its label, what is saved now, and what was shown when the form was opened."""

    label: str
    theirs: str
    yours: str


def differences(now: Mapping[str, str], carried: str) -> list[Difference]:
    """Compare what is there with what the form says was shown; nothing when it says nothing readable."""
    try:
        then = json.loads(carried)
    except (ValueError, RecursionError):
        return []
    if not isinstance(then, dict):
        return []
    return [
        Difference(label, value, str(then[label]))
        for label, value in now.items()
        if label in then and str(then[label]) != value
    ]


def last_change(quote: Quote, user: Any) -> AuditEvent | None:
    """Return the newest event that can have changed what this quote shows."""
    statement = quote.statement
    speakers = [key for key in (statement.speaker_id, statement.uttered_by_id) if key is not None]
    told = (
        Q(
            statement_pk=statement.pk,
            table__in=["quotes_quote", "quotes_statement", "quotes_relay", "quotes_figure"],
        )
        | Q(table="quotes_article", record_pk=quote.article_id)
        | Q(table="quotes_outlet", record_pk=quote.article.outlet_id)
        | Q(table="quotes_speaker", record_pk__in=speakers)
    )
    return AuditEvent.objects.visible_to(user).filter(told).newest_first().first()


def undoable(user: Any) -> Check | None:
    """Return `user`'s last check, if it can still be taken back; the database has the last word."""
    last = (
        Check.objects.visible_to(user)
        .filter(by=user, withdrawal=None)
        .select_related("quote__standing")
        .order_by("-pk")
        .first()
    )
    if last is None or last.seen != last.quote.standing.content_hash:
        return None
    later = Check.objects.filter(quote=last.quote_id, pk__gt=last.pk, withdrawal=None).exists()
    return None if later else last


def last_check(quote: Quote, user: Any) -> Check | None:
    """Return `user`'s last check of this quote that was not taken back."""
    return Check.objects.filter(quote=quote, by=user, withdrawal=None).order_by("-pk").first()
