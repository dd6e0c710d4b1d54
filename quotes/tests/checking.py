"""A check as the page of /verify/<uid>/ sends it, and what has become of the quote."""

from typing import Any

from quotes.models import Standing

PASS = {f"axis-{axis}": "pass" for axis in ("attribution", "wording", "context", "dating")}


def sent(quote: Any, **fields: Any) -> dict[str, Any]:
    """Return a form for this quote as the page has it, every question answered with yes."""
    return {"seen": Standing.objects.get(pk=quote.pk).content_hash, **PASS, **fields}


def standing(quote: Any) -> str:
    """Return how far a quote has come, as the database has it now."""
    return Standing.objects.get(pk=quote.pk).value
