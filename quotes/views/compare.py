"""Two wordings side by side."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quotes.forms import CompareQuery
from quotes.search.compare import SAME, comparison, offered


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Show what changed from one wording to another; with one of them only, offer what it is linked with."""
    asked = CompareQuery(request.GET)
    if not asked.is_valid():
        raise Http404
    first, second = asked.cleaned_data["a"], asked.cleaned_data["b"]
    context = {"a": first, "b": second}
    if first and second and first != second:
        found = comparison(request.user, first, second)
        if found.first.quote is None or found.first.quote != found.second.quote:
            part = "#comparison" if request.htmx and not request.htmx.boosted else ""  # type: ignore[attr-defined]
            return render(request, f"compare/page.html{part}", {**context, "it": found})
    if first or second:
        side, others = offered(request.user, first or second)
        told = SAME if first and second else ""
        return render(
            request, "compare/choose.html", {**context, "side": side, "others": others, "told": told}
        )
    return render(request, "compare/choose.html", context)
