"""What waits to be checked, and known fakes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from rapidfuzz import fuzz

from quotes.models import Check, Claim, Contribution, Quote, Speaker, Standing
from quotes.models.queue import WAITING, Order, QueueQuerySet, Tab
from quotes.search.verification import name_of
from quotes.text.folding import fold_text
from quotes.text.names import fold as fold_name

PER_PAGE = 50
LAST_PAGE = 10_000
MOST_COUNTED = 1_000
"""The number beside “Verify” in the navigation stops here: it stands on every page, and has to be cheap."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One quote that waits; `barred` says why this person's pass would not count, or is empty."""

    quote: Quote
    reports: int
    claim: Claim | None
    mine: bool
    barred: str


@dataclass(frozen=True, slots=True)
class TabOnPage:
    """A list with the number of its quotes."""

    tab: Tab
    number: int
    current: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """One page of one list, with the numbers of the others."""

    tab: Tab
    order: Order
    tabs: Sequence[TabOnPage]
    rows: Sequence[QueueRow]
    total: int
    page: int
    more: bool
    done_today: int

    @property
    def after(self) -> int | None:
        """The number of the next page, if there is one."""
        return self.page + 1 if self.more else None

    @property
    def before(self) -> int | None:
        """The number of the page before, if there is one."""
        return self.page - 1 if self.page > 1 else None

    @property
    def done_and_left(self) -> int:
        """What the bar of progress is full at; never 0."""
        return self.done_today + self.total or 1


def quotes_waiting(user: Any, tab: str) -> QueueQuerySet:
    """Return the quotes of a list that `user` may know of."""
    return QueueQuerySet(Quote).visible_to(user).waiting(tab, user)


def queue_page(user: Any, *, tab: str = "", order: str = "", page: int = 1) -> Queue:
    """Read one page of a list.

    Args:
        tab: of `Tab`; when empty, the first one in which something waits.
        order: of `Order`; the oldest first when empty.
        page: counted from 1.

    Raises:
        Http404: for a page that does not exist.
    """
    numbers = {each: quotes_waiting(user, each).count() for each in Tab}
    chosen = Tab(tab) if tab else next((each for each in WAITING if numbers[each]), Tab.FIRST)
    way = Order(order or Order.OLDEST)
    first = (page - 1) * PER_PAGE
    if not 1 <= page <= LAST_PAGE or (page > 1 and first >= numbers[chosen]):
        raise Http404
    found = quotes_waiting(user, chosen).in_order(way).for_queue()
    rows = list(found[first : first + PER_PAGE + 1])
    return Queue(
        tab=chosen,
        order=way,
        tabs=[TabOnPage(each, numbers[each], each == chosen) for each in Tab],
        rows=_rows(rows[:PER_PAGE], user),
        total=numbers[chosen],
        page=page,
        more=len(rows) > PER_PAGE,
        done_today=done_today(user),
    )


def _rows(quotes: Sequence[Quote], user: Any) -> list[QueueRow]:
    keys = [quote.pk for quote in quotes]
    contributed = set(Contribution.objects.filter(quote__in=keys, user=user).values_list("quote", flat=True))
    signed = set(
        Check.objects.filter(quote__in=keys, by=user, withdrawal=None).values_list("quote", "seen").distinct()
    )
    reports = dict(
        Quote.objects.filter(statement__in={quote.statement_id for quote in quotes})
        .order_by()
        .values_list("statement")
        .annotate(number=Count("article", distinct=True))
    )
    rows = []
    for quote in quotes:
        claim = getattr(quote, "claim", None)
        if claim is not None and claim.expires_at <= timezone.now():
            claim = None
        barred = ""
        if quote.pk in contributed:
            barred = "You contributed to it"
        elif (quote.pk, quote.standing.content_hash) in signed:
            barred = "You have signed it"
        mine = claim is not None and claim.by_id == user.pk
        rows.append(QueueRow(quote, reports[quote.statement_id], claim, mine, barred))
    return rows


def done_today(user: Any) -> int:
    """How many checks `user` has signed since midnight in the site's zone, those taken back left out."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return Check.objects.filter(by=user, at__gte=midnight, withdrawal=None).count()


def waiting(user: Any) -> int:
    """How many quotes wait for a check, at most MOST_COUNTED; 0 for people without the right to check.

    The same lists as /verify/ has, so the number is the sum of its first four tabs.
    """
    if not user.has_perm("quotes.add_check"):
        return 0
    values = [
        Standing.Value.UNCHECKED,
        Standing.Value.IN_REVIEW,
        Standing.Value.DISPUTED,
        Standing.Value.STALE,
    ]
    found = QueueQuerySet(Quote).visible_to(user).standing_at(*values).not_sent_back()
    return found.order_by()[:MOST_COUNTED].count()


def queue_as_json(queue: Queue) -> dict[str, Any]:
    """Return a page of the queue for machines, with the rights that the page has."""
    return {
        "tab": queue.tab,
        "order": queue.order,
        "total": queue.total,
        "counts": {row.tab: row.number for row in queue.tabs},
        "results": [_as_json(row) for row in queue.rows],
        "next": queue.after,
    }


def _as_json(row: QueueRow) -> dict[str, Any]:
    quote, standing = row.quote, row.quote.standing
    return {
        "uid": quote.uid,
        "url": reverse("verify-quote", args=[quote.uid]),
        "statement": quote.statement.uid,
        "speaker": quote.statement.speaker.present.name,
        "text": quote.text,
        "kind": quote.kind,
        "standing": standing.value,
        "depth": standing.depth,
        "passes": standing.passes,
        "needed": standing.needed,
        "seen": standing.content_hash,
        "reports": row.reports,
        "entered_at": quote.created_at,
        "embargoed_until": quote.statement.embargoed_until,
        "claimed_by": name_of(row.claim.by) if row.claim else None,
        "claimed_until": row.claim.expires_at if row.claim else None,
        "barred": row.barred or None,
    }


# --- Known fakes -------------------------------------------------------------------------------------------------

LEAST_LIKENESS = 82.0
"""Per cent of common characters or words, folded, from which two wordings are taken for the same fake.

By trial on the variants of test_verify_fakes: other marks, case, accents, spacing, typing errors, one word exchanged,
words moved, a piece of the whole stay above it; other sentences of the same speaker on the same subject stay below.
"""
SHORTEST_PIECE = 20
"""Characters from which a piece of a fake is recognised: fewer are found in anything."""


@dataclass(frozen=True, slots=True)
class Fake:
    """A quote that was ruled misattributed or retracted, how like the new words it is, and why it was ruled so."""

    quote: Quote
    likeness: float
    standing: str
    reason: str
    by: str
    at: dt.datetime | None


def known_fakes(speaker: Speaker, text: str, *, user: Any) -> list[Fake]:
    """Return quotes of `speaker` ruled misattributed or retracted whose words are nearly `text`, the likest first.

    A tombstone: who enters such words again has to see it, and to say why (PRODUCT.md §3). Looked up among all that
    is entered for the speaker, for speakers merged into her, and for words that came out of her mouth for another.

    Args:
        speaker: whom the words are to be credited to.
        text: the words as they are to be entered.
        user: who asks; what they may not know of is not shown (invariant 12).
    """
    person = speaker.present
    family = [person.pk, *Speaker.objects.filter(redirects_to=person).values_list("pk", flat=True)]
    dead = Quote.objects.visible_to(user).filter(
        standing__value__in=[Standing.Value.MISATTRIBUTED, Standing.Value.RETRACTED]
    )
    dead = dead.filter(statement__speaker__in=family) | dead.filter(statement__uttered_by__in=family)
    found = []
    for quote in dead.select_related("standing", "statement__speaker", "article__outlet").distinct():
        likeness = _likeness(quote.text, text)
        if likeness >= LEAST_LIKENESS:
            found.append(_fake(quote, likeness))
    return sorted(found, key=lambda fake: (-fake.likeness, fake.quote.pk))


def _likeness(held: str, given: str) -> float:
    """Compare two wordings up to case, accents, marks and script: 0 to 100."""
    first, second = _bare(fold_text(held)), _bare(fold_text(given))
    if not first or not second:
        return 0.0
    best = max(fuzz.ratio(first, second), fuzz.token_sort_ratio(first, second))
    if min(len(first), len(second)) >= SHORTEST_PIECE:
        best = max(best, fuzz.partial_ratio(first, second))
    if not (first.isascii() and second.isascii()):
        # Cyrillic against Latin: the same words in another script, letter by letter.
        best = max(best, fuzz.ratio(fold_name(held), fold_name(given)))
    return best


def _bare(text: str) -> str:
    return " ".join("".join(char if char.isalnum() else " " for char in text).split())


def _fake(quote: Quote, likeness: float) -> Fake:
    ruling = (
        Check.objects.filter(quote=quote, ruling__isnull=False, withdrawal=None)
        .select_related("by")
        .order_by("-pk")
        .first()
    )
    if ruling is None:
        return Fake(quote, likeness, quote.standing.value, "", "", None)
    return Fake(quote, likeness, quote.standing.value, ruling.reason, name_of(ruling.by), ruling.at)
