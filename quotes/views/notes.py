"""Notes beside a quote, and who has it in hand."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from quotes.actions import notes as act
from quotes.actions.once import once
from quotes.actions.refusals import Changed, NotAllowed, NotValid, Refused
from quotes.forms import HandOverForm, NotesQuery, PeopleQuery
from quotes.models import Quote
from quotes.search import notes as reads
from quotes.views import errors

STATUS = {Changed: 409, NotAllowed: 403, NotValid: 422}
TITLES = {409: "Not saved: it has changed", 403: "Not allowed for your account", 422: "Not saved"}


@require_http_methods(["GET", "HEAD", "POST"])
@once
def notes(request: HttpRequest, uid: str) -> HttpResponse:
    """Show the notes beside a quote; by POST, write one, or give the quote to somebody, or take it back."""
    quote = reads.quote_with_notes(request.user, uid)
    if request.method == "POST":
        return _act(request, quote)
    asked = NotesQuery(request.GET)
    if not asked.is_valid():
        raise Http404
    return _show(request, quote, before=asked.cleaned_data["cursor"])


@require_safe
def people(request: HttpRequest, uid: str) -> HttpResponse:
    """Offer the colleagues whose name is being typed; as a page, all who can be named beside this quote."""
    quote = reads.quote_with_notes(request.user, uid)
    asked = PeopleQuery(request.GET)
    if not asked.is_valid():
        raise Http404
    if errors.is_swap(request):
        found = reads.people_named(quote, asked.cleaned_data["text"])
        return render(request, "notes/people.html#offered", {"people": found})
    return render(request, "notes/people.html", {"quote": quote, "people": reads.people_to_name(quote)})


def _act(request: HttpRequest, quote: Quote) -> HttpResponse:
    form = HandOverForm(request.POST)
    try:
        if not form.is_valid():
            raise NotValid(form.fault, form.faulty)
        _done(request, quote, form.cleaned_data)
    except Refused as refused:
        return _refused(request, quote, form, refused)
    return HttpResponseRedirect(reverse("quote-notes", args=[quote.uid]), status=303)


def _done(request: HttpRequest, quote: Quote, given: dict[str, Any]) -> None:
    match given["do"]:
        case "assign":
            kept = act.assign(
                quote, given["to"], given["task"], given["reason"], seen=given["mark"], by=request.user
            )
            who = kept.to.get_full_name() or kept.to.username
            messages.success(request, f"Asked {who} to {kept.get_task_display()} {quote.uid}.")
        case "take_back":
            act.take_back(quote, given["reason"], seen=given["mark"], by=request.user)
            messages.success(request, f"{quote.uid} is in nobody’s hands now.")
        case _:
            act.write(quote, given["text"], by=request.user)
            messages.success(request, "The note is saved.")


def _refused(request: HttpRequest, quote: Quote, form: HandOverForm, refused: Refused) -> HttpResponse:
    status = STATUS[type(refused)]
    if status == 403:
        lines = (refused.sentence, "Nothing was saved.")
        return errors.show(request, errors.Problem(403, TITLES[403], lines), inside=True)
    problem = {"title": TITLES[status], "sentence": refused.sentence, "field": refused.field}
    return _show(request, quote, status=status, typed=form.data, problem=problem)


def _show(
    request: HttpRequest, quote: Quote, *, before: int | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    # In a swap the notes are shown as they stand beside the quote; a page of their own has all of them.
    most = reads.SHOWN if errors.is_swap(request) and before is None else reads.PER_PAGE
    beside = reads.beside(quote, request.user, most=most, before=before)
    part = "#notes" if errors.is_swap(request) else ""
    context = {"quote": quote, "beside": beside, "before": before, "status": status, **more}
    return render(request, f"notes/index.html{part}", context, status=status)
