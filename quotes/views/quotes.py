"""Enter a quote, and edit one: the form, the source beside it, and what is said when it is not saved."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from quotes.actions import links as linking
from quotes.actions import quotes as act
from quotes.actions.once import once
from quotes.actions.records import Conflict
from quotes.actions.refusals import NotAllowed, NotValid
from quotes.models import Figure, Quote
from quotes.quoteform import MOST_ROWS, QuoteForm
from quotes.search import quotes as reads
from quotes.search.links_suggesting import for_statement
from quotes.search.proposed_figures import Proposal, proposed_figures
from quotes.search.verify import known_fakes
from quotes.search.verify_room import last_change
from quotes.views import errors

PREFILLED = ("statement", "article", "text", "speaker", "language")
"""What an address of the empty form may fill in."""


@require_http_methods(["GET", "HEAD", "POST"])
@once
def new(request: HttpRequest) -> HttpResponse:
    """Show the empty form; by POST, enter what it says."""
    if not request.user.has_perm("quotes.add_quote"):
        raise PermissionDenied
    if request.method == "POST":
        return _write(request, None)
    given = {name: request.GET[name][:2000] for name in PREFILLED if name in request.GET}
    return _show(request, QuoteForm(None, user=request.user, initial=given), None)


@require_http_methods(["GET", "HEAD", "POST"])
@once
def edit(request: HttpRequest, uid: str) -> HttpResponse:
    """Show a quote in the form; by POST, change what is different in it."""
    quote = reads.quote_to_edit(request.user, uid)
    if not request.user.has_perm("quotes.change_quote"):
        raise PermissionDenied
    if request.method == "POST":
        return _write(request, quote)
    return _show(request, QuoteForm(None, user=request.user, quote=quote), quote)


def _write(request: HttpRequest, quote: Quote | None) -> HttpResponse:
    form = QuoteForm(request.POST, user=request.user, quote=quote)
    if "take" in request.POST:
        return _take(request, form, quote)
    valid = form.is_valid()
    if request.POST.get("do") == "look":
        return _show(request, form, quote, looking=True)
    if quote is not None and _is_older(request, form, quote):
        return _conflict(request, quote)
    if not valid:
        return _show(request, form, quote, status=422)
    fakes = _fakes(request, form, quote)
    if fakes and not form.cleaned_data["reason"].strip():
        return _show(request, form, quote, status=422, fakes=fakes)
    try:
        return _written(request, form, quote)
    except Conflict:
        return _conflict(request, reads.quote_to_edit(request.user, quote.uid)) if quote else _gone(request)
    except NotValid as refused:
        field = refused.field if refused.field in form.fields else None
        form.add_error(field, refused.sentence)
        return _show(request, form, quote, status=422)
    except NotAllowed as refused:
        problem = errors.Problem(
            403, "Not allowed for your account", (refused.sentence, "Nothing was saved.")
        )
        return errors.show(request, problem, inside=True)


def _proposals(form: QuoteForm, quote: Quote | None) -> list[Proposal]:
    """The figures that the words hold and no row has yet."""

    def value(name: str) -> str:
        return str(form[name].value() or "")

    rows = [(str(row["low"].value() or ""), str(row["high"].value() or "")) for row in form.figures]
    statement = quote.statement if quote is not None else None
    return proposed_figures(
        value("text"), value("language"), rows, said_on=value("said_on"), statement=statement
    )


def _take(request: HttpRequest, form: QuoteForm, quote: Quote | None) -> HttpResponse:
    """Put one proposed figure into a row of its own and show the form again; nothing is saved by that."""
    wanted = request.POST.get("take", "")
    chosen = next((one for one in _proposals(form, quote) if str(one.place) == wanted), None)
    data = request.POST.copy()
    row = ""
    if chosen is not None and len(form.figures) < MOST_ROWS:
        row = f"figure-{form.free_row('figure')}"
        for name, text in chosen.fields.items():
            data[f"{row}-{name}"] = text
        data[f"{row}-method"] = str(Figure.Method.CLAIM)
    again = QuoteForm(data, user=request.user, quote=quote)
    again.is_valid()
    return _show(request, again, quote, looking=True, taken=row)


def _gone(request: HttpRequest) -> HttpResponse:
    lines = ("Somebody changed the statement or the article at the same moment.", "Nothing was saved.")
    return errors.show(request, errors.Problem(409, "It has changed", lines, send_again=True), inside=True)


def _is_older(request: HttpRequest, form: QuoteForm, quote: Quote) -> bool:
    """Whether the form was opened before the last change; the action asks again, with the row locked."""
    shown = request.POST.get("shown", "")
    return form.data.get("version") != str(quote.version) or bool(shown and shown != quote.composition)


def _fakes(request: HttpRequest, form: QuoteForm, quote: Quote | None) -> list[Any]:
    """Known fakes with nearly these words; asked when words or speaker are new."""
    entry = form.entry
    statement = entry.statement or (quote.statement if quote is not None else None)
    elsewhere = quote is None or (statement is not None and statement.pk != quote.statement_id)
    if not (elsewhere or "text" in entry.quote or "speaker" in entry.statement_fields):
        return []
    speaker = entry.statement_fields.get("speaker") or (statement.speaker if statement is not None else None)
    if speaker is None:
        return []
    found = known_fakes(speaker, form.cleaned_data["text"], user=request.user)
    return [fake for fake in found if quote is None or fake.quote.pk != quote.pk]


def _written(request: HttpRequest, form: QuoteForm, quote: Quote | None) -> HttpResponse:
    if quote is None:
        entered = act.enter(form.entry, by=request.user, uid=form.cleaned_data["uid"])
        _suggest_links(entered)
        messages.success(request, f"Entered {entered.uid}. It waits for its first check by somebody else.")
        return _onward(request, entered)
    changed = act.edit(
        quote,
        form.entry,
        seen=form.cleaned_data["version"] or 0,
        shown=form.cleaned_data["shown"],
        by=request.user,
    )
    if changed:
        _suggest_links(quote)
        messages.success(request, f"Saved {quote.uid}. Who changed it cannot pass it.")
    else:
        messages.info(request, f"Nothing was different: {quote.uid} is as it was.")
    return _onward(request, quote)


def _suggest_links(quote: Quote) -> None:
    """Look for what the statement may be linked with, once it is saved; a failure there breaks nothing."""

    def look() -> None:
        key = Quote.objects.values_list("statement", flat=True).get(pk=quote.pk)
        also = [other for pair in linking.suggested_with([key]) for other in pair]
        found = for_statement(key, also)
        linking.suggest(found.proposals, by=None, looked_at=found.looked_at)

    transaction.on_commit(look, robust=True)


def _onward(request: HttpRequest, quote: Quote) -> HttpResponse:
    address = reverse("quote", args=[quote.uid])
    if not Quote.objects.visible_to(request.user).filter(pk=quote.pk).exists():
        address = reverse("search")
    if errors.is_swap(request):
        # A swap must not end in a part of another page: the browser goes there.
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = address
        return answer
    return HttpResponseRedirect(address, status=303)


def _conflict(request: HttpRequest, quote: Quote) -> HttpResponse:
    """409: both versions field by field; the form keeps what was typed and takes over what was not touched."""
    opened = reads.read_opened(request.POST.get("opened", ""))
    typed = {name: str(value) for name, value in request.POST.items()}
    values, differences = reads.merged(opened, reads.values_of(quote, request.user), typed)
    data = QueryDict(mutable=True)
    for name, value in values.items():
        data[name] = value
    for name in ("reason", "body"):
        data[name] = typed.get(name, "")
    form = QuoteForm(data, user=request.user, quote=quote)
    form.is_valid()
    event = last_change(quote, request.user)
    who = (event.actor or "the system") if event else ""
    lines = [f"The last change was made by {who}, {timezone.localtime(event.at):%H:%M}."] if event else []
    return _show(request, form, quote, status=409, differences=differences, conflict_lines=lines)


def _show(
    request: HttpRequest,
    form: QuoteForm,
    quote: Quote | None,
    *,
    status: int = 200,
    looking: bool = False,
    taken: str = "",
    fakes: Any = (),
    differences: Any = (),
    conflict_lines: Any = (),
) -> HttpResponse:
    def value(name: str) -> str:
        return str(form[name].value() or "")

    proposals = _proposals(form, quote)
    context = {
        "form": form,
        "quote": quote,
        "status": status,
        "looking": looking,
        "fakes": fakes,
        "differences": differences,
        "conflict_lines": conflict_lines,
        "offer": reads.offer(),
        "live": reads.live_source(
            value("article"), request.user, text=value("text"), prefix=value("prefix"), suffix=value("suffix")
        ),
        "proposals": proposals,
        "taken": taken,
        "opened": json.dumps(form.values, ensure_ascii=False) if quote else "",
        "address": reverse("quote-edit", args=[quote.uid]) if quote else reverse("quote-new"),
    }
    part = "#form" if errors.is_swap(request) else ""
    return render(request, f"quotes/edit.html{part}", context, status=status)
