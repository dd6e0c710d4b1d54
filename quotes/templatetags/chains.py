"""From which houses a statement comes and which report to cite, for the pages that show one."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from quotes.search import chains
from quotes.search.statements import StatementPage

register = template.Library()


@register.simple_tag(takes_context=True)
def provenance(context: Context, page: StatementPage) -> chains.Provenance:
    """Count reports, roots and what is held, and name the report to cite in a language that the browser asks for.

    Args:
        page: one that is shown to this person already.
    """
    request: Any = context["request"]
    languages = chains.languages_of(request.headers.get("Accept-Language", ""))
    return chains.provenance(page.statement, page.shown.quote if page.shown else None, languages)
