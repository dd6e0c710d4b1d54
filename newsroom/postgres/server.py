"""The embedded PostgreSQL: started by whoever needs it first, stopped by whoever needs it last.

Nothing here trusts a process id. Whether the server runs is asked of the server (as ``pg_isready`` does); who else
needs it is asked of the kernel (``locks``); an id is used only to find out whether a lock file is stale.
"""

import atexit
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path

import psycopg

from newsroom.database import APP_ROLE, EMBEDDED_NAME
from newsroom.environment import make_private
from newsroom.postgres import cluster, memory, processes
from newsroom.postgres.account import Account, account_for, reachable
from newsroom.postgres.binaries import Binaries, find_binaries
from newsroom.postgres.errors import SetupError
from newsroom.postgres.locks import Use, mutex

PORT = 5432
# Seconds. The first is for a person at a terminal: initdb on a busy disk, or hours of WAL to replay after a crash.
# The second is for a web request whose database has gone away: its answer is due within 2 s.
START_SECONDS = 300.0
COMEBACK_SECONDS = 0.4
STOP_SECONDS = 60.0
# How long the backends of a killed server may take to end.
AGAIN_SECONDS = 30.0
# After so many seconds a waiting person is told what she waits for.
TELL_SECONDS = 5.0
# A socket's path may be 107 bytes long on Linux and 103 on macOS, its name and the end mark included.
SOCKET_PATH_BYTES = 100
LOG_BYTES = 5_000_000

_servers: dict[Path, "Server"] = {}
_servers_lock = threading.Lock()


def server_for(directory: Path) -> "Server":
    """Give this process's one handle on the embedded server of a directory (see VERBATIM_DATA)."""
    with _servers_lock:
        if directory not in _servers:
            _servers[directory] = Server(directory)
        return _servers[directory]


class Server:
    """A handle on the embedded server below one directory."""

    port = PORT

    def __init__(self, directory: Path) -> None:
        """Take the directory down; nothing is started or written yet.

        Args:
            directory: VERBATIM_DATA.

        """
        self.directory = directory
        self.data = directory / "data"
        self.log = directory / "postgresql.log"
        # While it lies there, the last user leaves the server running (``localdb start``).
        self.stay = directory / "stay"
        self._use = Use(directory / "users.lock")
        self._thread_lock = threading.RLock()
        self._child: subprocess.Popen[bytes] | None = None
        self._log_starts_at = 0
        # What the server is started with; and whether this machine refused it more than the least. Then it is not asked
        # for more again: a web request that brings the server back has no time for a start in vain.
        self._memory = memory.share(memory.ASSUMED_MB)
        self._modest = False
        # Tells our server's process from every other, in its own arguments, where even another user may read it.
        self.tag = "verbatim-" + hashlib.sha256(os.fsencode(os.path.realpath(directory))).hexdigest()[:16]

    # --- what belongs to it -------------------------------------------------------------------------------------

    @cached_property
    def account(self) -> Account:
        """The user who runs it."""
        return account_for(os.environ)

    @cached_property
    def binaries(self) -> Binaries:
        """The programs."""
        return find_binaries(os.environ)

    @cached_property
    def socket_directory(self) -> Path:
        """Where clients find the socket: in the data directory, else, when that path is too long, in a short one."""
        name = f"/.s.PGSQL.{PORT}"
        # libpq takes a comma in its host for the end of a name.
        if len(os.fsencode(str(self.data) + name)) <= SOCKET_PATH_BYTES and "," not in str(self.data):
            return self.data
        short = f"verbatim-{self.account.uid}-{self.tag[-16:]}"
        for base in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - its owner and rights are checked before use
            if len(os.fsencode(f"{base}/{short}{name}")) <= SOCKET_PATH_BYTES:
                return Path(base) / short
        raise SetupError(
            f"There is no directory short enough for the socket of {self.data}; set TMPDIR to one."
        )

    def answers(self) -> bool | None:
        """Ask the server.

        Returns:
            True when it takes connections, False when it is there but not ready, None when nobody answers.
        """
        # A login that the rules refuse is an answer too, so no rights are needed here.
        info = psycopg.conninfo.make_conninfo(
            host=str(self.socket_directory), port=PORT, user=APP_ROLE, dbname=EMBEDDED_NAME, connect_timeout=2
        )
        ping = psycopg.pq.PGconn.ping(info.encode())
        return {psycopg.pq.Ping.OK: True, psycopg.pq.Ping.REJECT: False}.get(psycopg.pq.Ping(ping))

    def process(self) -> int | None:
        """Give the id of the live server process; None when there is none, whatever the lock file says."""
        pid = processes.pid_in(self.data / "postmaster.pid")
        return pid if pid and processes.is_server(pid, self.data, self.tag) else None

    # --- using it -----------------------------------------------------------------------------------------------

    def use(self) -> None:
        """Have the server running until this process ends; it is made and started if need be.

        Raises:
            SetupError: when that is impossible; the text says why.
        """
        if self._use.is_claimed():
            return
        with self._thread_lock:
            if self._use.is_claimed():
                return
            self._make_directory()
            with self._mutex(START_SECONDS):
                self._use.claim()
                try:
                    self._start(START_SECONDS)
                except BaseException:
                    self._use.give_up()
                    raise
            atexit.register(self._leave, os.getpid())

    def keep(self) -> None:
        """Start the server and let it run on when nobody uses it, until ``stop``."""
        self.use()
        self.stay.touch(mode=0o600)

    def bring_back(self, seconds: float = COMEBACK_SECONDS) -> None:
        """Start the server again after it was lost.

        Args:
            seconds: how long to wait for it; by default no longer than a web request can.

        Raises:
            SetupError: when it is not ready yet. It goes on starting.
        """
        deadline = time.monotonic() + seconds
        if not self._thread_lock.acquire(timeout=seconds):
            raise SetupError("The database is being started; it is not ready yet.")
        try:
            with self._mutex(deadline - time.monotonic()):
                self._start(deadline - time.monotonic())
        finally:
            self._thread_lock.release()

    def in_use(self) -> bool:
        """Tell whether another process needs the server. This one must not."""
        return self.directory.is_dir() and self._use.others()

    def stop(self) -> bool:
        """Stop the server, whoever uses it.

        Returns:
            True when it ran.

        Raises:
            SetupError: when it does not end within ``STOP_SECONDS``.
        """
        if not self.directory.is_dir():
            return False
        with self._mutex(START_SECONDS):
            self.stay.unlink(missing_ok=True)
            return self._stop()

    def _leave(self, pid: int) -> None:
        """Stop the server at the end of the process that was its last user; leftovers of killed ones included."""
        if pid != os.getpid():
            return
        try:
            with self._mutex(STOP_SECONDS):
                if self._use.give_up() and not self.stay.exists():
                    self._stop()
        except SetupError as error:
            sys.stderr.write(f"verbatim: {error}\n")

    # --- starting and stopping, under the mutex -----------------------------------------------------------------

    def _mutex(self, seconds: float) -> AbstractContextManager[None]:
        return mutex(self.directory / "server.lock", max(seconds, 0.0))

    def _make_directory(self) -> None:
        try:
            make_private(self.directory)
        except OSError as error:
            raise SetupError(
                f"{self.directory} cannot be made: {error.strerror}; set VERBATIM_DATA to a directory of yours."
            ) from None
        owner = self.directory.stat().st_uid
        if owner != os.geteuid():
            raise SetupError(
                f"{self.directory} belongs to user id {owner}, not to you; set VERBATIM_DATA to a directory of yours."
            )

    def _start(self, seconds: float) -> None:
        began = time.monotonic()
        deadline = began + seconds
        told = False
        process = None
        while True:
            answer = self.answers()
            if answer:
                return
            if process is not None and process.poll() is not None:
                if self._becomes_modest():
                    process = None
                    continue
                # It gave up. Backends of a killed server may live on for a moment and keep its memory: try again.
                if not self._may_try_again() or time.monotonic() > min(deadline, began + AGAIN_SECONDS):
                    raise SetupError(f"PostgreSQL did not start: {self._last_words()} (see {self.log}).")
                process = None
                time.sleep(0.2)
            elif answer is None and process is None and self.process() is None:
                self._prepare()
                process = self._child = self._launch()
            if time.monotonic() > deadline:
                raise SetupError("The database is starting; it is not ready yet.")
            if not told and time.monotonic() > began + TELL_SECONDS:
                told = True
                sys.stderr.write(
                    f"verbatim: PostgreSQL is starting, for {TELL_SECONDS:.0f} s now (see {self.log})\n"
                )
            # Often at first, for a start takes a tenth of a second; seldom later, for each question is logged.
            time.sleep(min(0.2, 0.02 + (time.monotonic() - began) / 20))

    def _prepare(self) -> None:
        binaries = reachable(self.binaries, self.account)
        made_by = self.data / "PG_VERSION"
        try:
            if not made_by.exists():
                if self.data.exists():
                    raise SetupError(f"{self.data} is there but holds no PostgreSQL cluster; move it away.")
                cluster.initdb(self.data, binaries, self.account)
            version = made_by.read_text().strip()
            if version != str(binaries.major):
                raise SetupError(
                    f"The records in {self.data} were made by PostgreSQL {version}, but {binaries.directory} is "
                    f"{binaries.version}: dump them with the old version first (README, upgrading)."
                )
            self._make_socket_directory()
            inside = self.socket_directory == self.data
            chosen = memory.share(memory.given())
            self._memory = chosen.least() if self._modest else chosen
            cluster.configure(
                self.data, self.account, "." if inside else str(self.socket_directory), self._memory
            )
            self._clear_stale_locks()
            if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
                os.replace(self.log, self.log.with_suffix(".log.1"))
        except OSError as error:
            raise SetupError(f"{error.filename or self.data}: {error.strerror}; see VERBATIM_DATA.") from None

    def _launch(self) -> subprocess.Popen[bytes]:
        binaries = reachable(self.binaries, self.account)
        here = cluster.place(self.data, self.account, binaries)
        command: list[str | Path] = [
            binaries.program("postgres"),
            "-D",
            here,
            "-c",
            f"cluster_name={self.tag}",
        ]
        self._log_starts_at = self.log.stat().st_size if self.log.exists() else 0
        return self.account.start(command, cwd=self.data, log=self.log)

    def _make_socket_directory(self) -> None:
        directory = self.socket_directory
        if directory == self.data:
            return
        try:
            directory.mkdir(mode=0o700)
        except FileExistsError:
            pass
        else:
            self.account.give(directory)
        status = directory.lstat()
        if not directory.is_dir() or directory.is_symlink() or status.st_mode & 0o077:
            raise SetupError(f"{directory} is not a directory closed to others; remove it.")
        if status.st_uid != self.account.uid:
            raise SetupError(
                f"{directory} belongs to user id {status.st_uid}, not to {self.account.name}; remove it."
            )

    def _clear_stale_locks(self) -> None:
        """Remove lock files whose process id belongs to something else, or to a dead process nobody has collected.

        PostgreSQL removes a stale file itself when the number is free. Ours may be another program's by now, and then
        it would refuse to start for ever. Old backends are no danger: they hold the shared memory of the directory,
        and a new server refuses while it is held.
        """
        socket_lock = self.socket_directory / f".s.PGSQL.{PORT}.lock"
        for file in (self.data / "postmaster.pid", socket_lock):
            pid = processes.pid_in(file)
            if pid is None or (
                processes.exists(abs(pid)) and not processes.is_server(pid, self.data, self.tag)
            ):
                file.unlink(missing_ok=True)

    def _last_words(self) -> str:
        try:
            with self.log.open("rb") as file:
                file.seek(self._log_starts_at)
                return cluster.last_line(file.read().decode(errors="replace"))
        except OSError:
            return "no reason given"

    def _may_try_again(self) -> bool:
        words = self._last_words()
        return "shared memory block" in words or "lock file" in words

    def _becomes_modest(self) -> bool:
        """Ask for less, and say so, when it ended since it did not get its memory (strict overcommit, ulimit -v).

        Returns:
            True when another try is worth it.
        """
        wanted, rest = self._memory.buffers, self._memory.least().buffers
        if wanted <= rest or "could not map anonymous shared memory" not in self._last_words():
            return False
        self._modest = True
        sys.stderr.write(
            f"verbatim: PostgreSQL did not get {wanted} MB for its cache; it starts with {rest} MB\n"
        )
        return True

    def _stop(self) -> bool:
        pid = self.process()
        if pid is None:
            return False
        deadline = time.monotonic() + STOP_SECONDS
        # SIGINT: a fast shutdown, which ends the sessions, writes a checkpoint and loses nothing.
        os.kill(pid, signal.SIGINT)
        while processes.is_server(pid, self.data, self.tag):
            if time.monotonic() > deadline:
                raise SetupError(f"PostgreSQL (process {pid}) did not stop within {STOP_SECONDS:.0f} s.")
            time.sleep(0.01)
        if self._child is not None and self._child.pid == pid:
            # Where nobody else collects the dead it would stay a zombie for as long as this process runs.
            self._child.wait()
        return True
