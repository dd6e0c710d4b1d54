"""Where the records live: the environment turned into Django's DATABASES.

Three ways, one engine (``newsroom.postgres``):

* no DATABASE_URL: the embedded PostgreSQL below VERBATIM_DATA, with two logins, ``verbatim_owner`` and
  ``verbatim_app``;
* DATABASE_URL alone: one login, which owns the tables; every ordinary session drops to the role ``verbatim_app``;
* DATABASE_URL and DATABASE_OWNER_URL: two logins; the first is a mere member of ``verbatim_app``.

Persistent connections, not ``OPTIONS["pool"]``: both were run against a server that was killed and came back (four
outages of 1 to 12 s, gunicorn with 2 x 4 threads; ``python -m newsroom.postgres.torture --pooling 4`` repeats it).
The pool refused after up to 3.00 s, where 2 are allowed, and was back 2.95 s after the server; persistent connections
refused within 0.05 s and were back within 0.45 s. psycopg_pool makes its connections in a background worker that
pauses for 1, 2, 4, 8 … s between two attempts, and a request that finds the pool empty waits for the pool's own
timeout. A thread that keeps its own connection asks the server itself. gunicorn's threads are as bounded as a pool
(workers x threads), so nothing is lost.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url

from newsroom.environment import BadSetting

ENGINE = "newsroom.postgres"
APP_ROLE = "verbatim_app"
OWNER_ROLE = "verbatim_owner"
EMBEDDED_NAME = "verbatim"
SHAPE = "write it like postgres://USER:PASSWORD@HOST:5432/NAME"

# Milliseconds (TRUST.md, design rule 4). They travel in the start of the session, so no statement runs without them.
APP_TIMEOUTS = {
    "statement_timeout": 5_000,
    "lock_timeout": 2_000,
    "idle_in_transaction_session_timeout": 10_000,
}
# A migration or an import may work for hours, but it never makes the newsroom queue behind its lock for long.
OWNER_TIMEOUTS = {
    "statement_timeout": 0,
    "lock_timeout": 2_000,
    "idle_in_transaction_session_timeout": 0,
}
CONNECT_SECONDS = 2
# Long enough that a busy thread never reconnects, short enough that a failover is noticed within ten minutes.
CONNECTION_AGE_SECONDS = 600


def data_directory(env: Mapping[str, str]) -> Path:
    """Say where the embedded server, the secret key and the checkpoints are kept; nothing is created.

    VERBATIM_DATA, else ``/var/lib/verbatim`` for root, else ``$XDG_DATA_HOME/verbatim`` or
    ``~/.local/share/verbatim``.

    Args:
        env: the environment.

    Raises:
        BadSetting: when nothing of that can be found out.
    """
    given = env.get("VERBATIM_DATA", "")
    if "\0" in given or "\n" in given:
        raise BadSetting("VERBATIM_DATA", "is not a usable path.")
    if given:
        return Path(os.path.abspath(os.path.expanduser(given)))
    if sys.platform == "win32":
        return Path.home() / "AppData" / "Local" / "verbatim"
    if os.geteuid() == 0:
        return Path("/var/lib/verbatim")
    base = env.get("XDG_DATA_HOME", "")
    if os.path.isabs(base):
        return Path(base) / "verbatim"
    home = env.get("HOME", "")
    if not os.path.isabs(home):
        import pwd

        try:
            home = pwd.getpwuid(os.geteuid()).pw_dir
        except KeyError:
            raise BadSetting("VERBATIM_DATA", "is not set, and this user has no home directory.") from None
    return Path(home) / ".local" / "share" / "verbatim"


def databases(env: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Build Django's DATABASES from the environment.

    Args:
        env: the environment; DATABASE_URL, DATABASE_OWNER_URL and VERBATIM_DATA are read.

    Raises:
        BadSetting: when a URL cannot be used. The message never repeats the URL: it may hold a password.
    """
    url = env.get("DATABASE_URL", "").strip()
    owner_url = env.get("DATABASE_OWNER_URL", "").strip()
    if owner_url and not url:
        raise BadSetting("DATABASE_OWNER_URL", "is set, but DATABASE_URL is not.")
    if url:
        app = _parsed("DATABASE_URL", url)
        owner = _parsed("DATABASE_OWNER_URL", owner_url) if owner_url else app
        if owner["NAME"] != app["NAME"]:
            raise BadSetting("DATABASE_OWNER_URL", "names another database than DATABASE_URL.")
        embedded = None
    else:
        app = {"NAME": EMBEDDED_NAME, "USER": APP_ROLE, "PASSWORD": "", "HOST": "", "PORT": "", "OPTIONS": {}}
        owner = app | {"USER": OWNER_ROLE}
        embedded = str(data_directory(env))
    return {
        "default": {
            "ENGINE": ENGINE,
            **{key: app[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")},
            "OPTIONS": _options(app["OPTIONS"], APP_TIMEOUTS) | {"assume_role": APP_ROLE},
            "CONN_MAX_AGE": CONNECTION_AGE_SECONDS,
            "CONN_HEALTH_CHECKS": True,
            # Read by the engine only: the login that owns the tables, and the directory of the embedded server.
            "OWNER": {
                **{key: owner[key] for key in ("USER", "PASSWORD", "HOST", "PORT")},
                "OPTIONS": _options(owner["OPTIONS"], OWNER_TIMEOUTS),
            },
            "EMBEDDED": embedded,
        }
    }


def _parsed(name: str, url: str) -> dict[str, Any]:
    """Take a database URL apart, refusing everything that is not PostgreSQL with a database name."""
    scheme = url.partition(":")[0]
    if "://" not in url or scheme not in {"postgres", "postgresql"}:
        # Only a plain word is repeated: text without a scheme could be a password pasted into the wrong place.
        what = f"starts with {scheme}://" if "://" in url and scheme.isalnum() else "is not a URL"
        raise BadSetting(name, f"{what}; Verbatim keeps its records in PostgreSQL: {SHAPE}.")
    try:
        parts = urlsplit(url)
        # Asked for here because a port that is no number raises only when it is read.
        _ = parts.port
        parsed: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError:
        raise BadSetting(name, f"cannot be read (is a sign in it not percent-encoded?); {SHAPE}.") from None
    if not parsed["NAME"]:
        raise BadSetting(name, f"names no database; {SHAPE}.")
    if "\0" in "".join(str(parsed[key]) for key in ("NAME", "USER", "PASSWORD", "HOST")):
        raise BadSetting(name, "holds a NUL character.")
    parsed.setdefault("OPTIONS", {})
    return parsed


def _options(given: Mapping[str, Any], timeouts: Mapping[str, int]) -> dict[str, Any]:
    """Add our limits to the options of a URL; what the URL itself says about a limit wins."""
    ours = " ".join(f"-c {name}={value}" for name, value in timeouts.items()) + " -c TimeZone=UTC"
    options = {"connect_timeout": CONNECT_SECONDS, "application_name": "verbatim"} | dict(given)
    options["options"] = f"{ours} {given['options']}" if given.get("options") else ours
    return options
