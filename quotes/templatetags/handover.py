"""What stands beside a quote, for the pages that show one; and the key of the drafts that a browser keeps."""

import base64
from typing import Any

from django import template
from django.template import Context
from django.utils.crypto import salted_hmac

from quotes.models import Quote
from quotes.search import notes

register = template.Library()


@register.simple_tag(takes_context=True)
def beside(context: Context, quote: Quote | None) -> notes.Beside | None:
    """Give the notes beside a quote and who has it in hand; None without a quote.

    Args:
        quote: one that the page shows to this person already.
    """
    return notes.beside(quote, context["user"]) if quote is not None else None


@register.simple_tag(takes_context=True)
def draft_lock(context: Context) -> str:
    """Give the key with which this account's drafts are locked in the browser: 256 bits, base64.

    It changes with the password, and comes only with a page of a signed-in person, which no browser keeps.
    """
    user: Any = context["user"]
    digest = salted_hmac("quotes.drafts", f"{user.pk}:{user.password}", algorithm="sha256").digest()
    return base64.b64encode(digest).decode()
