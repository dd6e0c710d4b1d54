"""Steps of chains that name no outlet: what they may mean, and saying so."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from quotes.actions import chains as act
from quotes.actions.once import once
from quotes.actions.records import Conflict
from quotes.actions.refusals import NotAllowed, NotValid
from quotes.forms import StepForm, StepsQuery
from quotes.models import Relay
from quotes.search.chains import open_steps, outlet_named, step_to_resolve


@require_safe
def steps(request: HttpRequest) -> HttpResponse:
    """Show the steps that name no outlet, and the outlets they may mean."""
    asked = StepsQuery(request.GET)
    if not asked.is_valid():
        raise Http404
    return _show(request, cursor=asked.cleaned_data["cursor"], done=asked.cleaned_data["done"])


@require_POST
@once
def step(request: HttpRequest, key: int) -> HttpResponse:
    """Say which outlet a step means, or take that back."""
    relay = step_to_resolve(request.user, key)
    form = StepForm(request.POST)
    if not form.is_valid():
        return _show(request, told="Say which outlet it is.", status=422)
    asked = form.cleaned_data
    try:
        if asked["do"] == "reopen":
            act.reopen(relay, seen=asked["version"], by=request.user)
            messages.success(request, f"“{relay.as_printed}” is open again.")
            return _done(request, None)
        outlet = outlet_named(asked["outlet"])
        if outlet is None:
            told = f"No outlet is called “{asked['outlet']}”. Give its name or slug exactly."
            return _show(request, told=told, typed=(key, asked["outlet"]), status=422)
        act.resolve(relay, outlet, seen=asked["version"], by=request.user)
    except NotAllowed as refused:
        raise PermissionDenied(refused.sentence) from refused
    except NotValid as refused:
        return _show(request, told=refused.sentence, typed=(key, asked["outlet"]), status=422)
    except Conflict as conflict:
        return _show(request, told=_now(conflict), typed=(key, asked["outlet"]), status=409)
    messages.success(
        request, f"“{relay.as_printed}” is {outlet}. Checks of the quote count for its earlier source."
    )
    return _done(request, relay)


def _now(conflict: Conflict) -> str:
    now = conflict.record
    if not isinstance(now, Relay):
        return "Somebody else has removed this step meanwhile. Nothing of yours was saved."
    means = f"is now {now.outlet}" if now.outlet else f"now reads “{now.as_printed}”"
    return f"Somebody else has changed this step meanwhile: it {means}. Nothing of yours was saved."


def _done(request: HttpRequest, relay: Relay | None) -> HttpResponse:
    address = reverse("steps")
    answer = HttpResponseRedirect(f"{address}?done={relay.pk}" if relay is not None else address)
    answer.status_code = 303
    return answer


def _show(
    request: HttpRequest,
    *,
    cursor: int | None = None,
    done: int | None = None,
    told: str = "",
    typed: tuple[int, str] = (0, ""),
    status: int = 200,
) -> HttpResponse:
    undo = None
    if done is not None and request.user.has_perm("quotes.change_quote"):
        undo = step_to_resolve(request.user, done)
    context = {
        "found": open_steps(request.user, cursor=cursor),
        "cursor": cursor,
        "undo": undo if undo is not None and undo.outlet_id else None,
        "told": told,
        "typed_key": typed[0],
        "typed": typed[1],
    }
    return render(request, "articles/steps.html", context, status=status)
