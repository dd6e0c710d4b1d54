"""What was published: the list of articles, and each with its quotes marked."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quotes.forms import ArticlesQuery
from quotes.search.articles import article_list, article_page


@require_safe
def articles(request: HttpRequest) -> HttpResponse:
    """Show the articles, newest first, of all outlets or of one."""
    asked = ArticlesQuery(request.GET)
    if not asked.is_valid():
        raise Http404
    query = asked.cleaned_data
    found = article_list(request.user, outlet=query["outlet"], cursor=query["cursor"])
    part = "#results" if request.htmx and not request.htmx.boosted else ""  # type: ignore[attr-defined]
    return render(request, f"articles/index.html{part}", {"found": found, "query": query})


@require_safe
def article(request: HttpRequest, key: int) -> HttpResponse:
    """Show one article."""
    return render(request, "articles/page.html", {"page": article_page(key, request.user)})
