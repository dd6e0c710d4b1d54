"""The search page, its fragment and its JSON."""

from __future__ import annotations

from dataclasses import replace

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from quotes.forms import FacetForm, JumpQuery, SearchForm
from quotes.search import exports, presenting
from quotes.search.engine import search as find
from quotes.search.export_linked import Site
from quotes.search.facets import facet_page
from quotes.search.jump import jump as offers_for
from quotes.search.saved import saved_searches
from quotes.search.statements import said_in_words, statement_page
from quotes.search.widening import widened
from quotes.views import errors

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
    saved = saved_searches(request.user)
    request.saved_searches = saved  # type: ignore[attr-defined]  # for the number in the navigation
    context = {
        "answer": answer,
        "criteria": criteria,
        "count": presenting.count_in_words(answer),
        "chips": presenting.taken(answer),
        "panels": presenting.panels(answer),
        "bars": presenting.histogram(answer),
        "sorts": presenting.sorts(answer),
        "hidden": presenting.hidden(answer),
        "end": presenting.ending(answer),
        "examples": EXAMPLES,
        "first_url": presenting.address(criteria.on_first_page()) if criteria.cursor else "",
        "next_url": presenting.address(replace(criteria, cursor=answer.next)) if answer.next else "",
        "clear_url": presenting.address(presenting.without_filters(answer)),
        "exact_url": "" if answer.exact else presenting.exact_address(criteria),
        "save_url": presenting.save_address(criteria),
        "exports": presenting.export_addresses(criteria),
        "most": exports.MOST,
        "saved": saved,
        "widened": None if answer.rows else widened(answer, request.user),
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "search/index.html#found", context)
    at_home = criteria.empty and not (criteria.sort or criteria.cursor or criteria.notes)
    return render(request, "search/home.html" if at_home else "search/index.html", context)


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """Give all that a search finds as one file, in the format that is asked for."""
    kind = exports.FORMATS.get(request.GET.get("format", ""))
    criteria = replace(SearchForm(request.GET).criteria(), cursor=None)
    back = (presenting.address(criteria), "Back to the search")
    if kind is None:
        named = ", ".join(exports.FORMATS)
        return _refuse(
            request, 400, "There is no such format", f"A search can be exported as: {named}.", back
        )
    if criteria.notes:
        # A filter that is left out would make the file larger than was asked for.
        return _refuse(request, 400, "Nothing was exported", " ".join(criteria.notes), back)
    site = Site(request.build_absolute_uri("/").rstrip("/"), "Verbatim")
    try:
        file = exports.file_of(kind, criteria, request.user, site)
    except exports.TooMany as many:
        line = f"This search finds {many} statements, and one file holds at most {exports.MOST:,}: narrow the search."
        return _refuse(request, 422, "Too many for one file", line, back)
    except exports.NotYet:
        line = "Another file for you is still being made. Wait until it has come, then ask again."
        return _refuse(request, 429, "One file at a time", line, back)
    answer = FileResponse(file, as_attachment=True, filename=kind.filename, content_type=kind.media_type)
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _refuse(request: HttpRequest, status: int, title: str, line: str, back: tuple[str, str]) -> HttpResponse:
    return errors.show(request, errors.Problem(status, title, (line,), link=back), inside=True)


@require_safe
def facet(request: HttpRequest, name: str) -> HttpResponse:
    """List the values of a long facet with their counts, to be searched by name."""
    if name not in presenting.LONG:
        raise Http404
    form = FacetForm(request.GET)
    page = facet_page(name, form.criteria(), form.data.get("find", ""), request.user)
    part = "#found" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, f"search/facet.html{part}", {"page": page})


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
