"""Logs: one line of JSON per event, with the id of the request, and without the words of the newsroom.

Messages of database errors repeat the row that failed, and those of bad values the value. Both may be unpublished
text or a password, so only their kind, place and constraint are written (TRUST.md O7).
"""

import json
import logging
import time
import traceback
from contextvars import ContextVar
from types import TracebackType
from typing import Any

from django.core.exceptions import ValidationError
from django.db import Error as DatabaseError

# Set by newsroom.middleware.RequestLog; "-" outside requests.
request_id: ContextVar[str] = ContextVar("request_id", default="-")

# Their text quotes what somebody typed.
SILENT_ERRORS = (DatabaseError, ValidationError, ValueError)

LONGEST_MESSAGE = 2000  # characters
LONGEST_TRACE = 40  # frames
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def describe(error: BaseException) -> dict[str, str]:
    """Say what went wrong without repeating what was typed.

    Args:
        error: the exception, of any kind.

    Returns:
        ``error`` (class name), and where they exist ``message``, ``sqlstate``, ``constraint``.
    """
    told = {"error": f"{type(error).__module__}.{type(error).__qualname__}"}
    cause = error.__cause__ if isinstance(error, DatabaseError) and error.__cause__ else error
    diag = getattr(cause, "diag", None)
    for key, value in (
        ("sqlstate", getattr(cause, "sqlstate", None)),
        ("constraint", getattr(diag, "constraint_name", None)),
        ("table", getattr(diag, "table_name", None)),
    ):
        if value:
            told[key] = str(value)
    if not isinstance(error, SILENT_ERRORS):
        told["message"] = str(error)[:LONGEST_MESSAGE]
    return told


def frames(trace: TracebackType | None) -> list[str]:
    """List the places of a traceback, outermost first, as ``file:line function``."""
    return [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(trace)[-LONGEST_TRACE:]]


class JsonFormatter(logging.Formatter):
    """Write one record as one line of ASCII JSON: no text in it can start a second line."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line for ``record``; fields given as ``extra={"fields": {…}}`` are added by name."""
        event: dict[str, Any] = {
            "time": f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            # Django's own last line about a request is written after RequestLog has closed it.
            "request": getattr(getattr(record, "request", None), "id", None) or request_id.get(),
            "message": record.getMessage()[:LONGEST_MESSAGE],
        }
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            event.update({str(key): value for key, value in fields.items() if key not in event})
        status = getattr(record, "status_code", None)
        if status is not None:
            event["status"] = status
        if record.exc_info and record.exc_info[1] is not None:
            event |= describe(record.exc_info[1]) | {"message": event["message"]}
            detail = describe(record.exc_info[1]).get("message")
            if detail:
                event["detail"] = detail
            event["trace"] = frames(record.exc_info[2])
        return json.dumps(event, ensure_ascii=True, default=str)


def configuration(*, level: str, plain: bool) -> dict[str, Any]:
    """Give Django's LOGGING.

    Args:
        level: least level to write, one of LEVELS.
        plain: True writes for a person at a terminal (DEBUG), False writes JSON.

    Raises:
        SystemExit: for an unknown level, with one line.
    """
    if level not in LEVELS:
        raise SystemExit(f"verbatim: LOG_LEVEL is {level!r}; use one of {', '.join(LEVELS)}.")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": "newsroom.logs.JsonFormatter"},
            "plain": {"format": "%(levelname)s %(name)s %(message)s"},
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "plain" if plain else "json"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": "NOTSET", "propagate": True},
            # runserver prints its own access lines; ours come from RequestLog.
            "django.server": {
                "handlers": ["stderr"],
                "level": level if plain else "WARNING",
                "propagate": False,
            },
            # At DEBUG these write every value sent to the database.
            "django.db.backends": {"level": "INFO"},
            "psycopg": {"level": "WARNING"},
            "psycopg.pool": {"level": "ERROR"},
        },
    }
