"""Who spoke: the index of speakers, and the page of each."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from quotes.forms import SpeakerQuery, SpeakersQuery
from quotes.search import shapes
from quotes.search.speaker_rows import statements_by
from quotes.search.speakers import find_speaker, speaker_list, speaker_page, topics_about


@require_safe
def speakers(request: HttpRequest) -> HttpResponse:
    """Show the speakers in the order of an index, found by any spelling of their name."""
    asked = SpeakersQuery(request.GET)
    if not asked.is_valid():
        raise Http404
    query = asked.cleaned_data
    found = speaker_list(request.user, name=query["q"], cursor=query["cursor"])
    part = "#results" if request.htmx and not request.htmx.boosted else ""  # type: ignore[attr-defined]
    return render(request, f"speakers/index.html{part}", {"found": found, "query": query})


@require_safe
def speaker(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a speaker; one that was merged into another leads there for good."""
    found = find_speaker(slug)
    if found.present != found:
        asked_as = request.GET.urlencode()
        address = reverse("speaker", args=[found.present.slug])
        return redirect(f"{address}?{asked_as}" if asked_as else address, permanent=True)
    asked = SpeakerQuery(request.GET)
    if not asked.is_valid():
        raise Http404
    query = asked.cleaned_data
    statements = statements_by(
        found,
        request.user,
        topic=query["topic"],
        standing=query["standing"],
        year=query["year"],
        cursor=query["cursor"],
    )
    if query["format"] == "json":
        return JsonResponse(shapes.speaker(speaker_page(found, request.user), statements))
    context = {"statements": statements, "query": query, "speaker": found}
    if request.htmx and not request.htmx.boosted:  # type: ignore[attr-defined]
        topics = topics_about(found, request.user)
        return render(request, "speakers/page.html#statements", {**context, "topics": topics})
    page = speaker_page(found, request.user)
    return render(request, "speakers/page.html", {**context, "topics": page.topics, "page": page})
