"""From which houses a statement comes and which report to cite, for the pages that show one."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from quotes.search import chains
from quotes.search.statements import StatementPage
from quotes.templatetags.verbatim import LOOKS, chosen_looks

register = template.Library()


@register.simple_tag(takes_context=True)
def provenance(context: Context, page: StatementPage) -> chains.Provenance:
    """Count reports, roots and what is held, and name the report to cite.

    Its language is the one chosen in this browser, else what the browser asks for.

    Args:
        page: one that is shown to this person already.
    """
    request: Any = context["request"]
    languages = chains.languages_of(request.headers.get("Accept-Language", ""))
    chosen = chosen_looks(request.COOKIES)["reads"]
    if chosen != LOOKS["reads"][0]:
        languages = [chosen, *(code for code in languages if code != chosen)]
    return chains.provenance(page.statement, page.shown.quote if page.shown else None, languages)


@register.simple_tag(takes_context=True)
def reading_languages(context: Context) -> list[tuple[str, bool]]:
    """Give the languages in which one may like to read reports, each with whether it is the chosen one."""
    chosen = chosen_looks(context["request"].COOKIES)["reads"]
    return [(code, code == chosen) for code in LOOKS["reads"]]
