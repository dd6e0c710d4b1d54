"""Pages for what went wrong. Each says what happened, what is safe, and what to do next.

Three rules. What somebody typed is shown again, so that no refusal loses words. A swap (htmx) gets a notice for the
live region ``#messages`` and never a page. The pages for 400, 500, 503 and 507 touch no database, session or user.
"""

import json
import logging
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.middleware.csrf import get_token
from django.shortcuts import resolve_url
from django.template.loader import render_to_string

from quotes.views.refusals import READ_ONLY, Refusal, explain

logger = logging.getLogger("quotes.errors")

# Seconds after which a browser or a proxy may ask again.
RETRY_AFTER = 5
# Never shown again, whatever they hold.
SECRET_FIELDS = ("password", "csrfmiddlewaretoken", "code", "credential", "secret", "token")
MOST_HELD_FIELDS = 300


@dataclass(frozen=True, slots=True)
class Held:
    """One field of a refused form: its name, what was typed, and whether it needs a box of its own to be read."""

    name: str
    value: str

    @property
    def is_text(self) -> bool:
        """True for words a person typed, False for ids, versions and ticks."""
        return len(self.value) > 40 or any(mark.isspace() for mark in self.value.strip())


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a conflict, for ``conflict``: its label, what is saved now, and what this person typed."""

    label: str
    theirs: str
    yours: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What an error page says. ``lines`` are paragraphs; ``send_again`` offers the same form once more."""

    status: int
    title: str
    lines: tuple[str, ...] = ()
    send_again: bool = False
    retry_after: int | None = None
    differences: tuple[Difference, ...] = field(default=())
    link: tuple[str, str] | None = None  # address and words


def is_swap(request: HttpRequest) -> bool:
    """True when htmx asked for a fragment (not for a boosted or restored whole page)."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def came_from_here(request: HttpRequest) -> bool:
    """True when the browser vouches that one of our own pages sent this form.

    Without that vouching nothing posted is shown again: another site could put words into the page.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site == "same-origin"
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    return bool(origin) and urlsplit(origin or "").netloc == request.META.get("HTTP_HOST")


def held_fields(request: HttpRequest) -> tuple[Held, ...]:
    """Give back what was typed into a refused form, without passwords, codes and files.

    Args:
        request: any request; only forms sent by POST from our own pages hold something.
    """
    if request.method != "POST" or not came_from_here(request):
        return ()
    try:
        pairs = [(name, value) for name, values in request.POST.lists() for value in values]
    except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent, UnreadablePostError, OSError):
        return ()
    return tuple(
        Held(name, str(value))
        for name, value in pairs[:MOST_HELD_FIELDS]
        if not any(secret in name.lower() for secret in SECRET_FIELDS)
    )


def show(request: HttpRequest, problem: Problem, *, inside: bool = False) -> HttpResponse:
    """Answer with an error page, or with a notice when htmx asked, or with JSON when the address says so.

    Args:
        request: the request that was refused.
        problem: what to say.
        inside: True frames the page with the site's navigation, which reads the session and the user; when that
            fails, the plain page is given.
    """
    response = _body(request, problem, inside=inside)
    if problem.retry_after is not None:
        response["Retry-After"] = str(problem.retry_after)
    return response


def _body(request: HttpRequest, problem: Problem, *, inside: bool) -> HttpResponse:
    context = {"problem": problem, "request_id": getattr(request, "id", "")}
    if is_swap(request):
        html = render_to_string("errors/notice.html", context)
        response = HttpResponse(html, status=problem.status)
        # The typed form stays on the screen untouched; only the live region changes.
        response["HX-Retarget"] = "#messages"
        response["HX-Reswap"] = "innerHTML"
        response["HX-Reselect"] = ".notice"
        response["HX-Push-Url"] = "false"
        return response
    if request.GET.get("format") == "json":
        told = {"status": problem.status, "error": problem.title, "detail": list(problem.lines)}
        return JsonResponse(told, status=problem.status)
    context |= {
        "held": held_fields(request),
        "action": request.get_full_path(),
        "csrf_token": get_token(request),
        "csp_nonce": getattr(request, "_csp_nonce", ""),
        "layout": "errors/plain.html",
    }
    if inside:
        try:
            html = render_to_string("errors/page.html", context | {"layout": "base.html"}, request=request)
            return HttpResponse(html, status=problem.status)
        except Exception:
            logger.exception("The framed error page failed; the plain one is given")
    return HttpResponse(render_to_string("errors/page.html", context), status=problem.status)


# --- The handlers that newsroom.urls names -----------------------------------------------------------------------


def _saving(request: HttpRequest) -> tuple[str, ...]:
    """The sentence about saving, for requests that may have been saving something."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return ()
    return ("Treat your change as not saved. Sending it again cannot save it twice.",)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400, and 413 when too much was sent."""
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return too_large(request)
    lines = ("The address or the form holds something this site cannot read.", *_saving(request))
    return show(request, Problem(400, "That request cannot be read", lines))


def unreadable(request: HttpRequest, trouble: str) -> HttpResponse:
    """400 for a named fault, for example ``The field "note" holds a NUL character.``

    Args:
        request: the request.
        trouble: one sentence that names the field or the part of the address.
    """
    saved = () if request.method in {"GET", "HEAD", "OPTIONS"} else ("Nothing was saved.",)
    return show(request, Problem(400, "That request cannot be read", (trouble, *saved)))


def too_large(request: HttpRequest) -> HttpResponse:
    """413: the form is larger than the server takes."""
    lines = (
        "More was sent than this site takes in one form. Nothing was saved.",
        "Shorten it and send it again.",
    )
    return show(request, Problem(413, "That is too much at once", lines))


def too_many(request: HttpRequest) -> HttpResponse:
    """429: too many attempts to sign in or to have a password reset; allauth asks for this page.

    It also asks when it cannot count attempts, because the database takes no changes: that is told as what it is.
    """
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        if cursor.fetchone() == ("on",):
            return refused(request, READ_ONLY)
    lines = ("There were too many attempts from here or for this account.", "Wait a minute, then try again.")
    return show(request, Problem(429, "Too many attempts", lines, retry_after=60))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: signed in, but without the right."""
    saved = () if request.method in {"GET", "HEAD", "OPTIONS"} else ("Nothing was saved.",)
    lines = ("Your account does not have the right to do this.", *saved, "A curator can give it to you.")
    return show(request, Problem(403, "Not allowed for your account", lines), inside=True)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page, or none that this person may see; the two look alike on purpose."""
    lines = ("No page has this address, or its record is not open to your account.",)
    link = (resolve_url("search"), "Search the records")
    return show(request, Problem(404, "Nothing found here", lines, link=link), inside=True)


def wrong_method(request: HttpRequest, allowed: str) -> HttpResponse:
    """405: an address that only takes forms was opened, as by a kept link, or a page was sent a form.

    Args:
        request: the request.
        allowed: the methods that the address takes, for the header ``Allow``.
    """
    asked = request.method in {"GET", "HEAD"}
    title = "There is nothing to look at here" if asked else "That cannot be sent here"
    only = "This address does something only when a page of the desk sends it a form."
    lines = (only,) if asked else ("This page takes no form.", *_saving(request))
    link = (resolve_url("desk"), "Go to the desk")
    response = show(request, Problem(405, title, lines, link=link))
    response["Allow"] = allowed
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or the page of a database that is away when that is the cause (503, 507)."""
    refusal = explain(sys.exc_info()[1])
    if refusal is not None:
        return refused(request, refusal)
    number = getattr(request, "id", "")
    lines: tuple[str, ...] = ("This is a fault of the site and was written to its log.", *_saving(request))
    if number:
        lines += (f"Number of the entry: {number}",)
    return show(
        request, Problem(500, "Something broke on our side", lines, send_again=bool(_saving(request)))
    )


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Answer for a database that is away, busy or full; touches no database, session or user.

    Args:
        request: the request that hit it.
        refusal: what ``quotes.views.refusals.explain`` made of the exception.
    """
    saved: tuple[str, ...] = ()
    if request.method not in {"GET", "HEAD", "OPTIONS"}:
        saved = ("Nothing was saved.",) if refusal.certainly_unsaved else _saving(request)
    retry = RETRY_AFTER if refusal.status in {503, 507} else None
    problem = Problem(
        refusal.status,
        refusal.title,
        (refusal.line, *saved),
        send_again=bool(saved) and retry is not None,
        retry_after=retry,
    )
    return show(request, problem)


# --- Conflicts ---------------------------------------------------------------------------------------------------


def conflict(
    request: HttpRequest,
    *,
    what: str,
    differences: Iterable[Difference],
    changed_by: str,
    changed_at: datetime,
    address: str,
) -> HttpResponse:
    """409: somebody else changed the record first. Shows both versions and keeps what was typed.

    Args:
        request: the refused write.
        what: the record in words, for example ``quote zelenskyy-55000``.
        differences: every field that differs, as saved now and as typed.
        changed_by: the name of the person whose version is saved.
        changed_at: when that was (aware).
        address: where the saved version can be read and edited.
    """
    lines = (
        f"{changed_by} changed {what} at {changed_at:%H:%M on %d %b %Y} (UTC), after you opened it.",
        "Your change was not saved. Both versions are below; what you typed is kept until you leave this page.",
    )
    problem = Problem(
        409,
        "Somebody else changed this first",
        lines,
        differences=tuple(differences),
        link=(address, "Open the saved version"),
    )
    return show(request, problem, inside=True)


# --- Sign-in that ran out ----------------------------------------------------------------------------------------


def sign_in_again(request: HttpRequest) -> HttpResponse:
    """401 for a session that ended under an open page.

    htmx gets a dialog over the page (static/js/session.js opens it), so the typed text stays; a plain form gets a
    page that holds what was typed. Never a redirect: that would end inside a fragment or lose the form.
    """
    login = resolve_url("account_login")
    if is_swap(request):
        context = {"login": login, "csrf_token": get_token(request)}
        response = HttpResponse(render_to_string("errors/sign_in_again.html", context), status=401)
        response["HX-Retarget"] = "body"
        response["HX-Reswap"] = "beforeend"
        response["HX-Reselect"] = "#sign-in-again"
        response["HX-Push-Url"] = "false"
        return response
    lines = (
        "You were signed out, so nothing was saved. What you typed is kept on this page.",
        "Sign in in a new tab, come back here, and send it again.",
    )
    problem = Problem(401, "Sign in to go on", lines, send_again=True, link=(login, "Sign in (new tab)"))
    return show(request, problem)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token is out of date (signing in elsewhere renews it) or that came from another site.

    A form from one of our own pages is shown again with a fresh token; a swap is told the fresh token
    (static/js/session.js puts it into the page). Other sites can read neither.
    """
    if not came_from_here(request):
        lines: tuple[str, ...] = ("The form did not come from a page of this site. Nothing was saved.",)
        return show(request, Problem(403, "That form was refused", lines))
    lines = (
        "This page was opened before you last signed in. Nothing was saved, and what you typed is kept.",
        "Send it again: it will be accepted now.",
    )
    response = show(request, Problem(403, "The page was out of date", lines, send_again=True))
    if is_swap(request):
        response["HX-Trigger"] = json.dumps({"verbatim:token": {"token": get_token(request)}})
    return response
