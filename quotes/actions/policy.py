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
    with acting(by=by, verb="policy.apply"):
        return bool(
            Policy.objects.filter(pk=1)
            .exclude(checks_needed=checks_needed)
            .update(checks_needed=checks_needed)
        )
