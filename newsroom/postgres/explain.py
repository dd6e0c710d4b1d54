"""psycopg's connection errors, as one line that says what is wrong and what to do."""

from collections.abc import Mapping
from typing import Any

import psycopg

from newsroom.postgres.errors import SetupError


def explained(error: psycopg.Error, params: Mapping[str, Any]) -> SetupError:
    """Turn a failed connection into one line without secrets.

    Args:
        error: what psycopg raised.
        params: what it was called with; only host, port, user and database name are repeated.
    """
    where = f"{params.get('host') or 'the local socket'}:{params.get('port') or 5432}"
    name, user = params.get("dbname"), params.get("user")
    text = str(error)
    state = error.sqlstate or ""
    # libpq knows no SQLSTATE for what happens before the session starts; PostgreSQL never translates these texts
    # for us, because the session has no language yet.
    if state == "28P01" or "password authentication failed" in text or "no password supplied" in text:
        line = f"The database at {where} refuses the password of {user!r}; see DATABASE_URL."
    elif state == "3D000" or (" does not exist" in text and f'database "{name}"' in text):
        line = f"There is no database {name!r} at {where}; create it (createdb {name}) or mend DATABASE_URL."
    elif state == "28000" or "no pg_hba.conf entry" in text or (" does not exist" in text and "role" in text):
        line = f"The database at {where} does not let {user!r} in: {_last(text)}"
    elif "resolve" in text or "Name or service not known" in text or "getaddrinfo" in text:
        line = f"The database host {params.get('host')!r} cannot be found; see DATABASE_URL."
    elif "refused" in text or "No such file" in text:
        line = f"No PostgreSQL server answers at {where}; is it running? See DATABASE_URL."
    elif "did not answer" in text or "timeout" in text:
        line = f"The database at {where} did not answer in time."
    elif "too many clients" in text or "remaining connection slots" in text:
        line = (
            f"The database at {where} has no connection left; raise max_connections or run fewer processes."
        )
    else:
        line = f"The database at {where} cannot be used: {_last(text)}"
    explanation = SetupError(line)
    return explanation


def _last(text: str) -> str:
    """Give the last clause of libpq's text, which is the reason."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return (lines[0].rpartition("FATAL:")[2] if lines else "no reason given").strip()
