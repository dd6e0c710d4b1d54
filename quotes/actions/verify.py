"""Work on the queue: claim a quote, check it, send it back, take one's own check back.

The database keeps every rule (migrations/sql/checks.sql, verify.sql). Here its refusals become sentences: which
constraint refused, and what that means for the person. Nothing is half done: each verb is one transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection
from django.db.models.functions import Now

from quotes.models import CONTEXT_LIMIT, Assignment, Check, Claim, Evidence, Quote, Return, Withdrawal
from quotes.models.queue import QueueQuerySet

from . import notes, records
from .audit import acting
from .refusals import Changed, NotAllowed, NotValid, Refused

__all__ = ["Changed", "NotAllowed", "NotValid", "Refused", "Taken"]

ATTEMPTS = 60
"""How often `claim_next` looks again when somebody else was quicker: more often than there are people."""


class Taken(Refused):
    """Somebody else is at work on the quote."""

    def __init__(self, claim: Claim) -> None:
        who = claim.by.get_full_name() or claim.by.get_username()
        super().__init__(f"{who} is at work on this quote until {claim.expires_at:%H:%M} (UTC).")
        self.claim = claim


CHANGED = "The content has changed since it was shown. Look at what is there now, and answer anew."
NO_RIGHT = "Your account may look at quotes, but not check them."
REFUSALS: dict[str, tuple[type[Refused], str, str]] = {
    "check_is_of_the_present_content": (Changed, CHANGED, ""),
    "check_is_not_by_a_contributor": (
        NotAllowed,
        "You entered, imported or edited what this quote shows, so you cannot pass it. "
        "You may still say what is wrong with it.",
        "",
    ),
    "check_needs_the_right": (NotAllowed, NO_RIGHT, ""),
    "check_is_ones_own": (NotAllowed, "A check is signed by the person who makes it.", ""),
    "check_axis_applies": (NotValid, "", "axis"),
    "check_answers_every_axis": (NotValid, "", "axis"),
    "check_wording_needs_evidence": (
        NotValid,
        "The wording cannot pass: nothing is held that shows it. Add evidence below, or say “unclear”.",
        "evidence-url",
    ),
    "check_ruling_has_a_reason": (NotValid, "This decision needs a reason: write it into the note.", "note"),
    "evidence_natural_key": (NotValid, "This piece of evidence is entered already.", "evidence-url"),
    "evidence_url_is_a_web_address": (
        NotValid,
        "The address of the evidence has to begin with http:// or https://.",
        "evidence-url",
    ),
    "evidence_says_where_or_what": (
        NotValid,
        "Evidence needs an address, or an excerpt of what it says.",
        "evidence-url",
    ),
    "withdrawal_is_of_ones_own": (NotAllowed, "A check is taken back by the person who made it.", ""),
    "withdrawal_needs_the_right": (NotAllowed, NO_RIGHT, ""),
    "withdrawal_comes_before_the_next_step": (
        Changed,
        "Somebody has built on this check, so it cannot be taken back. Another check can answer it.",
        "",
    ),
    "return_is_ones_own": (NotAllowed, "A quote is sent back by the person who says so.", ""),
    "return_needs_the_right": (NotAllowed, NO_RIGHT, ""),
    "return_is_of_the_present_content": (Changed, CHANGED, ""),
    "return_has_a_reason": (NotValid, "Sending a quote back needs a reason: write it into the note.", "note"),
    "claim_is_ones_own": (NotAllowed, "Everybody claims for themselves.", ""),
    "claim_needs_the_right": (NotAllowed, NO_RIGHT, ""),
    "claim_is_taken_over_with_a_reason": (NotValid, "Taking over from somebody needs a reason.", "reason"),
    "quote_anchor_holds": (NotValid, "The highlight does not hold these words.", ""),
    "quote_anchor_is_whole": (NotValid, "A highlight begins before it ends.", ""),
}
"""Constraint: what kind of refusal, in which words (empty: the database's own), at which field."""


@contextmanager
def _in_words() -> Iterator[None]:
    """Turn a refusal of the database into one for a person; what is not known stays an error."""
    try:
        yield
    except IntegrityError as error:
        diag = getattr(error.__cause__, "diag", None)
        name = getattr(diag, "constraint_name", None) or ""
        if name.startswith("quotes_withdrawal_check_id"):
            raise Changed("This check was taken back already.") from error
        if name not in REFUSALS:
            raise
        kind, sentence, field = REFUSALS[name]
        said = sentence or getattr(diag, "message_primary", "") or "This does not fit the quote."
        raise kind(said, field) from error


# --- Claims ------------------------------------------------------------------------------------------------------


def claim_next(*, by: Any, tab: str, order: str, skipping: Sequence[int] = ()) -> Quote | None:
    """Hand `by` the next quote of a list that is nobody's, and claim it for them.

    Fifty people who ask at once get fifty quotes: each looks past the rows that others are taking (skip locked), and
    the claim's own row decides between two who saw the same one free.

    Args:
        by: who asks.
        tab: a list of `quotes.models.queue.Tab` whose quotes are handed out.
        order: of `quotes.models.queue.Order`.
        skipping: keys of quotes that were passed over in this sitting.

    Returns:
        None when nothing waits that a pass by `by` would count for.

    Raises:
        NotAllowed: without the right to check.
    """
    expire(by=None)
    waiting = (
        QueueQuerySet(Quote)
        .visible_to(by)
        .waiting(tab, by)
        .unclaimed()
        .left_to(by)
        .for_checker(by, tab)
        .in_order(order)
        .exclude(pk__in=skipping)
        .select_for_update(skip_locked=True, of=("self",), no_key=True)
    )
    with _in_words(), acting(by=by, verb="verify.claim"):
        for _ in range(ATTEMPTS):
            found = waiting.first()
            if found is None:
                return None
            if _take(found, by):
                return found
    return None


def claim(quote: Quote, *, by: Any) -> None:
    """Claim one quote for CLAIM_MINUTES, or longer when it is `by`'s already.

    Raises:
        Taken: when somebody else is at work on it.
        NotAllowed: without the right to check.
    """
    with _in_words(), acting(by=by, verb="verify.claim"):
        if not _take(quote, by):
            raise Taken(Claim.objects.select_related("by").get(quote=quote))


def take_over(quote: Quote, reason: str, *, by: Any) -> None:
    """Take a quote over from whoever claimed it; the reason stays in the log.

    Raises:
        NotValid: without a reason, while the other is at work.
        NotAllowed: without the right to check.
    """
    with _in_words(), acting(by=by, verb="verify.take_over"):
        if _take(quote, by):
            return
        Claim.objects.filter(quote=quote).update(
            by=by, claimed_at=Now(), expires_at=Now() + _span(), reason=reason.strip()
        )


def release(quote: Quote, *, by: Any) -> bool:
    """Give up `by`'s own claim; False when there was none."""
    with acting(by=by, verb="verify.release"):
        return bool(Claim.objects.filter(quote=quote, by=by).delete()[0])


def expire(*, by: Any) -> int:
    """Take away claims that have run out, so that they leave no quote in review; returns how many.

    A claim's end is a moment, not an event, so the database cannot act on it by itself. Everybody who opens the
    queue or asks for the next quote does; when nothing has run out, this writes nothing.
    """
    if not Claim.objects.filter(expires_at__lte=Now()).exists():
        return 0
    with acting(by=by, verb="verify.expire"), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM quotes_claim WHERE quote_id IN (SELECT quote_id FROM quotes_claim"
            " WHERE expires_at <= clock_timestamp() ORDER BY quote_id LIMIT 200 FOR UPDATE SKIP LOCKED)"
        )
        return cursor.rowcount


def _span() -> dt.timedelta:
    return dt.timedelta(minutes=settings.CLAIM_MINUTES)


def _take(quote: Quote, by: Any) -> bool:
    """Write the claim if the quote is free, `by`'s own, or its claim has run out."""
    values: dict[str, Any] = {"quote": quote.pk, "by": by.pk, "span": _span()}
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO quotes_claim (quote_id, by_id, claimed_at, expires_at, reason)"
            " VALUES (%(quote)s, %(by)s, clock_timestamp(), clock_timestamp() + %(span)s, '')"
            " ON CONFLICT (quote_id) DO UPDATE SET by_id = excluded.by_id, claimed_at = excluded.claimed_at,"
            " expires_at = excluded.expires_at, reason = ''"
            " WHERE quotes_claim.by_id = excluded.by_id OR quotes_claim.expires_at <= clock_timestamp()"
            " RETURNING quote_id",
            values,
        )
        return cursor.fetchone() is not None


# --- Checks ------------------------------------------------------------------------------------------------------


def check(
    quote: Quote,
    *,
    by: Any,
    seen: str,
    verdicts: Mapping[str, str],
    note: str = "",
    evidence: Sequence[Mapping[str, Any]] = (),
    ruling: str | None = None,
    reason: str = "",
) -> Check:
    """Sign a check of what was on the screen, with its evidence; `by`'s claim on the quote ends with it.

    Args:
        seen: the content hash that was shown.
        verdicts: axis to `pass`, `fail` or `unclear`; every axis that applies, unless there is a ruling.
        evidence: fields of `Evidence` but quote, each checked for its form already.
        ruling: of `Check.Ruling`, with its `reason`.

    Raises:
        Changed: when the content is no longer the one that was shown.
        NotAllowed: without the right, or a full pass by somebody who contributed to the content.
        NotValid: when a verdict is missing or does not apply, or a reason or evidence is wanting.
        Taken: when somebody else has claimed the quote.
    """
    verb = f"verify.{ruling}" if ruling else "verify.check"
    with _in_words(), acting(by=by, verb=verb):
        # The claim's row first, then the standing's: the order in which every verb here locks.
        held = Claim.objects.select_for_update(of=("self",)).select_related("by").filter(quote=quote).first()
        if (
            held is not None
            and held.by_id != by.pk
            and Claim.objects.filter(pk=held.pk, expires_at__gt=Now())
        ):
            raise Taken(held)
        for fields in evidence:
            Evidence.objects.create(quote=quote, **fields)
        signed = Check.objects.create(
            quote=quote,
            by=by,
            seen=seen,
            note=note.strip(),
            ruling=ruling or None,
            reason=reason.strip() if ruling else "",
            **verdicts,
        )
        if held is not None:
            held.delete()
        notes.done(quote, Assignment.Task.VERIFY, by=by)
    signed.refresh_from_db()
    return signed


def undo(signed: Check, *, by: Any) -> Withdrawal:
    """Take one's own check back, while nobody has built on it: a record that makes it count for nothing.

    Evidence that came with it stays: it is evidence, whoever brought it.

    Raises:
        NotAllowed: when the check is another's.
        Changed: when somebody built on it, or it was taken back already.
    """
    with _in_words(), acting(by=by, verb="verify.undo"):
        return Withdrawal.objects.create(check_taken_back=signed, quote_id=signed.quote_id, by=by)


def return_to_reporter(quote: Quote, *, by: Any, seen: str, reason: str) -> Return:
    """Send a quote back to who entered it, with a reason; `by`'s claim ends, and it leaves the queue until it changes.

    Raises:
        Changed: when the content is no longer the one that was shown.
        NotAllowed: without the right to check.
        NotValid: without a reason.
        Taken: when somebody else has claimed the quote.
    """
    with _in_words(), acting(by=by, verb="verify.return"):
        held = Claim.objects.select_for_update(of=("self",)).select_related("by").filter(quote=quote).first()
        if (
            held is not None
            and held.by_id != by.pk
            and Claim.objects.filter(pk=held.pk, expires_at__gt=Now())
        ):
            raise Taken(held)
        sent = Return.objects.create(
            quote=quote, by=by, to=quote.created_by, seen=seen, reason=reason.strip()
        )
        if held is not None:
            held.delete()
        notes.done(quote, Assignment.Task.VERIFY, by=by)
        notes.tell_returned(sent, by=by)
    return sent


# --- The place in the source ---------------------------------------------------------------------------------------


def move_anchor(quote: Quote, start: int, end: int, *, seen: int, by: Any) -> None:
    """Let a quote be these characters of its captured text: an edit, which makes `by` a contributor.

    Args:
        quote: with a capture.
        start, end: code points into the capture's text.
        seen: the version of the quote that was on the screen.

    Raises:
        NotAllowed: without the right to change quotes.
        NotValid: when the place does not lie in the captured text.
        Changed: when somebody else has changed the quote since.
    """
    if not by.has_perm("quotes.change_quote"):
        raise NotAllowed("Your account may not change quotes.")
    if quote.capture is None:
        raise NotValid("No captured text is held in which these words could be marked.")
    body = quote.capture.body
    if not (0 <= start < end <= len(body)) or not body[start:end].strip():
        raise NotValid("The highlight does not lie in the captured text.")
    fields = {
        "start": start,
        "end": end,
        "text": body[start:end],
        "prefix": body[max(0, start - CONTEXT_LIMIT) : start],
        "suffix": body[end : end + CONTEXT_LIMIT],
    }
    try:
        with _in_words():
            records.change(quote, fields, seen=seen, by=by, verb="verify.anchor")
    except records.Conflict as conflict:
        raise Changed("Somebody else changed this quote after you opened it.") from conflict
