"""The engine: Django's PostgreSQL with an owner, a server of its own if need be, and waits that end.

What is added to ``django.db.backends.postgresql``:

* ``connection.as_owner()`` runs a block with the login that owns the tables (migrations, ``loaddata``, ``flush``);
* without DATABASE_URL the first connection starts the embedded server, and a lost one brings it back;
* a server that is away or frozen gives an error within two seconds instead of a hanging request;
* what goes wrong while connecting is one line that says what to do (``SetupError``).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

import psycopg
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.base.validation import BaseDatabaseValidation
from django.db.backends.postgresql import base
from django.db.utils import DatabaseError

from newsroom.postgres import roles, streams, turns
from newsroom.postgres.aside import Aside
from newsroom.postgres.client import DatabaseClient, embedded
from newsroom.postgres.creation import DatabaseCreation
from newsroom.postgres.errors import SetupError
from newsroom.postgres.explain import explained
from newsroom.postgres.patience import HEALTH_SECONDS, STATEMENT_SECONDS, Absence, PatientConnection, Silence

if TYPE_CHECKING:
    from newsroom.postgres.server import Server

OLDEST_MAJOR = 15

_absences: dict[tuple[str, str], Absence] = {}
_absences_lock = threading.Lock()


class DatabaseValidation(BaseDatabaseValidation):
    """``check --database``: asks the server itself (see ``newsroom.checks``)."""

    def check(self, **kwargs: Any) -> list[Any]:
        """Give the messages of all checks of the database."""
        from newsroom.checks import check_database

        return [*super().check(**kwargs), *check_database(self.connection)]


class DatabaseWrapper(base.DatabaseWrapper):
    """One thread's connection to the records."""

    client_class = DatabaseClient
    creation_class = DatabaseCreation
    validation_class = DatabaseValidation

    def __init__(self, settings_dict: dict[str, Any], alias: str = "default") -> None:
        super().__init__(settings_dict, alias)
        self._is_owner = False

    # --- the server ---------------------------------------------------------------------------------------------

    @property
    def server(self) -> "Server | None":
        """The embedded server, or None when DATABASE_URL names another one.

        Raises:
            SetupError: on Windows, which has neither the sockets nor the locks.
        """
        return embedded(self.settings_dict)

    def prepare(self) -> None:
        """Make the server reachable: start the embedded one if it does not run yet.

        Raises:
            SetupError: when it cannot be started.
        """
        if server := self.server:
            server.use()
            self.settings_dict["HOST"] = str(server.socket_directory)
            self.settings_dict["PORT"] = server.port

    def exists(self) -> bool:
        """Tell whether there is a database to ask: DATABASE_URL names one, or the embedded one was made before."""
        server = self.server
        return server is None or server.data.exists()

    def prepare_database(self) -> None:
        """Give a fresh database the extensions and the app's role; Django calls this before it migrates.

        Raises:
            SetupError: naming the SQL that a superuser has to run.
        """
        roles.ensure_extensions(self)
        roles.ensure_app_role(self)

    def require_fitness(self) -> None:
        """Refuse a database that Verbatim cannot work with.

        Raises:
            SetupError: the first error that ``newsroom.checks`` finds.
        """
        from newsroom.checks import check_database

        for message in check_database(self):
            if message.is_serious():
                raise SetupError(f"{message.msg} {message.hint or ''}")

    @staticmethod
    def is_lock_timeout(error: BaseException) -> bool:
        """Tell whether a statement gave up because somebody else held a lock for longer than ``lock_timeout``."""
        return isinstance(error.__cause__, psycopg.errors.LockNotAvailable)

    @contextmanager
    def alone(self, task: str, *, patience: float) -> Iterator[None]:
        """Let nobody else do the same task in this database meanwhile; whoever comes second waits.

        The lock belongs to the session: it falls with the connection, however that ends.

        Args:
            task: what it is, in words for whoever waits in vain.
            patience: seconds to wait for others.

        Raises:
            SetupError: when others are still at it then.
        """
        if not turns.take(self, task, seconds=patience):
            raise SetupError(f"Somebody else is at this: {task}. Try again when that has ended.")
        try:
            yield
        finally:
            if not self._in_failed_transaction():
                turns.give_back(self, task)

    def program(self, name: str) -> str:
        """Give the path of one of PostgreSQL's programs (``psql``, ``pg_dump``).

        Args:
            name: the program.

        Returns:
            The one that belongs to the embedded server, else the bare name, which PATH resolves.
        """
        server = self.server
        return str(server.binaries.program(name)) if server else name

    # --- logins -------------------------------------------------------------------------------------------------

    @contextmanager
    def as_owner(self) -> Iterator[Self]:
        """Run a block as the owner of the tables, without the app's time limits.

        Outside a transaction the connection is closed and opened again with the owner's login. Within one that is
        impossible; with a single login (DATABASE_URL alone, and every test database) the session takes its own
        rights back for the block instead.

        Raises:
            SetupError: within a transaction when the owner has a login of its own.
        """
        if self._is_owner:
            yield self
        elif self.in_atomic_block:
            with self._own_rights():
                yield self
        else:
            ordinary = self.settings_dict
            self.close()
            self.settings_dict = self._owner_settings()
            self._is_owner = True
            try:
                yield self
            finally:
                self.close()
                self._is_owner = False
                self.settings_dict = ordinary

    def _owner_settings(self) -> dict[str, Any]:
        app_user = self.settings_dict["USER"]
        return {**self.settings_dict, **self.settings_dict["OWNER"], "APP_USER": app_user}

    @contextmanager
    def _own_rights(self) -> Iterator[None]:
        settings_dict = self.settings_dict
        if settings_dict["USER"] != settings_dict["OWNER"]["USER"]:
            raise SetupError("The owner's login cannot be taken within a transaction; start with as_owner().")
        with self.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            limit = cursor.fetchone()[0]
            cursor.execute("SET ROLE NONE; SET LOCAL statement_timeout = 0")
        self._is_owner = True
        try:
            yield
        finally:
            self._is_owner = False
            # A broken transaction takes no more commands, and its rollback undoes the role as well.
            if not self.needs_rollback and not self._in_failed_transaction():
                with self.cursor() as cursor:
                    self._configure_role(self.connection)
                    cursor.execute("SELECT set_config('statement_timeout', %s, true)", [limit])

    def _in_failed_transaction(self) -> bool:
        connection = self.connection
        return connection is None or (
            connection.info.transaction_status
            not in {psycopg.pq.TransactionStatus.INTRANS, psycopg.pq.TransactionStatus.IDLE}
        )

    @contextmanager
    def patient(self, seconds: float | None) -> Iterator[None]:
        """Wait so long for the server's answers in a block, on our side; its own limits stay.

        Args:
            seconds: for each statement; None: as long as it takes.
        """
        self.ensure_connection()
        engine: Any = self.connection
        patience, engine.patience = engine.patience, seconds
        try:
            yield
        finally:
            engine.patience = patience

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """Lift the app's time limits for a block (an import, a long report) without changing its rights."""
        names = ("statement_timeout", "idle_in_transaction_session_timeout")
        with self.cursor() as cursor:
            cursor.execute("SELECT current_setting(%s), current_setting(%s)", names)
            limits = cursor.fetchone()
            for name in names:
                cursor.execute("SELECT set_config(%s, '0', false)", [name])
        try:
            with self.patient(None):
                yield
        finally:
            if not self._in_failed_transaction():
                with self.cursor() as cursor:
                    for name, limit in zip(names, limits, strict=True):
                        cursor.execute("SELECT set_config(%s, %s, false)", [name, limit])

    def streamed(self, query: str, values: list[Any] | None = None) -> Iterator[tuple[Any, ...]]:
        """Give the rows of a query as they come, at constant memory: see ``streams.rows_of``."""
        return streams.rows_of(self, query, values)

    # --- beside the records -------------------------------------------------------------------------------------

    @contextmanager
    def in_database(self, name: str) -> Iterator[Self]:
        """Run a block in another database of the same server, with the same logins.

        Args:
            name: the database.
        """
        ordinary = self.settings_dict
        self.close()
        self.settings_dict = {**ordinary, "NAME": name}
        try:
            yield self
        finally:
            self.close()
            self.settings_dict = ordinary

    def another(self) -> Self:
        """Give one more connection to the present database with the present login, for a thread beside this one.

        To be called by the thread whose login and database are meant, and to be closed by the other.
        """
        other = self.__class__({**self.settings_dict}, alias=NO_DB_ALIAS)
        other._is_owner = self._is_owner
        other.inc_thread_sharing()
        return other

    @contextmanager
    def aside(self) -> Iterator[Aside]:
        """Give what a restore needs of the server, for a block; nobody else restores this desk meanwhile.

        Raises:
            SetupError: when the owner cannot reach the database ``postgres``, or somebody else is at it.
        """
        connection = self._maintenance()
        try:
            aside = Aside(connection, self.settings_dict["NAME"], self._maintenance)
            aside.lock()
            yield aside
        finally:
            connection.close()

    def _maintenance(self) -> Self:
        self.prepare()
        owner = {**self._owner_settings(), "NAME": None}
        if self.server:
            owner |= {"HOST": self.settings_dict["HOST"], "PORT": self.settings_dict["PORT"]}
        connection = self.__class__(owner, alias=NO_DB_ALIAS)
        connection._is_owner = True
        return connection

    def _nodb_cursor(self) -> Any:
        if self._is_owner or self.alias == NO_DB_ALIAS:
            return super()._nodb_cursor()
        return self._owner_nodb_cursor()

    @contextmanager
    def _owner_nodb_cursor(self) -> Iterator[Any]:
        connection = self._maintenance()
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    # --- connecting ---------------------------------------------------------------------------------------------

    def get_connection_params(self) -> dict[str, Any]:
        """Give psycopg's arguments; the embedded server runs afterwards."""
        self.prepare()
        params: dict[str, Any] = super().get_connection_params()
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> PatientConnection:
        """Connect, bringing the embedded server back when it has gone away.

        Raises:
            SetupError: when there is no server, or it refuses; the text says why.
        """
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        absence = self._absence(conn_params)
        if not absence.may_ask():
            raise SetupError("The database is away; it was asked a moment ago.")
        try:
            connection = self._connected(conn_params)
        except (psycopg.Error, SetupError) as error:
            # A server that answers with a reason is there: only silence is remembered.
            absence.found(present=bool(getattr(error, "sqlstate", None)))
            if isinstance(error, SetupError):
                raise
            raise explained(error, conn_params) from error
        absence.found(present=True)
        connection.patience = None if self._is_owner else STATEMENT_SECONDS
        return connection

    def _connected(self, conn_params: dict[str, Any]) -> PatientConnection:
        try:
            return PatientConnection.connect(**conn_params)
        except psycopg.OperationalError as error:
            server = self.server
            if server is None or error.sqlstate or isinstance(error, Silence):
                raise
            server.bring_back()
            return PatientConnection.connect(**conn_params)

    def _absence(self, conn_params: dict[str, Any]) -> Absence:
        key = (str(conn_params.get("host", "")), str(conn_params.get("port", "")))
        with _absences_lock:
            return _absences.setdefault(key, Absence())

    def check_database_version_supported(self) -> None:
        """Refuse a server that is too old for Django and for our SQL.

        Raises:
            SetupError: naming both versions.
        """
        major, minor = self.get_database_version()
        if major < OLDEST_MAJOR:
            raise SetupError(f"PostgreSQL {OLDEST_MAJOR} or later is needed; this server is {major}.{minor}.")

    def _configure_role(self, connection: psycopg.Connection[Any]) -> bool:
        try:
            return bool(super()._configure_role(connection))  # type: ignore[misc]
        except psycopg.Error as error:
            role = self.settings_dict["OPTIONS"].get("assume_role")
            if error.sqlstate == "22023":
                raise SetupError(
                    f"The server has no role {role} yet; run: python manage.py migrate."
                ) from error
            if error.sqlstate == "42501":
                raise SetupError(
                    f"This login may not become {role}; run: python manage.py migrate (or, as a superuser: "
                    f'GRANT {role} TO "{self.settings_dict["USER"]}";).'
                ) from error
            raise

    def is_usable(self) -> bool:
        """Tell, within ``HEALTH_SECONDS``, whether the open connection still answers."""
        connection = self.connection
        if connection is None:
            return False
        try:
            with self.patient(HEALTH_SECONDS):
                connection.execute("SELECT 1")
        except (psycopg.Error, DatabaseError):
            return False
        return True
