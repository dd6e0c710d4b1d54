"""Numbers over time: the index of what is counted, and the ledger of each."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quotes.forms import FigureQuery
from quotes.search import figure_shapes
from quotes.search.figures import chart_of, ledger
from quotes.search.measures import measures


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Show what is counted, each with its last number."""
    return render(request, "figures/index.html", {"rows": measures(request.user)})


@require_safe
def figure(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one number over time: who gave it, and how each compares with the one before."""
    asked = FigureQuery(request.GET)
    if not asked.is_valid():
        raise Http404
    query = asked.cleaned_data
    found = ledger(
        slug,
        request.user,
        speaker=query["speaker"],
        since=query["from"],
        until=query["to"],
        pair=(query["a"], query["b"]),
    )
    if query["format"] == "json":
        return JsonResponse(figure_shapes.ledger(found))
    part = "#ledger" if request.htmx and not request.htmx.boosted else ""  # type: ignore[attr-defined]
    context = {"ledger": found, "chart": chart_of(found), "query": query}
    return render(request, f"figures/page.html{part}", context)
