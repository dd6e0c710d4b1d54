"""A second database beside the one in use: made, filled at leisure, and put in its place in one step.

All of it goes through the maintenance database ``postgres``: a database cannot be renamed from within. The swap is one
transaction of two renames, so whoever is killed on the way leaves the one or the other under the desk's name.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.db import DatabaseError
from psycopg import errors, sql

from newsroom.postgres import turns
from newsroom.postgres.errors import SetupError

# PostgreSQL cuts longer names off without a word.
NAME_BYTES = 63
# Seconds between two looks for sessions that came back while the desk's name changes hands.
AGAIN_SECONDS = 0.05
ATTEMPTS = 12
# A restore that was killed keeps its lock until the server has ended the statement it was at.
LOCK_SECONDS = 10.0


class Aside:
    """What a restore needs of the server. Made by ``connection.aside()``; one at a time for each desk."""

    def __init__(self, connection: Any, live: str, connect: Callable[[], Any]) -> None:
        """Take the desk's name.

        Args:
            connection: of the maintenance database, as the owner.
            live: the name of the desk's database.
            connect: opens one more such connection.
        """
        self._connection = connection
        self._connect = connect
        self.live = live
        self.name = _named(live, "restoring")

    def lock(self) -> None:
        """Make sure that nobody else restores this desk; held until the connection ends, however it ends.

        Raises:
            SetupError: when somebody does.
        """
        if not turns.take(self._connection, f"restore {self.live}", seconds=LOCK_SECONDS):
            raise SetupError("Another restore of this desk is at work.")

    def exists(self, name: str) -> bool:
        """Tell whether there is a database of that name."""
        return bool(self._ask("SELECT 1 FROM pg_database WHERE datname = %s", [name]))

    def kept(self) -> list[str]:
        """Give the names of the desks that earlier restores have put aside, the latest first."""
        start = _named(self.live, "before-")
        rows = self._ask(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY 1 DESC", [start]
        )
        return [name for (name,) in rows]

    def create(self) -> None:
        """Make the empty database beside the desk, with the same encoding, locale, settings and rights.

        What a restore that was killed has left under that name is dropped first.

        Raises:
            SetupError: when this login may not.
        """
        self.drop(self.name)
        try:
            self._do(
                sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(self.name), self._like_the_desk())
            )
        except DatabaseError as error:
            if isinstance(error.__cause__, errors.InsufficientPrivilege):
                raise SetupError(
                    "This login may not create a database, so nothing can be restored beside the desk. A superuser has "
                    f'to run once: ALTER ROLE "{self._ask("SELECT current_user")[0][0]}" CREATEDB;'
                ) from error
            raise
        self._copy_settings()

    def drop(self, name: str) -> None:
        """Drop a database beside the desk, if it is there; sessions at it are ended.

        Without FORCE: that refuses where autovacuum is at work in the database, whose process belongs to a superuser. A
        plain DROP ends autovacuum itself and waits five seconds for the rest.
        """
        with self._connection.cursor() as cursor:
            _end_sessions(cursor, [name])
        self._do(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))

    def put_in_place(self, name: str | None = None) -> str | None:
        """Give the database beside the desk the desk's name, and the desk's a name that tells when.

        Sessions at the desk are ended; they find the other database when they come back.

        Args:
            name: which one; by default the one that ``create`` made.

        Returns:
            The name under which the earlier desk is kept; None when there was none.

        Raises:
            SetupError: when sessions stay that this login may not end.
        """
        other = name or self.name
        aside = _named(self.live, f"before-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"[:-3])
        there = self.exists(self.live)
        renames = [(self.live, aside)] if there else []
        renames.append((other, self.live))
        with self._ending_sessions([self.live, other]):
            for _ in range(ATTEMPTS):
                try:
                    self._rename(renames)
                except DatabaseError as error:
                    if not isinstance(error.__cause__, errors.ObjectInUse | errors.LockNotAvailable):
                        raise
                else:
                    return aside if there else None
        raise SetupError(
            "Somebody keeps a session at the desk that this login may not end; stop it and try again."
        )

    # --- steps --------------------------------------------------------------------------------------------------

    def _rename(self, pairs: list[tuple[str, str]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                for old, new in pairs:
                    names = sql.Identifier(old), sql.Identifier(new)
                    cursor.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*names))
                cursor.execute("COMMIT")
            except BaseException:
                cursor.execute("ROLLBACK")
                raise

    @contextmanager
    def _ending_sessions(self, names: list[str]) -> Iterator[None]:
        """End the sessions of databases again and again: a rename waits for them, and new ones wait for the rename."""
        other = self._connect()
        over = threading.Event()

        def work() -> None:
            while True:
                with other.cursor() as cursor:
                    _end_sessions(cursor, names)
                if over.wait(AGAIN_SECONDS):
                    return

        with other.cursor() as cursor:
            _end_sessions(cursor, names)
        thread = threading.Thread(target=work, daemon=True)
        # Django's connections belong to the thread that made them; from here on this one is the other thread's.
        other.inc_thread_sharing()
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            other.dec_thread_sharing()
            other.close()

    def _like_the_desk(self) -> sql.Composable:
        """Give the options with which a database is made that sorts and compares as the desk does."""
        columns = [
            name
            for (name,) in self._ask(
                "SELECT attname FROM pg_attribute WHERE attrelid = 'pg_database'::regclass"
            )
        ]
        locale = next((name for name in ("datlocale", "daticulocale") if name in columns), "datcollate")
        query = sql.SQL(
            "SELECT pg_encoding_to_char(encoding), datcollate, datctype, datlocprovider, {} FROM pg_database"
            " WHERE datname = %s"
        ).format(sql.Identifier(locale))
        found = self._ask(query, [self.live])
        if not found:
            return sql.SQL("ENCODING 'UTF8'")
        encoding, collate, ctype, provider, name = found[0]
        options = sql.SQL("TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}").format(
            encoding, collate, ctype
        )
        if provider == "b":
            options += sql.SQL(" LOCALE_PROVIDER builtin BUILTIN_LOCALE {}").format(name)
        elif provider == "i":
            options += sql.SQL(" LOCALE_PROVIDER icu ICU_LOCALE {}").format(name)
        return options

    def _copy_settings(self) -> None:
        """Give the new database what an operator has set for the desk's, and the rights to connect to it."""
        name = sql.Identifier(self.name)
        for (setting,) in self._ask(
            "SELECT unnest(s.setconfig) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase"
            " WHERE d.datname = %s AND s.setrole = 0",
            [self.live],
        ):
            key, _, value = setting.partition("=")
            self._do(sql.SQL("ALTER DATABASE {} SET {} TO {}").format(name, sql.Identifier(key), value))
        rights = self._ask(
            "SELECT CASE a.grantee WHEN 0 THEN NULL ELSE pg_get_userbyid(a.grantee) END, a.privilege_type"
            " FROM pg_database d, aclexplode(d.datacl) a WHERE d.datname = %s AND a.grantee <> d.datdba",
            [self.live],
        )
        if self._ask("SELECT 1 FROM pg_database WHERE datname = %s AND datacl IS NOT NULL", [self.live]):
            self._do(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
        for grantee, right in rights:
            to = sql.Identifier(grantee) if grantee else sql.SQL("PUBLIC")
            # The name of a right comes from the server, and is one of three words.
            self._do(sql.SQL("GRANT {} ON DATABASE {} TO {}").format(sql.SQL(right), name, to))

    def _ask(self, query: Any, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(query, values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def _do(self, statement: sql.Composable) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)


def _named(live: str, what: str) -> str:
    """Give the name of a database that belongs to the desk, within what PostgreSQL keeps of a name."""
    room = NAME_BYTES - len(what.encode()) - 1
    return f"{live.encode()[:room].decode(errors='ignore')}-{what}"


def _end_sessions(cursor: Any, names: list[str]) -> None:
    """End what we may end; a session of somebody above us stays, and the rename will say so."""
    cursor.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = ANY (%s) AND backend_type = 'client backend'"
        " AND pid <> pg_backend_pid()",
        [names],
    )
    for (pid,) in cursor.fetchall():
        try:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        except DatabaseError as error:
            if not isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege):
                raise
