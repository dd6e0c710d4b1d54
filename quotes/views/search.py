"""The search page, its fragment and its JSON."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from quotes.forms import JumpQuery, SearchForm
from quotes.search import presenting
from quotes.search.engine import search as find
from quotes.search.jump import jump as offers_for
from quotes.search.saved import saved_searches
from quotes.search.statements import said_in_words, statement_page

# On the front page: what the founding story answers, and what a newsroom asks most.
EXAMPLES = ("zelenski war", "standing:disputed", "55,000", '"peaceful settlement"')


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Search statements; without a question, the front page with the latest of them."""
    form = SearchForm(request.GET)
    criteria = form.criteria()
    answer = find(criteria, request.user, exactly=form.wants_exact_count)
    if form.wants_json:
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
        "exact_url": "" if answer.exact else presenting.exact_address(criteria),
        "save_url": presenting.save_address(criteria),
        "saved": saved_searches(request.user),
        "ways": presenting.ways_on(answer, request.user) if not answer.rows else [],
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "search/index.html#found", context)
    at_home = criteria.empty and not (criteria.sort or criteria.cursor or criteria.notes)
    return render(request, "search/home.html" if at_home else "search/index.html", context)


@require_safe
def peek(request: HttpRequest, uid: str) -> HttpResponse:
    """Show one statement beside the list; opened by itself it leads to the statement's own page."""
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("statement", uid)
    page = statement_page(request.user, statement_uid=uid)
    return render(request, "search/peek.html", {"page": page, "said": said_in_words(page.statement)})


@require_safe
def jump(request: HttpRequest) -> HttpResponse:
    """Offer where a half-typed text may lead: a fragment for the jump box, a page without a script."""
    form = JumpQuery(request.GET)
    typed = form.cleaned_data["q"] if form.is_valid() else ""
    context = {"offers": offers_for(typed, request.user)}
    part = "#offers" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, f"search/jump.html{part}", context)
