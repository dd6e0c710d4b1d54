"""One statement, with every report of it; also found by one of its quotes."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from quotes.forms import StatementQuery
from quotes.search import receipts, shapes
from quotes.search.activity import place_waiting
from quotes.search.activity_log import as_it_was
from quotes.search.history import history_of
from quotes.search.joining import joinings_of, signpost
from quotes.search.statements import StatementPage, copies_of, said_in_words, statement_page


@require_safe
def statement(request: HttpRequest, uid: str) -> HttpResponse:
    """Show the statement, with its best-supported quote first; a joined one leads to where it is now."""
    try:
        page = statement_page(request.user, statement_uid=uid)
    except Http404:
        further = signpost(uid, request.user)
        if not further:
            raise
        asked_as = request.GET.urlencode()
        address = reverse("statement", args=[further])
        # Not for good: joining can be undone.
        return redirect(f"{address}?{asked_as}" if asked_as else address)
    return _show(request, page)


@require_safe
def quote(request: HttpRequest, uid: str) -> HttpResponse:
    """Show the statement of this quote, with this quote first."""
    return _show(request, statement_page(request.user, quote_uid=uid))


@require_safe
def receipt(request: HttpRequest, uid: str) -> HttpResponse:
    """Give a statement as one file that can be verified without this site (scripts/verify_receipt.py)."""
    page = statement_page(request.user, statement_uid=uid)
    # An event of a moment ago is in the receipt only when its place in the chain is known.
    place_waiting()
    told = receipts.receipt_of(page, request.user)
    body = render_to_string(
        "statements/receipt.html", {"page": page, "told": told, "data": receipts.as_data(told)}
    )
    answer = HttpResponse(receipts.closed(body))
    answer["Content-Disposition"] = f'attachment; filename="{page.statement.uid}-receipt.html"'
    return answer


def _show(request: HttpRequest, page: StatementPage) -> HttpResponse:
    asked = StatementQuery(request.GET)
    if not asked.is_valid():
        raise Http404
    if asked.cleaned_data["format"] == "json":
        return JsonResponse(shapes.statement(page, request.user))
    history = history_of(page.statement, request.user, before=asked.cleaned_data["history"])
    day = asked.cleaned_data["as_of"]
    was = as_it_was(page.statement, day, request.user) if day else None
    context = {
        "copies": copies_of(page),
        "was": was,
        "page": page,
        "said": said_in_words(page.statement),
        "history": history,
        "joinings": joinings_of(page.statement, request.user),
    }
    # The one part that is asked for by itself: an older page of the history.
    part = "#history" if request.htmx and not request.htmx.boosted else ""  # type: ignore[attr-defined]
    return render(request, f"statements/page.html{part}", context)
