"""Resolve a step of a chain that is known only by its printed words, and take that back.

The printed words stay as they are. A changed step is a changed source: the database makes a checked quote stale in
the same transaction (PRODUCT.md, invariant 4).
"""

from __future__ import annotations

from typing import Any

from quotes.models import Outlet, Relay

from . import records
from .refusals import NotAllowed, NotValid


def resolve(relay: Relay, outlet: Outlet, *, seen: int, by: Any) -> None:
    """Say which outlet a step means.

    Args:
        relay: the step, without an outlet so far.
        outlet: whom it means.
        seen: the version of the step that was on the screen.
        by: who says so.

    Raises:
        NotAllowed: without the right to edit quotes.
        NotValid: when it names an outlet already, or the article's own.
        Conflict: when somebody else has changed or removed it since.
    """
    _may(by)
    if relay.outlet_id is not None:
        raise NotValid("This step names an outlet already.", "outlet")
    if relay.quote.article.outlet_id == outlet.pk:
        raise NotValid("That is the article’s own outlet: a paper is not its own source.", "outlet")
    records.change(relay, {"outlet": outlet}, seen=seen, by=by, verb="quotes.resolve")


def reopen(relay: Relay, *, seen: int, by: Any) -> None:
    """Take an outlet back: the step is known by its printed words again.

    Raises:
        NotAllowed: without the right to edit quotes.
        NotValid: when nothing is printed that would be left.
        Conflict: when somebody else has changed or removed it since.
    """
    _may(by)
    if not relay.as_printed:
        raise NotValid(
            "Nothing printed is kept of this step: without its outlet it would be empty.", "outlet"
        )
    records.change(relay, {"outlet": None}, seen=seen, by=by, verb="quotes.reopen")


def _may(by: Any) -> None:
    if not by.has_perm("quotes.change_quote"):
        raise NotAllowed("Your account may not edit quotes.")
