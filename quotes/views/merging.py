"""Merge two speakers, undo it, and go through those who may be one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from quotes.actions import speakers as act
from quotes.actions.merging import plan_merge
from quotes.actions.once import once
from quotes.actions.refusals import Changed, Refused
from quotes.forms import ApartForm, MergeForm, MergeQuery
from quotes.models import Merging, Speaker
from quotes.search.duplicates import duplicates
from quotes.search.speakers import find_speaker, merging_to_undo
from quotes.views import errors

MERGE = "quotes.merge_speaker"


@require_http_methods(["GET", "HEAD", "POST"])
@once
def merge(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what merging a speaker into another one would move; by POST, merge them."""
    gone = _speaker(request, slug)
    asked = MergeQuery(request.GET)
    if not asked.is_valid():
        return _choose(request, gone, "A slug is made of a–z, 0–9 and hyphens.", status=422)
    into = asked.cleaned_data["into"]
    if not into:
        return _choose(request, gone)
    kept = Speaker.objects.select_related("redirects_to").filter(slug=into).first()
    if kept is None:
        return _choose(request, gone, f"There is no speaker {into}.", status=422)
    if request.method == "POST":
        return _merge(request, gone, kept)
    return _preview(request, gone, kept)


def _merge(request: HttpRequest, gone: Speaker, kept: Speaker) -> HttpResponse:
    form = MergeForm(request.POST)
    if not form.is_valid():
        return _preview(request, gone, kept, act.CHANGED, status=409)
    given = form.cleaned_data
    try:
        merging = act.merge(
            gone,
            kept,
            seen=(given["version"], given["into_version"]),
            despite=given["despite"],
            by=request.user,
        )
    except Refused as refused:
        status = 409 if isinstance(refused, Changed) else 422
        gone, kept = find_speaker(gone.slug), find_speaker(kept.slug)
        return _preview(request, gone, kept, refused.sentence, status=status)
    number = len(merging.moved["statements"])
    messages.success(
        request,
        f"Merged: {gone.name} leads here, with {number} statement{'' if number == 1 else 's'}. It can be undone here.",
    )
    return HttpResponseRedirect(f"{reverse('speaker', args=[kept.slug])}#merged", status=303)


def _choose(request: HttpRequest, gone: Speaker, problem: str = "", *, status: int = 200) -> HttpResponse:
    context = {
        "speaker": gone,
        "found": duplicates(request.user, of=gone),
        "problem": problem,
        "typed": request.GET.get("into", "")[:80],
    }
    return render(request, "merging/merge.html", context, status=status)


def _preview(
    request: HttpRequest, gone: Speaker, kept: Speaker, problem: str = "", *, status: int = 200
) -> HttpResponse:
    plan = plan_merge(gone, kept, visible_to=request.user)
    context = {"speaker": gone, "plan": plan, "problem": problem}
    return render(request, "merging/merge.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@once
def undo(request: HttpRequest, slug: str, key: int) -> HttpResponse:
    """Show what undoing a merging gives back; by POST, undo it."""
    merging = merging_to_undo(key, slug)
    if not request.user.has_perm(MERGE):
        raise PermissionDenied
    if request.method != "POST":
        return _undoing(request, merging)
    try:
        back = act.unmerge(merging, by=request.user)
    except Refused as refused:
        merging = merging_to_undo(key, slug)
        status = 409 if isinstance(refused, Changed) else 422
        return _undoing(request, merging, refused.sentence, status=status)
    said = f"Undone: {merging.other.name} is a speaker of its own, with all that was moved."
    if back.elsewhere:
        said += f" {back.elsewhere} of its statements were credited to somebody else since, and stay so."
    messages.success(request, said)
    return HttpResponseRedirect(reverse("speaker", args=[merging.other.slug]), status=303)


def _undoing(request: HttpRequest, merging: Merging, problem: str = "", *, status: int = 200) -> HttpResponse:
    context = {"merging": merging, "speaker": merging.speaker, "problem": problem}
    return render(request, "merging/undo.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@once
def who_may_be_one(request: HttpRequest) -> HttpResponse:
    """Show speakers who may be one, each pair with why; by POST, keep that two are not."""
    if not request.user.has_perm(MERGE):
        raise PermissionDenied
    if request.method != "POST":
        return _pairs(request)
    form = ApartForm(request.POST)
    if not form.is_valid():
        return _pairs(request, "That pair is not there.", status=422)
    pair = {
        one.slug: one for one in Speaker.objects.filter(slug__in=[form.data["first"], form.data["second"]])
    }
    if len(pair) < 2:
        return _pairs(request, "That pair is not there.", status=422)
    one, two = pair.values()
    if form.cleaned_data["do"] == "apart":
        act.tell_apart(one, two, note=form.cleaned_data["note"], by=request.user)
        messages.success(request, f"Kept: {one} and {two} are two. They are suggested no more.")
    else:
        act.doubt_again(one, two, by=request.user)
        messages.success(request, f"{one} and {two} may be suggested again.")
    if errors.is_swap(request):
        return _pairs(request)
    return HttpResponseRedirect(reverse("duplicates"), status=303)


def _pairs(request: HttpRequest, problem: str = "", *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"found": duplicates(request.user), "problem": problem}
    part = "#pairs" if errors.is_swap(request) else ""
    return render(request, f"merging/duplicates.html{part}", context, status=status)


def _speaker(request: HttpRequest, slug: str) -> Speaker:
    if not request.user.has_perm(MERGE):
        raise PermissionDenied
    speaker = find_speaker(slug)
    if speaker.redirects_to is not None:
        raise Http404
    return speaker
