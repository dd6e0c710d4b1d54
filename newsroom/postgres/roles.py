"""What a fresh database needs before the first migration: the app's role, and three extensions.

On the embedded server both are there from the beginning. On a server that somebody else runs we try, and when the
right is missing we say in one line which SQL a superuser has to run.
"""

from typing import Any

from django.db import DatabaseError, transaction
from psycopg import errors, sql

from newsroom.database import APP_ROLE
from newsroom.postgres.errors import SetupError

EXTENSIONS = ("pg_trgm", "unaccent", "btree_gin")
# Two databases of one server may be set up at the same moment, and roles belong to the whole server.
ATTEMPTS = 5


def ensure_app_role(connection: Any) -> None:
    """Make sure that the app's role exists and that both logins may take it.

    May be called from a migration, with ``schema_editor.connection``.

    Args:
        connection: Django's connection, as the owner.

    Raises:
        SetupError: when the owner lacks the right; the text is the SQL for a superuser.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user")
        logins = {cursor.fetchone()[0], connection.settings_dict.get("APP_USER")} - {None, ""}
    for attempt in range(ATTEMPTS):
        missing = _missing_role_sql(connection, sorted(logins))
        if not missing:
            return
        try:
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                for statement in missing:
                    cursor.execute(statement)
        except DatabaseError as error:
            if isinstance(error.__cause__, errors.InsufficientPrivilege):
                raise SetupError(
                    f"This login may not set up the role {APP_ROLE}. A superuser has to run once: "
                    + " ".join(f"{statement};" for statement in missing)
                ) from error
            # Somebody else did the same a moment before us; look again.
            if attempt == ATTEMPTS - 1:
                raise


def _missing_role_sql(connection: Any, logins: list[str]) -> list[str]:
    quoted = connection.ops.quote_name
    # Since PostgreSQL 16 the maker of a role is its administrator, which alone does not let her take it.
    right = "SET" if connection.pg_version >= 160000 else "MEMBER"
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE])
        if cursor.fetchone() is None:
            return [
                f"CREATE ROLE {APP_ROLE} NOLOGIN",
                *(f"GRANT {APP_ROLE} TO {quoted(login)}" for login in logins if login != APP_ROLE),
            ]
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND NOT pg_has_role(oid, %s, %s) ORDER BY 1",
            [logins, APP_ROLE, right],
        )
        return [f"GRANT {APP_ROLE} TO {quoted(login)}" for (login,) in cursor.fetchall()]


def ensure_extensions(connection: Any) -> None:
    """Create the extensions that search and the indexes need; all three are "trusted", so an owner may.

    Args:
        connection: Django's connection, as the owner.

    Raises:
        SetupError: when the server does not have one, or the owner lacks the right.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        present = {name for (name,) in cursor.fetchall()}
    for name in EXTENSIONS:
        if name in present:
            continue
        try:
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                cursor.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))
        except DatabaseError as error:
            cause = error.__cause__
            if isinstance(cause, errors.InsufficientPrivilege):
                raise SetupError(
                    f"This login may not create the extension {name}. A superuser has to run once, in this "
                    f"database: CREATE EXTENSION {name};"
                ) from error
            if isinstance(cause, errors.FeatureNotSupported | errors.UndefinedFile | errors.UndefinedObject):
                raise SetupError(
                    f"The server does not have the extension {name}; install PostgreSQL's contrib package there."
                ) from error
            raise
