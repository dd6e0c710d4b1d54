"""Tracebacks with DEBUG, except when only the database is away: then the visitor gets 503 as in production.

Django loads this before any model (its default logging names the reporter), so nothing here may import one.
"""

from typing import Any

from django.http import HttpRequest
from django.views.debug import ExceptionReporter

from quotes.views.refusals import explain


class ReportOrRefuse(ExceptionReporter):
    """Mark the request when the database is the cause; newsroom.middleware.Away then replaces the traceback."""

    def __init__(self, request: HttpRequest | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        if request is not None:
            request.refusal = explain(self.exc_value)  # type: ignore[attr-defined]
