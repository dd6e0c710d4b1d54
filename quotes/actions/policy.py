"""The newsroom's own numbers, brought to the database by its owner."""

from __future__ import annotations

from typing import Any

from quotes.models import Policy

from .audit import acting


def apply(checks_needed: int, *, by: Any) -> bool:
    """Make the database count `checks_needed` full passes as verified, for every quote at once.

    Only the owner of the tables can do this (`manage.py migrate` does): the app's role cannot lower the number.

    Args:
        checks_needed: VERIFICATION_CHECKS, at least 1.
        by: who applies it; None for the command line.

    Returns:
        Whether it was another number before.
    """
    other = Policy.objects.filter(pk=1).exclude(checks_needed=checks_needed)
    if not other.exists():
        # The trigger is one of the statement: an update of no row would count the checks of every quote anew, which
        # takes minutes at a million.
        return False
    with acting(by=by, verb="policy.apply"):
        return bool(other.update(checks_needed=checks_needed))
