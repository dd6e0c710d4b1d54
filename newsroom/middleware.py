"""What every request passes, outermost first (settings.MIDDLEWARE has the order).

Whatever stands above the session answers without the database, so that an outage is told within two seconds.
"""

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.utils.cache import patch_vary_headers

from newsroom import logs
from quotes.actions.audit import acting
from quotes.views import errors, health
from quotes.views.refusals import BAD_VALUE, Refusal, explain

Handler = Callable[[HttpRequest], HttpResponseBase]

requests_log = logging.getLogger("newsroom.requests")
refusals_log = logging.getLogger("newsroom.refusals")

# Headers of every answer, also of those that no later layer has seen. The policy here is for answers without a
# page (redirects, health); pages get settings.SECURE_CSP from Django's own middleware, which comes first.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), publickey-credentials-create=(self), "
        "publickey-credentials-get=(self), usb=()"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class RequestLog:
    """Give each request an id and write one line when it is answered. The query string is never written."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        number = secrets.token_hex(8)
        request.id = number  # type: ignore[attr-defined]
        mark = logs.request_id.set(number)
        try:
            response = self.get_response(request)
            response.headers["X-Request-ID"] = number
            if not request.path.startswith((settings.STATIC_URL, "/health/")):
                fields = {
                    "method": request.method,
                    "path": request.path,
                    "status": response.status_code,
                    "ms": round((time.perf_counter() - started) * 1000, 1),
                }
                requests_log.info("%s %s", request.method, response.status_code, extra={"fields": fields})
            return response
        finally:
            logs.request_id.reset(mark)


class Headers:
    """Set HEADERS on every answer that does not bring its own."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response


class Health:
    """Answer the probes before anything can redirect or refuse them: any host name, http or https, no session."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        view = health.PROBES.get(request.path)
        return view(request) if view else self.get_response(request)


class NotCached:
    """Keep every page out of every cache: the browser's (also Back after signing out) and any shared one.

    Everything behind this layer is for signed-in people, or the sign-in itself. A view that is truly public says so
    with its own ``Cache-Control: public``.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not response.headers.get("Cache-Control", "").startswith("public"):
            response.headers["Cache-Control"] = "no-store, private"
            response.headers.pop("Expires", None)
            patch_vary_headers(response, ("Cookie", "HX-Request"))
        return response


class Away:
    """Turn database errors of views into 503, 507 or 400 (quotes.views.refusals says which).

    Errors outside views (session, user, middleware) arrive at handler500, or with DEBUG at newsroom.reports.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        refusal = getattr(request, "refusal", None)
        if refusal:
            return errors.refused(request, refusal)
        if response.status_code == 405 and not getattr(response, "content", True):
            # Django gives no words with it, and browsers show a page of their own that blames the site.
            return errors.wrong_method(request, response.headers.get("Allow", ""))
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        refusal = explain(exception) or self.out_of_range(request, exception)
        if refusal is None:
            return None
        refusals_log.error("%s %s", refusal.status, refusal.title, exc_info=exception)
        return errors.refused(request, refusal)

    @staticmethod
    def out_of_range(request: HttpRequest, exception: Exception) -> Refusal | None:
        """Numbers in the filters of the admin reach date arithmetic unchecked (stock Django answers 500)."""
        asking = request.method in {"GET", "HEAD"} and request.path.startswith("/admin/")
        return BAD_VALUE if asking and isinstance(exception, OverflowError | ValueError) else None


# --- Bad input ---------------------------------------------------------------------------------------------------

# Text that PostgreSQL or UTF-8 cannot hold: NUL, and halves of surrogate pairs.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
LONG_NUMBER = re.compile(r"[+-]?\d{19,}")
METHODS_WITH_FORM = {"POST"}


def _faults(place: str, lists: Iterator[tuple[str, list[Any]]]) -> Iterator[str]:
    for name, values in lists:
        if UNSTORABLE.search(name):
            yield f"The name of a field in the {place} holds a NUL or a broken character."
        for value in values:
            if isinstance(value, str) and UNSTORABLE.search(value):
                yield f"The field “{UNSTORABLE.sub('', name)}” in the {place} holds a NUL or a broken character."


class BadInput:
    """Refuse with 400 what no view could keep or read: NUL and surrogates, in address, form and cookie."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            trouble = self.fault(request)
        except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
            request._mark_post_parse_error()  # type: ignore[attr-defined]
            return errors.too_large(request)
        except (MultiPartParserError, UnreadablePostError):
            request._mark_post_parse_error()  # type: ignore[attr-defined]
            trouble = "The form was cut off or is not one."
        return errors.unreadable(request, trouble) if trouble else self.get_response(request)

    def fault(self, request: HttpRequest) -> str | None:
        """Name the first fault of the request, or give None."""
        charset = (request.content_params or {}).get("charset", "utf-8").lower().replace("_", "-")
        if charset not in {"utf-8", "utf8", "us-ascii"}:
            # Another charset could spell NUL in ways that none of the checks below would see.
            return "The request is not written in UTF-8."
        if UNSTORABLE.search(request.path) or "\x00" in request.META.get("PATH_INFO", ""):
            return "The address holds a NUL or a broken character."
        query = request.META.get("QUERY_STRING", "")
        if "%" in query and not self.is_utf8(query):
            return "The address holds bytes that are not UTF-8."
        for fault in _faults("address", cast("Iterator[tuple[str, list[Any]]]", request.GET.lists())):
            return fault
        if any(UNSTORABLE.search(value) for value in request.COOKIES.values()):
            return "A cookie holds a NUL or a broken character."
        if request.path.startswith("/admin/"):
            for name, values in request.GET.lists():
                if any(LONG_NUMBER.fullmatch(str(value).strip()) for value in values):
                    return f"The number in the field “{name}” of the address is too long."
        if request.method in METHODS_WITH_FORM:
            for fault in _faults("form", cast("Iterator[tuple[str, list[Any]]]", request.POST.lists())):
                return fault
            # Names of files need no look: Django drops from them whatever cannot be printed.
            for fault in _faults("form", iter((name, []) for name in request.FILES)):
                return fault
        return None

    @staticmethod
    def is_utf8(query: str) -> bool:
        """True when the percent escapes of a query string spell UTF-8; a lone ``%`` counts as itself."""
        try:
            unquote_to_bytes(query).decode("utf-8")
        except UnicodeDecodeError:
            return False
        return True


# --- Sessions ----------------------------------------------------------------------------------------------------


class Sessions(SessionMiddleware):
    """Django's, except that a renewal which cannot be written costs nobody the page they are reading."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save the session; let it be when only the time of the last request would be lost (see SessionLimits)."""
        try:
            return super().process_response(request, response)
        except (DatabaseError, InterfaceError):
            if not getattr(request, "only_renewed", False):
                raise
            refusals_log.warning("A session was not renewed", exc_info=True)
            return response


class SessionLimits:
    """End a session after SESSION_COOKIE_AGE without a request, or SESSION_ABSOLUTE_AGE after signing in.

    The time of the last request is written at most every RENEW seconds, so that reading writes nothing.
    """

    STARTED = "verbatim.started"
    SEEN = "verbatim.seen"
    RENEW = 300

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        session = request.session
        if session.session_key and SESSION_KEY in session:
            now = time.time()
            idle = now - session.get(self.SEEN, now)
            whole = now - session.get(self.STARTED, now)
            if idle > settings.SESSION_COOKIE_AGE or whole > settings.SESSION_ABSOLUTE_AGE:
                session.flush()
        response = self.get_response(request)
        # A failed answer is not the moment to touch the database again.
        if response.status_code < 500 and session.accessed and SESSION_KEY in session:
            request.only_renewed = not session.modified  # type: ignore[attr-defined]
            now = time.time()
            session.setdefault(self.STARTED, now)
            if now - session.get(self.SEEN, 0) > self.RENEW:
                session[self.SEEN] = now
        return response


class SignInRequired(LoginRequiredMiddleware):
    """Everything needs signing in. A swap and a form get 401 and keep what was typed; a page is led to sign-in."""

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        if SESSION_KEY in request.session:
            # Whose session it was may not come in any more; letting them in again later must not revive it.
            request.session.flush()
        wants_json = request.GET.get("format") == "json"
        if errors.is_swap(request) or wants_json or request.method not in {"GET", "HEAD"}:
            return errors.sign_in_again(request)
        return super().handle_no_permission(request, view_func)


class OwnAccount:
    """Say who acts where people look after their own account: allauth's views write without saying who they are."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "POST" or not request.path.startswith("/accounts/"):
            return self.get_response(request)
        if not request.user.is_authenticated:
            return self.get_response(request)
        with acting(by=request.user, verb="account.change"):
            return self.get_response(request)
