"""The probes: is the process up, and can it serve. JSON for machines, without session, user or host check."""

import shutil
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.templatetags.static import static
from django.views.decorators.http import require_safe

# Below this the next import or backup may not fit; PostgreSQL keeps 16 MB segments of its log (wal_segment_size).
LEAST_FREE_BYTES = 256 * 1024 * 1024
# Links of the chain looked at by a probe; `manage.py audit verify` walks the whole of it.
RECENT_SEALS = 100


def _told(what: dict[str, Any], status: int = 200) -> HttpResponse:
    response = JsonResponse(what, status=status)
    response["Cache-Control"] = "no-store"
    return response


@login_not_required
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """200 while the process answers; asks nothing else."""
    return _told({"status": "ok"})


@login_not_required
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when pages can be served, else 503; ``degraded`` (200) when an operator should look.

    Pages need the database and all its migrations. A short disk or a broken audit chain does not stop reading, so it
    does not take the service away, but it is told.
    """
    try:
        parts = {"database": database(), "migrations": migrations(), "disk": disk(), "audit": audit()}
    except (DatabaseError, InterfaceError):
        parts = {"database": {"ok": False}, "disk": disk()}
    needed = [parts[name]["ok"] for name in ("database", "migrations") if name in parts]
    if not all(needed):
        status = "unavailable"
    elif not all(part["ok"] for part in parts.values()):
        status = "degraded"
    else:
        status = "ok"
    response = _told({"status": status, **parts}, status=503 if status == "unavailable" else 200)
    if status == "unavailable":
        response["Retry-After"] = "5"
    return response


def database() -> dict[str, Any]:
    """Ask the server for its version.

    Raises:
        DatabaseError, InterfaceError: when it does not answer.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('data_checksums')")
        version, checksums = cursor.fetchone()
    return {"ok": True, "version": version, "checksums": checksums == "on"}


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """What the code brings; read from disk once per process."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations or {})


def migrations() -> dict[str, Any]:
    """Compare what the code brings with what the database has applied; names the first missing ones."""
    applied = set(MigrationRecorder(connection).applied_migrations())
    missing = sorted(f"{app}.{name}" for app, name in _known_migrations() - applied)
    return {"ok": not missing, "missing": missing[:10]}


def disk() -> dict[str, Any]:
    """Tell the free bytes where the embedded server keeps its data (or would keep it)."""
    place = Path(settings.DATA_DIR)
    while not place.exists() and place != place.parent:
        place = place.parent
    free = shutil.disk_usage(place).free
    return {"ok": free >= LEAST_FREE_BYTES, "free_bytes": free}


def audit() -> dict[str, Any]:
    """Tell the length and age in seconds of the audit chain, and whether its last links hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT max(position), extract(epoch FROM now() - max(sealed_at))::float8,
                   bool_and(previous = before OR before IS NULL)
            FROM (SELECT position, sealed_at, previous, lag(hash) OVER (ORDER BY position) AS before
                  FROM quotes_auditseal WHERE position IS NOT NULL ORDER BY position DESC LIMIT %s) AS recent
            """,
            [RECENT_SEALS],
        )
        length, age, holds = cursor.fetchone()
    return {
        "ok": holds is not False,
        "length": length or 0,
        "age_seconds": None if age is None else round(age, 1),
    }


# Answered by newsroom.middleware.Health before any redirect or host check.
PROBES: dict[str, Any] = {"/health/live": live, "/health/ready": ready}


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponseBase:
    """Nothing here is for search engines."""
    response = HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "public, max-age=86400"
    return response


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> HttpResponseBase:
    """Lead to the icon; browsers ask for this address whatever the page says."""
    response = HttpResponseRedirect(static("img/favicon.svg"))
    response["Cache-Control"] = "public, max-age=86400"
    return response
