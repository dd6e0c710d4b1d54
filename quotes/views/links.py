"""Links: the suggestions to accept or reject, one link by itself, and a new one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from quotes.actions import links as act
from quotes.actions.once import once
from quotes.actions.refusals import Changed, NotAllowed, NotValid, Refused
from quotes.forms import LinkForm, LinksQuery, NewLinkForm, NewLinkQuery
from quotes.models import Link
from quotes.search import links as reads
from quotes.views import errors

STATUS: dict[type[Refused], int] = {Changed: 409, NotAllowed: 403, NotValid: 422}
TITLES = {409: "Not saved: it has changed", 403: "Not allowed for your account", 422: "Not saved"}
STATES = (
    (Link.State.SUGGESTED, "Suggested"),
    (Link.State.CONFIRMED, "Confirmed"),
    (Link.State.REJECTED, "Rejected"),
)


@require_safe
def links(request: HttpRequest) -> HttpResponse:
    """Show the suggestions, or what was decided."""
    asked = LinksQuery(request.GET)
    if not asked.is_valid():
        raise Http404
    given = asked.cleaned_data
    found = reads.link_list(
        request.user,
        state=given["state"],
        kind=given["type"],
        speaker=given["speaker"],
        least=float(given["score"] or 0),
        cursor=given["cursor"],
    )
    if given["format"] == "json":
        return JsonResponse(reads.as_json(found))
    kept = request.GET.copy()
    kept.pop("at", None)
    last = len(found.rows) - 1
    context = {
        "found": found,
        "asked": given,
        "types": reads.TYPES,
        "states": STATES,
        "scores": asked.fields["score"].choices,  # type: ignore[attr-defined]
        # A row is always marked, so that it can be seen what the keys would act on.
        "current": max(0, min((given["at"] or 1) - 1, last)),
        "kept": kept.urlencode(),
        "undo": reads.undoable(request.user),
    }
    part = "#suggestions" if errors.is_swap(request) else ""
    return render(request, f"links/index.html{part}", context)


@require_http_methods(["GET", "HEAD", "POST"])
@once
def link(request: HttpRequest, key: int) -> HttpResponse:
    """Show one link; by POST, decide on it."""
    return _one(request, key, same=False)


@require_http_methods(["GET", "HEAD", "POST"])
@once
def same(request: HttpRequest, key: int) -> HttpResponse:
    """Show that two statements may be one; by POST, say that they are not."""
    return _one(request, key, same=True)


def _one(request: HttpRequest, key: int, *, same: bool) -> HttpResponse:
    row = reads.one(request.user, key, same=same)
    if request.method != "POST":
        return _show(request, row)
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _show(request, row, status=422, form=form, problem=(TITLES[422], form.fault))
    try:
        said = _done(request, row, form)
    except Refused as refused:
        return _refused(request, row, form, refused)
    messages.success(request, said)
    return _onward(request, row, form)


def _done(request: HttpRequest, row: reads.Row, form: LinkForm) -> str:
    """Do what the form says, and say that it was done."""
    given, by = form.cleaned_data, request.user
    what = f"{row.source.statement.uid} {row.words} {row.target.statement.uid}"
    note = given["note"] if "note" in form.data else None
    match given["do"]:
        case "confirm":
            act.confirm(row.link, seen=given["version"], by=by, kind=given["type"], note=note)
            return f"Confirmed: {row.source.statement.uid} {row.words} {row.target.statement.uid}."
        case "reject":
            act.reject(row.link, seen=given["version"], by=by, note=note)
            return f"Rejected: {what}."
        case "change":
            if row.same:
                raise NotValid("Two statements that may be one have no type: join them, or reject it.")
            act.change(
                row.link,  # type: ignore[arg-type]
                seen=given["version"],
                by=by,
                kind=given["type"],
                turned=given["turned"],
                note=note,
            )
            return "Changed the link."
        case _:
            gone = act.undo(row.link, seen=given["version"], by=by) is None
            return (
                "Taken back: the link is gone again." if gone else f"Taken back: {what} is as it was before."
            )


def _onward(request: HttpRequest, row: reads.Row, form: LinkForm) -> HttpResponse:
    """Go back to where the form stood: the list at the same place, the statement, or the link itself."""
    given = form.cleaned_data
    if given["back"] == "list":
        query = given["kept"]
        at = f"at={given['at']}" if given["at"] else ""
        address = f"{reverse('links')}?{'&'.join(part for part in (query, at) if part)}".rstrip("?")
    elif given["back"] == "statement":
        address = f"{reverse('statement', args=[given['uid'] or row.source.statement.uid])}#links"
    elif given["do"] == "undo" and not type(row.link).objects.filter(pk=row.link.pk).exists():
        address = reverse("links")
    else:
        address = row.address
    return _see_other(request, address, swap=given["back"] == "list")


def _see_other(request: HttpRequest, address: str, *, swap: bool) -> HttpResponse:
    if errors.is_swap(request) and not swap:
        # A swap must not end in a part of another page: the browser goes there. Without the place on the page, since
        # to a place on the page that is open already the browser would only scroll.
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = address.partition("#")[0]
        return answer
    return HttpResponseRedirect(address, status=303)


def _refused(request: HttpRequest, row: reads.Row, form: LinkForm, refused: Refused) -> HttpResponse:
    status = next(status for kind, status in STATUS.items() if isinstance(refused, kind))
    if errors.is_swap(request) or status == 403:
        problem = errors.Problem(status, TITLES[status], (refused.sentence,))
        return errors.show(request, problem, inside=True)
    fresh = type(row.link).objects.visible_to(request.user).filter(pk=row.link.pk).exists()
    row = reads.one(request.user, row.link.pk, same=row.same) if fresh else row
    return _show(
        request, row, status=status, form=form, problem=(TITLES[status], refused.sentence), refused=refused
    )


def _show(
    request: HttpRequest,
    row: reads.Row,
    *,
    status: int = 200,
    form: LinkForm | None = None,
    problem: tuple[str, str] | None = None,
    refused: Refused | None = None,
) -> HttpResponse:
    context = {
        "row": row,
        "types": [] if row.same else Link.Type.choices,
        "form": form,
        "problem": problem,
        "other": refused.link if isinstance(refused, act.Contradicts) else None,
        "undo": reads.undoable(request.user),
    }
    return render(request, "links/one.html", context, status=status)


# --- a new link --------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@once
def new(request: HttpRequest) -> HttpResponse:
    """Search for the statement to link with; by POST, propose the link or make it."""
    if request.method == "POST":
        return _make(request)
    asked = NewLinkQuery(request.GET)
    if not asked.is_valid():
        raise Http404
    return _offer(request, asked.cleaned_data["source"], asked.cleaned_data["q"])


def _make(request: HttpRequest) -> HttpResponse:
    form = NewLinkForm(request.POST)
    if not form.is_valid():
        return _offer(
            request, form.data.get("source", ""), form.data.get("q", ""), form=form, said=form.fault
        )
    given = form.cleaned_data
    ends = (given["target"], given["source"]) if given["turned"] else (given["source"], given["target"])
    deed = act.make if request.user.has_perm("quotes.decide_link") else act.propose
    try:
        made = deed(*ends, given["type"], by=request.user, note=given["note"])
    except NotAllowed as refused:
        problem = errors.Problem(403, TITLES[403], (refused.sentence, "Nothing was saved."))
        return errors.show(request, problem, inside=True)
    except NotValid as refused:
        return _offer(request, given["source"], given["q"], form=form, said=refused.sentence, refused=refused)
    words = f"{made.source.uid} {made.get_type_display()} {made.target.uid}"
    done = "Linked" if made.state == Link.State.CONFIRMED else "Proposed, for others to decide on"
    messages.success(request, f"{done}: {words}.")
    return _see_other(request, f"{reverse('statement', args=[given['source']])}#links", swap=False)


def _offer(
    request: HttpRequest,
    source: str,
    text: str,
    *,
    form: NewLinkForm | None = None,
    said: str = "",
    refused: NotValid | None = None,
) -> HttpResponse:
    if not request.user.has_perm("quotes.add_link"):
        problem = errors.Problem(403, TITLES[403], (act.NO_PROPOSING,))
        return errors.show(request, problem, inside=True)
    end = reads.source_of(request.user, source)
    target: Any = form.data.get("target", "") if form is not None else ""
    context = {
        "source": end,
        "q": text,
        "offers": reads.offers(request.user, end.statement, text or target),
        "types": Link.Type.choices,
        "form": form,
        "target": target,
        "said": said,
        "other": refused.link if isinstance(refused, act.Contradicts) else None,
    }
    # The search inside the dialog asks for the results alone; opening it asks for the whole form.
    asked_for = request.headers.get("HX-Target", "")
    part = ""
    if errors.is_swap(request):
        part = "#offers" if asked_for == "offers" else "#form"
    return render(request, f"links/new.html{part}", context, status=422 if said else 200)
