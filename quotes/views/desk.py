"""The desk, and the lists behind its numbers."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quotes.forms import DeskQuery
from quotes.search import desk as reads
from quotes.search import desk_lists as lists
from quotes.views import errors


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Show the desk; with `show`, the list that one of its numbers counts."""
    form = DeskQuery(request.GET)
    if not form.is_valid():
        raise Http404
    given = form.cleaned_data
    part = "#main-part" if errors.is_swap(request) else ""
    if not given["show"]:
        return render(request, f"desk/index.html{part}", {"desk": reads.desk(request.user, given["days"])})
    before = given.pop("cursor")
    page = lists.list_page(request.user, lists.Asked(**given), before=before)
    context = {"page": page, "days": given["days"], "cursor": before}
    return render(request, f"desk/list.html{part}", context)
