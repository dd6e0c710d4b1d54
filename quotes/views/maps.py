"""The map: who said what when about a topic or round a statement, and how it hangs together."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quotes.forms import MapQuery
from quotes.search.maps import map_of, topics_with_statements

NONE = "-"
"""A type that no link has: all boxes were unticked."""


@require_safe
def map_page(request: HttpRequest) -> HttpResponse:
    """Draw the map, or list what is on it; without a topic or statement, offer the topics."""
    asked = MapQuery(request.GET)
    if not asked.is_valid():
        raise Http404
    query = asked.cleaned_data
    topics = topics_with_statements(request.user)
    if not query["topic"] and not query["statement"]:
        return render(request, "map/choose.html", {"topics": topics})
    found = map_of(
        request.user,
        topic=query["topic"],
        statement="" if query["topic"] else query["statement"],
        speaker=query["speaker"],
        types=query["type"] or ([NONE] if query["f"] else []),
        suggestions=query["suggested"] or not query["f"],
        link=query["link"],
    )
    context = {
        "map": found,
        "topics": topics,
        "query": query,
        "suggestions": query["suggested"] or not query["f"],
    }
    part = "#map" if request.htmx and not request.htmx.boosted else ""  # type: ignore[attr-defined]
    return render(request, f"map/page.html{part}", context)
