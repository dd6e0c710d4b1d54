"""What was told to somebody: the list behind the bell, and when it comes by mail."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from quotes.actions import alerts as act
from quotes.actions.once import once
from quotes.forms import AlertsForm, NotesQuery
from quotes.models import MailChoice
from quotes.search import alerts as reads
from quotes.views import errors


@require_http_methods(["GET", "HEAD", "POST"])
@once
def alerts(request: HttpRequest) -> HttpResponse:
    """List one's alerts, newest first; by POST, mark them read or choose when mail comes."""
    if request.method == "POST":
        return _act(request)
    asked = NotesQuery(request.GET)
    if not asked.is_valid():
        raise Http404
    page = reads.alerts_page(request.user, before=asked.cleaned_data["cursor"])
    context = {"page": page, "choices": MailChoice.When.choices, "cursor": asked.cleaned_data["cursor"]}
    part = "#alerts" if errors.is_swap(request) else ""
    return render(request, f"alerts/index.html{part}", context)


def _act(request: HttpRequest) -> HttpResponse:
    form = AlertsForm(request.POST)
    if not form.is_valid():
        return errors.unreadable(request, "That is nothing that can be done with alerts.")
    given = form.cleaned_data
    if given["when"]:
        act.choose_mail(given["when"], by=request.user)
        messages.success(request, f"Mail about your alerts: {MailChoice.When(given['when']).label.lower()}.")
    elif given["newest"]:
        number = act.read_all(given["newest"], by=request.user)
        messages.success(request, f"{number} alert{'' if number == 1 else 's'} marked as read.")
    return HttpResponseRedirect(reverse("alerts"), status=303)


@require_POST
@once
def open_alert(request: HttpRequest, key: int) -> HttpResponse:
    """Go where an alert leads; it is read then."""
    alert = reads.own_alert(request.user, key)
    act.read(alert, by=request.user)
    return HttpResponseRedirect(reads.place_of(alert), status=303)
