"""The search page, its fragment and its JSON."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quotes.forms import SearchForm
from quotes.search import presenting
from quotes.search.engine import search as find

# On the front page: what the founding story answers, and what a newsroom asks most.
EXAMPLES = ("zelenski war", "standing:disputed", "55,000", '"peaceful settlement"')


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Search statements; without a question, the front page with the latest of them."""
    criteria = SearchForm(request.GET).criteria()
    answer = find(criteria, request.user)
    if request.GET.get("format") == "json":
        return JsonResponse(presenting.as_json(answer))
    context = {
        "answer": answer,
        "criteria": criteria,
        "count": presenting.count_in_words(answer),
        "chips": presenting.taken(answer),
        "panels": presenting.panels(answer),
        "bars": presenting.histogram(answer),
        "sorts": presenting.sorts(answer),
        "hidden": presenting.hidden(answer),
        "nothing": "" if answer.rows else presenting.nothing(answer),
        "end": presenting.ending(answer),
        "examples": EXAMPLES,
        "first_url": presenting.address(criteria.on_first_page()) if criteria.cursor else "",
        "next_url": presenting.address(replace(criteria, cursor=answer.next)) if answer.next else "",
        "clear_url": presenting.address(presenting.without_filters(answer)),
        "ways": presenting.ways_on(answer, request.user) if not answer.rows else [],
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "search/index.html#found", context)
    at_home = criteria.empty and not (criteria.sort or criteria.cursor or criteria.notes)
    return render(request, "search/home.html" if at_home else "search/index.html", context)
