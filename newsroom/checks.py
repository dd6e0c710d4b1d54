"""What a database must be for Verbatim, asked of the server itself.

Run by ``migrate``, ``demo``, ``check`` and ``runserver``; each message is one line.
"""

from typing import Any

from django.core.checks import CheckMessage, Error, Warning
from django.db import DatabaseError

from newsroom.postgres.roles import EXTENSIONS

# Two spellings of one name. A database whose LC_CTYPE is C finds 0.0, and then the search is blind for every
# alphabet but the Latin one (measured: STACK.md §1).
SPELLINGS = ("Зеленський", "Зеленский")
LEAST_SIMILARITY = 0.5
# Settings without which an acknowledged write can be lost, or damage goes unseen.
SAFE = {"fsync": "on", "full_page_writes": "on", "data_checksums": "on"}


def check_database(connection: Any) -> list[CheckMessage]:
    """Check one database.

    Args:
        connection: Django's connection; it is opened if need be.

    Returns:
        The messages; empty when all is well. A server that cannot be reached is a message too.
    """
    try:
        with connection.cursor() as cursor:
            return [*_errors(cursor), *_warnings(cursor)]
    except DatabaseError as error:
        return [Error(" ".join(str(error).split()), id="verbatim.E001")]


def _errors(cursor: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    cursor.execute(
        "SELECT pg_encoding_to_char(encoding), datctype FROM pg_database WHERE datname = current_database()"
    )
    encoding, ctype = cursor.fetchone()
    if encoding != "UTF8":
        found.append(
            Error(
                f"The database is encoded in {encoding}; Verbatim needs UTF8.",
                hint="Create it again: CREATE DATABASE ... TEMPLATE template0 ENCODING 'UTF8' LC_CTYPE 'C.UTF-8'.",
                id="verbatim.E002",
            )
        )
    cursor.execute("SELECT extname FROM pg_extension WHERE extname = ANY(%s)", [list(EXTENSIONS)])
    present = {name for (name,) in cursor.fetchall()}
    for name in EXTENSIONS:
        if name not in present:
            found.append(
                Error(
                    f"The database lacks the extension {name}.",
                    hint=f"As its owner or a superuser: CREATE EXTENSION {name};",
                    id="verbatim.E003",
                )
            )
    if "pg_trgm" in present:
        cursor.execute("SELECT similarity(%s, %s)", SPELLINGS)
        similarity = cursor.fetchone()[0]
        if similarity <= LEAST_SIMILARITY:
            found.append(
                Error(
                    f"The database sees no likeness between {SPELLINGS[0]} and {SPELLINGS[1]} ({similarity:.2f}): "
                    f"its LC_CTYPE is {ctype}, so search is blind for Cyrillic and other scripts.",
                    hint="Create it again: CREATE DATABASE ... TEMPLATE template0 ENCODING 'UTF8' LC_CTYPE 'C.UTF-8'.",
                    id="verbatim.E004",
                )
            )
    return found


def _warnings(cursor: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for name, wanted in SAFE.items():
        cursor.execute("SELECT current_setting(%s, true)", [name])
        value = cursor.fetchone()[0]
        if value != wanted:
            found.append(
                Warning(
                    f"The server runs with {name} = {value}: a crash can lose or damage records.",
                    hint=f"Set {name} = {wanted} before real work goes in.",
                    id=f"verbatim.W{list(SAFE).index(name) + 1:03}",
                )
            )
    cursor.execute("SELECT current_setting('synchronous_commit')")
    value = cursor.fetchone()[0]
    if value == "off":
        found.append(
            Warning(
                "The server runs with synchronous_commit = off: a crash can lose what was just saved.",
                hint="Set synchronous_commit = on.",
                id="verbatim.W004",
            )
        )
    return found
