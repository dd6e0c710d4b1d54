"""The queue, and one quote at a time: what is shown, what is asked, and how a refusal is told."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from quotes.actions import verify as act
from quotes.actions.once import once
from quotes.forms import RULINGS, CheckForm, NextForm, QueueQuery, RoomQuery
from quotes.models import Evidence, Quote
from quotes.models.queue import Order, Tab
from quotes.search import verification
from quotes.search import verify as queue
from quotes.search import verify_room as rooms
from quotes.views import errors

STATUS = {act.Changed: 409, act.NotAllowed: 403, act.NotValid: 422, act.Taken: 423}
TITLES = {
    409: "Not signed: it has changed",
    403: "Not allowed for your account",
    422: "Not signed yet",
    423: "Somebody else is on it",
}
SKIPPED = "verify.skipped"
MOST_SKIPPED = 200


@require_http_methods(["GET", "HEAD", "POST"])
@once
def verify(request: HttpRequest) -> HttpResponse:
    """Show a list of what waits; by POST, hand out and claim its next quote."""
    if request.method == "POST":
        return _next(request)
    asked = QueueQuery(request.GET)
    if not asked.is_valid():
        raise Http404
    act.expire(by=None)
    given = asked.cleaned_data
    page = queue.queue_page(request.user, tab=given["tab"], order=given["order"], page=given["page"] or 1)
    if given["format"] == "json":
        return JsonResponse(queue.queue_as_json(page))
    context = {"queue": page, "undo": rooms.undoable(request.user), "orders": Order.choices}
    return _render(request, "verify/index.html", context)


def _next(request: HttpRequest) -> HttpResponse:
    form = NextForm(request.POST)
    if not form.is_valid():
        raise Http404
    given = form.cleaned_data
    if given["skip"]:
        passed = Quote.objects.visible_to(request.user).filter(uid=given["skip"]).first()
        if passed is not None:
            act.release(passed, by=request.user)
            skipped = [*request.session.get(SKIPPED, []), passed.pk][-MOST_SKIPPED:]
            request.session[SKIPPED] = skipped
    try:
        return _see_other(_onward(request, given["tab"], given["order"]))
    except act.NotAllowed as refused:
        return _not_allowed(request, refused)


def _onward(request: HttpRequest, tab: str, order: str) -> str:
    """Claim the next quote of a list and give its address, or that of the list when nothing is left for this person."""
    tab, order = tab or Tab.FIRST, order or Order.OLDEST
    skipped = request.session.get(SKIPPED, [])
    found = act.claim_next(by=request.user, tab=tab, order=order, skipping=skipped)
    if found is None and skipped:
        # All that is left was passed over once: it comes round again.
        request.session[SKIPPED] = []
        found = act.claim_next(by=request.user, tab=tab, order=order)
    if found is None:
        messages.info(request, f"Nothing in “{Tab(tab).label}” waits for you.")
        return f"{reverse('verify')}?{urlencode({'tab': tab, 'order': order})}"
    return _address(found.uid, tab, order)


def _address(uid: str, tab: str, order: str) -> str:
    where = {name: value for name, value in (("tab", tab), ("order", order)) if value}
    return reverse("verify-quote", args=[uid]) + (f"?{urlencode(where)}" if where else "")


@require_http_methods(["GET", "HEAD", "POST"])
@once
def verify_quote(request: HttpRequest, uid: str) -> HttpResponse:
    """Show one quote with its questions; by POST, do what the form says."""
    if request.method == "POST":
        return _act(request, uid)
    asked = RoomQuery(request.GET)
    if not asked.is_valid():
        raise Http404
    given = asked.cleaned_data
    room = rooms.room(request.user, uid, start=given["start"], end=given["end"])
    return _room(request, room, tab=given["tab"], order=given["order"])


def _act(request: HttpRequest, uid: str) -> HttpResponse:
    quote = (
        Quote.objects.visible_to(request.user).select_related("capture", "created_by").filter(uid=uid).first()
    )
    if quote is None:
        raise Http404
    form = CheckForm(request.POST)
    try:
        if not form.is_valid():
            raise act.NotValid(" ".join(form.faults))
        return _see_other(_done(request, quote, form))
    except act.Refused as refused:
        return _refused(request, uid, form, refused)


def _done(request: HttpRequest, quote: Quote, form: CheckForm) -> str:
    """Do it, say that it was done, and give the address to go to."""
    given, deed, by = form.cleaned_data, form.deed, request.user
    here = _address(quote.uid, given["tab"], given["order"])
    reason = given["reason"] or given["note"]
    match deed:
        case "claim":
            act.claim(quote, by=by)
            messages.success(request, f"You are on {quote.uid}.")
        case "release":
            act.release(quote, by=by)
            messages.success(request, f"Released {quote.uid}: others can take it.")
        case "take_over":
            act.take_over(quote, reason, by=by)
            messages.success(request, f"You took {quote.uid} over.")
        case "undo":
            _undo(request, quote)
        case "anchor":
            act.move_anchor(quote, given["start"] or 0, given["end"] or 0, seen=given["version"] or 0, by=by)
            messages.success(
                request,
                f"Saved the new highlight of {quote.uid}. It is your edit, so others have to check it.",
            )
        case "return":
            sent = act.return_to_reporter(quote, by=by, seen=given["seen"], reason=reason)
            to = verification.name_of(sent.to) if sent.to else "whoever edits it next"
            messages.success(request, f"Sent {quote.uid} back to {to}.")
        case _:
            ruling = deed if deed in RULINGS else None
            act.check(
                quote,
                by=by,
                seen=given["seen"],
                verdicts=form.verdicts,
                note="" if ruling and not given["reason"] else given["note"],
                evidence=[piece.cleaned_data for piece in form.evidence],
                ruling=ruling,
                reason=reason,
            )
            messages.success(request, _said(quote, ruling))
    if deed in ("sign", "return", *RULINGS) and given["tab"]:
        return _onward(request, given["tab"], given["order"])
    return here


def _said(quote: Quote, ruling: str | None) -> str:
    standing = verification.standing_now(quote)
    if ruling:
        return f"Ruled {quote.uid}: {standing.get_value_display().lower()}."
    return f"Signed {quote.uid}. {verification.lacking(standing)}"


def _undo(request: HttpRequest, quote: Quote) -> None:
    last = rooms.last_check(quote, request.user)
    if last is None:
        raise act.Changed("There is no check of yours to take back here.")
    act.undo(last, by=request.user)
    messages.success(request, f"Took back your check of {quote.uid}.")


def _see_other(address: str) -> HttpResponse:
    return HttpResponseRedirect(address, status=303)


# --- What is shown -----------------------------------------------------------------------------------------------


def _room(
    request: HttpRequest,
    room: rooms.Room,
    *,
    tab: str,
    order: str,
    status: int = 200,
    form: CheckForm | None = None,
    **more: Any,
) -> HttpResponse:
    typed = form.typed_verdicts if form else {}
    # After a change the answers belong to what was there before: they are shown, but have to be given anew.
    stale = status == 409
    rows = [
        {
            "row": row,
            "chosen": row.proposed if stale or row.axis not in typed else typed[row.axis],
            "earlier": typed.get(row.axis, "") if stale else "",
        }
        for row in room.rows
    ]
    context = {
        "room": room,
        "rows": rows,
        "queue": queue.queue_page(request.user, tab=tab, order=order),
        "tab": tab,
        "orders": Order.choices,
        "undo": rooms.undoable(request.user),
        "kinds": Evidence.Kind.choices,
        "stances": Evidence.Stance.choices,
        "typed": form.data if form else {},
        "evidence": _typed_evidence(form),
        "status": status,
        **more,
    }
    return _render(request, "verify/quote.html", context, status)


def _typed_evidence(form: CheckForm | None) -> dict[str, Any]:
    """The first piece of evidence as it was typed, and whether there was any."""
    if form is None:
        return {}
    names = ("kind", "stance", "url", "timecode", "excerpt", "primary")
    return {name: form.data.get(f"evidence-{name}", "") for name in names} | {"given": bool(form.evidence)}


def _render(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    part = f"{template}#room" if errors.is_swap(request) else template
    return render(request, part, context, status=status)


def _refused(request: HttpRequest, uid: str, form: CheckForm, refused: act.Refused) -> HttpResponse:
    """Show the room again with the reason; all that was typed is in it."""
    status = STATUS[type(refused)]
    if status == 403 and errors.is_swap(request):
        return _not_allowed(request, refused)
    room = rooms.room(request.user, uid)
    differences, event = [], None
    if status == 409:
        differences = rooms.differences(room.snapshot, form.data.get("shown", ""))
        event = rooms.last_change(room.quote, request.user)
    tab, order = (
        value if value in choices.values else ""
        for value, choices in ((form.data.get("tab", ""), Tab), (form.data.get("order", ""), Order))
    )
    return _room(
        request,
        room,
        tab=tab,
        order=order,
        status=status,
        form=form,
        problem={"title": TITLES[status], "sentence": refused.sentence, "field": refused.field},
        differences=differences,
        event=event,
    )


def _not_allowed(request: HttpRequest, refused: act.Refused) -> HttpResponse:
    lines = (refused.sentence, "Nothing was saved.")
    return errors.show(request, errors.Problem(403, TITLES[403], lines), inside=True)
