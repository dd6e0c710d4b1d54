"""Languages, numbers and roles of the records, in words."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import template
from django.conf.locale import LANG_INFO
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from quotes.models import Figure

register = template.Library()

# Tags that LANG_INFO does not know, or knows under another name.
LANGUAGES = {
    "und": "Language not known",
    "zh": "Chinese",
    "zh-hans": "Chinese (simplified)",
    "zh-hant": "Chinese (traditional)",
    "no": "Norwegian",
}
SCRIPTS = {"Kana": "Japanese kana", "Han": "Chinese characters", "Hangul": "Korean", "Common": "No letters"}


@register.filter
def language_name(tag: str | None) -> str:
    """Name a language in English; a tag that we cannot name is shown as it is.

    Args:
        tag: a BCP 47 tag; empty for not known.
    """
    if not tag:
        return "not known"
    code = tag.lower()
    known: dict[str, Any] = LANG_INFO.get(code) or LANG_INFO.get(code.split("-")[0]) or {}
    return LANGUAGES.get(code) or known.get("name") or tag


@register.filter
def script_label(script: str) -> str:
    """Name a script as a heading."""
    return SCRIPTS.get(script, script)


@register.filter
def in_digits(number: Decimal | int | None) -> str:
    """Write a number with its thousands apart and no more decimals than it has."""
    if number is None:
        return ""
    text = f"{number:f}"
    decimals = len(text.partition(".")[2].rstrip("0"))
    return f"{number:,.{decimals}f}"


@register.filter
def figure_words(figure: Figure) -> str:
    """Say a figure with its bound in words: “about 55,000”, “between 100,000 and 140,000”, “more than …”.

    Low and high are never hidden: a range names both, the others the one that is known.
    """
    low, high = in_digits(figure.low), in_digits(figure.high)
    bound = figure.get_bound_display()
    if figure.bound == Figure.Bound.RANGE:
        return f"{bound} {low} and {high}"
    return f"{bound} {low or high}"


@register.filter
def roles_words(roles: Iterable[Any]) -> str:
    """Name the roles held on a day, the latest first, with what is not sure about them."""
    return "; ".join(f"{role.title} ({role.note})" if role.note else role.title for role in roles)


@register.filter
def from_here(query: str | None, request: HttpRequest) -> str:
    """Put this page's path before what `{% querystring %}` gave, so that it means the same wherever it is swapped in.

    Nothing stays nothing: there is no such page. A bare `?` is the page without a query.
    """
    return f"{request.path}{'' if query == '?' else query}" if query else ""


@register.simple_tag
def foreign(text: str, tag: str, classes: str = "") -> SafeString:
    """Print words with their language and direction, so that they are read out and laid out rightly."""
    return format_html(
        '<span{} lang="{}" dir="auto">{}</span>',
        format_html(' class="{}"', classes) if classes else "",
        tag or "und",
        text,
    )
