"""The numbers in the navigation, for every page that shows it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from quotes.search import alerts, links, saved, verify


def waiting(request: HttpRequest) -> dict[str, Any]:
    """Give templates ``waiting``: URL name to the number that waits there, counted once, and only when it is shown.

    A context processor. The number of a page that names itself in its own context is taken from there.
    """

    def count() -> dict[str, int | str]:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return {}
        number, suggested = verify.waiting(user), links.waiting(user)
        # The page of search has looked at the saved searches already, and leaves them here.
        rows = getattr(request, "saved_searches", None)
        news = saved.waiting(saved.saved_searches(user) if rows is None else rows)
        return {
            "verify": number if number < verify.MOST_COUNTED else f"{verify.MOST_COUNTED - 1}+",
            "links": suggested if suggested < links.MOST_COUNTED else f"{links.MOST_COUNTED - 1}+",
            "search": news,
            "saved": news,
            "alerts": alerts.waiting(user),
        }

    return {"waiting": SimpleLazyObject(count)}
