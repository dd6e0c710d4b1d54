"""Saved searches: the list with what is new, keeping one, opening one, taking one away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from quotes.actions import saved as actions
from quotes.actions.once import once
from quotes.actions.verify import Refused
from quotes.forms import SavedMailForm, SaveForm, SearchForm
from quotes.models import SavedSearch
from quotes.search.saved import saved_searches


@require_safe
def saved(request: HttpRequest) -> HttpResponse:
    """List one's saved searches with what is new in them; with `query`, offer to keep that one."""
    offered = request.GET.get("query", "")
    form = (
        SaveForm(initial={"query": offered, "name": SearchForm(QueryDict(offered)).criteria().q[:120]})
        if offered
        else None
    )
    return render(request, "saved/index.html", {"rows": saved_searches(request.user), "form": form})


@require_POST
@once
def save(request: HttpRequest) -> HttpResponse:
    """Keep a search."""
    form = SaveForm(request.POST)
    if form.is_valid():
        try:
            kept = actions.keep(form.cleaned_data["name"], form.cleaned_data["query"], by=request.user)
        except Refused as refused:
            form.add_error("name", refused.sentence)
        else:
            messages.success(request, f"“{kept.name}” is saved.")
            return redirect("saved", permanent=False)
    context = {"rows": saved_searches(request.user), "form": form}
    return render(request, "saved/index.html", context, status=422)


@require_POST
@once
def look(request: HttpRequest, key: int) -> HttpResponse:
    """Open a saved search; what is in it is then no longer new."""
    search = get_object_or_404(SavedSearch, pk=key, owner=request.user)
    actions.look(search, by=request.user)
    response = HttpResponseRedirect(f"{reverse('search')}?{search.query}")
    response.status_code = 303
    return response


@require_POST
@once
def mail(request: HttpRequest, key: int) -> HttpResponse:
    """Choose when mail tells of what is new in a saved search."""
    search = get_object_or_404(SavedSearch, pk=key, owner=request.user)
    form = SavedMailForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["when"][0]))
        return render(request, "saved/index.html", {"rows": saved_searches(request.user)}, status=422)
    actions.choose_mail(search, form.cleaned_data["when"], by=request.user)
    return redirect("saved", permanent=False)


@require_POST
@once
def take_away(request: HttpRequest, key: int) -> HttpResponse:
    """Forget a saved search."""
    search = get_object_or_404(SavedSearch, pk=key, owner=request.user)
    actions.take_away(search, by=request.user)
    messages.success(request, f"“{search.name}” is gone from your list.")
    return redirect("saved", permanent=False)
