"""Connections that never hang: every wait for the server has an end on our side too.

The server's own limits (``statement_timeout``) help only while the server runs. One that is stopped, swapped out or
cut off keeps its side of the socket open and says nothing, and libpq would wait for ever.
"""

import threading
import time
from typing import Any, Self, TypeVar

import psycopg
from psycopg.abc import PQGen, PQGenConn

T = TypeVar("T")

# Seconds. The first two together stay below the 2 s within which a request without database must be answered
# (TRUST.md, R12); the third is above statement_timeout (5 s), so that the server, which knows why, cuts a slow one.
HEALTH_SECONDS = 0.4
CONNECT_SECONDS = 1.2
STATEMENT_SECONDS = 6.0
# How often the network is asked again while the server is away.
RETRY_SECONDS = 0.5


class Silence(psycopg.OperationalError):
    """The server took the connection and said nothing: it is frozen or cut off, not gone."""


class PatientConnection(psycopg.Connection[Any]):
    """A connection that gives up, and closes itself, when the server says nothing for too long."""

    # Seconds for one statement or commit; None waits for ever (migrations, imports).
    patience: float | None = None

    @classmethod
    def _connect_gen(cls, conninfo: str = "") -> PQGenConn[Self]:
        # psycopg rounds connect_timeout up to two whole seconds. It resumes this generator every tenth of a second.
        deadline = time.monotonic() + CONNECT_SECONDS
        steps = super()._connect_gen(conninfo)
        try:
            step = next(steps)
            while True:
                ready = yield step
                if time.monotonic() > deadline:
                    steps.close()
                    raise Silence(f"the server did not answer within {CONNECT_SECONDS} s")
                step = steps.send(ready)
        except StopIteration as done:
            connection: Self = done.value
            return connection

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Run one exchange with the server.

        Args:
            gen: psycopg's steps.
            interval: seconds between two looks for Ctrl-C.
            timeout: seconds; without it ``patience`` counts.

        Raises:
            psycopg.OperationalError: when the time is over. The outcome is then unknown, and the connection closed.
        """
        limit = self.patience if timeout is None else timeout
        try:
            return super().wait(gen, interval, limit)
        except psycopg.OperationalError:
            # A timeout of ours leaves the exchange half done: nothing more may be said on this connection.
            if timeout is None and self.pgconn.transaction_status == psycopg.pq.TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise


class Absence:
    """What this process knows about a server that is away.

    While it is away one thread at a time asks again; the others fail at once instead of queueing up behind timeouts,
    so that every visitor is told within two seconds. One object for each server address.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ask_again_at: float | None = None

    def may_ask(self) -> bool:
        """Tell whether the calling thread should try to connect now."""
        with self._lock:
            now = time.monotonic()
            if self._ask_again_at is None:
                return True
            if now < self._ask_again_at:
                return False
            self._ask_again_at = now + CONNECT_SECONDS + RETRY_SECONDS
            return True

    def found(self, present: bool) -> None:
        """Remember whether the server could be reached."""
        with self._lock:
            self._ask_again_at = None if present else time.monotonic() + RETRY_SECONDS
