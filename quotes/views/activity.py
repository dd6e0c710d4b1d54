"""The audit log."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quotes.forms import ActivityQuery
from quotes.search import activity_log as log
from quotes.views import errors


@require_safe
def activity(request: HttpRequest) -> HttpResponse:
    """Show what happened, filtered; for curators also whether the chain holds."""
    asked = ActivityQuery(request.GET)
    if not asked.is_valid():
        raise Http404
    given = asked.cleaned_data
    may_check = bool(getattr(request.user, "is_staff", False)) and request.user.has_perm(
        "quotes.view_auditevent"
    )
    if given["check"] and not may_check:
        raise Http404
    if given["kind"] and given["kind"] not in log.kinds_for(request.user):
        raise Http404
    verdict = log.chain_verdict() if given["check"] else None
    page = log.activity_log(
        request.user,
        log.Asked(
            who=given["who"],
            verb=given["verb"],
            kind=given["kind"],
            since=given["from"],
            until=given["to"],
            statement=given["statement"],
            before=given["cursor"],
        ),
    )
    context = {"log": page, "asked": given, "verdict": verdict, "may_check": may_check}
    part = "#results" if errors.is_swap(request) else ""
    return render(request, f"activity/index.html{part}", context)
