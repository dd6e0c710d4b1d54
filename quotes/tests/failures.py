"""Views to fail in, and the addresses they have while a test asks for them (the fixture ``visitor``)."""

import datetime as dt
from collections.abc import Callable

import psycopg
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from quotes.views import errors


def raised(
    kind: type[Exception], cause: type[Exception] | None = None
) -> Callable[[HttpRequest], HttpResponse]:
    @login_not_required
    def view(request: HttpRequest) -> HttpResponse:
        if cause is None:
            raise kind("the words of a source")
        raise kind("the words of a source") from cause("the words of a source")

    return view


@login_not_required
def echo(request: HttpRequest) -> HttpResponse:
    """Answer with what was typed, so that a test sees whether it came through."""
    return HttpResponse(request.POST.get("note", request.GET.get("q", "fine")), content_type="text/plain")


@login_not_required
def conflicting(request: HttpRequest) -> HttpResponse:
    return errors.conflict(
        request,
        what="quote zelenskyy-55000",
        differences=[errors.Difference("Text", "55,000", "<55.000>")],
        changed_by="Ada",
        changed_at=dt.datetime(2026, 2, 5, 11, 19, tzinfo=dt.UTC),
        address="/quotes/zelenskyy-55000/",
    )


FAILURES = {
    "away": raised(OperationalError),
    "lost": raised(InterfaceError),
    "slow": raised(OperationalError, psycopg.errors.QueryCanceled),
    "busy": raised(OperationalError, psycopg.errors.LockNotAvailable),
    "deadlock": raised(OperationalError, psycopg.errors.DeadlockDetected),
    "full": raised(OperationalError, psycopg.errors.DiskFull),
    "range": raised(DataError, psycopg.errors.NumericValueOutOfRange),
    "fault": raised(RuntimeError),
    "forbidden": raised(PermissionDenied),
}
urlpatterns: list[URLPattern | URLResolver] = [
    path("echo/", echo),
    path("conflict/", conflicting),
    path("members/", lambda request: HttpResponse("inside")),
    *(path(f"{name}/", view) for name, view in FAILURES.items()),
    path("", include("newsroom.urls")),
]
handler400, handler403, handler404, handler500 = (
    f"quotes.views.errors.{name}" for name in ("bad_request", "forbidden", "not_found", "server_error")
)


def gone(*args: object, **kwargs: object) -> object:
    raise OperationalError("connection refused")


class NoMail(BaseEmailBackend):
    """A mail server that is away."""

    def open(self) -> bool:
        raise ConnectionRefusedError("no mail server")
